"""JSON-stat: the values of a cube as one list in the order of its dimensions (json-stat.org, format 2.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from ..documents import Table
from ..model import Place
from . import grid

MOST = 2_000_000
"""Cells up to which a cube is laid out."""


def table(value: Mapping[str, Any], place: Place) -> Table | None:
    """Return a cube as a long table, one column for each dimension and one for the values; None when it is none."""
    dimensions, values = value.get("dimension"), value.get("value")
    if not isinstance(dimensions, Mapping) or not isinstance(values, (list, Mapping)):
        return None
    names = value.get("id", dimensions.get("id"))
    if not isinstance(names, list) or not names or not all(isinstance(dimensions.get(name), Mapping) for name in names):
        return None
    categories = [list(_categories(dimensions[name])) for name in names]
    cells = prod(map(len, categories))
    if not 0 < cells <= MOST or (isinstance(values, list) and len(values) != cells):
        return None
    found = values if isinstance(values, Mapping) else {str(i): one for i, one in enumerate(values)}
    rows = [[*labels, _cell(found.get(str(i)))] for i, labels in enumerate(product(*categories))]
    titles = [*(str(dimensions[name].get("label") or name) for name in names), str(value.get("label") or "value")]
    return grid.table(place, rows, titles=titles, labels=len(names))


def _categories(dimension: Mapping[str, Any]) -> Iterator[str]:
    category = dimension.get("category")
    if not isinstance(category, Mapping):
        return
    index, labels = category.get("index"), category.get("label")
    labels = labels if isinstance(labels, Mapping) else {}
    if isinstance(index, Mapping):
        names: Iterable[Any] = sorted(index, key=_position(index))
    else:
        names = index if isinstance(index, list) else labels
    for name in names:
        yield str(labels.get(name, name))


def _position(index: Mapping[str, Any]) -> Callable[[str], int]:
    return lambda name: index[name] if isinstance(index[name], int) else 0


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
