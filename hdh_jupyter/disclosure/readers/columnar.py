"""Parquet and Arrow (Feather) files: columns in streaming batches, metadata of the file and of each column as texts.

Hidden, and taken to hold data when long: metadata, values of dictionaries that no row uses, bytes of the file that
belong to no column. What a Parquet file says of each column's parts (sizes, statistics) is not asked, because the
library aborts the process where that contradicts itself; the clean form has its own.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import ipc
from pyarrow import parquet as pq

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import arrow_cells
from .arrow_cells import MAX_CELLS, ROWS

PARQUET, ARROW, FEATHER_1 = b"PAR1", b"ARROW1", b"FEA1"
LONG = 1000
PER_COLUMN = 600
"""Characters that libraries write of each column."""
OF_LIBRARIES = frozenset({"pandas", "ARROW:schema", "huggingface"})
"""Names of metadata that grows with the number of columns."""
ENCODED = b"ARROW:schema"
SLACK = 256 << 10
"""Bytes of a Parquet file that its indexes may take."""
UNUSED_VALUES = 10

UNREADABLE = (pa.ArrowException, OSError, ValueError, MemoryError, TypeError, KeyError, RuntimeError)
"""What the library raises, the last where its C++ has no exception of its own: columns that contradict themselves."""

Opened = tuple[Any, arrow_cells.Batches]


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a file of columns.

    Raises
    ------
    Unreadable
        It is none, is damaged, or larger than can be looked at.
    """
    with readable():
        schema, batches = opened(path, kind)
        if len(schema) > policy.limits.columns:
            raise Unreadable("too_many_columns", columns=len(schema), limit=policy.limits.columns)
        if not len(schema):
            raise Unreadable("empty")
        found = list(_metadata(path, kind, schema))
        place = Place(part="metadata")
        texts = [Text(place, whole(normalised(f"{name}\n{text}"))) for name, text in found]
        hidden = [
            Hidden(place, "metadata", len(text), suspicious=True)
            for name, text in found
            if len(text) > LONG + (PER_COLUMN * len(schema) if name in OF_LIBRARIES else 0)
        ]
        if kind == "parquet" and path.stat().st_size > SLACK and (slack := _slack(path)) > SLACK:
            hidden.append(Hidden(place, "metadata", slack, suspicious=True))
        for position, unused in _unused(schema, batches).items():
            where = Place(part="metadata", column=str(position + 1))
            texts.append(Text(where, whole(normalised("\n".join(unused)))))
            suspicious = len(unused) > UNUSED_VALUES or sum(map(len, unused)) > LONG
            hidden.append(Hidden(where, "unused_values", len(unused), suspicious))
    texts.append(Text(Place(), whole(normalised("\n".join(map(str, schema.names))))))
    texts.extend(arrow_cells.texts(Place(), schema, batches))
    return Document(kind, tuple(texts), (arrow_cells.table(Place(), schema, batches),), tuple(hidden))


