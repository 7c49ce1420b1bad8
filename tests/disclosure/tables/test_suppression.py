"""Protected tables keep their promise, whatever the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure.tables.audit import Promise, intervals, narrow
from hdh_jupyter.disclosure.tables.completion import completed
from hdh_jupyter.disclosure.tables.suppression import Unprotectable, costs, protect, published
from hdh_jupyter.disclosure.tables.system import Equation, System

from .test_audit import crossed

PROMISE = Promise(1, 11, 11)


def tables(least: int = 0, most: int = 60) -> st.SearchStrategy[np.ndarray]:
    return st.tuples(st.integers(3, 5), st.integers(3, 5)).flatmap(
        lambda shape: st.lists(
            st.integers(least, most), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
        ).map(lambda cells: np.array(cells).reshape(shape))
    )


def shown(inner: np.ndarray) -> System:
    return crossed(inner, np.zeros(inner.shape, bool))


def mask(system: System, cells: frozenset[int]) -> np.ndarray:
    made = np.zeros(len(system.low), bool)
    made[list(cells)] = True
    return made


@settings(deadline=None, max_examples=40)
@given(tables(), st.sampled_from([0.0, 3.0]))
def test_what_is_protected_passes_its_own_audit(inner: np.ndarray, seconds: float) -> None:
    system = shown(inner)
    try:
        pattern = protect(system, costs(system.low), PROMISE, seconds)
    except Unprotectable:
        # Too few counts that could move: the whole table is nearly empty.
        assert (inner > 0).sum() < inner.size
        return
    small = set(np.flatnonzero((system.low > 0) & (system.low < 11)).tolist())
    assert small <= pattern.cells
    assert narrow(published(system, system.low, mask(system, pattern.cells)), PROMISE) == {}
    assert pattern.cost == pytest.approx(costs(system.low)[list(pattern.cells)].sum())


@settings(deadline=None, max_examples=20)
@given(tables(least=1), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_change_the_least_cost(inner: np.ndarray, random: object) -> None:
    def cost(table: np.ndarray) -> float | None:
        system = shown(table)
        try:
            found = protect(system, costs(system.low), PROMISE, 20)
        except Unprotectable:
            return None
        return found.cost if found.proven_optimal else None

    rows, columns = list(range(inner.shape[0])), list(range(inner.shape[1]))
    random.shuffle(rows)  # type: ignore[attr-defined]
    random.shuffle(columns)  # type: ignore[attr-defined]
    here, there, across = cost(inner), cost(inner[rows][:, columns]), cost(inner.T)
    if None not in (here, there, across):
        assert there == pytest.approx(here)
        assert across == pytest.approx(here)


def test_the_exact_program_is_never_dearer_and_can_be_cheaper() -> None:
    draw = np.random.default_rng(4)
    saved = 0.0
    for _ in range(6):
        system = shown(draw.poisson(draw.gamma(0.8, 60, (8, 8))))
        quick = protect(system, costs(system.low), PROMISE, 0)
        exact = protect(system, costs(system.low), PROMISE, 20)
        assert exact.cost <= quick.cost + 1e-6
        saved += quick.cost - exact.cost
    assert saved > 0


def test_the_same_table_gives_the_same_pattern() -> None:
    system = shown(np.random.default_rng(2).poisson(40, (10, 8)) // 3)
    first, again = (protect(system, costs(system.low), PROMISE, 20) for _ in range(2))
    assert first == again


def test_one_contributor_does_not_protect_another() -> None:
    """A row of which two cells are hidden, one of them of one person: that person subtracts themselves."""
    inner = np.array([[1, 9, 50], [40, 35, 60], [30, 44, 52]])
    system = shown(inner)
    weights = np.ones(16)
    weights[[4, 5]] = 0.1
    cheap = protect(system, weights, PROMISE, 0)
    apart = protect(system, weights, PROMISE, 0, singletons=[0])
    assert cheap.cells < apart.cells or apart.cost >= cheap.cost
    for pattern, derived in ((apart, False),):
        left = published(system, system.low, mask(system, pattern.cells))
        low, high = left.low.copy(), left.high.copy()
        low[0] = high[0] = 1
        found = intervals(System(low, high, left.equations))
        assert (1 not in found or found[1].low == found[1].high) is derived


def test_a_cell_that_was_hidden_stays_hidden() -> None:
    inner = np.array([[120, 130, 20], [25, 40, 90], [60, 31, 38]])
    hidden = np.zeros(inner.shape, bool)
    hidden[1, 0] = True
    system = crossed(inner, hidden)
    assert completed(system)[4] == 25
    pattern = protect(system, costs(completed(system)), PROMISE, 5)
    assert 4 in pattern.cells
    assert narrow(published(system, completed(system), mask(system, pattern.cells)), PROMISE) == {}


def test_a_table_that_cannot_be_protected() -> None:
    # One count in its column and its row, all others 0 and shown: nothing can move.
    system = System(np.array([5.0, 0.0, 5.0]), np.array([5.0, 0.0, 5.0]), (Equation((0, 1), 2),))
    pattern = protect(system, np.ones(3), PROMISE, 0)
    assert pattern.cells == {0, 2}
    fixed = System(np.array([5.0, 5.0, 0.0]), np.array([5.0, 5.0, 0.0]), (Equation((0, 2), 1), Equation((1, 2), 0)))
    assert protect(fixed, np.ones(3), PROMISE, 0).cells == {0, 1}


@settings(deadline=None, max_examples=30)
@given(tables(most=30), st.data())
def test_the_completion_fits_what_is_shown(inner: np.ndarray, data: st.DataObject) -> None:
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=inner.size, max_size=inner.size))).reshape(inner.shape)
    system = crossed(inner, hidden)
    found = completed(system)
    assert (found >= system.low - 1e-6).all()
    assert (found <= system.high + 1e-6).all()
    for equation in system.equations:
        assert found[list(equation.parts)].sum() == pytest.approx(found[equation.total])
