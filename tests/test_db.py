"""Sessions commit whole or not at all, and two writers never work from the same stale reading."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from hdh_jupyter.db import Database, UtcDateTime


@pytest.fixture
def counter(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/counter.sqlite")
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (value INTEGER)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    return database


def value(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT value FROM counter")).scalar_one())


def test_a_block_that_raises_leaves_nothing(counter: Database) -> None:
    def fail() -> None:
        with counter.write() as session:
            session.execute(text("UPDATE counter SET value = 7"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert value(counter) == 0


def test_a_reading_session_keeps_nothing(counter: Database) -> None:
    with counter.read() as session:
        session.execute(text("UPDATE counter SET value = 7"))
    assert value(counter) == 0


def test_writers_wait_for_one_another(counter: Database) -> None:
    def add() -> None:
        for _ in range(25):
            with counter.write() as session:
                seen = session.execute(text("SELECT value FROM counter")).scalar_one()
                session.execute(text("UPDATE counter SET value = :new"), {"new": seen + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert value(counter) == 100


def test_dates_come_back_aware_and_in_utc() -> None:
    kept = UtcDateTime()
    paris = datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=1)))
    dialect = None  # neither direction looks at it
    stored = kept.process_bind_param(paris, dialect)
    assert stored is not None
    assert kept.process_result_value(stored.replace(tzinfo=None), dialect) == paris
    assert stored.tzinfo == UTC
