"""Small counts: cells from 1 to the threshold excluded, in the columns of a table that count persons or stays.

The threshold and its source are the policy's. Which columns count is told by their titles, by the titles of the
others, and by their values; a column of whole numbers that nothing explains is taken for a count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import re2

from ..documents import Document
from ..masking import masked
from ..model import Finding, Place
from ..policy import Policy
from . import vocabulary
from .columns import Column, Profile, SmallCells, on_its_side, profiles, remembered
from .relations import contradicts_its_title, is_percent_like, shown_to_count
from .shares_of_base import rows_of_shares

RULES = ("counts.small_cell",)
FEW_VALUES = 60
LABELLED = 3
"""Rows from which a first column that counts 1, 2, 3... is taken to number them."""
SETTINGS_ROWS = 3
"""Rows up to which a table may be a record of settings."""
CODED = re2.compile(r"^(.*[A-Za-z])[ _=:.\-]+(?:\d{1,4}|[A-Z]{1,2})$")


def small_counts(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find small counts in every table of a document, one finding per column."""
    for seen in profiles(document, policy.min_count):
        found = small_cells(seen, policy.min_count)
        for index, cells in (_small_on_its_side(seen, policy.min_count) | found).items():
            yield _finding(seen, index, cells, file, policy)


def small_cells(seen: Profile, min_count: int) -> dict[int, SmallCells]:
    """Return the small counts of a table by column."""
    counts = count_columns(seen)
    found = {}
    for index, column in enumerate(seen.columns):
        cells = SmallCells()
        for name, small in column.small.items():
            if index in counts and _belongs(seen, index, name):
                one = small.every if vocabulary.is_counter(seen.table.titles[index]) else small.plain
            elif index not in counts and name in ("number", "spread") and _may_mix(seen, index):
                # A column that mixes statistics and counts, as in the first table of an article.
                one = small.labelled
            else:
                continue
            cells.add([row for row, _ in one.first], [value for _, value in one.first], one.total)
        if column.spreads:
            known = {row for row, _ in cells.first}
            for row in rows_of_shares(seen, index):
                value = seen.written[row][index]
                number = seen.table.first_row + row
                if value is not None and value.value < min_count and number not in known:
                    cells.add([number], [int(value.value)], 1)
        if cells.total:
            found[index] = cells
    return found


def _small_on_its_side(seen: Profile, min_count: int) -> dict[int, SmallCells]:
    """Return the small counts of a table whose rows are variables, by column of the table as it stands."""
    turned = on_its_side(seen, min_count)
    found: dict[int, SmallCells] = {}
    if turned is not None:
        profile, others = turned
        for index, cells in small_cells(profile, min_count).items():
            if index > 0:
                shown = [(row, value) for row, value in cells.first if _may_mix(seen, others[row])]
                for row, value in shown:
                    found.setdefault(others[row], SmallCells()).add([seen.table.first_row + index - 1], [value], 1)
    return found


def _belongs(seen: Profile, index: int, name: str) -> bool:
    """Tell whether small cells written in a way count in a column that does."""
    title, column = seen.table.titles[index], seen.columns[index]
    if name == "negative":
        return _is_count_by_title(seen, index) and not vocabulary.is_change(title)
    if name == "spread":
        return vocabulary.is_counter(title) or vocabulary.is_frequency(title) or "%" in title
    if name == "fraction":
        return _is_of_base(column) or vocabulary.is_counter(title) or vocabulary.is_counted(title)
    return True


def _may_mix(seen: Profile, index: int) -> bool:
    if _says_otherwise(seen, index) or _counts_others(seen, index):
        return False
    return not _is_label(seen, index, seen.columns[index])


def _is_of_base(column: Column) -> bool:
    """Tell whether cells such as `4/120` count persons of a base, rather than being days, months or steps."""
    return column.fractions * 2 >= column.filled and column.base > 31 and not 1900 <= column.base <= 2100


