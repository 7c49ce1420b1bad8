"""Who may do what with a record at each stage: the decision table, and the guards around it."""

from __future__ import annotations

import pytest

from hdh_jupyter.catalogue.drafting import Action, Actor, Stage, Standing, actions, after, side_of
from hdh_jupyter.catalogue.negotiation import Side
from hdh_jupyter.errors import PublicError

STEWARDS = frozenset({"sven", "both"})


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        pytest.param(Actor("sven", is_steward=True), Side.STEWARD, id="00"),
        pytest.param(Actor("sven"), None, id="01-role-taken-away"),
        pytest.param(Actor("stella", is_steward=True), None, id="02-of-another-record"),
        pytest.param(Actor("ada", is_admin=True), Side.HDH, id="03"),
        pytest.param(Actor("both", is_steward=True, is_admin=True), Side.STEWARD, id="04-never-both-sides"),
        pytest.param(Actor("stella", is_steward=True, is_admin=True), Side.HDH, id="05"),
        pytest.param(Actor("rosa"), None, id="06"),
    ],
)
def test_for_whom_a_person_speaks(actor: Actor, expected: Side | None) -> None:
    assert side_of(actor, STEWARDS) is expected


WRITING = {Action.EDIT, Action.PROPOSE, Action.COMMENT, Action.SEND, Action.DISCARD}
BOTH_TALK = {Action.PROPOSE, Action.ACCEPT, Action.COMMENT}
TABLE = {
    "00": (Stage.NONE, Side.STEWARD, {Action.START}),
    "01": (Stage.NONE, Side.HDH, set()),
    "02": (Stage.DRAFT, Side.STEWARD, WRITING),
    "03": (Stage.DRAFT, Side.HDH, set()),
    "04": (Stage.NEGOTIATION, Side.STEWARD, BOTH_TALK | {Action.EDIT, Action.TAKE_BACK, Action.FINISH, Action.DISCARD}),
    "05": (Stage.NEGOTIATION, Side.HDH, BOTH_TALK | {Action.SIGN}),
    "06": (Stage.READY, Side.STEWARD, {Action.REOPEN, Action.PUBLISH}),
    "07": (Stage.READY, Side.HDH, {Action.REOPEN, Action.PUBLISH}),
}


@pytest.mark.parametrize("number", TABLE)
def test_what_a_side_may_do(number: str) -> None:
    stage, side, expected = TABLE[number]
    assert actions(stage, Standing.UNPUBLISHED, side) == expected
    assert actions(stage, Standing.WITHDRAWN, side) == expected
    assert actions(stage, Standing.PUBLISHED, side) == expected | {Action.WITHDRAW}
    assert actions(stage, Standing.PUBLISHED, None) == set()
    for action in set(Action) - expected:
        with pytest.raises(PublicError) as refusal:
            after(stage, side, action)
        assert refusal.value.status == 409
