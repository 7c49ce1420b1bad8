"""An account of the host for each project, so that the kernel keeps projects apart even where a view fails.

When root runs the platform, a project's sandbox runs under a number that is the project's for ever and nobody else's:
two projects cannot open each other's files, nor the platform's, whatever one of them sees. Accounts have no name and
no password; nobody can be them but by the supervisor.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import subprocess
import sys
from functools import cache
from pathlib import Path

from ..errors import PublicError

FIRST = 2_100_000_000
"""The first number of the range: above what distributions, directories and containers give, below what some programs
read as negative."""

COUNT = 40_000_000

CLONE_NEWNS = 0x20000


@cache
def obstacle(first: int = FIRST, count: int = COUNT) -> str | None:
    """Return the key of a sentence that says why projects cannot have accounts of their own here, or None."""
    if os.geteuid() != 0:
        return "spawner.one_account.not_root"
    if not _mapped(first) or not _mapped(first + count - 1):
        return "spawner.one_account.range"
    # A mount namespace of its own is how root lays out what the other account may see.
    attempt = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({CLONE_NEWNS}) != 0)"
    outcome = subprocess.run([sys.executable, "-I", "-S", "-c", attempt], check=False)
    return None if outcome.returncode == 0 else "spawner.one_account.no_mounts"


class ProjectUids:
    """The table of projects and their numbers.

    Parameters
    ----------
    path
        Its file; a number that was given is never given again, and the file is no copy of anything.
    first, count
        The range.
    """

    def __init__(self, path: Path, first: int = FIRST, count: int = COUNT) -> None:
        self.path = path
        self.first = first
        self.count = count

    def uid(self, project: str) -> int:
        """Return the number of a project, given at the first call.

        Raises
        ------
        PublicError
            `spawner.uids_damaged` or `spawner.uids_used_up`.
        """
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self._read()
            if project not in table:
                table[project] = self._next(table)
                self._write(table)
            return table[project]
        finally:
            os.close(lock)

    def _next(self, table: dict[str, int]) -> int:
        number = max((self.first - 1, *table.values())) + 1
        while number < self.first + self.count:
            try:
                pwd.getpwuid(number)
            except KeyError:
                return number
            number += 1
        raise PublicError("spawner.uids_used_up", 500, first=self.first, count=self.count)

    def _read(self) -> dict[str, int]:
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        try:
            table = json.loads(text)
            numbers = list(table.values())
            if not all(type(number) is int and number > 0 for number in numbers) or len(set(numbers)) != len(numbers):
                raise ValueError
        except (ValueError, AttributeError) as error:
            # Two projects with one number could open each other's files.
            raise PublicError("spawner.uids_damaged", 500, path=str(self.path)) from error
        return dict(table)

    def _write(self, table: dict[str, int]) -> None:
        draft = self.path.with_suffix(".draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(table, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.path)


def _mapped(number: int) -> bool:
    """Tell whether an account's number exists here: in a container, only a part of them may."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        start, _, length = map(int, line.split())
        if start <= number < start + length:
            return True
    return False
