"""Excel workbooks (.xlsx, .xlsm): what shows as tables, everything else as texts and hidden content.

Hidden, and taken to hold data: hidden and very hidden sheets, rows, columns and cells with values, records of pivot
tables, values of other workbooks, embedded objects, data models, recorded changes, macros.
"""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import re2

from ..documents import Document, Figure, Hidden, Series, Table, Text, Unreadable, whole
from ..masking import masked, normalised
from ..model import Place
from ..policy import Policy
from . import grid, kind_of, member_name, merged, nested
from .html_tables import joined
from .workbook_package import Package, attribute, local, package
from .workbook_sheet import Cell, Formats, Sheet, rows, shared_strings

CAPTION_LENGTH = 400
LONG = 1000
MAX_GRID = 8_000_000
"""Cells of one table, empty ones included."""
MAX_SHEETS = 256
PARTS: Sequence[tuple[str, str, bool]] = (
    (r"pivotCache/pivotCacheRecords", "pivot_records", True),
    (r"externalLinks/externalLink", "external_values", False),
    (r"(?:embeddings|oleObjects|activeX)/|\.bin$|^xl/model/", "embedded_object", True),
    (r"vbaProject|macrosheets/|xlMacrosheets|dialogsheets/", "script", True),
    (r"revisions/", "old_values", True),
    (r"comments|threadedComments|persons/", "comment", False),
    (r"connections\.xml|queryTables/", "connection", False),
    (r"charts/chart|charts/style|charts/colors|drawings/|media/|diagrams/|thumbnail|chartsheets/", "drawing", False),
    (r"pivotTables/|pivotCache/|slicer|timeline|tables/|ctrlProps/", "representation", False),
)
"""Parts by their name, what they are called in a finding, and whether they hold data by their nature. Others are
metadata; all are taken to hold data when they are long, but those of :data:`UNBOUNDED`."""
UNBOUNDED = ("drawing", "representation")
SETTINGS = re2.compile(r"printerSettings/")
SETTINGS_LIMIT = 20_000
PLAIN_PARTS = re2.compile(
    r"^(?:\[Content_Types\]\.xml|.*\.rels|xl/(?:workbook\.(?:xml|bin)|styles\.xml|sharedStrings\.xml|calcChain\.xml"
    r"|metadata\.xml|theme/.*\.xml|worksheets/[^/]*\.xml))$"
)
ACTING = re2.compile(
    r"(?i)\b(?:HYPERLINK|WEBSERVICE|FILTERXML|IMPORT(?:DATA|XML|HTML|RANGE|FEED)|IMAGE|RTD|CALL|EXEC|REGISTER(?:\.ID)?)\s*\("
    r"|(?:^|\t)\s*[=+@\-][^\t\n]*\b(?:cmd|powershell|msexcel|excel|rundll32|mshta|wscript)\s*\|"
)
"""Formulas that fetch, send or run."""
CHART_MARKS = {
    "scatterChart": "point",
    "bubbleChart": "point",
    "lineChart": "line",
    "line3DChart": "line",
    "radarChart": "line",
    "areaChart": "area",
    "area3DChart": "area",
    "stockChart": "line",
}
"""Kinds of chart that do not draw bars or slices, and their mark."""


