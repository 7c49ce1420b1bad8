"""Tables printed as text: pandas, R, Stata, Markdown, LaTeX, delimited lines, logs, lists of names and numbers.

A table is a block of at least two lines without an empty line between them. Its columns are cut at a delimiter that
stands equally often in every line, else at the positions where every line has a space; where a block holds other lines
as well (a title, a source), in each run of lines that are cut alike. Names and numbers one below the other are a table
of counts only under a line that says so, since the settings of a program look the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import re2

from ..documents import Table
from ..model import Place
from ..numbers import names_a_count, names_a_measure, read
from . import grid, latex_tables, text_layouts
from .grid import joined

MAX_LINES = 20_000
NOISE = re2.compile(
    r"^\s*[-=+|:─━═┄╌┌┬┐└┴┘├┼┤╞╪╡╔╦╗╚╩╝╠╬╣\s]+$|^\s*\\(?:hline|toprule|midrule|bottomrule|begin|end)\b"
    r"|^# A tibble|^\s*<\w+>(\s+<\w+>)*\s*$|^shape: \(\d+, \d+\)$|^\(\d+ rows?\)$"
    r"|^\s*\|?(?:\s*(?:---|str|cat|bool|date|[iuf]\d+|<(?:chr|int|dbl|fct|lgl|date)>)\s*\|?)+$"
    r"|^\[\d+ rows x \d+ columns\]$|^(?:Name|Length|Freq): .*dtype: |^dtype: |^\s*Signif\. codes:"
)
"""Rules between lines, types of columns, what pandas adds below, and the legend of R's stars."""
COLOURS = re2.compile(r"\x1b\[[0-9;]*m")
DELIMITERS = "|&\t;,"
BARS = str.maketrans(dict.fromkeys("│┃┆║¦", "|"))
LOGGED = re2.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?\]?\s*)?"
    r"(?:[\[(]?(?:DEBUG|INFO|WARN(?:ING)?|ERROR|NOTE)[\])]?\s?[:\-]?\s?)(?:\[\d+\]\s?|[\w.]+:)?"
)
"""What a logger writes before each line."""
PAIR = re2.compile(r"^\s*(?:[-*•]\s+|\d+[.)]\s+)?(.{1,60}?)\s*(?::|=|\.{3,}|→|\t)\s*([^:=]{1,30})$")
LISTED = re2.compile(r"^\s*(?:[-*•]|\d+[.)])\s")
NUMBERED_ROW = re2.compile(r"^\s*\d+[.)](?:\s+\S+){3,}$")
QUANTILE = re2.compile(r"^\d+(?:\.\d+)?%$")
DOTTED = re2.compile(r"\.{4,}")
MARKED = re2.compile(r"^(?:\*\*(.+)\*\*|__(.+)__|`(.+)`|\*([^*]+)\*|_([^_]+)_)$")
MAPPING = re2.compile(r"\{[^{}]{5,900}\}")
ENTRY = re2.compile(r"""['"]([^'"]{1,80})['"]\s*:\s*(-?\d[\d.]*)\s*(?:,|\}|$)""")
WIDE = text_layouts.WIDE

MIN_PARTS = 3
MIN_SUM = 30
"""Parts, and sum, from which numbers of a list add up by more than chance."""

Line = tuple[int, str]


def tables(text: str, place: Place) -> list[Table]:
    """Return the tables printed in a text."""
    text = COLOURS.sub("", text).translate(BARS)
    found: list[Table] = []
    if "\\begin" in text:
        found += latex_tables.tables(text, place)
        text = latex_tables.without_tables(text)
    heading = ""
    for filled, numbered in groupby(enumerate(text.split("\n"), start=1), key=lambda item: _is_content(item[1])):
        if not filled:
            heading = next((line for _, line in reversed([*numbered]) if line.strip()), heading)
            continue
        block = _unlogged([(n, line.rstrip()) for n, line in numbered])
        if len(block) > 1:
            found.extend(_block(block, place, heading))
        found.extend(_mappings(block, place))
        heading = block[-1][1]
    return found


def _is_content(line: str) -> bool:
    return bool(line.strip()) and text_layouts.PROMPT.match(line) is None


def _unlogged(block: list[Line]) -> list[Line]:
    """Return the lines without what a logger writes before each."""
    if sum(LOGGED.match(line) is not None for _, line in block) < 2:
        return block
    return [(n, LOGGED.sub("", line)) for n, line in block]


