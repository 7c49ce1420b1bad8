"""Tables made comparable: dimensions under one name, sums over categories written out, and pairs of counts that differ.

Two tables of nearly the same people give away those in whom they differ (differencing). Whether they are of nearly the
same people is told by the figures: many equal counts, or none larger in the one and hardly smaller in the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..tables.hierarchy import ages
from ..tables.nomenclatures import region_of
from .categories import AGE, PLACE, SEX, TIME
from .model import ReleasedCell, ReleasedTable

Codes = frozenset[tuple[str, str]]
ALIKE = 0.5
"""Share of the categories of the smaller dimension that two must have in common to be the same."""
EQUAL = 0.3
"""Share of counts that must be equal for two tables to be the same, brought up to date."""
NEAR = 0.1
"""Share of all counts by which two tables of nearly the same people differ at most."""
LARGE = 11
"""A count from which two tables do not agree by chance."""
MARGINS = 4
"""Dimensions over whose subsets sums are written out."""
WRITTEN = 200_000
"""Cells that sums may add to all tables."""


@dataclass(frozen=True)
class Difference:
    """A count that two tables give with a small difference.

    Attributes
    ----------
    codes
        Dimension and category of it.
    cells
        How many counts of the two tables differ as little.
    """

    codes: Codes
    difference: int
    cells: int


def aligned(tables: Sequence[ReleasedTable]) -> list[ReleasedTable]:
    """Return tables whose dimensions have one name where their categories are the same, whatever their titles."""
    known: dict[str, set[str]] = {}
    made = []
    for table in tables:
        names: dict[str, str] = {}
        for name, categories in table.dimensions.items():
            own = set(categories)
            names[name] = _name(name, own, {n: c for n, c in known.items() if n not in names.values()})
            known.setdefault(names[name], set()).update(own)
        cells = tuple(replace(cell, codes={names[n]: code for n, code in cell.codes.items()}) for cell in table.cells)
        made.append(replace(table, dimensions={names[n]: c for n, c in table.dimensions.items()}, cells=cells))
    return made


def completed(tables: Sequence[ReleasedTable]) -> list[ReleasedTable]:
    """Return tables with the sums that their cells give, where another table may hold them too.

    Sums over whole dimensions, and over categories that make up a coarser one of another table: classes of age, the
    départements of a région, the months of a year.
    """
    coarse: dict[str, dict[str, None]] = {}
    for table in tables:
        for name, categories in table.dimensions.items():
            coarse.setdefault(name, {}).update(dict.fromkeys(categories))
    left = WRITTEN
    made = []
    for table in tables:
        added = _sums(table, coarse, left)
        left -= len(added[1])
        made.append(replace(table, dimensions=added[0], cells=(*table.cells, *added[1])))
    return made


def differences(one: ReleasedTable, other: ReleasedTable, smallest: int) -> tuple[Difference, bool] | None:
    """Return the small difference of two tables of nearly the same people, and whether it is certain.

    Parameters
    ----------
    smallest
        A difference of fewer persons than this is small.
    """
    if one.population and other.population and one.population != other.population:
        return None
    fixed_one, fixed_other = _fixed(one), _fixed(other)
    if any(_disjoint(name, fixed_one[name], fixed_other[name]) for name in fixed_one.keys() & fixed_other.keys()):
        return None
    own, theirs = _counts(one, fixed_one), _counts(other, fixed_other)
    shared = [codes for codes in own if codes in theirs]
    if len(shared) < 2 or len(shared) * 2 < min(len(own), len(theirs)):
        return None
    gaps = {codes: own[codes] - theirs[codes] for codes in shared}
    small = [codes for codes, gap in gaps.items() if 0 < abs(gap) < smallest]
    if not small:
        return None
    equal = sum(gap == 0 and own[codes] >= LARGE for codes, gap in gaps.items())
    one_sided = all(gap >= 0 for gap in gaps.values()) or all(gap <= 0 for gap in gaps.values())
    size = sum(max(own[codes], theirs[codes]) for codes in shared)
    near = sum(map(abs, gaps.values())) <= NEAR * size
    nested = fixed_one != fixed_other and _nested(fixed_one, fixed_other)
    updated = equal >= 2 and equal >= EQUAL * len(shared)
    if not (updated or (one_sided and (nested or (near and len(shared) >= 4)))):
        return None
    first = min(small, key=lambda codes: abs(gaps[codes]))
    return Difference(first, int(abs(gaps[first])), len(small)), updated or nested or len(shared) >= 8


def _name(name: str, own: set[str], known: Mapping[str, set[str]]) -> str:
    if name in (AGE, SEX, PLACE, TIME) or (name in known and _alike(own, known[name])):
        return name
    found = next((n for n, categories in known.items() if n not in (AGE, SEX, TIME) and _alike(own, categories)), None)
    if found is not None:
        return found
    # The same title, or none, over other categories is another dimension.
    return name if name not in known else next(n for i in itertools.count(2) if (n := f"{name} {i}") not in known)


def _alike(own: set[str], categories: set[str]) -> bool:
    return len(own & categories) >= max(1, ALIKE * min(len(own), len(categories)))


def _sums(
    table: ReleasedTable, coarse: Mapping[str, Mapping[str, None]], left: int
) -> tuple[dict[str, tuple[str, ...]], list[ReleasedCell]]:
    known = {frozenset(cell.codes.items()) for cell in table.cells}
    dimensions = {name: list(categories) for name, categories in table.dimensions.items()}
    open_names = [name for name, categories in table.dimensions.items() if len(categories) > 1]
    added: list[ReleasedCell] = []
    if len(open_names) > MARGINS:
        return dict(table.dimensions), added
    cells = list(table.cells)
    for name in open_names:
        parts_of: list[tuple[str | None, tuple[str, ...]]] = [(None, _finest(name, table.dimensions[name]))]
        for category in coarse.get(name, ()):
            if category not in table.dimensions[name]:
                parts = _making_up(name, category, table.dimensions[name])
                if parts:
                    parts_of.append((category, parts))
        at: dict[Codes, dict[str, ReleasedCell]] = {}
        for cell in cells:
            if name in cell.codes:
                rest = frozenset((n, code) for n, code in cell.codes.items() if n != name)
                at.setdefault(rest, {})[cell.codes[name]] = cell
        for (whole, parts), (rest, found) in itertools.product(parts_of, at.items()):
            codes = rest if whole is None else rest | {(name, whole)}
            if codes in known or not all(part in found for part in parts):
                continue
            if len(added) >= left:
                return dict(table.dimensions), []
            highs = [found[part].high for part in parts]
            high = None if any(h is None for h in highs) else sum(h for h in highs if h is not None)
            made = ReleasedCell(dict(codes), sum(found[part].low for part in parts), high)
            known.add(codes)
            added.append(made)
            cells.append(made)
            if whole is not None and whole not in dimensions[name]:
                dimensions[name].append(whole)
    return {name: tuple(categories) for name, categories in dimensions.items()}, added


def _finest(name: str, categories: Sequence[str]) -> tuple[str, ...]:
    """Return the categories that no other of the dimension makes up."""
    coarse = [c for c in categories if _making_up(name, c, [other for other in categories if other != c])]
    return tuple(c for c in categories if c not in coarse)


def _making_up(name: str, category: str, categories: Sequence[str]) -> tuple[str, ...]:
    """Return categories that have no one in common and make up another, none where there are not."""
    if name == AGE:
        return _classes_of(category, categories)
    if name == PLACE:
        inside = region_of()
        within = tuple(code for code in categories if inside.get(code) == category)
        expected = {code for code, region in inside.items() if region == category and len(code) == 2}
        return within if within and expected <= set(within) else ()
    if name == TIME:
        for length, form in ((12, "{}-{:02}"), (4, "{}-t{}")):
            parts = tuple(form.format(category, i + 1) for i in range(length))
            if all(part in categories for part in parts):
                return parts
    return ()


def _classes_of(category: str, categories: Sequence[str]) -> tuple[str, ...]:
    whole = ages(category)
    if whole is None:
        return ()
    spans = {code: span for code in categories if (span := ages(code)) is not None and span != whole}
    found: list[str] = []
    start = whole[0]
    while start <= whole[1]:
        fitting = [c for c, (low, high) in spans.items() if low == start and high <= whole[1]]
        if not fitting:
            return ()
        found.append(min(fitting, key=lambda c: spans[c][1]))
        end = spans[found[-1]][1]
        if end == float("inf"):
            break
        start = end + 1
    return tuple(found) if len(found) > 1 else ()


def _fixed(table: ReleasedTable) -> dict[str, str]:
    """Return the dimensions of one category: who is counted."""
    return {name: categories[0] for name, categories in table.dimensions.items() if len(categories) == 1}


def _counts(table: ReleasedTable, fixed: Mapping[str, str]) -> dict[Codes, float]:
    return {
        frozenset(item for item in cell.codes.items() if item[0] not in fixed): cell.low
        for cell in table.cells
        if cell.low == cell.high
    }


def _disjoint(name: str, one: str, other: str) -> bool:
    if name == AGE:
        first, second = ages(one), ages(other)
        return first is not None and second is not None and (first[1] < second[0] or second[1] < first[0])
    if name == TIME:
        return not (one.startswith(other) or other.startswith(one))
    return one != other


def _nested(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell whether the one counts a part of the people of the other, by what is said of them."""
    return _within(one, other) or _within(other, one)


def _within(part: Mapping[str, str], whole: Mapping[str, str]) -> bool:
    for name, code in whole.items():
        if name not in part:
            return False
        if name == AGE and (inner := ages(part[name])) and (outer := ages(code)):
            if not (outer[0] <= inner[0] and inner[1] <= outer[1]):
                return False
        elif (name == TIME and not part[name].startswith(code)) or (name not in (AGE, TIME) and part[name] != code):
            return False
    return True


def pairs(tables: Sequence[ReleasedTable], new: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the positions of tables to compare, of which one at least is new, the new one first."""
    for one, other in itertools.combinations(range(len(tables)), 2):
        if new[other]:
            yield other, one
        elif new[one]:
            yield one, other
