"""Small counts between two counts of one table: successive cumulative counts, nested categories, what a total has more
than its parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import re2

from ..documents import Document
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place, count_columns
from .crosstabs import crosstabs, turned
from .relations import parts_and_total, total_rows, values

RULES = ("differences.cumulative", "differences.nested", "differences.remainder")
ROUNDED = 5
"""Counts that are multiples of it have been rounded, their total on its own."""
CUMULATIVE = re2.compile(r"(?i)cumul|\bcum\b|_cum\b|\bcum_")
AND_OVER = re2.compile(
    r"(?i)^(.*?)(?:(?:≥|>=|>)\s*(\d{1,3})|\b(\d{1,3})\s*(?:\+|(?:ans |years )?"
    r"(?:et plus|et \+|and over|or more|ou plus)))(.*)$"
)
STEP = re2.compile(
    r"(?i)(?:^|[\W_\d])(?:apr[eè]s|after|sans|without|hors|excl\w*|incl\w*|initiale?|[ée]ligibles?|eligible|restants?|remaining|final\w*"
    r"|[ée]tapes?|steps?|s[ée]lection\w*|appari[ée]\w*|linked|screened|randomi\w+|analys\w+)(?:$|[\W_])"
)
"""Labels of the steps by which a population is selected."""
UP_TO = re2.compile(r"(?i)^(.*?)(?:(?:≤|<=|<)\s*(\d{1,3})|\b0\s*(?:-|–|à|to)\s*(\d{1,3})\b)(.*)$")


def differences(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find small differences within each table of a document, one finding per column and kind."""
    for seen in profiles(document, policy.min_count):
        if not seen.cells:
            continue
        yield from _cumulative(seen, file, policy)
        yield from _nested(seen, file, policy)
        yield from _remainders(seen, file, policy)
        yield from _flow(seen, file, policy)


def _cumulative(seen: Profile, file: str, policy: Policy) -> Iterator[Finding]:
    for index, title in enumerate(seen.table.titles):
        if not CUMULATIVE.search(title) or not seen.columns[index].whole or vocabulary.is_statistic(title):
            continue
        small = [(row, step) for row, step in _steps(seen, index) if 1 <= step < policy.min_count]
        if small:
            row, step = small[0]
            params: dict[str, str | int] = {"value": int(step), "total": len(small)}
            yield _finding("differences.cumulative", "cumulative", seen, row, index, params, file, policy)


def _steps(seen: Profile, index: int) -> list[tuple[int, float]]:
    """Return what a cumulative column grows by, within each category of the columns of words that repeat."""
    keys = [
        i
        for i, column in enumerate(seen.columns)
        if (column.numbers == 0 or vocabulary.words(seen.table.titles[i]) & vocabulary.YEARS)
        and 0 < len(column.distinct) < seen.rows
    ]
    groups: dict[tuple[str, ...], list[tuple[float, int]]] = {}
    for r, value in enumerate(values(seen, index)):
        if value is not None and r not in total_rows(seen):
            groups.setdefault(tuple(seen.cells[r][i] for i in keys), []).append((value, r))
    return [(r, v - before) for group in groups.values() for (before, _), (v, r) in pairwise(sorted(group))]


def _nested(seen: Profile, file: str, policy: Policy) -> Iterator[Finding]:
    told: set[int] = set()
    for table in crosstabs(seen) if len(count_columns(seen)) > 1 else ():
        for one in (table, turned(table)):
            for line, places in zip(one.counts, one.places, strict=True):
                labelled = list(zip(one.categories, line, places, strict=True))
                for wide, narrow, step, place in _between(labelled, policy.min_count):
                    if place[1] not in told:
                        told.add(place[1])
                        yield _nested_finding(seen, place, wide, narrow, step, file, policy)
    if len(counts := count_columns(seen)) == 1:
        (column,) = counts
        cells = values(seen, column)
        groups: dict[tuple[str, ...], list[tuple[str, float | None, tuple[int, int]]]] = {}
        for r, row in enumerate(seen.cells):
            for i, cell in enumerate(row):
                if i != column and _nesting(cell):
                    others = (
                        str(i),
                        *(c for j, c in enumerate(row) if j not in (i, column) and not _is_figure(seen, j)),
                    )
                    groups.setdefault(others, []).append((cell, cells[r], (r, column)))
        for labelled in groups.values():
            for wide, narrow, step, place in _between(labelled, policy.min_count)[:1]:
                yield _nested_finding(seen, place, wide, narrow, step, file, policy)


