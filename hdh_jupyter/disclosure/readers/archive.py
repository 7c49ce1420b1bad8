"""Archives: zip, tar, and single files compressed with gzip; every entry is read by the reader of its own kind.

Unpacked into a temporary folder under numbers, never under the entries' names. Refused whole: encrypted entries, links
and devices, names that leave the folder, names given twice, compression other than deflate, more than the bounds of
:mod:`..readers`.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, cast

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import MAX_NESTED, NESTED_BYTES, member_name, merged, nested, room

ZIP, GZIP = b"PK", b"\x1f\x8b"
TAR_MAGIC = (257, b"ustar")
LONG = 1000
SYSTEM_LIMIT = 20_000
"""Bytes of a file that an operating system adds, above which it can hold data."""
SYSTEM = re.compile(r"^__MACOSX/|(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|\.gitkeep|\._[^/]*)$")
PATH_TRICK = re.compile(r"^[/~]|^[A-Za-z]:|\\|\x00|(?:^|/)\.\.(?:/|$)")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file of an archive, unpacked."""

    name: str
    path: Path


@dataclass(frozen=True)
class Unpacked:
    """What an archive holds.

    Attributes
    ----------
    form
        `zip`, `tar`, `tgz` or `gz`.
    system
        Files that an operating system adds, which do not leave.
    comments
        Texts of the archive that belong to no entry.
    slack
        Bytes of a zip file that belong to no entry.
    """

    form: str
    entries: tuple[Entry, ...]
    system: tuple[Entry, ...]
    comments: tuple[str, ...]
    slack: int
    folder: TemporaryDirectory[str]


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read an archive."""
    unpacked = unpack(path)
    if not unpacked.entries:
        raise Unreadable("empty")
    names = "\n".join(entry.name.replace("_", " ") for entry in (*unpacked.entries, *unpacked.system))
    own = [Text(Place(part="name"), whole(normalised(names)))]
    own += [Text(Place(part="metadata"), whole(normalised(text))) for text in unpacked.comments]
    hidden = [Hidden(Place(part="metadata"), "metadata", len(c), True) for c in unpacked.comments if len(c) > LONG]
    if unpacked.slack > LONG:
        hidden.append(Hidden(Place(part="metadata"), "metadata", unpacked.slack, suspicious=True))
    for entry in unpacked.system:
        place, content = Place(part="metadata", member=member_name(entry.name)), entry.path.read_bytes()
        own.append(Text(place, whole(content[: 1 << 20].decode("latin-1"))))
        hidden.append(Hidden(place, "metadata", len(content), suspicious=len(content) > SYSTEM_LIMIT))
    documents = [
        nested(entry.path, entry.name, policy, Place(member=member_name(entry.name))) for entry in unpacked.entries
    ]
    return merged(kind, [Document(kind, tuple(own), hidden=tuple(hidden)), *documents], holding=unpacked.folder)


def unpack(path: Path) -> Unpacked:
    """Unpack an archive into a temporary folder that lives as long as what is returned.

    Raises
    ------
    Unreadable
        It is no archive, is damaged, or does what this module refuses.
    """
    with path.open("rb") as stream:
        head = stream.read(512)
    with _readable():
        if head.startswith(ZIP):
            return _unzipped(path)
        if head[TAR_MAGIC[0] :].startswith(TAR_MAGIC[1]):
            return _untarred(path, "tar")
        if head.startswith(GZIP):
            with gzip.open(path) as stream:
                inner = stream.read(512)
            return _untarred(path, "tgz") if inner[TAR_MAGIC[0] :].startswith(TAR_MAGIC[1]) else _gunzipped(path)
    raise Unreadable("mismatch")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        IndexError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise Unreadable("unreadable", reason="archive") from error


class _Folder:
    """Writes entries under numbers, within the bounds of what may be unpacked."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        self.entries: list[Entry] = []
        self.system: list[Entry] = []
        self._left = room()
        self._names: set[str] = set()

    def add(self, name: str, stream: IO[bytes]) -> None:
        if PATH_TRICK.search(name) or not name.strip():
            raise Unreadable("archive_path")
        plain = normalised(name).casefold()
        if plain in self._names:
            raise Unreadable("archive_twice")
        self._names.add(plain)
        if len(self._names) > MAX_NESTED:
            raise Unreadable("nested_many", limit=MAX_NESTED)
        system = SYSTEM.search(name) is not None
        suffix = PurePosixPath(name).suffix.lower()[:12]
        path = Path(self.folder.name) / f"{len(self._names)}{suffix if suffix.isascii() else ''}"
        with path.open("wb") as out:
            while chunk := stream.read(CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise Unreadable("nested_large", limit=NESTED_BYTES >> 20)
                out.write(chunk)
        (self.system if system else self.entries).append(Entry(name, path))

    def done(self, form: str, comments: list[str], slack: int = 0) -> Unpacked:
        told = tuple(text for text in comments if text)
        return Unpacked(form, tuple(self.entries), tuple(self.system), told, slack, self.folder)


def _unzipped(path: Path) -> Unpacked:
    folder, comments = _Folder(), []
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        if len(listed) > 4 * MAX_NESTED:
            raise Unreadable("nested_many", limit=MAX_NESTED)
        used = 0
        comments.append(archive.comment.decode("latin-1"))
        for info in listed:
            if info.flag_bits & 0x41:
                raise Unreadable("encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable("unreadable", reason="archive")
            comments.append(info.comment.decode("latin-1"))
            comments.append(info.extra.decode("latin-1") if len(info.extra) > LONG else "")
            # A local header, one of the directory, the name in both, and up to a few dozen bytes of times and owners.
            used += 30 + 46 + 2 * len(info.orig_filename.encode()) + 2 * len(info.extra) + len(info.comment) + 100
            used += info.compress_size
            kind = (info.external_attr >> 16) & 0o170000
            if kind not in (0, 0o100000, 0o040000):
                raise Unreadable("archive_link")
            if info.is_dir():
                if info.file_size:
                    raise Unreadable("unreadable", reason="archive")
                continue
            # The library cuts a name at a zero byte.
            if info.orig_filename != info.filename and "\0" in info.orig_filename:
                raise Unreadable("archive_path")
            with archive.open(info) as stream:
                folder.add(info.filename, stream)
    slack = path.stat().st_size - used - 22 - len(archive.comment)
    return folder.done("zip", comments, max(slack, 0))


def _untarred(path: Path, form: str) -> Unpacked:
    folder, comments, seen = _Folder(), [], 0
    with path.open("rb") as raw, tarfile.open(fileobj=_bounded(raw, form), mode="r|") as archive:
        for member in archive:
            seen += 1
            if seen > 4 * MAX_NESTED:
                raise Unreadable("nested_many", limit=MAX_NESTED)
            comments.append("\n".join(f"{k}={v}" for k, v in member.pax_headers.items() if k not in ("path", "mtime")))
            if member.isdir():
                continue
            if not member.isreg() or member.issparse():
                raise Unreadable("archive_link")
            stream = archive.extractfile(member)
            if stream is None:
                raise Unreadable("unreadable", reason="archive")
            with stream:
                folder.add(member.name, stream)
    return folder.done(form, comments)


def _gunzipped(path: Path) -> Unpacked:
    folder = _Folder()
    name = _original_name(path)
    with gzip.open(path) as stream:
        folder.add(name, cast(IO[bytes], stream))
    return folder.done("gz", [name])


def _original_name(path: Path) -> str:
    """Return the name in the header of a gzip file, where there is one, else one that its content suggests."""
    with path.open("rb") as raw:
        header = raw.read(1024)
    if header[3:4] == b"\x08":
        name = PurePosixPath(header[10:].partition(b"\0")[0].decode("latin-1")).name
        if PurePosixPath(name).suffix:
            return name
    with gzip.open(path) as stream:
        head = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return "content.json" if head.startswith((b"{", b"[")) else "content.csv"


class _Bounded:
    """A stream of which no more than the bounds of what may be unpacked is read, padding between entries included."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = NESTED_BYTES + (4 * MAX_NESTED << 10) + (1 << 20)

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable("nested_large", limit=NESTED_BYTES >> 20)
        return data


def _bounded(raw: IO[bytes], form: str) -> IO[bytes]:
    unpacked = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if form == "tgz" else raw
    return cast(IO[bytes], _Bounded(unpacked))
