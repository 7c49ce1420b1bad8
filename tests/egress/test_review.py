"""Who may decide, what decisions conclude, who sees what: decision tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hdh_jupyter.egress import review
from hdh_jupyter.egress.model import (
    Action,
    Check,
    CheckState,
    Decision,
    HistoryEvent,
    RequestFile,
    ReviewDecision,
    Status,
)
from hdh_jupyter.projects.model import Member, Person, PlatformRole, Project, ProjectRole

AT = datetime(2026, 3, 2, tzinfo=UTC)
CHECKER, ADMIN, STEWARD = PlatformRole.CHECKER, PlatformRole.ADMIN, PlatformRole.STEWARD
LEAD, RESEARCHER = ProjectRole.LEAD, ProjectRole.RESEARCHER
A, J, R = Decision.APPROVE, Decision.REJECT, Decision.RETURN


def standing(roles=(), member=None, author="somebody", submitters=()):
    members = () if member is None else (Member("p", member),)
    project = Project("flu", "Grippe", members=members)
    return review.standing(Person("p", "P", roles=frozenset(roles)), project, author, submitters)


def decided(reviewer, decision, turn=1):
    return ReviewDecision(turn, reviewer, decision, "Voir la ligne 3.", AT)


ELIGIBILITY = {
    # id: (platform roles, project role, author, submitters, decisions of turn 2, expected)
    "00 a checker from elsewhere": ([CHECKER], None, "x", [], [], None),
    "01 a checker after another": ([CHECKER], None, "x", [], [decided("q", A, 2)], None),
    "02 nobody in particular": ([], None, "x", [], [], "egress.not_a_checker"),
    "03 an admin": ([ADMIN], None, "x", [], [], "egress.not_a_checker"),
    "04 a steward": ([STEWARD], None, "x", [], [], "egress.not_a_checker"),
    "05 a lead": ([], LEAD, "x", [], [], "egress.not_a_checker"),
    "06 a checker in the project": ([CHECKER], RESEARCHER, "x", [], [], "egress.own_project"),
    "07 a checker who leads the project": ([CHECKER], LEAD, "x", [], [], "egress.own_project"),
    "08 an admin and checker in the project": ([CHECKER, ADMIN], LEAD, "x", [], [], "egress.own_project"),
    "09 the author, a member": ([CHECKER], RESEARCHER, "p", [], [], "egress.own_request"),
    "10 the author, who left the project": ([CHECKER], None, "p", [], [], "egress.own_request"),
    "11 who submitted it and left the project": ([CHECKER], None, "x", ["p"], [], "egress.own_request"),
    "12 who decided this turn": ([CHECKER], None, "x", [], [decided("p", A, 2)], "egress.already_decided"),
    "13 who decided an earlier turn": ([CHECKER], None, "x", [], [decided("p", R, 1)], None),
    "14 a third": ([CHECKER], None, "x", [], [decided("q", A, 2), decided("r", J, 2)], "egress.turn_complete"),
    "15 a third, after two of an earlier turn": ([CHECKER], None, "x", [], [decided("q", A), decided("r", R)], None),
    "16 an admin and checker from elsewhere": ([CHECKER, ADMIN], None, "x", [], [], None),
}


@pytest.mark.parametrize("case", ELIGIBILITY.values(), ids=ELIGIBILITY)
def test_eligibility(case):
    roles, member, author, submitters, decisions, expected = case
    assert review.ineligibility(standing(roles, member, author, submitters), 2, decisions) == expected


CONCLUSIONS = {
    "00 none": ([], None),
    "01 one approves": ([A], None),
    "02 one rejects": ([J], None),
    "03 both approve": ([A, A], Action.APPROVE),
    "04 both reject": ([J, J], Action.REJECT),
    "05 both return": ([R, R], Action.RETURN),
    "06 approve and reject": ([A, J], Action.RETURN),
    "07 reject and approve": ([J, A], Action.RETURN),
    "08 approve and return": ([A, R], Action.RETURN),
    "09 return and approve": ([R, A], Action.RETURN),
    "10 reject and return": ([J, R], Action.RETURN),
    "11 return and reject": ([R, J], Action.RETURN),
}


@pytest.mark.parametrize("case", CONCLUSIONS.values(), ids=CONCLUSIONS)
def test_conclusion(case):
    made, expected = case
    decisions = [decided(f"c{n}", d, 3) for n, d in enumerate(made)]
    assert review.conclusion(decisions, 3) is expected


def test_approvals_of_two_turns_do_not_add_up():
    assert review.conclusion([decided("a", A, 1), decided("b", A, 2)], 2) is None


FILE = RequestFile(0, "a.csv", 3, "a" * 64, "csv", "pass", True, "b" * 64, 3)
BLOCKED = replace(FILE, index=1, verdict="block", releasable=False, sanitised_sha256=None, sanitised_size=None)
READINESS = {
    # id: (state, the check's turn, files, expected) in turn 2
    "00 done": (CheckState.DONE, 2, [FILE], None),
    "01 pending": (CheckState.PENDING, 2, [FILE], "egress.check_not_done"),
    "02 running": (CheckState.RUNNING, 2, [FILE], "egress.check_not_done"),
    "03 failed": (CheckState.FAILED, 2, [FILE], "egress.check_failed"),
    "04 done for an earlier turn": (CheckState.DONE, 1, [FILE], "egress.check_not_done"),
    "05 one file blocked": (CheckState.DONE, 2, [FILE, BLOCKED], "egress.check_blocks"),
    "06 releasable without bytes": (CheckState.DONE, 2, [replace(FILE, sanitised_sha256=None)], "egress.check_blocks"),
    "07 no file": (CheckState.DONE, 2, [], "egress.check_blocks"),
}


@pytest.mark.parametrize("case", READINESS.values(), ids=READINESS)
def test_readiness(case):
    state, turn, files, expected = case
    assert review.unready(Check(state, turn, AT), files, 2) == expected


SIGHT = {
    # id: (platform roles, project role, author, turn, expected)
    "00 a member sees a draft": ([], RESEARCHER, "x", 0, True),
    "01 a lead sees a draft": ([], LEAD, "x", 0, True),
    "02 a checker does not see a draft": ([CHECKER], None, "x", 0, False),
    "03 a checker sees what was submitted": ([CHECKER], None, "x", 1, True),
    "04 a checker in the project sees it as a member": ([CHECKER], RESEARCHER, "x", 0, True),
    "05 an admin sees nothing": ([ADMIN], None, "x", 1, False),
    "06 a steward sees nothing": ([STEWARD], None, "x", 1, False),
    "07 nobody in particular sees nothing": ([], None, "x", 1, False),
    "08 the author who left sees nothing": ([], None, "p", 1, False),
    "09 the author who left, a checker, sees nothing": ([CHECKER], None, "p", 1, False),
}


@pytest.mark.parametrize("case", SIGHT.values(), ids=SIGHT)
def test_sight(case):
    roles, member, author, turn, expected = case
    assert review.may_see(standing(roles, member, author), turn) is expected


FIRST, SECOND = decided("carl", J), decided("cleo", A)
BLINDING = {
    # id: (viewer, decisions, those seen)
    "00 a checker sees their own": ("carl", [FIRST], [FIRST]),
    "01 the other sees nothing before deciding": ("cleo", [FIRST], []),
    "02 the lead sees nothing before both": ("lea", [FIRST], []),
    "03 both have decided: the first sees both": ("carl", [FIRST, SECOND], [FIRST, SECOND]),
    "04 both have decided: the second sees both": ("cleo", [FIRST, SECOND], [FIRST, SECOND]),
    "05 both have decided: the lead sees both": ("lea", [FIRST, SECOND], [FIRST, SECOND]),
    "06 both have decided: a third checker sees both": ("cyril", [FIRST, SECOND], [FIRST, SECOND]),
    "07 an earlier turn is open, this one is not": (
        "cleo",
        [FIRST, SECOND, decided("carl", A, 2)],
        [FIRST, SECOND],
    ),
    "08 own of this turn, all of the earlier": (
        "carl",
        [FIRST, SECOND, decided("carl", A, 2)],
        [FIRST, SECOND, decided("carl", A, 2)],
    ),
}


@pytest.mark.parametrize("case", BLINDING.values(), ids=BLINDING)
def test_blinding(case):
    viewer, decisions, seen = case
    assert list(review.visible_decisions(viewer, decisions)) == seen
    history = [
        HistoryEvent(AT, d.reviewer, Action.DECIDE, d.turn, Status.SUBMITTED, Status.SUBMITTED) for d in decisions
    ]
    told = review.visible_history(viewer, history, decisions)
    assert [(e.turn, e.actor) for e in told] == [(d.turn, d.reviewer) for d in seen]
