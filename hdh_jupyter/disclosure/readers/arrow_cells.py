"""Arrow columns as the text of cells, batch by batch, and the texts that are looked at for identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Table, Text, Unreadable
from ..masking import masked, normalised
from ..model import Place
from .structured import MAX_CELL, cell

ROWS = 1 << 16
"""Rows of a batch."""
MAX_CELLS = 1_000_000_000
LONG_NUMBER = 10**8
"""From here on a whole number has as many digits as an identifier."""

Batches = Callable[[Sequence[int] | None], Iterator[Any]]
"""Starts the stream of a file's record batches, of the columns of these positions alone."""


def strings(column: Any) -> Any:
    """Return a column as strings; what is missing is empty."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return strings(column.storage)
    if pa.types.is_null(kind):
        return pa.array([""] * len(column), pa.string())
    if pa.types.is_dictionary(kind):
        values = strings(column.dictionary)
        return pc.fill_null(values.take(column.indices), "")
    if pa.types.is_boolean(kind):
        return pc.fill_null(pc.if_else(column, "TRUE", "FALSE"), "")
    if pa.types.is_nested(kind):
        return pa.array([cell(value)[:MAX_CELL] for value in _plain(column)], pa.string())
    try:
        return pc.fill_null(pc.cast(column, pa.string()), "")
    except pa.ArrowException:
        # Bytes that are no UTF-8, types without a cast.
        return pa.array(["" if value is None else _told(value) for value in column.to_pylist()], pa.string())


def table(place: Place, schema: Any, batches: Batches) -> Table:
    """Return the table of a file's columns."""
    names = [f"c{i}" for i in range(len(schema))]

    def start() -> Iterator[Any]:
        for batch in batches(None):
            yield pa.RecordBatch.from_arrays([strings(column) for column in batch.columns], names)

    return Table(place, tuple(map(str, schema.names)), start, first_row=1)


def texts(place: Place, schema: Any, batches: Batches) -> Iterator[Text]:
    """Return the values of each column that can hold an identifier, one to a line."""
    for position, kind in enumerate(schema.types):
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind):
            continue
        if pa.types.is_integer(kind) and kind.bit_width < 32:
            continue
        title = masked(schema.names[position]) or str(position + 1)
        where = Place(**{**place.to_stored(), "column": title})
        yield Text(where, _lines(batches, position))


def _lines(batches: Batches, position: int) -> Callable[[], Iterator[str]]:
    def start() -> Iterator[str]:
        for batch in batches([position]):
            column = batch.column(0)
            if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
                largest = pc.max(pc.fill_null(column, 0)).as_py() if len(column) else 0
                if largest is None or not largest >= LONG_NUMBER:
                    yield "\n" * len(column)
                    continue
            values = strings(column)
            encoded = pc.dictionary_encode(values)
            if len(encoded.dictionary) * 2 < len(values):
                yield normalised(_once(encoded))
            else:
                yield normalised("\n".join(values.to_pylist())) + "\n"

    return start


def _once(encoded: Any) -> str:
    """Return each distinct value on the line where it stands first, the others empty."""
    codes = encoded.indices.to_numpy()
    # Codes are given in the order of first appearance.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))
    gaps = np.diff(first, append=len(codes)).tolist()
    lines = zip(encoded.dictionary.to_pylist(), gaps, strict=True)
    return "".join(value.replace("\n", " ") + "\n" * gap for value, gap in lines)


def _told(value: Any) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value[:MAX_CELL].decode("latin-1")
    return str(value)[:MAX_CELL]


def _plain(column: Any) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
    except (pa.ArrowException, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable("unreadable", reason="columns") from error
    return [_json(value) for value in values]


def _json(value: Any) -> Any:
    """Return a value that can be written as JSON."""
    if isinstance(value, dict):
        return {str(name): _json(child) for name, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(child) for child in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else _told(value)
