"""How much disk a project's home takes, counted in slices of time so that nothing waits for it.

Blocks are counted, not sizes: a sparse file takes what it has. A file with several names is counted once, by shares.
Files that were removed while a process holds them open are found through the process. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

DEEPEST = 400
"""Levels of folders that are followed, each with two open descriptors; a deeper tree counts as too much."""

BLOCK = 512
"""Bytes of what stat(2) calls a block, whatever the file system."""

PAUSE = 15.0
"""Seconds between two scans while nothing suggests that much was written."""

SHARE = 10
"""A scan that takes one second of work is followed by so many seconds without one, unless the disk shrinks fast."""


@dataclass(frozen=True)
class Extent:
    """What a home takes.

    Attributes
    ----------
    size
        Bytes on the disk.
    files
        Files and folders.
    hidden
        Whether there are folders that could not be counted: nested too deeply, or closed to their owner.
    """

    size: int
    files: int
    hidden: bool = False


class HomeScan:
    """Counts what a home takes, again and again.

    Parameters
    ----------
    pids
        Gives the workspace's processes.
    """

    def __init__(self, home: str, pids: Callable[[], Iterable[int]]) -> None:
        self.home = home
        self.pids = pids
        self.found: Extent | None = None
        self._steps: Iterator[None] | None = None
        self._work = 0.0
        self._next = 0.0
        self._free = self._free_now()
        self._free_before = self._free

    def suspect(self, size: int, files: int) -> bool:
        """Tell whether the home may be beyond these, if all that the disk lost since the last count was its doing.

        What others give back meanwhile does not hide it: counted is from the most room that was seen.
        """
        if self.found is None:
            return True
        room, names = self._free_now()
        self._free_before = (max(self._free_before[0], room), max(self._free_before[1], names))
        lost, made = self._free_before[0] - room, self._free_before[1] - names
        return self.found.size + lost > size or self.found.files + made > files

    def work(self, budget: float, urgent: bool) -> bool:
        """Count for at most `budget` seconds; return whether a count was finished.

        Parameters
        ----------
        urgent
            Whether to begin a new count at once.
        """
        began = time.monotonic()
        if self._steps is None:
            if began < self._next and not (urgent and began > self._next - PAUSE + 2 * self._work):
                return False
            self._work, self._free = 0.0, self._free_now()
            self._steps = self._count()
        for _ in self._steps:
            if time.monotonic() - began > budget:
                self._work += time.monotonic() - began
                return False
        self._work += time.monotonic() - began
        self._next = time.monotonic() + max(PAUSE, SHARE * self._work)
        self._free_before, self._steps = self._free, None
        return True

    def _free_now(self) -> tuple[int, int]:
        """Return the bytes and the files that the disk still has room for."""
        found = os.statvfs(self.home)
        return found.f_bfree * found.f_frsize, found.f_ffree

    def _count(self) -> Iterator[None]:
        size = files = 0
        hidden = False
        stack: list[tuple[int, Any]] = []
        try:
            root = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
            device = os.fstat(root).st_dev
            stack.append((root, os.scandir(root)))
            while stack:
                folder, entries = stack[-1]
                entry = next(entries, None)
                if entry is None:
                    stack.pop()
                    os.close(folder)
                    continue
                yield
                try:
                    stat = entry.stat(follow_symlinks=False)
                    is_folder = entry.is_dir(follow_symlinks=False)
                    files += 1
                    size += stat.st_blocks * BLOCK // (1 if is_folder else max(1, stat.st_nlink))
                    if not is_folder:
                        continue
                    if len(stack) >= DEEPEST:
                        hidden = True
                        continue
                    inner = os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                except OSError as error:
                    # Most are gone meanwhile.
                    hidden = hidden or isinstance(error, PermissionError)
                    continue
                stack.append((inner, os.scandir(inner)))
            removed: dict[int, int] = {}
            for pid in self.pids():
                yield from self._removed_files(pid, device, removed)
            self.found = Extent(size + sum(removed.values()), files + len(removed), hidden)
        finally:
            for folder, entries in stack:
                entries.close()
                os.close(folder)

    @staticmethod
    def _removed_files(pid: int, device: int, found: dict[int, int]) -> Iterator[None]:
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                yield
                with contextlib.suppress(OSError):
                    stat = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.st_nlink == 0 and stat.st_dev == device:
                        found[stat.st_ino] = stat.st_blocks * BLOCK
