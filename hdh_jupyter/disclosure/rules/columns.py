"""What the cells of each column are, gathered in one streaming pass over a table.

Values are counted per batch before they are looked at, so that a column of few distinct values costs almost nothing,
and what is kept does not grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Document, Table
from ..masking import is_pseudonym
from ..numbers import Written, read, with_points
from .vocabulary import row_counts, row_is_statistic

SPACES = r"[ \x{a0}\x{202f}\x{2009}]"
NUMBER = rf"^[+\-]?(?:\d+|\d{{1,3}}(?:{SPACES}\d{{3}})+)(?:[.,]\d*)?(?:[eE][+\-]?\d+)?$|^[+\-]?[.,]\d+$"
ENGLISH_THOUSANDS = r"^[1-9]\d{0,2}(?:,\d{3})+$"
COUNT_AND_SHARE = rf"^(\d+(?:{SPACES}\d{{3}})*){SPACES}*\({SPACES}*\d+(?:[.,]\d+)?{SPACES}*%{SPACES}*\)$"
POINTED = r"^[1-9]\d{0,2}\.\d{3}$"
EXACT_DATE = (
    r"^(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])[-/](?:0[1-9]|[12]\d|3[01])"
    r"|^(?:0[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2])/(?:19|20)\d\d"
)
MARKERS = (
    r"(?i)^(?:(?:<|moins de|less than|fewer than|inf(?:[ée]rieur)?\.? [aà])\s?(?:{count}|{below})"
    r"|n?\s?(?:<=|≤|<|=<)\s?(?:{below}|{count})|[\[(]?1\s?(?:-|–|à|a|to|;|,)\s?{below}[\])]?"
    r"|c|s|ss|ns|nd|n\.d\.|na|n/a|n\.a\.|nan|none|null|<na>|-|–|—|\*+|\.+|…|/|x|#+"
    r"|secret\w*|supprim\w*|masqu\w*|suppressed|non (?:diffus|communiqu)\w*)$"
)
"""Cells that stand for a missing or suppressed value, and bounds as wide as the policy's."""
WORDY = (
    r"(?i)^[^a-zà-ÿ]{0,3}(?:n|nb|nombre|effectif|count|total|no)?\s?[=:<>≤≥]|^[^a-zà-ÿ]*\d|[^\x00-\x7f\xa0-\xff]"
    r"|^(?:moins|plus|less|more|fewer|under|below|over|above|inf|sup|au|at|entre|between|de|from|env|environ|about)\b.*\d"
    r"|^(?:z[ée]ro|aucune?|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|one|two|three|four|five|seven|eight"
    r"|nine|ten)(?: [\pL()]+)?$"
)
"""Cells that may say a number in another way than a program does; the others are not looked at."""
TEXT = r"^[^\d<>=≤≥+\-]"
DISTINCT = 20_000
SHOWN = 5
SAMPLE = 200
LONG_NUMBER = 16
"""Digits from which a number may be a pseudonym."""
FEW_LABELS = 2000
GRID_CELLS = 60_000
"""Cells of a table up to which rules that relate its cells to one another look at them."""


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
    pointed
        Cells such as `1.234`, which are thousands where the others are whole.
    explicit, percents, shares, fractions, spreads, bounds
        Cells such as `4 patients`, `5 %`, `12 (5 %)`, `4/120`, `54 (12)`, `<5`.
    small
        Cells from 1 to the threshold excluded, by how they are written: `number`, `negative`, `bound` (narrower than
        the policy's), `fraction`, `spread`.
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
    pointed: int = 0
    explicit: int = 0
    percents: int = 0
    shares: int = 0
    fractions: int = 0
    spreads: int = 0
    bounds: int = 0
    base: float = 0
    small: dict[str, Small] = field(default_factory=dict)

    @property
    def numbers(self) -> int:
        """Cells that hold a number."""
        return self.integers + self.decimals

    @property
    def whole(self) -> bool:
        """Whether its cells are whole numbers, none of them negative, titles and notes in between allowed."""
        filled = self.numbers + self.bounds
        fractional = self.decimals != self.pointed or (self.pointed > 0 and self.integers == 0)
        return self.integers > 0 and not fractional and self.negatives == 0 and filled * 2 >= self.filled

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
            and self.filled > 1
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


@dataclass
class Small:
    """Small cells: all; those whose row is not a statistic; those whose row is a count."""

    every: SmallCells = field(default_factory=SmallCells)
    plain: SmallCells = field(default_factory=SmallCells)
    labelled: SmallCells = field(default_factory=SmallCells)


@dataclass(frozen=True, eq=False)
class Profile:
    """What the columns of a table are."""

    table: Table
    columns: tuple[Column, ...]
    rows: int

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


@lru_cache(maxsize=1)
def profiles(document: Document, min_count: int) -> tuple[Profile, ...]:
    """Look at every table of a document; the rules that follow one another on it share the pass."""
    return tuple(profile(table, min_count) for table in document.tables)


def profile(table: Table, min_count: int) -> Profile:
    """Look at every cell of a table once."""
    columns = tuple(Column() for _ in table.titles)
    row = table.first_row
    for batch in table.batches():
        labels = _RowLabels(batch)
        for index, column in enumerate(columns):
            _add(column, batch.column(index), row, labels, min_count)
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


@dataclass(frozen=True)
class _RowLabels:
    """The rows of a batch, whose words are read as labels only where a cell of the batch is small."""

    batch: Any

    @cached_property
    def masks(self) -> tuple[Any, Any]:
        """Which rows are statistics and which are counts."""
        statistic = counted = pa.repeat(pa.scalar(False), self.batch.num_rows)
        for cells in self.batch.columns:
            encoded = cells.dictionary_encode()
            labels = encoded.dictionary
            if len(labels) > FEW_LABELS or (pc.sum(pc.match_substring_regex(labels, TEXT)).as_py() or 0) * 2 < len(
                labels
            ):
                continue
            texts = labels.to_pylist()
            counts = pa.array([row_counts(text) for text in texts], pa.bool_())
            others = pa.array([row_is_statistic(text) for text in texts], pa.bool_())
            counted = pc.or_(counted, counts.take(encoded.indices))
            statistic = pc.or_(statistic, others.take(encoded.indices))
        return pc.and_not(statistic, counted), counted


def _add(column: Column, cells: Any, first_row: int, labels: _RowLabels, min_count: int) -> None:
    tally = pc.value_counts(cells)
    raw, weights = tally.field(0), tally.field(1)
    values = pc.utf8_trim_whitespace(raw)
    raw, values, weights = _kept(pc.greater(pc.utf8_length(values), 0), raw, values, weights)
    floats = _plain_numbers(values)
    if floats is None:
        markers = MARKERS.format(count=min_count, below=min_count - 1)
        raw, values, weights = _kept(pc.invert(pc.match_substring_regex(values, markers)), raw, values, weights)
    filled = pc.sum(weights).as_py() or 0
    column.filled += filled
    _add_distinct(column, values, filled)
    if not filled:
        return
    if floats is None or pc.utf8_length(values[0]).as_py() >= LONG_NUMBER:
        sample = values.slice(0, SAMPLE).to_pylist()
        column.sampled += len(sample)
        column.pseudonyms += sum(is_pseudonym(value) for value in sample)
    small: dict[str, dict[str, int]] = {}
    if floats is None:
        dates = pc.match_substring_regex(values, EXACT_DATE)
        column.dates += _weight(weights, dates)
        column.integers += _weight(weights, pc.match_substring_regex(values, ENGLISH_THOUSANDS))
        number, shares = _plain_masks(values)
        column.shares += _weight(weights, shares)
        others = pc.and_not(pc.and_not(pc.match_substring_regex(values, WORDY), dates), number)
        kept = _kept(pc.and_not(others, pc.match_substring_regex(values, ENGLISH_THOUSANDS)), raw, weights)
        small = _others(column, zip(*(part.to_pylist() for part in kept), strict=True), min_count)
        raw, values, weights = _kept(number, raw, values, weights)
        floats = _floats(values)
    if len(floats):
        _add_numbers(column, values, weights, floats)
        integral = pc.equal(floats, pc.floor(floats))
        for name, low, high in (("number", 0, min_count), ("negative", -min_count, 0)):
            near = pc.and_(integral, pc.and_(pc.greater(floats, low), pc.less(floats, high)))
            if pc.any(near).as_py():
                found = dict(zip(raw.filter(near).to_pylist(), map(int, floats.filter(near).to_pylist()), strict=True))
                small.setdefault(name, {}).update(found)
    for name, values_of in small.items():
        _add_small(column.small.setdefault(name, Small()), cells, values_of, first_row, labels)


def _add_numbers(column: Column, values: Any, weights: Any, floats: Any) -> None:
    integral = pc.equal(floats, pc.floor(floats))
    column.integers += _weight(weights, integral)
    decimals = _weight(weights, pc.invert(integral))
    column.decimals += decimals
    if decimals:
        column.pointed += _weight(weights.filter(pc.invert(integral)), _pointed(values.filter(pc.invert(integral))))
    column.negatives += _weight(weights, pc.less(floats, 0))
    column.zero_led += _weight(weights, pc.match_substring_regex(values, r"^0\d"))
    column.minimum = min(column.minimum, pc.min(floats).as_py())
    column.maximum = max(column.maximum, pc.max(floats).as_py())


def _pointed(values: Any) -> Any:
    """Tell which values are such as `1.234`; none when one of the first is not."""
    first = pc.match_substring_regex(values.slice(0, SAMPLE), POINTED)
    return (
        pc.match_substring_regex(values, POINTED) if pc.all(first).as_py() else pa.repeat(pa.scalar(False), len(values))
    )


def _others(column: Column, cells: Iterable[tuple[str, int]], min_count: int) -> dict[str, dict[str, int]]:
    """Look at cells that say a number as people write them, and return the small ones by how they are written."""
    small: dict[str, dict[str, int]] = {}
    for raw, weight in cells:
        found = read(raw) or read(with_points(raw))
        if found is None:
            continue
        kind, bounds = found.kind, found.bounds
        column.percents += weight * (kind == "percent")
        column.spreads += weight * (kind == "value_and_spread")
        column.fractions += weight * (kind == "fraction")
        column.base = max(column.base, found.other or 0) if kind == "fraction" else column.base
        column.bounds += weight * (kind in ("bound_below", "bound_at_most", "range"))
        column.explicit += weight * (kind == "count")
        if kind in ("number", "count", "count_and_share"):
            column.shares += weight * (kind == "count_and_share")
            column.integers += weight * found.value.is_integer()
            column.decimals += weight * (not found.value.is_integer())
            column.negatives += weight * (found.value < 0)
            column.minimum, column.maximum = min(column.minimum, found.value), max(column.maximum, found.value)
        if kind == "value_and_spread" and found.value.is_integer():
            bounds = (found.value, found.value)
        name = {"bound_below": "bound", "bound_at_most": "bound", "range": "bound", "fraction": "fraction"}.get(kind)
        name = name or ("spread" if kind == "value_and_spread" else "number")
        if bounds is not None and bounds[0] >= 1 and bounds[1] < min_count - (name == "bound"):
            small.setdefault(name, {})[raw] = int(bounds[1])
        elif kind == "number" and -min_count < found.value < 0 and found.value.is_integer():
            small.setdefault("negative", {})[raw] = int(found.value)
    return small


def _plain_numbers(values: Any) -> Any:
    """Return the numbers of values that all are numbers written as a program writes them, else None."""
    try:
        floats = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        return None
    return floats if len(floats) and pc.all(pc.is_finite(floats)).as_py() else None


def _plain_masks(values: Any) -> tuple[Any, Any]:
    """Tell which values hold one number with a usual separator, or a count with its share; and which the latter."""
    shares = pc.match_substring_regex(values, COUNT_AND_SHARE)
    thousands = pc.match_substring_regex(values, ENGLISH_THOUSANDS)
    return pc.and_not(pc.or_(shares, pc.match_substring_regex(values, NUMBER)), thousands), shares


def _floats(values: Any) -> Any:
    """Return the numbers of values of :func:`_plain_masks`; `12 (5 %)` counts 12."""
    text = pc.replace_substring_regex(values, COUNT_AND_SHARE, r"\1")
    plain = pc.replace_substring(pc.replace_substring_regex(text, SPACES + r"|^\+", ""), ",", ".")
    return pc.cast(plain, pa.float64())


def _kept(mask: Any, *arrays: Any) -> tuple[Any, ...]:
    return tuple(array.filter(mask) for array in arrays)


def _add_distinct(column: Column, values: Any, filled: int) -> None:
    if len(column.distinct) < DISTINCT:
        column.distinct.update(values.to_pylist())
        column.counted += filled


def _add_small(small: Small, cells: Any, value_of: dict[str, int], first_row: int, labels: _RowLabels) -> None:
    here = pc.is_in(cells, value_set=pa.array(list(value_of), pa.string()))
    statistic, counted = labels.masks
    for kept, mask in (
        (small.every, here),
        (small.plain, pc.and_not(here, statistic)),
        (small.labelled, pc.and_(here, counted)),
    ):
        indices = pc.indices_nonzero(mask)
        first = indices.slice(0, SHOWN)
        shown = [value_of[v] for v in cells.take(first).to_pylist()]
        kept.add([first_row + i for i in first.to_pylist()], shown, len(indices))


def _weight(weights: Any, mask: Any) -> int:
    return int(pc.sum(weights.filter(mask)).as_py() or 0)
