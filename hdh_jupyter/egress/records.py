"""Requests as rows: reading them whole or as a list, and the few changes that every action makes.

The changes go through one locked row, so that two people acting at once are put one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, inspect, select, update
from sqlalchemy.orm import Session, defer

from ..errors import PublicError
from .model import Action, Check, CheckState, Decision, HistoryEvent, Request, RequestFile, ReviewDecision, Status
from .tables import CheckedFileRow, CheckRow, DecisionRow, EventRow, FileRow, RequestRow

_Row = TypeVar("_Row", FileRow, DecisionRow, EventRow)


@dataclass(frozen=True)
class Record:
    """A request as it is, seen by nobody in particular."""

    request: Request
    submitters: frozenset[str]


def locked(session: Session, request_id: int) -> RequestRow:
    """Return a request's row, held for this transaction.

    Raises
    ------
    PublicError
        `egress.unknown_request` (404).
    """
    row = session.get(RequestRow, request_id, with_for_update=True)
    if row is None:
        raise PublicError("egress.unknown_request", 404)
    return row


def whole(session: Session, row: RequestRow) -> Record:
    """Return one request with its report and its history."""
    (record,) = listed(session, [row])
    check = _newest_checks(session, [row.id])[row.id]
    events = _by_request(session, EventRow, [row.id])[row.id]
    request = replace(
        record.request,
        check=replace(record.request.check, report=check.report),
        history=tuple(_event(e) for e in events),
    )
    return replace(record, request=request)


def listed(session: Session, rows: Sequence[RequestRow]) -> list[Record]:
    """Return requests without their reports and histories, in the order given, by a fixed number of queries."""
    ids = [row.id for row in rows]
    files = _by_request(session, FileRow, ids)
    decisions = _by_request(session, DecisionRow, ids)
    checks = _newest_checks(session, ids)
    results = _results(session, checks.values())
    submitters = _submitters(session, ids)
    return [
        Record(
            _request(row, checks[row.id], files[row.id], results.get(checks[row.id].id, {}), decisions[row.id]),
            frozenset(submitters[row.id]),
        )
        for row in rows
    ]


def note(
    session: Session,
    row: RequestRow,
    action: Action,
    actor: str,
    target: Status,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Put the request in `target` and write in its history what happened."""
    source = row.status if action is not Action.DRAFT else None
    row.status, row.updated_at = target.value, at
    session.add(
        EventRow(
            request=row.id,
            at=at,
            actor=actor,
            action=action.value,
            turn=row.turn,
            source=source,
            target=target.value,
            detail=dict(detail or {}),
        )
    )


def order_check(session: Session, row: RequestRow, at: datetime) -> None:
    """Ask for a check of the request's files as they are now; one that is under way counts no more."""
    supersede_checks(session, row, at)
    session.add(CheckRow(request=row.id, turn=row.turn, state=CheckState.PENDING.value, asked_at=at))
    session.flush()


def supersede_checks(session: Session, row: RequestRow, at: datetime) -> None:
    """End the request's unfinished checks: nobody waits for them any more."""
    session.execute(
        update(CheckRow)
        .where(CheckRow.request == row.id, CheckRow.state.in_([CheckState.PENDING.value, CheckState.RUNNING.value]))
        .values(state=CheckState.FAILED.value, failure="egress.check.superseded", finished_at=at, lease=None)
    )


def kept_files(session: Session, request_id: int) -> list[FileRow]:
    """Return the files of a request that were not removed, by number."""
    chosen = select(FileRow).where(FileRow.request == request_id, FileRow.removed_at.is_(None)).order_by(FileRow.number)
    return list(session.scalars(chosen))


def _by_request(session: Session, table: type[_Row], ids: Sequence[int]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in session.scalars(select(table).where(table.request.in_(ids)).order_by(*inspect(table).primary_key)):
        found[row.request].append(row)
    return found


def _newest_checks(session: Session, ids: Sequence[int]) -> dict[int, CheckRow]:
    newest = select(func.max(CheckRow.id)).where(CheckRow.request.in_(ids)).group_by(CheckRow.request)
    chosen = select(CheckRow).where(CheckRow.id.in_(newest)).options(defer(CheckRow.report), defer(CheckRow.policy))
    return {row.request: row for row in session.scalars(chosen)}


def _results(session: Session, checks: Iterable[CheckRow]) -> dict[int, dict[int, CheckedFileRow]]:
    done = [check.id for check in checks if check.state == CheckState.DONE.value]
    found: dict[int, dict[int, CheckedFileRow]] = defaultdict(dict)
    for row in session.scalars(select(CheckedFileRow).where(CheckedFileRow.check_id.in_(done))):
        found[row.check_id][row.number] = row
    return found


def _submitters(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    chosen = select(EventRow.request, EventRow.actor).where(
        EventRow.request.in_(ids), EventRow.action == Action.SUBMIT.value
    )
    found: dict[int, set[str]] = defaultdict(set)
    for request, actor in session.execute(chosen):
        found[request].add(actor)
    return found


def _request(
    row: RequestRow,
    check: CheckRow,
    files: Sequence[FileRow],
    results: Mapping[int, CheckedFileRow],
    decisions: Sequence[DecisionRow],
) -> Request:
    return Request(
        id=row.id,
        project=row.project,
        author=row.author,
        title=row.title,
        purpose=row.purpose,
        recipient=row.recipient,
        justification=row.justification,
        status=Status(row.status),
        turn=row.turn,
        check=Check(
            state=CheckState(check.state),
            turn=check.turn,
            asked_at=check.asked_at,
            finished_at=check.finished_at,
            failure=check.failure,
        ),
        files=tuple(_file(f, results.get(f.number)) for f in files if f.removed_at is None),
        decided=sum(d.turn == row.turn for d in decisions),
        decisions=tuple(
            ReviewDecision(d.turn, d.reviewer, Decision(d.decision), d.comment, d.decided_at) for d in decisions
        ),
        history=(),
        created_at=row.created_at,
        updated_at=row.updated_at,
        sent_back=row.sent_back,
    )


def _file(row: FileRow, result: CheckedFileRow | None) -> RequestFile:
    file = RequestFile(row.number, row.name, row.size, row.sha256)
    if result is None:
        return file
    return replace(
        file,
        kind=result.kind,
        verdict=result.verdict,
        releasable=result.releasable,
        sanitised_sha256=result.sanitised_sha256,
        sanitised_size=result.sanitised_size,
        preview_sha256=result.preview_sha256,
    )


def _event(row: EventRow) -> HistoryEvent:
    return HistoryEvent(
        row.at,
        row.actor,
        Action(row.action),
        row.turn,
        Status(row.source) if row.source else None,
        Status(row.target),
        row.detail,
    )
