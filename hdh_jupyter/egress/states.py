"""The life of an egress request: who may do what from which status, as data.

:data:`TRANSITIONS` is the whole rule; :func:`target` applies it, :func:`diagram` and :func:`table` draw it, and
`docs/egress-states.md` is what :func:`document` returns. Conditions beyond status and role (the check, the form, a
reviewer's eligibility) are named here in words and decided in :mod:`.review` and :mod:`.service`.

Submitting always orders a check anew: what the checkers see must come from the rules in force on that day, not from a
check that ran when the draft was made. A submitted request waits for people only once that check is done and nothing
blocks; when it fails or blocks, the system sends the request back to the lead with the reason. So `submitted` never
holds a request that nobody can move.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from ..errors import PublicError
from .model import Action, Actor, Status

CREATE = None
"""The source of the transition that makes a request."""


@dataclass(frozen=True)
class Transition:
    """One line of the rule."""

    action: Action
    actors: frozenset[Actor]
    source: Status | None
    target: Status
    condition: str


def _line(
    action: Action, actors: Iterable[Actor], source: Status | None, target: Status, condition: str = ""
) -> Transition:
    return Transition(action, frozenset(actors), source, target, condition)


_A, _S = Action, Status
_MEMBERS = (Actor.AUTHOR, Actor.LEAD)
_LEAD = (Actor.LEAD,)
_CHECKERS = (Actor.CHECKER,)
_SYSTEM = (Actor.SYSTEM,)

TRANSITIONS: tuple[Transition, ...] = (
    _line(_A.DRAFT, (Actor.AUTHOR,), CREATE, _S.DRAFT, "a member of an open project; every file received whole"),
    _line(_A.EDIT_TITLE, _MEMBERS, _S.DRAFT, _S.DRAFT),
    _line(_A.STATE_CASE, _LEAD, _S.DRAFT, _S.DRAFT, "purpose, recipient, justification"),
    _line(_A.REMOVE_FILE, _MEMBERS, _S.DRAFT, _S.DRAFT, "never the last one; checked again"),
    _line(_A.RECHECK, _MEMBERS, _S.DRAFT, _S.DRAFT, "the check failed"),
    _line(
        _A.SUBMIT,
        _LEAD,
        _S.DRAFT,
        _S.SUBMITTED,
        "project open; form complete; check done; every file releasable; opens a new turn, checked again",
    ),
    _line(_A.WITHDRAW, _MEMBERS, _S.DRAFT, _S.WITHDRAWN),
    _line(_A.SEND_BACK, _SYSTEM, _S.SUBMITTED, _S.RETURNED, "the turn's check failed, or a file cannot be released"),
    _line(_A.DECIDE, _CHECKERS, _S.SUBMITTED, _S.SUBMITTED, "eligible; the turn's check is done and nothing blocks"),
    _line(_A.APPROVE, _SYSTEM, _S.SUBMITTED, _S.APPROVED, "two checkers approved in this turn"),
    _line(_A.REJECT, _SYSTEM, _S.SUBMITTED, _S.REJECTED, "two checkers rejected in this turn"),
    _line(_A.RETURN, _SYSTEM, _S.SUBMITTED, _S.RETURNED, "two checkers decided anything else"),
    _line(_A.WITHDRAW, _LEAD, _S.SUBMITTED, _S.WITHDRAWN),
    _line(_A.EDIT_TITLE, _LEAD, _S.RETURNED, _S.RETURNED),
    _line(_A.STATE_CASE, _LEAD, _S.RETURNED, _S.RETURNED, "purpose, recipient, justification"),
    _line(_A.REMOVE_FILE, _LEAD, _S.RETURNED, _S.RETURNED, "never the last one; checked again"),
    _line(_A.RECHECK, _LEAD, _S.RETURNED, _S.RETURNED, "the check failed"),
    _line(
        _A.SUBMIT,
        _LEAD,
        _S.RETURNED,
        _S.SUBMITTED,
        "project open; form complete; check done; every file releasable; opens a new turn, checked again",
    ),
    _line(_A.WITHDRAW, _LEAD, _S.RETURNED, _S.WITHDRAWN),
    _line(_A.SEND_BACK, _SYSTEM, _S.APPROVED, _S.RETURNED, "compared with a release made meanwhile, it cannot leave"),
    _line(_A.RELEASE, _SYSTEM, _S.APPROVED, _S.RELEASED, "the archive is built from the sanitised bytes, verified"),
    _line(_A.DOWNLOAD, _LEAD, _S.RELEASED, _S.RELEASED, "the archive's hash verified"),
)
"""Who may do what from which status. What is not here is refused."""

_RULE = {(line.action, line.source): line for line in TRANSITIONS}
_REFUSAL = {
    frozenset(_LEAD): "egress.not_the_lead",
    frozenset(_MEMBERS): "egress.not_author_or_lead",
    frozenset(_CHECKERS): "egress.not_a_checker",
}


def target(action: Action, status: Status | None, roles: Set[Actor]) -> Status:
    """Return the status that `action` leads to.

    Parameters
    ----------
    roles
        Every capacity in which the person acts on this request.

    Raises
    ------
    PublicError
        `egress.not_the_lead`, `egress.not_author_or_lead` or `egress.not_a_checker` (403) when the roles do not allow
        it; `egress.wrong_status` (409) when nobody may do this from that status.
    """
    line = _RULE.get((action, status))
    if line is None:
        raise PublicError("egress.wrong_status", 409)
    if not line.actors & roles:
        raise PublicError(_REFUSAL.get(line.actors, "egress.not_for_people"), 403)
    return line.target


def possible(status: Status, roles: Set[Actor]) -> frozenset[Action]:
    """Return what these roles may do from `status`, conditions aside."""
    return frozenset(line.action for line in TRANSITIONS if line.source is status and line.actors & roles)


def final(status: Status) -> bool:
    """Return whether nothing leads out of `status`."""
    return all(line.target is status for line in TRANSITIONS if line.source is status)


def diagram() -> str:
    """Return the transitions between statuses as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    for line in TRANSITIONS:
        if line.source is not line.target:
            lines.append(f"    {line.source or '[*]'} --> {line.target}: {line.action} ({_names(line.actors)})")
    lines += [f"    {status} --> [*]" for status in Status if final(status)]
    return "\n".join(lines)


