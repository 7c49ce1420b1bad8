"""Rows of measures on one person each, without an identifier: weight, height, age, blood counts, predictions.

Their combinations are nearly unique, nothing says that they are means, no label names each row, and they do not fill a
grid as a simulation does, nor follow one another in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa

from ..identity import words
from . import vocabulary
from .columns import Column, Profile

MIN_ROWS = 20
PREVIEW = 3
"""Rows of a listing that numbers its rows, from which three measures are taken for a person's."""
UNIQUE, DENSITY, FULL, MONOTONE = 0.5, 0.25, 0.9, 0.95
MANY_MEASURES = 5
UNEXPLAINED_ROWS = 100


def measured(seen: Profile) -> tuple[int, ...]:
    """Return the columns of measures when the rows of a table are persons by their shape, else none."""
    if not _could_be_persons(seen):
        return ()
    columns = tuple(
        i
        for i, column in enumerate(seen.columns)
        if column.numbers >= 0.5 * column.filled > 0 and words.names(seen.table.titles[i], "measured")
    )
    numbered = any(column.is_sequence for i, column in enumerate(seen.columns) if i not in columns)
    enough = seen.rows >= MIN_ROWS or (seen.rows >= PREVIEW and numbered and len(columns) >= 3)
    # Sex or a status of 0 and 1 says nothing alone; a measure has values.
    telling = [i for i in columns if len(seen.columns[i].distinct) > 2]
    if len(columns) < 2 or not telling or not enough:
        return ()
    return columns if _individual(seen, columns) else ()


def unexplained(seen: Profile) -> tuple[int, ...]:
    """Return the columns of many numbers with a fraction that no title explains, as vectors of persons have."""
    if seen.rows < UNEXPLAINED_ROWS or not _could_be_persons(seen):
        return ()
    columns = tuple(
        i
        for i, c in enumerate(seen.columns)
        if c.decimals >= 0.5 * c.filled > 0 and not vocabulary.is_measure_or_dimension(seen.table.titles[i])
    )
    return columns if len(columns) >= MANY_MEASURES and _individual(seen, columns) else ()


def _could_be_persons(seen: Profile) -> bool:
    for title, column in zip(seen.table.titles, seen.columns, strict=True):
        if vocabulary.is_statistic(title) and not words.names(title, "measured"):
            return False
        if words.names(title, "steps") and column.numbers and not words.names(title, "measured"):
            return False
        if vocabulary.is_statistic(title) and words.names(title, "measured") and len(words.title_words(title)) > 1:
            return False
    return not any(_labels(seen, i) for i in range(len(seen.columns)))


def _labels(seen: Profile, index: int) -> bool:
    """Tell whether a column names each row: a place, a category, a variable."""
    column = seen.columns[index]
    return (
        column.filled == seen.rows > 1
        and column.numbers == 0
        and column.distinct_share > 0.99
        and column.dates == 0
        and column.pseudonyms < 0.5 * max(column.sampled, 1)
    ) or (column.dates >= 0.8 * column.filled > 0 and column.distinct_share > 0.999 and is_series(seen, index))


def is_series(seen: Profile, index: int) -> bool:
    """Tell whether the first days of a column follow one another."""
    batch = next(iter(seen.table.batches()), None)
    if batch is None:
        return False
    cells = [c or "" for c in batch.column(index).slice(0, 200).to_pylist()]
    keys = ["".join(reversed(c[:10].split("/"))) if "/" in c else c[:10] for c in cells]
    return all(a < b for a, b in pairwise(keys)) or all(a > b for a, b in pairwise(keys))


def _individual(seen: Profile, columns: Sequence[int]) -> bool:
    names = [f"c{i}" for i in columns]
    for batch in seen.table.batches():
        if not batch.num_rows:
            continue
        rows = pa.Table.from_batches([batch.slice(0, 20_000)])
        combinations = rows.group_by(names).aggregate([]).num_rows
        possible = 1
        for name in names:
            possible *= max(len(rows[name].unique()), 1)
        if combinations < UNIQUE * rows.num_rows or (combinations / possible >= DENSITY and rows.num_rows >= MIN_ROWS):
            return False
        return not _ordered(rows, names) and not _broken_down(seen, rows, columns)
    return False


def _ordered(rows: Any, names: Sequence[str]) -> bool:
    """Tell whether all numbers of several values rise or fall from row to row, as along a curve."""
    for name in names:
        values = [_number(cell) for cell in rows[name].slice(0, 500).to_pylist()]
        numbers = [v for v in values if v is not None]
        if len(set(numbers)) <= 2:
            continue
        steps = [b - a for a, b in pairwise(numbers)]
        rising = max(sum(s >= 0 for s in steps), sum(s <= 0 for s in steps))
        if rising < MONOTONE * len(steps):
            return False
    return bool(rows.num_rows > PREVIEW)


def _broken_down(seen: Profile, rows: Any, columns: Sequence[int]) -> bool:
    """Tell whether categories tell the rows apart and occur in most of their combinations, as in a table of means.

    Measures are categories of a simulated grid, which has nearly all combinations.
    """
    categories = [i for i, c in enumerate(seen.columns) if _is_category(c, seen.rows)]
    others = [i for i in categories if i not in columns]
    return _complete(rows, others, DENSITY) or _complete(rows, categories, FULL)


def _complete(rows: Any, columns: Sequence[int], density: float) -> bool:
    if not columns:
        return False
    keys = [f"c{i}" for i in columns]
    combinations = rows.group_by(keys).aggregate([]).num_rows
    possible = 1
    for key in keys:
        possible *= max(len(rows[key].unique()), 1)
    return bool(combinations >= 0.99 * rows.num_rows and combinations / possible >= density)


def _is_category(column: Column, rows: int) -> bool:
    few = len(column.distinct) <= max(rows / 2, 1)
    return column.filled > 0 and not column.decimals and not column.is_sequence and (few or column.numbers == 0)


def _number(cell: str | None) -> float | None:
    try:
        return float((cell or "").replace(",", ".").replace(" ", ""))
    except ValueError:
        return None
