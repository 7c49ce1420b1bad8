"""The checks that wait, as rows: claimed with a lease, kept by a heartbeat, finished once.

A worker that dies stops beating; when its lease has passed, the next one takes the check again. A check that was
superseded meanwhile (a file removed, the request withdrawn) takes no result any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ..audit.log import AuditLog
from ..db import Database
from ..disclosure.model import Report
from ..projects.policies import in_force
from . import records, states
from .model import SYSTEM, Action, Actor, CheckState, Status
from .register import NOTHING, Released, is_outdated, released_before
from .tables import CheckedFileRow, CheckRow, RequestRow

ATTEMPTS = 3
"""How often a check is taken again after its worker died: a file that kills the worker must not do so for ever."""


@dataclass(frozen=True)
class QueuedFile:
    """A file to check; `number` is its index in the request."""

    number: int
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Job:
    """A claimed check; `attempt` counts from 1.

    Attributes
    ----------
    about
        What the lead says of the files.
    policy
        The project's policy in force; None for the one that comes with the package.
    released
        Every earlier release of the project.
    """

    check_id: int
    request_id: int
    lease: str
    attempt: int
    files: tuple[QueuedFile, ...]
    about: str = ""
    policy: str | None = None
    released: tuple[Released, ...] = ()


@dataclass(frozen=True)
class CheckedFile:
    """What the check says of one file; without sanitised bytes it is not releasable.

    Attributes
    ----------
    preview_sha256
        What is shown of it, where no page shows its bytes.
    """

    number: int
    kind: str
    verdict: str
    sanitised_sha256: str | None
    sanitised_size: int | None
    preview_sha256: str | None = None


class CheckQueue:
    """The queue of checks.

    Parameters
    ----------
    lease
        How long a claim holds without a sign of life.
    """

    def __init__(self, database: Database, audit: AuditLog, clock: Callable[[], datetime], lease: timedelta) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._lease = lease

    def claim(self) -> Job | None:
        """Take the check that waits longest, or one whose worker has died; None when there is nothing to do."""
        at = self._clock()
        with self._database.write() as session:
            abandoned = and_(CheckRow.state == CheckState.RUNNING.value, CheckRow.lease_until < at)
            chosen = (
                select(CheckRow)
                .where(or_(CheckRow.state == CheckState.PENDING.value, abandoned))
                .order_by(CheckRow.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            check = session.scalars(chosen).first()
            if check is None:
                return None
            check.state, check.attempts = CheckState.RUNNING.value, check.attempts + 1
            check.lease, check.lease_until = secrets.token_hex(16), at + self._lease
            files = records.kept_files(session, check.request)
            queued = tuple(QueuedFile(f.number, f.name, f.size, f.sha256) for f in files)
            row = session.get_one(RequestRow, check.request)
            return Job(
                check.id,
                check.request,
                check.lease,
                check.attempts,
                queued,
                about=row.purpose,
                policy=in_force(session, row.project),
                released=tuple(released_before(session, row.project)),
            )

    def leases(self) -> frozenset[str]:
        """Return the leases of the checks that are running."""
        with self._database.read() as session:
            chosen = select(CheckRow.lease).where(CheckRow.state == CheckState.RUNNING.value)
            return frozenset(lease for lease in session.scalars(chosen) if lease is not None)

    def beat(self, job: Job) -> bool:
        """Give a sign of life; return False when the check is no longer this worker's."""
        with self._database.write() as session:
            check = self._held(session, job)
            if check is not None:
                check.lease_until = self._clock() + self._lease
            return check is not None

    def fail(self, job: Job, reason: str) -> None:
        """End a check without a result, which blocks.

        Parameters
        ----------
        reason
            The key of the sentence.
        """
        at = self._clock()
        with self._database.write() as session:
            row = records.locked(session, job.request_id)
            check = self._held(session, job)
            if check is None:
                return
            check.state, check.failure = CheckState.FAILED.value, reason
            check.finished_at, check.lease = at, None
            self._tell(session, row, {"verdict": "failed", "reason": reason})
            self._send_back(session, row, reason, "egress.sent_back.check_failed", at)

    def refresh(self) -> None:
        """Ask for a new check of every submitted or approved request whose last one no longer counts.

        That is where the project has released something since, or goes by another policy.
        """
        at = self._clock()
        with self._database.read() as session:
            chosen = select(RequestRow.id).where(RequestRow.status.in_([Status.SUBMITTED.value, Status.APPROVED.value]))
            waiting = list(session.scalars(chosen.order_by(RequestRow.id)))
        for request_id in waiting:
            with self._database.write() as session:
                row = records.locked(session, request_id)
                if row.status in (Status.SUBMITTED.value, Status.APPROVED.value) and is_outdated(session, row):
                    records.order_check(session, row, at)

    def finish(
        self,
        job: Job,
        report: Report,
        policy: Mapping[str, Any],
        files: Sequence[CheckedFile],
        register: Mapping[str, Any] = NOTHING,
    ) -> None:
        """End a check with its result.

        Parameters
        ----------
        policy
            The whole policy that the report names.
        register
            The counts of the files that may leave.
        """
        at = self._clock()
        with self._database.write() as session:
            row = records.locked(session, job.request_id)
            check = self._held(session, job)
            if check is None:
                return
            check.state, check.finished_at, check.lease = CheckState.DONE.value, at, None
            check.report, check.policy = report.to_stored(), dict(policy)
            check.register, check.compared = dict(register), len(job.released)
            session.add_all(
                CheckedFileRow(
                    check_id=check.id,
                    number=f.number,
                    kind=f.kind,
                    verdict=f.verdict,
                    releasable=f.sanitised_sha256 is not None,
                    sanitised_sha256=f.sanitised_sha256,
                    sanitised_size=f.sanitised_size,
                    preview_sha256=f.preview_sha256,
                )
                for f in files
            )
            told = {"verdict": report.verdict.value, "findings": len(report.findings), "policy": asdict(report.policy)}
            self._tell(session, row, told)
            if any(f.sanitised_sha256 is None for f in files):
                reason = "egress.sent_back.blocked"
                self._send_back(session, row, reason, reason, at)

    def _held(self, session: Session, job: Job) -> CheckRow | None:
        check = session.get(CheckRow, job.check_id, with_for_update=True)
        held = check is not None and check.state == CheckState.RUNNING.value and check.lease == job.lease
        return check if held else None

    def _send_back(self, session: Session, row: RequestRow, cause: str, sentence: str, at: datetime) -> None:
        if row.status in (Status.SUBMITTED.value, Status.APPROVED.value):
            to = states.target(Action.SEND_BACK, Status(row.status), {Actor.SYSTEM})
            row.sent_back = sentence
            records.note(session, row, Action.SEND_BACK, SYSTEM, to, at, {"reason": cause})

    def _tell(self, session: Session, row: RequestRow, detail: Mapping[str, Any]) -> None:
        self._audit.append(
            "egress.checked", actor=SYSTEM, project=row.project, subject=str(row.id), detail=detail, session=session
        )
