"""Tables printed as text: pandas, R, Markdown, LaTeX, delimited lines.

A table is a block of at least two lines without an empty line between them. Its columns are cut at a delimiter that
stands equally often in every line, else at the positions where every line has a space.
"""

from __future__ import annotations

from itertools import groupby

import re2

from ..documents import Table
from ..model import Place
from . import grid, latex_tables
from .html_tables import joined

MAX_LINES = 20_000
NOISE = re2.compile(
    r"^\s*[-=+|:─━═┄╌\s]+$|^\s*\\(?:hline|toprule|midrule|bottomrule|begin|end)\b"
    r"|^# A tibble|^\s*<\w+>(\s+<\w+>)*\s*$"
    r"|^\[\d+ rows x \d+ columns\]$|^(?:Name|Length|Freq): .*dtype: |^dtype: "
)
"""Rules between lines, types of columns, and what pandas adds below."""
COLOURS = re2.compile(r"\x1b\[[0-9;]*m")
DELIMITERS = "|&\t;,"


def tables(text: str, place: Place) -> list[Table]:
    """Return the tables printed in a text."""
    text = COLOURS.sub("", text)
    found: list[Table] = []
    if "\\begin" in text:
        found += latex_tables.tables(text, place)
        text = latex_tables.without_tables(text)
    lines = text.split("\n")
    for filled, numbered in groupby(enumerate(lines, start=1), key=lambda item: bool(item[1].strip())):
        block = [(n, line.rstrip()) for n, line in numbered]
        if filled and len(block) > 1:
            found.extend(_block(block, place))
    return found


def _block(block: list[tuple[int, str]], place: Place) -> list[Table]:
    kept = [(n, _unbracketed(line)) for n, line in block if not NOISE.match(line)]
    made = []
    for begin in range(0, len(kept), MAX_LINES):
        part = kept[begin : begin + MAX_LINES]
        rows = _delimited([line for _, line in part]) or _aligned([line for _, line in part])
        if rows is None or len(rows[0]) < 2:
            continue
        titles, body = _split(rows)
        first = part[len(rows) - len(body)][0] if len(rows) - len(body) < len(part) else part[0][0]
        found = grid.table(place, body, titles=titles, first_row=first)
        if found is not None:
            made.append(found)
        if len(body) > 1 and len(rows[0]) == 2:
            made.extend(_record(rows, place, part[0][0]))
    return made


def _record(rows: list[list[str]], place: Place, first: int) -> list[Table]:
    """Return the one-row table of a printed record, its field names as titles."""
    names = [row[0].strip() for row in rows]
    if len(set(names)) < len(names) or any(grid.is_number(name) for name in names):
        return []
    record = grid.table(place, [[row[1] for row in rows]], titles=names, first_row=first)
    return [record] if record is not None else []


def _split(rows: list[list[str]]) -> tuple[list[str] | None, list[list[str]]]:
    """Part the title rows from the data: they come first and hold no number."""
    count = 0
    while count < min(len(rows) - 1, grid.MAX_TITLE_ROWS) and not any(grid.is_number(c) for c in rows[count]):
        count += 1
    if count == 0:
        return (rows[0], rows[1:]) if grid.has_titles(rows[0], rows[1:]) else (None, rows)
    # The head of a crossed table: a line of categories that increase, above the name of the rows.
    if all(any(grid.is_number(c) for c in row[1:]) for row in rows[count:]) or count < grid.MAX_TITLE_ROWS:
        return joined(rows[:count]), rows[count:]
    return rows[0], rows[1:]


def _delimited(lines: list[str]) -> list[list[str]] | None:
    for delimiter in DELIMITERS:
        counts = {line.strip().strip("|").count(delimiter) for line in lines}
        if len(counts) == 1 and counts != {0} and (delimiter != "," or len(lines) > 2):
            return [
                [
                    cell.strip().strip('"').removesuffix("\\\\").strip()
                    for cell in line.strip().strip("|").split(delimiter)
                ]
                for line in lines
            ]
    return None


def _aligned(lines: list[str]) -> list[list[str]] | None:
    """Cut lines into columns where all of them have a space."""
    if len(lines) < 2:
        return None
    width = max(len(line) for line in lines)
    filled = 0
    for line in lines:
        mask = int("".join("0" if c == " " else "1" for c in line.ljust(width)) or "0", 2)
        filled |= mask
    occupied = format(filled, f"0{width}b")
    spans, start = [], None
    for position, bit in enumerate(occupied + "0"):
        if bit == "1" and start is None:
            start = position
        elif bit == "0" and start is not None:
            spans.append((start, position))
            start = None
    return [[line[a:b].strip() for a, b in spans] for line in lines] if len(spans) > 1 else None


def _unbracketed(line: str) -> str:
    """Make the brackets of printed matrices, and the colon after row numbers of data.table, into spaces."""
    if line.lstrip().startswith(("[", "array(")):
        line = re2.sub(r"array\(|dtype=\w+|[\[\](),]", " ", line)
    return str(re2.sub(r"^(\s*\d+):", r"\1 ", line))
