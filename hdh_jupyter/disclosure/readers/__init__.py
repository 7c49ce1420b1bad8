"""Readers: one module per kind of file, each turning a file into a :class:`~..documents.Document`.

They import the floor's `documents`, `masking`, `model` and `policy`, and never a rule. What they cannot read whole they
refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import cast

from ..documents import Document, Unreadable
from ..policy import Policy

READERS: Mapping[str, str] = {
    "csv": "delimited",
    "tsv": "delimited",
    "png": "png",
    "svg": "svg",
    "notebook": "notebook",
}
"""Kind -> module whose `read` reads it, imported when a file of that kind is there."""


def kind_of(name: str, policy: Policy) -> str:
    """Return the kind that a file's name claims, or `unknown`."""
    suffix = PurePosixPath(name).suffix.lower()
    return next((kind for kind, suffixes in policy.kinds.items() if suffix in suffixes and kind in READERS), "unknown")


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a file as what it claims to be.

    Raises
    ------
    Unreadable
        Its kind is not allowed, it is too large, or it is not what it claims to be.
    """
    if kind == "unknown":
        allowed = ", ".join(sorted(s for suffixes in policy.kinds.values() for s in suffixes))
        raise Unreadable("unknown_kind", allowed=allowed)
    size, limit = path.stat().st_size, policy.limits.bytes[kind]
    if size > limit:
        raise Unreadable("too_large", size=-(-size >> 20), limit=limit >> 20)
    if size == 0:
        raise Unreadable("empty")
    return cast(Document, import_module(f".{READERS[kind]}", __name__).read(path, kind, policy))