@remembered
def count_columns(seen: Profile) -> frozenset[int]:
    """Return the columns that count persons, stays or events."""
    titles = seen.table.titles
    sure = {i for i in range(len(titles)) if _is_count_by_title(seen, i) or _says_what_it_counts(seen.columns[i])}
    # A count that carries an identifier's name: the usual result of grouping and counting distinct identifiers.
    sure |= {i for i in range(len(titles)) if counts_identifiers(seen, i)}
    sure |= {i for i in shown_to_count(seen) if not _is_label(seen, i, seen.columns[i])}
    unexplained = {
        i
        for i, column in enumerate(seen.columns)
        if i not in sure and column.whole and not _says_otherwise(seen, i) and not _is_label(seen, i, column)
    }
    sure |= {i for i in _coded_categories(titles) if seen.columns[i].whole}
    sure -= {i for i in sure if _counts_others(seen, i) or _numbers_the_rows(seen, i, sure)}
    crossed = {i for i in unexplained if vocabulary.is_category(titles[i])}
    unexplained -= {i for i in unexplained - crossed if _describes_codes(seen, i)}
    unexplained -= {i for i in unexplained if _counts_others(seen, i)}
    if is_of_settings(seen, unexplained):
        unexplained = set()
    told = vocabulary.says_counts(seen.table.caption)
    if told and not sure and not unexplained:
        unexplained = {i for i in range(1, len(titles)) if _is_told_by_caption(seen, i)}
    if told is False and all(seen.columns[i].maximum <= 100 for i in unexplained):
        unexplained = set()
    if sure and sum(bool(vocabulary.words(title) & vocabulary.ESTIMATES) for title in titles) > 1:
        unexplained &= crossed
    if sure:
        unexplained = {i for i in unexplained if i in crossed or not _is_dimension(seen.columns[i])}
        unexplained -= {i for i in unexplained - crossed if follows_from_labels(seen, i)}
    return frozenset(sure | unexplained)


def is_of_settings(seen: Profile, unexplained: Iterable[int]) -> bool:
    """Tell whether a record holds the settings of an algorithm: two at least, and most of its numbers."""
    named = [label for label in seen.labels if label] if seen.rows <= FEW_VALUES else []
    if sum(map(vocabulary.is_setting, named)) >= max(2, len(named) / 2):
        return True
    if seen.rows > SETTINGS_ROWS:
        return False
    settings = {i for i, title in enumerate(seen.table.titles) if vocabulary.is_setting(title)}
    return len(settings) >= 2 and len(set(unexplained) - settings) <= len(settings)


def _is_told_by_caption(seen: Profile, index: int) -> bool:
    """Tell whether a column is of what the caption counts: titled by more than a measure, such as `courte durée`.

    `durée`, `mois` alone are what the others are told by.
    """
    title, column = seen.table.titles[index], seen.columns[index]
    known = vocabulary.MEASURES | vocabulary.DIMENSIONS | vocabulary.LINKS
    if not column.whole or vocabulary.is_statistic(title) or vocabulary.names_identifier(title):
        return False
    return bool(vocabulary.words(title) - known)


def _counts_others(seen: Profile, index: int) -> bool:
    """Tell whether a column counts things, or establishments and their staff, and not who is treated there.

    Staff without a counting word may be patients: they are told apart by the patients or stays counted beside them.
    """
    title = seen.table.titles[index]
    if vocabulary.counts_things(title):
        return True
    if not vocabulary.counts_units(title) and not vocabulary.counts_staff(title):
        return False
    others = (t for i, t in enumerate(seen.table.titles) if i != index)
    return vocabulary.is_counter(title) or any(vocabulary.words(t) & vocabulary.TREATED for t in others)


def _numbers_the_rows(seen: Profile, index: int, sure: set[int]) -> bool:
    """Tell whether a first column titled as a count labels the rows of others: `nb_comorbidites` 0, 1, 2, 3, 5+."""
    column = seen.columns[index]
    if (
        index > 0
        or len(sure) < 2
        or not seen.cells
        or column.integers < LABELLED
        or column.filled > column.integers + 1
    ):
        return False
    numbers = [row[0].value for row in seen.written if row[0] is not None and row[0].kind == "number"]
    return numbers[:1] in ([0.0], [1.0]) and all(b == a + 1 for a, b in pairwise(numbers))


