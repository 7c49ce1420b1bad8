"""What is kept of the cells of one column."""

from __future__ import annotations

from dataclasses import dataclass, field

SHOWN = 5


@dataclass
class Column:
    """What the cells of one column are.

    Attributes
    ----------
    room
        How many distinct values are kept.
    filled
        Cells that hold something other than a marker of a missing value.
    integers, decimals
        Cells that hold a number without, with a fraction.
    distinct
        Values seen, up to `room`; `counted` is how many cells had been seen then.
    pointed
        Cells such as `1.234`, which are thousands where the others are whole.
    explicit, percents, shares, fractions, spreads, bounds
        Cells such as `4 patients`, `5 %`, `12 (5 %)`, `4/120`, `54 (12)`, `<5`.
    small
        Cells from 1 to the threshold excluded, by how they are written: `number`, `negative`, `bound` (narrower than
        the policy's), `fraction`, `spread`.
    """

    room: int = 0
    filled: int = 0
    integers: int = 0
    decimals: int = 0
    negatives: int = 0
    zero_led: int = 0
    dates: int = 0
    pseudonyms: int = 0
    sampled: int = 0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    distinct: set[str] = field(default_factory=set)
    counted: int = 0
    pointed: int = 0
    explicit: int = 0
    percents: int = 0
    shares: int = 0
    fractions: int = 0
    spreads: int = 0
    bounds: int = 0
    base: float = 0
    small: dict[str, Small] = field(default_factory=dict)

    @property
    def numbers(self) -> int:
        """Cells that hold a number."""
        return self.integers + self.decimals

    @property
    def whole(self) -> bool:
        """Whether its cells are whole numbers, none of them negative, titles and notes in between allowed."""
        filled = self.numbers + self.bounds
        fractional = self.decimals != self.pointed or (self.pointed > 0 and self.integers == 0)
        return self.integers > 0 and not fractional and self.negatives == 0 and filled * 2 >= self.filled

    @property
    def distinct_share(self) -> float:
        """Distinct values per filled cell, 1 when every value differs."""
        return len(self.distinct) / self.counted if self.counted else 0.0

    @property
    def is_sequence(self) -> bool:
        """Whether it numbers the rows: whole numbers without gap or repetition."""
        return (
            self.whole
            and self.numbers == self.filled
            and self.filled > 1
            and self.minimum in (0.0, 1.0)
            and self.maximum - self.minimum + 1 == self.filled
            and self.distinct_share > 0.999
        )


@dataclass
class SmallCells:
    """The first few cells of a kind, and how many there are."""

    total: int = 0
    first: list[tuple[int, int]] = field(default_factory=list)

    def add(self, rows: list[int], values: list[int], total: int) -> None:
        """Count `total` more cells, of which the first are given by row and value."""
        self.total += total
        room = SHOWN - len(self.first)
        self.first.extend(list(zip(rows, values, strict=True))[:room])


@dataclass
class Small:
    """Small cells: all; those whose row is not a statistic; those whose row is a count."""

    every: SmallCells = field(default_factory=SmallCells)
    plain: SmallCells = field(default_factory=SmallCells)
    labelled: SmallCells = field(default_factory=SmallCells)
