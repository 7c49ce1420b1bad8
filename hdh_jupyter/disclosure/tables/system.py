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
        Between what each cell is known to be, by whatever source; equal where it is known exactly, `0` and infinity
        where nothing is said.
    stated
        Between what the cell itself says to be (`<11` says 1 to 10), where a percentage beside it or another table says
        more; `low` and `high` when None.
    """

    low: Floats
    high: Floats
    equations: tuple[Equation, ...]
    stated: tuple[Floats, Floats] | None = None

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Which cells are not known exactly."""
        return np.asarray(self.high > self.low)

    @property
    def said(self) -> tuple[Floats, Floats]:
        """Between what each cell itself says to be."""
        return self.stated or (self.low, self.high)

    def knowing(self, low: Floats, high: Floats) -> System:
        """Return the system of a reader who knows more of its cells than they say."""
        return System(low, high, self.equations, self.said)


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
    totals
        The cell of the system that is the total of each row.
    """

    cells: Indices
    starts: Indices
    members: Indices
    signs: Floats
    sides: Floats
    totals: Indices


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


def settled(system: System) -> System:
    """Return the system with every cell known that one equation after another gives by a single subtraction.

    This asks for equalities alone and costs next to nothing; what is left for the linear programs is smaller.
    """
    low, high = system.low.copy(), system.high.copy()
    hidden = system.hidden
    touching: dict[int, list[int]] = {}
    unknown = [0] * len(system.equations)
    for number, equation in enumerate(system.equations):
        for cell in (*equation.parts, equation.total):
            if hidden[cell]:
                touching.setdefault(cell, []).append(number)
                unknown[number] += 1
    ready = [number for number, left in enumerate(unknown) if left == 1]
    while ready:
        number = ready.pop()
        equation = system.equations[number]
        left = [cell for cell in (*equation.parts, equation.total) if hidden[cell]]
        if len(left) != 1:
            continue
        (cell,) = left
        shown = sum(low[part] for part in equation.parts if part != cell)
        value = shown if cell == equation.total else low[equation.total] - shown
        if not low[cell] - 0.5 <= value <= high[cell] + 0.5:
            # A contradiction, which the linear program of the block will tell.
            continue
        low[cell] = high[cell] = value
        hidden[cell] = False
        for other in touching[cell]:
            unknown[other] -= 1
            if unknown[other] == 1:
                ready.append(other)
    return system.knowing(low, high)


def contradicted(published: System, known: System) -> bool:
    """Tell whether an equation with hidden cells cannot hold with what :func:`settled` made of them."""
    before, after, value = published.hidden, known.hidden, known.low
    return any(
        before[cells].any() and not after[cells].any() and abs(value[cells[:-1]].sum() - value[cells[-1]]) > 0.5
        for cells in ([*equation.parts, equation.total] for equation in published.equations)
    )


def _block(system: System, hidden: NDArray[np.bool_], equations: Iterable[Equation]) -> Block:
    position: dict[int, int] = {}
    starts, members, signs, sides, totals = [0], [], [], [], []
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
        totals.append(equation.total)
    return Block(
        np.fromiter(position, np.int64, len(position)),
        np.asarray(starts, np.int64),
        np.asarray(members, np.int64),
        np.asarray(signs),
        np.asarray(sides),
        np.asarray(totals, np.int64),
    )
