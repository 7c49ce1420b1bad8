"""What can be told of a drawing in vectors, of whatever format: marks of one shape, steps, and values written on it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from statistics import fmean, pstdev

import re2

from ..documents import Series, Table
from ..model import Place
from . import grid

FEW = 8
"""Marks of one shape below which they are no series."""
CORNERS = 20
"""Corners of a line from which it may be a curve of steps."""
NEAR = 8.0
"""How far apart labels of one axis stand, where they have one digit more."""
MOST = 3000
"""Texts of a drawing among which values are looked for; a table drawn as a picture has no more."""
VALUE = re2.compile(r"(?i)^(?:n\s*=\s*)?[<≤≥]?\s*\d[\d \x{a0}\x{202f}.,]*(?:\s*\([^)]{1,30}\)|\s*%)?$")
COUNTED = re2.compile(r"(?i)^n\s*=")


@dataclass(frozen=True)
class Label:
    """A text that stands somewhere in a drawing, upwards or not; positions grow to the right and downwards.

    Attributes
    ----------
    ends
        Its left and right end, where they are known.
    height
        Of its letters.
    """

    x: float
    y: float
    text: str
    upwards: bool = False
    ends: tuple[float, float] = (0, 0)
    height: float = 0


def points(places: Iterable[tuple[object, float, float]]) -> list[Series]:
    """Return a series for each shape that stands in many places."""
    groups: dict[object, list[tuple[float, float]]] = {}
    for shape, x, y in places:
        groups.setdefault(shape, []).append((x, y))
    return [
        Series("point", len(at), "", tuple(round(x, 3) for x, _ in at), tuple(round(-y, 3) for _, y in at))
        for at in groups.values()
        if len(at) >= FEW
    ]


def steps(corners: Sequence[tuple[float, float]]) -> Series | None:
    """Return the series that a line draws when it goes right and falls in turn, as a survival curve does."""
    if len(corners) < CORNERS:
        return None
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(corners)]
    moves = [(x, y) for x, y in moves if abs(x) > 1e-6 or abs(y) > 1e-6]
    straight = sum((abs(x) < 1e-6) != (abs(y) < 1e-6) for x, y in moves)
    if straight < len(moves) or any(x < -1e-6 or y < -1e-6 for x, y in moves):
        return None
    across, down = [corners[0][0]], [-corners[0][1]]
    for a, b in itertools.pairwise(corners):
        if b[1] - a[1] > 1e-6:
            across.append(b[0])
            down.append(-b[1])
    return Series("step", len(across), "", tuple(across), tuple(down))


def written_values(labels: Sequence[Label], place: Place) -> Table | None:
    """Return the values that are written at the marks of a drawing, under the title of their axis."""
    numbers = [label for label in labels[:MOST] if VALUE.match(label.text.strip())]
    words = [label for label in labels[:MOST] if label.text.strip() and not VALUE.match(label.text.strip())]
    scales = ticks(numbers)
    values = [label for label in numbers if label not in scales]
    if len(values) < 2:
        return None
    upright = _is_even([v.x for v in values]) or not _is_even([v.y for v in values])
    turned = [label for label in words if label.upwards]
    lowest = sorted((label for label in words if not label.upwards), key=lambda label: label.y)[-1:]
    title = next((label.text.strip() for label in ((turned if upright else lowest) or turned or lowest)), "")
    if all(COUNTED.match(v.text.strip()) for v in values):
        title = "n"
    rows = [[_named(value, words, upright), COUNTED.sub("", value.text.strip()).strip()] for value in values]
    return grid.table(place, rows, titles=["", title], labels=1)


def ticks(labels: Sequence[Label]) -> frozenset[Label]:
    """Return the labels of axes: numbers in one line, evenly apart, in steps of one size."""
    numbers = [label for label in labels[:MOST] if VALUE.match(label.text.strip())]
    found: set[Label] = set()
    for along, across in (("x", "y"), ("y", "x")):
        # Numbers that end in line begin apart where they have more digits.
        for apart in (1.0, NEAR):
            line: list[Label] = []
            for label in [*sorted(numbers, key=attrgetter(across)), None]:
                if label is not None and (not line or getattr(label, across) - getattr(line[-1], across) <= apart):
                    line.append(label)
                    continue
                line.sort(key=attrgetter(along))
                if len(line) >= 3 and _is_even([getattr(n, along) for n in line]) and _is_progression(line):
                    found.update(line)
                line = [label] if label is not None else []
    return frozenset(found)


def _is_progression(line: Sequence[Label]) -> bool:
    read = [_number(label.text) for label in line]
    values = [v for v in read if v is not None]
    if len(values) < len(line):
        return False
    gaps = [b - a for a, b in itertools.pairwise(values)]
    return max(gaps) - min(gaps) <= 0.01 * abs(max(gaps, key=abs)) or _is_geometric(values)


def _is_geometric(values: Sequence[float]) -> bool:
    if min(values) <= 0:
        return False
    ratios = [b / a for a, b in itertools.pairwise(values)]
    return max(ratios) - min(ratios) <= 0.01 * max(ratios)


def _is_even(places: Sequence[float]) -> bool:
    gaps = [b - a for a, b in itertools.pairwise(sorted(places))]
    return len(gaps) > 1 and min(gaps) > 0.5 and pstdev(gaps) < 0.15 * fmean(gaps)


def _named(value: Label, words: Sequence[Label], upright: bool) -> str:
    """Return the name of the category that stands in line with a value, when one does."""

    def distance(label: Label) -> float:
        return abs(label.x - value.x) if upright else abs(label.y - value.y)

    nearest = min(words, key=distance, default=None)
    return nearest.text.strip() if nearest is not None and distance(nearest) < 6 else ""


def _number(text: str) -> float | None:
    plain = re2.sub(r"[\s\x{a0}\x{202f}%]", "", text).replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None
