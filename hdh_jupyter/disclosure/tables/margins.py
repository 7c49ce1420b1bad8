"""Which cells of a table are totals of which others, and what its percentages say of hidden counts.

Totals are told by their words and nested categories by what they cover (`hierarchy`), among the rows and among the
columns, and believed as far as the figures bear them out (`evidence`): a column called total that is no sum of the
others makes no equation. Rounded tables have intervals for figures (`rounding.base_of`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import re2

from .. import numbers
from . import hierarchy, shares
from .evidence import Claim, borne_out
from .hierarchy import is_total
from .rounding import base_of
from .system import Equation, Floats, System

__all__ = ["Crossed", "crossed", "is_total", "known"]

SUPPRESSED = re2.compile(
    r"^(?:c|s|ss|nd|n\.d\.|n/d|nc|n\.c\.|ns|x|\*+|\.{1,3}|…|-|–|—|/|#+|\[c\]|\(c\)|secret|secret stat\w*|supprime\w*"
    r"|masque\w*|suppressed|confidenti\w*|hidden|na|n/a|nan|none|null|<na>|)$"
)
WITH_SHARE = re2.compile(r"^(.*?) ?\( ?[\d.,]+ ?% ?\)$")
TITLE_PARTS = re2.compile(r"[ _|/:.–-]+")
LONGEST = 40
"""Columns up to which titles of several words are read as several labels."""


@dataclass(frozen=True, eq=False)
class Crossed:
    """A table of counts with its equations.

    Attributes
    ----------
    places
        Row and column of each cell of the system, as positions in the rows that were given.
    base
        What its counts are rounded to; 1 when they are exact.
    """

    system: System
    places: tuple[tuple[int, int], ...]
    base: int = 1


def crossed(titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int]) -> Crossed | None:
    """Return the system of a table, or None when nothing ties its cells or a cell of its counts is no count.

    Parameters
    ----------
    titles
        One per column.
    rows
        The cells as text.
    counts
        The columns that count persons, in their order; the others label the rows, or say a share.
    """
    read = [[known(row[column]) for column in counts] for row in rows]
    if any(cell is None for row in read for cell in row) or not read:
        return None
    bounds = np.asarray(read, float)
    said_low, said_high = bounds[:, :, 0].ravel(), bounds[:, :, 1].ravel()
    claims = list(_claims(titles, rows, counts))
    equations = borne_out(claims, said_low, said_high)
    base = base_of(said_low, said_high, titles, additive=bool(equations))
    if base > 1:
        nearest = rounded_bounds(said_low, said_high, base // 2)
        tied = borne_out(claims, *nearest)
        # Figures that were moved to add up may be further from the truth than the nearest multiple is.
        moved = len(tied) == len(equations)
        said_low, said_high = rounded_bounds(said_low, said_high, base - 1) if moved else nearest
        equations = tied
    said_low, said_high = _with_marks_added(System(said_low, said_high, equations))
    low, high = shares.narrowed(titles, rows, counts, said_low, said_high)
    if not equations and (low == said_low).all() and (high == said_high).all():
        return None
    places = tuple((r, c) for r in range(len(rows)) for c in counts)
    return Crossed(System(low, high, equations, (said_low, said_high)), places, base)


def rounded_bounds(low: Floats, high: Floats, within: int) -> tuple[Floats, Floats]:
    """Return between what counts are that are shown rounded, no further from them than `within`."""
    shown = low == high
    return np.where(shown, np.maximum(low - within, 0), low), np.where(shown, high + within, high)


@lru_cache(maxsize=4096)
def known(cell: str) -> tuple[float, float] | None:
    """Return between what a cell says a count to be, or None when it is neither a count nor hidden."""
    text = numbers.plain(cell)
    written = numbers.read(text) or numbers.read(numbers.with_points(text))
    if written is not None:
        return written.bounds
    if shared := WITH_SHARE.match(text):
        text = shared[1]
        if (written := numbers.read(text)) is not None:
            return written.bounds
    return (0.0, float("inf")) if SUPPRESSED.match(text) else None


def _claims(titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int]) -> Iterator[Claim]:
    """Yield what the rows, and what the columns, may be the sums of."""
    width, counted = len(counts), set(counts)
    labels = [column for column in range(len(titles)) if column not in counted and _labels(rows, column)]
    for reading in hierarchy.readings([[row[c] for c in labels] for row in rows]):
        yield Claim(
            tuple(
                Equation(tuple(part * width + c for part in parts), total * width + c)
                for parts, total in reading.relations
                for c in range(width)
            ),
            reading.sure,
        )
    for names in _titles([titles[c] for c in counts]):
        for reading in hierarchy.readings(names):
            yield Claim(
                tuple(
                    Equation(tuple(r * width + part for part in parts), r * width + total)
                    for parts, total in reading.relations
                    for r in range(len(rows))
                ),
                reading.sure,
            )


def _labels(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Tell whether a column labels the rows: its cells are no percentages or other measures with decimals."""
    read = [numbers.read(row[column]) for row in rows]
    return not any(w is not None and (w.kind == "percent" or w.decimals > 0) for w in read)


def _titles(titles: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    """Yield the labels of columns: their titles, and the words of their titles where all have as many."""
    yield [(title,) for title in titles]
    parts = [tuple(part for part in TITLE_PARTS.split(title.strip()) if part) for title in titles]
    if 1 < len(titles) <= LONGEST and len({len(own) for own in parts}) == 1 and len(parts[0]) > 1:
        yield parts


def _with_marks_added(system: System) -> tuple[Floats, Floats]:
    """Return what cells say, with what marks alone say of a hidden total of hidden cells: two `<11` are 2 to 20."""
    low, high, hidden = system.low.copy(), system.high.copy(), system.hidden
    for equation in system.equations:
        parts = list(equation.parts)
        if hidden[equation.total] and hidden[parts].all():
            low[equation.total] = max(low[equation.total], system.low[parts].sum())
            high[equation.total] = min(high[equation.total], system.high[parts].sum())
    return low, high
