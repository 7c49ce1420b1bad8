"""Cells that act when a spreadsheet opens them, and numbers written to more digits than a result has.

Sanitising makes a text of every formula (OWASP, CSV injection); one that calls a program or an address is told to a
person, since nobody types it by accident.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import median
from typing import Any

import pyarrow.compute as pc
import re2

from ..documents import Document, Table
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .channels import values
from .columns import Profile, profiles
from .counts import column_place, count_columns

RULES = ("formulas.active", "numbers.precision", "numbers.exact_sums")
ACTIVE = (
    r"(?i)^[\s\x{0}-\x{1f}\x{200b}-\x{200f}\x{feff}'\"]*[=+\-@].*(?:\|\s*'?[^|]*'?!|"
    r"\b(?:WEBSERVICE|HYPERLINK|IMPORTDATA|IMPORTXML|IMPORTHTML|IMPORTFEED|IMPORTRANGE|FILTERXML|DDE|RTD|CALL|EXEC|"
    r"REGISTER\.ID|IMAGE)\s*\()"
)
"""Dynamic data exchange (`=program|'argument'!cell`), and functions that fetch or run something."""
PRECISE = re2.compile(r"^[+\-]?(?:0?[.,]0*)?[\d.,]*$")
DIGITS = 15
"""Significant digits that a double keeps: who writes them has not rounded."""
MANY = 20
SUMS, FEWEST, SMALL_GROUP = 0.8, 5, 100
"""Share of means that give a whole sum with their group's size, how many there are, and the size of a usual group up to
which its members' values can be sought from their sum."""


def formulas(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Tell of cells that call a program or an address, and of tables that have not been rounded."""
    for seen in profiles(document, policy.min_count):
        if total := sum(pc.sum(_active(column)).as_py() or 0 for _, column in values(seen)):
            params: dict[str, str | int] = {"total": total}
            rule = "formulas.active"
            where = replace(seen.table.place, row=_first(seen.table))
            yield Finding(rule, policy.severities[rule], file, where, "formulas.active", params)
        for index in exact_sums(seen):
            rule, place = "numbers.exact_sums", column_place(seen, index)
            params = {"limit": SMALL_GROUP}
            yield Finding(rule, policy.severities[rule], file, place, "formulas.exact_sums", params)
    precise = sum(
        significant(value) >= DIGITS
        for p in profiles(document, policy.min_count)
        for c in p.columns
        if c.decimals
        for value in c.distinct
    )
    if precise >= MANY:
        rule = "numbers.precision"
        yield Finding(
            rule, policy.severities[rule], file, document.tables[0].place, "formulas.precision", {"total": precise}
        )


def exact_sums(seen: Profile) -> Iterator[int]:
    """Return the columns of means in full precision that give back the sum of whole numbers with their group's size."""
    sizes = sorted(count_columns(seen))
    for index, column in enumerate(seen.columns):
        title = seen.table.titles[index]
        if not sizes or not column.decimals or index in sizes or vocabulary.is_percent(title):
            continue
        pairs = [
            (mean.value, size.value)
            for cells, raw in zip(seen.written, seen.cells, strict=True)
            if (mean := cells[index]) and (size := cells[sizes[0]]) and significant(raw[index]) >= DIGITS
        ]
        whole = sum(abs(mean * size - round(mean * size)) < 1e-6 for mean, size in pairs)
        # A share of a group is a count, which other rules look at.
        means = len(pairs) >= FEWEST and median(mean for mean, _ in pairs) > 1
        if means and whole >= SUMS * len(pairs) and median(size for _, size in pairs) < SMALL_GROUP:
            yield index


def significant(number: str) -> int:
    """Return how many significant digits a number with a fraction is written with, 0 for anything else."""
    mantissa = number.strip().lower().partition("e")[0]
    if PRECISE.match(mantissa) is None or not ("." in mantissa or "," in mantissa):
        return 0
    return len("".join(c for c in mantissa if c.isdigit()).lstrip("0"))


def _active(column: Any) -> Any:
    """Tell which cells of a column are active."""
    return pc.fill_null(pc.match_substring_regex(column, ACTIVE), False)


def _first(table: Table) -> int | None:
    """Return the row of the first active cell."""
    before = table.first_row
    for batch in table.batches():
        rows = [int(pc.index(_active(column), True).as_py()) for column in batch.columns]
        if any(row >= 0 for row in rows):
            return before + min(row for row in rows if row >= 0)
        before += batch.num_rows
    return None
