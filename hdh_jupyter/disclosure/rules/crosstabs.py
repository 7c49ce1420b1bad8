"""Tables of counts seen as groups and the categories into which their persons fall, however they are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import vocabulary
from .columns import Profile
from .counts import count_columns
from .relations import total_rows

FEW = 200
"""Groups or categories up to which a table is laid out anew."""


@dataclass(frozen=True)
class Crosstab:
    """Counts by group and category, totals left out.

    Attributes
    ----------
    counts
        One list per group, None where a count is hidden.
    places
        Row of the table, and column, of each count.
    """

    groups: tuple[str, ...]
    categories: tuple[str, ...]
    counts: tuple[tuple[float | None, ...], ...]
    places: tuple[tuple[tuple[int, int], ...], ...]


def crosstabs(seen: Profile) -> Iterator[Crosstab]:
    """Yield the readings of a table: its rows as groups, its columns as groups, and a long table laid out both ways."""
    counts = sorted(count_columns(seen))
    if not seen.cells or not counts or seen.rows > FEW * FEW:
        return
    columns = counts if len(counts) == 1 else [i for i in counts if not vocabulary.is_whole(seen.table.titles[i])]
    rows = [r for r in range(seen.rows) if r not in total_rows(seen)]
    if len(columns) >= 2 and len(rows) >= 2 and max(len(columns), len(rows)) <= FEW:
        groups = tuple(seen.labels[r] for r in rows)
        wide = _made(
            seen, groups, tuple(seen.table.titles[i] for i in columns), [[(r, i) for i in columns] for r in rows]
        )
        yield wide
        yield turned(wide)
    elif len(columns) == 1:
        yield from _long(seen, columns[0], rows)


def turned(table: Crosstab) -> Crosstab:
    """Return a table with its groups as categories."""
    return Crosstab(
        table.categories,
        table.groups,
        tuple(zip(*table.counts, strict=True)),
        tuple(zip(*table.places, strict=True)),
    )


def _long(seen: Profile, count: int, rows: list[int]) -> Iterator[Crosstab]:
    keys = [
        i for i, c in enumerate(seen.columns) if i != count and c.filled and c.numbers == 0 and len(c.distinct) <= FEW
    ]
    for first, second in ((a, b) for a in keys for b in keys if a < b):
        at = {(seen.cells[r][first], seen.cells[r][second]): (r, count) for r in rows}
        groups, categories = (tuple(dict.fromkeys(seen.cells[r][i] for r in rows)) for i in (first, second))
        if len(at) == len(rows) == len(groups) * len(categories) and min(len(groups), len(categories)) >= 2:
            titled = tuple(f"{seen.table.titles[second]} {c}" for c in categories)
            made = _made(seen, groups, titled, [[at[g, c] for c in categories] for g in groups])
            yield made
            named = tuple(f"{seen.table.titles[first]} {g}" for g in groups)
            yield turned(Crosstab(named, categories, made.counts, made.places))


def _made(
    seen: Profile, groups: tuple[str, ...], categories: tuple[str, ...], places: list[list[tuple[int, int]]]
) -> Crosstab:
    counts = tuple(tuple(_count(seen, row, column) for row, column in line) for line in places)
    return Crosstab(groups, categories, counts, tuple(map(tuple, places)))


def _count(seen: Profile, row: int, column: int) -> float | None:
    cell = seen.written[row][column]
    return cell.value if cell is not None and cell.bounds is not None and cell.bounds[0] == cell.bounds[1] else None
