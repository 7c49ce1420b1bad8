"""The platform's own database: SQLite by default, PostgreSQL by URL.

It is kept apart from JupyterHub's database, with its own migrations and version table. Sessions are synchronous: code
that runs on an event loop calls them through `asyncio.to_thread`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Dialect, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "hdh_alembic_version"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware date and time, kept in UTC (SQLite forgets the zone of what it stores)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    """Base of every table of the platform."""

    type_annotation_map = {datetime: UtcDateTime}


class Database:
    """A database and its two kinds of sessions.

    Parameters
    ----------
    url
        An SQLAlchemy URL, `sqlite:////path/hdh.sqlite` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session whose changes are thrown away."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that is committed at the end, or rolled back whole when the block raises.

        On SQLite it takes the write lock at its start, so that what it read still holds when it writes.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection(execution_options={"hdh_write": True})
            yield session

    def upgrade(self) -> None:
        """Bring the tables to the newest version."""
        from alembic import command

        config = _migrations()
        config.attributes["engine"] = self.engine
        command.upgrade(config, "head")

    def revision(self) -> str | None:
        """Return the version of the tables, None where there are none."""
        from alembic.runtime.migration import MigrationContext

        with self.engine.connect() as connection:
            return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


@cache
def open_database(url: str) -> Database:
    """Return the database at `url`, one object (and one connection pool) per process."""
    return Database(url)


def newest_revision() -> str:
    """Return the version of the tables that this code works with."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_migrations()).get_current_head())


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling is switched off: it would begin a write only at the first INSERT.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        write = connection.get_execution_options().get("hdh_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
