"""The catalogue's table: every version of every record, as a JSON document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from hdh_jupyter.db import Base


class CatalogueRecord(Base):
    """One version of a record; the highest version that is published is the one people see."""

    __tablename__ = "catalogue_records"

    dataset: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published: Mapped[bool]
    created_at: Mapped[datetime]
