"""What the database keeps."""

from __future__ import annotations

import time

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.metering.budgets import MB, Budgets, Limits
from hdh_jupyter.metering.meter import Meter, State
from hdh_jupyter.metering.usage import Counted, Flow, UsageStore
from hdh_jupyter.metering.window import BUCKET, bucket_of

ADA = Flow("vega", "ada", "kernel", "out")
ROOM = Flow("vega", "ada", "room", "out")
LIMITS = Limits(1000, 3000, 5000, 0.8)


@pytest.fixture
def audit(database: Database) -> AuditLog:
    return AuditLog(database, bytes(32))


@pytest.fixture
def store(database: Database, audit: AuditLog) -> UsageStore:
    return UsageStore(database, audit)


def test_a_meter_is_found_again_as_it_was(store: UsageStore) -> None:
    now = time.time()
    bucket = bucket_of(now)
    store.keep(Counted({(bucket, ADA): 300, (bucket, ROOM): 200}, ()))
    store.keep(Counted({(bucket, ADA): 350, (bucket, Flow("vega", "ada", "room", "in")): 10**9}, ()))
    found = store.meter(LIMITS, now).standing("vega", "ada", now)
    assert found.hour.used == 850
    assert found.state is State.WARNING
    assert store.meter(LIMITS, now, "lyra").standing("lyra", "ada", now).hour.used == 0


def test_totals_grow_and_outlive_the_figures(store: UsageStore) -> None:
    now = time.time()
    store.keep(Counted({(bucket_of(now) - 40 * 288, ADA): 5, (bucket_of(now), ADA): 7}, ()))
    store.forget(35, now)
    assert store.totals() == {ADA: 12}
    assert store.history("vega", "ada", now - 90 * 86_400) == {(bucket_of(now), "kernel"): 7}


def test_figures_and_alerts_are_kept_together_or_not_at_all(store: UsageStore, audit: AuditLog) -> None:
    now = time.time()
    meter = Meter(LIMITS)
    crossings = meter.charge("vega", "ada", 1000, now)
    assert crossings
    counted = Counted({(bucket_of(now), ADA): 1000}, crossings)

    def broken(*_: object, **__: object) -> int:
        raise OSError("disk full")

    kept, audit.append = audit.append, broken  # type: ignore[assignment, method-assign]
    with pytest.raises(OSError, match="disk full"):
        store.keep(counted)
    audit.append = kept  # type: ignore[method-assign]
    assert store.totals() == {}
    store.keep(counted)
    [event] = audit.tail(5)
    assert (event.action, event.actor, event.project) == ("traffic.cut", "ada", "vega")
    assert event.detail == {"window": "hour", "used": 1000, "limit": 1000}
    assert audit.verify().ok


def test_a_message_of_a_large_notebook_leaves_room_in_the_default_budget() -> None:
    meter, now = Meter(Budgets().limits), 10**9 // BUCKET * BUCKET
    for _ in range(8):
        assert meter.charge("vega", "ada", 20 * MB, now) is not None
    assert meter.standing("vega", "ada", now).state is State.WARNING
