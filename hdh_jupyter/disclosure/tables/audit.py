"""What an attacker derives: the smallest and the largest value that each hidden cell can have.

First what follows by subtraction alone (:func:`~.system.settled`), then two linear programs per cell (minimum and
maximum of the cell under the equations and what is known), solved exactly by HiGHS. One model per block; only the
objective changes, so that the primal simplex starts from the last solution. Every solution is a table that could be
true: when it already shows that a cell can be small and large enough, that cell needs no program of its own
(:func:`narrow`). Bounds are those of real numbers; on tables of two dimensions they are whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from .solver import solver
from .system import Block, Floats, System, blocks, contradicted, settled

TOLERANCE = 1e-6
PRIMAL_SIMPLEX = 4


class Inconsistent(Exception):
    """No table has these figures: a total is not the sum of what is shown below it.

    Parameters
    ----------
    found
        What was found where the figures do fit.
    """

    def __init__(self, found: Mapping[int, Interval] | None = None) -> None:
        super().__init__("the totals fit no table")
        self.found: Mapping[int, Interval] = found or {}


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
    """Return the interval of every hidden cell that an equation touches, or that is known better than it says.

    Raises
    ------
    Inconsistent
    """
    known = settled(system)
    found = _known(system, known)
    for block in blocks(known):
        found.update(_Attacker(known, block).all())
    if contradicted(system, known):
        raise Inconsistent(found)
    return found


def narrow(system: System, promise: Promise) -> Mapping[int, Interval]:
    """Return the cells whose interval breaks the promise, with that interval.

    Raises
    ------
    Inconsistent
        With what was found in the blocks that are consistent.
    """
    known = settled(system)
    said_low, said_high = known.said
    found: dict[int, Interval] = {}
    for cell, interval in _known(system, known).items():
        if promise.broken(interval, Interval(said_low[cell], said_high[cell])):
            found[cell] = interval
    contradictory = contradicted(system, known)
    for block in blocks(known):
        if not (said_low[block.cells] < promise.small).any():
            continue
        try:
            found.update(_Attacker(known, block).broken(promise))
        except Inconsistent:
            contradictory = True
    if contradictory:
        raise Inconsistent(found)
    return found


def _known(system: System, known: System) -> dict[int, Interval]:
    """Return what is known of cells without a linear program, where that is more than they say."""
    said_low, said_high = system.said
    more = np.flatnonzero((said_high > said_low) & ((known.low > said_low) | (known.high < said_high)))
    return {int(cell): Interval(float(known.low[cell]), float(known.high[cell])) for cell in more}


def given_away_by(system: System, cells: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return by hidden cell the totals from which its interval follows: those whose dual prices are not 0.

    Empty for a cell that no total gives away.

    Raises
    ------
    Inconsistent
    """
    wanted, found = set(cells), dict.fromkeys(cells, tuple[int, ...]())
    for block in blocks(system):
        if wanted.intersection(block.cells.tolist()):
            attacker = _Attacker(system, block)
            for i, cell in enumerate(block.cells.tolist()):
                if cell in wanted:
                    found[cell] = attacker.prices(i)
    return found


class _Attacker:
    """The linear programs of one block.

    Raises
    ------
    Inconsistent
    """

    def __init__(self, system: System, block: Block) -> None:
        self.block = block
        self.low, self.high = system.low[block.cells], system.high[block.cells]
        said_low, said_high = system.said
        self.said_low, self.said_high = said_low[block.cells], said_high[block.cells]
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
        # What was seen is a part of the interval, which is uncertain enough as soon as the part is.
        least, most = np.maximum(promise.least, self.said_low), np.minimum(promise.most, self.said_high)
        for i, cell in enumerate(self.block.cells):
            if self.said_low[i] >= promise.small or (self.seen_low[i] <= least[i] and self.seen_high[i] >= most[i]):
                continue
            interval = self._interval(i)
            if promise.broken(interval, Interval(float(self.said_low[i]), float(self.said_high[i]))):
                found[int(cell)] = interval
        return found

    def prices(self, i: int) -> tuple[int, ...]:
        """Return the totals that limit a cell."""
        limiting = np.zeros(len(self.block.sides), bool)
        for sense in (1.0, -1.0):
            if np.isfinite(self._extreme(i, sense)):
                limiting |= np.abs(np.asarray(self.highs.getSolution().row_dual)) > TOLERANCE
        return tuple(map(int, np.unique(self.block.totals[limiting])))

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
        return float(round(point[i], 6)) + 0.0

    def _solve(self) -> Floats:
        """Return an optimal table; an empty one when the objective has no limit."""
        self.highs.run()
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return np.empty(0)
        if status != highspy.HighsModelStatus.kOptimal:
            raise Inconsistent
        return np.asarray(self.highs.getSolution().col_value)


def _model(block: Block, low: Floats, high: Floats) -> highspy.Highs:
    highs = solver(simplex_strategy=PRIMAL_SIMPLEX)
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
