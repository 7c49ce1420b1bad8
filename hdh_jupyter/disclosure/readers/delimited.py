"""CSV and TSV: delimiter, titles, and rows in streaming batches.

Regular files are read by Arrow, at most a few megabytes at a time. A file whose rows differ in length (a title above
the table, several tables, notes below) is cut into its tables in Python, up to :data:`RAGGED_LIMIT`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv as arrow_csv

from ..documents import Document, Table, Text, Unreadable
from ..masking import masked, normalised
from ..model import Place
from ..policy import Policy
from . import grid
from .encoding import encoding_of, lines_of

DELIMITERS = ";\t|,"
HEAD = 1 << 16
BLOCK = 1 << 22
CAPTION_LENGTH = 400
FIELD_LIMIT = 1 << 20
RAGGED_LIMIT = 20 << 20
"""Bytes of the largest file with rows of different lengths that is read."""

csv.field_size_limit(FIELD_LIMIT)


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a delimited file.

    Raises
    ------
    Unreadable
        It is no text, another kind of text, has too many columns, or rows that cannot be told apart.
    """
    encoding = encoding_of(path)
    head = _head(path, encoding)
    if head.lstrip("\ufeff \n\r\t").startswith(("{", "<", "%!")) or head.lstrip().startswith("[{"):
        raise Unreadable("mismatch")
    delimiter = delimiter_of(head, kind)
    rows = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 200))
    if not head.endswith(("\n", "\r")) and len(rows) > 1 and len(head) >= HEAD:
        rows.pop()
    width = max(len(row) for row in rows)
    if width > policy.limits.columns:
        raise Unreadable("too_many_columns", columns=width, limit=policy.limits.columns)
    tables = _regular(path, encoding, delimiter, rows, width)
    if tables is None:
        tables = _ragged(path, encoding, delimiter)
    titles = tables[0].titles if tables else ()
    text = Text(
        place=Place(),
        chunks=lambda: lines_of(path, encoding),
        decimal_comma=delimiter != ",",
        column_of=lambda line, value: column_of(line, value, delimiter, titles),
    )
    return Document(kind, texts=(text,), tables=tables)


def delimiter_of(head: str, kind: str = "csv") -> str:
    """Return the delimiter that cuts the first lines into rows of the same length most often."""
    if kind == "tsv":
        return "\t"
    best, best_score = ";", 0.0
    for delimiter in DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 200))
        except csv.Error:
            continue
        widths = [len(row) for row in rows if row]
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        score = widths.count(usual) / len(widths) + min(usual, 100) / 1000
        if usual > 1 and score > best_score + 1e-9:
            best, best_score = delimiter, score
    return best


def column_of(line: str, value: str, delimiter: str, titles: Sequence[str]) -> str | None:
    """Return the masked title, or the number, of the column of `line` that holds `value`."""
    for index, cell in enumerate(next(csv.reader([line], delimiter=delimiter), [])):
        if value in normalised(cell):
            return column_name(titles, index)
    return None


def column_name(titles: Sequence[str], index: int) -> str:
    """Return what a column is called in a finding."""
    title = titles[index].strip() if index < len(titles) else ""
    return masked(title) if title else str(index + 1)


def records(path: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Return the rows of a file, one list of cells each, whatever their length."""
    return csv.reader(_physical_lines(path, encoding), delimiter=delimiter)


def _physical_lines(path: Path, encoding: str) -> Iterator[str]:
    # Lines end where csv and Arrow see their end; `str.splitlines` also cuts at ten other characters.
    with path.open(encoding=encoding, newline="") as stream:
        while line := stream.readline(FIELD_LIMIT + 1):
            if len(line) > FIELD_LIMIT:
                raise Unreadable("unreadable", reason="line")
            yield line


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as stream:
        return stream.read(HEAD).lstrip("\ufeff")


def _regular(
    path: Path, encoding: str, delimiter: str, rows: Sequence[Sequence[str]], width: int
) -> tuple[Table, ...] | None:
    """Return the one table of a file whose rows all have the same length, else None."""
    if any(len(row) != width for row in rows) or width == 0:
        return None
    titled = grid.has_titles(rows[0], rows[1:])
    start = _batches(path, encoding, delimiter, width, skip=1 if titled else 0)
    try:
        # Every row is cut into its cells, as it will be for the rules; one column is enough to see that it can be.
        for _ in start(["c0"]):
            pass
    except pa.ArrowInvalid:
        return None
    titles = tuple(rows[0]) if titled else ("",) * width
    return (Table(Place(), titles, start, first_row=2 if titled else 1, titled=titled),)


def _batches(path: Path, encoding: str, delimiter: str, width: int, skip: int) -> Callable[..., Iterator[Any]]:
    names = [f"c{i}" for i in range(width)]

    def start(wanted: Sequence[str] = names) -> Iterator[Any]:
        try:
            reader = arrow_csv.open_csv(
                path,
                read_options=arrow_csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK,
                    column_names=names,
                    skip_rows_after_names=skip,
                    encoding="utf8" if encoding.startswith("utf-8") else encoding,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, include_columns=wanted
                ),
            )
        except StopIteration:
            return
        with reader:
            yield from reader

    return start


def _ragged(path: Path, encoding: str, delimiter: str) -> tuple[Table, ...]:
    """Cut a file into its tables: runs of rows of the same length, at least two cells wide."""
    if path.stat().st_size > RAGGED_LIMIT:
        raise Unreadable("ragged", limit=RAGGED_LIMIT >> 20)
    try:
        numbered = [(n, _trimmed(row)) for n, row in enumerate(records(path, encoding, delimiter), start=1)]
    except csv.Error as error:
        raise Unreadable("unreadable", reason="csv") from error
    found: list[Table] = []
    caption = ""
    for filled, run in groupby(numbered, key=lambda item: len(item[1]) > 1):
        rows = list(run)
        if filled and (made := _block(rows, caption)) is not None:
            found.append(made)
        caption = "" if filled else "\n".join(row[0] for _, row in rows if row)[-CAPTION_LENGTH:]
    return tuple(found)


def _block(run: list[tuple[int, list[str]]], caption: str) -> Table | None:
    return grid.table(Place(), [row for _, row in run], first_row=run[0][0], caption=caption)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1].strip():
        row = row[:-1]
    return row
