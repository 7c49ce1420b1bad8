"""The cheapest pattern of hidden cells, exactly (Fischetti and Salazar, Management Science 47, 2001).

A program of zeros and ones chooses cells; for each small cell a linear program looks whether the chosen ones let it
vary enough. Where they do not, its dual prices say which cells would have to be among them: a *capacity cut*, added to
the first program. Cuts are first gathered while choices may be fractions, which is quick and gives most of them.

Source of the rule for cuts: the flow through a cell is at most the sum, over hidden cells, of the price times the room
that the cell has; no room counts for more than what is needed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

from .audit import PRIMAL_SIMPLEX
from .solver import solver
from .system import Equation, Floats

Mask = NDArray[np.bool_]
ROOM = 3.0
"""How far above its count a cell may be thought to be, at least: so many times the largest need."""


def cheapest(
    equations: Sequence[Equation],
    truth: Floats,
    weights: Floats,
    first: Mask,
    needs: Mapping[int, tuple[float, float]],
    seconds: float,
) -> Mask | None:
    """Return the cheapest pattern, or None when it is not proven within the time or there is none.

    Parameters
    ----------
    first
        Cells that are hidden in any case.
    needs
        By cell, how far it must be able to go down and up.
    """
    ends = time.monotonic() + seconds
    cells = np.flatnonzero((truth > 0) | first)
    position = {int(cell): i for i, cell in enumerate(cells)}
    rows = [
        [(position[cell], 1.0) for cell in equation.parts if cell in position]
        + [(position[cell], -1.0) for cell in (equation.total,) if cell in position]
        for equation in equations
    ]
    largest = max((max(need) for need in needs.values()), default=0.0)
    down = truth[cells]
    up = np.maximum(truth[cells], ROOM * largest)
    chosen = first[cells].astype(float)
    attacker = _Attacker([row for row in rows if row], down, up)
    master = _Master(weights[cells], chosen)
    while time.monotonic() < ends:
        cuts = 0
        attacker.choose(chosen)
        for cell, (low, high) in needs.items():
            for need, sense in ((low, -1.0), (high, 1.0)):
                if need > 0 and (room := attacker.missing(position[cell], sense, need)) is not None:
                    master.add(room, need)
                    cuts += 1
            if time.monotonic() > ends:
                return None
        if cuts == 0:
            if master.whole:
                pattern = np.zeros(len(truth), bool)
                pattern[cells[chosen > 0.5]] = True
                return pattern
            master.ask_for_whole()
        solved = master.solve(ends - time.monotonic())
        if solved is None:
            return None
        chosen = solved
    return None


class _Attacker:
    """How far a cell can vary when others are hidden, wholly or in part."""

    def __init__(self, rows: Sequence[Sequence[tuple[int, float]]], down: Floats, up: Floats) -> None:
        self.down, self.up = down, up
        self.columns = np.arange(len(down), dtype=np.int32)
        self.highs = solver(simplex_strategy=PRIMAL_SIMPLEX)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(down), len(rows)
        model.col_cost_ = np.zeros(len(down))
        model.col_lower_, model.col_upper_ = -down, up
        model.row_lower_ = model.row_upper_ = np.zeros(len(rows))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *map(len, rows)]).astype(np.int32)
        model.a_matrix_.index_ = np.asarray([i for row in rows for i, _ in row], np.int32)
        model.a_matrix_.value_ = np.asarray([f for row in rows for _, f in row], float)
        self.highs.passModel(model)

    def choose(self, chosen: Floats) -> None:
        """Hide cells; a fraction gives that fraction of the room."""
        self.highs.changeColsBounds(len(chosen), self.columns, -self.down * chosen, self.up * chosen)

    def missing(self, cell: int, sense: float, need: float) -> Floats | None:
        """Return what hiding each cell would add to the way of one, or None when it goes far enough."""
        self.highs.changeColCost(cell, -sense)
        self.highs.run()
        way = abs(self.highs.getInfo().objective_function_value)
        prices = np.asarray(self.highs.getSolution().col_dual) if way < need - 1e-6 else None
        self.highs.changeColCost(cell, 0.0)
        if prices is None:
            return None
        room = self.up * np.maximum(-prices, 0.0) + self.down * np.maximum(prices, 0.0)
        return np.asarray(np.minimum(room, need))


class _Master:
    """The choice of cells."""

    def __init__(self, weights: Floats, first: Floats) -> None:
        self.whole = False
        self.size = len(weights)
        self.highs = solver(presolve="choose", mip_rel_gap=0.0, mip_abs_gap=1e-6)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, 0
        model.col_cost_, model.col_lower_, model.col_upper_ = weights, first, np.ones(self.size)
        model.row_lower_ = model.row_upper_ = np.zeros(0)
        model.a_matrix_.start_ = np.zeros(self.size + 1, np.int32)
        model.a_matrix_.index_, model.a_matrix_.value_ = np.zeros(0, np.int32), np.zeros(0)
        self.highs.passModel(model)

    def add(self, room: Floats, need: float) -> None:
        """Ask for cells whose room makes up what is needed."""
        used = np.flatnonzero(room > 1e-9).astype(np.int32)
        self.highs.addRow(need, highspy.kHighsInf, len(used), used, room[used])

    def ask_for_whole(self) -> None:
        """Allow no more fractions."""
        self.whole = True
        kinds = np.full(self.size, int(highspy.HighsVarType.kInteger), np.uint8)
        columns = np.arange(self.size, dtype=np.int32)
        self.highs.changeColsIntegrality(self.size, columns, kinds)

    def solve(self, seconds: float) -> Floats | None:
        """Return the cheapest choice so far."""
        if seconds <= 0:
            return None
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        chosen = np.asarray(self.highs.getSolution().col_value)
        return np.asarray(np.round(chosen)) if self.whole else chosen
