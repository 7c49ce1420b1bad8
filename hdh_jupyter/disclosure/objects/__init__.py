"""Disclosure control in a notebook: a table, a figure or a model that is still in memory is checked like its file.

:func:`check` writes the object to a temporary file of its own kind (`forms`), has the engine look at it, and returns a
report that shows itself (`display`). `python -m hdh_jupyter.disclosure.objects` does the same for R. It imports the
engine, and none of the libraries whose objects it takes: they are imported where an object is one of theirs.
"""

from __future__ import annotations

from .checking import check
from .display import ShownReport

__all__ = ["ShownReport", "check"]
