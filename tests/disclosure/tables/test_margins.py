"""A table as text, with cells hidden, rounded or shown beside their share: the truth is always inside the interval."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure.tables.audit import Inconsistent, given_away_by, intervals
from hdh_jupyter.disclosure.tables.margins import crossed, known

from .test_suppression import tables

CELLS = {
    "12": (12, 12),
    "1 234": (1234, 1234),
    "1,234": (1234, 1234),
    "12 (5 %)": (12, 12),
    "<11": (1, 10),
    "≤ 5": (1, 5),
    "c": (0, float("inf")),
    "c (5 %)": (0, float("inf")),
    "": (0, float("inf")),
    "n.d.": (0, float("inf")),
    "Secret statistique": (0, float("inf")),
    "4 patients": (4, 4),
    "Rennes": None,
    "12,5": None,
    "-3": None,
}


@pytest.mark.parametrize(("cell", "expected"), CELLS.items(), ids=CELLS)
def test_what_a_cell_says(cell: str, expected: tuple[float, float] | None) -> None:
    assert known(cell) == expected


def written(inner: np.ndarray, hidden: np.ndarray, transposed: bool) -> tuple[list[str], list[list[str]], np.ndarray]:
    """Return a table with totals as titles and rows of text, and its true counts."""
    full = np.vstack([inner, inner.sum(axis=0)])
    full = np.hstack([full, full.sum(axis=1, keepdims=True)])
    mask = np.zeros(full.shape, bool)
    mask[:-1, :-1] = hidden
    if transposed:
        full, mask = full.T, mask.T
    titles = ["zone", *(f"v{i}" for i in range(full.shape[1] - 1)), "Total"]
    rows = [
        [f"Z{r}" if r < full.shape[0] - 1 else "Total", *("c" if mask[r, c] else str(n) for c, n in enumerate(row))]
        for r, row in enumerate(full.tolist())
    ]
    return titles, rows, full


@settings(deadline=None, max_examples=40)
@given(tables(least=1), st.data(), st.booleans())
def test_the_truth_is_inside_for_any_pattern_and_either_way_round(
    inner: np.ndarray, data: st.DataObject, transposed: bool
) -> None:
    hidden = np.array(data.draw(st.lists(st.booleans(), min_size=inner.size, max_size=inner.size))).reshape(inner.shape)
    titles, rows, truth = written(inner, hidden, transposed)
    made = crossed(titles, rows, range(1, len(titles)))
    assert made is not None
    try:
        found = intervals(made.system)
    except Inconsistent:
        # Too little is shown to tell totals of rows from totals of groups of rows.
        assert hidden.mean() > 0.3
        return
    for cell, interval in found.items():
        row, column = made.places[cell]
        assert interval.low <= truth[row, column - 1] <= interval.high


@settings(deadline=None, max_examples=25)
@given(tables(least=20, most=300), st.sampled_from([5, 10]))
def test_the_truth_is_inside_when_figures_are_rounded(inner: np.ndarray, base: int) -> None:
    hidden = np.zeros(inner.shape, bool)
    hidden[0, 0] = hidden[1, 1] = True
    titles, rows, truth = written(inner, hidden, transposed=False)
    rows = [
        [row[0], *(cell if cell == "c" else str(int(base * np.floor(int(cell) / base + 0.5))) for cell in row[1:])]
        for row in rows
    ]
    made = crossed(titles, rows, range(1, len(titles)))
    if made is None or made.base == 1:
        # By chance it adds up nearly everywhere.
        return
    for cell, interval in intervals(made.system).items():
        row, column = made.places[cell]
        assert interval.low <= truth[row, column - 1] <= interval.high


def test_brute_force_on_three_ways() -> None:
    """Two by two by two with all margins, four cells hidden: what is possible is what can be counted out."""
    inner = np.array([[[3, 9], [7, 4]], [[8, 5], [2, 6]]])
    cells = {}
    for r, s, a in itertools.product("ABT", "FHT", "xyT"):
        where = tuple(
            slice(None) if one == "T" else (codes.index(one))
            for one, codes in zip((r, s, a), ("AB", "FH", "xy"), strict=True)
        )
        cells[r, s, a] = int(inner[where].sum())
    hidden = {("A", "F", "x"), ("A", "F", "y"), ("A", "H", "x"), ("A", "H", "y"), ("A", "F", "T"), ("A", "H", "T")}
    hidden |= {("B", *rest) for _, *rest in hidden}
    names = {"A": "A", "B": "B", "F": "F", "H": "H", "x": "0-17", "y": "18+", "T": "Total"}
    rows = [[*(names[c] for c in codes), "c" if codes in hidden else str(n)] for codes, n in cells.items()]
    made = crossed(["region", "sexe", "age", "n"], rows, [3])
    assert made is not None
    seen: dict[tuple[str, str, str], set[int]] = {}
    margins = {codes: n for codes, n in cells.items() if codes not in hidden}
    for values in itertools.product(*(range(24) for _ in range(3))):
        # Three cells, and the margins that are shown give the five others.
        fx, fy, hx = values
        a = np.array([[fx, fy], [hx, margins["A", "T", "T"] - fx - fy - hx]])
        both = np.array(
            [[margins["T", "F", "x"], margins["T", "F", "y"]], [margins["T", "H", "x"], margins["T", "H", "y"]]]
        )
        b = both - a
        if (a < 0).any() or (b < 0).any() or fx + hx != margins["A", "T", "x"]:
            continue
        for r, table in (("A", a), ("B", b)):
            for (i, s), (j, age) in itertools.product(enumerate("FH"), enumerate("xy")):
                seen.setdefault((r, s, age), set()).add(int(table[i, j]))
    found = {tuple(cells)[made.places[cell][0]]: (i.low, i.high) for cell, i in intervals(made.system).items()}
    assert {codes: found[codes] for codes in seen} == {codes: (min(own), max(own)) for codes, own in seen.items()}


def test_the_totals_that_give_a_cell_away_are_told() -> None:
    made = crossed(["zone", "F", "H", "Total"], [["A", "120", "130", "250"], ["B", "c", "25", "31"]], [1, 2, 3])
    assert made is not None
    assert given_away_by(made.system, [3]) == {3: (5,)}
