"""Rows of cells in memory: does a title row come first, and the table they make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import re2

from ..documents import Table
from ..model import Place
from ..numbers import read

NUMBER = re2.compile(
    r"^[+\-]?(?:\d+|\d{1,3}(?:[ \x{a0}\x{202f}\x{2009}]\d{3})+)(?:[.,]\d+)?(?:[eE][+\-]?\d+)?\s*%?$|^[+\-]?[.,]\d+$"
)
DATE = re2.compile(r"^\d{4}-\d{2}-\d{2}|^\d{2}/\d{2}/\d{4}")
FIGURES = ("number", "count", "percent", "count_and_share", "fraction", "value_and_spread")
MAX_TITLE_ROWS = 4
BATCH = 50_000


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a number, however written, and not the name of a category (`0-14`, `<5`)."""
    if NUMBER.match(cell.strip()) is not None:
        return True
    written = read(cell) if any(c.isdigit() for c in cell) else None
    return written is not None and written.kind in FIGURES


def has_titles(first: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row of a table holds titles rather than data.

    Titles may be numbers (years, categories of a crossed table): then they increase, or stand above a column of
    labels.
    """
    numbers = [cell for cell in first if is_number(cell)]
    if not numbers:
        return not any(DATE.match(cell.strip()) for cell in first) or not following
    if not following:
        return False
    values = [float(n.replace(" ", "").replace(",", ".").rstrip("% ")) for n in numbers if _is_plain(n)]
    if len(numbers) < len(first) and len(values) >= 2 and all(a < b for a, b in itertools.pairwise(values)):
        return True
    return len(numbers) * 2 < len(first)


def joined(rows: list[list[str]]) -> list[str]:
    """Join several rows of titles column by column, without repetition."""
    width = max((len(row) for row in rows), default=0)
    return [" ".join(dict.fromkeys(r[i] for r in rows if i < len(r) and r[i].strip())) for i in range(width)]


def table(
    place: Place,
    rows: Sequence[Sequence[str]],
    *,
    first_row: int = 1,
    titles: Sequence[str] | None = None,
    labels: int = 0,
    caption: str = "",
) -> Table | None:
    """Return the table that rows make, or None when there is no row of data.

    Parameters
    ----------
    titles
        Known titles; when None the first rows are looked at.
    """
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return None
    width = max(len(row) for row in rows)
    titled = titles is not None
    if titles is None:
        titled = has_titles(rows[0], rows[1:])
        titles, rows, first_row = (rows[0], rows[1:], first_row + 1) if titled else ([], rows, first_row)
    if not rows:
        return None
    width = max(width, len(titles))
    padded = [(*row, *[""] * (width - len(row))) for row in rows]
    return Table(
        place=place,
        titles=(*titles, *[""] * (width - len(titles))),
        batches=_batches(padded, width),
        first_row=first_row,
        titled=titled,
        labels=labels,
        caption=caption,
    )


def _batches(rows: Sequence[Sequence[str]], width: int) -> Callable[[], Iterator[Any]]:
    names = [f"c{i}" for i in range(width)]

    def start() -> Iterator[Any]:
        for begin in range(0, len(rows), BATCH):
            part = rows[begin : begin + BATCH]
            yield pa.RecordBatch.from_arrays([pa.array([r[i] for r in part], pa.string()) for i in range(width)], names)

    return start


def _is_plain(number: str) -> bool:
    try:
        float(number.replace(" ", "").replace(",", ".").rstrip("% "))
    except ValueError:
        return False
    return True
