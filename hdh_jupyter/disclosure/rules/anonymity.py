"""How far a table of persons hides each of them: k-anonymity and l-diversity, with figures.

k is the size of the smallest group of rows that share their quasi-identifiers (Sweeney 2002); l is the smallest
number of distinct values of a sensitive attribute in such a group (Machanavajjhala et al. 2007).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from ..documents import Table

COMBINATIONS = 200_000
"""Combinations remembered; what comes after them is counted in those alone."""


@dataclass(frozen=True)
class Anonymity:
    """Figures of one choice of quasi-identifiers.

    Attributes
    ----------
    k
        Rows of the smallest group.
    unique
        Rows that stand alone.
    below
        Rows in groups smaller than the threshold.
    l
        Fewest distinct values of the sensitive attribute in a group; 0 without one.
    """

    k: int
    unique: int
    below: int
    l: int  # noqa: E741 -- the name that the literature gives it


def anonymity(table: Table, quasi: Sequence[int], sensitive: int | None, threshold: int) -> Anonymity:
    """Count the groups of a table's rows in one pass."""
    groups: Counter[tuple[str, ...]] = Counter()
    values: dict[tuple[str, ...], set[str]] = {}
    names = [f"c{i}" for i in quasi]
    keys = names if sensitive is None else [*names, f"c{sensitive}"]
    for batch in table.batches():
        if not batch.num_rows:
            continue
        found = pa.Table.from_batches([batch]).group_by(keys).aggregate([([], "count_all")])
        columns = [found[name].to_pylist() for name in keys]
        for number, row in zip(found["count_all"].to_pylist(), zip(*columns, strict=True), strict=True):
            group = row[: len(names)]
            if group in groups or len(groups) < COMBINATIONS:
                groups[group] += number
                if sensitive is not None:
                    values.setdefault(group, set()).add(row[-1])
    sizes = groups.values()
    return Anonymity(
        k=min(sizes, default=0),
        unique=sum(size == 1 for size in sizes),
        below=sum(size for size in sizes if size < threshold),
        l=min(map(len, values.values()), default=0),
    )
