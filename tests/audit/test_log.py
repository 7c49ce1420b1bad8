"""The audit log: appending, at once from many sides, and reading."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from hdh_jupyter.audit import AuditLog
from hdh_jupyter.audit.actions import InvalidEvent, UnknownAction
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

KEY = bytes(range(32))


def sign_in(log: AuditLog, name: str) -> int:
    return log.append("session.signed_in", actor=name)


def append_many(url: str, name: str, count: int) -> None:
    log = AuditLog(Database(url), KEY)
    for _ in range(count):
        sign_in(log, name)


def test_events_are_numbered_from_one_and_read_back(database: Database) -> None:
    log = AuditLog(database, KEY)
    before = datetime.now(UTC)
    assert sign_in(log, "ann") == 1
    detail = {"turn": 1, "decision": "approve"}
    assert log.append("egress.decided", actor="chloé", project="vox", subject="7", detail=detail) == 2
    first, second = log.tail(10)
    assert (first.seq, first.action, first.actor) == (1, "session.signed_in", "ann")
    assert (first.project, first.subject, first.detail) == (None, None, {})
    assert (second.seq, second.actor, second.project, second.subject) == (2, "chloé", "vox", "7")
    assert second.detail == detail
    assert before <= first.at <= second.at <= datetime.now(UTC)


def test_tail_is_the_newest_and_since_is_what_follows(database: Database) -> None:
    log = AuditLog(database, KEY)
    for name in "abcde":
        sign_in(log, name)
    assert [event.actor for event in log.tail(2)] == ["d", "e"]
    assert [event.actor for event in log.since(3)] == ["d", "e"]
    assert list(log.since(5)) == []


@pytest.mark.parametrize(
    ("action", "values", "error"),
    [
        pytest.param("session.invented", {"actor": "ann"}, UnknownAction, id="00 unknown action"),
        pytest.param("../tables", {"actor": "ann"}, UnknownAction, id="01 path for an action"),
        pytest.param("session.refused", {"actor": "ann"}, InvalidEvent, id="02 field missing"),
        pytest.param("session.signed_in", {"actor": "ann", "detail": {"x": 1}}, InvalidEvent, id="03 unforeseen"),
        pytest.param("session.signed_in", {"actor": ""}, InvalidEvent, id="04 nobody"),
        pytest.param("session.signed_in", {"actor": "a" * 256}, InvalidEvent, id="05 too long"),
        pytest.param("workspace.started", {"actor": "ann"}, InvalidEvent, id="06 no project"),
        pytest.param("egress.withdrawn", {"actor": "ann", "project": "vox"}, InvalidEvent, id="07 no subject"),
        pytest.param("egress.withdrawn", {"actor": "a", "project": "v", "subject": 7}, InvalidEvent, id="08 not text"),
    ],
)
def test_what_no_schema_describes_is_refused(
    database: Database, action: str, values: dict[str, object], error: type[Exception]
) -> None:
    log = AuditLog(database, KEY)
    with pytest.raises(error):
        log.append(action, **values)
    assert log.tail(1) == ()


def test_an_event_stands_or_falls_with_the_change_it_tells_of(database: Database) -> None:
    log = AuditLog(database, KEY)

    def change_that_fails() -> None:
        with database.write() as session:
            log.append("session.signed_in", actor="ann", session=session)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        change_that_fails()
    assert log.tail(1) == ()
    with database.write() as session:
        log.append("session.signed_in", actor="ann", session=session)
        log.append("session.signed_in", actor="leo", session=session)
    assert log.verify().events == 2


def test_threads_append_at_once(database: Database) -> None:
    log = AuditLog(database, KEY)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda i: sign_in(log, f"person-{i}"), range(80)))
    assert sorted(numbers) == list(range(1, 81))
    assert log.verify().ok


def test_processes_append_at_once(database: Database) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=append_many, args=(database.url, f"process-{i}", 25)) for i in range(3)]
    for process in processes:
        process.start()
    append_many(database.url, "here", 25)
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    outcome = AuditLog(database, KEY).verify()
    assert (outcome.ok, outcome.events) == (True, 100)


def test_verifying_while_others_append(database: Database) -> None:
    log = AuditLog(database, KEY)
    with ThreadPoolExecutor(2) as pool:
        appending = pool.submit(append_many, database.url, "ann", 150)
        while not appending.done():
            assert log.verify().ok
        appending.result()
    assert log.verify().events == 150


def test_an_event_nobody_appended_is_not_shown_as_one(database: Database) -> None:
    log = AuditLog(database, KEY)
    sign_in(log, "ann")
    with database.write() as session:
        session.execute(text("DROP TRIGGER audit_event_no_update"))
        session.execute(text("UPDATE audit_event SET detail = '{'"))
    with pytest.raises(PublicError) as raised:
        log.tail(1)
    assert raised.value.code == "audit.unreadable"
