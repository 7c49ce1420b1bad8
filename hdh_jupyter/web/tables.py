"""A page of a CSV file, read as a stream."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..disclosure.documents import Unreadable
from ..disclosure.model import Place
from ..disclosure.readers.delimited import HEAD, column_name, delimiter_of, records
from ..disclosure.readers.encoding import encoding_of
from .view import CELL_LENGTH, Cell, Limits, Row, Table, Unavailable

MOST_COLUMNS = 200

_NUMBER = re.compile(r"[-+]?\d[\d\s]*([.,]\d+)?([eE][-+]?\d+)?\s?%?")


def table(path: Path, kind: str, places: Collection[Place], limits: Limits, page: int) -> Table | Unavailable:
    """Return a page of the CSV or TSV file at `path`, the cells of `places` marked.

    Its first line is shown as the header, whether the check took it for one or not.
    """
    try:
        encoding = encoding_of(path)
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            delimiter = delimiter_of(text.read(HEAD).lstrip("\ufeff"), kind)
        rows = records(path, encoding, delimiter)
        header = next(rows, [])
        return _page(header, rows, Marks(places, header), limits, page)
    except Unreadable as error:
        return Unavailable("empty" if error.key == "empty" else "unreadable")
    except (csv.Error, UnicodeError):
        return Unavailable("unreadable")


def page_of(row: int, limits: Limits) -> int | None:
    """Return the page on which a row stands, or None when no page reaches it."""
    position = max(row - 2, 0)
    return position // limits.page + 1 if position < limits.rows else None


class Marks:
    """Which cells to mark. A place names a column as findings do: by its masked title, or by its number."""

    def __init__(self, places: Collection[Place], header: Sequence[str]) -> None:
        self._names = [column_name(header, at) for at in range(len(header))]
        self._columns = {place.column for place in places if place.row is None and place.column is not None}
        self._by_row: dict[int, set[str | None]] = defaultdict(set)
        for place in places:
            if place.row is not None:
                self._by_row[place.row].add(place.column)

    def row(self, number: int, width: int) -> list[bool]:
        """Return for each cell of a row whether it is marked; a row whose column is not known is marked whole."""
        marked = self._by_row.get(number, set())
        whole = bool(marked) and not marked <= set(self._names)
        return [whole or self._name(at) in marked for at in range(width)]

    def header(self, at: int) -> bool:
        """Return whether a whole column is marked."""
        return self._name(at) in self._columns

    def _name(self, at: int) -> str:
        return self._names[at] if at < len(self._names) else str(at + 1)


def _page(header: list[str], records: Iterator[list[str]], marks: Marks, limits: Limits, page: int) -> Table:
    page = min(max(page, 1), max(1, -(-limits.rows // limits.page)))
    start = (page - 1) * limits.page
    shown = list(islice(records, start, start + limits.page))
    beyond = next(records, None) is not None
    reachable = start + limits.page < limits.rows
    clipped = any(len(r) > MOST_COLUMNS or any(len(text) > CELL_LENGTH for text in r) for r in (header, *shown))
    rows = rows_of(shown, start + 2, marks)
    return Table(titles_of(header, marks), rows, page, beyond and reachable, clipped or (beyond and not reachable))


def rows_of(records: Iterable[Sequence[str]], first: int, marks: Marks) -> tuple[Row, ...]:
    """Return rows for a page, numbered from `first`."""
    rows = []
    for number, record in enumerate(records, start=first):
        texts = zip(record[:MOST_COLUMNS], marks.row(number, len(record)), strict=False)
        rows.append(Row(number, tuple(Cell(_clip(t), _NUMBER.fullmatch(t.strip()) is not None, f) for t, f in texts)))
    return tuple(rows)


def titles_of(header: Sequence[str], marks: Marks) -> tuple[Cell, ...]:
    """Return the titles of columns for a page."""
    return tuple(Cell(_clip(name), flagged=marks.header(at)) for at, name in enumerate(header[:MOST_COLUMNS]))


def _clip(text: str) -> str:
    return text if len(text) <= CELL_LENGTH else text[:CELL_LENGTH] + "…"
