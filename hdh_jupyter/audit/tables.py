"""Tables of the audit log, and the triggers that make them append-only.

Times and details are kept as the very text that was sealed: a database that rewrote them (time zones, number formats)
would break the seal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, FromClause, Index, Integer, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class AuditEvent(Base):
    """One event; `detail` is canonical JSON, `previous` and `digest` are HMAC-SHA256 in hexadecimal."""

    __tablename__ = "audit_event"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(255))
    project: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(255))
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("ix_audit_event_action", "action", "seq"),)


class AuditHead(Base):
    """The one row that says where the log ends: how many events, the last digest, and a seal on both."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    events: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


# SQLite's INSERT OR REPLACE removes a row without asking its DELETE trigger, hence the triggers on INSERT.
EVENT_TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_event_at_end BEFORE INSERT ON audit_event
        WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit_event)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
        FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
        """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    ],
}
"""DDL statements that follow the creation of `audit_event`, by dialect."""

HEAD_TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head
        WHEN NEW.id <> OLD.id OR NEW.events <> OLD.events + 1
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER audit_head_single BEFORE INSERT ON audit_head
        WHEN EXISTS (SELECT 1 FROM audit_head)
        BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ],
    "postgresql": [
        """CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head FOR EACH ROW
        WHEN (NEW.id <> OLD.id OR NEW.events <> OLD.events + 1) EXECUTE FUNCTION audit_refuse()""",
        """CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
        """CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    ],
}
"""DDL statements that follow the creation of `audit_head`, by dialect; PostgreSQL's need those of `audit_event`."""


def append_only(dialect: str) -> list[str]:
    """Return the DDL statements that a migration runs, in order, once it has made both tables."""
    return EVENT_TRIGGERS[dialect] + HEAD_TRIGGERS[dialect]


def _follow(table: FromClause, triggers: Mapping[str, list[str]]) -> None:
    @event.listens_for(table, "after_create")
    def _create(_table: FromClause, connection: Connection, **_options: Any) -> None:
        for statement in triggers.get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement)


_follow(AuditEvent.__table__, EVENT_TRIGGERS)
_follow(AuditHead.__table__, HEAD_TRIGGERS)
