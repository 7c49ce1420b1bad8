"""HiGHS with the settings that every program here has: no output, one thread, the same answer every time."""

from __future__ import annotations

import highspy


def solver(**options: float | str) -> highspy.Highs:
    """Return an empty model.

    Parameters
    ----------
    **options
        Further options of HiGHS by their names.
    """
    highs = highspy.Highs()
    highs.silent()
    for name, value in {"presolve": "off", "threads": 1, "random_seed": 0, **options}.items():
        highs.setOptionValue(name, value)
    return highs