def _block(block: list[Line], place: Place, heading: str) -> Iterator[Table]:
    kept = [(n, text_layouts.glued(_unbracketed(line))) for n, line in block if not NOISE.match(line)]
    body = list(text_layouts.without_caption(kept))
    caption = "\n".join([heading, *(line for _, line in kept[: len(kept) - len(body)])]).strip()[-400:]
    kept = body
    pairs = sum(
        PAIR.match(line) is not None and (bool(LISTED.match(line)) or bool(DOTTED.search(line))) for _, line in kept
    )
    whole = False
    for begin in range(0, len(kept), MAX_LINES):
        part = kept[begin : begin + MAX_LINES]
        rows = _cut(part) if not pairs and not _is_list(part) else None
        if rows is not None and len(rows[0]) > 1 and _is_cut_well(rows):
            whole = True
            yield from _made(rows, part, place, caption)
    if not whole and not _is_list(kept):
        yield from _runs(kept, place, caption)
    yield from _pairs(kept, place, heading)


def _cut(lines: Sequence[Line]) -> list[list[str]] | None:
    return _delimited(lines) or text_layouts.at_shared_bars([line for _, line in lines]) or _aligned(lines)


def _is_cut_well(rows: list[list[str]]) -> bool:
    """Tell whether most lines were cut, and none short of its number."""
    cut = sum(sum(map(bool, row)) > 1 for row in rows)
    return cut * 2 > len(rows) and not any(map(_is_cut_short, rows))


def _is_cut_short(row: list[str]) -> bool:
    """Tell whether a line was not cut before its number, since other lines have text there: `Corse  3` and nothing."""
    last = next((cell for cell in reversed(row) if cell), "")
    name, _, number = last.rpartition(" ")
    return row[-1] == "" and bool(name.strip()) and grid.is_number(number)


def _is_list(lines: Sequence[Line]) -> bool:
    """Tell whether lines are items of a list, and not numbered rows of several columns."""
    return sum(LISTED.match(line) is not None and not NUMBERED_ROW.match(line) for _, line in lines) * 2 > len(lines)


def _made(rows: list[list[str]], lines: Sequence[Line], place: Place, caption: str) -> Iterator[Table]:
    titles, body = _split(rows)
    first = lines[len(rows) - len(body)][0] if len(rows) - len(body) < len(lines) else lines[0][0]
    counts, *shares = text_layouts.layers(body) or [body]
    for layer in shares:
        found = grid.table(place, layer, titles=[f"{title} (%)" for title in titles or body[0]], first_row=first)
        if found is not None:
            yield found
    body = counts
    found = grid.table(place, body, titles=titles, first_row=first, caption=caption)
    if found is not None:
        yield found
    if len(body) > 1 and len(rows[0]) == 2 and not (titles and names_a_measure(titles[1])):
        yield from _record(rows, place, lines[0][0])


def _runs(lines: Sequence[Line], place: Place, caption: str) -> Iterator[Table]:
    """Yield the tables of lines that are not all cut alike: each run of lines with as many cells."""
    for cut in (_at_bars, _at_wide_spaces, _at_numbers):
        found = False
        for (width, _), run in groupby(_titled([(n, cut(line)) for n, line in lines]), key=lambda item: item[0]):
            part = [(n, cells) for _, (n, cells) in run]
            if width > 1 and len(part) > 1 and any(grid.is_number(c) for _, cells in part for c in cells):
                rows = [cells for _, cells in part]
                if cut is _at_numbers and not _split(rows)[0]:
                    continue
                found = True
                yield from _made(rows, [(n, "") for n, _ in part], place, caption)
        if found:
            return


def _titled(cut: list[tuple[int, list[str]]]) -> Iterator[tuple[tuple[int, int], tuple[int, list[str]]]]:
    """Yield lines with their number of cells; a line of titles below a line of data begins another run."""
    run, data = 0, False
    for n, cells in cut:
        numeric = any(grid.is_number(cell) for cell in cells)
        if data and not numeric:
            run += 1
        data = numeric
        yield (len(cells), run), (n, cells)


def _at_bars(line: str) -> list[str]:
    return [_unmarked(cell) for cell in line.strip().strip("|").split("|")] if "|" in line else [line]


def _at_wide_spaces(line: str) -> list[str]:
    return [cell.strip() for cell in WIDE.split(line.strip())]


def _at_numbers(line: str) -> list[str]:
    """Cut a line before its last number, or before its last word where it has none: `Pays de la Loire 300`."""
    words = line.split()
    last = len(words)
    while last > 1 and grid.is_number(words[last - 1]):
        last -= 1
    if last == len(words):
        last = max(len(words) - 1, 1)
    return [" ".join(words[:last]), *words[last:]]


def _pairs(lines: Sequence[Line], place: Place, heading: str) -> Iterator[Table]:
    """Yield the tables of names and numbers that stand below a line which says that they are counts."""
    title = heading
    run: list[tuple[int, str, str]] = []
    for n, line in [*lines, (0, "")]:
        match = PAIR.match(line)
        if match and grid.is_number(match[2]):
            run.append((n, match[1].strip(" ."), match[2]))
            continue
        parts_of_a_sum = _adds_up([value for _, _, value in run])
        if len(run) > 1 and (names_a_count(title) or parts_of_a_sum):
            titles = ["", "n" if parts_of_a_sum else title]
            made = grid.table(place, [[name, value] for _, name, value in run], titles=titles, first_row=run[0][0])
            if made is not None:
                yield made
        run, title = [], line


