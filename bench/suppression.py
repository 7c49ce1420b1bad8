"""What hidden cells cost: the audit of tables with hidden cells, and finding which further cells to hide.

Tables are drawn from a gravity model with Poisson counts, as those of the reference figures printed beside them were;
the draws differ, and with them the numbers of cells. The audit stands beside scipy's `linprog` (HiGHS too, each program
from nothing) on the same reduced problem, in the same run, estimated from a sample of the cells of a large table.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import report
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from hdh_jupyter.disclosure.tables.audit import Promise, intervals, narrow
from hdh_jupyter.disclosure.tables.suppression import costs, protect, published
from hdh_jupyter.disclosure.tables.system import Equation, System, blocks, settled

PROMISE = Promise(1, 11, 11)
SAMPLE = 40
"""Cells of which the baseline computes the interval."""
SECONDS = 60.0
"""Time for the exact program."""
Leaf = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """A table and what the reference says of it."""

    name: str
    system: System
    audit: str
    pattern: str


def gravity(shape: tuple[int, ...], total: float, seed: int) -> NDArray[np.int64]:
    """Draw counts that depend on each dimension's sizes."""
    draw = np.random.default_rng(seed)
    rates = np.ones(shape)
    for axis, size in enumerate(shape):
        sizes = draw.lognormal(0, 1, size)
        rates = rates * (sizes / sizes.mean()).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    rates = rates / rates.sum() * total
    return draw.poisson(rates * draw.gamma(4, 0.25, shape))


def with_margins(inner: NDArray[np.int64], groups: list[list[list[int]]]) -> System:
    """Return the system of a table with sub-totals.

    Parameters
    ----------
    groups
        By axis, the sums there are besides its leaves: each the positions that it adds up, leaves or earlier sums.
    """
    counts = inner.astype(float)
    for axis, own in enumerate(groups):
        for parts in own:
            counts = np.concatenate([counts, counts.take(parts, axis).sum(axis, keepdims=True)], axis)
    number = np.arange(counts.size).reshape(counts.shape)
    equations = []
    for axis, own in enumerate(groups):
        for i, parts in enumerate(own):
            total = number.take(inner.shape[axis] + i, axis).ravel()
            added = np.moveaxis(number.take(parts, axis), axis, 0).reshape(len(parts), -1)
            for cells, cell in zip(added.T, total, strict=True):
                equations.append(Equation(tuple(map(int, cells)), int(cell)))
    return System(counts.ravel(), counts.ravel().copy(), tuple(equations))


def flat(size: int) -> list[list[int]]:
    """Return the one total of a dimension."""
    return [list(range(size))]


def three_level(groups: int, each: int) -> list[list[int]]:
    """Return the sums of a dimension of groups and their total."""
    own = [list(range(g * each, (g + 1) * each)) for g in range(groups)]
    return [*own, [groups * each + g for g in range(groups)]]


def cases() -> list[Case]:
    """Return the tables, the same every time."""
    return [
        Case("50 x 50 dense", with_margins(gravity((50, 50), 150_000, 1), [flat(50), flat(50)]), "0.44 s", "2 | 2"),
        Case("50 x 50 sparse", with_margins(gravity((50, 50), 1_500_000, 1), [flat(50), flat(50)]), "0.00 s", "16 | 8"),
        Case("200 x 50 dense", with_margins(gravity((200, 50), 600_000, 1), [flat(200), flat(50)]), "4.6 s", "11 | 11"),
        Case(
            "200 x 50 sparse", with_margins(gravity((200, 50), 6_000_000, 1), [flat(200), flat(50)]), "0.1 s", "58 | 51"
        ),
        Case(
            "3 levels x 3 levels",
            with_margins(gravity((104, 98), 7_000_000, 1), [three_level(13, 8), three_level(14, 7)]),
            "0.34 s",
            "252 | 243",
        ),
    ]


def small(system: System) -> NDArray[np.bool_]:
    """Return the cells that must be hidden."""
    return np.asarray((system.low > 0) & (system.low < PROMISE.small))


def timed(work: Callable[[], object]) -> tuple[object, float]:
    """Return what a function returns, and the processor time that it took in seconds."""
    begun = time.process_time()
    return work(), time.process_time() - begun


def linprog_seconds(system: System) -> float:
    """Estimate the processor time of `linprog` for all intervals, from a sample of the cells."""
    spent, cells = 0.0, 0
    left = SAMPLE
    known = settled(system)
    for block in sorted(blocks(known), key=lambda block: -len(block.cells)):
        size = len(block.cells)
        cells += size
        matrix = sparse.csr_matrix((block.signs, block.members, block.starts), shape=(len(block.sides), size))
        bounds = list(zip(known.low[block.cells], [None] * size, strict=True))
        chosen = range(0, size, max(1, size // left)) if left > 0 else range(0)
        begun = time.process_time()
        for i in list(chosen)[: max(left, 0)]:
            for sense in (1.0, -1.0):
                objective = np.zeros(size)
                objective[i] = sense
                linprog(objective, A_eq=matrix, b_eq=block.sides, bounds=bounds, method="highs")
            left -= 1
            spent += time.process_time() - begun
            begun = time.process_time()
    return spent / max(SAMPLE - left, 1) * cells


def run() -> None:
    """Print the figures of this part."""
    report.title("Hidden cells: every attacker's interval (small counts hidden alone), processor seconds")
    audits, patterns = [], []
    for case in cases():
        hidden = small(case.system)
        system = published(case.system, case.system.low, hidden)
        _, every = timed(lambda system=system: intervals(system))
        _, decided = timed(lambda system=system: narrow(system, PROMISE))
        naive = linprog_seconds(system)
        largest = max((len(block.cells) for block in blocks(settled(system))), default=0)
        audits.append(
            (
                case.name,
                f"{hidden.sum()}",
                f"{largest}",
                f"{every:.2f}",
                f"{decided:.2f}",
                f"{naive:.1f}",
                f"{naive / max(every, 1e-3):.0f} x",
                case.audit,
            )
        )
    headings = ("table", "hidden", "largest block", "intervals", "decision", "linprog", "ratio", "reference")
    report.table(headings, audits)
    report.title(f"Hidden cells: which others to hide (at most {SECONDS:g} s for the exact program), processor seconds")
    for case in cases():
        weights = costs(case.system.low)
        primary = small(case.system)
        quick, first = timed(lambda case=case, weights=weights: protect(case.system, weights, PROMISE, 0))
        best, second = timed(lambda case=case, weights=weights: protect(case.system, weights, PROMISE, SECONDS))
        own = weights[primary].sum()
        patterns.append(
            (
                case.name,
                f"{primary.sum()}",
                f"{len(quick.cells) - primary.sum()}, {quick.cost - own:.1f}, {first:.1f}",
                f"{len(best.cells) - primary.sum()}, {best.cost - own:.1f}, {second:.1f}",
                "yes" if best.proven_optimal else "no",
                case.pattern,
            )
        )
    headings = ("table", "small", "flows: more, cost, s", "exact: more, cost, s", "proven", "reference: more")
    report.table(headings, patterns)


if __name__ == "__main__":
    run()
