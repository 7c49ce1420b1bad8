"""The rows of egress. What happened is only ever added: files, checks, decisions and events are never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class RequestRow(Base):
    """A request: what changes during its life."""

    __tablename__ = "egress_requests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project: Mapped[str] = mapped_column(String(30), index=True)
    author: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text, default="")
    recipient: Mapped[str] = mapped_column(Text, default="")
    justification: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(16), index=True)
    turn: Mapped[int] = mapped_column(default=0)
    sent_back: Mapped[str | None] = mapped_column(String(64), default=None)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = ({"sqlite_autoincrement": True},)


class FileRow(Base):
    """A file of a request, as received; only `removed_at` is ever set later."""

    __tablename__ = "egress_files"

    request: Mapped[int] = mapped_column(ForeignKey("egress_requests.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime | None] = mapped_column(default=None)


class CheckRow(Base):
    """A check of a request's files; the newest of a request is the one that counts.

    `lease` names the worker's claim: who holds it may finish the check, until `lease_until` passes without a sign.
    `register` holds the counts that would leave; `compared` tells with how many releases of the project.
    """

    __tablename__ = "egress_checks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request: Mapped[int] = mapped_column(ForeignKey("egress_requests.id"))
    turn: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    lease: Mapped[str | None] = mapped_column(String(32), default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    register: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    compared: Mapped[int | None] = mapped_column(default=None)
    failure: Mapped[str | None] = mapped_column(String(64), default=None)

    __table_args__ = (Index("ix_egress_checks_request", "request", "id"), {"sqlite_autoincrement": True})


class CheckedFileRow(Base):
    """What a check that is done says of one file."""

    __tablename__ = "egress_checked_files"

    check_id: Mapped[int] = mapped_column(ForeignKey("egress_checks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    verdict: Mapped[str] = mapped_column(String(16))
    releasable: Mapped[bool]
    sanitised_sha256: Mapped[str | None] = mapped_column(String(64))
    sanitised_size: Mapped[int | None] = mapped_column(BigInteger)
    preview_sha256: Mapped[str | None] = mapped_column(String(64), default=None)


class DecisionRow(Base):
    """What an output checker decided in a turn; the database itself refuses a second one."""

    __tablename__ = "egress_decisions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request: Mapped[int] = mapped_column(ForeignKey("egress_requests.id"))
    turn: Mapped[int]
    reviewer: Mapped[str] = mapped_column(String(255))
    decision: Mapped[str] = mapped_column(String(16))
    comment: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("request", "turn", "reviewer"),)


class EventRow(Base):
    """One thing that happened to a request."""

    __tablename__ = "egress_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request: Mapped[int] = mapped_column(ForeignKey("egress_requests.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(16))
    turn: Mapped[int]
    source: Mapped[str | None] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(16))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class ReleaseRow(Base):
    """The archive of a released request, in the store, and the counts that left with it.

    Never deleted: what has left has left. Releases older than the register have none; their files are read anew.
    """

    __tablename__ = "egress_releases"

    request: Mapped[int] = mapped_column(ForeignKey("egress_requests.id"), primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    released_at: Mapped[datetime]
    register: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