def table() -> str:
    """Return every transition as a Markdown table."""
    rows = ["| from | action | who | to | condition |", "|---|---|---|---|---|"]
    for line in TRANSITIONS:
        cells = (line.source or "-", line.action, _names(line.actors), line.target, line.condition)
        rows.append(f"| {' | '.join(cells)} |".replace("  ", " "))
    return "\n".join(rows)


def document() -> str:
    """Return the text of `docs/egress-states.md`."""
    return f"""# The life of an egress request

Made from `hdh_jupyter/egress/states.py` by `python -m hdh_jupyter.egress.states > docs/egress-states.md`; a test
compares the two.

Whatever the table does not list is refused. A person acts in every capacity they hold: a lead who is also the author
holds both. Checkers are output checkers who are neither members of the project, nor the author, nor one of those who
submitted the request.

```mermaid
{diagram()}
```

{table()}

- Submitting orders a check anew, so that checkers decide on what the rules in force that day say; until it is done
  and nothing blocks, nobody can decide. When it fails or blocks, the system sends the request back with the reason.
- A turn begins with each submission. Two checkers decide in a turn, without seeing each other's decision until both
  have. Decisions of earlier turns stay in the history and count for nothing later.
- Rejecting and returning demand a comment.
- A check compares the files with everything that the project released before. When the project releases something,
  or an admin changes its policy, the requests that are submitted or approved are checked anew before they go on.
- `approved` lasts only while the archive is built; when that was interrupted, the check worker builds it on its next
  pass.
"""


def _names(actors: Iterable[Actor]) -> str:
    return ", ".join(sorted(actors))


if __name__ == "__main__":
    print(document(), end="")
