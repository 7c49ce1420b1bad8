"""The cells of a workbook's sheets, as a stream: what each shows, and whether it shows.

A cell does not show when its row or column is hidden or without height or width, when its number format is empty
(`;;;`), or when its text is white on nothing. Formulas count by the value that was saved with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import re2

from ..documents import Unreadable
from .workbook_package import Package, elements, local

MAX_CELLS = 4_000_000
MAX_ROW, MAX_COLUMN = 1 << 20, 1 << 14
MAX_STRING = 32_767
NARROW = 0.5
"""Width in characters, or height in points, up to which nothing can be read."""
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
"""Numbers of the built-in formats of dates and times (ECMA-376, part 1, 18.8.30)."""
PERCENT_FORMATS = frozenset({9, 10})
FORMAT_LITERALS = re2.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
EMPTY_FORMAT = re2.compile(r"^\s*;\s*;?\s*;?\s*$")
WHITE = ("FFFFFFFF", "00FFFFFF")
CELL = re2.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})$")
DIGITS = "0123456789"
UNSEEN = ("headerFooter", "dataValidation", "cfRule")
"""Elements of a sheet whose texts show on paper, or in a list, alone."""
MAX_UNSEEN = 2000
WATCHED = ("sheetFormatPr", "col", "mergeCell", "ext", *UNSEEN)
PAGE_CODE = re2.compile(r"&(?:[LCR]|\"[^\"]*\"|[A-Z]|\d{1,3}|K[0-9A-F]{6})|\"")
"""Codes of a header's place and letters (ECMA-376, part 1, 18.3.1.39), and the marks around a list."""
ZERO = datetime(1899, 12, 30)
ZERO_1904 = datetime(1904, 1, 1)
"""Days from which workbooks count."""


class Cell(NamedTuple):
    """One filled cell.

    Attributes
    ----------
    column
        From 0.
    text
        What it holds, as text; a date as ISO 8601, a percentage with its sign.
    number
        What it holds, where that is a number.
    form
        `text`, `number`, `percent`, `date` or `bool`.
    hidden
        Whether it does not show.
    """

    column: int
    text: str
    number: float | None
    form: str
    hidden: bool


@dataclass(frozen=True)
class Formats:
    """What the styles of a workbook say of cells: by position of a style, its form, and whether it shows nothing."""

    forms: Sequence[str]
    empty: Sequence[bool]

    @classmethod
    def of(cls, package: Package, name: str | None) -> Formats:
        """Read the styles part."""
        if name is None or name not in package.parts:
            return cls((), ())
        root = package.xml(name)
        codes = {int(e.get("numFmtId", -1)): str(e.get("formatCode", "")) for e in _found(root, "numFmt")}
        fonts = [_is_white(font) for font in _children(root, "fonts")]
        fills = [_is_plain(fill) for fill in _children(root, "fills")]
        forms, empty = [], []
        for style in _children(root, "cellXfs"):
            number = int(style.get("numFmtId", 0))
            code = codes.get(number, "")
            forms.append(_form(number, code))
            font, fill = int(style.get("fontId", 0)), int(style.get("fillId", 0))
            white = 0 <= font < len(fonts) and fonts[font] and (fill >= len(fills) or fills[fill])
            empty.append(white or EMPTY_FORMAT.match(code) is not None)
        return cls(forms, empty)


@dataclass
class Sheet:
    """What is learnt of a sheet while its rows are read.

    Attributes
    ----------
    formulas
        Their texts, the first few thousand.
    unvalued
        How many formulas have no saved value.
    merged
        Areas shown as one cell: first and last row and column, from 0.
    unseen
        Headers and footers of the printed page, lists and messages of validations, rules of conditional formats.
    extra
        Characters of extensions, which programs of the time of this format do not show.
    strings
        Which shared strings stand in a cell.
    """

    formulas: list[str] = field(default_factory=list)
    unvalued: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    extra: int = 0
    strings: set[int] = field(default_factory=set)
    cells: int = 0


def rows(
    package: Package, name: str, strings: Sequence[str], formats: Formats, *, from_1904: bool, into: Sheet
) -> Iterator[tuple[int, list[Cell]]]:
    """Return the number (from 1) and the filled cells of each row that has any, in the order of the file.

    Raises
    ------
    Unreadable
        There are more cells than can be looked at, or they are not in order.
    """
    hidden_columns: set[int] = set()
    hidden_by_default = False
    last = 0
    with package.open(name) as stream:
        for tag, element in elements(stream, "row", "sheetData", WATCHED):
            if tag == "row":
                number = int(element.get("r", last + 1))
                if not last < number <= MAX_ROW:
                    raise Unreadable("unreadable", reason="rows")
                last = number
                shown = element.get("hidden")
                hidden = _true(shown) or float(element.get("ht", 15)) <= NARROW or (hidden_by_default and shown is None)
                cells = list(_cells(element, strings, formats, hidden, hidden_columns, from_1904, into))
                into.cells += len(cells)
                if into.cells > MAX_CELLS:
                    raise Unreadable("too_many_cells", limit=MAX_CELLS)
                if cells:
                    yield number, cells
            elif tag == "col":
                if _true(element.get("hidden")) or float(element.get("width", 9)) <= NARROW:
                    first, final = int(element.get("min", 1)), int(element.get("max", 1))
                    hidden_columns.update(range(max(first - 1, 0), min(final, MAX_COLUMN)))
            elif tag == "sheetFormatPr":
                hidden_by_default = _true(element.get("zeroHeight"))
            elif tag in UNSEEN:
                told = [*element.itertext(), *(v for k, v in element.attrib.items() if k in ("prompt", "error"))]
                said = PAGE_CODE.sub(" ", " ".join(told)).replace(",", "\n").strip()
                into.extra += len(said) * (len(into.unseen) >= MAX_UNSEEN)
                if said and len(into.unseen) < MAX_UNSEEN:
                    into.unseen.append(said[:MAX_STRING])
            elif tag == "mergeCell":
                area = _area(str(element.get("ref", "")))
                if area is not None and len(into.merged) < 10_000:
                    into.merged.append(area)
            else:
                into.extra += sum(len(e.text or "") + sum(map(len, e.attrib.values())) for e in element.iter())


