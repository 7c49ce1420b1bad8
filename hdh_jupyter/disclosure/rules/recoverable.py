"""Hidden cells that the totals of their table give away.

For every cell that is suppressed, masked (`c`, `*`) or bounded (`<11`), the exact interval that a reader derives from
the figures shown (`tables.audit`). The promise: for a count that may be small, that interval reaches from at most 1 to
at least the threshold, or says no more than the mark in the cell does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..documents import Document
from ..model import Finding, Place
from ..policy import Policy
from .columns import Profile, profiles
from .counts import column_place, count_columns

if TYPE_CHECKING:
    from ..tables.margins import Crossed

RULES = ("tables.recoverable", "tables.contradictory", "tables.not_audited")
SHOWN = 20


def recoverable_cells(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find hidden cells of every table of a document that a reader can derive, one finding per cell."""
    largest = int(policy.thresholds["audit_cells"].value)
    for seen in profiles(document, policy.min_count):
        counts = sorted(count_columns(seen))
        if len(counts) * seen.rows > largest and _hides(seen, counts):
            size = {"cells": len(counts) * seen.rows, "limit": largest}
            yield _finding("tables.not_audited", seen.table.place, file, policy, size)
        elif _hides(seen, counts):
            # Numbers and the solver are large libraries, which most files have no use for.
            from ..tables.margins import crossed

            made = crossed(seen.table.titles, _rows(seen), counts)
            if made is not None:
                yield from _audit(seen, made, file, policy)


def _hides(seen: Profile, counts: list[int]) -> bool:
    return any(seen.columns[index].filled < seen.rows for index in counts)


def _rows(seen: Profile) -> list[list[str]]:
    batches = (zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in seen.table.batches())
    return [list(row) for row in itertools.chain.from_iterable(batches)]


def _audit(seen: Profile, made: Crossed, file: str, policy: Policy) -> Iterator[Finding]:
    from ..tables.audit import Inconsistent, Promise, narrow

    try:
        found = narrow(made.system, Promise(1, policy.min_count, policy.min_count))
    except Inconsistent:
        yield _finding("tables.contradictory", seen.table.place, file, policy, {})
        return
    for cell, interval in sorted(found.items())[:SHOWN]:
        row, column = made.places[cell]
        where = replace(column_place(seen, column), row=seen.table.first_row + row)
        params: dict[str, str | int] = {"total": len(found), "threshold": policy.min_count}
        params |= {"low": f"{interval.low:g}", "high": f"{interval.high:g}"}
        key = "tables.exact" if interval.low == interval.high else "tables.recoverable"
        yield _finding("tables.recoverable", where, file, policy, params, key)


def _finding(
    rule: str, where: Place, file: str, policy: Policy, params: Mapping[str, str | int], key: str | None = None
) -> Finding:
    return Finding(rule, policy.severities[rule], file, where, (key or rule).replace("tables.", "tables_"), params)
