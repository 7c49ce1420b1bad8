"""What the readers of figures share: encoded arrays, and what a figure was found to hold."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..documents import Series, Table, Unreadable
from ..model import Place
from . import grid

DECODED_LIMIT = 1 << 28
"""Bytes that one encoded array may take."""
TYPES = {"f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "u1c"}
NAMED = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)} | {"float32", "float64", "bool"}


@dataclass
class Data:
    """Columns of one table that a figure embeds."""

    columns: dict[str, Sequence[Any]] = field(default_factory=dict)

    def table(self, place: Place) -> Table | None:
        """Return the table, None when it has no row."""
        height = max((len(column) for column in self.columns.values()), default=0)
        rows = [[cell(c[i]) if i < len(c) else "" for c in self.columns.values()] for i in range(height)]
        return grid.table(place, rows, titles=[title.rstrip("\0") for title in self.columns])

    def add(self, title: str, values: Sequence[Any]) -> None:
        """Add a column; one that bears a title already given gets its own place."""
        while title in self.columns:
            title += "\0"
        self.columns[title] = values


@dataclass
class Chart:
    """What was found in the document of a figure."""

    data: list[Data] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)

    def records(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add the table that records make."""
        rows = list(records)
        titles = dict.fromkeys(str(name) for record in rows for name in record)
        if titles:
            self.data.append(Data({title: [record.get(title) for record in rows] for title in titles}))


def array(value: Any) -> list[Any] | None:
    """Return the values of a list, or of an array that plotly or Bokeh encoded; None when it is neither.

    Raises
    ------
    Unreadable
        It is encoded in a way that is not known, or is too large.
    """
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return None
    if "bdata" in value and "dtype" in value:
        flat = _typed(_base64(value["bdata"]), str(value["dtype"]), TYPES)
        width = _width(str(value.get("shape", "")))
        return [flat[i : i + width] for i in range(0, len(flat), width)] if width else flat
    if "__ndarray__" in value:
        return _typed(_base64(value["__ndarray__"]), str(value.get("dtype")), NAMED)
    if value.get("type") == "ndarray" and "array" in value:
        inner = value["array"]
        if isinstance(inner, Mapping) and inner.get("type") == "bytes":
            return _typed(_base64(inner.get("data")), str(value.get("dtype")), NAMED)
        return array(inner)
    if value.get("type") == "typed_array" and isinstance(value.get("array"), Mapping):
        return _typed(_base64(value["array"].get("data")), str(value.get("dtype")), NAMED)
    return None


def cell(value: Any) -> str:
    """Return a value of a figure as the text of a cell; whole numbers without a fraction."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def text_of(value: Any) -> str:
    """Return a title, which may stand in an object (`{"text": "..."}`) or be several lines."""
    if isinstance(value, Mapping):
        value = value.get("text", "")
    if isinstance(value, list):
        value = " ".join(str(line) for line in value)
    return value if isinstance(value, str) else ""


def positions(values: Sequence[Any] | None) -> tuple[float | str, ...]:
    """Return values as a series keeps them."""
    kept = (v for v in values or () if v is not None)
    return tuple(v if isinstance(v, (int, float)) and not isinstance(v, bool) else str(v) for v in kept)


def _width(shape: str) -> int:
    """Return how many columns an array has (`700, 3`), 0 for one of a single dimension."""
    rows, _, last = shape.rpartition(",")
    return int(last) if rows and last.strip().isdigit() else 0


def _base64(text: Any) -> bytes:
    try:
        raw = base64.b64decode(str(text), validate=True)
        if raw[:2] == b"\x1f\x8b":
            inflating = zlib.decompressobj(31)
            raw = inflating.decompress(raw, DECODED_LIMIT)
            if inflating.unconsumed_tail or not inflating.eof:
                raise Unreadable("unreadable", reason="array")
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Unreadable("unreadable", reason="array") from error
    return raw


def _typed(raw: bytes, dtype: str, known: set[str]) -> list[Any]:
    if dtype not in known or len(raw) > DECODED_LIMIT:
        raise Unreadable("unreadable", reason="array")
    kind = np.dtype("u1" if dtype == "u1c" else dtype).newbyteorder("<")
    if len(raw) % kind.itemsize:
        raise Unreadable("unreadable", reason="array")
    values: list[Any] = np.frombuffer(raw, kind).tolist()
    return values
