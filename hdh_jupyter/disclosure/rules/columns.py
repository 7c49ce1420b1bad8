"""What the columns of each table are, gathered in one streaming pass that rules share.

What is kept does not grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from itertools import chain
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Document, Table
from ..numbers import Written, read, with_points
from . import tally
from .column import Column, SmallCells
from .vocabulary import row_is_statistic

__all__ = ["Column", "Profile", "SmallCells", "on_its_side", "profile", "profiles", "remembered"]

P = ParamSpec("P")
T = TypeVar("T")

DISTINCT = 20_000
"""Distinct values of a column that are kept."""
DISTINCT_TOGETHER, DISTINCT_LEAST = 2_000_000, 1000
"""Distinct values kept of all columns of a table together, as far as each may keep the least."""
SAMPLE = 200
GRID_CELLS = 60_000
"""Cells of a table up to which rules that relate its cells to one another look at them."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What the columns of a table are."""

    table: Table
    columns: tuple[Column, ...]
    rows: int
    known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def cells(self) -> list[list[str]]:
        """The rows of the table, none of them when it has more than :data:`GRID_CELLS` cells."""
        if self.rows * len(self.columns) > GRID_CELLS:
            return []
        batches = (zip(*(c.to_pylist() for c in batch.columns), strict=True) for batch in self.table.batches())
        return [list(row) for row in chain.from_iterable(batches)]

    @cached_property
    def written(self) -> list[list[Written | None]]:
        """What each cell of :attr:`cells` says as a number."""
        pointed = [bool(column.pointed) and column.whole for column in self.columns]
        return [
            [read(with_points(cell) if points else cell) for cell, points in zip(row, pointed, strict=True)]
            for row in self.cells
        ]

    @cached_property
    def labels(self) -> list[str]:
        """The words of each row, without its numbers."""
        return [
            " ".join(c for c, w in zip(row, written, strict=True) if w is None and c.strip())
            for row, written in zip(self.cells, self.written, strict=True)
        ]


def remembered(judge: Callable[Concatenate[Profile, P], T]) -> Callable[Concatenate[Profile, P], T]:
    """Have a function keep what it says of a profile with the profile, for all rules that ask."""

    @wraps(judge)
    def known(seen: Profile, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (judge, args)
        if key not in seen.known:
            seen.known[key] = judge(seen, *args, **kwargs)
        return cast(T, seen.known[key])

    return known


@lru_cache(maxsize=1)
def profiles(document: Document, min_count: int) -> tuple[Profile, ...]:
    """Look at every table of a document; the rules that follow one another on it share the pass."""
    return tuple(profile(table, min_count) for table in document.tables)


def profile(table: Table, min_count: int) -> Profile:
    """Look at every cell of a table once."""
    room = min(DISTINCT, max(DISTINCT_LEAST, DISTINCT_TOGETHER // max(len(table.titles), 1)))
    columns = tuple(Column(room=room) for _ in table.titles)
    row = table.first_row
    for batch in table.batches():
        tallies = [pc.value_counts(cells) for cells in batch.columns]
        labels = tally.RowLabels(batch, tallies)
        for column, cells, counted in zip(columns, batch.columns, tallies, strict=True):
            tally.add(column, cells, counted, row, labels, min_count)
        row += batch.num_rows
    return Profile(table, columns, row - table.first_row)


def on_its_side(seen: Profile, min_count: int) -> tuple[Profile, tuple[int, ...]] | None:
    """Return a table with variables in its rows turned on its side, and the columns that became its rows.

    None where it is large, where not one column names the rows, or where no row is named as a statistic.
    """
    names = [i for i, column in enumerate(seen.columns) if column.numbers * 2 < column.filled]
    others = tuple(i for i in range(len(seen.columns)) if i not in names)
    if len(names) != 1 or not others or not seen.cells or seen.rows > SAMPLE:
        return None
    labels = [row[names[0]] for row in seen.cells]
    if not any(map(row_is_statistic, labels)):
        return None
    turned = [[seen.table.titles[i], *(row[i] for row in seen.cells)] for i in others]
    arrays = [pa.array(cells, pa.string()) for cells in zip(*turned, strict=True)]
    batch = pa.RecordBatch.from_arrays(arrays, [f"c{i}" for i in range(len(arrays))])
    titles = (seen.table.titles[names[0]], *labels)
    return profile(Table(seen.table.place, titles, lambda: iter((batch,)), 0), min_count), others
