"""Networks as PyTorch and Keras save them: archives and HDF5, followed or listed, never loaded."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..documents import Unreadable
from . import models_pickle
from .models_arrays import Stored, add
from .models_contents import Contents, contents
from .models_numpy import DAMAGED, MAX_MEMBERS, MAX_UNPACKED
from .models_pickle import Followed, Made, Named

STORAGES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8, "IntStorage": 4,
    "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1, "UntypedStorage": 1,
}  # fmt: skip
"""PyTorch's storages by the bytes of a number."""
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
KERAS_MEMBERS = ("metadata.json", "config.json", "model.weights.h5")
RUNNING_LAYERS = frozenset({"Lambda", "__lambda__", "function", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"})
"""Parts of a Keras configuration that hold or name code."""
MAX_TEXT = 16 << 20


def read_torch(path: Path, found: Contents, archive: zipfile.ZipFile) -> set[str]:
    """Note the tensors of PyTorch's archive, and return what it would import.

    Raises
    ------
    Unreadable
        It lacks its parts, or has others.
    """
    names = {member.filename: member.file_size for member in archive.infolist()}
    root = next(name for name in names if name.endswith("/data.pkl")).removesuffix("data.pkl")
    followed = models_pickle.follow(io.BytesIO(archive.read(root + "data.pkl")))
    _tensors(followed, found)
    imported = set(followed.names)
    if any("/code/" in name or name.endswith("constants.pkl") for name in names):
        imported.add("TorchScript")
    sizes = _storages(found.elsewhere)
    for name, size in names.items():
        part = name.removeprefix(root)
        if part.startswith("data/"):
            if sizes.get(part.removeprefix("data/")) != size:
                found.opaque += size
        elif part not in ("data.pkl", "version", "byteorder", ".format_version", ".storage_alignment") and not (
            part.startswith(".data/") and size < 200
        ):
            found.opaque += size
    return imported


def read_legacy_torch(stream: Any, found: Contents) -> set[str]:
    """Note the tensors of a file of PyTorch before its archives: several pickles, then numbers."""
    header = [models_pickle.follow(stream) for _ in range(3)]
    followed = models_pickle.follow(stream)
    keys = models_pickle.follow(stream).root
    _tensors(followed, found)
    sizes = _storages(found.elsewhere)
    for key in keys if isinstance(keys, list) else []:
        count = int.from_bytes(stream.read(8), "little")
        size = sizes.get(str(key))
        if size is None or count > size or len(stream.read(size)) < size:
            raise Unreadable("model_damaged")
    found.opaque += len(stream.read())
    return {name for part in (*header, followed) for name in part.names}


def is_legacy_torch(followed: Followed) -> bool:
    """Tell whether a first pickle is PyTorch's mark."""
    return bool(followed.root == LEGACY_MAGIC)


def read_keras(path: Path, found: Contents, archive: zipfile.ZipFile) -> set[str]:
    """Note the layers and weights of a `.keras` archive, and return what of it would run."""
    members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    running = _configuration(archive.read("config.json"), found)
    for name, member in members.items():
        if name in ("config.json", "metadata.json") or name.startswith("assets/"):
            if member.file_size > MAX_TEXT:
                raise Unreadable("model_unpacked", limit=MAX_TEXT >> 20)
            text = archive.read(member).decode("utf-8", "replace")
            found.texts.append(text)
            found.words += text.count("\n") if name.startswith("assets/") else 0
        elif name == "model.weights.h5":
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / "weights.h5"
                target.write_bytes(archive.read(member))
                _weights(target, found)
        else:
            found.opaque += member.file_size
    return running


def read_hdf5(path: Path, found: Contents) -> set[str]:
    """Note a network that Keras saved as HDF5.

    Raises
    ------
    Unreadable
        It holds something else, or leads outside.
    """
    attributes = _weights(path, found)
    layered = "layer_names" in attributes or "keras_version" in attributes or "model_config" in attributes
    if not layered and not any(name.startswith(("layers/", "_layer_checkpoint")) for name in found.numbers):
        raise Unreadable("model_structure")
    configuration = attributes.get("model_config")
    return _configuration(configuration.encode(), found) if isinstance(configuration, str) else set()


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open an archive that unpacks to no more than may be looked at.

    Raises
    ------
    Unreadable
        It is none, is encrypted, or unpacks to too much.
    """
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise Unreadable("model_damaged") from error
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(names) != len(members) or any(member.flag_bits & 1 for member in members):
        raise Unreadable("model_damaged")
    if len(members) > MAX_MEMBERS:
        raise Unreadable("model_intricate", limit=MAX_MEMBERS)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("model_unpacked", limit=MAX_UNPACKED >> 20)
    return archive


def _tensors(followed: Followed, found: Contents) -> None:
    """Note what a pickle of PyTorch holds, its tensors as arrays without their numbers."""
    inner = contents(followed, found.place)
    for name in ("families", "numbers", "held", "embeddings", "untitled"):
        getattr(found, name).update(getattr(inner, name))
    found.texts += inner.texts
    found.tables += inner.tables
    found.long_texts += inner.long_texts
    found.elsewhere += inner.elsewhere
    found.opaque += inner.opaque
    found.words += inner.words
    add(found, list(_shapes(followed.root)))


def _shapes(root: Any) -> Iterator[Stored]:
    waiting: list[tuple[Any, str]] = [(root, "")]
    seen: set[int] = set()
    while waiting:
        value, name = waiting.pop()
        if id(value) in seen:
            continue
        if isinstance(value, (dict, list, tuple, Made)):
            seen.add(id(value))
        if isinstance(value, Made) and value.family.startswith("torch._utils._rebuild_tensor"):
            shape = value.arguments[2] if isinstance(value.arguments, tuple) and len(value.arguments) > 2 else None
            if isinstance(shape, tuple) and all(isinstance(size, int) and size >= 0 for size in shape):
                yield Stored(name, shape, None, lambda: np.empty(0))
        elif isinstance(value, Made):
            waiting += [(part, name) for part in (value.arguments, value.state)]
            waiting += [_named(item, name) for item in value.added]
        elif isinstance(value, dict):
            waiting += [_named(item, name) for item in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(item, name) for item in value]


def _named(item: Any, name: str) -> tuple[Any, str]:
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
        return item[1], f"{name}.{item[0]}".strip(".")
    return item, name


def _storages(elsewhere: Iterable[tuple[str, Any]]) -> dict[str, int]:
    """Return the bytes of each storage that tensors refer to, by its key."""
    sizes: dict[str, int] = {}
    for _, key in elsewhere:
        if isinstance(key, tuple) and len(key) >= 5 and key[0] == "storage" and isinstance(key[1], Named):
            width = STORAGES.get(key[1].name.rpartition(".")[2])
            if width is not None and isinstance(key[4], int):
                sizes[str(key[2])] = width * key[4]
    return sizes


def _configuration(text: bytes, found: Contents) -> set[str]:
    """Note the layers of a Keras configuration, and return those that hold or name code."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError) as error:
        raise Unreadable("model_damaged") from error
    running: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            name, module = value.get("class_name"), value.get("module")
            if isinstance(name, str):
                found.families.setdefault(f"keras.{name}")
                if name in RUNNING_LAYERS:
                    running.add(f"keras.{name}")
                elif isinstance(module, str) and module.partition(".")[0] not in ("keras", "builtins", "tf_keras"):
                    running.add(f"{module}.{name}")
            vocabulary = value.get("vocabulary")
            found.words += len(vocabulary) if isinstance(vocabulary, list) else 0
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            found.texts.append(value)
    return running


def _weights(path: Path, found: Contents) -> dict[str, Any]:
    """Note every data set of an HDF5 file, and return the attributes of its root."""
    try:
        import h5py
    except ImportError as error:
        raise Unreadable("model_library", name="h5py") from error
    try:
        with h5py.File(path, "r") as file:
            if file.userblock_size:
                raise Unreadable("model_structure")
            add(found, list(_data_sets(file, found)))
            attributes = {str(name): _attribute(file.attrs[name]) for name in file.attrs}
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise Unreadable("model_damaged") from error
    return attributes


def _data_sets(file: Any, found: Contents) -> Iterator[Stored]:
    waiting: list[Any] = [file]
    seen: set[Any] = set()
    while waiting:
        group = waiting.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if type(link).__name__ != "HardLink":
                # Soft and external links lead elsewhere.
                raise Unreadable("model_structure")
            value = group[name]
            found.texts += [str(part) for key in value.attrs for part in (key, _attribute(value.attrs[key]))]
            if len(seen) > MAX_MEMBERS:
                raise Unreadable("model_intricate", limit=MAX_MEMBERS)
            if type(value).__name__ == "Group":
                if value.id not in seen:
                    seen.add(value.id)
                    waiting.append(value)
                continue
            seen.add(value.name)
            if type(value).__name__ != "Dataset" or value.external or value.is_virtual:
                raise Unreadable("model_structure")
            yield _stored(value, found)


def _stored(value: Any, found: Contents) -> Stored:
    if value.size is None or value.size * max(value.dtype.itemsize, 1) > MAX_UNPACKED:
        raise Unreadable("model_unpacked", limit=MAX_UNPACKED >> 20)
    name = value.name.strip("/")
    if value.dtype.kind == "O":
        found.texts += [_attribute(item) for item in np.asarray(value[()]).reshape(-1).tolist()]
        return Stored(name, tuple(value.shape), None, lambda: np.empty(0))
    if value.dtype.kind not in "fiubSU":
        raise Unreadable("model_structure")
    loaded = np.asarray(value[()])
    return Stored(name, tuple(value.shape), loaded.dtype, lambda: loaded)


def _attribute(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return "\n".join(_attribute(item) for item in value.reshape(-1).tolist())
    return str(value)
