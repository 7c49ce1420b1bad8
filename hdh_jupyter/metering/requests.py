"""Requests for more than the budget: asked by a person, decided by an administrator, for what is left of the day."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit.log import AuditLog
from ..db import Database
from ..errors import PublicError
from .budgets import GB, MB
from .meter import day_around
from .tables import RequestRow
from .usage import used_on_day

SHORTEST_REASON, LONGEST_TEXT = 10, 1000
"""Characters."""

SMALLEST_GRANT, LARGEST_GRANT = MB, 10 * GB
"""Bytes."""

MOST_A_DAY = 10
"""Requests of one person in one project."""

SHOWN = 20
"""Requests of one person that are listed, the newest."""


class RequestState(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True)
class TrafficRequest:
    """A request for more, as it is read.

    Attributes
    ----------
    amount
        Bytes granted beyond the budget.
    day
        The calendar day that the grant holds for.
    """

    id: int
    project: str
    person: str
    reason: str
    state: RequestState
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    comment: str
    amount: int | None
    day: date | None


class TrafficRequests:
    """The requests of everybody.

    Who may ask (members of the project) and who may decide (administrators) is the caller's to check; that nobody
    decides on a request of their own is checked here.

    Parameters
    ----------
    clock
        Gives the seconds since the epoch.
    account
        The operating system account that acts, when a command does; it stands in the decisions' events.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        clock: Callable[[], float] = time.time,
        account: str | None = None,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._account = account

    def ask(self, project: str, person: str, reason: str) -> TrafficRequest:
        """Ask for more.

        Raises
        ------
        PublicError
            `metering.bad_reason`, `metering.already_pending` or `metering.too_many_requests`.
        """
        text = _text(reason)
        if len(text) < SHORTEST_REASON:
            raise PublicError("metering.bad_reason", 400, least=SHORTEST_REASON, most=LONGEST_TEXT)
        now = self._clock()
        with self._database.write() as session:
            today = datetime.fromtimestamp(day_around(now)[0], UTC)
            of_day = [row for row in _rows_of(session, project, person, MOST_A_DAY) if row.asked_at >= today]
            pending = select(RequestRow.id).filter_by(project=project, person=person, state=RequestState.PENDING.value)
            if session.scalar(pending) is not None:
                raise PublicError("metering.already_pending", 409)
            if len(of_day) >= MOST_A_DAY:
                raise PublicError("metering.too_many_requests", 429, most=MOST_A_DAY)
            row = RequestRow(
                project=project,
                person=person,
                reason=text,
                state=RequestState.PENDING.value,
                asked_at=datetime.fromtimestamp(now, UTC),
            )
            session.add(row)
            session.flush()
            self._note(session, "traffic.requested", person, row, {})
            return _request(row)

    def grant(self, request: int, admin: str, amount: int, comment: str = "") -> TrafficRequest:
        """Grant so many bytes beyond the budget, until the end of the day.

        Raises
        ------
        PublicError
            `metering.unknown_request`, `metering.own_request`, `metering.not_pending` or `metering.bad_amount`.
        """
        if not SMALLEST_GRANT <= amount <= LARGEST_GRANT:
            raise PublicError("metering.bad_amount", 400, least=SMALLEST_GRANT // MB, most=LARGEST_GRANT // MB)
        now = self._clock()
        with self._database.write() as session:
            row = self._to_decide(session, request, admin, RequestState.PENDING)
            row.amount = amount
            row.day = date.fromtimestamp(now)
            row.used_before = used_on_day(session, row.project, row.person, now)
            self._decide(row, RequestState.GRANTED, admin, _text(comment), now)
            self._note(session, "traffic.granted", admin, row, {"person": row.person, "bytes": amount})
            return _request(row)

    def refuse(self, request: int, admin: str, comment: str) -> TrafficRequest:
        """Refuse, and say why.

        Raises
        ------
        PublicError
            `metering.unknown_request`, `metering.own_request`, `metering.not_pending` or `metering.no_comment`.
        """
        text = _text(comment)
        if not text:
            raise PublicError("metering.no_comment", 400)
        with self._database.write() as session:
            row = self._to_decide(session, request, admin, RequestState.PENDING)
            self._decide(row, RequestState.REFUSED, admin, text, self._clock())
            self._note(session, "traffic.refused", admin, row, {"person": row.person})
            return _request(row)

    def undo(self, request: int, admin: str) -> TrafficRequest:
        """Take back a grant of which nothing was used, so that the request waits for a decision again.

        Raises
        ------
        PublicError
            `metering.unknown_request`, `metering.own_request`, `metering.not_granted`, `metering.already_used` or
            `metering.already_pending` (another request of the same person waits).
        """
        now = self._clock()
        with self._database.write() as session:
            row = self._to_decide(session, request, admin, RequestState.GRANTED)
            if not _is_unused(session, row, now):
                raise PublicError("metering.already_used", 409)
            others = _rows_of(session, row.project, row.person, SHOWN)
            if any(other.state == RequestState.PENDING for other in others):
                raise PublicError("metering.already_pending", 409)
            row.state = RequestState.PENDING.value
            row.amount = row.day = row.used_before = row.decided_at = row.decided_by = None
            row.comment = ""
            self._note(session, "traffic.undone", admin, row, {"person": row.person})
            return _request(row)

    def of(self, project: str, person: str) -> tuple[TrafficRequest, ...]:
        """Return a person's requests in a project, the newest first."""
        with self._database.read() as session:
            return tuple(map(_request, _rows_of(session, project, person, SHOWN)))

    def pending(self) -> tuple[TrafficRequest, ...]:
        """Return the requests that wait, the longest waiting first."""
        query = select(RequestRow).filter_by(state=RequestState.PENDING.value).order_by(RequestRow.id)
        with self._database.read() as session:
            return tuple(map(_request, session.scalars(query)))

    def decided(self, count: int) -> tuple[tuple[TrafficRequest, bool], ...]:
        """Return the newest decided requests, each with whether it is a grant that can still be taken back."""
        query = (
            select(RequestRow)
            .where(RequestRow.state != RequestState.PENDING.value)
            .order_by(RequestRow.decided_at.desc())
            .limit(count)
        )
        now = self._clock()
        with self._database.read() as session:
            return tuple((_request(row), _is_unused(session, row, now)) for row in session.scalars(query))

    def _to_decide(self, session: Session, request: int, admin: str, state: RequestState) -> RequestRow:
        row = session.get(RequestRow, request)
        if row is None:
            raise PublicError("metering.unknown_request", 404, request=request)
        if row.person == admin:
            raise PublicError("metering.own_request", 403)
        if row.state != state:
            code = "metering.not_pending" if state is RequestState.PENDING else "metering.not_granted"
            raise PublicError(code, 409, request=request)
        return row

    @staticmethod
    def _decide(row: RequestRow, state: RequestState, admin: str, comment: str, now: float) -> None:
        row.state = state.value
        row.decided_by = admin
        row.decided_at = datetime.fromtimestamp(now, UTC)
        row.comment = comment

    def _note(self, session: Session, action: str, actor: str, row: RequestRow, detail: dict[str, str | int]) -> None:
        if self._account is not None:
            detail = {**detail, "account": self._account}
        self._audit.append(
            action, actor=actor, project=row.project, subject=str(row.id), detail=detail, session=session
        )


def _is_unused(session: Session, row: RequestRow, now: float) -> bool:
    # Whatever came since the decision counts as used: nothing that was seen thanks to a grant is taken back unseen.
    if row.state != RequestState.GRANTED or row.day != date.fromtimestamp(now):
        return False
    return used_on_day(session, row.project, row.person, now) <= (row.used_before or 0)


def _rows_of(session: Session, project: str, person: str, count: int) -> list[RequestRow]:
    query = select(RequestRow).filter_by(project=project, person=person).order_by(RequestRow.id.desc()).limit(count)
    return list(session.scalars(query))


def _text(written: str) -> str:
    kept = "".join(c for c in written.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    if len(kept) > LONGEST_TEXT:
        raise PublicError("metering.too_long", 400, most=LONGEST_TEXT)
    return kept


def _request(row: RequestRow) -> TrafficRequest:
    return TrafficRequest(
        id=row.id,
        project=row.project,
        person=row.person,
        reason=row.reason,
        state=RequestState(row.state),
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        comment=row.comment,
        amount=row.amount,
        day=row.day,
    )
