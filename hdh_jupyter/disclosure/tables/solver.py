"""HiGHS with the settings that every program here has: no output, one thread, the same answer every time."""

from __future__ import annotations

import highspy


class _Silent(highspy.Highs):
    """HiGHS that prints nothing: its own `__init__` greets on standard output, where a command prints its JSON."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


def solver(**options: float | str) -> highspy.Highs:
    """Return an empty model.

    Parameters
    ----------
    **options
        Further options of HiGHS by their names.
    """
    highs = _Silent()
    for name, value in {"presolve": "off", "threads": 1, "random_seed": 0, **options}.items():
        highs.setOptionValue(name, value)
    return highs
