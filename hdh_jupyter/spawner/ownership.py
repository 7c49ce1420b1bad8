"""Giving folders to the account of a project, safely: what lies in a home was put there by its members."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import PublicError
from ..safe_files import UnsafePath, descend, open_beneath, open_folder


def make_home(homes: Path, project: str) -> None:
    """Make a project's home, or open the one that is there to its owner: a member may have closed it to everybody.

    Raises
    ------
    PublicError
        `spawner.unsafe_folder`: a link or something else stands in its place.
    """
    if not os.path.lexists(homes / project):
        (homes / project).mkdir(mode=0o700)
    top = os.open(homes, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        home = open_beneath(top, project, os.O_PATH | os.O_DIRECTORY)
        try:
            # An owner without rights can open a folder for nothing else, and change its mode by that alone.
            os.chmod(f"/proc/self/fd/{home}", 0o700)
        finally:
            os.close(home)
    except (UnsafePath, NotADirectoryError) as error:
        raise PublicError("spawner.unsafe_folder", 500, name=project) from error
    finally:
        os.close(top)


def give_home(homes: Path, project: str, account: int) -> None:
    """Give a project's home and all that is in it to `account`; nothing is done for a home that is its already.

    The home itself changes hands last, so that a change that was cut short is done again.

    Raises
    ------
    PublicError
        `spawner.unsafe_folder`: the home is a link.
    """
    with _folder(homes, project) as home:
        if os.fstat(home).st_uid == account:
            return
        for folder, folders, others in descend(home):
            for name in (*folders, *others):
                _give(folder, name, account)
        os.fchown(home, account, account)


def open_to_readers(base: Path, name: str) -> list[str]:
    """Let every account read a folder of data, to which only the platform's own folders lead.

    Returns
    -------
    list
        The names of what cannot be opened to them (a file system that is read-only), ten at most.

    Raises
    ------
    PublicError
        `spawner.unsafe_folder`: the folder is a link.
    """
    closed: list[str] = []
    with _folder(base, name) as top:
        for folder, _, others in descend(top):
            for file in others:
                found = os.stat(file, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and not found.st_mode & stat.S_IROTH:
                    _let(closed, file, folder, found.st_mode | 0o444)
            mode = os.fstat(folder).st_mode
            if mode & 0o005 != 0o005:
                _let(closed, ".", folder, mode | 0o555)
    return closed[:10]


@contextmanager
def _folder(base: Path, name: str) -> Iterator[int]:
    try:
        with open_folder(base, name) as found:
            yield found
    except UnsafePath as error:
        raise PublicError("spawner.unsafe_folder", 500, name=name) from error


def _give(folder: int, name: str, account: int) -> None:
    try:
        os.chown(name, account, account, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return


def _let(closed: list[str], name: str, folder: int, mode: int) -> None:
    try:
        os.chmod(name, stat.S_IMODE(mode), dir_fd=folder)
    except OSError:
        closed.append(name)
