"""Several tables as one system: of one file, of one request, and of what was released before.

Tables are linked where they say something of the same people: the same counts of the same population (a shared margin),
a total that another table breaks down, or a table that is the sum of others (`ensemble` = `hommes` + `femmes`). What
titles suggest the figures must bear out; tables whose figures contradict one another are about different things.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..register.model import ReleasedTable
from .evidence import Claim, borne_out
from .hierarchy import is_total, nests
from .system import Equation, Floats, System

Codes = frozenset[tuple[str, str]]
"""What tells a count from others of its population: dimension and category, sorted by nothing."""
LARGE = 11
"""A count from which two tables do not agree by chance."""
SUMMED = 6
"""Tables of which one is looked for as their sum."""
COMPARED = 40
"""Tables among which sums are looked for."""


@dataclass(frozen=True, eq=False)
class Joined:
    """Tables as one system.

    Attributes
    ----------
    sources
        Of each cell of the system, the table and the position of the cell in it, wherever it is written.
    """

    system: System
    sources: tuple[tuple[tuple[int, int], ...], ...]


def join(tables: Sequence[ReleasedTable]) -> Joined:
    """Return the system that tables make together.

    A cell's `stated` bounds are the widest that a table gives it: what one table hides and another shows is known, but
    not said.
    """
    tables = list(tables)
    groups = _groups(tables)
    number: dict[tuple[int, Codes], int] = {}
    sources: list[list[tuple[int, int]]] = []
    for t, table in enumerate(tables):
        for c, cell in enumerate(table.cells):
            key = (groups[t], _codes(cell.codes))
            if key not in number:
                number[key] = len(sources)
                sources.append([])
            sources[number[key]].append((t, c))
    low, high = np.zeros(len(sources)), np.full(len(sources), np.inf)
    said_low, said_high = np.full(len(sources), np.inf), np.zeros(len(sources))
    for i, written in enumerate(sources):
        for t, c in written:
            cell = tables[t].cells[c]
            above = np.inf if cell.high is None else cell.high
            low[i], high[i] = max(low[i], cell.low), min(high[i], above)
            said_low[i], said_high[i] = min(said_low[i], cell.low), max(said_high[i], above)
    claims = [*_breakdowns(tables, groups, number), *_sums(tables, groups, number, low, high)]
    system = System(low, high, borne_out(claims, low, high), (said_low, said_high))
    return Joined(system, tuple(tuple(written) for written in sources))


def _codes(codes: Mapping[str, str]) -> Codes:
    return frozenset((name, code) for name, code in codes.items() if not is_total(code))


def _groups(tables: Sequence[ReleasedTable]) -> list[int]:
    """Return a number per table, the same for tables whose cells may be taken for the same counts."""
    known = [{_codes(cell.codes): (cell.low, cell.high) for cell in table.cells} for table in tables]
    members: list[list[int]] = []
    for t, table in enumerate(tables):
        fitting = (
            group
            for group in members
            if tables[group[0]].population == table.population
            and any(_tied(known[t], known[other]) for other in group)
            and not any(_contradict(known[t], known[other]) for other in group)
        )
        found = next(fitting, None)
        if found is None:
            members.append([t])
        else:
            found.append(t)
    number = {t: i for i, group in enumerate(members) for t in group}
    return [number[t] for t in range(len(tables))]


Known = Mapping[Codes, tuple[float, float | None]]


def _shared(one: Known, other: Known) -> Iterator[tuple[tuple[float, float | None], tuple[float, float | None]]]:
    small, large = sorted((one, other), key=len)
    return ((bounds, large[codes]) for codes, bounds in small.items() if codes in large)


def _tied(one: Known, other: Known) -> bool:
    """Tell whether two tables share counts, or one has the totals of the other."""
    if _agree(one, other):
        return True
    for whole, margin in ((one, other), (other, one)):
        names = {frozenset(name for name, _ in codes) for codes in margin}
        for own in names:
            totals = _totals(whole, own)
            if totals and _agree(totals, margin) and not _contradict(totals, margin):
                return True
    return False


def _totals(table: Known, names: frozenset[str]) -> Known:
    """Return the sums of a table's innermost cells over all but some of its dimensions."""
    depth = max((len(codes) for codes in table), default=0)
    found: dict[Codes, tuple[float, float | None]] = {}
    for codes, (low, high) in table.items():
        if len(codes) == depth > len(names):
            kept = frozenset(one for one in codes if one[0] in names)
            before_low, before_high = found.get(kept, (0.0, 0.0))
            found[kept] = before_low + low, None if high is None or before_high is None else before_high + high
    return {codes: bounds for codes, bounds in found.items() if len(codes) == len(names)}


