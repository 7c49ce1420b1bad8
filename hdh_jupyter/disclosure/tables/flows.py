"""Flows: differences of two tables that share their totals, and the cheapest one that moves a given cell."""

from __future__ import annotations

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray

from .audit import TOLERANCE
from .solver import solver
from .system import Equation, Floats

Mask = NDArray[np.bool_]


class Flows:
    """Programs with one variable up and one down per cell that may move, on one model.

    Parameters
    ----------
    down, up
        How far each cell of the table can go; 0 for one that cannot move.
    prices
        Of moving each cell by one.
    """

    def __init__(self, equations: Sequence[Equation], down: Floats, up: Floats, prices: Floats) -> None:
        self.count = len(prices)
        self.cells = np.flatnonzero((down > TOLERANCE) | (up > TOLERANCE))
        self.position = {int(cell): i for i, cell in enumerate(self.cells)}
        self.size = len(self.cells)
        self.limits = np.concatenate([np.minimum(up, highspy.kHighsInf)[self.cells], down[self.cells]])
        starts, members, signs = [0], [], []
        for equation in equations:
            parts = [self.position[cell] for cell in equation.parts if cell in self.position]
            row = [(i, 1.0) for i in parts]
            if equation.total in self.position:
                row.append((self.position[equation.total], -1.0))
            if row:
                members += [i for i, _ in row] + [i + self.size for i, _ in row]
                signs += [sign for _, sign in row] + [-sign for _, sign in row]
                starts.append(len(members))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * self.size, len(starts) - 1
        model.col_cost_ = np.tile(prices[self.cells], 2)
        model.col_lower_, model.col_upper_ = np.zeros(2 * self.size), self.limits
        model.row_lower_ = model.row_upper_ = np.zeros(len(starts) - 1)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.asarray(starts, np.int32)
        model.a_matrix_.index_ = np.asarray(members, np.int32)
        model.a_matrix_.value_ = np.asarray(signs, float)
        self.highs = solver()
        self.highs.passModel(model)

    def cheapest(self, cell: int, by: float, still: int | None = None) -> NDArray[np.int64] | None:
        """Return the cells that the cheapest flow moves, or None when there is no flow.

        Parameters
        ----------
        by
            How far `cell` has to move, down when negative.
        still
            A cell that must not move.
        """
        if cell not in self.position:
            return None
        i = self.position[cell]
        forward, back = (i, i + self.size) if by > 0 else (i + self.size, i)
        if self.limits[forward] < abs(by) - TOLERANCE:
            return None
        self._bound(forward, min(abs(by), self.limits[forward]), self.limits[forward])
        self._bound(back, 0.0, 0.0)
        if still is not None and still in self.position:
            self._bound(self.position[still], 0.0, 0.0)
            self._bound(self.position[still] + self.size, 0.0, 0.0)
        self.highs.run()
        moved = None
        if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            solution = np.asarray(self.highs.getSolution().col_value)
            moved = self.cells[np.abs(solution[: self.size] - solution[self.size :]) > 1e-7]
        for own in (i, self.position.get(still, i) if still is not None else i):
            self._bound(own, 0.0, self.limits[own])
            self._bound(own + self.size, 0.0, self.limits[own + self.size])
        return moved

    def free(self, cells: NDArray[np.int64]) -> None:
        """Let cells move for nothing from now on."""
        for cell in cells:
            i = self.position[int(cell)]
            self.highs.changeColCost(i, 0.0)
            self.highs.changeColCost(i + self.size, 0.0)

    def _bound(self, column: int, low: float, high: float) -> None:
        self.highs.changeColBounds(column, low, high)
