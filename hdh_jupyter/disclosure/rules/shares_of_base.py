"""Cells such as `12 (5,3)` of which the figures tell that they are counts with their share of one base, as in the first
table of an article, and not means with their deviation.
"""

from __future__ import annotations

from ..numbers import Written
from .columns import Profile, remembered

MIN_CELLS = 3
MOST = 0.6
"""Share of the whole numbers with a figure in brackets that must fit one base."""


@remembered
def rows_of_shares(seen: Profile, index: int) -> tuple[int, ...]:
    """Return the rows of a column in which a count stands before its share of one base."""
    if not seen.cells or seen.columns[index].spreads < MIN_CELLS:
        return ()
    cells = {
        row: cell
        for row, written in enumerate(seen.written)
        if (cell := written[index]) is not None and _may_be_share(cell)
    }
    if len(cells) < MIN_CELLS:
        return ()
    best: tuple[int, ...] = ()
    for cell in sorted(cells.values(), key=lambda c: -c.value)[:MIN_CELLS]:
        low, high = _base(cell)
        fitting = tuple(row for row, other in cells.items() if _meets(other, low, high))
        best = max(best, fitting, key=len)
    sizes = {cells[row].value for row in best}
    return best if len(best) >= max(MIN_CELLS, MOST * len(cells)) and len(sizes) >= MIN_CELLS else ()


def _may_be_share(cell: Written) -> bool:
    return (
        cell.kind == "value_and_spread"
        and cell.decimals == 0
        and cell.value > 0
        and cell.other is not None
        and 0 <= cell.other <= 100
    )


def _base(cell: Written) -> tuple[float, float]:
    """Return between what the base lies of which a count is the share in brackets."""
    share = cell.other or 0.0
    half = 0.5 if share.is_integer() else 0.05 if (10 * share).is_integer() or abs(10 * share % 1 - 1) < 1e-6 else 0.005
    half = max(half, 0.05) if share < 1 else half
    return 100 * cell.value / (share + half), 100 * cell.value / max(share - half, 1e-6)


def _meets(cell: Written, low: float, high: float) -> bool:
    first, last = _base(cell)
    return first <= high * 1.001 and last >= low * 0.999