@dataclass(frozen=True)
class SheetPart:
    """A sheet as the workbook lists it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True)
class Workbook:
    """An open workbook."""

    package: Package
    main: str
    sheets: Sequence[SheetPart]
    strings: Sequence[str]
    formats: Formats
    from_1904: bool

    def rows(self, sheet: SheetPart, into: Sheet) -> Iterator[tuple[int, list[Cell]]]:
        """Return the filled cells of a sheet row by row."""
        return rows(self.package, sheet.part, self.strings, self.formats, from_1904=self.from_1904, into=into)


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """Open a workbook.

    Raises
    ------
    Unreadable
        It is none, or damaged.
    """
    with package(path) as parts:
        main = next((target for kind, target in parts.related("").values() if kind == "officeDocument"), "")
        root = parts.xml(main)
        if local(root) != "workbook":
            raise Unreadable("mismatch")
        related = parts.related(main)
        sheets = []
        for element in root.iter():
            if local(element) == "sheet":
                kind, target = related[attribute(element, "id") or ""]
                if kind == "worksheet":
                    name = str(element.get("name", ""))
                    sheets.append(SheetPart(name, target, element.get("state", "visible") == "visible"))
        if len(sheets) > MAX_SHEETS or len({sheet.part for sheet in sheets}) < len(sheets):
            raise Unreadable("unreadable", reason="sheets")
        single = dict(related.values())
        yield Workbook(
            parts,
            main,
            sheets,
            shared_strings(parts, single.get("sharedStrings")),
            Formats.of(parts, single.get("styles")),
            any(e.get("date1904") in ("1", "true") for e in root.iter() if local(e) == "workbookPr"),
        )


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a workbook.

    Raises
    ------
    Unreadable
        It is none, is damaged or encrypted, or larger than can be looked at.
    """
    content = _Content()
    with opened(path) as workbook:
        used: set[int] = set()
        for sheet in workbook.sheets:
            content.sheet(workbook, sheet, policy, used)
        unused = [text for index, text in enumerate(workbook.strings) if text and index not in used]
        if unused:
            content.unseen(Place(part="metadata"), "unused_texts", unused, sum(map(len, unused)) > LONG)
        content.names(workbook)
        documents = content.other_parts(workbook, policy)
    own = Document(
        kind, tuple(content.texts), tuple(content.tables), tuple(content.hidden), figures=tuple(content.figures)
    )
    return merged(kind, [own, *documents])


def tables_of(numbered: Sequence[tuple[int, Sequence[str]]], place: Place) -> Iterator[Table]:
    """Cut the rows of a sheet into its tables: at empty rows and empty columns, captions and notes left out."""
    said = ""
    for block in _blocks(numbered):
        made_any = False
        filled = [[bool(cell) for cell in row] for _, row in block]
        occupied = [any(column) for column in zip(*filled, strict=True)]
        start = None
        for index, taken in enumerate([*occupied, False]):
            if taken and start is None:
                start = index
            elif not taken and start is not None:
                part = [(n, list(row[start:index])) for n, row in block]
                start = None
                if (made := _table(part, place, said)) is not None:
                    made_any = True
                    yield made
        said = "" if made_any else _words(block[-1:])