def _agree(one: Known, other: Known) -> bool:
    """Tell whether two tables have counts in common that are no coincidence."""
    return any(a == b and a[0] == a[1] and a[0] >= LARGE for a, b in _shared(one, other))


def _contradict(one: Known, other: Known) -> bool:
    return any((b[1] is not None and a[0] > b[1]) or (a[1] is not None and b[0] > a[1]) for a, b in _shared(one, other))


def _breakdowns(
    tables: Sequence[ReleasedTable], groups: Sequence[int], number: Mapping[tuple[int, Codes], int]
) -> Iterator[Claim]:
    """Yield what categories of each dimension add up to: the cell without it, and nested categories to theirs."""
    of_group: dict[int, list[Codes]] = {}
    for group, codes in number:
        of_group.setdefault(group, []).append(codes)
    seen: set[tuple[int, str, tuple[str, ...]]] = set()
    for t, table in enumerate(tables):
        for name, categories in table.dimensions.items():
            own = tuple(dict.fromkeys(code for code in categories if not is_total(code)))
            if (groups[t], name, own) in seen or len(own) < 2:
                continue
            seen.add((groups[t], name, own))
            rests = {frozenset(one for one in codes if one[0] != name): None for codes in of_group[groups[t]]}
            summed = any(name not in cell.codes or is_total(cell.codes[name]) for cell in table.cells)
            for tree in _trees(own):
                equations = []
                for (parts, total), rest in itertools.product(tree, rests):
                    cells = [number.get((groups[t], rest | {(name, code)})) for code in parts]
                    whole = number.get((groups[t], rest | {(name, total)} if total else rest))
                    found = tuple(cell for cell in cells if cell is not None)
                    if whole is not None and len(found) == len(parts):
                        equations.append(Equation(found, whole))
                if equations:
                    yield Claim(tuple(equations), sure=summed and tree[0][1] is None)


def _trees(categories: Sequence[str]) -> Iterator[list[tuple[tuple[str, ...], str | None]]]:
    """Yield what categories may add up to: parts, and their sum, None for the total of the dimension."""
    yield [(tuple(categories), None)]
    for tree in nests(categories):
        below = {child for children in tree.values() for child in children}
        upper = tuple(code for i, code in enumerate(categories) if i not in below)
        if len(upper) > 1:
            yield [(upper, None)]
        yield [(tuple(categories[c] for c in children), categories[parent]) for parent, children in tree.items()]


def _sums(
    tables: Sequence[ReleasedTable],
    groups: Sequence[int],
    number: Mapping[tuple[int, Codes], int],
    low: Floats,
    high: Floats,
) -> Iterator[Claim]:
    """Yield where one table is the sum of others with the same cells, as figures alone can tell."""
    alike: dict[frozenset[Codes], list[int]] = {}
    for t, table in enumerate(tables):
        cells = frozenset(_codes(cell.codes) for cell in table.cells)
        if len(cells) > 1 and groups[t] not in [groups[other] for other in alike.get(cells, [])]:
            alike.setdefault(cells, []).append(t)
    for cells, members in alike.items():
        if not 3 <= len(members) <= COMPARED:
            continue
        ordered = sorted(cells, key=sorted)
        at = {t: np.array([number[groups[t], codes] for codes in ordered]) for t in members}
        for total in members:
            for parts in _parts_of(total, members, at, low, high):
                yield Claim(
                    tuple(
                        Equation(tuple(int(at[p][i]) for p in parts), int(at[total][i])) for i in range(len(ordered))
                    ),
                    sure=False,
                )


def _parts_of(
    total: int, members: Sequence[int], at: Mapping[int, Floats], low: Floats, high: Floats
) -> Iterator[tuple[int, ...]]:
    """Yield the tables whose sum another may be, where every count that is shown fits and some are shown."""
    others = [t for t in members if t != total and (low[at[t]] <= high[at[total]] + 0.5).all()]
    for size in range(2, min(len(others), SUMMED) + 1):
        if len(others) > 2 * SUMMED and size > 2:
            return
        for parts in itertools.combinations(others, size):
            least = sum(low[at[p]] for p in parts)
            most = sum(high[at[p]] for p in parts)
            if (least <= high[at[total]] + 0.5).all() and (most >= low[at[total]] - 0.5).all():
                shown = (least == most) & (low[at[total]] == high[at[total]]) & (least >= LARGE)
                if shown.sum() > 1:
                    yield parts
