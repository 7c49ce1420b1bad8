"""Opening files below a folder that somebody else writes, without being led out of it.

Whoever writes a folder can put a symbolic link, a FIFO or another folder in the place of anything there, at any moment.
Looking first and opening afterwards loses that race: the kernel has to refuse while it opens (openat2(2), Linux 5.6).
Standard library only: supervisors and what enters sandboxes run with that alone.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

OPENAT2 = 437
"""The number of the call, the same on every processor."""

RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 0x01, 0x02, 0x04, 0x08

LIBC = ctypes.CDLL(None, use_errno=True)


class UnsafePath(OSError):
    """A link, a way out, or something else than was expected stands at a path."""


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """Open `path` below the open folder `folder`, following no link and leaving the folder by no way.

    Parameters
    ----------
    path
        Relative, without `..`.
    flags, mode
        As of open(2); the descriptor is closed in programs that are started.

    Raises
    ------
    UnsafePath
        A part of the path is a symbolic link, or leads out.
    OSError
        As of open(2).
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise UnsafePath(errno.EXDEV, os.strerror(errno.EXDEV), path)
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    if not flags & os.O_PATH:
        # A FIFO would keep who opens it until somebody writes.
        flags |= os.O_NONBLOCK
    try:
        return _openat2(folder, path, flags, mode)
    except OSError as error:
        # A kernel before 5.6 does not have it, and a container's filter may refuse to know it.
        if error.errno in (errno.ENOSYS, errno.EPERM):
            return _walk(folder, parts, flags, mode)
        raise


@contextmanager
def open_folder(base: Path, path: str) -> Iterator[int]:
    """Open the folder `path` below `base` for the block; `base` is trusted and may be reached by links.

    Raises
    ------
    UnsafePath
        A part of the path is a symbolic link, or the last is no folder.
    OSError
        As of open(2).
    """
    top = os.open(base, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            found = open_beneath(top, path, os.O_RDONLY | os.O_DIRECTORY)
        except NotADirectoryError as error:
            raise UnsafePath(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from error
    finally:
        os.close(top)
    try:
        yield found
    finally:
        os.close(found)


def descend(folder: int) -> Iterator[tuple[int, list[str], list[str]]]:
    """Go through a tree whose files others may change meanwhile, the deepest folders first.

    Returns
    -------
    iterator
        For each folder: its descriptor, the names of folders in it, and those of anything else.
    """
    for _, folders, others, descriptor in os.fwalk(".", topdown=False, follow_symlinks=False, dir_fd=folder):
        yield descriptor, folders, others


def is_plain(found: os.stat_result) -> bool:
    """Tell whether this is a regular file under one name alone."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _openat2(folder: int, path: str, flags: int, mode: int) -> int:
    how = _How(flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
    outcome: int = LIBC.syscall(OPENAT2, folder, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
    if outcome >= 0:
        return outcome
    number = ctypes.get_errno()
    kind = UnsafePath if number in (errno.ELOOP, errno.EXDEV) else OSError
    raise kind(number, os.strerror(number), path)


def _walk(folder: int, parts: tuple[str, ...], flags: int, mode: int) -> int:
    *above, last = parts
    at = os.dup(folder)
    try:
        for part in above:
            inner = _step(at, part, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW, 0)
            os.close(at)
            at = inner
        return _step(at, last, flags, mode)
    finally:
        os.close(at)


def _step(folder: int, name: str, flags: int, mode: int) -> int:
    try:
        return os.open(name, flags, mode, dir_fd=folder)
    except OSError as error:
        # Where a folder is asked for, the kernel says of a link only that it is none.
        link = error.errno == errno.ENOTDIR and stat.S_ISLNK(os.lstat(name, dir_fd=folder).st_mode)
        if link or error.errno == errno.ELOOP:
            raise UnsafePath(errno.ELOOP, os.strerror(errno.ELOOP), name) from error
        raise
