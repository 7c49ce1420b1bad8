"""The sliding hour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.metering.window import BUCKET, SPAN, SlidingHour, bucket_of

moments = st.integers(0, 5 * 3600)
uses = st.lists(st.tuples(moments, st.integers(0, 1000)), max_size=60).map(sorted)


@given(uses, moments)
def test_the_hour_holds_all_of_the_last_sixty_minutes_and_nothing_older_than_sixty_five(
    used: list[tuple[int, int]], later: int
) -> None:
    hour = SlidingHour()
    now = (used[-1][0] if used else 0) + later
    for at, size in used:
        hour.add(bucket_of(at), size)
    counted = hour.used(bucket_of(now))
    assert counted >= sum(size for at, size in used if at > now - 3600)
    assert counted <= sum(size for at, size in used if at > now - 3600 - BUCKET)


@given(uses, st.integers(1, 5000))
def test_below_is_the_first_bucket_with_less_than_the_limit(used: list[tuple[int, int]], limit: int) -> None:
    hour, twin = SlidingHour(), SlidingHour()
    for at, size in used:
        hour.add(bucket_of(at), size)
        twin.add(bucket_of(at), size)
    now = bucket_of(used[-1][0]) if used else 0
    hour.used(now)
    free = hour.below(limit)
    if free is None:
        assert twin.used(now) < limit
    else:
        assert twin.used(free - 1) >= limit
        assert twin.used(free) < limit


def test_a_clock_that_is_put_back_loses_nothing() -> None:
    hour = SlidingHour()
    hour.add(100, 5)
    hour.add(90, 7)
    assert hour.used(100) == 12
    assert hour.used(100 + SPAN - 1) == 12
    assert hour.used(100 + SPAN) == 0
