"""Whether the audit log is what was written, and if not, where it first differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..i18n import DEFAULT_LANGUAGE, translate
from . import chain
from .tables import AuditEvent, AuditHead


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    Attributes
    ----------
    events
        How many events are sound, from the first on.
    first_bad
        The number at which the log first differs from what was written (when the database cannot even hand an event
        over, a number up to one batch of reading before).
    reason
        The key of a sentence that says how it differs.
    head
        The digest of the last sound event: kept elsewhere with `events`, it shows later that the log was not put back.
    """

    ok: bool
    events: int
    first_bad: int | None = None
    reason: str | None = None
    head: str = chain.START

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return the sentence for a person."""
        key = "audit.verify.ok" if self.reason is None else self.reason
        return translate(key, language, events=self.events, first_bad=self.first_bad, head=self.head)


def verify(session: Session, key: bytes) -> Verification:
    """Read the whole log and check it."""
    sound, digest = 0, chain.START

    def bad(reason: str) -> Verification:
        return Verification(False, sound, sound + 1, f"audit.verify.{reason}", digest)

    try:
        for row in _rows(session):
            reason = _fault(key, row, sound + 1, digest)
            if reason is not None:
                return bad(reason)
            sound, digest = row["seq"], row["digest"]
        heads = session.execute(select(*AuditHead.__table__.columns)).all()
    except (DBAPIError, TypeError, ValueError):
        # Values that the driver cannot read or that have no JSON form: nobody could have appended them.
        return bad("unreadable")
    if not heads and sound == 0:
        return Verification(True, 0)
    if len(heads) != 1:
        return bad("head_missing")
    head = heads[0]
    if not chain.same(head.seal, chain.head_seal(key, head.events, head.digest)):
        return bad("head_forged")
    if head.events != sound or not chain.same(head.digest, digest):
        return bad("truncated")
    return Verification(True, sound, head=digest)


def _rows(session: Session) -> Iterable[Mapping[str, Any]]:
    columns = AuditEvent.__table__.columns
    query = select(*columns).order_by(columns.seq).execution_options(yield_per=500)
    return (row._asdict() for row in session.execute(query))


def _fault(key: bytes, row: Mapping[str, Any], seq: int, previous: str) -> str | None:
    if row["seq"] != seq:
        return "missing"
    if not chain.same(row["digest"], chain.event_digest(key, row)):
        return "altered"
    return None if chain.same(row["previous"], previous) else "moved"
