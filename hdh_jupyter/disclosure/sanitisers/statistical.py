"""Stata (.dta, release 118) and SPSS (.sav) files written anew from their columns, without labels, notes or times.

Numbers are written as doubles, everything else as text. SAS files have no form that may leave: nothing writes
`.sas7bdat` but SAS.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Unreadable
from ..policy import Policy
from ..readers import statistical

STATA_DOUBLE = 65526
STATA_MISSING = 0x7FE0000000000000
STATA_TEXT = 2045
SPSS_TEXT = 255
"""Bytes of the longest text of a column of these formats."""
SPSS_MISSING = -np.finfo(np.float64).max
SPSS_NUMBER, SPSS_STRING = 5, 1
"""Kinds of display format, F and A."""


@dataclass(frozen=True)
class Column:
    """One column: the bytes that its longest text takes, 0 for numbers."""

    name: str
    width: int


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean file.

    Raises
    ------
    Unreadable
        The format has no clean form, or a text is too long for it.
    """
    if kind not in ("stata", "spss"):
        raise Unreadable("no_clean_form")
    source = statistical.opened(path, kind)
    columns, rows = _measured(source)
    if any(column.width > (STATA_TEXT if kind == "stata" else SPSS_TEXT) for column in columns):
        raise Unreadable("no_clean_form")
    with out.open("wb") as stream:
        (_stata if kind == "stata" else _spss)(stream, columns, rows, source.batches(None))
    return 0


def _measured(source: statistical.Opened) -> tuple[list[Column], int]:
    widths = [0] * len(source.names)
    rows = 0
    for batch in source.batches(None):
        rows += batch.num_rows
        for position, column in enumerate(batch.columns):
            if pa.types.is_string(column.type):
                widths[position] = max(widths[position], pc.max(pc.binary_length(column)).as_py() or 0, 1)
    return [Column(name, width) for name, width in zip(source.names, widths, strict=True)], rows


def _records(batch: Any, columns: Sequence[Column], missing: bytes, pad: bytes, unit: int) -> bytes:
    """Return the rows of a batch as fixed records."""
    fields = []
    for column in columns:
        fields.append((column.name, f"S{-(-column.width // unit) * unit}" if column.width else "V8"))
    records = np.zeros(batch.num_rows, np.dtype(fields))
    for column, values in zip(columns, batch.columns, strict=True):
        if column.width:
            width = records.dtype[column.name].itemsize
            texts = [(value or "").encode() for value in values.cast(pa.string()).to_pylist()]
            records[column.name] = [text.ljust(width, pad) if pad else text for text in texts]
        else:
            numbers = values.to_numpy(zero_copy_only=False).astype("<f8")
            raw = numbers.view("V8").copy()
            raw[np.isnan(numbers)] = np.void(missing)
            records[column.name] = raw
    return records.tobytes()


def _stata(stream: IO[bytes], columns: Sequence[Column], rows: int, batches: Iterator[Any]) -> None:
    count = len(columns)
    positions = [0]

    def section(name: str, content: bytes) -> None:
        positions.append(stream.tell())
        stream.write(b"<%b>" % name.encode() + content + b"</%b>" % name.encode())

    def fixed(texts: Sequence[str], width: int) -> bytes:
        return b"".join(text.encode()[: width - 1].ljust(width, b"\0") for text in texts)

    stream.write(b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder>")
    stream.write(b"<K>" + struct.pack("<H", count) + b"</K><N>" + struct.pack("<Q", rows) + b"</N>")
    stream.write(b"<label>\0\0</label><timestamp>\0</timestamp></header>")
    section("map", bytes(8 * 14))
    types = [column.width or STATA_DOUBLE for column in columns]
    section("variable_types", struct.pack(f"<{count}H", *types))
    section("varnames", fixed([column.name for column in columns], 129))
    section("sortlist", bytes(2 * (count + 1)))
    section("formats", fixed([f"%{column.width}s" if column.width else "%10.0g" for column in columns], 57))
    section("value_label_names", bytes(129 * count))
    section("variable_labels", bytes(321 * count))
    section("characteristics", b"")
    positions.append(stream.tell())
    stream.write(b"<data>")
    for batch in batches:
        stream.write(_records(batch, columns, struct.pack("<Q", STATA_MISSING), b"", 1))
    stream.write(b"</data>")
    section("strls", b"")
    section("value_labels", b"")
    positions.append(stream.tell())
    stream.write(b"</stata_dta>")
    positions.append(stream.tell())
    stream.seek(positions[1] + len(b"<map>"))
    stream.write(struct.pack("<14Q", *positions))


def _spss(stream: IO[bytes], columns: Sequence[Column], rows: int, batches: Iterator[Any]) -> None:
    slots = sum(-(-column.width // 8) or 1 for column in columns)
    stream.write(b"$FL2" + b"@(#) SPSS DATA FILE".ljust(60))
    stream.write(struct.pack("<iiiiid", 2, slots, 0, 0, rows, 100.0))
    stream.write(b"01 Jan 00" + b"00:00:00" + b" " * 64 + bytes(3))
    for number, column in enumerate(columns, start=1):
        form = (SPSS_STRING << 16) + (column.width << 8) if column.width else (SPSS_NUMBER << 16) + (12 << 8) + 2
        short = f"V{number}".ljust(8).encode()
        stream.write(struct.pack("<6i", 2, column.width, 0, 0, form, form) + short)
        for _ in range(-(-column.width // 8) - 1):
            stream.write(struct.pack("<6i", 2, -1, 0, 0, 0, 0) + b" " * 8)
    # Machine (IEEE, little-endian, UTF-8), long names, encoding.
    stream.write(struct.pack("<4i8i", 7, 3, 4, 8, 1, 0, 0, -1, 1, 1, 2, 65001))
    names = "\t".join(f"V{number}={column.name}" for number, column in enumerate(columns, start=1)).encode()
    for subtype, content in ((13, names), (20, b"UTF-8")):
        stream.write(struct.pack("<4i", 7, subtype, 1, len(content)) + content)
    stream.write(struct.pack("<ii", 999, 0))
    for batch in batches:
        stream.write(_records(batch, columns, struct.pack("<d", SPSS_MISSING), b" ", 8))
