"""Cells that act when a spreadsheet opens them, and numbers written to more digits than a result has.

Sanitising makes a text of every formula (OWASP, CSV injection); one that calls a program or an address is told to a
person, since nobody types it by accident.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import re2

from ..documents import Document, Table
from ..model import Finding
from ..policy import Policy
from .columns import profiles

RULES = ("formulas.active", "numbers.precision")
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


def formulas(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Tell of cells that call a program or an address, and of tables that have not been rounded."""
    for table in document.tables:
        if (found := _active(table)) is not None:
            row, total = found
            params: dict[str, str | int] = {"total": total}
            rule = "formulas.active"
            yield Finding(rule, policy.severities[rule], file, replace(table.place, row=row), "formulas.active", params)
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


def significant(number: str) -> int:
    """Return how many significant digits a number with a fraction is written with, 0 for anything else."""
    mantissa = number.strip().lower().partition("e")[0]
    if PRECISE.match(mantissa) is None or not ("." in mantissa or "," in mantissa):
        return 0
    return len("".join(c for c in mantissa if c.isdigit()).lstrip("0"))


def _active(table: Table) -> tuple[int, int] | None:
    """Return the row of the first active cell, and how many there are."""
    first, total, before = 0, 0, 0
    for batch in table.batches():
        for column in batch.columns:
            if not pa.types.is_string(column.type):
                continue
            matches = pc.fill_null(pc.match_substring_regex(column, ACTIVE), False)
            if count := pc.sum(matches).as_py():
                row = table.first_row + before + pc.index(matches, True).as_py()
                first, total = min(first or row, row), total + count
        before += batch.num_rows
    return (first, total) if total else None
