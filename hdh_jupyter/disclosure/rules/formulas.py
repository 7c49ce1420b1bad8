"""Cells that act when a spreadsheet opens them, and numbers written to more digits than a result has.

Sanitising makes a text of every formula (OWASP, CSV injection); one that calls a program or an address is told to a
person, since nobody types it by accident.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow.compute as pc
import re2

from ..documents import Document, Table
from ..model import Finding
from ..policy import Policy
from .channels import values
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
    for seen in profiles(document, policy.min_count):
        if total := sum(pc.sum(_active(column)).as_py() or 0 for _, column in values(seen)):
            params: dict[str, str | int] = {"total": total}
            rule = "formulas.active"
            where = replace(seen.table.place, row=_first(seen.table))
            yield Finding(rule, policy.severities[rule], file, where, "formulas.active", params)
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
