"""The tables of an HTML text, as grids of cells; also its plain text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from ..documents import Table
from ..model import Place
from . import grid, html_blocks, text_tables
from .grid import joined as joined

MAX_SPAN = 1000
LINES = frozenset(
    {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "dt", "dd", "pre", "section"}
    | {"article", "header", "footer"}
)
"""Elements that begin and end a line."""
CAPTION_LINES, CAPTION_LENGTH = 2, 400
"""What is kept of the text above a table."""


@dataclass
class _Row:
    cells: list[str] = field(default_factory=list)
    labels: int = 0
    head: bool = False


class _TableParser(HTMLParser):
    """Collects rows; a cell that spans several columns or rows is repeated in each."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[str, list[_Row]]] = []
        self.words: list[str] = []
        self._open: list[list[_Row]] = []
        self._captions: list[str] = []
        self._said = 0
        self._captioned = False
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._carried: dict[int, tuple[int, str]] = {}
        self._head = False
        self._is_label = False
        self._silent = 0
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._finish_cell(tag)
        if tag in LINES and tag != "dd" and not self._open:
            self._end_line()
        if tag in ("script", "style"):
            self._silent += 1
        elif tag == "table":
            self._captions.append(_last_lines("".join(self.outside[self._said :])) if not self._open else "")
            self._open.append([])
            self._carried = {}
        elif tag == "caption" and self._open:
            self._captioned = True
            self._captions[-1] += "\n"
        elif tag == "thead":
            self._head = True
        elif tag == "tbody":
            self._head = False
        elif tag == "tr" and self._open:
            self._open[-1].append(_Row(head=self._head))
            self._fill_carried()
        elif tag in ("td", "th") and self._open:
            if not self._open[-1]:
                self._open[-1].append(_Row(head=self._head))
            values = dict(attrs)
            self._span = (_span(values.get("colspan")), _span(values.get("rowspan")))
            self._is_label = tag == "th"
            self._cell = []
        elif tag in ("br", "p", "div", "li"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._finish_cell(tag)
        if tag in LINES and not self._open:
            if tag == "dt":
                self.outside.append(" : ")
            else:
                self._end_line()
        if tag in ("script", "style"):
            self._silent = max(self._silent - 1, 0)
        elif tag == "thead":
            self._head = False
        elif tag == "table" and self._open:
            self._end_table()
        elif tag == "caption":
            self._captioned = False
        elif tag in ("tr", "p", "div", "li"):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        if not self._open:
            self.outside.append(data)
        if self._cell is not None:
            self._cell.append(data)
        elif self._captioned and self._captions:
            self._captions[-1] += data

    def _end_table(self) -> None:
        self.tables.append((self._captions.pop(), self._open.pop()))
        self._captioned = False
        self._said = len(self.outside)

    def _end_line(self) -> None:
        """End the line that is open, so that items of a list stand one below the other."""
        last = next((text for text in reversed(self.outside) if text.strip(" \t")), "\n")
        if not last.endswith("\n"):
            self.outside.append("\n")

    def close(self) -> None:
        super().close()
        self._finish_cell("table")
        while self._open:
            self._end_table()

    def _finish_cell(self, tag: str) -> None:
        if self._cell is None or tag not in ("td", "th", "tr", "table", "tbody", "thead", "tfoot"):
            return
        text = " ".join("".join(self._cell).split())
        row = self._open[-1][-1]
        columns, rows = self._span
        for _ in range(columns):
            if rows > 1:
                self._carried[len(row.cells)] = (rows - 1, text)
            if self._is_label and row.labels == len(row.cells):
                row.labels += 1
            row.cells.append(text)
        self._fill_carried()
        self._cell = None
        self.words.append("\t")

    def _fill_carried(self) -> None:
        row = self._open[-1][-1]
        while (carried := self._carried.get(len(row.cells))) is not None:
            left, text = carried
            if left == 1:
                del self._carried[len(row.cells)]
            else:
                self._carried[len(row.cells)] = (left - 1, text)
            if row.labels == len(row.cells):
                row.labels += 1
            row.cells.append(text)


def tables(html: str, place: Place) -> list[Table]:
    """Return the tables of an HTML text; titles are the rows of its head, joined column by column."""
    parsed = _parsed(html)
    found = [*html_blocks.tables(html, place), *text_tables.tables("".join(parsed.outside), place)]
    for caption, rows in parsed.tables:
        head = [row.cells for row in rows if row.head]
        body = [row for row in rows if not row.head and row.cells]
        if not body:
            continue
        labels = min(row.labels for row in body)
        titles = joined(head) if head else None
        if titles is None and labels == len(body[0].cells):
            titles, body = body[0].cells, body[1:]
            labels = min((row.labels for row in body), default=0)
        if (
            made := grid.table(place, [r.cells for r in body], titles=titles, labels=labels, caption=caption)
        ) is not None:
            found.append(made)
    return found


def plain_text(html: str) -> str:
    """Return what a reader sees of an HTML text, cells parted by tabs."""
    lines = (" ".join(line.strip(" ").split(" ")) for line in "".join(_parsed(html).words).splitlines())
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _parsed(html: str) -> _TableParser:
    parser = _TableParser()
    parser.feed(html)
    parser.close()
    return parser


def _last_lines(text: str) -> str:
    return "\n".join([line.strip() for line in text.splitlines() if line.strip()][-CAPTION_LINES:])[-CAPTION_LENGTH:]


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MAX_SPAN) if value and value.isdigit() else 1
