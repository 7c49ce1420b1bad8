"""HTML that nobody vouches for, reduced to texts and tables that templates write anew.

Nothing of the markup survives: no attribute, no style, no link. Pure, bounded by its limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from .view import CELL_LENGTH, HtmlCell, HtmlTable, Text

MOST_ROWS = 500
MOST_COLUMNS = 100
MOST_TABLES = 50
MOST_SPAN = 100

_SILENT = frozenset({"script", "style", "template", "head", "title", "noscript"})
_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "hr", "caption"})


def blocks(html: str) -> tuple[Text | HtmlTable, ...]:
    """Return the texts and tables of an HTML fragment, in order; a table inside a table becomes text of its cell."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finish()


@dataclass
class _OpenCell:
    header: bool
    columns: int
    rows: int
    text: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._found: list[Text | HtmlTable] = []
        self._text: list[str] = []
        self._rows: list[list[HtmlCell]] = []
        self._cell: _OpenCell | None = None
        self._depth = 0
        self._silent = 0
        self._clipped = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._end_text()
        elif self._depth == 1 and tag == "tr":
            self._end_cell()
            self._rows.append([])
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()
            given = dict(attrs)
            self._cell = _OpenCell(tag == "th", _span(given.get("colspan")), _span(given.get("rowspan")))
        elif tag in _BLOCKS:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                self._end_table()
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag in _BLOCKS:
            self.handle_data("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._cell is not None:
            self._cell.text.append(data)
        elif data.strip() or not self._depth:
            self._text.append(data)

    def finish(self) -> tuple[Text | HtmlTable, ...]:
        if self._depth:
            self._end_table()
        self._end_text()
        return tuple(self._found)

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None:
            return
        if not self._rows:
            self._rows.append([])
        if len(self._rows) > MOST_ROWS or len(self._rows[-1]) >= MOST_COLUMNS:
            self._clipped = True
            return
        text = " ".join("".join(cell.text).split())
        shown = text if len(text) <= CELL_LENGTH else text[:CELL_LENGTH] + "…"
        self._rows[-1].append(HtmlCell(shown, cell.header, cell.columns, cell.rows))

    def _end_table(self) -> None:
        self._end_cell()
        rows = tuple(tuple(row) for row in self._rows[:MOST_ROWS] if row)
        if rows and len(self._found) < 2 * MOST_TABLES:
            self._found.append(HtmlTable(rows, self._clipped))
        self._rows, self._clipped = [], False
        self._end_text()

    def _end_text(self) -> None:
        lines = (" ".join(line.split()) for line in "".join(self._text).split("\n"))
        text = "\n".join(line for line in lines if line)
        self._text = []
        if text:
            self._found.append(Text(text))


def _span(value: str | None) -> int:
    if value is None or not (value.isascii() and value.isdigit()) or len(value) > 5:
        return 1
    return min(max(int(value), 1), MOST_SPAN)
