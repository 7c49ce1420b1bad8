"""The cells of one table as they were released, in a form that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ReleasedCell:
    """A count, or what was said of it.

    Attributes
    ----------
    codes
        Dimension -> category, as normalised labels; a dimension that is absent is summed over.
    low, high
        Between what the release says it to be; equal where it was shown; `high` is None where nothing limits it.
    """

    codes: Mapping[str, str]
    low: float
    high: float | None


@dataclass(frozen=True)
class ReleasedTable:
    """A table of counts.

    Attributes
    ----------
    population
        What is counted and among whom, as the table and its lead say it; empty when nobody said.
    dimensions
        Dimension -> categories, in the order of the table.
    """

    file: str
    population: str
    dimensions: Mapping[str, tuple[str, ...]]
    cells: tuple[ReleasedCell, ...]


@dataclass(frozen=True)
class Release:
    """Everything that left together.

    Attributes
    ----------
    name
        How people call it: the number of a request, or the name of a file.
    """

    name: str
    tables: tuple[ReleasedTable, ...]
