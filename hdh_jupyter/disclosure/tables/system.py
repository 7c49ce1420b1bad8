"""Cells, what is published of each, and the equations between them.

The model is that of the Handbook on Statistical Disclosure Control (Hundepool et al., chapter 4): a table is a vector
of counts that are never negative, and each total an equation. Several tables that share totals are one system.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Equation:
    """Cells whose sum is another cell."""

    parts: tuple[int, ...]
    total: int


@dataclass(frozen=True, eq=False)
class System:
    """What a reader knows of counts.

    Attributes
    ----------
    low, high
        Between what each cell is known to be; equal where it is published, `0` and infinity where nothing is said.
    """

    low: Floats
    high: Floats
    equations: tuple[Equation, ...]

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Which cells are not published exactly."""
        return np.asarray(self.high > self.low)


@dataclass(frozen=True, eq=False)
class Block:
    """Hidden cells that equations tie together, directly or through others.

    Attributes
    ----------
    cells
        Their numbers in the system.
    starts, members, signs
        The equations that touch them, row by row: row `i` has the cells `members[starts[i]:starts[i + 1]]` (positions
        in `cells`) with the factor `signs`, 1 for a part and -1 for the total.
    sides
        What each row adds up to, from the published cells.
    """

    cells: Indices
    starts: Indices
    members: Indices
    signs: Floats
    sides: Floats


@dataclass
class _Forest:
    """Which hidden cells belong together (union by path halving)."""

    parents: dict[int, int] = field(default_factory=dict)

    def root(self, cell: int) -> int:
        parents = self.parents
        parents.setdefault(cell, cell)
        while parents[cell] != cell:
            parents[cell] = parents[parents[cell]]
            cell = parents[cell]
        return cell

    def join(self, cells: Sequence[int]) -> None:
        first = self.root(cells[0])
        for cell in cells[1:]:
            self.parents[self.root(cell)] = first


def blocks(system: System) -> tuple[Block, ...]:
    """Cut a system into blocks that can be looked at one by one."""
    hidden = system.hidden
    forest, touching = _Forest(), []
    for equation in system.equations:
        unknown = [cell for cell in (*equation.parts, equation.total) if hidden[cell]]
        if unknown:
            forest.join(unknown)
            touching.append(equation)
    by_root: dict[int, list[Equation]] = {}
    for equation in touching:
        first = next(cell for cell in (*equation.parts, equation.total) if hidden[cell])
        by_root.setdefault(forest.root(first), []).append(equation)
    return tuple(_block(system, hidden, equations) for equations in by_root.values())


def contradictions(system: System) -> int:
    """Count the equations without a hidden cell that do not hold."""
    hidden, value = system.hidden, system.low
    return sum(
        1
        for e in system.equations
        if not hidden[[*e.parts, e.total]].any() and abs(value[list(e.parts)].sum() - value[e.total]) > 0.5
    )


def _block(system: System, hidden: NDArray[np.bool_], equations: Iterable[Equation]) -> Block:
    position: dict[int, int] = {}
    starts, members, signs, sides = [0], [], [], []
    for equation in equations:
        side = 0.0
        for cell, sign in (*((part, 1.0) for part in equation.parts), (equation.total, -1.0)):
            if hidden[cell]:
                members.append(position.setdefault(cell, len(position)))
                signs.append(sign)
            else:
                side -= sign * system.low[cell]
        starts.append(len(members))
        sides.append(side)
    return Block(
        np.fromiter(position, np.int64, len(position)),
        np.asarray(starts, np.int64),
        np.asarray(members, np.int64),
        np.asarray(signs),
        np.asarray(sides),
    )