class _Content:
    """Collects what a workbook holds."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.tables: list[Table] = []
        self.hidden: list[Hidden] = []
        self.figures: list[Figure] = []
        self.cells = 0

    def sheet(self, workbook: Workbook, sheet: SheetPart, policy: Policy, used: set[int]) -> None:
        place = Place(member=masked(sheet.name))
        seen = Sheet(cells=self.cells)
        shown: list[tuple[int, list[str]]] = []
        lines: list[str] = []
        unseen: list[str] = []
        size = 0
        for number, cells in workbook.rows(sheet, seen):
            lines.append("\t".join(cell.text for cell in cells))
            if sheet.visible:
                unseen.extend(cell.text for cell in cells if cell.hidden)
                cells = [cell for cell in cells if not cell.hidden]
            if cells:
                row = [""] * (cells[-1].column + 1)
                for cell in cells:
                    row[cell.column] = cell.text
                size += len(row)
                if size > MAX_GRID:
                    raise Unreadable("too_many_cells", limit=MAX_GRID)
                shown.append((number, row))
        self.cells = seen.cells
        used.update(seen.strings)
        width = max((len(row) for _, row in shown), default=0)
        if width > policy.limits.columns:
            raise Unreadable("too_many_columns", columns=width, limit=policy.limits.columns)
        _spread(shown, seen.merged)
        self._lines(lines, place)
        self.tables.extend(tables_of(shown, place))
        self._text(sheet.name, place)
        if seen.formulas:
            self._text("\n".join(seen.formulas), place, code=True)
        if seen.unseen:
            size = sum(map(len, seen.unseen))
            self.unseen(place, "metadata", seen.unseen, size > 20 * LONG)
        if seen.unvalued:
            self.hidden.append(Hidden(place, "unvalued", seen.unvalued, suspicious=False))
        acting = [text for text in (*seen.formulas, *lines) if ACTING.search(text)]
        if acting:
            self.hidden.append(Hidden(place, "external", sum(map(len, acting)), suspicious=True))
        if seen.extra > 20 * LONG:
            self.hidden.append(Hidden(place, "metadata", seen.extra, suspicious=True))
        if unseen:
            self.hidden.append(Hidden(place, "cells", len(unseen), suspicious=True))
        if not sheet.visible and shown:
            self.hidden.append(Hidden(place, "sheet", sum(map(len, lines)), suspicious=True))

    def names(self, workbook: Workbook) -> None:
        """Look at defined names, which may hold values of their own."""
        root = workbook.package.xml(workbook.main)
        for element in root.iter():
            if local(element) == "definedName":
                text = element.text or ""
                if "{" in text or '"' in text or len(text) > LONG:
                    self.unseen(
                        Place(part="metadata", member=masked(str(element.get("name", "")))),
                        "name",
                        [text],
                        "{" in text or len(text) > 200,
                    )

    def other_parts(self, workbook: Workbook, policy: Policy) -> list[Document]:
        """Look at every part that is no sheet; return what files of other kinds hold."""
        package, documents = workbook.package, []
        sheets = {sheet.part for sheet in workbook.sheets}
        visible = {sheet.name for sheet in workbook.sheets if sheet.visible}
        for name, size in package.parts.items():
            place = Place(part="metadata", member=member_name(posixpath.basename(name)))
            if name in sheets:
                continue
            content = package.content(name)
            self._text(content.decode("utf-8", "replace" if _is_xml(name) else "ignore"), place)
            if PLAIN_PARTS.match(name):
                # A worksheet that the workbook does not list, shows nowhere.
                if "worksheets/" in name and not name.endswith(".rels"):
                    self.hidden.append(Hidden(place, "sheet", size, suspicious=True))
                continue
            what, suspicious = _kind_of_part(name, size)
            if what == "external_values" and any(local(e) == "v" for e in package.xml(name).iter()):
                suspicious = True
            elif "charts/chart" in name and name.endswith(".xml"):
                figure, foreign = _chart(package.xml(name), visible)
                self.figures.append(figure)
                suspicious = foreign
            elif "drawings/" not in name and kind_of(name, policy) not in ("unknown", "archive"):
                documents.append(nested(content, name, policy, Place(member=member_name(posixpath.basename(name)))))
            self.hidden.append(Hidden(place, what, size, suspicious))
        return documents

    def unseen(self, place: Place, what: str, texts: Sequence[str], suspicious: bool) -> None:
        self._text("\n".join(texts), place)
        self.hidden.append(Hidden(place, what, sum(map(len, texts)), suspicious))

    def _lines(self, lines: Sequence[str], place: Place) -> None:
        if lines:
            self._text("\n".join(lines), place)

    def _text(self, text: str, place: Place, *, code: bool = False) -> None:
        self.texts.append(Text(place, whole(normalised(text)), code=code))


def _kind_of_part(name: str, size: int) -> tuple[str, bool]:
    if SETTINGS.search(name):
        return "metadata", size > SETTINGS_LIMIT
    for pattern, what, suspicious in PARTS:
        if re2.search(pattern, name):
            return what, suspicious or (what not in UNBOUNDED and size > 10 * LONG)
    return "metadata", size > 5 * LONG


def _is_xml(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in (".xml", ".rels", ".vml")


def _blocks(numbered: Sequence[tuple[int, Sequence[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    """Part rows at empty ones, and make each part's rows equally long."""
    block: list[tuple[int, Sequence[str]]] = []
    for number, row in [*numbered, (-1, ())]:
        if block and number != block[-1][0] + 1:
            width = max(len(cells) for _, cells in block)
            yield [(n, [*cells, *[""] * (width - len(cells))]) for n, cells in block]
            block = []
        if any(cell.strip() for cell in row):
            block.append((number, row))


