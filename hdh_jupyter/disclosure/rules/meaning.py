"""What each column of a table is: counts, percentages, means, amounts, rates, coordinates, codes, categories...

Told from the title, the other columns and the values, in this order of belief: what the cells say themselves
(`4 patients`, `5 %`), what the title says, what the values look like.
"""

from __future__ import annotations

from enum import StrEnum

from . import vocabulary
from .columns import Column, Profile, remembered
from .counts import count_columns

MOST = 0.8
"""Share of the filled cells of a column that must be of a kind."""


class Meaning(StrEnum):
    """What the cells of a column are."""

    COUNT = "count"
    PERCENT = "percent"
    MEAN = "mean"
    AMOUNT = "amount"
    RATE = "rate"
    COORDINATE = "coordinate"
    CODE = "code"
    YEAR = "year"
    DATE = "date"
    CATEGORY = "category"
    MEASURE = "measure"
    STATISTIC = "statistic"
    IDENTIFIER = "identifier"
    TEXT = "text"
    UNKNOWN = "unknown"


@remembered
def meanings(seen: Profile) -> tuple[Meaning, ...]:
    """Return what each column of a table is."""
    counts = count_columns(seen)
    return tuple(Meaning.COUNT if i in counts else _meaning(seen, i) for i in range(len(seen.columns)))


def _meaning(seen: Profile, index: int) -> Meaning:
    column, title = seen.columns[index], seen.table.titles[index]
    if not column.filled:
        return Meaning.UNKNOWN
    numbers = column.numbers + column.percents + column.spreads
    if column.dates >= MOST * column.filled:
        return Meaning.DATE
    if vocabulary.names_identifier(title):
        return Meaning.IDENTIFIER
    if numbers < MOST * column.filled:
        return _of_words(column)
    return _by_title(column, title) or _by_values(seen, index)


def _by_title(column: Column, title: str) -> Meaning | None:
    named = vocabulary.words(title)
    if named & vocabulary.YEARS and column.whole:
        return Meaning.YEAR
    if named & vocabulary.COORDINATES:
        return Meaning.COORDINATE
    if vocabulary.is_rate(title):
        return Meaning.RATE
    if vocabulary.is_mean(title):
        return Meaning.MEAN
    if vocabulary.is_percent(title) or column.percents >= MOST * column.filled:
        return Meaning.PERCENT
    if vocabulary.is_frequency(title) and column.minimum >= 0 and column.maximum <= 100:
        return Meaning.PERCENT
    if vocabulary.is_statistic(title):
        return Meaning.STATISTIC
    if named & vocabulary.AMOUNTS:
        return Meaning.AMOUNT
    if named & vocabulary.MEASURES:
        return Meaning.MEASURE
    if named & vocabulary.CODES:
        return Meaning.CODE
    return Meaning.CATEGORY if named & vocabulary.DIMENSIONS else None


def _by_values(seen: Profile, index: int) -> Meaning:
    column = seen.columns[index]
    if column.zero_led:
        return Meaning.CODE
    if column.is_sequence:
        return Meaning.CATEGORY
    if column.whole:
        return Meaning.YEAR if column.minimum >= 1900 and column.maximum <= 2100 else Meaning.CODE
    return Meaning.MEASURE if column.decimals else Meaning.UNKNOWN


def _of_words(column: Column) -> Meaning:
    if column.pseudonyms and column.pseudonyms >= MOST * column.sampled:
        return Meaning.IDENTIFIER
    longest = max(map(len, column.distinct), default=0)
    return Meaning.TEXT if longest > 60 and column.distinct_share > 0.5 else Meaning.CATEGORY
