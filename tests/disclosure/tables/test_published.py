"""Held against what others published: traps of their documentation, examples of the handbook, tau-ARGUS's own test."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hdh_jupyter.disclosure.tables.audit import Promise, intervals, narrow
from hdh_jupyter.disclosure.tables.hierarchy import nests
from hdh_jupyter.disclosure.tables.suppression import protect, published
from hdh_jupyter.disclosure.tables.system import Equation, System

from .test_audit import crossed

SHARED = Path(os.environ.get("HDH_SHARED_DATA", "")) / "tau-argus"


def test_every_row_and_column_has_two_hidden_cells_and_yet_one_is_47() -> None:
    """Two squares of hidden cells with one cell between them, which their totals give: a trap that sdcTable names."""
    inner = np.array([[20, 50, 10, 22], [8, 19, 47, 31], [17, 32, 12, 40], [25, 18, 33, 29]])
    hidden = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]], bool)
    assert (hidden.sum(axis=0) >= 2).all()
    assert (hidden.sum(axis=1) >= 2).all()
    found = intervals(crossed(inner, hidden))
    assert [(cell, i.low) for cell, i in found.items() if i.low == i.high] == [(7, 47)]


def test_one_small_cell_takes_three_others() -> None:
    inner = np.array([[40, 50, 30], [35, 3, 44], [60, 31, 38]])
    system = crossed(inner, np.zeros(inner.shape, bool))
    pattern = protect(system, np.ones(16), Promise(1, 11, 11), 10)
    assert len(pattern.cells) == 4
    assert pattern.proven_optimal
    assert 5 in pattern.cells


def tau_argus() -> tuple[dict[tuple[str, str], tuple[float, int]], dict[tuple[str, str], list[float]]]:
    """Return what tau-ARGUS published (value and status by cell) and the contributions to each cell."""
    with zipfile.ZipFile(SHARED / "Simple2D_Expected_Output.zip") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("Simple2D.txt")]
        lines = archive.read(name).decode("latin-1").splitlines()
    expected = {}
    for line in lines:
        size, region, value, status = re.match(r'"([^"]*)","([^"]*)",([^,]*),(\d+)', line).groups()
        expected[size.strip(), region.strip()] = (0.0 if value == "-" else float(value), int(status))
    with zipfile.ZipFile(SHARED / "Simple2D_InputData.zip") as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".asc")]
        records = archive.read(name).decode("latin-1").splitlines()
    contributions: dict[tuple[str, str], list[float]] = {}
    for record in records:
        place = record[8:10].strip(), record[10:13].strip()
        contributions.setdefault(place, []).append(float(record.split()[-8]))
    return expected, contributions


GROUPS = {"Nr": "1 2 3", "Os": "4 5 6 7", "Ws": "8 9 10", "Zd": "11 12"}


@pytest.mark.skipif(not SHARED.is_dir() or not os.environ.get("HDH_SHARED_DATA"), reason="published data are not here")
def test_tau_argus_simple_2d() -> None:
    expected, contributions = tau_argus()
    groups = {name: tuple(own.split()) for name, own in GROUPS.items()}
    groups["Total"] = (*groups, "99")
    sizes = sorted({size for size, _ in expected} - {"Total"})

    def below(size: str, region: str) -> list[float]:
        if size == "Total":
            return [x for one in sizes for x in below(one, region)]
        if region in groups:
            return [x for one in groups[region] for x in below(size, one)]
        return contributions.get((size, region), [])

    cells = {place: sorted(below(*place), reverse=True) for place in expected}
    assert len(cells) == 162
    assert all(abs(sum(cells[place]) - value) < 0.01 for place, (value, _) in expected.items())

    # p% with one other contributor: what is left beside the two largest must be at least 15 % of the largest.
    missing = {place: 0.15 * own[0] - sum(own[2:]) for place, own in cells.items() if own}
    primary = {place for place, lacks in missing.items() if lacks > 1e-9}
    assert primary == {place for place, (_, status) in expected.items() if status == 3}
    secondary = {place for place, (_, status) in expected.items() if status == 11}
    assert (len(primary), len(secondary)) == (9, 12)

    order = list(cells)
    number = {place: i for i, place in enumerate(order)}
    equations = [
        Equation(tuple(number[size, one] for one in own), number[size, region])
        for region, own in groups.items()
        for size in ("Total", *sizes)
    ]
    equations += [
        Equation(tuple(number[size, region] for size in sizes), number["Total", region])
        for region in {region for _, region in expected}
    ]
    truth = np.array([sum(cells[place]) for place in order])
    hidden = np.array([place in primary | secondary for place in order])
    system = System(truth, truth.copy(), tuple(equations))
    found = intervals(published(system, truth, hidden))
    for place in primary:
        interval, value = found[number[place]], truth[number[place]]
        assert interval.high >= value + missing[place], place
        assert interval.low <= max(value - missing[place], 0) + 1e-6, place


def test_the_nesting_of_tau_argus_is_not_ours_to_guess() -> None:
    # Its codes (`Nr`, `1`, `2`) say nothing of what belongs to what; figures alone would have to.
    assert nests(["Nr", "1", "2", "3", "Os", "4", "5"]) == ()


def test_a_narrow_interval_of_the_labelled_samples() -> None:
    """Two by two hidden cells, where no count being negative leaves 0 or 1 for one of them."""
    inner = np.array([[465, 1, 0, 137], [1713, 40, 52, 572], [381, 259, 180, 127]])
    hidden = np.zeros(inner.shape, bool)
    hidden[:2, 1:3] = True
    found = narrow(crossed(inner, hidden), Promise(1, 11, 11))
    assert {cell: (i.low, i.high) for cell, i in found.items()}[1] == (0, 1)
