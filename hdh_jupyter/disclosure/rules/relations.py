"""What the figures of a table say of its columns, whatever their titles: counts add up to totals, and percentages are
computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..numbers import Written
from . import vocabulary
from .columns import Column, Profile, remembered

YEARS = (1880, 2120)
MIN_PARTS = 2
MIN_SHARES = 3
FEW_COLUMNS = 60
"""Columns up to which each is held against each."""


@remembered
def shown_to_count(seen: Profile) -> frozenset[int]:
    """Return the columns of whole numbers that totals, or percentages of them, show to be counts.

    Amounts add up as well: columns titled as one are left out.
    """
    candidates = [
        i
        for i, column in enumerate(seen.columns)
        if column.whole and not vocabulary.words(seen.table.titles[i]) & vocabulary.MEASURES
    ]
    if not candidates or not seen.cells or len(seen.columns) > FEW_COLUMNS:
        return frozenset()
    return frozenset(i for i in candidates if _adds_up(seen, i) or _is_shared_out(seen, i))


def contradicts_its_title(seen: Profile, index: int) -> bool:
    """Tell whether a column titled as years or ranks holds whole numbers that are neither."""
    column, named = seen.columns[index], vocabulary.words(seen.table.titles[index])
    if not column.whole or seen.rows < MIN_PARTS:
        return False
    if named & vocabulary.YEARS:
        years = YEARS[0] <= column.minimum and column.maximum <= YEARS[1]
        short = column.distinct_share == 1 and column.maximum - column.minimum < 2 * seen.rows
        return not years and not short and column.maximum > 99
    if named & vocabulary.RANKS:
        return column.maximum > 10 * seen.rows and column.distinct_share > 0.5
    return False


def values(seen: Profile, index: int) -> list[float | None]:
    """Return the numbers of a column, None where a cell says none."""
    return [_value(row[index]) for row in seen.written]


@remembered
def total_rows(seen: Profile) -> frozenset[int]:
    """Return the rows that are labelled as totals."""
    return frozenset(
        r for r, row in enumerate(seen.cells) if any(vocabulary.is_total(cell) for cell in row if not cell.isdigit())
    )


def parts_and_total(seen: Profile, index: int) -> tuple[list[float], float | None]:
    """Return the numbers of a column in rows that are no total, and that of its last total row."""
    totals = total_rows(seen)
    column = values(seen, index)
    parts = [v for r, v in enumerate(column) if v is not None and r not in totals]
    total = next((column[r] for r in sorted(totals, reverse=True) if column[r] is not None), None)
    return parts, total


def is_percent_like(seen: Profile, index: int) -> bool:
    """Tell whether whole numbers are shares of a hundred: none above, and together a hundred but for rounding."""
    column: Column = seen.columns[index]
    if column.maximum > 100 or not seen.cells:
        return False
    parts, total = parts_and_total(seen, index)
    return total == 100 or (len(parts) >= MIN_PARTS and abs(sum(parts) - 100) <= len(parts) / 2)


def _adds_up(seen: Profile, index: int) -> bool:
    parts, total = parts_and_total(seen, index)
    if total is not None and total != 100 and len(parts) >= MIN_PARTS and sum(parts) == total and total > max(parts):
        return True
    return _adds_up_across(seen, index)


def _adds_up_across(seen: Profile, index: int) -> bool:
    """Tell whether a column is part of, or is, a column of totals in every row."""
    wholes = [i for i, column in enumerate(seen.columns) if column.whole]
    totals = [i for i in wholes if vocabulary.is_total(seen.table.titles[i])]
    parts = [i for i in wholes if i not in totals]
    if len(totals) != 1 or len(parts) < MIN_PARTS or index not in wholes or seen.rows < MIN_PARTS:
        return False
    rows = [[_value(row[i]) for i in (*parts, totals[0])] for row in seen.written]
    full = [[v for v in row if v is not None] for row in rows if None not in row]
    return len(full) >= MIN_PARTS and all(sum(row[:-1]) == row[-1] for row in full) and any(row[-1] for row in full)


def _is_shared_out(seen: Profile, index: int) -> bool:
    parts, total = parts_and_total(seen, index)
    whole = total or sum(parts)
    totals = total_rows(seen)
    if len(parts) < MIN_SHARES or len(set(parts)) < MIN_SHARES or not whole:
        return False
    for other, column in enumerate(seen.columns):
        if other == index or not (column.decimals or column.percents):
            continue
        pairs = [
            (value, row[other])
            for r, (value, row) in enumerate(zip(values(seen, index), seen.written, strict=True))
            if r not in totals and value is not None and row[other] is not None
        ]
        if len(pairs) >= MIN_SHARES and _are_shares(pairs, whole):
            return True
    return False


def _are_shares(pairs: Sequence[tuple[float, Written | None]], whole: float) -> bool:
    for scale in (100.0, 1.0):
        if all(
            share is not None
            and abs(share.value - scale * value / whole) <= 0.51 * 10.0**-share.decimals
            and share.value <= scale
            for value, share in pairs
        ):
            return True
    return False


def _value(written: Written | None) -> float | None:
    return None if written is None else written.value


@remembered
def explained(seen: Profile, share: int) -> bool:
    """Tell whether the counts that a column of percentages is computed from are shown beside it.

    They are shares of the total of a column of counts, of its total within each category of another column, or of one
    column of counts in another.
    """
    wholes = [i for i, column in enumerate(seen.columns) if i != share and column.integers > column.decimals]
    if len(wholes) > FEW_COLUMNS:
        return True
    rows = [r for r, row in enumerate(seen.written) if row[share] is not None and r not in total_rows(seen)]
    for index in wholes:
        column = values(seen, index)
        groups = [None, *(i for i in range(len(seen.columns)) if i not in (index, share) and _groups(seen, i))]
        for group in groups:
            sums: dict[str, float] = {}
            for r in rows:
                key = "" if group is None else seen.cells[r][group]
                sums[key] = sums.get(key, 0) + (column[r] or 0)
            pairs = [
                (column[r], seen.written[r][share], sums["" if group is None else seen.cells[r][group]]) for r in rows
            ]
            if _fit(pairs) or (group is None and _is_proportional([(v, s) for v, s, _ in pairs])):
                return True
        for other in wholes:
            beside = values(seen, other)
            if other != index and _fit([(column[r], seen.written[r][share], beside[r] or 0) for r in rows]):
                return True
    return False


def _groups(seen: Profile, index: int) -> bool:
    return 1 < len(seen.columns[index].distinct) < seen.rows


def _fit(triples: Sequence[tuple[float | None, Written | None, float]]) -> bool:
    known = [(v, s, whole) for v, s, whole in triples if v is not None and s is not None and whole > 0]
    return len(known) >= MIN_PARTS and any(
        sum(abs(s.value - scale * v / whole) <= 0.51 * 10.0**-s.decimals for v, s, whole in known) >= 0.8 * len(known)
        for scale in (100.0, 1.0)
    )


def _is_proportional(pairs: Sequence[tuple[float | None, Written | None]]) -> bool:
    """Tell whether percentages are in proportion to counts, so that they are shares of one total that is not shown."""
    low, high, shown = 0.0, float("inf"), 0
    for value, share in pairs:
        if value is not None and share is not None and share.value > 0 and value > 0:
            half = 0.51 * 10.0**-share.decimals
            low = max(low, value / (share.value + half))
            high = min(high, value / max(share.value - half, 1e-9))
            shown += 1
    return shown >= MIN_PARTS and low <= high
