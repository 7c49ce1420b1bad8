"""Small counts that a percentage gives back with its base, and a mean with its total.

A percentage of `d` decimals is what it says within half a unit of its last digit; with a base of `n` persons the counts
that fit are whole numbers in an interval. Where all of them are small, the count is known. Where none fits, `n` is not
the base.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, floor

import re2

from ..documents import Document
from ..model import Finding, Place
from ..numbers import Written
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place, count_columns
from .meaning import Meaning, meanings
from .relations import explained, total_rows

RULES = ("percentages.small_count", "percentages.hidden_count", "percentages.small_mean")
PER = re2.compile(r"(?i)\b(1[ \x{a0}\x{202f}]?0{2,3}(?:[ \x{a0}\x{202f}]?000)*)\b")
AMONG = re2.compile(
    r"(?i)\b(?:parmi|among|chez)\s+(?:les?\s+|the\s+)?(\d{1,3}(?:[ \x{a0}\x{202f},]\d{3})+|\d{2,})\s+\pL{5,}"
)
"""How many persons a sentence says that shares are of: « Parmi les 218 résidents »."""
HEAD = 1 << 14
SHOWN = 5
MISFITS = 0.1
"""Share of the rows in which no whole number may fit a base that is one."""
EPSILON = 1e-9
DEGREES = frozenset({"df", "ddl", "dof"})
"""Titles of an analysis of variance, whose means are of squares: by degrees of freedom, not by persons."""


@dataclass(frozen=True)
class _Known:
    """A count that follows: between what, in which row and column, from which base."""

    row: int
    column: int
    low: int
    high: int
    base: float


def percentages(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find the small counts that percentages and means give back in every table, one finding per column."""
    stated = _stated_once(document)
    for seen in profiles(document, policy.min_count):
        if not seen.cells:
            continue
        given: dict[int, list[_Known]] = {}
        for known in _from_bases(seen, stated, policy.min_count):
            given.setdefault(known.column, []).append(known)
        for column, all_known in given.items():
            yield _finding("percentages.small_count", "given_back", seen, column, all_known, file, policy)
        for column, hidden in _hidden(seen, policy.min_count).items():
            yield _finding("percentages.hidden_count", "beside_hidden", seen, column, hidden, file, policy)
        for column, means in _means(seen, policy.min_count).items():
            yield _finding("percentages.small_mean", "from_mean", seen, column, means, file, policy)


def fitting(share: Written, base: float, scale: float = 100.0) -> tuple[int, int]:
    """Return the smallest and largest count of `base` that round to a share; the first is above when none does."""
    half = 0.5 * 10.0**-share.decimals
    low, high = (share.value - half) * base / scale, (share.value + half) * base / scale
    return ceil(low - EPSILON), floor(high + EPSILON)


def _stated_once(document: Document) -> float | None:
    """Return the number of persons that a text beside the tables states as `n = 37`, when it states one only."""
    stated: set[float] = set()
    for text in document.texts:
        if not text.code:
            head = next(text.chunks(), "")[:HEAD]
            found = [*vocabulary.STATED.findall(head), *AMONG.findall(head)]
            stated |= {float("".join(c for c in number if c.isdigit())) for number in found}
    return stated.pop() if len(stated) == 1 else None


def _from_bases(seen: Profile, stated: float | None, min_count: int) -> Iterator[_Known]:
    for column, scale in _shares(seen).items():
        bases = _bases(seen, column, stated)
        if bases is None:
            continue
        found, tested, misfits = [], 0, 0
        for row, share in _cells(seen, column):
            base = bases[row]
            if base is None or share.value <= 0 or share.value > scale:
                continue
            low, high = fitting(share, base, scale)
            tested, misfits = tested + 1, misfits + (low > high)
            if 1 <= low <= high < min_count:
                found.append(_Known(row, column, low, high, base))
            elif scale <= 100 and 1 <= base - high <= base - low < min_count:
                # Who is not among them is counted as well.
                found.append(_Known(row, column, int(base - high), int(base - low), base))
        if misfits <= MISFITS * tested:
            yield from found


def _shares(seen: Profile) -> dict[int, float]:
    """Return the columns that hold percentages, or shares of one, or rates, with what they are of."""
    found = {}
    for index, meaning in enumerate(meanings(seen)):
        column, title = seen.columns[index], seen.table.titles[index]
        in_rows = column.numbers > 0 and any(_is_percent_row(label) for label in seen.labels)
        if meaning is Meaning.RATE and (per := PER.search(title.replace("_", " "))):
            found[index] = float("".join(c for c in per[1] if c.isdigit()))
        elif meaning is Meaning.MEAN and column.decimals and 0 <= column.minimum <= column.maximum <= 1:
            # The mean of a yes or no is the share of yes.
            found[index] = 1.0
        elif meaning is Meaning.PERCENT or column.percents:
            fraction = column.decimals > 0 and column.maximum <= 1 and not column.percents
            found[index] = 1.0 if fraction else 100.0
        elif in_rows or (meaning is Meaning.RATE and column.maximum <= 100):
            found[index] = 100.0
    return found


def _cells(seen: Profile, column: int) -> Iterator[tuple[int, Written]]:
    by_title = meanings(seen)[column] in (Meaning.PERCENT, Meaning.RATE, Meaning.MEAN)
    for row, cells in enumerate(seen.written):
        cell = cells[column]
        if cell is None or cell.kind not in ("number", "percent"):
            continue
        if cell.kind == "percent" or by_title or _is_percent_row(seen.labels[row]):
            yield row, cell


def _is_percent_row(label: str) -> bool:
    return vocabulary.is_percent(label) and not vocabulary.row_counts(label)


