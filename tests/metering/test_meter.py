"""Budgets: what passes, what is cut, until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.metering.budgets import Limits
from hdh_jupyter.metering.meter import Crossing, Meter, State, Window, day_around
from hdh_jupyter.metering.window import BUCKET, bucket_of

NOON = datetime(2026, 5, 12, 12, 0).timestamp()
LIMITS = Limits(hour=1000, day=3000, project_day=5000, soft_share=0.8)

people = st.sampled_from(["ada", "bob", "eve"])
messages = st.lists(st.tuples(people, st.integers(0, 900), st.integers(0, 1500)), max_size=150)
"""Person, seconds since the message before, bytes."""


def play(told: list[tuple[str, int, int]]) -> tuple[list[tuple[str, float, int]], Meter, float]:
    """Charge the messages and return those that passed."""
    meter, now, passed = Meter(LIMITS), NOON, []
    for person, later, size in told:
        now += later
        if meter.charge("vega", person, size, now) is not None:
            passed.append((person, now, size))
    return passed, meter, now


@given(messages)
def test_never_more_than_a_limit_and_one_message_pass(told: list[tuple[str, int, int]]) -> None:
    passed, _, _ = play(told)
    largest = max((size for _, _, size in passed), default=0)
    for person, now, _ in passed:
        own = [(at, size) for name, at, size in passed if name == person]
        assert sum(size for at, size in own if now - 3600 < at <= now) <= LIMITS.hour + largest
        midnight = day_around(now)[0]
        assert sum(size for at, size in own if midnight <= at <= now) <= LIMITS.day + largest
        assert sum(size for _, at, size in passed if midnight <= at <= now) <= LIMITS.project_day + largest


@given(messages)
def test_what_is_shown_as_used_is_what_passed(told: list[tuple[str, int, int]]) -> None:
    passed, meter, now = play(told)
    midnight = day_around(now)[0]
    for person in ("ada", "bob", "eve"):
        standing = meter.standing("vega", person, now)
        assert standing.day.used == sum(size for name, at, size in passed if name == person and at >= midnight)
        assert standing.project_day.used == sum(size for _, at, size in passed if at >= midnight)


@given(messages, st.sampled_from(["ada", "bob"]), st.integers(0, 5000))
def test_more_is_never_worse(told: list[tuple[str, int, int]], person: str, extra: int) -> None:
    _, meter, now = play(told)
    before = meter.standing("vega", person, now).state
    meter.grant({("vega", person): extra})
    assert meter.standing("vega", person, now).state <= before
    meter.grant({})
    assert meter.standing("vega", person, now).state == before


@given(messages)
def test_a_state_only_rises_while_time_stands_still(told: list[tuple[str, int, int]]) -> None:
    meter, states = Meter(LIMITS), []
    for person, _, size in told:
        meter.charge("vega", person, size, NOON)
        states.append(meter.standing("vega", "ada", NOON).state)
    assert states == sorted(states)


@given(messages)
def test_something_passes_again_at_the_moment_that_was_told_and_not_before(told: list[tuple[str, int, int]]) -> None:
    _, meter, now = play(told)
    for person in ("ada", "bob", "eve"):
        until = meter.standing("vega", person, now).until
        if until is None:
            assert meter.standing("vega", person, now).state is not State.CUT
        else:
            assert meter.standing("vega", person, until.timestamp() - 1).state is State.CUT
            assert meter.charge("vega", person, 0, until.timestamp()) is not None


@given(messages)
def test_a_restart_changes_nothing(told: list[tuple[str, int, int]]) -> None:
    passed, meter, now = play(told)
    again = Meter(LIMITS)
    for person, at, size in passed:
        again.restore("vega", person, bucket_of(at), size, now)
    for person in ("ada", "bob", "eve"):
        assert again.standing("vega", person, now) == meter.standing("vega", person, now)


def test_each_crossing_is_told_once() -> None:
    meter, told = Meter(LIMITS), []
    for _ in range(12):
        told.extend(meter.charge("vega", "ada", 100, NOON) or ())
    assert [(each.level.window, each.level.state, each.level.used) for each in told] == [
        (Window.HOUR, State.WARNING, 800),
        (Window.HOUR, State.CUT, 1000),
    ]
    assert all(isinstance(each, Crossing) and each.person == "ada" for each in told)


def test_others_and_other_projects_are_not_touched() -> None:
    meter = Meter(LIMITS)
    meter.charge("vega", "ada", 1000, NOON)
    assert meter.charge("vega", "ada", 1, NOON) is None
    assert meter.charge("vega", "bob", 1, NOON) == ()
    assert meter.charge("lyra", "ada", 1, NOON) == ()


def test_the_project_as_a_whole_is_cut_for_everybody_until_midnight() -> None:
    meter = Meter(LIMITS)
    for name in ("p0", "p1", "p2", "p3", "p4"):
        meter.charge("vega", name, 1000, NOON)
    standing = meter.standing("vega", "late", NOON)
    assert standing.tightest.window is Window.PROJECT_DAY
    assert standing.state is State.CUT
    assert standing.until == datetime.fromtimestamp(day_around(NOON)[1], UTC)
    assert meter.charge("vega", "late", 1, NOON) is None
    assert meter.charge("vega", "late", 1, day_around(NOON)[1]) == ()


def test_midnight_ends_days_and_grants_but_not_the_hour() -> None:
    meter, evening = Meter(LIMITS), day_around(NOON)[1] - 60
    meter.grant({("vega", "ada"): 500})
    meter.charge("vega", "ada", 1200, evening)
    assert meter.standing("vega", "ada", evening).state is State.WARNING
    standing = meter.standing("vega", "ada", evening + 120)
    assert (standing.day.used, standing.hour.used, standing.hour.limit) == (0, 1200, 1000)
    assert standing.state is State.CUT
    assert standing.until == datetime.fromtimestamp((bucket_of(evening) + 13) * BUCKET, UTC)


@pytest.mark.parametrize(("case", "used", "state"), [("00", 799, 0), ("01", 800, 1), ("02", 999, 1), ("03", 1000, 2)])
def test_the_borders_of_the_states(case: str, used: int, state: int) -> None:
    meter = Meter(LIMITS)
    meter.charge("vega", "ada", used, NOON)
    assert meter.standing("vega", "ada", NOON).state == state
