"""What the cells of each column are, gathered in one streaming pass over a table.

Values are counted per batch before they are looked at, so that a column of few distinct values costs almost nothing,
and what is kept does not grow with the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Document, Table
from ..masking import is_pseudonym
from .vocabulary import COUNT_ROWS, STATISTIC_ROWS

SPACES = r"[ \x{a0}\x{202f}\x{2009}]"
NUMBER = rf"^[+\-]?(?:\d+|\d{{1,3}}(?:{SPACES}\d{{3}})+)(?:[.,]\d*)?(?:[eE][+\-]?\d+)?$|^[+\-]?[.,]\d+$"
ENGLISH_THOUSANDS = r"^[1-9]\d{0,2}(?:,\d{3})+$"
COUNT_AND_SHARE = rf"^(\d+(?:{SPACES}\d{{3}})*){SPACES}*\({SPACES}*\d+(?:[.,]\d+)?{SPACES}*%{SPACES}*\)$"
EXACT_DATE = (
    r"^(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])"
    r"|^(?:0[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2])/(?:19|20)\d\d"
)
MARKERS = r"(?i)^(?:<\s?1[01]|c|s|nd|n\.d\.|na|nan|none|null|<na>|-|–|\*+|\.+|…|/|x)$"
"""Cells that stand for a missing or suppressed value."""
DISTINCT = 20_000
SHOWN = 5
SAMPLE = 200
LONG_NUMBER = 16
"""Digits from which a number may be a pseudonym."""


@dataclass
class Column:
    """What the cells of one column are.

    Attributes
    ----------
    filled
        Cells that hold something other than a marker of a missing value.
    integers, decimals
        Cells that hold a number without, with a fraction.
    distinct
        Values seen, up to :data:`DISTINCT`; `counted` is how many cells had been seen then.
    small, plain_small, labelled_small
        Cells from 1 to the threshold excluded: all; those whose row is not a statistic; those whose row is a count.
    """

    filled: int = 0
    integers: int = 0
    decimals: int = 0
    negatives: int = 0
    zero_led: int = 0
    dates: int = 0
    pseudonyms: int = 0
    sampled: int = 0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    distinct: set[str] = field(default_factory=set)
    counted: int = 0
    small: SmallCells = field(default_factory=lambda: SmallCells())
    plain_small: SmallCells = field(default_factory=lambda: SmallCells())
    labelled_small: SmallCells = field(default_factory=lambda: SmallCells())

    @property
    def numbers(self) -> int:
        """Cells that hold a number."""
        return self.integers + self.decimals

    @property
    def whole(self) -> bool:
        """Whether its cells are whole numbers, none of them negative, titles and notes in between allowed."""
        return self.integers > 0 and self.decimals == 0 and self.negatives == 0 and self.numbers * 2 >= self.filled

    @property
    def distinct_share(self) -> float:
        """Distinct values per filled cell, 1 when every value differs."""
        return len(self.distinct) / self.counted if self.counted else 0.0

    @property
    def is_sequence(self) -> bool:
        """Whether it numbers the rows: whole numbers without gap or repetition."""
        return (
            self.whole
            and self.numbers == self.filled
            and self.minimum in (0.0, 1.0)
            and self.maximum - self.minimum + 1 == self.filled
            and self.distinct_share > 0.999
        )


@dataclass
class SmallCells:
    """The first few cells of a kind, and how many there are."""

    total: int = 0
    first: list[tuple[int, int]] = field(default_factory=list)

    def add(self, rows: list[int], values: list[int], total: int) -> None:
        """Count `total` more cells, of which the first are given by row and value."""
        self.total += total
        room = SHOWN - len(self.first)
        self.first.extend(list(zip(rows, values, strict=True))[:room])


@dataclass(frozen=True)
class Profile:
    """What the columns of a table are."""

    table: Table
    columns: tuple[Column, ...]
    rows: int


@lru_cache(maxsize=1)
def profiles(document: Document, min_count: int) -> tuple[Profile, ...]:
    """Look at every table of a document; the rules that follow one another on it share the pass."""
    return tuple(profile(table, min_count) for table in document.tables)


def profile(table: Table, min_count: int) -> Profile:
    """Look at every cell of a table once."""
    columns = tuple(Column() for _ in table.titles)
    row = table.first_row
    for batch in table.batches():
        labels = _RowLabels(batch.column(0))
        for index, column in enumerate(columns):
            _add(column, batch.column(index), row, labels, min_count)
        row += batch.num_rows
    return Profile(table, columns, row - table.first_row)


@dataclass(frozen=True)
class _RowLabels:
    """The first cells of a batch's rows, read as labels only where a cell of the batch is small."""

    first: Any

    @cached_property
    def masks(self) -> tuple[Any, Any]:
        """Which rows are statistics and which are counts."""
        encoded = self.first.dictionary_encode()
        labels = encoded.dictionary
        counted = pc.match_substring_regex(labels, COUNT_ROWS.pattern)
        statistic = pc.and_not(pc.match_substring_regex(labels, STATISTIC_ROWS.pattern), counted)
        return statistic.take(encoded.indices), counted.take(encoded.indices)