def opened(path: Path, kind: str) -> Opened:
    """Return the schema of a file, and what starts the stream of its batches.

    Raises
    ------
    Unreadable
        It is not of this kind, or has too many cells.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if kind == "parquet" and head.startswith(PARQUET):
        return _parquet(path)
    if kind == "feather" and head.startswith(ARROW):
        return _arrow(path)
    raise Unreadable("old_feather" if head.startswith(FEATHER_1) else "mismatch")


@contextmanager
def readable() -> Iterator[None]:
    """Refuse what Arrow cannot read."""
    try:
        yield
    except UNREADABLE as error:
        raise Unreadable("unreadable", reason="columns") from error


def _parquet(path: Path) -> Opened:
    with pq.ParquetFile(path) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    if rows * max(len(schema), 1) > MAX_CELLS or rows < 0:
        raise Unreadable("too_many_cells", limit=MAX_CELLS)
    names = list(schema.names)
    if len(set(names)) < len(names):
        raise Unreadable("columns_twice")

    def batches(columns: Sequence[int] | None) -> Iterator[Any]:
        wanted = None if columns is None else [names[i] for i in columns]
        with readable(), pq.ParquetFile(path) as file:
            for batch in file.iter_batches(ROWS, columns=wanted, use_threads=False):
                if columns is not None and batch.num_columns > len(columns):
                    # A dot in a name makes the library take it for the path to a part of a column.
                    batch = batch.select([names[i] for i in columns])
                batch.validate(full=True)
                yield batch

    return schema, batches


def _arrow(path: Path) -> Opened:
    with pa.OSFile(str(path)) as source:
        file = ipc.open_file(source)
        schema, count = file.schema, file.num_record_batches
    if len(set(schema.names)) < len(schema.names):
        raise Unreadable("columns_twice")

    def batches(columns: Sequence[int] | None) -> Iterator[Any]:
        options = ipc.IpcReadOptions(use_threads=False, included_fields=None if columns is None else list(columns))
        cells = 0
        with readable(), pa.OSFile(str(path)) as source:
            file = ipc.open_file(source, options=options)
            for number in range(count):
                batch = file.get_batch(number)
                batch.validate(full=True)
                cells += batch.num_rows * len(schema)
                if cells > MAX_CELLS:
                    raise Unreadable("too_many_cells", limit=MAX_CELLS)
                for begin in range(0, batch.num_rows, ROWS):
                    yield batch.slice(begin, ROWS)

    return schema, batches


def _metadata(path: Path, kind: str, schema: Any) -> Iterator[tuple[str, str]]:
    """Return the name and text of everything that is written beside the columns."""
    yield from _texts(schema.metadata)
    for field in schema:
        yield from _texts(field.metadata)
    if kind == "parquet":
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            yield "created_by", str(metadata.created_by or "")
            known = {name for name, _ in _texts(schema.metadata)}
            yield from ((name, text) for name, text in _texts(metadata.metadata) if name not in known)


def _texts(metadata: Mapping[bytes, bytes] | None) -> Iterator[tuple[str, str]]:
    for name, content in (metadata or {}).items():
        if not name.startswith(b"PARQUET:"):
            yield name.decode("utf-8", "replace"), _decoded(content) if name == ENCODED else _text(content)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _decoded(content: bytes) -> str:
    try:
        return base64.b64decode(content, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return _text(content)


def _slack(path: Path) -> int:
    """Return how many bytes of a Parquet file are neither read for its rows nor its footer."""
    footer = pq.read_metadata(path)
    with path.open("rb") as stream:
        file = _Followed(stream)
        # With its footer given, the library does not read the last 64 kB for it, whatever they are.
        with pq.ParquetFile(file, metadata=footer) as parquet:
            for _ in parquet.iter_batches(ROWS, use_threads=False):
                pass
        return path.stat().st_size - file.read_so_far() - int(footer.serialized_size) - 12


class _Followed(io.RawIOBase):
    """A file that knows which of its bytes were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._read: list[tuple[int, int]] = []

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int | None = -1, /) -> bytes:
        begin = self._file.tell()
        content = self._file.read(-1 if size is None else size)
        self._read.append((begin, begin + len(content)))
        return content

    def read_so_far(self) -> int:
        """Return how many bytes were read, once or more often."""
        total = reached = 0
        for begin, end in sorted(self._read):
            total += max(end - max(begin, reached), 0)
            reached = max(reached, end)
        return total


def _unused(schema: Any, batches: arrow_cells.Batches) -> dict[int, list[str]]:
    """Return by column the values that its dictionary has and no row."""
    positions = [i for i, kind in enumerate(schema.types) if pa.types.is_dictionary(kind)]
    found: dict[int, list[str]] = {}
    for position in positions:
        known: set[str] = set()
        used: set[str] = set()
        for batch in batches([position]):
            column = batch.column(0)
            if not pa.types.is_dictionary(column.type):
                break
            values = arrow_cells.strings(column.dictionary)
            known.update(values.to_pylist())
            used.update(values.take(column.indices.unique().drop_null()).to_pylist())
            if len(known) > 1_000_000:
                raise Unreadable("too_many_cells", limit=1_000_000)
        if known - used:
            found[position] = sorted(known - used)
    return found
