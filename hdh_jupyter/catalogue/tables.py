"""The catalogue's tables: published versions, the draft beside them, what the two sides said, stewards, requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, FromClause, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from hdh_jupyter.db import Base


class CatalogueRecord(Base):
    """One published version of a record, never changed; the highest is the one people see unless it was withdrawn.

    `agreements` says which themes of the convention were agreed, on what text, and by whom for each side.
    """

    __tablename__ = "catalogue_records"

    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published: Mapped[bool]
    created_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(String(255), server_default="", default="")
    reason: Mapped[str] = mapped_column(Text, server_default="", default="")
    agreements: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}", default=dict)


class WithdrawalRow(Base):
    """A record that has left the catalogue; its versions stay."""

    __tablename__ = "catalogue_withdrawals"

    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class DraftRow(Base):
    """The draft of a record; `revision` counts its saves, `base` is the version it was begun from, 0 for none."""

    __tablename__ = "catalogue_drafts"

    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int]
    base: Mapped[int]
    stage: Mapped[str] = mapped_column(String(16))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(255))
    begun_at: Mapped[datetime]
    edited_by: Mapped[str] = mapped_column(String(255))
    edited_at: Mapped[datetime]


class EditRow(Base):
    """A save of a draft: who, when, which fields, and the record after it without its tables."""

    __tablename__ = "catalogue_edits"
    __table_args__ = (Index("ix_catalogue_edits_dataset", "dataset", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    person: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    fields: Mapped[list[str]] = mapped_column(JSON)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class TermEventRow(Base):
    """Something said on a theme of a convention: a proposal with its text, an acceptance, a comment."""

    __tablename__ = "catalogue_term_events"
    __table_args__ = (Index("ix_catalogue_term_events_dataset", "dataset", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset: Mapped[str] = mapped_column(String(64))
    theme: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(16))
    side: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(Text)
    value: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class StewardRow(Base):
    """A person who is a steward of a dataset; people are the register's, hence no foreign key."""

    __tablename__ = "catalogue_stewards"

    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(64), primary_key=True, index=True)


class AccessRequestRow(Base):
    """A project's request to one steward."""

    __tablename__ = "catalogue_access_requests"
    __table_args__ = (
        Index("ix_catalogue_access_requests_project", "project", "id"),
        Index("ix_catalogue_access_requests_state", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project: Mapped[str] = mapped_column(String(30))
    person: Mapped[str] = mapped_column(String(255))
    steward: Mapped[str] = mapped_column(Text)
    datasets: Mapped[list[str]] = mapped_column(JSON)
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(255))
    comment: Mapped[str] = mapped_column(Text)


# SQLite's INSERT OR REPLACE removes a row without asking its DELETE trigger, hence the trigger on INSERT.
IMMUTABLE = {
    "sqlite": [
        """CREATE TRIGGER catalogue_records_no_update BEFORE UPDATE ON catalogue_records
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
        """CREATE TRIGGER catalogue_records_no_delete BEFORE DELETE ON catalogue_records
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
        """CREATE TRIGGER catalogue_records_no_replace BEFORE INSERT ON catalogue_records
        WHEN EXISTS (SELECT 1 FROM catalogue_records WHERE dataset = NEW.dataset AND version = NEW.version)
        BEGIN SELECT RAISE(ABORT, 'a published version is immutable'); END""",
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION catalogue_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a published version is immutable'; END $$""",
        """CREATE TRIGGER catalogue_records_no_change BEFORE UPDATE OR DELETE ON catalogue_records
        FOR EACH ROW EXECUTE FUNCTION catalogue_refuse()""",
        """CREATE TRIGGER catalogue_records_no_truncate BEFORE TRUNCATE ON catalogue_records
        FOR EACH STATEMENT EXECUTE FUNCTION catalogue_refuse()""",
    ],
}
"""DDL statements that follow the creation of `catalogue_records`, by dialect."""


def _follow(table: FromClause, triggers: Mapping[str, list[str]]) -> None:
    @event.listens_for(table, "after_create")
    def _create(_table: FromClause, connection: Connection, **_options: Any) -> None:
        for statement in triggers.get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement)


_follow(CatalogueRecord.__table__, IMMUTABLE)
