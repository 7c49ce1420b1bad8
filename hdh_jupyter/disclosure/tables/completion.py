"""Counts that a table with hidden cells could have: what protecting it goes by where the truth is not in the file."""

from __future__ import annotations

import highspy
import numpy as np

from .audit import Inconsistent, intervals
from .solver import solver
from .system import Floats, System, blocks, settled


def completed(system: System) -> Floats:
    """Return the counts of a table; where some are hidden, counts amid what they can be that fit the totals.

    Raises
    ------
    Inconsistent
    """
    if not system.hidden.any():
        return system.low.copy()
    found = intervals(system)
    aim = system.low.copy()
    for cell, interval in found.items():
        aim[cell] = interval.low if np.isinf(interval.high) else round((interval.low + interval.high) / 2)
    return _nearest(system, aim)


def _nearest(system: System, aim: Floats) -> Floats:
    """Return counts that fit the totals, at the least distance from an aim."""
    known = settled(system)
    counts = known.low.copy()
    for block in blocks(known):
        size = len(block.cells)
        highs = solver()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 3 * size, len(block.sides) + size
        low, high, at = known.low[block.cells], known.high[block.cells], aim[block.cells]
        # Each cell x is its aim + u - v; the distance is the sum of u and v.
        model.col_cost_ = np.concatenate([np.zeros(size), np.ones(2 * size)])
        model.col_lower_ = np.concatenate([low, np.zeros(2 * size)])
        room = np.where(np.isinf(high), highspy.kHighsInf, high)
        model.col_upper_ = np.concatenate([room, np.full(2 * size, highspy.kHighsInf)])
        model.row_lower_ = model.row_upper_ = np.concatenate([block.sides, at])
        own = np.arange(size)
        last = block.starts[-1]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([block.starts, last + 3 * (own + 1)]).astype(np.int32)
        ties = np.stack([own, own + size, own + 2 * size], axis=1).ravel()
        model.a_matrix_.index_ = np.concatenate([block.members, ties]).astype(np.int32)
        model.a_matrix_.value_ = np.concatenate([block.signs, np.tile([1.0, -1.0, 1.0], size)])
        highs.passModel(model)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Inconsistent
        counts[block.cells] = np.asarray(highs.getSolution().col_value)[:size]
    return counts
