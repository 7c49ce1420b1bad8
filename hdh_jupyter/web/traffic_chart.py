"""The figures of a day as bars, for an inline SVG. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..metering.window import BUCKET

HOURS = 24
WIDTH, HEIGHT, GAP = 28, 140, 6
"""Of a bar's place, the plot and the room between bars, in units of the drawing."""


@dataclass(frozen=True)
class Bar:
    """The bytes of an hour that begins at `begin`; `x`, `y` and `height` in units of the drawing."""

    begin: datetime
    size: int
    x: int
    y: int
    height: int

    @property
    def label(self) -> str:
        return f"{self.begin:%H:%M}"


@dataclass(frozen=True)
class Chart:
    """A day of bars; `top` is what the plot's full height stands for, bytes."""

    bars: tuple[Bar, ...]
    top: int
    width: int = HOURS * WIDTH
    height: int = HEIGHT
    bar: int = WIDTH - GAP


def chart(history: Mapping[tuple[int, str], int], now: datetime) -> Chart:
    """Return the hours up to `now`, each from the full hour on.

    Parameters
    ----------
    history
        Bytes by bucket and channel.
    """
    last = now.replace(minute=0, second=0, microsecond=0)
    begins = [last - timedelta(hours=hour) for hour in reversed(range(HOURS))]
    sizes = [0] * HOURS
    first = begins[0].timestamp()
    for (bucket, _), size in history.items():
        place = int((bucket * BUCKET - first) // 3600)
        if 0 <= place < HOURS:
            sizes[place] += size
    top = _round_up(max(sizes))
    heights = [round(HEIGHT * size / top) if size == 0 else max(2, round(HEIGHT * size / top)) for size in sizes]
    bars = (
        Bar(begin, size, GAP // 2 + WIDTH * place, HEIGHT - height, height)
        for place, (begin, size, height) in enumerate(zip(begins, sizes, heights, strict=True))
    )
    return Chart(tuple(bars), top)


def _round_up(size: int) -> int:
    """Return the next of 1, 2 and 5 times a power of ten, from 1 MB on."""
    step = 10**6
    while True:
        for factor in (1, 2, 5):
            if factor * step >= size:
                return factor * step
        step *= 10
