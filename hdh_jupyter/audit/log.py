"""The audit log: append, read, verify."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from ..db import Database
from ..errors import PublicError
from . import actions, chain
from .tables import AuditEvent, AuditHead
from .verification import Verification, verify

_EVENTS = AuditEvent.__table__.columns
_HEAD = AuditHead.__table__.columns
_POSTGRESQL_LOCK = 0x6864685F617564
"""The advisory lock that appending takes on PostgreSQL; any number that nothing else uses."""


@dataclass(frozen=True)
class Event:
    """An event as it is read; reading does not verify it."""

    seq: int
    at: datetime
    action: str
    actor: str
    project: str | None
    subject: str | None
    detail: Mapping[str, Any]


class AuditLog:
    """A log that shows whether anybody changed it.

    Each event is sealed under `key` together with the event before it, and a sealed record says where the log ends.

    Whoever can write to the database, but has no key, cannot change, remove, reorder or add an event, at the end of
    the log either, without :meth:`verify` telling. What it cannot tell: that the whole database, or the log's two
    tables together, were put back to an earlier state (emptied is the earliest), because every earlier state was
    genuine. To notice that, keep the number of events and the last digest, which a verification returns, somewhere
    else. Whoever has the key can forge anything. Events are sealed, not encrypted.

    Parameters
    ----------
    key
        32 secret bytes, kept outside the database (`StateFolder.key("audit")`).
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key

    def append(
        self,
        action: str,
        *,
        actor: str,
        project: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> int:
        """Add an event and return its number, from 1 on.

        Parameters
        ----------
        action
            One that has a schema (:func:`hdh_jupyter.audit.actions.actions`).
        actor
            The person's name, or the name of the part of the platform that acts by itself (`system`).
        subject
            What it is about, such as the number of an egress request.
        session
            A `Database.write()` session of the caller: the event then stands or falls with the caller's change.
            Without it the event is committed at once.

        Raises
        ------
        UnknownAction, InvalidEvent
            Mistakes of the programmer.
        """
        values = {"actor": actor, "project": project, "subject": subject, "detail": dict(detail or {})}
        actions.validate(action, values)
        event = {**values, "action": action, "detail": chain.canonical(values["detail"])}
        with self._database.write() if session is None else nullcontext(session) as writing:
            return self._append(writing, event)

    def tail(self, count: int) -> tuple[Event, ...]:
        """Return the newest `count` events, oldest first.

        Raises
        ------
        PublicError
            `audit.unreadable`: an event is not what anybody could have appended.
        """
        with self._database.read() as session:
            rows = session.execute(select(*_EVENTS).order_by(_EVENTS.seq.desc()).limit(count))
            return tuple(_event(row._asdict()) for row in rows)[::-1]

    def newest(self, actions: Collection[str], count: int) -> tuple[Event, ...]:
        """Return the newest `count` events of these actions, newest first; raises as :meth:`tail` does."""
        query = select(*_EVENTS).where(_EVENTS.action.in_(actions)).order_by(_EVENTS.seq.desc()).limit(count)
        with self._database.read() as session:
            return tuple(_event(row._asdict()) for row in session.execute(query))

    def newest_by_project(self, action: str) -> dict[str, Event]:
        """Return the newest event of an action in each project; raises as :meth:`tail` does."""
        last = select(func.max(_EVENTS.seq)).where(_EVENTS.action == action).group_by(_EVENTS.project)
        with self._database.read() as session:
            rows = session.execute(select(*_EVENTS).where(_EVENTS.seq.in_(last)))
            return {row.project: _event(row._asdict()) for row in rows if row.project is not None}

    def since(self, seq: int) -> Iterator[Event]:
        """Yield the events after number `seq`, oldest first, a few at a time; raises as :meth:`tail` does."""
        query = select(*_EVENTS).where(_EVENTS.seq > seq).order_by(_EVENTS.seq)
        with self._database.read() as session:
            for row in session.execute(query.execution_options(yield_per=500)):
                yield _event(row._asdict())

    def verify(self) -> Verification:
        """Check every event and the end of the log, in time linear in its length and memory that does not grow."""
        with self._database.read() as session:
            if _on_postgresql(session):
                # One view of events and head together, as SQLite gives by itself: others go on appending.
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            return verify(session, self._key)

    def _append(self, session: Session, event: Mapping[str, Any]) -> int:
        if _on_postgresql(session):
            # SQLite's write lock is held since the session began; PostgreSQL would let two appends read the same head.
            session.execute(select(func.pg_advisory_xact_lock(_POSTGRESQL_LOCK)))
        head = session.execute(select(_HEAD.events, _HEAD.digest)).one_or_none()
        events, previous = (0, chain.START) if head is None else head
        seq = events + 1
        row = {**event, "seq": seq, "at": datetime.now(UTC).isoformat(timespec="microseconds"), "previous": previous}
        row["digest"] = chain.event_digest(self._key, row)
        end = {"events": seq, "digest": row["digest"], "seal": chain.head_seal(self._key, seq, row["digest"])}
        session.execute(insert(AuditEvent).values(row))
        session.execute(insert(AuditHead).values(id=1, **end) if head is None else update(AuditHead).values(end))
        return seq


def _on_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _event(row: Mapping[str, Any]) -> Event:
    values = {name: row[name] for name in ("seq", "action", "actor", "project", "subject")}
    try:
        return Event(at=datetime.fromisoformat(row["at"]), detail=dict(json.loads(row["detail"])), **values)
    except (TypeError, ValueError) as error:
        raise PublicError("audit.unreadable", 500, seq=row["seq"]) from error
