"""What the cells of a batch of rows add to what is known of their columns.

Values are counted before they are looked at, so that a column of few distinct values costs almost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..masking import is_pseudonym
from ..numbers import read, with_points
from .column import SHOWN, Column, Small
from .vocabulary import is_dimension, row_counts, row_is_statistic

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
SAMPLE = 200
LONG_NUMBER = 16
"""Digits from which a number may be a pseudonym."""
FEW_LABELS = 2000


@dataclass(frozen=True)
class RowLabels:
    """The rows of a batch, whose words are read as labels only where a cell of the batch is small."""

    batch: Any
    tallies: Sequence[Any]

    @cached_property
    def masks(self) -> tuple[Any, Any]:
        """Which rows are statistics and which are counts."""
        statistic = counted = pa.repeat(pa.scalar(False), self.batch.num_rows)
        for cells, counted_values in zip(self.batch.columns, self.tallies, strict=True):
            labels = counted_values.field(0).drop_null()
            if len(labels) > FEW_LABELS or _sum(pc.match_substring_regex(labels, TEXT)) * 2 < len(labels):
                continue
            encoded = cells.dictionary_encode()
            texts = encoded.dictionary.to_pylist()
            counts = pa.array([row_counts(text) for text in texts], pa.bool_())
            many = set(_kept(pc.greater(counted_values.field(1), 1), counted_values.field(0))[0].to_pylist())
            # A dimension that several rows repeat stands beside its categories.
            others = pa.array([row_is_statistic(t) and not (t in many and is_dimension(t)) for t in texts], pa.bool_())
            counted = pc.or_(counted, counts.take(encoded.indices))
            statistic = pc.or_(statistic, others.take(encoded.indices))
        return pc.and_not(statistic, counted), counted


def add(column: Column, cells: Any, tally: Any, first_row: int, labels: RowLabels, min_count: int) -> None:
    """Add the cells of a batch to what is known of their column.

    Parameters
    ----------
    tally
        The distinct values of the cells, and how often each is there.
    """
    raw, weights = tally.field(0), tally.field(1)
    values = pc.utf8_trim_whitespace(raw)
    raw, values, weights = _kept(pc.greater(pc.utf8_length(values), 0), raw, values, weights)
    floats = _plain_numbers(values)
    if floats is None:
        markers = MARKERS.format(count=min_count, below=min_count - 1)
        raw, values, weights = _kept(pc.invert(pc.match_substring_regex(values, markers)), raw, values, weights)
    filled = _sum(weights)
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
    if len(column.distinct) < column.room:
        column.distinct.update(values.to_pylist())
        column.counted += filled


def _add_small(small: Small, cells: Any, value_of: dict[str, int], first_row: int, labels: RowLabels) -> None:
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
    return _sum(weights.filter(mask))


def _sum(values: Any) -> int:
    return int(pc.sum(values).as_py() or 0)
