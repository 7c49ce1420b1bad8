"""Small counts: cells from 1 to the threshold excluded, in the columns of a table that count persons or stays.

The threshold and its source are the policy's. Which columns count is told by their titles, by the titles of the
others, and by their values; a column of whole numbers that nothing explains is taken for a count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..documents import Document
from ..masking import masked
from ..model import Finding, Place
from ..policy import Policy
from . import vocabulary
from .columns import Column, Profile, SmallCells, profiles

RULES = ("counts.small_cell",)
FEW_VALUES = 60


def small_counts(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find small counts in every table of a document, one finding per column."""
    for seen in profiles(document, policy.min_count):
        for index, cells in small_cells(seen).items():
            yield _finding(seen, index, cells, file, policy)


def small_cells(seen: Profile) -> dict[int, SmallCells]:
    """Return the small counts of a table by column."""
    counts = count_columns(seen)
    found = {}
    for index, column in enumerate(seen.columns):
        if index in counts:
            cells = column.small if vocabulary.is_counter(seen.table.titles[index]) else column.plain_small
        elif index > 0 and not _says_otherwise(seen.table.titles[index]):
            # A column that mixes statistics and counts, as in the first table of an article.
            cells = column.labelled_small
        else:
            continue
        if cells.total:
            found[index] = cells
    return found


def count_columns(seen: Profile) -> frozenset[int]:
    """Return the columns that count persons, stays or events."""
    titles = seen.table.titles
    sure = {i for i, column in enumerate(seen.columns) if column.integers and _is_count_by_title(titles[i], column)}
    # A count that carries an identifier's name: the usual result of grouping and counting distinct identifiers.
    sure |= {i for i in range(len(titles)) if counts_identifiers(seen, i)}
    unexplained = {
        i
        for i, column in enumerate(seen.columns)
        if i not in sure and column.whole and not _says_otherwise(titles[i]) and not _is_label(seen, i, column)
    }
    crossed = {i for i in unexplained if vocabulary.is_category(titles[i])}
    if sure:
        unexplained = {i for i in unexplained if i in crossed or not _is_dimension(seen.columns[i])}
    return frozenset(sure | unexplained)


def counts_identifiers(seen: Profile, index: int) -> bool:
    """Tell whether a column named after an identifier holds counts of it: short numbers beside a key of the rows."""
    column = seen.columns[index]
    if not vocabulary.names_identifier(seen.table.titles[index]) or not column.whole or column.is_sequence:
        return False
    keys = (i for i, other in enumerate(seen.columns) if i != index and other.filled == seen.rows)
    return (
        column.maximum < 1_000_000
        and any(
            seen.columns[i].distinct_share > 0.999
            and seen.columns[i].numbers == 0
            and not seen.columns[i].pseudonyms
            and not vocabulary.names_identifier(seen.table.titles[i])
            for i in keys
        )
        and vocabulary.words(seen.table.titles[index]).isdisjoint({"nir", "nirpp", "ins"})
    )


def _is_count_by_title(title: str, column: Column) -> bool:
    if vocabulary.is_counter(title):
        return True
    if _says_otherwise(title):
        return False
    return vocabulary.is_counted(title) and column.integers > column.decimals


def _says_otherwise(title: str) -> bool:
    if vocabulary.is_counter(title):
        return False
    return (
        vocabulary.is_statistic(title)
        or vocabulary.is_measure_or_dimension(title)
        or vocabulary.names_identifier(title)
    )


def _is_label(seen: Profile, index: int, column: Column) -> bool:
    """Tell whether a column tells rows apart: numbered rows, codes with a leading zero, a first column of keys."""
    if index < seen.table.labels or column.zero_led or column.is_sequence:
        return True
    if index > 0 or len(seen.columns) < 2 or vocabulary.is_category(seen.table.titles[index]):
        return False
    return column.distinct_share > 0.999 and seen.table.titled


def _is_dimension(column: Column) -> bool:
    """Tell whether values look like the codes of a breakdown: few, without gap from 0 or 1, often repeated."""
    few = len(column.distinct)
    return (
        2 <= few <= FEW_VALUES
        and column.minimum in (0.0, 1.0)
        and column.maximum - column.minimum + 1 == few
        and column.filled >= 2 * few
    )


def column_place(seen: Profile, index: int) -> Place:
    """Return the place of a column of a table."""
    title = seen.table.titles[index].strip()
    return replace(seen.table.place, column=masked(title) if title else str(index + 1))


def _finding(seen: Profile, index: int, cells: SmallCells, file: str, policy: Policy) -> Finding:
    row, value = cells.first[0]
    where = replace(column_place(seen, index), row=row)
    rows = ", ".join(str(r) for r, _ in cells.first) + ("…" if cells.total > len(cells.first) else "")
    return Finding(
        rule="counts.small_cell",
        severity=policy.severities["counts.small_cell"],
        file=file,
        where=where,
        key="small_cell" if cells.total == 1 else "small_cells",
        params={
            "value": value,
            "total": cells.total,
            "rows": rows,
            "threshold": policy.min_count,
            "largest": policy.min_count - 1,
        },
    )
