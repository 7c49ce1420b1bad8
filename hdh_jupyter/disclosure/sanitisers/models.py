"""Models written anew from what was read: archives from their members, headers without remarks, plain compression.

The opcodes of a pickle stay as they are: the reader has followed all of them up to the end of the file, so that nothing
is left beside them.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

from ..policy import Policy
from ..readers import models, models_networks

EPOCH = (1980, 1, 1, 0, 0, 0)
KEPT_METADATA = ("format",)
"""What libraries need of a safetensors file's metadata: which of them wrote it."""
COMPRESSORS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    # Neither a name nor a time in the header.
    b"\x1f\x8b": lambda raw: gzip.GzipFile("", "wb", fileobj=raw, mtime=0),
    b"BZh": partial(bz2.BZ2File, mode="wb"),
    b"\xfd7zXZ": partial(lzma.LZMAFile, mode="wb"),
    b"]\x00\x00": partial(lzma.LZMAFile, mode="wb", format=lzma.FORMAT_ALONE),
}


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean model.

    Raises
    ------
    Unreadable
        It is damaged.
    """
    with path.open("rb") as stream:
        head = stream.read(16)
    if head.startswith(b"PK\x03\x04"):
        _archive(path, out)
    elif head.startswith(b"\x89HDF\r\n\x1a\n"):
        _hdf5(path, out)
    elif head[8:9] == b"{" and int.from_bytes(head[:8], "little") < path.stat().st_size:
        _safetensors(path, out)
    elif compressor := next((known for magic, known in COMPRESSORS.items() if head.startswith(magic)), None):
        with out.open("wb") as raw, compressor(raw) as target:
            models.unpack(path, head, target)
    else:
        shutil.copyfile(path, out)
    return 0


def _archive(path: Path, out: Path) -> None:
    with models_networks.open_archive(path) as archive, zipfile.ZipFile(out, "w") as target:
        for member in archive.infolist():
            if member.is_dir():
                continue
            bare = zipfile.ZipInfo(member.filename, EPOCH)
            bare.compress_type = member.compress_type
            target.writestr(bare, archive.read(member))


def _safetensors(path: Path, out: Path) -> None:
    with path.open("rb") as stream, out.open("wb") as target:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
        metadata = header.pop("__metadata__", None) or {}
        kept = {name: metadata[name] for name in KEPT_METADATA if name in metadata}
        tensors = {
            name: {part: tensor[part] for part in ("dtype", "shape", "data_offsets")} for name, tensor in header.items()
        }
        written = json.dumps({**({"__metadata__": kept} if kept else {}), **tensors}, ensure_ascii=False).encode()
        # Readers map the numbers from a multiple of eight bytes on.
        written += b" " * (-len(written) % 8)
        target.write(len(written).to_bytes(8, "little") + written)
        shutil.copyfileobj(stream, target)


def _hdf5(path: Path, out: Path) -> None:
    """Copy what the file shows, and nothing of the space between."""
    import h5py

    with h5py.File(path, "r") as source, h5py.File(out, "w") as target:
        for name in source.attrs:
            target.attrs[name] = source.attrs[name]
        for name in source:
            source.copy(name, target)
