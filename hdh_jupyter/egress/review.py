"""The rules of review, pure: who may decide, what two decisions conclude, who may see which decision.

Two people who do not belong to the project decide independently: the "four eyes" of output checking (Guidelines for
the checking of output based on microdata research, ESSNet SDC), made binding, and blinded so that the second opinion
is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..projects.model import Person, PlatformRole, Project, ProjectRole
from .model import Action, Actor, Check, CheckState, Decision, HistoryEvent, RequestFile, ReviewDecision

REVIEWERS = 2
"""How many decide in a turn."""


@dataclass(frozen=True)
class Standing:
    """What one person is to one request.

    Attributes
    ----------
    checker
        Holds the platform role of output checker.
    involved
        Is the request's author or has submitted it, whether still a member or not.
    """

    name: str
    checker: bool
    member: bool
    lead: bool
    author: bool
    involved: bool

    @property
    def independent_checker(self) -> bool:
        """Whether they may review this request at all."""
        return self.checker and not self.member and not self.involved

    @property
    def roles(self) -> frozenset[Actor]:
        """The capacities in which they act; a person who left the project has none as its author."""
        held = {
            Actor.AUTHOR: self.author and self.member,
            Actor.LEAD: self.lead,
            Actor.CHECKER: self.independent_checker,
        }
        return frozenset(actor for actor, holds in held.items() if holds)


def standing(person: Person, project: Project, author: str, submitters: Iterable[str]) -> Standing:
    """Return what `person` is to a request of `project`."""
    role = project.role_of(person.name)
    return Standing(
        name=person.name,
        checker=PlatformRole.CHECKER in person.roles,
        member=role is not None,
        lead=role is ProjectRole.LEAD,
        author=person.name == author,
        involved=person.name == author or person.name in set(submitters),
    )


def may_see(viewer: Standing, turn: int) -> bool:
    """Return whether the viewer may know of the request: its project's members; checkers once it was submitted."""
    return viewer.member or (viewer.independent_checker and turn > 0)


def ineligibility(reviewer: Standing, turn: int, decisions: Sequence[ReviewDecision]) -> str | None:
    """Return why `reviewer` may not decide in `turn` (the key of the sentence), or None when they may."""
    this_turn = [d for d in decisions if d.turn == turn]
    if not reviewer.checker:
        return "egress.not_a_checker"
    if reviewer.involved:
        return "egress.own_request"
    if reviewer.member:
        return "egress.own_project"
    if any(d.reviewer == reviewer.name for d in this_turn):
        return "egress.already_decided"
    if len(this_turn) >= REVIEWERS:
        return "egress.turn_complete"
    return None


def unready(check: Check, files: Sequence[RequestFile], turn: int) -> str | None:
    """Return why nobody may decide yet (the key of the sentence), or None when the turn's check allows it."""
    if check.state is CheckState.FAILED:
        return "egress.check_failed"
    if check.state is not CheckState.DONE or check.turn != turn:
        return "egress.check_not_done"
    if not files or any(not f.releasable or f.sanitised_sha256 is None for f in files):
        return "egress.check_blocks"
    return None


def conclusion(decisions: Sequence[ReviewDecision], turn: int) -> Action | None:
    """Return what the decisions of `turn` conclude: `approve`, `reject` or `return`; None until two have decided."""
    made = [d.decision for d in decisions if d.turn == turn]
    if len(made) < REVIEWERS:
        return None
    if all(decision is Decision.APPROVE for decision in made):
        return Action.APPROVE
    if all(decision is Decision.REJECT for decision in made):
        return Action.REJECT
    return Action.RETURN


def visible_decisions(viewer: str, decisions: Sequence[ReviewDecision]) -> tuple[ReviewDecision, ...]:
    """Return what `viewer` may read: their own decisions, and those of turns in which two have decided.

    Before that a second opinion would not be independent, and a member could press an undecided checker. It holds for
    good when a turn ends otherwise (withdrawn after one decision).
    """
    return tuple(d for d in decisions if d.reviewer == viewer or conclusion(decisions, d.turn) is not None)


def visible_history(
    viewer: str, history: Sequence[HistoryEvent], decisions: Sequence[ReviewDecision]
) -> tuple[HistoryEvent, ...]:
    """Return the history without the decisions that `viewer` may not read."""
    readable = {(d.turn, d.reviewer) for d in visible_decisions(viewer, decisions)}
    return tuple(e for e in history if e.action is not Action.DECIDE or (e.turn, e.actor) in readable)
