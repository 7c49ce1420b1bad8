"""Readers: one module per kind of file, each turning a file into a :class:`~..documents.Document`.

They import the floor's `documents`, `masking`, `model` and `policy`, and never a rule. What they cannot read whole they
refuse. A file within a file is read by :func:`nested`, by the reader of its own kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from importlib import import_module
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, cast

from ..documents import Document, Unreadable
from ..masking import masked
from ..model import Place
from ..policy import Policy

READERS: Mapping[str, str] = {
    "csv": "delimited",
    "tsv": "delimited",
    "png": "png",
    "jpeg": "jpeg",
    "svg": "svg",
    "pdf": "pdf",
    "notebook": "notebook",
    "model": "models",
    "archive": "archive",
    "workbook": "workbook",
    "parquet": "columnar",
    "feather": "columnar",
    "rdata": "rdata",
    "stata": "statistical",
    "sas": "statistical",
    "spss": "statistical",
    "json": "structured",
    "html": "page",
    "markdown": "markdown",
    "text": "plain",
    "latex": "plain",
    "code": "code",
}
"""Kind -> module whose `read` reads it, imported when a file of that kind is there."""

PARTS = tuple(part.name for part in fields(Document) if part.name not in ("kind", "holding", "statement"))
"""What a document holds, each with its place."""
MAX_DEPTH = 3
"""Files within files within a file."""
MAX_NESTED = 500
"""Files within one file, however deep."""
NESTED_BYTES = 128 << 20
"""What all files within one file may measure together, unpacked."""


@dataclass
class _Unpacked:
    """What has been unpacked from one file so far."""

    depth: int = 0
    files: int = 0
    bytes: int = 0


_UNPACKED: ContextVar[_Unpacked | None] = ContextVar("unpacked", default=None)


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
    with _unpacking():
        return cast(Document, import_module(f".{READERS[kind]}", __name__).read(path, kind, policy))


def nested(content: bytes | Path, name: str, policy: Policy, place: Place) -> Document:
    """Read a file that another file holds, by the reader of its own kind.

    Parameters
    ----------
    content
        Its bytes, or where it has been unpacked to (and stays as long as the caller holds the folder).
    name
        As the outer file names it; tells its kind.
    place
        Where in the outer file it is; its `member` goes before what the file itself names so.

    Returns
    -------
    Document
        With places of the outer file; holds what its streams need.

    Raises
    ------
    Unreadable
        Its kind is not allowed, it is not what it claims to be, or the outer file unpacks to too many files, too deep
        or too large.
    """
    with _counted(len(content) if isinstance(content, bytes) else content.stat().st_size):
        if isinstance(content, Path):
            return located(read(content, kind_of(name, policy), policy), place)
        folder = TemporaryDirectory()
        path = Path(folder.name) / ("content" + PurePosixPath(name).suffix.lower()[:12])
        path.write_bytes(content)
        document = located(read(path, kind_of(name, policy), policy), place)
    return replace(document, holding=(folder, document.holding))


def located(document: Document, outer: Place) -> Document:
    """Return a document whose places are seen from the file that holds it."""
    content: dict[str, Any] = {
        part: tuple(replace(one, place=within(outer, one.place)) for one in getattr(document, part)) for part in PARTS
    }
    return replace(document, **content)


def within(outer: Place, inner: Place) -> Place:
    """Return a place of an inner file as the outer file tells it: `archive.zip / table.xlsx / Feuil1`."""
    members = [place.member for place in (outer, inner) if place.member is not None]
    known = {**outer.to_stored(), **inner.to_stored()}
    return Place(**{**known, "member": " / ".join(members) if members else None})


def merged(kind: str, documents: Iterable[Document], holding: object = None) -> Document:
    """Return one document that holds what several hold."""
    parts = list(documents)
    content: dict[str, Any] = {
        part: tuple(one for document in parts for one in getattr(document, part)) for part in PARTS
    }
    return Document(kind, **content, holding=(holding, *(document.holding for document in parts)))


def member_name(name: str) -> str:
    """Return what a file within a file is called in a finding."""
    return masked(name)


def room() -> int:
    """Return how many bytes may still be unpacked from the file that is being read."""
    state = _UNPACKED.get()
    return NESTED_BYTES - (state.bytes if state is not None else 0)


@contextmanager
def _unpacking() -> Iterator[_Unpacked]:
    """Share one count of what is unpacked among all that is read within the outermost file."""
    state = _UNPACKED.get()
    if state is not None:
        yield state
        return
    token = _UNPACKED.set(state := _Unpacked())
    try:
        yield state
    finally:
        _UNPACKED.reset(token)


@contextmanager
def _counted(size: int) -> Iterator[None]:
    with _unpacking() as state:
        state.depth += 1
        state.files += 1
        state.bytes += size
        try:
            if state.depth > MAX_DEPTH:
                raise Unreadable("nested_deep", limit=MAX_DEPTH)
            if state.files > MAX_NESTED:
                raise Unreadable("nested_many", limit=MAX_NESTED)
            if state.bytes > NESTED_BYTES:
                raise Unreadable("nested_large", limit=NESTED_BYTES >> 20)
            yield
        finally:
            state.depth -= 1
