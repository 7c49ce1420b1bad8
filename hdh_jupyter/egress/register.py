"""The register of a project: the counts of everything that ever left it, with which each check compares.

What has left has left: a release is never taken out of the register, whatever becomes of its request or its archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..projects.policies import sha256_in_force
from .tables import CheckedFileRow, CheckRow, FileRow, ReleaseRow, RequestRow

NOTHING: Mapping[str, Any] = {"name": "", "tables": []}
"""The register of files without counts."""


@dataclass(frozen=True)
class Released:
    """What the project released earlier.

    Attributes
    ----------
    register
        The counts that left; None for a release that is older than the register.
    files
        Name and SHA-256 of what left.
    """

    request_id: int
    register: Mapping[str, Any] | None
    files: tuple[tuple[str, str], ...]


def released_before(session: Session, project: str) -> Iterator[Released]:
    """Yield everything that the project released, oldest first."""
    chosen = (
        select(ReleaseRow)
        .join(RequestRow, RequestRow.id == ReleaseRow.request)
        .where(RequestRow.project == project)
        .order_by(ReleaseRow.released_at, ReleaseRow.request)
    )
    for row in session.scalars(chosen):
        yield Released(row.request, row.register, () if row.register is not None else _files(session, row.request))


def count(session: Session, project: str) -> int:
    """Return how many releases the project has made."""
    chosen = select(func.count()).select_from(ReleaseRow).join(RequestRow, RequestRow.id == ReleaseRow.request)
    return session.scalar(chosen.where(RequestRow.project == project)) or 0


def is_outdated(session: Session, row: RequestRow) -> bool:
    """Return whether a request's last check, which is done, was made before a release or under another policy."""
    check = newest_check(session, row.id)
    if check is None or check.report is None:
        return False
    policy = sha256_in_force(session, row.project)
    old_policy = policy is not None and check.report["policy"]["sha256"] != policy
    return old_policy or (check.compared or 0) < count(session, row.project)


def newest_check(session: Session, request_id: int) -> CheckRow | None:
    """Return the newest check of a request."""
    chosen = select(CheckRow).where(CheckRow.request == request_id).order_by(CheckRow.id.desc()).limit(1)
    return session.scalars(chosen).first()


def _files(session: Session, request_id: int) -> tuple[tuple[str, str], ...]:
    check = newest_check(session, request_id)
    if check is None:
        return ()
    chosen = (
        select(FileRow.name, CheckedFileRow.sanitised_sha256)
        .join(CheckedFileRow, CheckedFileRow.number == FileRow.number)
        .where(FileRow.request == request_id, FileRow.removed_at.is_(None), CheckedFileRow.check_id == check.id)
        .order_by(FileRow.number)
    )
    return tuple((name, sha256) for name, sha256 in session.execute(chosen) if sha256 is not None)
