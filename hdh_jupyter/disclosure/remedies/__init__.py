"""What can be done about a table that is blocked, and doing it.

- `model`: what is proposed
- `layout`: the tables of a file as they are written, and writing them again
- `options`: suppression, rounding, merging, top coding, dropping of columns, on one table
- `applied`: on a file, checked by the whole engine

Imports the engine, which must not import it. What does not end in a form that may leave is never written.
"""

from .applied import apply, propose, remake
from .model import Proposal

__all__ = ["Proposal", "apply", "propose", "remake"]
