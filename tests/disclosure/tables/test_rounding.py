"""Rounded tables add up and stay near; a table is taken for rounded only where that is no coincidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure.tables.rounding import base_of, nearest, rounded
from hdh_jupyter.disclosure.tables.system import Equation

from .test_suppression import shown, tables


@settings(deadline=None, max_examples=25)
@given(tables(most=400), st.sampled_from([5, 10]))
def test_controlled_rounding(inner: np.ndarray, base: int) -> None:
    system = shown(inner)
    found = rounded(system.low, system.equations, base, 11, 10)
    assert (found % base == 0).all()
    for equation in system.equations:
        assert found[list(equation.parts)].sum() == found[equation.total]
    small = (system.low > 0) & (system.low < 11)
    assert (found[small] < 11).all()
    assert (found[system.low >= 11] >= 11).all()
    assert (found[system.low == 0] == 0).all()
    # Keeping small counts small takes more than the next multiple at times.
    assert (np.abs(found - system.low) < 4 * base).all()


def test_what_fits_already_stays() -> None:
    counts = np.array([20.0, 30.0, 50.0])
    assert rounded(counts, (Equation((0, 1), 2),), 10, 11, 5).tolist() == counts.tolist()


DETECTED = {
    "00 too few": ([10, 20, 30], False, 1),
    "01 does not add up": ([120, 130, 260, 90, 80], False, 10),
    "02 fives": ([125, 130, 260, 90, 80], False, 5),
    "03 not all": ([125, 130, 260, 90, 81], False, 1),
    "04 adds up, few": ([100, 200, 300, 400, 1000], True, 1),
    "05 adds up, many": (list(range(15, 135, 5)), True, 5),
    "06 adds up, a dozen tens": (list(range(20, 140, 10)), True, 10),
    "07 adds up, a dozen fives": (list(range(15, 75, 5)), True, 1),
}


@pytest.mark.parametrize(("counts", "additive", "expected"), DETECTED.values(), ids=DETECTED)
def test_what_counts_are_rounded_to(counts: list[int], additive: bool, expected: int) -> None:
    cells = np.array(counts, float)
    assert base_of(cells, cells, additive=additive) == expected


def test_a_title_that_says_so() -> None:
    cells = np.array([10.0, 20, 30, 40, 100])
    assert base_of(cells, cells, ["zone", "Effectif arrondi"], additive=True) == 10


def test_the_nearest_multiple_keeps_what_is_large_large() -> None:
    assert nearest(np.array([4.0, 11, 12, 14, 15, 254]), 10, 11).tolist() == [0, 20, 20, 20, 20, 250]
