"""A release as JSON and back, bounded: what comes back may have been written by a process nobody trusts.

`{"name": "...", "tables": [{"file", "population", "dimensions": [[name, [category, ...]], ...], "cells": [[codes, low,
high], ...]}]}`; `codes` holds, per dimension, the position of the category, or -1 where the cell is summed over it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .model import Release, ReleasedCell, ReleasedTable

TABLES = 2_000
CELLS = 2_000_000
DIMENSIONS = 50
LABEL = 300
"""Characters of a name or a label."""
POPULATION = 2_000


def to_stored(release: Release) -> dict[str, Any]:
    """Return the JSON form of a release."""
    return {"name": release.name, "tables": [_table_to_stored(table) for table in release.tables]}


def from_stored(stored: Mapping[str, Any]) -> Release:
    """Read the JSON form.

    Raises
    ------
    ValueError
        The form is incomplete, contradicts itself, or is larger than any release can be.
    """
    try:
        tables = list(stored["tables"])
        if len(tables) > TABLES:
            raise ValueError("too many tables")
        if sum(len(table["cells"]) for table in tables) > CELLS:
            raise ValueError("too many cells")
        return Release(_text(stored["name"], LABEL), tuple(map(_table_from_stored, tables)))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        raise ValueError(f"not a register of this version: {error}") from error


def _table_to_stored(table: ReleasedTable) -> dict[str, Any]:
    dimensions = list(table.dimensions.items())
    position = {name: {code: i for i, code in enumerate(codes)} for name, codes in dimensions}
    return {
        "file": table.file,
        "population": table.population,
        "dimensions": [[name, list(codes)] for name, codes in dimensions],
        "cells": [
            [
                [position[name][cell.codes[name]] if name in cell.codes else -1 for name, _ in dimensions],
                cell.low,
                cell.high,
            ]
            for cell in table.cells
        ],
    }


def _table_from_stored(stored: Mapping[str, Any]) -> ReleasedTable:
    dimensions = {
        _text(name, LABEL): tuple(_text(code, LABEL) for code in codes) for name, codes in stored["dimensions"]
    }
    if len(dimensions) != len(stored["dimensions"]) or len(dimensions) > DIMENSIONS:
        raise ValueError("dimensions are not distinct, or too many")
    return ReleasedTable(
        _text(stored["file"], 4 * LABEL),
        _text(stored["population"], POPULATION),
        dimensions,
        tuple(_cell(cell, dimensions) for cell in stored["cells"]),
    )


def _cell(stored: Any, dimensions: Mapping[str, tuple[str, ...]]) -> ReleasedCell:
    positions, low, high = stored
    if len(positions) != len(dimensions):
        raise ValueError("a cell has not one code per dimension")
    codes = {}
    for (name, categories), position in zip(dimensions.items(), positions, strict=True):
        if type(position) is not int or not -1 <= position < len(categories):
            raise ValueError("a cell names an unknown category")
        if position >= 0:
            codes[name] = categories[position]
    for bound in (low, high):
        if bound is not None and (type(bound) not in (int, float) or not math.isfinite(bound) or bound < 0):
            raise ValueError("a bound is no number")
    if low is None or (high is not None and high < low):
        raise ValueError("the bounds of a cell contradict one another")
    return ReleasedCell(codes, float(low), None if high is None else float(high))


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError("a name is no text, or too long")
    return value
