"""The disclosure policies of projects: every version that was ever in force, who set it and why.

A project without one goes by the policy that comes with the package. A version is never changed nor deleted: reports
and releases name it by its SHA-256.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..disclosure.policy import Policy, default_policy, word_list
from ..errors import PublicError
from .tables import PolicyRow, ProjectRow

SIZE = 200_000
"""Characters of a policy."""
REASON = 2_000


@dataclass(frozen=True)
class PolicyVersion:
    """A version of a project's policy.

    Attributes
    ----------
    number
        Counted from 1 in its project.
    text
        As it was given; None for a return to the policy that comes with the package.
    sha256
        As reports name it.
    """

    number: int
    text: str | None
    sha256: str
    author: str
    reason: str
    set_at: datetime


def in_force(session: Session, project: str) -> str | None:
    """Return the text of the policy that a project goes by; None for the one that comes with the package."""
    row = _newest(session, project)
    return None if row is None else row.text


def sha256_in_force(session: Session, project: str) -> str | None:
    """Return the SHA-256 of the policy that an admin decided on for a project; None when none ever did."""
    row = _newest(session, project)
    if row is None:
        return None
    return default_policy().sha256 if row.text is None else _sha256(row)


def history(session: Session, project: str) -> tuple[PolicyVersion, ...]:
    """Return every version of a project's policy, the newest first."""
    chosen = select(PolicyRow).where(PolicyRow.project == project).order_by(PolicyRow.number.desc())
    return tuple(
        PolicyVersion(row.number, row.text, row.sha256, row.author, row.reason, row.set_at)
        for row in session.scalars(chosen)
    )


def adopt(session: Session, project: str, text: str | None, author: str, reason: str, at: datetime) -> PolicyVersion:
    """Put a policy in force, as the next version; the caller notes it in the audit log.

    Parameters
    ----------
    text
        None to go back to the policy that comes with the package.

    Raises
    ------
    PublicError
        `policy.unknown_project` (404), `policy.no_reason`, `policy.too_long`, `policy.unreadable`,
        `policy.unknown_rules` or `policy.unchanged` (400).
    """
    if session.get(ProjectRow, project, with_for_update=True) is None:
        raise PublicError("policy.unknown_project", 404, project=project)
    said = " ".join(reason.split())
    if not said or len(said) > REASON:
        raise PublicError("policy.no_reason", 400, limit=REASON)
    policy = default_policy() if text is None else checked(text)
    newest = _newest(session, project)
    if (text is None and newest is None) or (newest is not None and newest.text == text):
        raise PublicError("policy.unchanged", 400)
    row = PolicyRow(
        project=project,
        number=1 if newest is None else newest.number + 1,
        text=text,
        sha256=policy.sha256,
        author=author,
        reason=said,
        set_at=at,
    )
    session.add(row)
    session.flush()
    return PolicyVersion(row.number, text, policy.sha256, author, said, at)


def checked(text: str) -> Policy:
    """Return the policy that a text holds.

    Raises
    ------
    PublicError
        `policy.too_long`, `policy.unreadable` or `policy.unknown_rules` (400).
    """
    if len(text) > SIZE:
        raise PublicError("policy.too_long", 400, limit=SIZE)
    try:
        policy = Policy.from_yaml(text)
    except ValueError as error:
        raise PublicError("policy.unreadable", 400, reason=" ".join(str(error).split())[:500]) from error
    wrong = set(policy.severities).symmetric_difference(default_policy().severities)
    if wrong:
        raise PublicError("policy.unknown_rules", 400, rules=", ".join(sorted(wrong)[:20]))
    return policy


def differences(text: str | None) -> Sequence[str]:
    """Return the lines by which a policy differs from the one that comes with the package, as a unified diff."""
    own = word_list("french-health").splitlines()
    theirs = own if text is None else text.splitlines()
    return list(difflib.unified_diff(own, theirs, "french-health", "project", lineterm="", n=2))


def _newest(session: Session, project: str) -> PolicyRow | None:
    chosen = select(PolicyRow).where(PolicyRow.project == project).order_by(PolicyRow.number.desc()).limit(1)
    return session.scalars(chosen).first()


def _sha256(row: PolicyRow) -> str:
    """Return the hash by which reports of today name a policy: it covers word lists, which change by themselves."""
    try:
        return Policy.from_yaml(row.text or "").sha256
    except ValueError:
        return row.sha256
