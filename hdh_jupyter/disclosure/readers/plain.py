"""Plain text, logs and LaTeX: the text, and the tables printed in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..documents import Document, Table, Text
from ..model import Place
from ..policy import Policy
from . import data_addresses, delimited, merged, text_tables
from .encoding import encoding_of, lines_of

DELIMITERS = "\t;|"
HEAD = 1 << 16


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a text.

    Raises
    ------
    Unreadable
        It is no text.
    """
    encoding = encoding_of(path)
    text = Text(Place(), lambda: lines_of(path, encoding))
    if _is_delimited(next(lines_of(path, encoding), "")[:HEAD]):
        found = delimited.read(path, "csv", policy)
        return replace(found, kind=kind)
    own = Document(kind, (text,), tuple(_tables(text)))
    carried = [data_addresses.carried(chunk, Place(), policy) for chunk in text.chunks() if "data:" in chunk.lower()]
    return merged(kind, [own, *carried])


def _tables(text: Text) -> Iterator[Table]:
    """Return the tables of a text, chunk by chunk, numbered as the lines of the whole."""
    passed = 0
    for chunk in text.chunks():
        for table in text_tables.tables(chunk, text.place):
            yield replace(table, first_row=table.first_row + passed)
        passed += chunk.count("\n")


def _is_delimited(head: str) -> bool:
    """Tell whether every line has the same delimiter equally often, as in a delimited file by another name."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:200]
    return len(lines) > 2 and any(
        lines[0].count(delimiter) > 0 and len({line.count(delimiter) for line in lines}) == 1
        for delimiter in DELIMITERS
    )
