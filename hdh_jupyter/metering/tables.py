"""The rows of metering."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class UsageRow(Base):
    """What went to a person's browsers in five minutes; `bucket` counts them since the epoch."""

    __tablename__ = "traffic_usage"

    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    project: Mapped[str] = mapped_column(String(30), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_traffic_usage_person", "project", "person", "bucket"),)


class TotalRow(Base):
    """What passed since ever, in both directions; it only grows."""

    __tablename__ = "traffic_total"

    project: Mapped[str] = mapped_column(String(30), primary_key=True)
    person: Mapped[str] = mapped_column(String(255), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    direction: Mapped[str] = mapped_column(String(3), primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)


class RequestRow(Base):
    """A request for more.

    `day` is the one that a grant holds for, `used_before` the bytes that were used of it when that was decided.
    """

    __tablename__ = "traffic_requests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    project: Mapped[str] = mapped_column(String(30))
    person: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(String(255), default=None)
    comment: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[int | None] = mapped_column(BigInteger, default=None)
    day: Mapped[date | None] = mapped_column(default=None)
    used_before: Mapped[int | None] = mapped_column(BigInteger, default=None)

    __table_args__ = (
        Index("ix_traffic_requests_person", "project", "person", "id"),
        # The database itself refuses a second one that waits.
        Index(
            "uq_traffic_requests_pending",
            "project",
            "person",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        {"sqlite_autoincrement": True},
    )
