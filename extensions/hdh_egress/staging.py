"""Private copies of the files that a member chose, kept until the gateway has pulled them.

A copy is made because the original may change between the check, the draft and the pull; the SHA-256 is computed from
the bytes that are written, so that it speaks of the copy.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from hdh_jupyter.errors import PublicError

from .files import chunks_of, clean_name, open_regular

STAGING_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Limits:
    """What one request may hold: a number of files, bytes of each, bytes of all."""

    files: int
    file_size: int
    total_size: int


@dataclass(frozen=True)
class StagedFile:
    """One staged copy: its place in the request, its path below the home folder, bytes and digest."""

    index: int
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A staged request."""

    staging: str
    files: tuple[StagedFile, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what the routes answer."""
        return {"staging": self.staging, "files": [asdict(f) for f in self.files]}


class StagingArea:
    """The folder of staged requests; every method touches the disk and belongs in a thread.

    Parameters
    ----------
    root
        The private folder.
    home
        The folder that chosen paths are relative to.
    lifetime
        Seconds after which a staged request is removed.
    keep
        The number of staged requests above which the oldest are removed.
    """

    def __init__(self, root: Path, home: Path, limits: Limits, *, lifetime: float, keep: int) -> None:
        self.root = root
        self.home = home
        self.limits = limits
        self.lifetime = lifetime
        self.keep = keep
        self._sweeping = threading.Lock()

    def prepare(self) -> None:
        """Make the folder, or accept the one that exists if it is ours alone.

        Raises
        ------
        RuntimeError
            It is a link, belongs to another account, or lets others in.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = os.lstat(self.root)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise RuntimeError(f"{self.root} is not a private folder of this account")

    def stage(self, paths: Sequence[str]) -> Manifest:
        """Copy the chosen files and return their manifest; all of them, or none.

        Raises
        ------
        PublicError
            A file is missing, is not a plain file, or passes a limit; or the disk is full.
        """
        self.sweep()
        staging = secrets.token_hex(16)
        with self.copies(paths) as (folder, files):
            manifest = Manifest(staging, files)
            (folder / "manifest.json").write_text(json.dumps(manifest.to_dict()), "utf-8")
            # The request appears whole, under a name that was never used.
            folder.rename(self.root / staging)
        return manifest

    @contextmanager
    def copies(self, paths: Sequence[str]) -> Iterator[tuple[Path, tuple[StagedFile, ...]]]:
        """Copy the chosen files into a folder of its own (named by their index), which is removed at the end."""
        names = self._names(paths)
        folder = self.root / f"copying-{secrets.token_hex(16)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder, self._copy_all(names, folder)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise PublicError("staging.disk_full", 507) from error
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def manifest(self, staging: str) -> Manifest:
        """Return the manifest of a staged request.

        Raises
        ------
        PublicError
            `staging.unknown`: never made, or removed since.
        """
        try:
            stored = json.loads((self._folder(staging) / "manifest.json").read_text("utf-8"))
        except FileNotFoundError as error:
            raise PublicError("staging.unknown", 404) from error
        return Manifest(stored["staging"], tuple(StagedFile(**f) for f in stored["files"]))

    def open(self, staging: str, index: int) -> BinaryIO:
        """Open one staged copy for reading.

        Raises
        ------
        PublicError
            `staging.unknown`
        """
        try:
            return (self._folder(staging) / str(index)).open("rb")
        except FileNotFoundError as error:
            raise PublicError("staging.unknown", 404) from error

    def sweep(self) -> None:
        """Remove what is too old or too many, copies that a killed server left half made included."""
        with self._sweeping:
            dated = []
            for entry in os.scandir(self.root):
                if entry.is_dir(follow_symlinks=False):
                    dated.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
            oldest = time.time() - self.lifetime
            for rank, (changed, path) in enumerate(sorted(dated, reverse=True)):
                if changed < oldest or rank >= self.keep:
                    shutil.rmtree(path, ignore_errors=True)

    def _names(self, paths: Sequence[str]) -> list[str]:
        names = list(dict.fromkeys(clean_name(p) for p in paths))
        if not names:
            raise PublicError("staging.no_file", 400)
        if len(names) > self.limits.files:
            raise PublicError("staging.too_many_files", 413, count=len(names), limit=self.limits.files)
        return names

    def _copy_all(self, names: Sequence[str], folder: Path) -> tuple[StagedFile, ...]:
        staged: list[StagedFile] = []
        room = self.limits.total_size
        for index, name in enumerate(names):
            with open_regular(self.home, name) as source:
                # Sizes count, not blocks: a sparse file is refused before its nothing is copied.
                self._fits(os.fstat(source.fileno()).st_size, name, room)
                copied = self._copy(source, folder / str(index), index, name, room)
            staged.append(copied)
            room -= copied.size
        return tuple(staged)

    def _copy(self, source: BinaryIO, target: Path, index: int, name: str, room: int) -> StagedFile:
        digest = hashlib.sha256()
        size = 0
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            for chunk in chunks_of(source):
                size += len(chunk)
                # Counted while copying: a file may grow after its size was asked for.
                self._fits(size, name, room)
                digest.update(chunk)
                out.write(chunk)
        return StagedFile(index, name, size, digest.hexdigest())

    def _fits(self, size: int, name: str, room: int) -> None:
        if size > self.limits.file_size:
            raise PublicError("staging.file_too_large", 413, name=name, limit=_mebibytes(self.limits.file_size))
        if size > room:
            raise PublicError("staging.all_too_large", 413, limit=_mebibytes(self.limits.total_size))

    def _folder(self, staging: str) -> Path:
        if not STAGING_ID.fullmatch(staging):
            raise PublicError("staging.unknown", 404)
        return self.root / staging


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.0f}" if size >= 2**20 else f"{size / 2**20:.2g}"
