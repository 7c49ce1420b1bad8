"""R's serialisation (`saveRDS`, `save`; R Internals, 1.8), parsed without R: nothing is evaluated.

Binary XDR, versions 2 and 3, plain or compressed with gzip, bzip2 or xz. Promises, closures, environments and compiled
code are parsed as data, so that what they hold is seen.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import math
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..documents import Unreadable

UNPACKED_LIMIT = 256 << 20
"""Bytes of a file once decompressed."""
MAX_ITEMS = 4_000_000
MAX_DEPTH = 200
OPENERS: Sequence[tuple[bytes, Callable[[Path], Any]]] = (
    (b"\x1f\x8b", gzip.GzipFile),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\x00", lzma.LZMAFile),
    (b"", io.FileIO),
)
NA_INTEGER = -(2**31)

SYMBOL, PAIRS, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, CHARACTERS = 1, 2, 3, 4, 5, 6, 7, 8, 9
LOGICAL, INTEGER, REAL, COMPLEX, STRINGS, DOTS, LIST, EXPRESSION, BYTECODE = 10, 13, 14, 15, 16, 17, 19, 20, 21
POINTER, WEAK, RAW, OBJECT, ALTERNATIVE = 22, 23, 24, 25, 238
ATTRIBUTED_LIST, ATTRIBUTED_CALL, REPEATED, REPEATING = 239, 240, 243, 244
NAMED_ENVIRONMENTS = frozenset({247, 248, 249})
REFERENCE = 255
NOTHING = frozenset({254, 253, 252, 251, 250, 242, 241})
"""NULL, the environments that every R has, and marks of missing arguments."""


@dataclass(eq=False)
class Value:
    """One R object.

    Attributes
    ----------
    kind
        Number of its type, as R's sources count; 0 for NULL and the environments that every R has.
    data
        A numpy array of numbers, a list of strings (None where missing) or of values, or (tag, value) pairs.
    """

    kind: int
    data: Any = None
    attributes: dict[str, Value] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of its classes."""
        found = self.attributes.get("class")
        return tuple(name or "" for name in found.data) if found is not None and found.kind == STRINGS else ()

    @property
    def names(self) -> list[str]:
        """The names of its elements, empty where it has none."""
        found = self.attributes.get("names")
        return [name or "" for name in found.data] if found is not None and found.kind == STRINGS else []

    def __len__(self) -> int:
        """Return how many elements it has."""
        return len(self.data) if self.data is not None else 0


NULL = Value(0)


