"""Requests for more, and what becomes of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError
from hdh_jupyter.metering.budgets import MB, Limits
from hdh_jupyter.metering.requests import MOST_A_DAY, RequestState, TrafficRequests
from hdh_jupyter.metering.usage import Counted, Flow, UsageStore
from hdh_jupyter.metering.window import bucket_of

NOON = datetime(2026, 5, 12, 12, 0).timestamp()
WHY = "Contrôle des cartes des cent départements."
LIMITS = Limits(10 * MB, 30 * MB, 50 * MB, 0.8)


class Desk:
    """Requests and figures under a clock that stands where it is put."""

    def __init__(self, database: Database) -> None:
        self.now = NOON
        self.audit = AuditLog(database, bytes(32))
        self.usage = UsageStore(database, self.audit)
        self.requests = TrafficRequests(database, self.audit, lambda: self.now)

    def use(self, size: int, person: str = "ada") -> None:
        flow = Flow("vega", person, "kernel", "out")
        self.usage.keep(Counted({(bucket_of(self.now), flow): size}, ()))

    def limit(self, person: str = "ada") -> int:
        return self.usage.meter(LIMITS, self.now).standing("vega", person, self.now).hour.limit


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_grant_holds_for_the_person_until_the_end_of_the_day(desk: Desk) -> None:
    asked = desk.requests.ask("vega", "ada", f"  {WHY}\r\n")
    assert (asked.state, asked.reason) == (RequestState.PENDING, WHY)
    granted = desk.requests.grant(asked.id, "otto", 5 * MB, "Une fois.")
    assert (granted.amount, granted.day, granted.decided_by) == (5 * MB, date.fromtimestamp(NOON), "otto")
    assert (desk.limit(), desk.limit("bob")) == (15 * MB, 10 * MB)
    desk.now += timedelta(days=1).total_seconds()
    assert desk.limit() == 10 * MB
    assert [event.action for event in desk.audit.tail(9)] == ["traffic.requested", "traffic.granted"]
    assert WHY not in str(desk.audit.tail(9))


def test_a_grant_is_undone_while_nothing_of_it_was_used(desk: Desk) -> None:
    desk.use(9 * MB)
    asked = desk.requests.ask("vega", "ada", WHY)
    desk.requests.grant(asked.id, "otto", 5 * MB)
    assert [undoable for _, undoable in desk.requests.decided(5)] == [True]
    assert desk.requests.undo(asked.id, "olga").state is RequestState.PENDING
    assert desk.limit() == 10 * MB
    desk.requests.grant(asked.id, "otto", 5 * MB)
    desk.use(1)
    assert [undoable for _, undoable in desk.requests.decided(5)] == [False]
    with pytest.raises(PublicError) as caught:
        desk.requests.undo(asked.id, "otto")
    assert caught.value.code == "metering.already_used"
    assert desk.limit() == 15 * MB
    assert desk.audit.tail(2)[0].action == "traffic.undone"


@pytest.mark.parametrize(
    ("case", "state", "do", "by", "code"),
    [
        ("00", "pending", "grant", "otto", None),
        ("01", "pending", "refuse", "otto", None),
        ("02", "pending", "undo", "otto", "metering.not_granted"),
        ("03", "granted", "grant", "otto", "metering.not_pending"),
        ("04", "granted", "refuse", "otto", "metering.not_pending"),
        ("05", "granted", "undo", "otto", None),
        ("06", "granted", "undo", "olga", None),
        ("07", "refused", "grant", "otto", "metering.not_pending"),
        ("08", "refused", "refuse", "otto", "metering.not_pending"),
        ("09", "refused", "undo", "otto", "metering.not_granted"),
        ("10", "pending", "grant", "ada", "metering.own_request"),
        ("11", "pending", "refuse", "ada", "metering.own_request"),
        ("12", "granted", "undo", "ada", "metering.own_request"),
        ("13", "none", "grant", "otto", "metering.unknown_request"),
        ("14", "none", "refuse", "otto", "metering.unknown_request"),
        ("15", "none", "undo", "otto", "metering.unknown_request"),
    ],
)
def test_what_can_be_decided(desk: Desk, case: str, state: str, do: str, by: str, code: str | None) -> None:
    number = 99 if state == "none" else desk.requests.ask("vega", "ada", WHY).id
    if state == "granted":
        desk.requests.grant(number, "otto", MB)
    elif state == "refused":
        desk.requests.refuse(number, "otto", "Non.")
    acts = {
        "grant": lambda: desk.requests.grant(number, by, MB),
        "refuse": lambda: desk.requests.refuse(number, by, "Trop."),
        "undo": lambda: desk.requests.undo(number, by),
    }
    events = len(desk.audit.tail(9))
    if code is None:
        acts[do]()
        assert len(desk.audit.tail(9)) == events + 1
    else:
        with pytest.raises(PublicError) as caught:
            acts[do]()
        assert caught.value.code == code
        assert len(desk.audit.tail(9)) == events


@pytest.mark.parametrize(
    ("case", "reason", "code"),
    [
        ("00", "", "metering.bad_reason"),
        ("01", "  trop peu  ", "metering.bad_reason"),
        ("02", "x" * 1001, "metering.too_long"),
        ("03", "\x1b\x00\u202e" * 20, "metering.bad_reason"),
    ],
)
def test_a_reason_is_a_sentence(desk: Desk, case: str, reason: str, code: str) -> None:
    with pytest.raises(PublicError) as caught:
        desk.requests.ask("vega", "ada", reason)
    assert caught.value.code == code
    assert desk.requests.of("vega", "ada") == ()


@pytest.mark.parametrize("amount", [0, -MB, MB - 1, 10**10 + 1])
def test_an_amount_is_bounded(desk: Desk, amount: int) -> None:
    asked = desk.requests.ask("vega", "ada", WHY)
    with pytest.raises(PublicError) as caught:
        desk.requests.grant(asked.id, "otto", amount)
    assert caught.value.code == "metering.bad_amount"


def test_one_request_waits_at_a_time_and_a_day_has_ten(desk: Desk) -> None:
    for _ in range(MOST_A_DAY):
        asked = desk.requests.ask("vega", "ada", WHY)
        with pytest.raises(PublicError) as caught:
            desk.requests.ask("vega", "ada", WHY)
        assert caught.value.code == "metering.already_pending"
        desk.requests.refuse(asked.id, "otto", "Non.")
    with pytest.raises(PublicError) as caught:
        desk.requests.ask("vega", "ada", WHY)
    assert caught.value.code == "metering.too_many_requests"
    assert desk.requests.ask("vega", "bob", WHY).id == desk.requests.pending()[0].id
    desk.now += timedelta(days=1).total_seconds()
    desk.requests.ask("vega", "ada", WHY)
    assert [each.person for each in desk.requests.pending()] == ["bob", "ada"]