@remembered
def follows_from_labels(seen: Profile, index: int) -> bool:
    """Tell whether a column is an attribute of another's categories: the same in all rows of each, which repeat.

    Counts that differ from category to category are never alike within all of them.
    """
    column = seen.columns[index]
    few = len(column.distinct)
    if not seen.cells or seen.rows < 4 or few * 2 > seen.rows:
        return False
    for other, labels in enumerate(seen.columns):
        if other != index and few <= len(labels.distinct) and 1 < len(labels.distinct) * 2 <= seen.rows:
            pairs = {(row[other], row[index]) for row in seen.cells}
            groups = {label for label, _ in pairs}
            if len(pairs) == len(groups) and len(groups) * 2 <= seen.rows:
                return True
    return False


def _coded_categories(titles: Sequence[str]) -> frozenset[int]:
    """Return the columns that are titled as the categories of one dimension: `SEXE_1`, `SEXE_2`."""
    stems: dict[str, list[int]] = {}
    for i, title in enumerate(titles):
        if (match := CODED.match(title.strip())) and vocabulary.words(match[1]) & vocabulary.DIMENSIONS:
            stems.setdefault(match[1].lower(), []).append(i)
    return frozenset(i for found in stems.values() if len(found) > 1 for i in found)


def _describes_codes(seen: Profile, index: int) -> bool:
    """Tell whether a column of few small numbers is an attribute of the codes that a list is about."""
    column = seen.columns[index]
    if column.maximum >= FEW_VALUES or column.distinct_share > 0.7 or seen.rows < 4:
        return False
    return any(
        vocabulary.words(seen.table.titles[i]) & vocabulary.CODES
        and other.numbers == 0
        and other.filled == seen.rows
        and other.distinct_share > 0.9
        for i, other in enumerate(seen.columns)
    )


def _says_what_it_counts(column: Column) -> bool:
    """Tell whether the cells are such as `4 patients`, `12 (5 %)` or `4/120`."""
    return column.filled > 0 and (
        column.explicit + column.shares >= 0.3 * column.filled or (column.fractions > 0 and _is_of_base(column))
    )


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


def _is_count_by_title(seen: Profile, index: int) -> bool:
    title, column = seen.table.titles[index], seen.columns[index]
    whole = column.integers + column.bounds + column.fractions + column.pointed
    if vocabulary.is_counter(title):
        return whole + column.spreads > 0
    if vocabulary.is_frequency(title):
        return column.whole and not is_percent_like(seen, index)
    if _says_otherwise(seen, index):
        return False
    return vocabulary.is_counted(title) and whole * 2 >= column.filled and whole > column.decimals - column.pointed


def _says_otherwise(seen: Profile, index: int) -> bool:
    title = seen.table.titles[index]
    if vocabulary.is_counter(title) or vocabulary.is_named_category(title):
        return False
    if vocabulary.is_frequency(title):
        return not seen.columns[index].whole or is_percent_like(seen, index)
    if vocabulary.is_percentile(title, seen.table.titles):
        return True
    named = vocabulary.is_statistic(title) or vocabulary.is_measure_or_dimension(title)
    return (named and not contradicts_its_title(seen, index)) or vocabulary.names_identifier(title)


def _is_label(seen: Profile, index: int, column: Column) -> bool:
    """Tell whether a column tells rows apart: numbered rows, codes with a leading zero, a first column of keys."""
    if index < seen.table.labels or column.zero_led or column.is_sequence:
        return True
    if index > 0 or len(seen.columns) < 2 or vocabulary.is_category(seen.table.titles[index]):
        return False
    # Where words name the rows, figures in the first column do not.
    named = any(c.filled == seen.rows and not c.numbers and c.distinct_share > 0.999 for c in seen.columns)
    return column.distinct_share > 0.999 and seen.table.titled and not named


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
