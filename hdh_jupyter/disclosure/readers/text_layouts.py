"""How programs lay tables out on lines: captions, bars that all lines share, brackets padded with spaces, cells of
several lines. :mod:`.text_tables` cuts by them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import re2

from . import grid

PROMPT = re2.compile(
    r"^(?:>$|> ?[A-Za-z.][\w.$]*(?:[(\[]| ?<-| ?= ?\w| ?%>%| ?\|>|$)|>>> ?\S|In \[\d+\]:|\. [a-z]\w+(?:[ ,:]|$)|sas> )"
)
"""A line that a person typed into R, Python, IPython or Stata."""
WIDE = re2.compile(r"\s{2,}|\t")
PADDED = re2.compile(r"(\d) ?\( +(\d)")
MIN_BARS = 3
SHARED = 0.4
"""Share of the lines that have a bar where columns are parted."""
CAPTION_WORDS = 3
MOST_LINES = 4
"""Lines of one cell: frequency, per cent, per cent of its row and of its column."""


def without_caption(lines: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Return lines of a table without the sentence above its titles, which has no gaps where they have."""
    first = 0
    while first + 2 < len(lines) and _is_caption(lines[first][1], lines[first + 1][1]):
        first += 1
    return lines[first:]


def _is_caption(line: str, following: str) -> bool:
    text = line.strip()
    if not _has_gaps(following) or any(grid.is_number(cell) for cell in WIDE.split(following.strip())):
        return False
    return len(text.split()) >= CAPTION_WORDS and not _has_gaps(line) and not any(c in text for c in "|&;\t")


def _has_gaps(line: str) -> bool:
    return WIDE.search(line.strip()) is not None


def glued(line: str) -> str:
    """Return a line in which the spaces within `12 ( 5.3)` no longer part columns; nothing moves."""
    return str(PADDED.sub(lambda m: m[0].replace(" ", "\u00a0"), line)) if "(" in line else line


def at_shared_bars(lines: Sequence[str]) -> list[list[str]] | None:
    """Cut lines where many of them have a bar at the same place, even those without: the totals of SAS."""
    places = Counter(i for line in lines for i, c in enumerate(line) if c == "|")
    shared = sorted(i for i, n in places.items() if n >= SHARED * len(lines))
    if len(shared) < MIN_BARS or len({line.count("|") for line in lines}) == 1:
        return None
    if any(line[i : i + 1] not in ("|", " ", "") for line in lines for i in shared if any(c.isdigit() for c in line)):
        return None
    width = max(map(len, lines))
    cuts = [-1, *shared, width]
    rows = [[line[a + 1 : b].replace("|", " ").strip() for a, b in pairwise(cuts)] for line in lines]
    kept = [i for i in range(len(rows[0])) if any(row[i] for row in rows)]
    return [[row[i] for i in kept] for row in rows]


def layers(rows: Sequence[Sequence[str]]) -> list[list[list[str]]]:
    """Return the tables that cells of several lines make: counts, then their percentages; none when cells have one.

    The lines below the first of a cell have no label and nothing but figures.
    """
    starts = [r for r, row in enumerate(rows) if row[0]]
    if len(starts) < 2 or starts[0] != 0 or len(starts) == len(rows):
        return []
    heights = [b - a for a, b in pairwise([*starts, len(rows)])]
    height = heights[0]
    if not 1 < height <= MOST_LINES or any(h != height for h in heights[:-1]) or heights[-1] > height:
        return []
    below = [row for r, row in enumerate(rows) if r not in starts]
    figures = [cell for row in below for cell in row[1:] if cell]
    if (
        not figures
        or not all(grid.is_number(cell) for cell in figures)
        or not any(c in f for f in figures for c in ".,")
    ):
        return []
    return [
        [[rows[start][0], *rows[start + line][1:]] for start, h in zip(starts, heights, strict=True) if line < h]
        for line in range(height)
    ]