def _bases(seen: Profile, column: int, stated: float | None) -> list[float | None] | None:
    """Return the base of the percentage in each row of a column; None where the table shows what is counted."""
    if explained(seen, column):
        return None
    if titled := _stated(seen.table.titles[column]):
        return [titled] * seen.rows
    counts = sorted(count_columns(seen) - {column})
    if counts:
        whole = [i for i in counts if vocabulary.is_whole(seen.table.titles[i])]
        base = (whole or counts)[0] if len(whole or counts) == 1 else None
        if base is None:
            return None
        # A percentage of another column is no base of this one.
        lines = zip(seen.labels, seen.written, strict=True)
        return [None if _is_percent_row(label) else _count(row[base]) for label, row in lines]
    rows = [_stated(label) for label in seen.labels]
    if any(rows):
        return rows
    of_column = [_count(seen.written[r][column]) for r, label in enumerate(seen.labels) if vocabulary.is_whole(label)]
    known = {value for value in of_column if value}
    if len(known) == 1:
        return [known.pop()] * seen.rows
    return [stated] * seen.rows if stated else None


def _stated(title: str) -> float | None:
    match = vocabulary.STATED.search(title)
    return float("".join(c for c in match[1] if c.isdigit())) if match else None


def _count(cell: Written | None) -> float | None:
    if cell is None or cell.kind not in ("number", "count", "count_and_share") or not cell.value.is_integer():
        return None
    return cell.value if cell.value > 0 else None


def _hidden(seen: Profile, min_count: int) -> dict[int, list[_Known]]:
    """Return hidden counts that stand beside their share of a total that the other rows give away."""
    found: dict[int, list[_Known]] = {}
    totals = total_rows(seen)
    for share in (i for i, m in enumerate(meanings(seen)) if m is Meaning.PERCENT):
        for count in count_columns(seen) - {share}:
            pairs = [(_count(row[count]), row[share]) for row in seen.written]
            base = _base_of(pairs, totals)
            if base is None:
                continue
            for row, (value, percent) in enumerate(pairs):
                shown = seen.cells[row][count].strip()
                if value is not None or percent is None or percent.value <= 0 or shown == "0":
                    continue
                low, high = fitting(percent, base[0])[0], fitting(percent, base[1])[1]
                if 1 <= low <= high < min_count and high - low < min_count - 2:
                    found.setdefault(count, []).append(_Known(row, count, low, high, round(sum(base) / 2)))
    return found


def _base_of(pairs: list[tuple[float | None, Written | None]], totals: frozenset[int]) -> tuple[float, float] | None:
    """Return between what the total of a column lies whose cells and their shares of it are shown."""
    low, high, shown = 0.0, float("inf"), 0
    for row, (value, share) in enumerate(pairs):
        if value is None or share is None or share.value <= 0 or share.value > 100:
            continue
        half = 0.5 * 10.0**-share.decimals
        low = max(low, 100 * value / (share.value + half))
        high = min(high, 100 * value / max(share.value - half, EPSILON))
        shown += row not in totals
    return (ceil(low - EPSILON), floor(high + EPSILON)) if shown >= 2 and ceil(low - EPSILON) <= high else None


def _means(seen: Profile, min_count: int) -> dict[int, list[_Known]]:
    """Return the small numbers of persons that a total divided by its mean gives."""
    found: dict[int, list[_Known]] = {}
    means = [i for i, m in enumerate(meanings(seen)) if m is Meaning.MEAN]
    if any(DEGREES & vocabulary.words(title) for title in seen.table.titles):
        return found
    totals = [i for i, m in enumerate(meanings(seen)) if m in (Meaning.AMOUNT, Meaning.MEASURE, Meaning.COUNT)]
    for mean in means:
        named = vocabulary.words(seen.table.titles[mean]) - vocabulary.MEANS - vocabulary.LINKS
        for total in totals:
            same = vocabulary.words(seen.table.titles[total]) - vocabulary.TOTALS - vocabulary.LINKS
            weighted = bool(named & vocabulary.WEIGHTS and same & vocabulary.WEIGHTED)
            if not weighted and (not named or named != same):
                continue
            known = [_quotient(row, cells[total], cells[mean], total) for row, cells in enumerate(seen.written)]
            small = [k for k in known if k is not None and 1 <= k.low <= k.high < min_count]
            if small and sum(k is not None and k.low > k.high for k in known) <= MISFITS * len(known):
                found[mean] = [replace(k, column=mean) for k in small]
    return found


def _quotient(row: int, total: Written | None, mean: Written | None, column: int) -> _Known | None:
    if total is None or mean is None or total.value <= 0 or mean.value <= 0:
        return None
    around, within = 0.5 * 10.0**-mean.decimals, 0.5 * 10.0**-total.decimals
    low = ceil((total.value - within) / (mean.value + around) - EPSILON)
    high = floor((total.value + within) / max(mean.value - around, EPSILON) + EPSILON)
    return _Known(row, column, low, high, total.value)


def _finding(
    rule: str, key: str, seen: Profile, column: int, known: list[_Known], file: str, policy: Policy
) -> Finding:
    first = known[0]
    rows = ", ".join(str(seen.table.first_row + k.row) for k in known[:SHOWN]) + ("…" if len(known) > SHOWN else "")
    where: Place = replace(column_place(seen, column), row=seen.table.first_row + first.row)
    span = str(first.low) if first.low == first.high else f"{first.low}-{first.high}"
    params: dict[str, str | int] = {"count": span, "base": f"{first.base:g}", "total": len(known), "rows": rows}
    params |= {"threshold": policy.min_count}
    return Finding(rule, policy.severities[rule], file, where, f"meaning.{key}", params)
