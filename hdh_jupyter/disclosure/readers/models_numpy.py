"""NumPy's own files, `.npy` and `.npz`, and safetensors: headers and numbers, nothing that runs."""

from __future__ import annotations

import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tokenize import TokenError
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from ..documents import Unreadable
from .models_arrays import Stored, add
from .models_contents import Contents
from .models_pickle import size_of

MAX_HEADER = 100_000
MAX_UNPACKED = 1 << 29
MAX_MEMBERS = 5_000
DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, ValueError, KeyError, IndexError
)  # fmt: skip
"""What the libraries raise at archives that are damaged, encrypted or of a kind that they do not know."""
SAFETENSORS_HEADER = 10_000_000
SAFETENSORS_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?", "C64": "<c8",
}  # fmt: skip
SAFETENSORS_SIZES = {"BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1}
"""Types that numpy does not have, by their bytes."""


def read_npy(path: Path, found: Contents) -> None:
    """Note the array of an `.npy` file.

    Raises
    ------
    Unreadable
        It holds objects, which are a pickle, or is damaged.
    """
    with path.open("rb") as stream:
        array, start = _header(stream, "array")
    if path.stat().st_size != start + _size(array):
        raise Unreadable("model_damaged")
    add(found, [array_at(path, array, start)])


def read_npz(path: Path, found: Contents) -> None:
    """Note the arrays of an `.npz` archive.

    Raises
    ------
    Unreadable
        A member is no array, holds objects, or the archive unpacks to too much.
    """
    add(found, list(_members(path)))


def read_safetensors(path: Path, found: Contents) -> None:
    """Note the tensors of a safetensors file, whose numbers must lie one after the other up to its end.

    Raises
    ------
    Unreadable
        Its header is not one, or leaves bytes that no tensor claims.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(SAFETENSORS_HEADER, size - 8):
            raise Unreadable("model_damaged")
        header = stream.read(length)
    try:
        described: dict[str, Any] = json.loads(header)
        for name, value in (described.pop("__metadata__", None) or {}).items():
            found.texts += [str(name), str(value)]
        arrays, end = [], 0
        for name, tensor in sorted(described.items(), key=lambda item: item[1]["data_offsets"]):
            begin, stop = tensor["data_offsets"]
            shape = tuple(int(n) for n in tensor["shape"])
            code = tensor["dtype"]
            dtype = np.dtype(SAFETENSORS_TYPES[code]) if code in SAFETENSORS_TYPES else None
            width = dtype.itemsize if dtype is not None else SAFETENSORS_SIZES[code]
            if begin != end or stop - begin != size_of(shape) * width or min(shape, default=0) < 0:
                raise Unreadable("model_damaged")
            end = stop
            arrays.append(array_at(path, Stored(name, shape, dtype, _nothing), 8 + length + begin))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("model_damaged") from error
    if 8 + length + end != size:
        raise Unreadable("model_damaged")
    add(found, arrays)


def array_at(path: Path, array: Stored, start: int, *, fortran: bool = False) -> Stored:
    """Return an array that is read from a place of a file when it is looked at."""

    def load() -> np.ndarray[Any, Any]:
        flat: np.ndarray[Any, Any] = np.fromfile(path, array.dtype, size_of(array.shape), offset=start)
        return flat.reshape(array.shape, order="F" if fortran else "C")

    return Stored(array.name, array.shape, array.dtype, load)


def _members(path: Path) -> Iterator[Stored]:
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise Unreadable("model_intricate", limit=MAX_MEMBERS)
            for member in members:
                unpacked += member.file_size
                if unpacked > MAX_UNPACKED:
                    raise Unreadable("model_unpacked", limit=MAX_UNPACKED >> 20)
                if not member.filename.endswith(".npy"):
                    raise Unreadable("model_member")
                with archive.open(member) as stream:
                    data = stream.read(member.file_size + 1)
                array, start = _header(io.BytesIO(data), member.filename.removesuffix(".npy"))
                if len(data) != start + _size(array):
                    raise Unreadable("model_damaged")
                yield Stored(array.name, array.shape, array.dtype, partial(_from_bytes, data, start, array))
    except DAMAGED as error:
        raise Unreadable("model_damaged") from error


def _from_bytes(data: bytes, start: int, array: Stored) -> np.ndarray[Any, Any]:
    flat: np.ndarray[Any, Any] = np.frombuffer(data, array.dtype, size_of(array.shape), start)
    return flat.reshape(array.shape)


def _header(stream: BinaryIO, name: str) -> tuple[Stored, int]:
    """Return what the header of an array says, and where its numbers begin."""
    try:
        version = npy.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = npy.read_array_header_1_0(stream, max_header_size=MAX_HEADER)
        else:
            shape, _, dtype = npy.read_array_header_2_0(stream, max_header_size=MAX_HEADER)
    except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError, TokenError) as error:
        raise Unreadable("model_damaged") from error
    if dtype.hasobject or dtype.kind == "V":
        raise Unreadable("model_objects")
    return Stored(name, tuple(shape), dtype, _nothing), stream.tell()


def _size(array: Stored) -> int:
    return size_of(array.shape) * (array.dtype.itemsize if array.dtype is not None else 0)


def _nothing() -> np.ndarray[Any, Any]:
    return np.empty(0)