def _words(block: Sequence[tuple[int, Sequence[str]]]) -> str:
    return "\n".join(" ".join(cell for cell in row if cell) for _, row in block)[-CAPTION_LENGTH:]


def _table(block: list[tuple[int, list[str]]], place: Place, caption: str) -> Table | None:
    """Return the table of a block; a single column is one when it has several rows."""
    wide = len(block[0][1]) > 1
    while wide and block and sum(map(bool, block[0][1])) <= 1 and not block[0][1][-1]:
        caption = f"{caption}\n{_words(block[:1])}"
        block = block[1:]
    while wide and block and sum(map(bool, block[-1][1])) <= 1 and block[-1][1][0] and len(block) > 1:
        block = block[:-1]
    if not block or (not wide and len(block) < 2):
        return None
    body = [row for _, row in block]
    heads = 0
    while heads < min(len(body) - 1, grid.MAX_TITLE_ROWS) and _is_head(body[heads]):
        heads += 1
    if heads > 1 and "" in body[0]:
        return grid.table(place, body[heads:], titles=joined(body[:heads]), first_row=block[heads][0], caption=caption)
    return grid.table(place, body, first_row=block[0][0], caption=caption)


def _is_head(row: Sequence[str]) -> bool:
    """Tell whether a row holds titles: no number, or one title over several columns."""
    spans = not row[0] and any(a and a == b for a, b in itertools.pairwise(row))
    return spans or not any(grid.is_number(cell) for cell in row)


def _spread(shown: list[tuple[int, list[str]]], merged_areas: Sequence[tuple[int, int, int, int]]) -> None:
    """Repeat the value of a merged area in each of its cells, as a reader understands it."""
    position = dict(shown)
    for top, bottom, left, right in merged_areas:
        first = position.get(top + 1)
        if first is None or left >= len(first) or not first[left] or (bottom - top + 1) * (right - left + 1) > 2000:
            continue
        if bottom == top and left == 0 and sum(map(bool, first)) == 1:
            # A caption above the table.
            continue
        for number in range(top + 1, bottom + 2):
            row = position.get(number)
            if row is not None:
                row.extend([""] * (right + 1 - len(row)))
                row[left : right + 1] = [position[top + 1][left]] * (right + 1 - left)


def _chart(root: Any, visible: set[str]) -> tuple[Figure, bool]:
    """Return what a chart draws, and whether it draws what no visible sheet holds."""
    found, foreign = [], False
    for kind in root.iter():
        if not local(kind).endswith("Chart"):
            continue
        for series in kind:
            if local(series) != "ser":
                continue
            data = {local(child): _points(child) for child in series}
            y = data.get("val") or data.get("yVal") or ()
            x = data.get("cat") or data.get("xVal") or ()
            name = " ".join(str(point) for point in data.get("tx", ()))
            found.append(Series(CHART_MARKS.get(local(kind), "bar"), max(len(y), len(x)), masked(name), x, y))
            references = [e.text or "" for e in series.iter() if local(e) == "f"]
            foreign = foreign or any(_sheet_of(reference) not in visible for reference in references if reference)
            foreign = foreign or (not references and len(y) > 0)
    return Figure(Place(), tuple(found)), foreign


def _points(element: Any) -> tuple[float | str, ...]:
    found: list[float | str] = []
    for point in element.iter():
        if local(point) == "pt":
            text = next((child.text or "" for child in point if local(child) == "v"), "")
            try:
                found.append(float(text))
            except ValueError:
                found.append(text)
    return tuple(found)


def _sheet_of(reference: str) -> str:
    sheet = reference.strip("()").rpartition("!")[0]
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