def _add(column: Column, cells: Any, first_row: int, labels: _RowLabels, min_count: int) -> None:
    tally = pc.value_counts(cells)
    raw, weights = tally.field(0), tally.field(1)
    values = pc.utf8_trim_whitespace(raw)
    raw, values, weights = _kept(pc.greater(pc.utf8_length(values), 0), raw, values, weights)
    floats = _plain_numbers(values)
    if floats is None:
        raw, values, weights = _kept(pc.invert(pc.match_substring_regex(values, MARKERS)), raw, values, weights)
    filled = pc.sum(weights).as_py() or 0
    column.filled += filled
    _add_distinct(column, values, filled)
    if not filled:
        return
    if floats is None or pc.utf8_length(values[0]).as_py() >= LONG_NUMBER:
        sample = values.slice(0, SAMPLE).to_pylist()
        column.sampled += len(sample)
        column.pseudonyms += sum(is_pseudonym(value) for value in sample)
    if floats is None:
        column.dates += _weight(weights, pc.match_substring_regex(values, EXACT_DATE))
        column.integers += _weight(weights, pc.match_substring_regex(values, ENGLISH_THOUSANDS))
        raw, values, weights, floats = _numbers(raw, values, weights)
        if not len(floats):
            return
    integral = pc.equal(floats, pc.floor(floats))
    column.integers += _weight(weights, integral)
    column.decimals += _weight(weights, pc.invert(integral))
    column.negatives += _weight(weights, pc.less(floats, 0))
    column.zero_led += _weight(weights, pc.match_substring_regex(values, r"^0\d"))
    column.minimum = min(column.minimum, pc.min(floats).as_py())
    column.maximum = max(column.maximum, pc.max(floats).as_py())
    small = pc.and_(integral, pc.and_(pc.greater(floats, 0), pc.less(floats, min_count)))
    if pc.any(small).as_py():
        _add_small(column, cells, raw.filter(small), floats.filter(small), first_row, labels)


def _plain_numbers(values: Any) -> Any:
    """Return the numbers of values that all are numbers written as a program writes them, else None."""
    try:
        floats = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        return None
    return floats if len(floats) and pc.all(pc.is_finite(floats)).as_py() else None


def _numbers(raw: Any, values: Any, weights: Any) -> tuple[Any, Any, Any, Any]:
    """Return the values that hold a number as people write them, and those numbers; `12 (5 %)` counts 12."""
    shares = pc.match_substring_regex(values, COUNT_AND_SHARE)
    text = pc.replace_substring_regex(values, COUNT_AND_SHARE, r"\1") if pc.any(shares).as_py() else values
    thousands = pc.match_substring_regex(text, ENGLISH_THOUSANDS)
    number = pc.and_not(pc.or_(shares, pc.match_substring_regex(text, NUMBER)), thousands)
    raw, text, weights = _kept(number, raw, text, weights)
    plain = pc.replace_substring(pc.replace_substring_regex(text, SPACES + r"|^\+", ""), ",", ".")
    return raw, text, weights, pc.cast(plain, pa.float64())


def _kept(mask: Any, *arrays: Any) -> tuple[Any, ...]:
    return tuple(array.filter(mask) for array in arrays)


def _add_distinct(column: Column, values: Any, filled: int) -> None:
    if len(column.distinct) < DISTINCT:
        column.distinct.update(values.to_pylist())
        column.counted += filled


def _add_small(column: Column, cells: Any, raw: Any, floats: Any, first_row: int, labels: _RowLabels) -> None:
    value_of = dict(zip(raw.to_pylist(), (int(f) for f in floats.to_pylist()), strict=True))
    here = pc.is_in(cells, value_set=raw)
    statistic, counted = labels.masks
    for kept, mask in (
        (column.small, here),
        (column.plain_small, pc.and_not(here, statistic)),
        (column.labelled_small, pc.and_(here, counted)),
    ):
        indices = pc.indices_nonzero(mask)
        first = indices.slice(0, SHOWN)
        shown = [value_of[v] for v in cells.take(first).to_pylist()]
        kept.add([first_row + i for i in first.to_pylist()], shown, len(indices))


def _weight(weights: Any, mask: Any) -> int:
    return int(pc.sum(weights.filter(mask)).as_py() or 0)
