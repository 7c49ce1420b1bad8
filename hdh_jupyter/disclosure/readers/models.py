"""Model files, by static reading alone: no format is loaded by the library that wrote it, and nothing in it runs.

What a file is, its content says, not its name: pickles are joblib's and PyTorch's, archives PyTorch's, Keras's or
NumPy's.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from ..documents import Document, FittedModel, Unreadable
from ..model import Place
from ..policy import Policy
from . import models_networks, models_numpy, models_onnx, models_pickle
from .models_contents import Contents, contents
from .models_numpy import DAMAGED, MAX_UNPACKED

CHUNK = 1 << 20
PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin")
COMPRESSED: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
    b"]\x00\x00": partial(lzma.LZMAFile, format=lzma.FORMAT_ALONE),
}
"""How joblib compresses, by the first bytes; zlib has no file of its own."""
ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
MAX_PICKLES = 50


class _Bounded:
    """A file from its begin, of which no more is asked than there is: a claimed length reserves no memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self.size = file.seek(0, 2)
        file.seek(0)
        self.file = file
        self.tell, self.seek, self.readline = file.tell, file.seek, file.readline

    def read(self, size: int = -1) -> bytes:
        """Return as many bytes, or those that are left."""
        left = max(self.size - self.tell(), 0)
        return self.file.read(left if size < 0 else min(size, left))


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a model.

    Raises
    ------
    Unreadable
        It cannot be read without loading it, or not whole.
    """
    found = Contents(Place())
    code = _read(path, found)
    model = found.model(code[0])
    # Only pickles run by being loaded; other formats run what they name as code of their own.
    model = FittedModel(
        **{**vars(model), "executable": code[1], "code": model.code if code[1] else tuple(sorted(code[0]))}
    )
    return Document(kind, found.all_texts(), tuple(found.tables), models=(model,))


def _read(path: Path, found: Contents) -> tuple[Iterable[str], bool]:
    """Note what a file holds; return the names of the code it names, and whether it is a pickle."""
    with path.open("rb") as stream:
        head = stream.read(16)
    suffix = path.suffix.lower()
    if head.startswith(b"PK\x03\x04"):
        return _read_archive(path, found)
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return models_networks.read_hdf5(path, found), False
    if head.startswith(b"\x93NUMPY"):
        models_numpy.read_npy(path, found)
        return (), False
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size:
        models_numpy.read_safetensors(path, found)
        return (), False
    if head[:1] == b"\x08" and suffix not in PICKLES:
        return models_onnx.read(path, found), False
    with tempfile.TemporaryFile() as plain:
        unpack(path, head, plain)
        return _read_pickles(_Bounded(plain), found), True


def _read_archive(path: Path, found: Contents) -> tuple[Iterable[str], bool]:
    with models_networks.open_archive(path) as archive:
        names = archive.namelist()
        try:
            if any(name.endswith("/data.pkl") for name in names):
                return models_networks.read_torch(path, found, archive), True
            if "config.json" in names and "metadata.json" in names:
                return models_networks.read_keras(path, found, archive), False
        except DAMAGED as error:
            raise Unreadable("model_damaged") from error
    if not names or not all(name.endswith(".npy") for name in names):
        raise Unreadable("model_structure")
    models_numpy.read_npz(path, found)
    return (), False


def _read_pickles(stream: Any, found: Contents) -> set[str]:
    """Follow every pickle of a file, one after the other."""
    names: set[str] = set()
    for number in range(MAX_PICKLES):
        start = stream.tell()
        if number and not stream.read(1):
            return names
        stream.seek(start)
        followed = models_pickle.follow(stream)
        if number == 0 and models_networks.is_legacy_torch(followed):
            stream.seek(start)
            return models_networks.read_legacy_torch(stream, found)
        names.update(followed.names)
        _merge(found, contents(followed, found.place))
    raise Unreadable("model_intricate", limit=MAX_PICKLES)


def _merge(found: Contents, more: Contents) -> None:
    for name in ("families", "numbers", "held"):
        getattr(found, name).update(getattr(more, name))
    for name in ("texts", "tables", "long_texts", "elsewhere"):
        getattr(found, name).extend(getattr(more, name))
    for name in ("parameters", "words", "opaque"):
        setattr(found, name, getattr(found, name) + getattr(more, name))
    leaves = [leaf for leaf in (found.smallest_leaf, more.smallest_leaf) if leaf is not None]
    found.smallest_leaf = min(leaves, default=None)
    found.observations = max(found.observations or 0, more.observations or 0) or None


def unpack(path: Path, head: bytes, target: IO[bytes]) -> None:
    """Write the plain bytes of a file that may be compressed.

    Raises
    ------
    Unreadable
        They are too many, or compressed as nothing here can read.
    """
    size = 0
    try:
        for chunk in _plain(path, head):
            size += len(chunk)
            if size > MAX_UNPACKED:
                raise Unreadable("model_unpacked", limit=MAX_UNPACKED >> 20)
            target.write(chunk)
    except DAMAGED as error:
        raise Unreadable("model_damaged") from error


def _plain(path: Path, head: bytes) -> Iterator[bytes]:
    if head.startswith(ZLIB):
        yield from _inflated(path)
        return
    opener = next((known for magic, known in COMPRESSED.items() if head.startswith(magic)), None)
    with opener(path) if opener else path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _inflated(path: Path) -> Iterator[bytes]:
    inflating = zlib.decompressobj()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            while chunk:
                yield inflating.decompress(chunk, CHUNK)
                chunk = inflating.unconsumed_tail
            if inflating.eof:
                break
        if inflating.unused_data or stream.read(1) or not inflating.eof:
            raise Unreadable("model_damaged")
