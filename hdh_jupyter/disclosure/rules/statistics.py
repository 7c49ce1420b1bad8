"""Statistics that tell something of one person or of a few: extremes, means beside a hidden count, survival curves with
one step per death.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import re2

from ..documents import Document
from ..model import Finding
from ..numbers import Written
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place, count_columns
from .extremes import SETTINGS
from .meaning import Meaning, meanings
from .relations import values

RULES = ("statistics.extremes", "statistics.hidden_group", "statistics.survival_steps")
EXTREME = re2.compile(r"(?i)(?:^|[ _.])(?:min|max|minimum|maximum|minimale?|maximale?)(?:$|[ _.(])")
TAIL = re2.compile(r"(?i)^(?:(?:p|percentile|centile)[ _.]?|)(1|2[.,]5|5|10|90|95|97[.,]5|99)(?: ?%|e|th|[eè]me|)$")
COUNTING = re2.compile(r"(?i)^(?:n|count|counts|nb|nobs|obs|effectifs?|nombre|observations)\.?$")
DESCRIBED = re2.compile(
    r"(?i)^(?:mean|moyenne|std|sd|[ée]cart[- ]?type|m[ée]diane?|50 ?%|25 ?%|75 ?%|q1|q3|1st qu\.?|3rd qu\.?)$"
)
SURVIVAL = re2.compile(r"(?i)surviv|survie|\bs\(t\)|kaplan|\bkm\b")
PERSONAL = frozenset(
    {"age", "ages", "montant", "montants", "depense", "depenses", "cout", "couts", "cost", "duree", "delai", "imc"}
    | {"bmi", "poids", "taille", "dose", "hba1c", "temps"}
)
LARGE = 1000
"""Persons from which a whole number at the end of a range is seldom one person's alone."""
MIN_STEPS = 12
FEW = 0.5
"""Share of the steps that a single death explains."""


@dataclass(frozen=True)
class _Extreme:
    row: int
    column: int
    size: float | None


def told_of_few(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find statistics of one or a few persons in every table of a document."""
    for seen in profiles(document, policy.min_count):
        if not seen.cells:
            continue
        extremes = [*_of_rows(seen, policy.min_count), *_of_columns(seen, policy.min_count)]
        for extreme in extremes[:1]:
            params: dict[str, str | int] = {"total": len(extremes)}
            yield _finding("statistics.extremes", "extremes", seen, extreme.row, extreme.column, params, file, policy)
        for column, rows in _beside_hidden(seen, policy.min_count).items():
            params = {"total": len(rows), "threshold": policy.min_count}
            yield _finding("statistics.hidden_group", "hidden_group", seen, rows[0], column, params, file, policy)
        for column in _stepped(seen):
            params = {"rows": seen.rows}
            yield _finding("statistics.survival_steps", "survival_steps", seen, 0, column, params, file, policy)


def _of_rows(seen: Profile, min_count: int) -> list[_Extreme]:
    """Return the extremes of a description whose rows are its statistics: count, mean, min, 25 %, max."""
    names = [
        next((c.strip() for c, w in zip(row, cells, strict=True) if _is_name(c, w)), "") for row, cells in _rows(seen)
    ]
    counting = [r for r, name in enumerate(names) if COUNTING.match(name)]
    if len(counting) != 1 or not any(DESCRIBED.match(name) for name in names):
        return []
    sizes = seen.written[counting[0]]
    return [
        _Extreme(row, column, size.value)
        for row, name in enumerate(names)
        for column, size in enumerate(sizes)
        if size is not None and _tells(name, seen.written[row][column], size.value, min_count)
    ]


def _is_name(cell: str, written: Written | None) -> bool:
    return bool(cell.strip()) and (written is None or ("%" in cell and written.kind == "percent"))


def _rows(seen: Profile) -> Iterator[tuple[list[str], list[Written | None]]]:
    return zip(seen.cells, seen.written, strict=True)


def _of_columns(seen: Profile, min_count: int) -> list[_Extreme]:
    """Return the extremes of a table with a column of maxima or minima, and of how many where it says so."""
    titles = seen.table.titles
    sizes = [i for i in sorted(count_columns(seen)) if not EXTREME.search(titles[i])]
    described = any(DESCRIBED.match(t.strip()) or vocabulary.is_mean(t) for t in titles)
    found = []
    for column, title in enumerate(titles):
        if vocabulary.words(title) & SETTINGS:
            continue
        personal = bool(vocabulary.words(title) & PERSONAL)
        if not (EXTREME.search(title) or TAIL.match(title.strip())) or not (personal or (sizes and described)):
            continue
        for row, cells in enumerate(seen.written):
            size = cells[sizes[0]] if sizes else None
            if _tells(title, cells[column], None if size is None else size.value, min_count):
                found.append(_Extreme(row, column, None if size is None else size.value))
    return found


def _tells(name: str, cell: Written | None, size: float | None, min_count: int) -> bool:
    """Tell whether a statistic is one person's value, or that of fewer than the threshold."""
    if cell is None or cell.kind != "number" or cell.value in (0, 1, 100):
        return False
    if EXTREME.search(name):
        return not (size is not None and size >= LARGE and cell.value.is_integer())
    if (tail := TAIL.match(name)) and size is not None:
        part = float(tail[1].replace(",", ".")) / 100
        return size * min(part, 1 - part) < min_count
    return False


def _beside_hidden(seen: Profile, min_count: int) -> dict[int, list[int]]:
    """Return the means and amounts that stand beside a count which is said to be below the threshold."""
    counts = [i for i in count_columns(seen) if seen.columns[i].filled < seen.rows or seen.columns[i].bounds]
    shown = [
        i
        for i, meaning in enumerate(meanings(seen))
        if meaning in (Meaning.MEAN, Meaning.AMOUNT) or DESCRIBED.match(seen.table.titles[i].split("_")[0].strip())
    ]
    found: dict[int, list[int]] = {}
    for row, cells in enumerate(seen.written):
        small = [cells[i] for i in counts if (w := cells[i]) is not None and w.kind in ("bound_below", "bound_at_most")]
        if any(w.bounds is not None and w.bounds[1] < min_count for w in small if w is not None):
            for column in shown:
                if (cell := cells[column]) is not None and cell.kind in ("number", "value_and_spread"):
                    found.setdefault(column, []).append(row)
    return found


def _stepped(seen: Profile) -> list[int]:
    """Return the columns of a survival curve of which most steps are one death: the drop is one in the number at risk.

    From one death to the next the number at risk that a drop says falls by one or a few; a curve told at regular times
    has no such sequence.
    """
    found = []
    for column, title in enumerate(seen.table.titles):
        if not SURVIVAL.search(title) or seen.columns[column].decimals < MIN_STEPS:
            continue
        curve = [value for value in values(seen, column) if value is not None]
        scale = 100.0 if max(curve) > 1 else 1.0
        levels = [scale, *sorted({v for v in curve if v < scale}, reverse=True)]
        drops = [(a - b) / a for a, b in pairwise(levels) if a > b]
        if len(drops) < MIN_STEPS:
            continue
        at_risk = [1 / drop for drop in drops]
        single = sum(0 < before - after < 4 for before, after in pairwise(at_risk))
        if single >= FEW * (len(drops) - 1) and at_risk[0] < LARGE:
            found.append(column)
    return found


def _finding(
    rule: str, key: str, seen: Profile, row: int, column: int, params: dict[str, str | int], file: str, policy: Policy
) -> Finding:
    where = replace(column_place(seen, column), row=seen.table.first_row + row)
    return Finding(rule, policy.severities[rule], file, where, f"meaning.{key}", params)
