"""Tables that a page makes of other elements than `table`: rows of `div` or `span` one below the other, ARIA roles, CSS
grids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import groupby

import re2

from ..documents import Table
from ..model import Place
from . import grid

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
OTHERS = frozenset(["table", "script", "style", "select", "option", "nav", "svg", "head", "pre"])
"""Elements that make no table of this kind, or that other readers look at."""
INLINE = frozenset(["b", "i", "em", "strong", "u", "small", "sup", "sub", "a", "code", "br"])
LONGEST_CELL = 120
MAX_DEPTH = 200
COLUMNS = re2.compile(r"grid-template-columns\s*:\s*([^;]+)")
REPEATED = re2.compile(r"repeat\(\s*(\d+)\s*,")


@dataclass
class _Element:
    tag: str
    style: str = ""
    text: str = ""
    children: list[_Element] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Everything that the element shows."""
        return " ".join((self.text + " " + " ".join(child.words for child in self.children)).split())


class _Tree(HTMLParser):
    """Collects elements, those within a paragraph of text as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID or tag in INLINE or len(self.open) > MAX_DEPTH:
            return
        element = _Element(tag, dict(attrs).get("style") or "")
        self.open[-1].children.append(element)
        self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for position in range(len(self.open) - 1, 0, -1):
            if self.open[position].tag == tag:
                del self.open[position:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].text += data


def tables(html: str, place: Place) -> list[Table]:
    """Return the tables that other elements than `table` make."""
    if "<div" not in html.lower() and "<span" not in html.lower():
        return []
    tree = _Tree()
    tree.feed(html)
    tree.close()
    found = []
    for rows in _grids(tree.root):
        made = grid.table(place, rows)
        if made is not None and any(grid.is_number(cell) for row in rows for cell in row):
            found.append(made)
    return found


def _grids(root: _Element) -> Iterator[list[list[str]]]:
    """Yield runs of rows of as many cells, in the order of the page, and grids that a style cuts into rows."""
    rows: list[list[str]] = []
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag in OTHERS:
            rows.append([])
            continue
        if width := _width(element):
            cells = [child.words for child in element.children]
            yield [cells[i : i + width] for i in range(0, len(cells), width)]
        elif cells := _cells(element):
            rows.append(cells)
        else:
            if element.text.strip():
                rows.append([])
            pending.extend(reversed(element.children))
    for width, run in groupby(rows, key=len):
        part = list(run)
        if width > 1 and len(part) > 1:
            yield part


def _cells(element: _Element) -> list[str]:
    """Return the cells of an element that is a row: at least two elements, each of a few words, and no text beside."""
    if len(element.children) < 2 or element.text.strip() or element.tag in ("ul", "ol", "dl"):
        return []
    cells = [child.words for child in element.children]
    leaves = all(not child.children or len(child.children) == 1 for child in element.children)
    return cells if leaves and all(len(cell) <= LONGEST_CELL for cell in cells) else []


def _width(element: _Element) -> int:
    """Return how many columns the style of an element gives it, 0 when it makes no grid of them."""
    match = COLUMNS.search(element.style)
    if match is None:
        return 0
    repeated = REPEATED.search(match[1])
    width = int(repeated[1]) if repeated else len(match[1].split())
    return width if 2 <= width <= 100 and len(element.children) >= 2 * width else 0