def _adds_up(cells: Sequence[str]) -> bool:
    """Tell whether a whole number of a list is the sum of three or more that follow it, as in the flow of a study."""
    written = [read(cell) for cell in cells]
    numbers = [w.value if w is not None and w.kind in ("number", "count") and not w.decimals else None for w in written]
    for first, total in enumerate(numbers):
        so_far = 0.0
        for last, part in enumerate(numbers[first + 1 :], start=1):
            if part is None or total is None or so_far > total:
                break
            so_far += part
            if last >= MIN_PARTS and so_far == total >= MIN_SUM:
                return True
    return False


def _mappings(lines: Sequence[Line], place: Place) -> Iterator[Table]:
    """Yield the tables of mappings that a program prints: `décès: {'Corse': 3, 'Bretagne': 120}`."""
    for n, line in lines:
        for match in MAPPING.finditer(line):
            entries = [(entry[1], entry[2]) for entry in ENTRY.finditer(match[0])]
            title = line[: match.start()][-80:]
            if len(entries) > 1 and names_a_count(title):
                made = grid.table(place, [list(entry) for entry in entries], titles=["", title], first_row=n)
                if made is not None:
                    yield made


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
        titled = grid.has_titles(rows[0], rows[1:]) or _are_levels(rows)
        return (rows[0], rows[1:]) if titled else (None, rows)
    if count < len(rows) - 1 and _are_below_a_name(rows[: count + 1]):
        count += 1
    # The head of a crossed table: a line of categories that increase, above the name of the rows.
    if all(any(grid.is_number(c) for c in row[1:]) for row in rows[count:]) or count < grid.MAX_TITLE_ROWS:
        return joined(rows[:count]), rows[count:]
    return rows[0], rows[1:]


def _are_levels(rows: list[list[str]]) -> bool:
    """Tell whether two lines of numbers are categories or quantiles above their figures, as R prints them."""
    if len(rows) == 2 and len(rows[0]) > 1 and all(QUANTILE.match(cell) for cell in rows[0]):
        return True
    return (
        len(rows) == 2 and len(rows[0]) > 1 and rows[0] in [[str(n + s) for n in range(len(rows[0]))] for s in (0, 1)]
    )


def _are_below_a_name(rows: list[list[str]]) -> bool:
    """Tell whether the last of some lines holds the categories of the variable that the lines above it name alone."""
    numbers = [cell for cell in rows[-1] if grid.is_number(cell)]
    if any(sum(map(bool, row)) * 2 > len(row) for row in rows[:-1]) or len(numbers) < 2 or not rows[-1][0]:
        return False
    return all(n.isdigit() for n in numbers) and all(int(b) == int(a) + 1 for a, b in pairwise(numbers))


def _delimited(lines: Sequence[Line]) -> list[list[str]] | None:
    for delimiter in DELIMITERS:
        counts = {line.strip().strip("|").count(delimiter) for _, line in lines}
        if len(counts) == 1 and counts != {0} and (delimiter != "," or len(lines) > 2):
            rows = [
                [
                    _unmarked(cell.strip().strip('"').removesuffix("\\\\"))
                    for cell in line.strip().strip("|").split(delimiter)
                ]
                for _, line in lines
            ]
            if delimiter != "|" or not any(WIDE.search(cell) for cell in rows[-1]):
                return rows
    return None


def _aligned(lines: Sequence[Line]) -> list[list[str]] | None:
    """Cut lines into columns where all of them have a space; a bar that parts names from figures is one.

    A name above the categories of a crossed table, which stands over the space between two of them, is left out.
    """
    texts = [line.replace("|", " ") for _, line in lines]
    if len(texts) < 2:
        return None
    rows = _at_spaces(texts)
    if len(texts) > 3 and len(texts[0].split()) == 1 and len(texts[1].split()) > 1:
        below = _at_spaces(texts[1:])
        if below is not None and len(below[0]) > (len(rows[0]) if rows else 1):
            return [[""] * len(below[0]), *below]
    return rows


def _at_spaces(texts: Sequence[str]) -> list[list[str]] | None:
    width = max(len(line) for line in texts)
    filled = 0
    for line in texts:
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
    return [[line[a:b].strip() for a, b in spans] for line in texts] if len(spans) > 1 else None


def _unmarked(cell: str) -> str:
    """Return a cell without the marks of Markdown around it."""
    text = cell.strip()
    match = MARKED.match(text)
    return next(part for part in match.groups() if part is not None) if match else text


def _unbracketed(line: str) -> str:
    """Make the brackets of printed matrices, and the colon after row numbers of data.table, into spaces."""
    if line.lstrip().startswith(("[", "array(")):
        line = re2.sub(r"array\(|dtype=\w+|[\[\](),]", " ", line)
    return str(re2.sub(r"^(\s*\d+):", r"\1 ", line))