def load(path: Path) -> dict[str, Value]:
    """Return the objects of a file by name; the one of an `.rds` file is called `""`.

    Raises
    ------
    Unreadable
        It is no such file, is damaged, or larger than can be looked at.
    """
    try:
        content = _content(path)
        named = content[:5] in (b"RDX2\n", b"RDX3\n")
        if content[:5] in (b"RDA2\n", b"RDA3\n") or content[:2] in (b"A\n", b"B\n"):
            raise Unreadable("r_text")
        reader = _Reader(content, 5 if named else 0)
        value = reader.whole()
    except (struct.error, ValueError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Unreadable("unreadable", reason="r") from error
    if not named:
        return {"": value}
    if value.kind != PAIRS:
        raise Unreadable("unreadable", reason="r")
    return dict(value.data)


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        head = stream.read(8)
    opener = next(opener for magic, opener in OPENERS if head.startswith(magic))
    try:
        with opener(path) as stream:
            content: bytes = stream.read(UNPACKED_LIMIT + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise Unreadable("unreadable", reason="r") from error
    if len(content) > UNPACKED_LIMIT:
        raise Unreadable("nested_large", limit=UNPACKED_LIMIT >> 20)
    if not content.startswith((b"X\n", b"RDX", b"RDA", b"A\n", b"B\n")):
        raise Unreadable("mismatch")
    return content


class _Reader:
    """Reads one stream of items, in the order in which R writes them."""

    def __init__(self, content: bytes, position: int) -> None:
        self._content = content
        self._at = position
        self._references: list[Value] = []
        self._items = 0
        self._depth = 0

    def whole(self) -> Value:
        if self._bytes(2) != b"X\n":
            raise Unreadable("mismatch")
        version = self._integer()
        self._bytes(8)
        if version == 3:
            self._bytes(self._integer())
        elif version != 2:
            raise Unreadable("unreadable", reason="r")
        value = self._item()
        if self._at != len(self._content):
            # Nothing follows the one item of a file.
            raise Unreadable("unreadable", reason="r")
        return value

    def _bytes(self, count: int) -> bytes:
        if count < 0 or self._at + count > len(self._content):
            raise Unreadable("unreadable", reason="r")
        taken = self._content[self._at : self._at + count]
        self._at += count
        return taken

    def _integer(self) -> int:
        return int(struct.unpack(">i", self._bytes(4))[0])

    def _length(self) -> int:
        length = self._integer()
        if length == -1:
            length = (self._integer() << 32) + self._integer()
        if not 0 <= length <= len(self._content):
            raise Unreadable("unreadable", reason="r")
        return length

    def _array(self, form: str) -> Any:
        length, size = self._length(), np.dtype(form).itemsize
        return np.frombuffer(self._bytes(length * size), form)

    def _item(self) -> Value:
        self._items += 1
        self._depth += 1
        if self._items > MAX_ITEMS:
            raise Unreadable("too_many_cells", limit=MAX_ITEMS)
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested_deep", limit=MAX_DEPTH)
        flags = struct.unpack(">I", self._bytes(4))[0]
        value = self._read(flags & 0xFF, flags)
        self._depth -= 1
        return value

    def _read(self, kind: int, flags: int) -> Value:
        if kind in NOTHING:
            return NULL
        if kind == REFERENCE:
            return self._references[(flags >> 8 or self._integer()) - 1]
        if kind == SYMBOL:
            return self._known(Value(SYMBOL, self._item().data))
        if kind in (PAIRS, CALL, CLOSURE, PROMISE, DOTS):
            return self._pairs(kind, flags)
        if kind == ENVIRONMENT:
            return self._environment()
        if kind in NAMED_ENVIRONMENTS:
            self._integer()
            return self._known(Value(0, [self._item().data for _ in range(self._length())]))
        if kind == CHARACTERS:
            return self._characters(flags)
        if kind == ALTERNATIVE:
            return self._alternative()
        if kind in (SPECIAL, BUILTIN):
            return Value(kind, self._bytes(self._integer()).decode("latin-1"))
        if kind in (POINTER, WEAK):
            value = self._known(Value(kind))
            if kind == POINTER:
                value.data = [self._item(), self._item()]
        else:
            value = Value(kind, self._vector(kind))
        if flags & 0x200:
            value.attributes = self._attributes()
        return value

    def _vector(self, kind: int) -> Any:
        if kind in (LOGICAL, INTEGER):
            return self._array(">i4")
        if kind == REAL:
            return self._array(">f8")
        if kind == COMPLEX:
            return self._array(">c16")
        if kind == STRINGS:
            return [self._item().data for _ in range(self._length())]
        if kind in (LIST, EXPRESSION):
            return [self._item() for _ in range(self._length())]
        if kind == RAW:
            return self._bytes(self._length())
        if kind == BYTECODE:
            self._integer()
            return self._code()
        if kind == OBJECT:
            return None
        raise Unreadable("unreadable", reason="r")

    def _known(self, value: Value) -> Value:
        self._references.append(value)
        return value

    def _characters(self, flags: int) -> Value:
        length = self._integer()
        if length == -1:
            return Value(CHARACTERS, None)
        latin = flags >> 12 & 4
        return Value(CHARACTERS, self._bytes(length).decode("latin-1" if latin else "utf-8", "replace"))

    def _pairs(self, kind: int, flags: int) -> Value:
        """Read a list of pairs; the rest of a list is no deeper than its beginning."""
        value = Value(kind, [])
        first = True
        while True:
            attributes = self._attributes() if flags & 0x200 else {}
            tag = self._item() if flags & 0x400 else NULL
            value.data.append((tag.data if tag.kind == SYMBOL else "", self._item()))
            if tag.kind not in (0, SYMBOL):
                # A closure keeps its environment where lists keep the name.
                value.data.append(("", tag))
            if first:
                value.attributes = attributes
            elif attributes:
                value.data.extend(attributes.items())
            first = False
            flags = struct.unpack(">I", self._bytes(4))[0]
            self._items += 1
            if self._items > MAX_ITEMS:
                raise Unreadable("too_many_cells", limit=MAX_ITEMS)
            following = flags & 0xFF
            if following not in (PAIRS, CALL):
                rest = self._read(following, flags)
                if rest.kind:
                    value.data.append(("", rest))
                return value

    def _attributes(self) -> dict[str, Value]:
        found = self._item()
        return {str(name): value for name, value in found.data} if found.kind == PAIRS else {}

    def _environment(self) -> Value:
        self._integer()
        value = self._known(Value(ENVIRONMENT, []))
        enclosing, frame, table, attributes = (self._item() for _ in range(4))
        pairs = [(name, one) for name, one in frame.data or ()]
        for bucket in table.data or ():
            pairs.extend(bucket.data or ())
        if enclosing.kind == ENVIRONMENT:
            pairs.append(("", enclosing))
        value.data = pairs
        if attributes.kind == PAIRS:
            value.attributes = {str(name): one for name, one in attributes.data}
        return value

    def _alternative(self) -> Value:
        """Read a vector that R keeps in a shorter form."""
        info, state, attributes = self._item(), self._item(), self._item()
        name = str(info.data[0][1].data)
        inner = [one for _, one in state.data] if state.kind == PAIRS else []
        if name in ("compact_intseq", "compact_realseq"):
            length, start, step = (float(number) for number in state.data)
            if not 0 <= length <= MAX_ITEMS or not math.isfinite(start + step):
                raise Unreadable("too_many_cells", limit=MAX_ITEMS)
            whole = name == "compact_intseq"
            numbers = start + step * np.arange(int(length))
            value = Value(INTEGER if whole else REAL, numbers.astype(">i4" if whole else ">f8"))
        elif name == "deferred_string" and inner:
            value = Value(STRINGS, _written(inner[0]))
        elif name.startswith("wrap_"):
            source = inner[0] if inner else state.data[0]
            value = Value(source.kind, source.data, dict(source.attributes))
        elif name.startswith("mmap_"):
            raise Unreadable("unreadable", reason="r")
        else:
            raise Unreadable("unreadable", reason="r")
        if attributes.kind == PAIRS:
            value.attributes |= {str(tag): one for tag, one in attributes.data}
        return value

    def _code(self) -> list[Value]:
        """Read compiled code for the constants that it holds."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable("nested_deep", limit=MAX_DEPTH)
        self._item()
        constants: list[Value] = []
        for _ in range(self._length()):
            kind = self._integer()
            if kind == BYTECODE:
                constants.extend(self._code())
            elif kind in (CALL, PAIRS, REPEATED, REPEATING, ATTRIBUTED_CALL, ATTRIBUTED_LIST):
                constants.extend(self._code_pairs(kind))
            else:
                constants.append(self._item())
        self._depth -= 1
        return constants

    def _code_pairs(self, kind: int) -> list[Value]:
        constants: list[Value] = []
        while True:
            if kind == REPEATED:
                self._integer()
                return constants
            if kind not in (CALL, PAIRS, REPEATING, ATTRIBUTED_CALL, ATTRIBUTED_LIST):
                constants.append(self._item())
                return constants
            if kind == REPEATING:
                self._integer()
                kind = self._integer()
            if kind in (ATTRIBUTED_CALL, ATTRIBUTED_LIST):
                constants.append(self._item())
            self._item()
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise Unreadable("nested_deep", limit=MAX_DEPTH)
            constants.extend(self._code_pairs(self._integer()))
            self._depth -= 1
            kind = self._integer()


def cells(value: Value) -> list[str]:
    """Return the elements of a vector as text; what is missing is empty."""
    return ["" if text is None else text for text in _written(value)]


def _written(value: Value) -> list[str | None]:
    if value.kind == STRINGS:
        return list(value.data)
    if value.kind == LOGICAL:
        return [None if n == NA_INTEGER else "TRUE" if n else "FALSE" for n in value.data.tolist()]
    if value.kind == INTEGER:
        return [None if n == NA_INTEGER else str(n) for n in value.data.tolist()]
    if value.kind == REAL:
        return [None if math.isnan(n) else f"{n:.15g}" for n in value.data.tolist()]
    if value.kind == COMPLEX:
        return [str(n) for n in value.data.tolist()]
    if value.kind == RAW:
        return [str(n) for n in value.data]
    return [None] * len(value)


def walk(value: Value) -> Iterator[Value]:
    """Return an object and all that it holds, each once."""
    seen: set[int] = set()
    left = [value]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left.extend(one.attributes.values())
        if isinstance(one.data, list):
            for child in one.data:
                inner = child[1] if isinstance(child, tuple) else child
                if isinstance(inner, Value):
                    left.append(inner)
