"""Which further cells to hide, so that the small ones cannot be derived: secondary suppression.

A hidden cell is uncertain when other tables with the same published figures exist in which it is smaller, and larger.
The difference of two such tables is a *flow*: it leaves every total as it is and moves hidden cells alone. So each
small cell needs a flow up and a flow down through hidden cells; what they run through besides is hidden too.

1. :func:`protect` starts from the audit: only cells that the small ones alone do not protect get the cheapest flow, a
   linear program each (Kelly, Golden and Assad 1992; Castro 2007), until the audit finds nothing.
2. Secondary cells that are not needed after all are given back, the dearest first.
3. A mixed integer program looks for the cheapest pattern of all (`benders`; Fischetti and Salazar 2001).
4. Cells of one contributor, who knows that cell, must not be all that keeps another from being known exactly.

The cheaper pattern that the audit confirms is kept. The same table gives the same pattern, as long as the programs of
step 3 end within their time: one that does not is left aside.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .audit import TOLERANCE, Interval, Promise, narrow
from .completion import completed
from .flows import Flows
from .system import Floats, System

Mask = NDArray[np.bool_]
ROUNDS = 30
GIVE_BACK = 400_000
"""Linear programs of one cell, times the cells of the block, up to which cells are given back."""


class Unprotectable(Exception):
    """No pattern protects the table: what would have to move is published as 0, or there is nothing to move."""


@dataclass(frozen=True)
class Pattern:
    """Which cells to hide.

    Attributes
    ----------
    cells
        All of them, those that are small included.
    cost
        Sum of the weights of all of them.
    proven_optimal
        Whether no pattern is cheaper.
    """

    cells: frozenset[int]
    cost: float
    proven_optimal: bool


def protect(
    system: System,
    weights: Floats,
    promise: Promise,
    seconds: float,
    *,
    singletons: Collection[int] = (),
    sensitive: Collection[int] | None = None,
) -> Pattern:
    """Return a cheap pattern that keeps the promise, confirmed by the audit.

    Parameters
    ----------
    system
        The table with its true counts. A cell that is hidden already stays hidden, whatever it is.
    weights
        What hiding each cell costs.
    seconds
        Time for the exact program; none when 0.
    singletons
        Cells of one contributor.
    sensitive
        Cells to hide; every count from 1 to below `promise.small` when None.

    Raises
    ------
    Inconsistent
        The counts do not add up.
    Unprotectable
    """
    truth = completed(system)
    if sensitive is None:
        small = (truth >= 1 - TOLERANCE) & (truth < promise.small)
    else:
        small = np.zeros(len(truth), bool)
        small[list(sensitive)] = True
    table = _Table(system, truth, weights, small | system.hidden, promise, frozenset(singletons))
    pattern = table.cover(table.first)
    pattern = table.without_spare(pattern)
    pattern = table.apart_from_singletons(pattern)
    proven = not (pattern & ~table.first).any()
    if seconds > 0 and not proven:
        # The exact program is worth its libraries only where something has to be hidden besides.
        from .benders import cheapest

        found = cheapest(system.equations, truth, weights, table.first, table.needs(), seconds)
        if found is not None:
            with suppress(Unprotectable):
                whole = table.apart_from_singletons(table.cover(found))
                if weights[whole].sum() <= weights[pattern].sum() + TOLERANCE:
                    pattern, proven = whole, bool((whole == found).all())
    return Pattern(frozenset(map(int, np.flatnonzero(pattern))), float(weights[pattern].sum()), proven)


def costs(counts: Floats) -> Floats:
    """Return what hiding each count costs: 1 for the cell, and more for more persons, by their logarithm."""
    return np.asarray(1 + np.log1p(counts))


def published(system: System, truth: Floats, pattern: Mask) -> System:
    """Return what a reader knows when the cells of a pattern are hidden.

    A cell that was hidden before keeps what its mark says.
    """
    before = system.hidden
    low = np.where(before, system.low, np.where(pattern, 0.0, truth))
    high = np.where(before, system.high, np.where(pattern, np.inf, truth))
    return System(low, high, system.equations)


@dataclass
class _Table:
    """A table that is being protected.

    Attributes
    ----------
    first
        The cells that are hidden in any case.
    """

    system: System
    truth: Floats
    weights: Floats
    first: Mask
    promise: Promise
    singletons: frozenset[int]

    def needs(self) -> dict[int, tuple[float, float]]:
        """Return by small cell how far it must be able to go down and up."""
        small = (self.truth >= 1 - TOLERANCE) & (self.truth < self.promise.small)
        return {int(cell): self._need(int(cell)) for cell in np.flatnonzero(self.first & small)}

    def _need(self, cell: int) -> tuple[float, float]:
        """Return how far a cell must be able to go down and up when it is hidden.

        A reader does not know which hidden cells are small: a larger one that can be made out to be from 2 to 30 is
        taken for one that may be small.
        """
        least, most = self.promise.least, self.promise.most
        if self.system.hidden[cell]:
            said_low, said_high = self.system.said
            least, most = max(least, said_low[cell]), min(most, said_high[cell])
        return max(self.truth[cell] - least, 0.0), max(most - self.truth[cell], 0.0)

    def broken(self, pattern: Mask) -> Mapping[int, Interval]:
        """Return the cells of a pattern that a reader derives."""
        return narrow(published(self.system, self.truth, pattern), self.promise)

    def cover(self, pattern: Mask) -> Mask:
        """Hide cells until the audit finds nothing."""
        pattern = pattern.copy()
        for _ in range(ROUNDS):
            broken = self.broken(pattern)
            if not broken:
                return pattern
            flows, before = self.flows(pattern), pattern.copy()
            # The neediest first: what it hides often serves the others.
            for cell in sorted(broken, key=lambda cell: (-max(self._need(cell)), cell)):
                down, up = self._need(cell)
                for by in (-down, up):
                    if abs(by) > TOLERANCE and (moved := flows.cheapest(cell, by)) is not None:
                        flows.free(moved[~pattern[moved]])
                        pattern[moved] = True
            if (before == pattern).all():
                raise Unprotectable
        raise Unprotectable

    def flows(self, pattern: Mask) -> Flows:
        """Return the flows that hiding further cells, at their cost, allows."""
        # A count that is published as 0 stays so: it cannot move, and nobody takes it for hidden.
        return self._flows((self.truth > TOLERANCE) | pattern, np.where(pattern, 0.0, self.weights))

    def _flows(self, movable: Mask, prices: Floats) -> Flows:
        hidden = self.system.hidden
        down = np.where(hidden, self.truth - self.system.low, self.truth)
        up = np.where(hidden, self.system.high - self.truth, np.inf)
        return Flows(self.system.equations, np.where(movable, down, 0.0), np.where(movable, up, 0.0), prices)

    def without_spare(self, pattern: Mask) -> Mask:
        """Give back secondary cells, the dearest first, as long as the audit finds nothing."""
        spare = np.flatnonzero(pattern & ~self.first)
        if len(spare) * int(pattern.sum()) ** 1.5 > GIVE_BACK:
            return pattern
        for cell in sorted(map(int, spare), key=lambda cell: (-self.weights[cell], cell)):
            without = pattern.copy()
            without[cell] = False
            if not self.broken(without):
                pattern = without
        return pattern

    def apart_from_singletons(self, pattern: Mask) -> Mask:
        """Hide cells until no contributor who is alone in a cell can derive another one exactly."""
        for _ in range(ROUNDS):
            derived = self._derived_by_singletons(pattern)
            if not derived:
                return pattern
            flows, before, pattern = self.flows(pattern), pattern, pattern.copy()
            for cell, singleton in derived:
                ways = [flows.cheapest(cell, by, still=singleton) for by in (1.0, -1.0)]
                possible = [way for way in ways if way is not None]
                moved = min(possible, key=partial(self._price, pattern), default=None)
                if moved is not None:
                    flows.free(moved[~pattern[moved]])
                    pattern[moved] = True
            if (before == pattern).all():
                raise Unprotectable
        raise Unprotectable

    def _price(self, pattern: Mask, moved: NDArray[np.int64]) -> float:
        return float(self.weights[moved[~pattern[moved]]].sum())

    def _derived_by_singletons(self, pattern: Mask) -> list[tuple[int, int]]:
        """Return the small cells that somebody derives who knows another cell, with that cell.

        A flow keeps every cell that it moves from being derived by whoever knows a cell that it does not move. So each
        cell asks for flows only until no cell of one contributor is part of all of its flows.
        """
        alone = self.singletons & set(np.flatnonzero(pattern).tolist())
        if not alone:
            return []
        flows = self._flows(pattern, np.ones(len(pattern)))
        on_every_way: dict[int, set[int]] = {}

        def remember(moved: NDArray[np.int64]) -> None:
            cells = set(moved.tolist())
            for cell in cells:
                on_every_way[cell] = on_every_way.get(cell, set(alone)) & cells

        derived = []
        for cell in self.needs():
            for by in (1.0, -1.0):
                if cell not in on_every_way and (moved := flows.cheapest(cell, by)) is not None:
                    remember(moved)
            for singleton in sorted(on_every_way.get(cell, set()) - {cell}):
                if singleton not in on_every_way[cell]:
                    continue
                ways = (flows.cheapest(cell, by, still=singleton) for by in (1.0, -1.0))
                moved = next((way for way in ways if way is not None), None)
                if moved is None:
                    derived.append((cell, singleton))
                else:
                    remember(moved)
        return derived
