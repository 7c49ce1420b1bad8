"""The tables of a LaTeX text: every environment of the tabular family, its commands taken away."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from ..documents import Table
from ..model import Place
from . import grid
from .grid import joined

ENVIRONMENTS = (
    r"(?:tabular[xy*]?|tabulary|longtable\*?|xltabular|supertabular|xtabular|array|(?:long|tall)?tblr|NiceTabular)"
)
BEGIN = re2.compile(rf"\\begin\s*\{{{ENVIRONMENTS}\}}")
END = re2.compile(rf"\\end\s*\{{{ENVIRONMENTS}\}}")
COMMENT = re2.compile(r"(^|[^\\])%[^\n]*")
RULE = re2.compile(r"\\(?:hline|toprule|midrule|bottomrule|specialrule|Xhline|hdashline)\b")
WITH_ARGUMENT = re2.compile(r"\\(?:rowcolor|cellcolor|caption|label|cmidrule|cline|vspace|hspace|footnotemark|tnote)\b")
CAPTION = re2.compile(r"\\caption(?:of\s*\{\w+\})?\*?\s*(?:\[[^\]]*\])?\s*\{")
SPAN = re2.compile(r"\\multicolumn\s*\{\s*(\d+)\s*\}")
COMMAND = re2.compile(r"\\[A-Za-z]+\*?\s*(?:\[[^\]]*\])?")
ROW_END = re2.compile(r"\\\\\*?(?:\[[^\]]*\])?|\\tabularnewline\b|\\cr\b")
SPACES = (("\\,", " "), ("\\;", " "), ("\\:", " "), ("\\!", ""), ("~", " "), ("\\ ", " "))
WRITTEN = (
    ("\\%", "%"),
    ("\\&", "&"),
    ("\\_", "_"),
    ("\\#", "#"),
    ("\\$", ""),
    ("$", ""),
    ("\\leq", "≤"),
    ("\\le", "≤"),
)
AMPERSAND = "\x00"
MAX_SPAN = 100


def tables(text: str, place: Place) -> list[Table]:
    """Return the tables of a LaTeX text."""
    found = []
    for begin, body in _bodies(text):
        made = _table(body, place, text.count("\n", 0, begin) + 1, _caption(text, begin, begin + len(body)))
        if made is not None:
            found.append(made)
    return found


def without_tables(text: str) -> str:
    """Return the text with its tabular environments emptied, line by line."""
    kept, position = [], 0
    for begin, body in _bodies(text):
        kept += [text[position:begin], "\n" * body.count("\n")]
        position = begin + len(body)
    return "".join([*kept, text[position:]])


def _bodies(text: str) -> Iterator[tuple[int, str]]:
    """Yield where the innermost environments begin, and what stands in them."""
    position = 0
    while begin := BEGIN.search(text, position):
        position = begin.end()
        end = END.search(text, position)
        inner = BEGIN.search(text, position)
        if inner and end and inner.start() < end.start():
            continue
        stop = end.start() if end else len(text)
        yield position, text[position:stop]
        position = stop


def _caption(text: str, begin: int, end: int) -> str:
    """Return the caption of the float that a table stands in, or of the table itself."""
    opened, closed = text.rfind("\\begin{table", 0, begin), text.find("\\end{table", end)
    shut = text.rfind("\\end{table", 0, begin)
    start, stop = (opened, closed) if opened > shut and closed >= 0 else (begin, end)
    match = CAPTION.search(text, start, stop)
    if match is None:
        return ""
    closing = _closing(text, match.end() - 1)
    return _plain(text[match.end() : closing]) if closing > 0 else ""


def _table(body: str, place: Place, first: int, caption: str) -> Table | None:
    body = COMMENT.sub(r"\1", _without_arguments(body))
    rows: list[list[str]] = []
    lines: list[int] = []
    head = 0
    line = first
    position = 0
    for end in [*ROW_END.finditer(body), None]:
        part = body[position : end.start() if end else len(body)]
        if RULE.search(part) and rows and not head:
            head = len(rows)
        at = line + part.count("\n", 0, max(part.find("&"), 0))
        line += part.count("\n")
        cells = _cells(part)
        if any(cell for cell in cells):
            rows.append(cells)
            lines.append(at)
        if end is None:
            break
        position = end.end()
    if not rows:
        return None
    if 0 < head < len(rows) and head <= grid.MAX_TITLE_ROWS and not any(map(_is_data, rows[:head])):
        return grid.table(place, rows[head:], titles=joined(rows[:head]), first_row=lines[head], caption=caption)
    return grid.table(place, rows, first_row=lines[0], caption=caption)


def _is_data(row: list[str]) -> bool:
    """Tell whether a row above the first rule is no row of titles: nearly all of it are numbers."""
    return sum(map(grid.is_number, row)) * 2 > len(row) and not grid.has_titles(row, [["x", "1"]])


def _without_arguments(body: str) -> str:
    """Drop the description of columns after `\\begin{tabular}`."""
    rest = body.lstrip()
    while rest.startswith(("[", "{")):
        closing = _closing(rest, 0)
        if closing < 0:
            break
        rest = rest[closing + 1 :].lstrip(" \t")
    return rest


def _closing(text: str, start: int) -> int:
    """Return where the bracket that opens at `start` closes, -1 when it does not."""
    opening, closing = text[start], {"{": "}", "[": "]"}[text[start]]
    depth = 0
    for position in range(start, len(text)):
        if text[position] == opening and (position == 0 or text[position - 1] != "\\"):
            depth += 1
        elif text[position] == closing and text[position - 1] != "\\":
            depth -= 1
            if depth == 0:
                return position
    return -1


def _cells(row: str) -> list[str]:
    cells = []
    for cell in row.replace("\\&", AMPERSAND).split("&"):
        cell = cell.replace(AMPERSAND, "\\&")
        span = SPAN.search(cell)
        cells += [_plain(cell)] * (min(int(span[1]), MAX_SPAN) if span else 1)
    return cells


def _plain(cell: str) -> str:
    """Return what a cell shows."""
    if span := SPAN.search(cell):
        cell = _last_argument(cell[span.end() :])
    elif (several := cell.find("\\multirow")) >= 0:
        cell = _last_argument(cell[several + len("\\multirow") :])
    while match := WITH_ARGUMENT.search(cell):
        rest = cell[match.end() :].lstrip("*")
        rest = rest[rest.find("{") :] if "{" in rest else ""
        closing = _closing(rest, 0) if rest else -1
        cell = cell[: match.start()] + rest[closing + 1 :]
    for written, shown in (*SPACES, *WRITTEN):
        cell = cell.replace(written, shown)
    cell = COMMAND.sub("", cell)
    return " ".join(cell.replace("{", "").replace("}", "").split())


def _last_argument(text: str) -> str:
    """Return the last of the arguments in braces that a text begins with."""
    last = ""
    rest = text.lstrip()
    while rest.startswith(("{", "[", "*")):
        if rest[0] == "*":
            rest = rest[1:]
            continue
        closing = _closing(rest, 0)
        if closing < 0:
            return rest
        last, rest = rest[1:closing], rest[closing + 1 :].lstrip()
    return last