def shared_strings(package: Package, name: str | None) -> list[str]:
    """Return the strings that cells share; readings of characters (phonetic runs) left out."""
    if name is None or name not in package.parts:
        return []
    found: list[str] = []
    size = 0
    with package.open(name) as stream:
        for _, element in elements(stream, "si", "sst"):
            found.append(_rich_text(element)[:MAX_STRING])
            size += len(found[-1])
            if len(found) > MAX_CELLS or size > 1 << 28:
                raise Unreadable("too_many_cells", limit=MAX_CELLS)
    return found


def _cells(
    row: Any,
    strings: Sequence[str],
    formats: Formats,
    hidden: bool,
    hidden_columns: set[int],
    from_1904: bool,
    into: Sheet,
) -> Iterator[Cell]:
    column = -1
    for element in row:
        get = element.get
        reference = get("r")
        following = _letters(reference.rstrip(DIGITS)) if reference else column + 1
        if not column < following < MAX_COLUMN:
            raise Unreadable("unreadable", reason="cells")
        column = following
        kind, value, formula = get("t", "n"), None, None
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag == "v":
                value = child.text
            elif tag == "f":
                formula = child.text or ""
            elif tag == "is":
                value = _rich_text(child)
        if formula is not None:
            if len(into.formulas) < 5000:
                into.formulas.append(formula[:8192])
            into.unvalued += value is None
        if value is None or value == "":
            continue
        style = int(get("s", 0))
        form = formats.forms[style] if style < len(formats.forms) else "number"
        unseen = hidden or column in hidden_columns or (style < len(formats.empty) and formats.empty[style])
        if kind == "s":
            into.strings.add(index := int(value))
            text = strings[index] if 0 <= index < len(strings) else ""
            if text:
                yield Cell(column, text, None, "text", unseen)
        elif kind == "n":
            number = float(value)
            yield Cell(column, written(number, value, form, from_1904), number, form, unseen)
        elif kind == "b":
            yield Cell(column, "TRUE" if value == "1" else "FALSE", None, "bool", unseen)
        else:
            yield Cell(column, value[:MAX_STRING], None, "text", unseen)


def written(number: float, text: str, form: str, from_1904: bool) -> str:
    """Return a number as a person reads it in a cell of this form."""
    if form == "percent":
        return f"{number * 100:.10g} %"
    if form == "date":
        try:
            moment = (ZERO_1904 if from_1904 else ZERO) + timedelta(days=number)
        except OverflowError:
            return text
        if 0 <= number < 1:
            return moment.strftime("%H:%M:%S")
        return moment.strftime("%Y-%m-%d") if number == int(number) else moment.isoformat(" ", "seconds")
    return text if text.isdigit() else f"{number:.15g}"


@lru_cache(1 << 15)
def _letters(letters: str) -> int:
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or len(letters) > 3:
            raise Unreadable("unreadable", reason="cells")
        index = index * 26 + ord(letter) - 64
    return index - 1


def _area(reference: str) -> tuple[int, int, int, int] | None:
    corners = [CELL.match(corner) for corner in reference.split(":")]
    if len(corners) != 2 or None in corners:
        return None
    (left, top), (right, bottom) = (corner.groups() for corner in corners)
    return int(top) - 1, int(bottom) - 1, _letters(left), _letters(right)


def _rich_text(element: Any) -> str:
    pieces = []
    for child in element:
        tag = local(child)
        if tag == "t":
            pieces.append(child.text or "")
        elif tag == "r":
            pieces.extend(run.text or "" for run in child if local(run) == "t")
    return "".join(pieces)


def _form(number: int, code: str) -> str:
    if number in DATE_FORMATS:
        return "date"
    if number in PERCENT_FORMATS:
        return "percent"
    plain = FORMAT_LITERALS.sub("", code).lower()
    if "%" in plain:
        return "percent"
    return "date" if any(mark in plain for mark in "ymdhs") and "general" not in plain else "number"


def _is_white(font: Any) -> bool:
    colour = next((e for e in font if local(e) == "color"), None)
    if colour is None:
        return False
    # Theme colour 0 is the background's.
    return str(colour.get("rgb", "")).upper() in WHITE or (colour.get("theme") == "0" and not colour.get("tint"))


def _is_plain(fill: Any) -> bool:
    """Tell whether a fill leaves the sheet white."""
    for pattern in fill:
        if local(pattern) != "patternFill":
            return False
        colour = next((e for e in pattern if local(e) == "fgColor"), None)
        if pattern.get("patternType", "none") != "none" and not (
            colour is not None and (str(colour.get("rgb", "")).upper() in WHITE or colour.get("theme") == "0")
        ):
            return False
    return True


def _children(root: Any, tag: str) -> list[Any]:
    return [child for parent in root if local(parent) == tag for child in parent]


def _found(root: Any, tag: str) -> list[Any]:
    return [element for element in root.iter() if local(element) == tag]


def _true(value: str | None) -> bool:
    return value in ("1", "true", "on")
