"""What an attacker derives: the smallest and the largest value that each hidden cell can have.

Two linear programs per cell (minimum and maximum of the cell under the equations and what is known), solved exactly by
HiGHS. One model per block; only the objective changes, so that the primal simplex starts from the last solution. Every
solution is a table that could be true: when it already shows that a cell can be small and large enough, that cell needs
no program of its own (:func:`narrow`). Bounds are those of real numbers; on tables of two dimensions they are whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np

from .system import Block, Floats, System, blocks

TOLERANCE = 1e-6
PRIMAL_SIMPLEX = 4


class Inconsistent(Exception):
    """No table has these figures: a total is not the sum of what is shown below it."""


@dataclass(frozen=True)
class Interval:
    """Between what a hidden cell must be; `high` is infinite when nothing limits it."""

    low: float
    high: float


@dataclass(frozen=True)
class Promise:
    """How uncertain a small count must stay.

    Attributes
    ----------
    least, most
        The interval must reach from at most `least` to at least `most`.
    small
        A cell that is derived to be `small` or more needs no protection, nor one that is derived to be 0.
    """

    least: float
    most: float
    small: float

    def broken(self, found: Interval, stated: Interval) -> bool:
        """Tell whether an interval says too much.

        Parameters
        ----------
        stated
            What the table itself says of the cell: `<11` states 1 to 10, and a reader knows no more when that is found.
        """
        if found.low >= self.small - TOLERANCE or found.high < 1 - TOLERANCE:
            return False
        least, most = max(self.least, stated.low), min(self.most, stated.high)
        return found.low > least + TOLERANCE or found.high < most - TOLERANCE


def intervals(system: System) -> dict[int, Interval]:
    """Return the interval of every hidden cell that an equation touches.

    Raises
    ------
    Inconsistent
    """
    found: dict[int, Interval] = {}
    for block in blocks(system):
        found.update(_Solver(system, block).all())
    return found


def narrow(system: System, promise: Promise) -> Mapping[int, Interval]:
    """Return the cells whose interval breaks the promise, with that interval.

    Raises
    ------
    Inconsistent
    """
    found: dict[int, Interval] = {}
    for block in blocks(system):
        found.update(_Solver(system, block).broken(promise))
    return found


class _Solver:
    """The linear programs of one block."""

    def __init__(self, system: System, block: Block) -> None:
        self.block = block
        self.low, self.high = system.low[block.cells], system.high[block.cells]
        self.highs = _model(block, self.low, self.high)
        self.objective: int | None = None
        point = self._solve()
        self.seen_low, self.seen_high = point.copy(), point.copy()

    def all(self) -> dict[int, Interval]:
        """Return every cell's interval."""
        return {int(cell): self._interval(i) for i, cell in enumerate(self.block.cells)}

    def broken(self, promise: Promise) -> dict[int, Interval]:
        """Return the cells that are not uncertain enough."""
        found = {}
        for i, cell in enumerate(self.block.cells):
            stated = Interval(float(self.low[i]), float(self.high[i]))
            # What was seen is a part of the interval, which is uncertain enough as soon as the part is.
            if self.seen_low[i] <= max(promise.least, stated.low) and self.seen_high[i] >= min(
                promise.most, stated.high
            ):
                continue
            interval = self._interval(i)
            if promise.broken(interval, stated):
                found[int(cell)] = interval
        return found

    def _interval(self, i: int) -> Interval:
        return Interval(self._extreme(i, 1.0), self._extreme(i, -1.0))

    def _extreme(self, i: int, sense: float) -> float:
        if self.objective is not None:
            self.highs.changeColCost(self.objective, 0.0)
        self.highs.changeColCost(i, sense)
        self.objective = i
        point = self._solve()
        if not len(point):
            return float("inf")
        np.minimum(self.seen_low, point, out=self.seen_low)
        np.maximum(self.seen_high, point, out=self.seen_high)
        return float(round(point[i], 6))

    def _solve(self) -> Floats:
        """Return an optimal table; an empty one when the objective has no limit."""
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return np.empty(0)
        if status != highspy.HighsModelStatus.kOptimal:
            raise Inconsistent(str(status))
        return np.asarray(self.highs.getSolution().col_value)


def _model(block: Block, low: Floats, high: Floats) -> highspy.Highs:
    highs = highspy.Highs()
    highs.silent()
    for option, value in (("presolve", "off"), ("threads", 1), ("simplex_strategy", PRIMAL_SIMPLEX)):
        highs.setOptionValue(option, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(block.cells), len(block.sides)
    model.col_cost_ = np.zeros(len(block.cells))
    model.col_lower_, model.col_upper_ = low, np.where(np.isinf(high), highspy.kHighsInf, high)
    model.row_lower_ = model.row_upper_ = block.sides
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = block.starts.astype(np.int32)
    model.a_matrix_.index_ = block.members.astype(np.int32)
    model.a_matrix_.value_ = block.signs
    highs.passModel(model)
    return highs
