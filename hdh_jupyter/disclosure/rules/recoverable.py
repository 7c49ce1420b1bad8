"""Hidden cells that the totals and percentages of their table give away.

For every cell that is suppressed, masked (`c`, `*`) or bounded (`<11`), the exact interval that a reader derives from
the figures shown (`tables.audit`). The promise: for a count that may be small, that interval reaches from at most 1 to
at least the threshold, or says no more than the mark in the cell does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..documents import Document
from ..model import Finding, Place
from ..policy import Policy
from .columns import Profile, profiles
from .counts import column_place, count_columns

if TYPE_CHECKING:
    from ..tables.audit import Interval
    from ..tables.margins import Crossed

RULES = ("tables.recoverable", "tables.contradictory", "tables.not_audited")
SHOWN = 20
TOTALS = 4
"""Totals named with a cell that they give away."""


def recoverable_cells(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find hidden cells of every table of a document that a reader can derive, one finding per cell."""
    largest = int(policy.thresholds["audit_cells"].value)
    for seen in profiles(document, policy.min_count):
        counts = sorted(count_columns(seen))
        if len(counts) * seen.rows > largest and hides(seen, counts):
            size = {"cells": len(counts) * seen.rows, "limit": largest}
            yield _finding("tables.not_audited", "not_audited", seen.table.place, file, policy, size)
        elif hides(seen, counts):
            # Numbers and the solver are large libraries, which most files have no use for.
            from ..tables.margins import crossed

            made = crossed(seen.table.titles, rows_of(seen), counts)
            if made is not None:
                yield from _audit(seen, made, file, policy)


def hides(seen: Profile, counts: Sequence[int]) -> bool:
    """Tell whether a cell of the columns of counts holds something other than a number."""
    return any(seen.columns[index].numbers < seen.rows for index in counts)


def rows_of(seen: Profile) -> list[list[str]]:
    """Return the cells of a table."""
    batches = (zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in seen.table.batches())
    return [list(row) for row in itertools.chain.from_iterable(batches)]


def _audit(seen: Profile, made: Crossed, file: str, policy: Policy) -> Iterator[Finding]:
    from ..tables.audit import Inconsistent, Promise, given_away_by, narrow

    found: Mapping[int, Interval]
    try:
        found = narrow(made.system, Promise(1, policy.min_count, policy.min_count))
    except Inconsistent as contradiction:
        found = contradiction.found
        yield _finding("tables.contradictory", "contradictory", seen.table.place, file, policy, {})
    first = sorted(found)[:SHOWN]
    try:
        by = given_away_by(made.system, first)
    except Inconsistent:
        by = {}
    for cell in first:
        row, column = made.places[cell]
        where = replace(column_place(seen, column), row=seen.table.first_row + row)
        totals = by.get(cell, ())
        params: dict[str, str | int] = {
            "total": len(found),
            "threshold": policy.min_count,
            "low": f"{found[cell].low:g}",
            "high": f"{found[cell].high:g}",
            "totals": ", ".join(_reference(seen, *made.places[total]) for total in totals[:TOTALS]),
        }
        exact = found[cell].low == found[cell].high
        key = ("exact" if exact else "derived") if totals else ("exact_by_share" if exact else "derived_by_share")
        yield _finding("tables.recoverable", key, where, file, policy, params)


def _reference(seen: Profile, row: int, column: int) -> str:
    """Return a cell's name as a spreadsheet gives it: column C, line 7 is C7."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{seen.table.first_row + row}"


def _finding(rule: str, key: str, where: Place, file: str, policy: Policy, params: Mapping[str, str | int]) -> Finding:
    return Finding(rule, policy.severities[rule], file, where, f"recoverable.{key}", params)
