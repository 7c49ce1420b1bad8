"""The content-addressed store: every file under its own SHA-256, written once, verified when read for release.

    <root>/objects/ab/abcdef...   mode 0400, in folders of mode 0700
    <root>/incoming/              what is being written

An object appears whole or not at all (a temporary file, `fsync`, `rename`), so that a crash leaves no half-written
file under a valid name.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import PublicError

CHUNK = 2**20
"""How much is read at once, in bytes."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Store:
    """Files by their SHA-256.

    Parameters
    ----------
    root
        Its folder, made when missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in (root, self._objects, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    @property
    def _objects(self) -> Path:
        return self.root / "objects"

    @property
    def _incoming(self) -> Path:
        return self.root / "incoming"

    async def put(self, chunks: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
        """Keep a stream; nothing of it stays when it ends in an error.

        Parameters
        ----------
        limit
            Its greatest size, in bytes; the stream is left at the first byte beyond.

        Returns
        -------
        Its SHA-256 (hexadecimal) and its size in bytes.

        Raises
        ------
        PublicError
            `egress.file_too_large` (413).
        """
        draft = await asyncio.to_thread(_Draft, self._incoming, limit)
        try:
            async for chunk in chunks:
                await asyncio.to_thread(draft.write, chunk)
            return await asyncio.to_thread(draft.keep, self._address)
        finally:
            # Not on a thread: when the task is cancelled there may be nobody left to wait for it.
            draft.discard()

    def put_file(self, path: Path, limit: int | None = None) -> tuple[str, int]:
        """Keep a copy of a regular file; a link at `path` is refused, not followed.

        Raises
        ------
        OSError
            `path` is missing or not a regular file.
        PublicError
            `egress.file_too_large` (413): it is larger than `limit` bytes.
        """
        with open_regular(path) as source:
            return self.put_open(source, limit)

    def put_open(self, source: BinaryIO, limit: int | None = None) -> tuple[str, int]:
        """Keep what an open file holds from where it stands.

        Raises
        ------
        PublicError
            `egress.file_too_large` (413): there is more than `limit` bytes.
        """
        draft = _Draft(self._incoming, limit)
        try:
            while chunk := source.read(CHUNK):
                draft.write(chunk)
            return draft.keep(self._address)
        finally:
            draft.discard()

    def path(self, sha256: str) -> Path:
        """Return where an object is.

        Raises
        ------
        FileNotFoundError
            There is none, or something that is not a regular file is in its place.
        """
        path = self._address(sha256)
        if not stat.S_ISREG(path.lstat().st_mode):
            raise FileNotFoundError(f"{path} is not a regular file")
        return path

    def verify(self, sha256: str) -> Path:
        """Return where an object is, once its bytes were found to be what its name says.

        Raises
        ------
        PublicError
            `egress.store_damaged` (500).
        """
        for _ in self.read(sha256):
            pass
        return self._address(sha256)

    def read(self, sha256: str) -> Iterator[bytes]:
        """Give the bytes of an object, in chunks, and fail at the end when they are not what its name says.

        Whoever copies them must throw the copy away when this raises.

        Raises
        ------
        PublicError
            `egress.store_damaged` (500): missing, replaced or changed.
        """
        digest = hashlib.sha256()
        try:
            with open_regular(self._address(sha256)) as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
                    yield chunk
        except OSError as error:
            raise PublicError("egress.store_damaged", 500) from error
        if digest.hexdigest() != sha256:
            raise PublicError("egress.store_damaged", 500)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a path on the store's own disk for a file in the making, removed at the end."""
        path = self._incoming / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _address(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise FileNotFoundError("not a SHA-256")
        return self._objects / sha256[:2] / sha256


class _Draft:
    """A file in the making, hashed as it is written."""

    def __init__(self, folder: Path, limit: int | None) -> None:
        self._path = folder / secrets.token_hex(16)
        self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")
        self._limit = limit
        self._size = 0
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise PublicError("egress.file_too_large", 413, limit=readable_size(self._limit))
        self._digest.update(chunk)
        self._file.write(chunk)

    def keep(self, address: Callable[[str], Path]) -> tuple[str, int]:
        self._file.flush()
        os.fchmod(self._file.fileno(), 0o400)
        os.fsync(self._file.fileno())
        self._file.close()
        sha256 = self._digest.hexdigest()
        target = address(sha256)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        # Replacing an object by the same bytes harms nobody, and mends one that was damaged.
        os.replace(self._path, target)
        _sync_folder(target.parent)
        _sync_folder(target.parent.parent)
        return sha256, self._size

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


def readable_size(size: int) -> str:
    """Return a size for a person: bytes, or whole mebibytes."""
    return f"{size // 2**20} Mio" if size >= 2**20 else f"{size} B"


def open_regular(path: Path | str, folder: int | None = None) -> BinaryIO:
    """Open a regular file to read, following no link at its last step.

    Parameters
    ----------
    folder
        An open folder that `path` is relative to.

    Raises
    ------
    OSError
        It is missing, a link, a pipe or anything else but a regular file.
    """
    # O_NONBLOCK: opening a named pipe that somebody put there must not wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(f"{path} is not a regular file")
    return os.fdopen(descriptor, "rb")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
