"""What the tables of a request give away together, and with what was released before.

All tables are one linear system (`tables.linked`): a hidden count whose interval becomes too narrow, though no table
alone says so, is found with the files that give it away. Two tables of nearly the same people that differ by fewer than
the policy's minimum give away who is in the one and not in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..documents import Document
from ..masking import masked
from ..model import Finding, Place
from ..policy import Policy
from ..register.model import Release, ReleasedTable

if TYPE_CHECKING:
    from ..tables.linked import Joined

RULES = ("linked.recoverable", "linked.difference", "linked.similar", "linked.not_compared")
SHOWN = 10
COMPARED = 400
"""Tables that are compared with one another."""


@dataclass(frozen=True)
class _Told:
    """A table with where it comes from: a file of the request, or an earlier release."""

    table: ReleasedTable
    release: str | None

    @property
    def named(self) -> str:
        """What people call it."""
        return self.table.file if self.release in (None, self.table.file) else f"{self.table.file} ({self.release})"


def linked_tables(documents: Mapping[str, Document], released: Sequence[Release], policy: Policy) -> Iterator[Finding]:
    """Find what tables give away together, one finding per cell or pair of tables."""
    # Numbers and the solver are large libraries, which most files have no use for.
    from ..register.extract import tables_of

    if not any(document.tables for document in documents.values()):
        return
    told = [_Told(table, None) for file, document in documents.items() for table in tables_of(document, file, policy)]
    if not told:
        return
    told += [_Told(table, release.name) for release in released for table in release.tables]
    yield from _not_compared(told, policy)
    told = [each for each in told if each.table.cells][:COMPARED]
    if len(told) < 2 or told[0].release is not None:
        return
    from ..register.comparison import aligned

    tables = aligned([each.table for each in told])
    told = [_Told(table, each.release) for table, each in zip(tables, told, strict=True)]
    yield from _differences(told, policy)
    yield from _recoverable(told, policy)


def _not_compared(told: Sequence[_Told], policy: Policy) -> Iterator[Finding]:
    """Say of each new table that is too large, or comes too late, that it was not compared with another."""
    large = [each for each in told if not each.table.cells]
    for i, each in enumerate(told):
        titles = set(each.table.dimensions)
        met = next((o for o in large if o is not each and titles and set(o.table.dimensions) == titles), None)
        if each.release is None and (i >= COMPARED or (not each.table.cells and met is not None)):
            yield _finding("linked.not_compared", each.table.file, policy, {"other": met.named if met else "…"})


def _differences(told: Sequence[_Told], policy: Policy) -> Iterator[Finding]:
    from ..register.comparison import completed, differences, pairs

    tables = completed([each.table for each in told])
    seen: set[tuple[str, str]] = set()
    for one, other in pairs([each.table for each in told], [each.release is None for each in told]):
        names = (told[one].table.file, told[other].named)
        found = None if names in seen else differences(tables[one], tables[other], policy.min_count)
        if found is None:
            continue
        seen.add(names)
        difference, certain = found
        params: dict[str, str | int] = {
            "cell": _cell(difference.codes),
            "difference": difference.difference,
            "other": told[other].named,
            "total": difference.cells,
            "threshold": policy.min_count,
        }
        rule = "linked.difference" if certain else "linked.similar"
        yield _finding(rule, told[one].table.file, policy, params, _of_place("difference", told[other]))


def _recoverable(told: Sequence[_Told], policy: Policy) -> Iterator[Finding]:
    if all(cell.low == cell.high for each in told for cell in each.table.cells):
        return
    from ..register.comparison import completed
    from ..tables.linked import join

    tables = [_of_anybody(table) for table in completed([each.table for each in told])]
    joined = join(tables)
    found = _narrow(joined, policy)
    if not found:
        return
    alone = {source for t in range(len(tables)) for source in _given_away(tables, [t], policy)}
    alone |= _given_away(tables, [t for t, each in enumerate(told) if each.release is not None], policy)
    shown = 0
    for cell, (low, high) in sorted(found.items()):
        written = [(t, c) for t, c in joined.sources[cell] if c < len(told[t].table.cells)]
        if not written or any(source in alone for source in joined.sources[cell]) or shown >= SHOWN:
            continue
        touching = _touching(joined, cell)
        new = [t for t, _ in written if told[t].release is None] + [t for t in touching if told[t].release is None]
        if not new:
            continue
        shown += 1
        t, c = written[0]
        others = list(dict.fromkeys(told[o].named for o in touching if told[o].table.file != told[new[0]].table.file))
        params: dict[str, str | int] = {
            "cell": _cell(frozenset(told[t].table.cells[c].codes.items())),
            "table": told[t].named,
            "others": ", ".join(others[:SHOWN]) or told[t].named,
            "low": f"{low:g}",
            "high": f"{high:g}",
            "threshold": policy.min_count,
        }
        key = "exact" if low == high else "recoverable"
        yield _finding("linked.recoverable", told[new[0]].table.file, policy, params, key)


def _narrow(joined: Joined, policy: Policy) -> dict[int, tuple[float, float]]:
    from ..tables.audit import Inconsistent, Promise, narrow

    try:
        found = narrow(joined.system, Promise(1, policy.min_count, policy.min_count))
    except Inconsistent:
        # Figures that contradict one another are not of the same people; each table alone is audited by itself.
        return {}
    return {cell: (interval.low, interval.high) for cell, interval in found.items()}


def _given_away(tables: Sequence[ReleasedTable], chosen: Sequence[int], policy: Policy) -> set[tuple[int, int]]:
    """Return the cells, by table and position, that some of the tables give away without the others."""
    from ..tables.linked import join

    if all(cell.low == cell.high for t in chosen for cell in tables[t].cells):
        return set()
    joined = join([tables[t] for t in chosen])
    return {(chosen[t], c) for cell in _narrow(joined, policy) for t, c in joined.sources[cell]}


def _touching(joined: Joined, cell: int) -> list[int]:
    """Return the tables whose cells stand in an equation with a cell, or say what it is."""
    found: dict[int, None] = {t: None for t, _ in joined.sources[cell]}
    for equation in joined.system.equations:
        if cell == equation.total or cell in equation.parts:
            for each in (equation.total, *equation.parts):
                found.update(dict.fromkeys(t for t, _ in joined.sources[each]))
    return list(found)


def _of_anybody(table: ReleasedTable) -> ReleasedTable:
    """Return a table under the name of what is said of who is counted: figures tell whether that is the same."""
    fixed = sorted((n, c[0]) for n, c in table.dimensions.items() if len(c) == 1)
    return ReleasedTable(table.file, ";".join(f"{n}={c}" for n, c in fixed), table.dimensions, table.cells)


def _of_place(key: str, other: _Told) -> str:
    return f"{key}_released" if other.release is not None else key


def _cell(codes: frozenset[tuple[str, str]]) -> str:
    return masked(", ".join(code for _, code in sorted(codes))) or "total"


def _finding(rule: str, file: str, policy: Policy, params: Mapping[str, str | int], key: str | None = None) -> Finding:
    return Finding(
        rule, policy.severities[rule], file, Place(), f"linked.{key or rule.removeprefix('linked.')}", params
    )
