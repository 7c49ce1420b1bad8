"""What readers make of a file and rules look at: texts, tables, and content that does not show.

Texts and tables are given as streams that can be started again: each rule makes its own pass, and none holds a large
file in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .model import Place


class Unreadable(Exception):
    """A file cannot be read as what it claims to be.

    Parameters
    ----------
    key
        Which sentence says so: `unreadable`, `mismatch`, `unknown_kind`, `too_large`, `empty`.
    **params
        What the sentence names.
    """

    def __init__(self, key: str, **params: str | int) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


@dataclass(frozen=True)
class Text:
    """A text, in chunks that end at the end of a line wherever lines are not enormous.

    Attributes
    ----------
    code
        Whether it is the source of a program, where `object@slot` is no address.
    decimal_comma
        Whether a comma between digits may be a decimal separator.
    column_of
        Tells the title of the column in which a value stands, from the line that holds it.
    """

    place: Place
    chunks: Callable[[], Iterator[str]]
    code: bool = False
    decimal_comma: bool = True
    column_of: Callable[[str, str], str | None] = lambda line, value: None


@dataclass(frozen=True, eq=False)
class Table:
    """A table of cells as text, in batches of rows.

    Attributes
    ----------
    titles
        One per column; empty where a column has none.
    labels
        How many first columns are known to be labels of rows.
    first_row
        Number of the first row of data, as a spreadsheet counts.
    batches
        Starts the stream of record batches; each column is of type string, named `c0`, `c1`...
    """

    place: Place
    titles: tuple[str, ...]
    batches: Callable[[], Iterator[Any]]
    first_row: int
    titled: bool = True
    labels: int = 0


@dataclass(frozen=True)
class Hidden:
    """Content that a reader of the file does not see, and that sanitising removes.

    Attributes
    ----------
    suspicious
        Whether it can hold data: too long or not of a kind that belongs there.
    """

    place: Place
    what: str
    size: int
    suspicious: bool


@dataclass(frozen=True, eq=False)
class Document:
    """A file that could be read; equal to itself alone."""

    kind: str
    texts: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    hidden: tuple[Hidden, ...] = field(default=())


def whole(text: str) -> Callable[[], Iterator[str]]:
    """Return the stream of a text that is in memory already."""
    return lambda: iter((text,))
