"""What readers make of a file and rules look at: texts, tables, figures, models, and content that does not show.

Texts and tables are given as streams that can be started again: each rule makes its own pass, and none holds a large
file in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    caption
        What stands above it, or is marked as its caption; the nearest line last.
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
    caption: str = ""


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


@dataclass(frozen=True)
class Series:
    """What one series of a figure draws.

    Attributes
    ----------
    mark
        `point`, `line`, `step`, `bar`, `box`, `area`, or `unknown`.
    marks
        How many there are.
    x, y
        Their positions as data, when the file holds them; else empty.
    """

    mark: str
    marks: int
    name: str = ""
    x: tuple[float | str, ...] = ()
    y: tuple[float | str, ...] = ()


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing of data.

    Attributes
    ----------
    raster
        Whether only pixels are there, so that nothing is known of its series.
    """

    place: Place
    series: tuple[Series, ...] = ()
    raster: bool = False
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What can be told of a model without loading it.

    Attributes
    ----------
    families
        Names of its classes, outermost first (`sklearn.neighbors._classification.KNeighborsClassifier`).
    numbers
        How many numbers its arrays hold, by the name of the array or `""`.
    smallest_leaf
        Fewest training rows in a leaf of its trees, when it says so.
    held
        How many training rows it keeps, one value or more of each, by the name of the part (`model`, `residuals`).
    observations, parameters
        How many rows it was fitted on and how many parameters were fitted, when it says so.
    code
        What would run when somebody loads it and is of no known library, by name.
    executable
        Whether loading it runs what the file says, so that its structure is no proof of its content.
    words
        How many words it learned from texts.
    opaque
        Bytes and tables within it that could not be read.
    embeddings
        Rows of its embedding tables, by name.
    untitled
        Rows of arrays whose names are not those of weights, by name: nobody says what a row is.
    """

    place: Place
    families: tuple[str, ...]
    numbers: Mapping[str, int] = field(default_factory=dict)
    smallest_leaf: int | None = None
    held: Mapping[str, int] = field(default_factory=dict)
    observations: int | None = None
    parameters: int | None = None
    code: tuple[str, ...] = ()
    executable: bool = False
    words: int = 0
    opaque: int = 0
    embeddings: Mapping[str, int] = field(default_factory=dict)
    untitled: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Document:
    """A file that could be read; equal to itself alone.

    Attributes
    ----------
    holding
        What must live as long as the streams do: a temporary folder, an open file.
    statement
        What its owner says of it: who is counted, under which filter.
    """

    kind: str
    texts: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    figures: tuple[Figure, ...] = ()
    models: tuple[FittedModel, ...] = ()
    holding: object = None
    statement: str = ""


def whole(text: str) -> Callable[[], Iterator[str]]:
    """Return the stream of a text that is in memory already."""
    return lambda: iter((text,))
