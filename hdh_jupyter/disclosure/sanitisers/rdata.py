"""R data files written anew from data frames, vectors, matrices and lists of these, without other attributes.

Serialisation of version 2, binary, compressed with gzip (R Internals, 1.8). What is neither (a model, a function, an
environment) has no form that may leave.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Mapping
from pathlib import Path

from ..documents import Unreadable
from ..policy import Policy
from ..readers.rdata_format import INTEGER, LIST, LOGICAL, NULL, REAL, STRINGS, SYMBOL, Value, load

KEPT = ("names", "dim", "dimnames", "levels", "row.names", "class")
CLASSES = frozenset(
    ("data.frame", "tbl_df", "tbl", "data.table", "factor", "ordered", "Date", "POSIXct", "POSIXt", "table", "difftime")
)
HEADER = b"X\n" + struct.pack(">iii", 2, 0x00040200, 0x00020300)
MAX_DEPTH = 20


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean file."""
    objects = load(path)
    single = set(objects) == {""}
    body = HEADER + _item(objects[""], 0) if single else b"RDX2\n" + HEADER + _pairs(objects, 0)
    with out.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
        stream.write(body)
    return 0


def _item(value: Value, depth: int) -> bytes:
    if value is NULL:
        return struct.pack(">I", 254)
    if depth > MAX_DEPTH or value.kind not in (LOGICAL, INTEGER, REAL, STRINGS, LIST):
        raise Unreadable("no_clean_form")
    attributes = {name: value.attributes[name] for name in KEPT if name in value.attributes}
    if not set(value.classes) <= CLASSES:
        raise Unreadable("no_clean_form")
    if value.kind == INTEGER and "levels" in attributes:
        value, attributes["levels"] = _used_levels(value)
    flags = value.kind | (0x100 if "class" in attributes else 0) | (0x200 if attributes else 0)
    pieces = [struct.pack(">Ii", flags, len(value))]
    if value.kind == STRINGS:
        pieces.extend(_characters(text) for text in value.data)
    elif value.kind == LIST:
        pieces.extend(_item(child, depth + 1) for child in value.data)
    else:
        pieces.append(value.data.tobytes())
    if attributes:
        pieces.append(_pairs(attributes, depth + 1))
    return b"".join(pieces)


def _used_levels(value: Value) -> tuple[Value, Value]:
    """Return a factor without the levels that no element has, and those that are left."""
    levels = value.attributes["levels"]
    used = sorted({int(n) for n in value.data.tolist() if 0 < n <= len(levels)})
    new = {old: position for position, old in enumerate(used, start=1)}
    renumbered = value.data.copy()
    for position, old in enumerate(value.data.tolist()):
        renumbered[position] = new.get(old, -(2**31))
    return Value(INTEGER, renumbered, value.attributes), Value(STRINGS, [levels.data[n - 1] for n in used])


def _pairs(values: Mapping[str, Value], depth: int) -> bytes:
    """Return a list of named values; a name that comes again is written again."""
    pieces = []
    for name, value in values.items():
        pieces.append(struct.pack(">II", 2 | 0x400, SYMBOL) + _characters(name) + _item(value, depth + 1))
    return b"".join([*pieces, struct.pack(">I", 254)])


def _characters(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">Ii", 9, -1)
    content = text.encode("utf-8", "replace")
    # The encoding, among the bits that R calls levels: ASCII or UTF-8.
    return struct.pack(">Ii", 9 | (64 if content.isascii() else 8) << 12, len(content)) + content
