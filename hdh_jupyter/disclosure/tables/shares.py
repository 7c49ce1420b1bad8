"""What percentages say of counts that are hidden beside them.

A column of percentages belongs to a column of counts when, in the rows that show both, it is the share of their row in
one base: the column's total, the sum of what is shown, another column. Where only the percentage shows, it gives the
count back, to within the rounding of its decimals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .. import numbers
from .hierarchy import is_total
from .system import Floats

ROWS = 2
"""Rows that must show a count and its share before the share is believed to be that of the count."""
NEAR = 0.01
"""Of a percentage that is rounded as it should be, by how much it may still differ."""


def narrowed(
    titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int], low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Return the bounds of counts with what the percentages of their rows say.

    Parameters
    ----------
    low, high
        Of each count, row by row.
    """
    width = len(counts)
    below, above = low.reshape(-1, width).copy(), high.reshape(-1, width).copy()
    if not (above > below).any():
        return low, high
    labels = [column for column in range(len(titles)) if column not in set(counts)]
    totals = [r for r, row in enumerate(rows) if any(is_total(row[c]) for c in labels)]
    for share, half in _percentages(titles, rows, counts):
        for position in range(width):
            hidden = (above[:, position] > below[:, position]) & ~np.isnan(share)
            if not hidden.any():
                continue
            for base in _bases(below, above, position, totals):
                if _fits(share, half, below[:, position], above[:, position], base):
                    least = np.ceil((share - half) / 100 * base - 1e-6)
                    most = np.floor((share + half) / 100 * base + 1e-6)
                    usable = hidden & ~np.isnan(base) & (most >= least)
                    below[usable, position] = np.maximum(below[usable, position], least[usable])
                    above[usable, position] = np.minimum(above[usable, position], most[usable])
                    break
    return below.ravel(), above.ravel()


def columns(titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int]) -> tuple[int, ...]:
    """Return the columns of percentages beside counts."""
    return tuple(
        column
        for column in range(len(titles))
        if column not in set(counts) and any(_share(row[column], False, titles[column]) is not None for row in rows)
    )


def _percentages(
    titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int]
) -> Iterator[tuple[Floats, Floats]]:
    """Yield the percentages of each column that has some, and half of their last decimal."""
    for column in range(len(titles)):
        counted = column in set(counts)
        share, half = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        for r, row in enumerate(rows):
            value = _share(row[column], counted, titles[column])
            if value is not None:
                share[r], half[r] = value
        if not counted and np.nanmax(share, initial=0.0) <= 1.0 and np.isfinite(share).any():
            # A share of 1 instead of 100.
            share, half = share * 100, half * 100
        if np.isfinite(share).sum() > ROWS:
            # Programs leave off zeros at the end: the finest of a column is the precision of all.
            yield share, np.where(np.isnan(share), np.nan, np.nanmin(half))


def _share(cell: str, counted: bool, title: str) -> tuple[float, float] | None:
    text = numbers.plain(cell)
    if counted and "%" in text and "(" in text:
        # `12 (5 %)`, and what is left of it when the count is hidden: `c (5 %)`.
        text = text[text.rindex("(") + 1 :].rstrip(") ")
    elif counted:
        return None
    read = numbers.read(text)
    if read is None or read.value < 0:
        return None
    if read.kind == "percent" or (read.kind == "number" and (read.decimals > 0 or _says_share(title))):
        return read.value, 0.5 * 10.0**-read.decimals
    return None


def _says_share(title: str) -> bool:
    plain = numbers.plain(title)
    return "%" in plain or any(word in plain for word in ("pct", "pourc", "percent", "part", "prop", "share", "freq"))


def _bases(below: Floats, above: Floats, position: int, totals: Sequence[int]) -> Iterator[Floats]:
    """Yield what each row's share may be a share of."""
    rows, width = below.shape
    shown = below == above
    for r in totals:
        if shown[r, position]:
            yield np.full(rows, below[r, position])
    parts = np.ones(rows, bool)
    parts[list(totals)] = False
    if shown[parts, position].all():
        yield np.full(rows, below[parts, position].sum())
    for other in range(width):
        if other != position:
            yield np.where(shown[:, other], below[:, other], np.nan)
            for r in totals:
                if shown[r, other]:
                    yield np.full(rows, below[r, other])


def _fits(share: Floats, half: Floats, low: Floats, high: Floats, base: Floats) -> bool:
    """Tell whether every row that shows a count and a share has the one as a share of the other."""
    both = (low == high) & ~np.isnan(share) & ~np.isnan(base) & (base > 0)
    telling = both & (low > 0) & (low < base)
    if telling.sum() < ROWS:
        return False
    expected = low[both] / base[both] * 100
    return bool((np.abs(expected - share[both]) <= half[both] + NEAR).all())
