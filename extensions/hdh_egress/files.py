"""Opening files whose names come from a browser.

A kernel may swap a file for a link or a pipe at any time, so that looking first and opening after proves nothing.
Each part of the path is opened below the one before it, links refused (`O_NOFOLLOW`), and what was opened is looked at
through its descriptor.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from hdh_jupyter.errors import PublicError

CHUNK = 1 << 20
"""Bytes read at a time."""


def clean_name(path: str) -> str:
    """Return a path relative to the home folder in its one normal form.

    Raises
    ------
    PublicError
        `staging.outside_home`: it is absolute, climbs (`..`), is empty, or holds a control character.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise PublicError("staging.outside_home", 400, name=path[:200])
    return str(PurePosixPath(*parts))


def open_regular(home: Path, name: str) -> BinaryIO:
    """Open the regular file `name` below `home` without following any link.

    Raises
    ------
    PublicError
        `staging.not_found`, `staging.linked`, `staging.hard_linked` or `staging.not_a_file`.
    """
    with _folder_of(home, name) as here:
        # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
        descriptor = _open_at(here, PurePosixPath(name).name, os.O_NONBLOCK, name)
    found = os.fstat(descriptor)
    regular = stat.S_ISREG(found.st_mode)
    if not regular or found.st_nlink > 1:
        os.close(descriptor)
        raise PublicError("staging.hard_linked" if regular else "staging.not_a_file", 400, name=name)
    return os.fdopen(descriptor, "rb")


def create_beside(home: Path, name: str, candidates: Iterable[str], content: BinaryIO) -> str:
    """Write a new file in the folder of `name`, under the first candidate that is free, and return its path.

    Raises
    ------
    PublicError
        `staging.no_free_name`; as :func:`open_regular` for the folder.
    OSError
        It cannot be written; nothing is left then.
    """
    with _folder_of(home, name) as here:
        for candidate in candidates:
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                descriptor = os.open(candidate, flags, 0o644, dir_fd=here)
            except FileExistsError:
                continue
            try:
                with os.fdopen(descriptor, "wb") as out:
                    shutil.copyfileobj(content, out, CHUNK)
            except OSError:
                os.unlink(candidate, dir_fd=here)
                raise
            return str(PurePosixPath(name).with_name(candidate))
    raise PublicError("staging.no_free_name", 409, name=name)


@contextmanager
def _folder_of(home: Path, name: str) -> Iterator[int]:
    """Open the folder that `name` is in, below `home`, without following any link."""
    here = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in PurePosixPath(name).parts[:-1]:
            below = _open_at(here, part, os.O_DIRECTORY, name)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _open_at(folder: int, part: str, flags: int, name: str) -> int:
    try:
        return os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)
    except (FileNotFoundError, PermissionError) as error:
        raise PublicError("staging.not_found", 404, name=name) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise PublicError("staging.linked", 400, name=name) from error
        raise PublicError("staging.not_a_file", 400, name=name) from error


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file's bytes in pieces of at most :data:`CHUNK`."""
    while chunk := file.read(CHUNK):
        yield chunk
