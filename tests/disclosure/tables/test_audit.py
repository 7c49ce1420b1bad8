"""The attacker's interval against brute force, and against what others published."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure.tables.audit import Inconsistent, Interval, Promise, intervals, narrow
from hdh_jupyter.disclosure.tables.system import Equation, System

PROMISE = Promise(1, 11, 11)


def crossed(inner: np.ndarray, hidden: np.ndarray, high: float = np.inf) -> System:
    """Return a table of two dimensions with its totals; `hidden` are cells of the inside."""
    rows, columns = inner.shape
    full = np.zeros((rows + 1, columns + 1))
    full[:rows, :columns] = inner
    full[rows, :columns] = inner.sum(axis=0)
    full[:, columns] = full[:, :columns].sum(axis=1)
    mask = np.zeros(full.shape, bool)
    mask[:rows, :columns] = hidden
    number = np.arange(full.size).reshape(full.shape)
    equations = [Equation(tuple(number[r, :columns]), int(number[r, columns])) for r in range(rows + 1)]
    equations += [Equation(tuple(number[:rows, c]), int(number[rows, c])) for c in range(columns + 1)]
    low, high_bounds = np.where(mask, 0, full), np.where(mask, high, full)
    return System(low.ravel(), high_bounds.ravel(), tuple(equations))


@st.composite
def small_tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = draw(st.integers(2, 3)), draw(st.integers(2, 3))
    count = st.integers(0, 4)
    inner = np.array(draw(st.lists(count, min_size=rows * columns, max_size=rows * columns))).reshape(rows, columns)
    hidden = np.array(draw(st.lists(st.booleans(), min_size=inner.size, max_size=inner.size))).reshape(inner.shape)
    return inner, hidden


@settings(deadline=None, max_examples=60)
@given(small_tables())
def test_the_interval_is_the_one_that_brute_force_finds(table: tuple[np.ndarray, np.ndarray]) -> None:
    inner, hidden = table
    found = intervals(crossed(inner, hidden))
    places = np.argwhere(hidden)
    seen: dict[int, set[int]] = {}
    limits = [range(int(min(inner[r, hidden[r]].sum(), inner[hidden[:, c], c].sum())) + 1) for r, c in places]
    for values in itertools.product(*limits):
        other = inner.copy()
        other[hidden] = values
        same_rows = (other.sum(axis=1) == inner.sum(axis=1)).all()
        if same_rows and (other.sum(axis=0) == inner.sum(axis=0)).all():
            for (r, c), value in zip(places, values, strict=True):
                seen.setdefault(int(r * (inner.shape[1] + 1) + c), set()).add(value)
    assert found == {cell: Interval(min(values), max(values)) for cell, values in seen.items()}


@settings(deadline=None, max_examples=60)
@given(small_tables())
def test_the_truth_is_inside_and_the_decision_is_the_one_of_the_intervals(
    table: tuple[np.ndarray, np.ndarray],
) -> None:
    inner, hidden = table
    system = crossed(inner * 3, hidden)
    found = intervals(system)
    width = inner.shape[1] + 1
    for (r, c), value in np.ndenumerate(inner * 3):
        if hidden[r, c]:
            assert found[r * width + c].low <= value <= found[r * width + c].high
    stated = Interval(0, float("inf"))
    assert narrow(system, PROMISE) == {c: i for c, i in found.items() if PROMISE.broken(i, stated)}


def test_every_row_and_column_has_two_hidden_cells_and_yet_one_is_known() -> None:
    """The trap of sdcTable's own documentation: the cell of 47 can be computed."""
    inner = np.array([[20, 50, 10], [8, 19, 22], [17, 32, 12]])
    hidden = np.array([[True, True, False], [True, True, False], [False, False, False]])
    assert narrow(crossed(inner, hidden), PROMISE).keys() == set()
    # Known besides, as from an earlier release: one corner of the square.
    system = crossed(inner, hidden)
    system.low[0] = system.high[0] = 20
    assert {c: (i.low, i.high) for c, i in intervals(system).items()} == {1: (50, 50), 4: (8, 8), 5: (19, 19)}


DECISIONS = {
    "00 wide enough": (Interval(0, 20), Interval(0, np.inf), False),
    "01 from 1 to the threshold": (Interval(1, 11), Interval(0, np.inf), False),
    "02 not above 10": (Interval(0, 10), Interval(0, np.inf), True),
    "03 not below 2": (Interval(2, 40), Interval(0, np.inf), True),
    "04 exactly": (Interval(4, 4), Interval(0, np.inf), True),
    "05 large for sure": (Interval(11, 12), Interval(0, np.inf), False),
    "06 zero for sure": (Interval(0, 0), Interval(0, np.inf), False),
    "07 what the mark says": (Interval(1, 10), Interval(1, 10), False),
    "08 less than the mark says": (Interval(1, 9), Interval(1, 10), True),
    "09 without limit": (Interval(0, np.inf), Interval(0, np.inf), False),
}


@pytest.mark.parametrize(("found", "stated", "broken"), DECISIONS.values(), ids=DECISIONS)
def test_what_breaks_the_promise(found: Interval, stated: Interval, broken: bool) -> None:
    assert PROMISE.broken(found, stated) is broken


def test_a_table_that_cannot_be() -> None:
    inner = np.array([[5, 5], [5, 5]])
    system = crossed(inner, np.array([[True, True], [False, False]]))
    system.low[2] = system.high[2] = 3
    with pytest.raises(Inconsistent):
        intervals(system)
