"""Results of one or two establishments, and amounts of one or two of those who work in them.

How many hospitals there are is public; what so few of them did is not theirs alone to read: each knows the other's part
(Insee, secret statistique: at least three units).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..documents import Document
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles
from .counts import column_place, count_columns
from .meaning import Meaning, meanings
from .relations import values

RULES = ("counts.few_units", "concentration.few_contributors")


def few_units(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find rows with the activity or the amounts of fewer units than the policy asks for, one finding per table."""
    fewest = int(policy.thresholds["min_units"].value)
    for seen in profiles(document, policy.min_count):
        if not seen.cells:
            continue
        amounts = Meaning.AMOUNT in meanings(seen)
        units = [
            i
            for i, title in enumerate(seen.table.titles)
            if vocabulary.counts_units(title) or (amounts and vocabulary.counts_staff(title))
        ]
        if not units:
            continue
        rows = _rows_of_few(seen, units, fewest) if amounts or count_columns(seen) - set(units) else []
        if rows:
            rule, key = RULES[amounts], "meaning.few_contributors" if amounts else "meaning.few_units"
            column, row = rows[0]
            place = replace(column_place(seen, column), row=seen.table.first_row + row)
            params: dict[str, str | int] = {"total": len(rows), "threshold": fewest}
            yield Finding(rule, policy.severities[rule], file, place, key, params)


def _rows_of_few(seen: Profile, units: list[int], fewest: int) -> list[tuple[int, int]]:
    """Return the column of units and the row of each row in which the column that counts most of them counts few."""
    columns = [values(seen, i) for i in units]
    found = []
    for row in range(seen.rows):
        numbers = [(column[row] or 0, index) for column, index in zip(columns, units, strict=True)]
        most, index = max(numbers)
        if 1 <= most < fewest:
            found.append((index, row))
    return found
