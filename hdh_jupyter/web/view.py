"""View models of previews: what templates are given of a file, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..disclosure.model import Place

CELL_LENGTH = 500
"""Longest text of a table cell, in characters."""


@dataclass(frozen=True)
class Limits:
    """How much of one file is shown.

    Attributes
    ----------
    page
        Rows of a table on one page.
    rows
        Rows of a table that can be reached at all.
    image, text
        Bytes of images and characters of text, in all.
    notebook
        Largest notebook that is parsed, in bytes.
    """

    page: int
    rows: int
    image: int
    text: int
    notebook: int


MEMBER = Limits(page=200, rows=1_000, image=2**20, text=200_000, notebook=4 * 2**20)
"""For the members of the project, who have the whole file in their workspace: here it would be a way around review."""

CHECKER = Limits(page=500, rows=100_000, image=8 * 2**20, text=2_000_000, notebook=32 * 2**20)


@dataclass(frozen=True)
class Cell:
    """A cell of a table."""

    text: str
    numeric: bool = False
    flagged: bool = False


@dataclass(frozen=True)
class Row:
    """A row with its number as a spreadsheet shows it: the header is 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A page of a table.

    Attributes
    ----------
    more
        Whether a next page can be reached.
    clipped
        Whether rows, columns or long cells are left out that no page shows.
    """

    form: ClassVar[str] = "table"
    header: tuple[Cell, ...]
    rows: tuple[Row, ...]
    page: int
    more: bool
    clipped: bool

    @property
    def flagged(self) -> int:
        """How many cells of this page are marked."""
        return sum(cell.flagged for row in self.rows for cell in row.cells)

    @property
    def first(self) -> int:
        """Number of the first row of this page."""
        return self.rows[0].number if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row of this page."""
        return self.rows[-1].number if self.rows else 0


@dataclass(frozen=True)
class Text:
    """A text; `clipped` when its end is left out."""

    form: ClassVar[str] = "text"
    text: str
    clipped: bool = False


@dataclass(frozen=True)
class Image:
    """An image for an `img` element."""

    form: ClassVar[str] = "image"
    data_uri: str


@dataclass(frozen=True)
class Unavailable:
    """Nothing can be shown; `web.preview.none.<reason>` says why."""

    form: ClassVar[str] = "none"
    reason: str


def clip(text: str, most: int) -> Text:
    """Return a text, its end left out beyond `most` characters."""
    return Text(text[:most], len(text) > most)


@dataclass(frozen=True)
class HtmlTable:
    """A table out of HTML, rebuilt from its cells."""

    form: ClassVar[str] = "html_table"
    rows: tuple[tuple[HtmlCell, ...], ...]
    clipped: bool = False


@dataclass(frozen=True)
class HtmlCell:
    """A cell of an HTML table, over so many columns and rows."""

    text: str
    header: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Piece:
    """One part of a file: its place, and what is shown of it.

    Attributes
    ----------
    heading
        Key of the sentence that says what it is: `web.parts.<heading>`.
    """

    place: Place
    heading: str
    block: Table | Text | Image
    flagged: bool = False


@dataclass(frozen=True)
class Parts:
    """A file as its tables, texts and pages; `clipped` when some are left out."""

    form: ClassVar[str] = "parts"
    pieces: tuple[Piece, ...]
    clipped: bool


@dataclass(frozen=True)
class OtherForm:
    """The source of another representation of an output, by its media type."""

    name: str
    text: Text


@dataclass(frozen=True)
class Output:
    """An output of a notebook's cell: what it shows, and its other representations as source."""

    blocks: tuple[Text | HtmlTable | Image, ...]
    other_forms: tuple[OtherForm, ...] = ()
    flagged: bool = False


@dataclass(frozen=True)
class NotebookCell:
    """A cell of a notebook; `kind` is `code`, `markdown` or `raw`."""

    number: int
    kind: str
    source: Text
    outputs: tuple[Output, ...]
    flagged: bool


@dataclass(frozen=True)
class Notebook:
    """A notebook; `clipped` when cells or outputs are left out."""

    form: ClassVar[str] = "notebook"
    cells: tuple[NotebookCell, ...]
    clipped: bool
