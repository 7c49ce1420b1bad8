"""Opening files whose names come from a browser.

A kernel may swap a file for a link or a pipe at any time, so that looking first and opening after proves nothing.
Each part of the path is opened below the one before it, links refused (`O_NOFOLLOW`), and what was opened is looked at
through its descriptor.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
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
    folders, last = PurePosixPath(name).parts[:-1], PurePosixPath(name).name
    here = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in folders:
            below = _open_at(here, part, os.O_DIRECTORY, name)
            os.close(here)
            here = below
        # O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
        descriptor = _open_at(here, last, os.O_NONBLOCK, name)
    finally:
        os.close(here)
    found = os.fstat(descriptor)
    regular = stat.S_ISREG(found.st_mode)
    if not regular or found.st_nlink > 1:
        os.close(descriptor)
        raise PublicError("staging.hard_linked" if regular else "staging.not_a_file", 400, name=name)
    return os.fdopen(descriptor, "rb")


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
