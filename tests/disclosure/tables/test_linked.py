"""Tables that say something of the same people are one system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from hdh_jupyter.disclosure.register.model import ReleasedCell, ReleasedTable
from hdh_jupyter.disclosure.tables.audit import Promise, intervals, narrow
from hdh_jupyter.disclosure.tables.linked import join

PROMISE = Promise(1, 11, 11)
SHOWN = int | None


def table(dimensions: Mapping[str, Sequence[str]], counts: Mapping[tuple[str, ...], SHOWN], file: str = "") -> object:
    """Return a table; a category `Total` is summed over, a count of None is hidden."""
    cells = []
    for codes, value in counts.items():
        own = {name: code for name, code in zip(dimensions, codes, strict=True) if code != "Total"}
        cells.append(ReleasedCell(own, 0 if value is None else value, value))
    return ReleasedTable(file, "", {n: tuple(c) for n, c in dimensions.items()}, tuple(cells))


def derived(*tables: object) -> dict[tuple[int, int], tuple[float, float]]:
    """Return what breaks the promise, by table and cell."""
    joined = join(tables)  # type: ignore[arg-type]  # built just above
    found = narrow(joined.system, PROMISE)
    return {place: (i.low, i.high) for cell, i in found.items() for place in joined.sources[cell]}


REGIONS = {"A": (120, 80), "B": (90, 60), "C": (7, 41)}
BY_SEX = {(r, s): n for r, pair in REGIONS.items() for s, n in zip("FH", pair, strict=True)}
HIDDEN = {**BY_SEX, ("C", "F"): None}


def test_a_margin_in_another_table_gives_a_cell_away() -> None:
    inner = table({"region": "ABC", "sexe": "FH"}, HIDDEN)
    margin = table({"region": "ABC"}, {("A",): 200, ("B",): 150, ("C",): 48})
    assert derived(inner) == {}
    assert derived(inner, margin) == {(0, 4): (7, 7)}
    # A margin of other people ties nothing.
    assert derived(inner, table({"region": "ABC"}, {("A",): 260, ("B",): 190, ("C",): 66})) == {}


def test_a_cell_shown_elsewhere_is_known() -> None:
    inner = table({"region": "ABC", "sexe": "FH"}, HIDDEN)
    assert derived(inner, table({"region": "ABC", "sexe": "FH"}, BY_SEX)) == {(0, 4): (7, 7), (1, 4): (7, 7)}


def test_a_table_that_is_the_sum_of_others() -> None:
    rows = {"A": (133, 121), "B": (201, 191), "C": (50, 4), "D": (92, 89)}
    women = table({"region": "ABCD"}, {(r,): None if n[1] < 11 else n[1] for r, n in rows.items()}, "femmes")
    men = table({"region": "ABCD"}, {(r,): n[0] for r, n in rows.items()}, "hommes")
    both = table({"region": "ABCD"}, {(r,): sum(n) for r, n in rows.items()}, "ensemble")
    assert derived(women, men) == {}
    assert derived(women, men, both) == {(0, 2): (4, 4)}


def test_tables_of_other_people_are_left_apart() -> None:
    one = table({"region": "ABC", "sexe": "FH"}, HIDDEN)
    other = table({"region": "ABC", "sexe": "FH"}, {codes: (n or 7) + 31 for codes, n in HIDDEN.items()})
    joined = join([one, other])  # type: ignore[list-item]
    assert all(len(written) == 1 for written in joined.sources)
    assert derived(one, other) == {}


@pytest.mark.parametrize("parent", [True, False], ids=["with the group", "without it"])
def test_nested_categories(parent: bool) -> None:
    codes = {"E10": 40, "E10.1": 25, "E10.9": 15, "E11": 60, "E11.0": 4, "E11.9": 56}
    counts: dict[tuple[str, ...], SHOWN] = {(code,): n for code, n in codes.items()}
    counts["E11.0",] = None
    if not parent:
        del counts["E11",]
    found = derived(table({"diagnostic": [code for (code,) in counts]}, counts))
    assert found == ({(0, 4): (4, 4)} if parent else {})


def test_marks_are_kept_apart_from_what_is_known() -> None:
    marked = ReleasedTable(
        "", "", {"r": ("A", "B")}, (ReleasedCell({"r": "A"}, 1, 10), ReleasedCell({"r": "B"}, 300, 300))
    )
    shown = table({"r": "AB"}, {("A",): 4, ("B",): 300, ("Total",): 304})
    joined = join([marked, shown])  # type: ignore[list-item]
    assert {c: (i.low, i.high) for c, i in intervals(joined.system).items()} == {0: (4, 4)}
    assert narrow(joined.system, PROMISE).keys() == {0}
