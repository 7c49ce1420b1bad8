"""The transition table, and the document made from it."""

from __future__ import annotations

from itertools import chain, combinations
from pathlib import Path

import pytest

from hdh_jupyter.egress import states
from hdh_jupyter.egress.model import Action, Actor, Status
from hdh_jupyter.errors import PublicError

DOCUMENT = Path(__file__).parents[2] / "docs" / "egress-states.md"
ROLES = [frozenset(c) for n in range(4) for c in combinations((Actor.AUTHOR, Actor.LEAD, Actor.CHECKER), n)]


def test_document_is_made_from_the_table():
    assert DOCUMENT.read_text("utf-8") == states.document()


def test_every_action_and_status_is_reachable():
    assert {line.action for line in states.TRANSITIONS} == set(Action)
    assert {line.target for line in states.TRANSITIONS} == set(Status)


def test_one_line_per_action_and_source():
    keys = [(line.action, line.source) for line in states.TRANSITIONS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("status", [Status.RELEASED, Status.REJECTED, Status.WITHDRAWN])
def test_final_statuses(status):
    assert states.final(status)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED, Status.APPROVED, Status.RETURNED])
def test_other_statuses_lead_on(status):
    assert not states.final(status)


def test_only_the_system_approves_and_releases():
    for line in states.TRANSITIONS:
        if line.target in (Status.APPROVED, Status.RELEASED) and line.source is not line.target:
            assert line.actors == {Actor.SYSTEM}


def test_released_is_reached_from_approved_alone_and_approved_from_submitted_alone():
    into = {line.target: set() for line in states.TRANSITIONS}
    for line in states.TRANSITIONS:
        if line.source is not line.target:
            into[line.target].add(line.source)
    assert into[Status.RELEASED] == {Status.APPROVED}
    assert into[Status.APPROVED] == {Status.SUBMITTED}


@pytest.mark.parametrize("roles", ROLES, ids=lambda r: "+".join(sorted(r)) or "nobody")
def test_target_refuses_whatever_the_table_does_not_list(roles):
    listed = {(line.action, line.source): line for line in states.TRANSITIONS}
    for action in Action:
        for status in chain([None], Status):
            line = listed.get((action, status))
            if line is not None and line.actors & roles:
                assert states.target(action, status, roles) is line.target
            else:
                with pytest.raises(PublicError) as refused:
                    states.target(action, status, roles)
                assert refused.value.status == (409 if line is None else 403)
                assert refused.value.message("fr")
