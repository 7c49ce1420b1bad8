"""Rounding: telling that a table is rounded, and rounding one so that it still adds up.

Controlled rounding (Cox 1987) puts every count to one of the two multiples of the base next to it, such that every
total is the sum of its parts. For tables of two dimensions there always is one; for others there may be none, and then
totals may go one multiple further.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import numbers
from .system import Equation, Floats

BASES = (10, 5)
SHOWN = 5
"""Counts that must be multiples of a base before a table that does not add up is taken for rounded."""
SHOWN_ADDITIVE = {10: 12, 5: 20}
"""The same by base, of a table that does add up: a few exact counts may all be multiples of 5, fewer of 10."""
SLACK = 4
"""How many multiples of the base a count may be moved at most."""


class Unroundable(Exception):
    """No rounding of the table adds up, or none was found in time."""


def base_of(low: Floats, high: Floats, titles: Sequence[str] = (), *, additive: bool) -> int:
    """Return what the counts of a table are rounded to, 1 when they are exact.

    Parameters
    ----------
    low, high
        Between what each count is known to be.
    additive
        Whether its totals are the sums of what is shown: then rounding explains nothing, and more counts must speak
        for it.
    """
    shown = low[(low == high) & (low > 0)]
    named = any("arrond" in numbers.plain(title) or "rounded" in numbers.plain(title) for title in titles)
    least = dict.fromkeys(BASES, SHOWN) if named or not additive else SHOWN_ADDITIVE
    return next((base for base in BASES if len(shown) >= least[base] and not (shown % base).any()), 1)


def rounded(counts: Floats, equations: Sequence[Equation], base: int, threshold: float, seconds: float) -> Floats:
    """Return counts as multiples of a base that add up and are as near as can be.

    A count from 1 to below the threshold stays below it, and one that is not stays above, so that what is marked as
    small is small.

    Raises
    ------
    Unroundable
    """
    below = np.floor(counts / base)
    exact = counts == base * below
    small = (counts > 0) & (counts < threshold)
    first_large = np.ceil(threshold / base)
    for slack in range(SLACK):
        low, high = below - slack, below + slack + ~exact
        low = np.maximum(np.where(counts >= threshold, np.maximum(low, first_large), low), 0)
        high = np.where(small, np.minimum(high, np.ceil(threshold / base) - 1), high)
        high = np.where(counts == 0, 0, np.maximum(high, low))
        low = np.where(counts == 0, 0, np.minimum(low, high))
        found = _multiples(counts / base, low, high, equations, seconds)
        if found is not None:
            return found * base
    raise Unroundable


def nearest(counts: Floats, base: int, threshold: float) -> Floats:
    """Return each count as the nearest multiple of a base, those from the threshold on as no less than it."""
    found = base * np.floor(counts / base + 0.5)
    return np.asarray(np.where(counts >= threshold, np.maximum(found, base * np.ceil(threshold / base)), found))


def _multiples(aim: Floats, low: Floats, high: Floats, equations: Sequence[Equation], seconds: float) -> Floats | None:
    """Return whole numbers within bounds that add up, at the least distance from an aim, or None."""
    # Whoever only tells whether a table is rounded goes without the solver.
    import highspy

    from .solver import solver

    size = len(aim)
    highs = solver(presolve="choose", time_limit=seconds, mip_rel_gap=0.01)
    model = highspy.HighsLp()
    # Each number is aim + u - v; the distance is the sum of u and v.
    starts, members, factors = [0], [], []
    for equation in equations:
        members += [*equation.parts, equation.total]
        factors += [1.0] * len(equation.parts) + [-1.0]
        starts.append(len(members))
    for i in range(size):
        members += [i, i + size, i + 2 * size]
        factors += [1.0, -1.0, 1.0]
        starts.append(len(members))
    model.num_col_, model.num_row_ = 3 * size, len(starts) - 1
    model.col_cost_ = np.concatenate([np.zeros(size), np.ones(2 * size)])
    model.col_lower_ = np.concatenate([low, np.zeros(2 * size)])
    model.col_upper_ = np.concatenate([high, np.full(2 * size, highspy.kHighsInf)])
    model.row_lower_ = model.row_upper_ = np.concatenate([np.zeros(len(equations)), aim])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.asarray(starts, np.int32)
    model.a_matrix_.index_ = np.asarray(members, np.int32)
    model.a_matrix_.value_ = np.asarray(factors)
    model.integrality_ = [highspy.HighsVarType.kInteger] * size + [highspy.HighsVarType.kContinuous] * (2 * size)
    highs.passModel(model)
    highs.run()
    solution = highs.getSolution()
    if not solution.value_valid:
        return None
    found = np.round(np.asarray(solution.col_value)[:size])
    if any(abs(found[list(e.parts)].sum() - found[e.total]) > 0.5 for e in equations):
        return None
    return np.asarray(found)
