"""Arrow columns as the text of cells, batch by batch, and the texts that are looked at for identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Table, Text, Unreadable, whole
from ..masking import masked, normalised
from ..model import Place
from .structured import MAX_CELL, cell

ROWS = 1 << 16
"""Rows of a batch."""
MAX_CELLS = 1_000_000_000
DISTINCT = 20_000
"""Distinct values of a column that are kept."""
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
    """Return the values of each column that can hold an identifier, each on the line of its row.

    Of a column with few distinct values each is told once, where it stands first, and kept from one pass over the file;
    others are read anew each time.
    """
    positions = [position for position, kind in enumerate(schema.types) if _can_identify(kind)]
    seen: dict[int, _Distinct] = {position: _Distinct() for position in positions}
    row = 0
    for batch in batches(positions) if positions else ():
        for position, column in zip(positions, batch.columns, strict=True):
            seen[position].add(column, row)
        row += batch.num_rows
    for position, values in seen.items():
        title = masked(schema.names[position]) or str(position + 1)
        where = Place(**{**place.to_stored(), "column": title})
        if values.many:
            yield Text(where, _lines(batches, position))
        elif values.lines:
            yield Text(where, whole(normalised("".join(values.text()))))


@dataclass
class _Distinct:
    """The distinct values of a column and the rows, from 0, where they stand first, until they are many."""

    lines: dict[str, int] = field(default_factory=dict)
    many: bool = False

    def add(self, column: Any, row: int) -> None:
        if self.many or _is_small(column):
            return
        encoded = pc.dictionary_encode(strings(column))
        first = _first(encoded.indices.to_numpy()).tolist()
        for value, index in zip(encoded.dictionary.to_pylist(), first, strict=True):
            self.lines.setdefault(value, row + index)
        self.many = len(self.lines) > DISTINCT

    def text(self) -> Iterator[str]:
        line = 0
        for value, row in self.lines.items():
            yield "\n" * (row - line) + value.replace("\n", " ")
            line = row


def _can_identify(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or pa.types.is_null(kind):
        return False
    return not (pa.types.is_integer(kind) and kind.bit_width < 32)


def _is_small(column: Any) -> bool:
    """Tell whether a column of numbers holds none that is long enough for an identifier."""
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return False
    largest = pc.max(column).as_py() if len(column) else None
    return largest is None or not largest >= LONG_NUMBER


def _lines(batches: Batches, position: int) -> Callable[[], Iterator[str]]:
    def start() -> Iterator[str]:
        for batch in batches([position]):
            column = batch.column(0)
            if _is_small(column):
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
    first = _first(codes)
    gaps = np.diff(first, append=len(codes)).tolist()
    lines = zip(encoded.dictionary.to_pylist(), gaps, strict=True)
    return "".join(value.replace("\n", " ") + "\n" * gap for value, gap in lines)


def _first(codes: Any) -> Any:
    """Return where each code stands first; codes are given in the order of first appearance."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))


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
