"""Attacks on the audit log by somebody who can write to the database but has no key."""

from __future__ import annotations

import hashlib
import hmac
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hdh_jupyter.audit import AuditLog, chain
from hdh_jupyter.audit.tables import AuditEvent, AuditHead, append_only
from hdh_jupyter.db import Base, Database

KEY = bytes(range(32))
EVENT = AuditEvent.__table__
FIELDS = ("at", "action", "actor", "project", "subject", "detail", "previous", "digest")
TRIGGERS = [statement.split()[2] for statement in append_only("sqlite")]


def filled(database: Database, count: int = 5) -> AuditLog:
    log = AuditLog(database, KEY)
    for i in range(count):
        log.append("egress.withdrawn", actor=f"person-{i}", project="vox", subject=str(i), detail={"turn": i})
    return log


@contextmanager
def tampering(database: Database) -> Iterator[Session]:
    """Open the database as somebody who has first done away with the triggers."""
    with database.write() as session:
        for trigger in TRIGGERS:
            session.execute(text(f"DROP TRIGGER {trigger}"))
        yield session


@contextmanager
def fresh() -> Iterator[Database]:
    """A database for one example of a property (a fixture would be shared by all of them)."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}/audit.sqlite")
        Base.metadata.create_all(database.engine, tables=[EVENT, AuditHead.__table__])
        yield database
        database.engine.dispose()


def test_an_untouched_log_verifies(database: Database) -> None:
    log = filled(database)
    outcome = log.verify()
    assert (outcome.ok, outcome.events, outcome.first_bad, outcome.reason) == (True, 5, None, None)
    assert outcome.head in outcome.message("fr")


def test_an_empty_log_verifies(database: Database) -> None:
    assert AuditLog(database, KEY).verify().ok


def test_another_key_verifies_nothing(database: Database) -> None:
    filled(database)
    outcome = AuditLog(database, bytes(32)).verify()
    assert (outcome.ok, outcome.events, outcome.first_bad) == (False, 0, 1)


@settings(max_examples=60, deadline=None)
@given(seq=st.integers(1, 5), field=st.sampled_from(FIELDS), value=st.text(st.characters(codec="utf-8"), max_size=20))
def test_any_edit_of_any_field_shows(seq: int, field: str, value: str) -> None:
    with fresh() as database:
        log = filled(database)
        with tampering(database) as session:
            before = session.scalars(select(EVENT.c[field]).where(EVENT.c.seq == seq)).one()
            session.execute(update(EVENT).where(EVENT.c.seq == seq).values({field: value}))
        outcome = log.verify()
        if value == before:
            assert outcome.ok
        else:
            assert (outcome.ok, outcome.events, outcome.first_bad) == (False, seq - 1, seq)
            assert outcome.message("fr") != outcome.message("en")


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("UPDATE audit_event SET project = NULL WHERE seq = 3", id="00 null"),
        pytest.param("UPDATE audit_event SET detail = x'80' WHERE seq = 3", id="01 bytes"),
        pytest.param("UPDATE audit_event SET detail = '{\"turn\": 2}' WHERE seq = 3", id="02 other spelling"),
    ],
)
def test_values_that_are_not_the_sealed_text_show(database: Database, attack: str) -> None:
    log = filled(database)
    with tampering(database) as session:
        session.connection().exec_driver_sql(attack)
    outcome = log.verify()
    assert (outcome.ok, outcome.first_bad) == (False, 3)


def test_text_that_the_driver_cannot_read_shows(database: Database) -> None:
    log = filled(database)
    with tampering(database) as session:
        session.execute(text("UPDATE audit_event SET detail = CAST(x'ff80' AS TEXT) WHERE seq = 3"))
    outcome = log.verify()
    assert (outcome.ok, outcome.reason) == (False, "audit.verify.unreadable")


@settings(max_examples=40, deadline=None)
@given(gone=st.sets(st.integers(1, 5), min_size=1))
def test_any_removal_shows(gone: set[int]) -> None:
    with fresh() as database:
        log = filled(database)
        with tampering(database) as session:
            for seq in gone:
                session.execute(text("DELETE FROM audit_event WHERE seq = :s"), {"s": seq})
        outcome = log.verify()
        assert (outcome.ok, outcome.first_bad) == (False, min(gone))


@settings(max_examples=40, deadline=None)
@given(gone=st.integers(1, 4))
def test_any_removal_shows_when_the_rest_is_renumbered(gone: int) -> None:
    with fresh() as database:
        log = filled(database)
        with tampering(database) as session:
            session.execute(text("DELETE FROM audit_event WHERE seq = :s"), {"s": gone})
            session.execute(text("UPDATE audit_event SET seq = seq - 1 WHERE seq > :s"), {"s": gone})
        assert (log.verify().ok, log.verify().first_bad) == (False, gone)


@settings(max_examples=60, deadline=None)
@given(order=st.permutations([1, 2, 3, 4, 5]))
def test_any_other_order_shows(order: list[int]) -> None:
    with fresh() as database:
        log = filled(database)
        with tampering(database) as session:
            session.execute(text("UPDATE audit_event SET seq = -seq"))
            for new, old in enumerate(order, 1):
                session.execute(text("UPDATE audit_event SET seq = :n WHERE seq = :o"), {"n": new, "o": -old})
        moved = [new for new, old in enumerate(order, 1) if new != old]
        outcome = log.verify()
        assert (outcome.ok, outcome.first_bad) == (not moved, min(moved, default=None))


@pytest.mark.parametrize("key", [pytest.param(bytes(32), id="00 guessed key"), pytest.param(b"", id="01 no key")])
@pytest.mark.parametrize("seq", [pytest.param(6, id="0 at the end"), pytest.param(3, id="1 in the middle")])
def test_forged_events_show(database: Database, seq: int, key: bytes) -> None:
    log = filled(database)
    with tampering(database) as session:
        previous = session.execute(text("SELECT digest FROM audit_event WHERE seq = :s"), {"s": seq - 1}).scalar_one()
        session.execute(text("UPDATE audit_event SET seq = seq + 100 WHERE seq >= :s"), {"s": seq})
        session.execute(text("UPDATE audit_event SET seq = seq - 99 WHERE seq > 100"))
        row = {
            "seq": seq, "at": "2026-01-01T00:00:00.000000+00:00", "action": "session.signed_in", "actor": "leo",
            "project": None, "subject": None, "detail": "{}", "previous": previous,
        }  # fmt: skip
        content = chain.canonical({"kind": "event", "content": row}).encode()
        row["digest"] = hmac.new(key, content, hashlib.sha256).hexdigest()
        session.execute(insert(EVENT).values(row))
    assert (log.verify().ok, log.verify().first_bad) == (False, seq)


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        pytest.param("DELETE FROM audit_head", "head_missing", id="00 head removed"),
        pytest.param("UPDATE audit_head SET events = 4", "head_forged", id="01 other count"),
        pytest.param("UPDATE audit_head SET digest = seal", "head_forged", id="02 other digest"),
        pytest.param("UPDATE audit_head SET seal = ''", "head_forged", id="03 no seal"),
        pytest.param(
            "INSERT INTO audit_head SELECT 2, events, digest, seal FROM audit_head", "head_missing", id="04 two heads"
        ),
        pytest.param("DELETE FROM audit_event", "truncated", id="05 emptied but for the head"),
        pytest.param(
            "UPDATE audit_head SET events = 4, digest = (SELECT digest FROM audit_event WHERE seq = 4),"
            " seal = (SELECT digest FROM audit_event WHERE seq = 4)",
            "head_forged",
            id="06 seal of another kind",
        ),
    ],
)
def test_attacks_on_the_head_show(database: Database, attack: str, reason: str) -> None:
    log = filled(database)
    with tampering(database) as session:
        session.execute(text(attack))
    outcome = log.verify()
    assert (outcome.ok, outcome.reason) == (False, f"audit.verify.{reason}")


def test_going_back_to_an_earlier_state_shows_only_against_a_figure_kept_elsewhere(database: Database) -> None:
    """The limit that the log's documentation states."""
    log = filled(database, 3)
    with database.read() as session:
        head = session.execute(text("SELECT events, digest, seal FROM audit_head")).one()
    filled(database, 2)
    kept_elsewhere = log.verify()
    with tampering(database) as session:
        session.execute(text("DELETE FROM audit_event WHERE seq > 3"))
        session.execute(text("UPDATE audit_head SET events = :events, digest = :digest, seal = :seal"), head._asdict())
    outcome = log.verify()
    assert outcome.ok
    assert (outcome.events, outcome.head) != (kept_elsewhere.events, kept_elsewhere.head)


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param("UPDATE audit_event SET actor = 'leo' WHERE seq = 2", id="00 edit"),
        pytest.param("DELETE FROM audit_event WHERE seq = 5", id="01 remove"),
        pytest.param("DELETE FROM audit_event", id="02 empty"),
        pytest.param("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 2", id="03 replace"),
        pytest.param(
            "INSERT INTO audit_event SELECT 9, at, action, actor, project, subject, detail, previous, digest"
            " FROM audit_event WHERE seq = 2",
            id="04 leave a gap",
        ),
        pytest.param("UPDATE audit_head SET events = 4", id="05 put the head back"),
        pytest.param("UPDATE audit_head SET digest = ''", id="06 change the head in place"),
        pytest.param("DELETE FROM audit_head", id="07 remove the head"),
        pytest.param("INSERT INTO audit_head VALUES (2, 4, '', '')", id="08 second head"),
        pytest.param("INSERT OR REPLACE INTO audit_head VALUES (1, 4, '', '')", id="09 replace the head"),
    ],
)
def test_the_database_refuses_changes(database: Database, attack: str) -> None:
    log = filled(database)
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(text(attack))
    assert log.verify().events == 5
