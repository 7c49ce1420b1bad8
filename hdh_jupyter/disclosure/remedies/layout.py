"""The tables of a delimited file as they are written: every record stays as it is but those of a changed table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..policy import Policy
from ..readers import delimited, read
from ..readers.encoding import encoding_of
from ..rules.columns import Profile, profile
from ..rules.counts import count_columns

KINDS = ("csv", "tsv")


@dataclass(frozen=True)
class Written:
    """A table as it is written.

    Attributes
    ----------
    counts
        The columns that count persons or stays.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    counts: tuple[int, ...]

    @property
    def labels(self) -> tuple[int, ...]:
        """The columns that do not count."""
        return tuple(c for c in range(len(self.titles)) if c not in set(self.counts))


@dataclass(frozen=True)
class _Position:
    first: int
    records: int
    titled: bool


@dataclass(frozen=True)
class Layout:
    """A file in memory.

    Attributes
    ----------
    tables
        In the order of the file.
    """

    records: tuple[tuple[str, ...], ...]
    delimiter: str
    tables: tuple[Written, ...]
    positions: tuple[_Position, ...]

    @property
    def cells(self) -> int:
        """How many counts the file holds."""
        return sum(len(table.rows) * len(table.counts) for table in self.tables)

    def write(self, path: Path, changed: Sequence[Written]) -> None:
        """Write the file with other tables in the place of its own: same delimiter, titles, and what stands between."""
        records: list[Sequence[str]] = list(self.records)
        for position, table in reversed(list(zip(self.positions, changed, strict=True))):
            new: list[Sequence[str]] = [table.titles] if position.titled else []
            records[position.first : position.first + position.records] = [*new, *table.rows]
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=self.delimiter, lineterminator="\n").writerows(records)


def layout_of(path: Path, kind: str, policy: Policy) -> Layout:
    """Read a file whole.

    Raises
    ------
    Unreadable
    """
    document = read(path, kind, policy)
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as stream:
        delimiter = delimited.delimiter_of(stream.read(delimited.HEAD).lstrip("\ufeff"), kind)
    records = tuple(tuple(record) for record in delimited.records(path, encoding, delimiter))
    tables, positions = [], []
    for table in document.tables:
        seen: Profile = profile(table, policy.min_count)
        first = table.first_row - 1
        width = len(table.titles)
        rows = tuple((*row, *[""] * (width - len(row)))[:width] for row in records[first : first + seen.rows])
        tables.append(Written(table.titles, rows, tuple(sorted(count_columns(seen)))))
        positions.append(_Position(first - table.titled, seen.rows + table.titled, table.titled))
    return Layout(records, delimiter, tuple(tables), tuple(positions))
