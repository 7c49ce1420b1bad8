"""`hdh-jupyter traffic`."""

from __future__ import annotations

import time

import pytest

from hdh_jupyter.metering.budgets import MB
from hdh_jupyter.metering.requests import RequestState, TrafficRequests
from hdh_jupyter.metering.usage import Counted, Flow, UsageStore
from hdh_jupyter.metering.window import bucket_of

from .conftest import Terminal

WHY = "Comparer les cartes des cent départements."


def requests(hdh: Terminal) -> TrafficRequests:
    return TrafficRequests(hdh.database, hdh.audit)


@pytest.fixture
def asked(peopled: Terminal) -> Terminal:
    """A platform on which nadia asked for more, and then ada."""
    requests(peopled).ask("flu", "nadia", WHY)
    requests(peopled).ask("flu", "ada", WHY)
    return peopled


def test_nothing_to_show_is_said(hdh: Terminal) -> None:
    assert hdh("traffic", "show").out == "Nothing was displayed today, and no request waits.\n"
    assert hdh.json("traffic", "show") == {"traffic": [], "requests": []}


def test_figures_and_waiting_requests_are_shown(asked: Terminal) -> None:
    flow = Flow("flu", "nadia", "kernel", "out")
    UsageStore(asked.database, asked.audit).keep(Counted({(bucket_of(time.time()), flow): 12_340_000}, ()))
    shown = asked("traffic", "show").out
    assert "PROJECT  ACCOUNT  LAST HOUR (MB)  TODAY (MB)  GRANTED TODAY (MB)" in shown
    assert "flu      nadia    12.3            12.3        0.0" in shown
    assert WHY in shown
    told = asked.json("traffic", "show")
    assert told["traffic"] == [
        {"project": "flu", "person": "nadia", "hour": 12_340_000, "day": 12_340_000, "granted": 0}
    ]
    assert [(r["id"], r["person"], r["state"]) for r in told["requests"]] == [
        (1, "nadia", "pending"),
        (2, "ada", "pending"),
    ]


def test_a_grant_is_given_and_taken_back_in_somebodys_name(asked: Terminal) -> None:
    outcome = asked("traffic", "grant", "1", "--megabytes=300", "--comment=Once.", "--as=ada")
    assert (outcome.status, outcome.out) == (0, "nadia is granted 300 MB more in project flu, until midnight.\n")
    [request] = requests(asked).of("flu", "nadia")
    assert (request.state, request.amount, request.decided_by) == (RequestState.GRANTED, 300 * MB, "ada")
    assert asked.json("traffic", "show")["traffic"][0]["granted"] == 300 * MB
    assert asked("traffic", "undo", "1").status == 0
    assert asked("traffic", "refuse", "1", "--comment=Too much.", "--as=ada").status == 0
    assert requests(asked).of("flu", "nadia")[0].comment == "Too much."
    events = asked.events()[-3:]
    assert [event.action for event in events] == ["traffic.granted", "traffic.undone", "traffic.refused"]
    assert [event.actor.partition(":")[0] for event in events] == ["ada", "os", "ada"]
    assert all(event.detail["account"] for event in events)


@pytest.mark.parametrize(
    ("case", "words", "code"),
    [
        ("00", ("grant", "2", "--megabytes=5", "--as=ada"), "metering.own_request"),
        ("01", ("grant", "1", "--megabytes=5", "--as=omar"), "admin.not_an_admin"),
        ("02", ("grant", "1", "--megabytes=0"), "metering.bad_amount"),
        ("03", ("grant", "1", "--megabytes=many"), "admin.usage"),
        ("04", ("grant", "1"), "admin.usage"),
        ("05", ("grant", "9", "--megabytes=5"), "metering.unknown_request"),
        ("06", ("refuse", "1"), "admin.usage"),
        ("07", ("refuse", "1", "--comment= "), "admin.empty_text"),
        ("08", ("undo", "1"), "metering.not_granted"),
        ("09", ("undo", "x"), "admin.usage"),
    ],
)
def test_what_cannot_be_decided_changes_nothing(asked: Terminal, case: str, words: tuple[str, ...], code: str) -> None:
    events = asked.events()
    outcome = asked("traffic", *words)
    assert (outcome.status, outcome.code) == (1, code)
    assert asked.events() == events
    assert len(requests(asked).pending()) == 2
