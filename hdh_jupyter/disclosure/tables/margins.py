"""Which cells of a table are totals of which others.

Totals are told by their titles and labels (`Total`, `Ensemble`), and believed only when the figures that are shown bear
them out: a column called total that is no sum of the others makes no equation.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import re2

from .system import Equation, Floats, System

TOTAL = re2.compile(
    r"^(?:(?:sous[ -]?)?total\w*|sub[ -]?total\w*|totaux|ensemble|tous|toutes|all|both|overall|sum|somme"
    r"|tous sexes|les deux|general total|grand total)(?:$|[ _:.(-])"
)
NUMBER = re2.compile(r"^[+]?(\d+|\d{1,3}(?:[ \x{a0}\x{202f}\x{2009}]\d{3})+|[1-9]\d{0,2}(?:,\d{3})+)(?:[.,]0*)?$")
WITH_SHARE = re2.compile(r"^(.*?)[ \x{a0}\x{202f}]*\([ \d.,\x{a0}\x{202f}]*%[ \x{a0}]*\)$")
BELOW = re2.compile(r"^(?:<|moins de|less than|inf(?:erieur)?\.? a)[ \x{a0}\x{202f}]*(\d+)$")
AT_MOST = re2.compile(r"^(?:<=|≤)[ \x{a0}\x{202f}]*(\d+)$")
SUPPRESSED = re2.compile(r"^(?:c|s|ss|nd|n\.d\.|ns|x|\*+|\.{1,3}|…|-|–|—|/|#+|secret|supprime|masque|suppressed|)$")
SHARE_BORNE_OUT = 0.9
"""Of the totals that can be verified, how many must be the sum of their parts."""


@dataclass(frozen=True, eq=False)
class Crossed:
    """A table of counts with its equations.

    Attributes
    ----------
    places
        Row and column of each cell of the system, as positions in the rows that were given.
    """

    system: System
    places: tuple[tuple[int, int], ...]


def crossed(titles: Sequence[str], rows: Sequence[Sequence[str]], counts: Sequence[int]) -> Crossed | None:
    """Return the system of a table, or None when no total can be made out or a cell of its counts is no count.

    Parameters
    ----------
    titles
        One per column.
    rows
        The cells as text.
    counts
        The columns that count persons, in their order; the others label the rows.
    """
    read = [[known(row[column]) for column in counts] for row in rows]
    if any(cell is None for row in read for cell in row) or not read:
        return None
    bounds = np.asarray(read, float)
    low, high = bounds[:, :, 0], bounds[:, :, 1]
    labels = [column for column in range(len(titles)) if column not in set(counts)]
    across = _borne_out(_across([titles[c] for c in counts], len(rows)), low, high)
    down = _borne_out(_down([[row[c] for c in labels] for row in rows], len(counts)), low, high)
    if not across and not down:
        return None
    width = len(counts)
    equations = tuple(
        Equation(tuple(r * width + c for r, c in parts), total[0] * width + total[1]) for parts, total in across + down
    )
    places = tuple((r, c) for r in range(len(rows)) for c in counts)
    return Crossed(_with_marks_added(System(low.ravel(), high.ravel(), equations)), places)


@lru_cache(maxsize=4096)
def known(cell: str) -> tuple[float, float] | None:
    """Return between what a cell says a count to be, or None when it is neither a count nor hidden."""
    text = _plain(cell)
    if shared := WITH_SHARE.match(text):
        text = shared[1]
    if number := NUMBER.match(text):
        value = float("".join(c for c in number[1] if c.isdigit()))
        return value, value
    if below := BELOW.match(text):
        return 1.0, float(below[1]) - 1
    if most := AT_MOST.match(text):
        return 1.0, float(most[1])
    return (0.0, float("inf")) if SUPPRESSED.match(text) else None


def is_total(label: str) -> bool:
    """Tell whether a title or a label names a total."""
    return TOTAL.match(_plain(label)) is not None


def _with_marks_added(system: System) -> System:
    """Return the system with what the marks alone say of a hidden total of hidden cells: two `<11` are 2 to 20."""
    low, high, hidden = system.low.copy(), system.high.copy(), system.hidden
    for equation in system.equations:
        parts = list(equation.parts)
        if hidden[equation.total] and hidden[parts].all():
            low[equation.total] = max(low[equation.total], system.low[parts].sum())
            high[equation.total] = min(high[equation.total], system.high[parts].sum())
    return System(low, high, system.equations)


Place = tuple[int, int]
Sum = tuple[tuple[Place, ...], Place]
"""The cells of a sum, and the cell that should hold it."""


def _across(titles: Sequence[str], rows: int) -> Iterable[list[Sum]]:
    """Yield what a total column may be the sum of: every other column, or those since the total before it."""
    totals = [i for i, title in enumerate(titles) if is_total(title)]
    parts = [i for i in range(len(titles)) if i not in totals]
    yield from _readings(totals, parts, lambda part, total: [((r, part), (r, total)) for r in range(rows)])


def _down(labels: Sequence[Sequence[str]], columns: int) -> Iterable[list[Sum]]:
    """Yield what total rows may be the sums of, for each column of labels: the rows that agree in the other labels."""
    width = len(labels[0]) if labels else 0
    whole = [row for row, cells in enumerate(labels) if all(is_total(c) or not c.strip() for c in cells)]
    if width > 1 and whole:
        # The row that is a total in every label it has: the sum of the rows that are no total in any.
        inner = [row for row, cells in enumerate(labels) if not any(is_total(c) for c in cells) and row not in whole]
        yield from _readings(whole, inner, lambda p, t: [((p, c), (t, c)) for c in range(columns)])
    for position in range(width):
        groups: dict[tuple[str, ...], list[int]] = {}
        for row, cells in enumerate(labels):
            others = tuple(c for i, c in enumerate(cells) if i != position)
            groups.setdefault(others, []).append(row)
        readings: list[list[list[Sum]]] = []
        for group in groups.values():
            totals = [row for row in group if is_total(labels[row][position])]
            parts = [row for row in group if row not in set(totals)]
            if totals and parts:
                found = _readings(totals, parts, lambda p, t: [((p, c), (t, c)) for c in range(columns)])
                readings.append(list(found))
        for reading in itertools.zip_longest(*readings, fillvalue=[]):
            yield [one for part in reading for one in part]


def _readings(
    totals: Sequence[int], parts: Sequence[int], pairs: Callable[[int, int], list[tuple[Place, Place]]]
) -> Iterable[list[Sum]]:
    if not totals or not parts:
        return
    yield _sums({total: [p for p in parts if p != total] for total in totals}, pairs)
    since: dict[int, list[int]] = {}
    for before, total in itertools.pairwise([-1, *totals]):
        since[total] = [p for p in parts if before < p < total]
    yield _sums({total: own for total, own in since.items() if own}, pairs)


def _sums(parts_of: dict[int, list[int]], pairs: Callable[[int, int], list[tuple[Place, Place]]]) -> list[Sum]:
    found: list[Sum] = []
    for total, parts in parts_of.items():
        columns = [pairs(part, total) for part in parts]
        found += [(tuple(cell for cell, _ in along), along[0][1]) for along in zip(*columns, strict=True)]
    return found


def _borne_out(readings: Iterable[list[Sum]], low: Floats, high: Floats) -> list[Sum]:
    """Return the sums of every reading that the figures bear out."""
    found: dict[Sum, None] = {}
    for sums in readings:
        verified = wrong = 0
        for parts, total in sums:
            cells = (*parts, total)
            if all(low[cell] == high[cell] for cell in cells):
                verified += 1
                wrong += abs(sum(low[cell] for cell in parts) - low[total]) > 0.5
            elif sum(low[cell] for cell in parts) > high[total] + 0.5:
                wrong, verified = wrong + 1, verified + 1
        if wrong == 0 or (verified and wrong / verified <= 1 - SHARE_BORNE_OUT):
            found.update(dict.fromkeys(sums))
    return list(found)


def _plain(cell: str) -> str:
    text = unicodedata.normalize("NFKD", cell.strip().lower())
    return "".join(c for c in text if not unicodedata.combining(c))
