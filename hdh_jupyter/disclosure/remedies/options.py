"""Remedies on one table: each returns the table as it would be written, with what that costs, or None."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from .. import numbers
from ..tables import hierarchy, merging, rounding, shares
from ..tables.audit import Inconsistent, Promise, narrow
from ..tables.completion import completed
from ..tables.margins import crossed, known
from ..tables.suppression import Unprotectable, costs, protect
from ..tables.system import Floats, System
from .layout import Written

MARK = "c"
"""What stands in a cell that is hidden, as statistical offices write it."""
THOUSANDS = (" ", "\u00a0", "\u202f")


@dataclass(frozen=True)
class Changed:
    """A table after a remedy.

    Attributes
    ----------
    cells_lost
        Counts that no longer show, or no longer exactly.
    lost, whole
        Of the sum of log(1 + count): what is lost, and what there was.
    """

    table: Written
    cells_lost: int
    lost: float
    whole: float


@dataclass(frozen=True, eq=False)
class _Counts:
    """The counts of a table.

    Attributes
    ----------
    places
        Row and column of each cell of the system.
    truth
        Each count; a likely one where it is hidden already.
    """

    system: System
    places: tuple[tuple[int, int], ...]
    truth: Floats

    def small(self, threshold: float) -> list[int]:
        """Return the cells that show a small count."""
        shown = ~self.system.hidden
        return [int(i) for i in np.flatnonzero(shown & (self.truth >= 1) & (self.truth < threshold))]

    @property
    def information(self) -> float:
        """The sum of log(1 + count)."""
        return float(np.log1p(self.truth).sum())


Option = Callable[[Written, int, float], Changed | None]
"""Of a table, the least count that may show, and the seconds there are."""


def suppress(table: Written, threshold: int, seconds: float) -> Changed | None:
    """Hide small counts, and the cells that would give them away."""
    counts = _counts(table)
    if counts is None:
        return None
    promise = Promise(1, threshold, threshold)
    singletons = [cell for cell in counts.small(threshold) if counts.truth[cell] == 1]
    try:
        pattern = protect(counts.system, costs(counts.truth), promise, seconds, singletons=singletons)
    except (Inconsistent, Unprotectable):
        return None
    new = [cell for cell in sorted(pattern.cells) if not counts.system.hidden[cell]]
    rows = [list(row) for row in table.rows]
    said = shares.columns(table.titles, table.rows, table.counts)
    for cell in sorted(pattern.cells):
        row, column = counts.places[cell]
        if cell in new or "%" in rows[row][column]:
            rows[row][column] = MARK
        for share in said:
            rows[row][share] = MARK
    lost = float(np.log1p(counts.truth[new]).sum())
    return _changed(replace(table, rows=tuple(map(tuple, rows))), len(new), lost, counts)


def round_to(base: int, table: Written, threshold: int, seconds: float) -> Changed | None:
    """Round counts to multiples of a base that still add up, and write those that are small as below the threshold."""
    counts = _roundable(table)
    if counts is None:
        return None
    try:
        whole = rounding.rounded(np.round(counts.truth), counts.system.equations, base, threshold, seconds)
    except rounding.Unroundable:
        return None
    return _with_rounded(table, counts, whole, threshold)


def round_each(base: int, table: Written, threshold: int, seconds: float) -> Changed | None:
    """Round every count to the nearest multiple of a base, totals by themselves, so that they no longer add up."""
    counts = _roundable(table)
    if counts is None or not counts.system.equations:
        return None
    whole = rounding.nearest(counts.truth, base, threshold)
    if all(whole[list(e.parts)].sum() == whole[e.total] for e in counts.system.equations):
        # This is what `round_to` finds.
        return None
    return _with_rounded(table, counts, whole, threshold)


def _roundable(table: Written) -> _Counts | None:
    """Return the counts of a table without percentages, which would give exact counts back."""
    if shares.columns(table.titles, table.rows, table.counts) or _with_shares(table):
        return None
    return _counts(table)


def _with_rounded(table: Written, counts: _Counts, whole: Floats, threshold: int) -> Changed:
    rows = [list(row) for row in table.rows]
    small = set(counts.small(threshold))
    changed = 0
    for cell, (row, column) in enumerate(counts.places):
        if counts.system.hidden[cell]:
            continue
        written = f"<{threshold}" if cell in small else _written(whole[cell], rows[row][column])
        changed += int(cell in small or whole[cell] != counts.truth[cell])
        rows[row][column] = written
    lost = float(np.abs(np.log1p(whole) - np.log1p(counts.truth)).sum())
    return _changed(replace(table, rows=tuple(map(tuple, rows))), changed, lost, counts)


def merge(table: Written, threshold: int, seconds: float) -> Changed | None:
    """Merge categories along the rows or the columns until no count is small."""
    return _merged(table, threshold, merging.partition)


def top_code(table: Written, threshold: int, seconds: float) -> Changed | None:
    """Merge the first and the last of ordered categories until no count is small."""
    return _merged(table, threshold, merging.ends_coded)


def drop_columns(table: Written, threshold: int, seconds: float) -> Changed | None:
    """Drop the columns of counts that hold small ones, and the totals that would give them back."""
    counts = _counts(table)
    if counts is None:
        return None
    small = {counts.places[cell][1] for cell in counts.small(threshold)}
    totals = {column for column in table.counts if hierarchy.is_total(table.titles[column])}
    for dropped in (small, small | totals):
        gone = np.array([column in dropped for _, column in counts.places])
        system = counts.system
        unseen = System(np.where(gone, 0.0, system.low), np.where(gone, np.inf, system.high), system.equations, None)
        if not small or len(dropped) == len(table.counts) or _breaks(unseen, threshold):
            continue
        kept = [column for column in range(len(table.titles)) if column not in dropped]
        new = Written(
            tuple(table.titles[c] for c in kept),
            tuple(tuple(row[c] for c in kept) for row in table.rows),
            tuple(kept.index(c) for c in table.counts if c in kept),
        )
        return _changed(new, int(gone.sum()), float(np.log1p(counts.truth[gone]).sum()), counts)
    return None


OPTIONS: Mapping[str, Option] = {
    "suppress": suppress,
    "round-5": partial(round_to, 5),
    "round-10": partial(round_to, 10),
    "nearest-5": partial(round_each, 5),
    "nearest-10": partial(round_each, 10),
    "merge": merge,
    "top-code": top_code,
    "drop-columns": drop_columns,
}


def needs_remedy(table: Written, threshold: int) -> bool:
    """Tell whether a table shows a small count or gives one away."""
    counts = _counts(table)
    return counts is not None and (bool(counts.small(threshold)) or _breaks(counts.system, threshold))


def _breaks(system: System, threshold: int) -> bool:
    try:
        return bool(narrow(system, Promise(1, threshold, threshold)))
    except Inconsistent:
        return True


def _counts(table: Written) -> _Counts | None:
    """Return the counts of a table, or None when it has none or its totals contradict it."""
    made = crossed(table.titles, table.rows, table.counts) if table.counts else None
    if made is not None:
        system, places = made.system, made.places
    else:
        cells = [(r, c, known(row[c])) for r, row in enumerate(table.rows) for c in table.counts]
        read = [(r, c, bounds) for r, c, bounds in cells if bounds is not None]
        if not read:
            return None
        low, high = np.array([b[0] for _, _, b in read]), np.array([b[1] for _, _, b in read])
        system, places = System(low, high, ()), tuple((r, c) for r, c, _ in read)
    try:
        return _Counts(system, places, completed(system))
    except Inconsistent:
        return None


def _changed(table: Written, cells: int, lost: float, counts: _Counts) -> Changed:
    return Changed(table, cells, lost, counts.information)


def _with_shares(table: Written) -> bool:
    return any("%" in row[column] for row in table.rows for column in table.counts)


Partition = Callable[[Sequence[str], Floats, float], "list[tuple[int, ...]] | None"]


def _merged(table: Written, threshold: int, partition: Partition) -> Changed | None:
    """Return the table with the categories of one dimension merged, of whichever loses least."""
    counts = _counts(table)
    if counts is None or counts.system.hidden.any() or len(counts.truth) != len(table.rows) * len(table.counts):
        return None
    if _with_shares(table) or any(_measures(table, column) for column in table.labels):
        # What is no count cannot be added up.
        return None
    values = counts.truth.reshape(len(table.rows), len(table.counts))
    tried = [_merged_rows(table, values, label, threshold, partition) for label in table.labels]
    tried.append(_merged_columns(table, values, threshold, partition))
    found = [(new, float(np.log1p(left).sum()), left.size) for new, left in filter(None, tried)]
    if not found:
        return None
    new, left, size = max(found, key=lambda one: one[1])
    return _changed(new, values.size - size, max(counts.information - left, 0.0), counts)


def _measures(table: Written, column: int) -> bool:
    read = [numbers.read(row[column]) for row in table.rows]
    return any(w is not None and (w.decimals > 0 or w.kind == "percent") for w in read)


def _merged_rows(
    table: Written, values: Floats, label: int, threshold: int, partition: Partition
) -> tuple[Written, Floats] | None:
    others = [c for c in table.labels if c != label]
    rows = [i for i, row in enumerate(table.rows) if not hierarchy.is_total(row[label]) and row[label].strip()]
    categories = list(dict.fromkeys(table.rows[i][label] for i in rows))
    rests = list(dict.fromkeys(tuple(table.rows[i][c] for c in others) for i in rows))
    at = {(table.rows[i][label], tuple(table.rows[i][c] for c in others)): i for i in rows}
    if len(categories) < 3 or len(at) != len(rows) or len(rests) * len(categories) != len(rows):
        return None
    if any(hierarchy.nests(categories)):
        return None
    cube = np.array([[values[at[category, rest]] for rest in rests] for category in categories])
    groups = partition(categories, cube.reshape(len(categories), -1), threshold)
    if groups is None or len(groups) == len(categories):
        return None
    first_of = {categories[group[0]]: group for group in groups}
    new_rows, kept = [], []
    for i, row in enumerate(table.rows):
        if i not in set(rows):
            new_rows.append(row)
            kept.append(values[i])
        elif (group := first_of.get(row[label])) is not None:
            names = [categories[g] for g in group]
            rest = tuple(row[c] for c in others)
            summed = np.sum([values[at[name, rest]] for name in names], axis=0)
            cells = list(row)
            cells[label] = merging.name_of(names)
            if len(group) > 1:
                for column, value in zip(table.counts, summed, strict=True):
                    cells[column] = _written(value, row[column])
            new_rows.append(tuple(cells))
            kept.append(summed)
    return replace(table, rows=tuple(new_rows)), np.array(kept)


def _merged_columns(
    table: Written, values: Floats, threshold: int, partition: Partition
) -> tuple[Written, Floats] | None:
    positions = [i for i, column in enumerate(table.counts) if not hierarchy.is_total(table.titles[column])]
    categories = [table.titles[table.counts[i]] for i in positions]
    if len(categories) < 3 or any(hierarchy.nests(categories)):
        return None
    groups = partition(categories, values[:, positions].T, threshold)
    if groups is None or len(groups) == len(categories):
        return None
    titles, rows, left = list(table.titles), [list(row) for row in table.rows], values.copy()
    dropped: set[int] = set()
    for group in groups:
        if len(group) < 2:
            continue
        own = [positions[g] for g in group]
        titles[table.counts[own[0]]] = merging.name_of([categories[g] for g in group])
        left[:, own[0]] = values[:, own].sum(axis=1)
        for row, value in zip(rows, left[:, own[0]], strict=True):
            row[table.counts[own[0]]] = _written(value, row[table.counts[own[0]]])
        dropped.update(own[1:])
    kept = [c for c in range(len(titles)) if c not in {table.counts[i] for i in dropped}]
    new = Written(
        tuple(titles[c] for c in kept),
        tuple(tuple(row[c] for c in kept) for row in rows),
        tuple(kept.index(c) for i, c in enumerate(table.counts) if i not in dropped),
    )
    return new, left[:, [i for i in range(len(table.counts)) if i not in dropped]]


def _written(value: float, like: str) -> str:
    """Return a count as text, with thousands parted and zeros behind the point as in another cell."""
    text = f"{round(value):d}"
    separator = next((one for one in THOUSANDS if one in like.strip()), "")
    if separator:
        text = f"{round(value):,}".replace(",", separator)
    for ending in (".0", ",0"):
        if like.strip().endswith(ending):
            return text + ending
    return text