def _flow(seen: Profile, file: str, policy: Policy) -> Iterator[Finding]:
    """Find steps of a selection that leave out few: « après âge » 1101, « après doublons » 1095."""
    counts = count_columns(seen)
    if len(counts) != 1 or sum(map(bool, map(STEP.search, seen.labels))) * 2 < seen.rows or seen.rows < 2:
        return
    (column,) = counts
    left = [value for value in values(seen, column) if value is not None]
    if len(left) < seen.rows or any(a < b for a, b in pairwise(left)):
        return
    small = [(row, int(a - b)) for row, (a, b) in enumerate(pairwise(left), start=1) if 1 <= a - b < policy.min_count]
    for row, step in small[:1]:
        yield _nested_finding(seen, (row, column), seen.labels[row - 1], seen.labels[row], step, file, policy)


def _is_figure(seen: Profile, index: int) -> bool:
    return seen.columns[index].numbers * 2 > seen.columns[index].filled


def _between(
    labelled: list[tuple[str, float | None, tuple[int, int]]], min_count: int
) -> list[tuple[str, str, int, tuple[int, int]]]:
    """Return the pairs of which one category holds the other and few persons more."""
    found = []
    known = [
        (n, label, value, place) for label, value, place in labelled if value is not None and (n := _nesting(label))
    ]
    for (kind, bound), label, value, place in known:
        inner = [
            (other, text, less)
            for (its, other), text, less, _ in known
            if its == kind and (other > bound if kind[0] == "over" else other < bound)
        ]
        for _, text, less in inner:
            if 1 <= value - less < min_count:
                found.append((label, text, int(value - less), place))
    return found


@lru_cache(maxsize=1 << 12)
def _nesting(label: str) -> tuple[tuple[str, str], int] | None:
    """Return the side on which a category is open, the words around, and its bound: `65 ans et plus`, `<18`."""
    for side, pattern in (("over", AND_OVER), ("up to", UP_TO)):
        if match := pattern.match(label.strip()):
            around = " ".join(re2.findall(r"[\pL]+", f"{match[1]} {match[4]}")).lower()
            return (side, around.replace("ans", "").replace("years", "").strip()), int(match[2] or match[3])
    return None


def _remainders(seen: Profile, file: str, policy: Policy) -> Iterator[Finding]:
    for column in sorted(count_columns(seen)):
        parts, total = parts_and_total(seen, column)
        if total is None or len(parts) < 2 or len(total_rows(seen)) != 1:
            continue
        hidden = len(parts) < seen.rows - 1
        if all(value % ROUNDED == 0 for value in (*parts, total)):
            continue
        left = total - sum(parts)
        if not hidden and 1 <= left < policy.min_count and len(set(seen.labels)) == seen.rows:
            row = max(total_rows(seen))
            params: dict[str, str | int] = {"value": int(left)}
            yield _finding("differences.remainder", "remainder", seen, row, column, params, file, policy)


def _nested_finding(
    seen: Profile, place: tuple[int, int], wide: str, narrow: str, step: int, file: str, policy: Policy
) -> Finding:
    params: dict[str, str | int] = {"value": step, "wide": masked(wide), "narrow": masked(narrow)}
    return _finding("differences.nested", "nested", seen, *place, params, file, policy)


def _finding(
    rule: str, key: str, seen: Profile, row: int, column: int, params: dict[str, str | int], file: str, policy: Policy
) -> Finding:
    where = replace(column_place(seen, column), row=seen.table.first_row + row)
    params |= {"threshold": policy.min_count}
    return Finding(rule, policy.severities[rule], file, where, f"meaning.{key}", params)
