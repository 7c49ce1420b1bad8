"""What was counted, in the database: five-minute figures for budgets and charts, totals for ever.

Every call is synchronous: on an event loop, go through `asyncio.to_thread`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from ..audit.log import AuditLog
from ..db import Database
from .budgets import Limits
from .meter import Crossing, Meter, State, day_around
from .tables import RequestRow, TotalRow, UsageRow
from .window import BUCKET, SPAN, bucket_of

Direction = Literal["in", "out"]
Extras = Mapping[tuple[str, str], int]
ACTIONS = {State.WARNING: "traffic.warned", State.CUT: "traffic.cut"}


@dataclass(frozen=True)
class Flow:
    """One countable stream: whose, of which project, of which channel, in which direction."""

    project: str
    person: str
    channel: str
    direction: Direction


@dataclass(frozen=True)
class Counted:
    """What was counted since the last time: bytes by five minutes and flow, and the limits that were crossed."""

    sizes: Mapping[tuple[int, Flow], int]
    crossings: Collection[Crossing]


class UsageStore:
    """The figures of everybody."""

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    def keep(self, counted: Counted) -> None:
        """Add what was counted, and tell the audit log of crossed limits: all of it or nothing.

        An alert stands or falls with the figures that caused it, so that none is lost or told twice by a restart.
        """
        totals: dict[Flow, int] = {}
        for (_, flow), size in counted.sizes.items():
            totals[flow] = totals.get(flow, 0) + size
        with self._database.write() as session:
            for (bucket, flow), size in counted.sizes.items():
                if flow.direction == "out":
                    _add(session, UsageRow, _usage_key(bucket, flow), size)
            for flow, size in totals.items():
                _add(session, TotalRow, {**_key(flow), "direction": flow.direction}, size)
            for crossing in counted.crossings:
                level = crossing.level
                self._audit.append(
                    ACTIONS[level.state],
                    actor=crossing.person,
                    project=crossing.project,
                    detail={"window": level.window.value, "used": level.used, "limit": level.limit},
                    session=session,
                )

    def meter(self, limits: Limits, now: float, project: str | None = None) -> Meter:
        """Return a meter with what is kept, of one project or of all, and what is granted today."""
        since = min(bucket_of(now) - SPAN + 1, int(day_around(now)[0] // BUCKET))
        query = (
            select(UsageRow.bucket, UsageRow.project, UsageRow.person, func.sum(UsageRow.bytes))
            .where(UsageRow.bucket >= since)
            .group_by(UsageRow.bucket, UsageRow.project, UsageRow.person)
            .order_by(UsageRow.bucket)
        )
        if project is not None:
            query = query.where(UsageRow.project == project)
        meter = Meter(limits)
        with self._database.read() as session:
            for bucket, owner, person, size in session.execute(query):
                meter.restore(owner, person, bucket, int(size), now)
            meter.grant(_extras(session, date.fromtimestamp(now)))
        return meter

    def extras(self, now: float) -> Extras:
        """Return what is granted today beyond the budgets, bytes by project and person."""
        with self._database.read() as session:
            return _extras(session, date.fromtimestamp(now))

    def history(self, project: str, person: str, since: float) -> dict[tuple[int, str], int]:
        """Return a person's bytes by bucket and channel from a moment on."""
        query = select(UsageRow.bucket, UsageRow.channel, UsageRow.bytes).where(
            UsageRow.project == project, UsageRow.person == person, UsageRow.bucket >= bucket_of(since)
        )
        with self._database.read() as session:
            return {(bucket, channel): size for bucket, channel, size in session.execute(query)}

    def totals(self) -> dict[Flow, int]:
        """Return the bytes of every flow since ever."""
        columns = TotalRow.__table__.columns
        with self._database.read() as session:
            return {
                Flow(row.project, row.person, row.channel, row.direction): row.bytes
                for row in session.execute(select(*columns))
            }

    def forget(self, days: int, now: float) -> None:
        """Drop the five-minute figures that are older than so many days."""
        with self._database.write() as session:
            session.execute(delete(UsageRow).where(UsageRow.bucket < bucket_of(now - days * 86_400)))


def used_on_day(session: Session, project: str, person: str, now: float) -> int:
    """Return the bytes of a person since midnight."""
    query = select(func.coalesce(func.sum(UsageRow.bytes), 0)).where(
        UsageRow.project == project, UsageRow.person == person, UsageRow.bucket >= int(day_around(now)[0] // BUCKET)
    )
    return int(session.scalar(query) or 0)


def _extras(session: Session, day: date) -> Extras:
    query = (
        select(RequestRow.project, RequestRow.person, func.sum(RequestRow.amount))
        .where(RequestRow.state == "granted", RequestRow.day == day)
        .group_by(RequestRow.project, RequestRow.person)
    )
    return {(project, person): int(amount or 0) for project, person, amount in session.execute(query)}


def _key(flow: Flow) -> dict[str, str]:
    return {"project": flow.project, "person": flow.person, "channel": flow.channel}


def _usage_key(bucket: int, flow: Flow) -> dict[str, str | int]:
    return {"bucket": bucket, **_key(flow)}


def _add(session: Session, table: type[UsageRow] | type[TotalRow], key: Mapping[str, str | int], size: int) -> None:
    changed = session.execute(update(table).filter_by(**key).values(bytes=table.bytes + size))
    if not changed.rowcount:  # type: ignore[attr-defined]  # the result of an UPDATE is a cursor's
        session.execute(insert(table).values(**key, bytes=size))
