"""What a sandbox uses where no control group tells: the sum over its processes, looked at from time to time.

Standard library only: the supervisor runs with that alone.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from dataclasses import dataclass

from ..cgroups.allowance import Reading

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _Process:
    memory: int
    ticks: int


class Ungrouped:
    """The processes below one process, and an end for the largest of them when they are too large together.

    Parameters
    ----------
    root
        The process that started them all.
    memory
        The limit on their memory together, bytes.
    """

    def __init__(self, root: int, memory: int) -> None:
        self.root = root
        self.memory = memory
        self.kills = 0
        self._spent = 0.0
        self._ticks: dict[int, int] = {}

    def pids(self) -> set[int]:
        """Return the processes below the root: init of a namespace inherits the orphans, so that none is missing."""
        parents: dict[int, list[int]] = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                with contextlib.suppress(OSError, IndexError, ValueError):
                    parents.setdefault(int(_fields(int(name))[1]), []).append(int(name))
        found: set[int] = set()
        waiting = [self.root]
        while waiting:
            pid = waiting.pop()
            found.add(pid)
            waiting += [child for child in parents.get(pid, ()) if child not in found]
        return found

    def read(self) -> Reading:
        """Return what the processes use, after ending the largest one if that is too much."""
        processes = {}
        for pid in self.pids():
            with contextlib.suppress(OSError, IndexError, ValueError):
                processes[pid] = _process(pid)
        ticks = {pid: process.ticks for pid, process in processes.items()}
        self._spent += sum(max(0, spent - self._ticks.get(pid, 0)) for pid, spent in ticks.items()) / TICKS
        self._ticks = ticks
        used = sum(process.memory for process in processes.values())
        if used > self.memory:
            largest = max(processes, key=lambda pid: processes[pid].memory)
            with contextlib.suppress(OSError):
                os.kill(largest, signal.SIGKILL)
            self.kills += 1
        return Reading(used, len(processes), self._spent, self.kills)

    def remove(self) -> None:
        """Do nothing: there is no group."""


def _process(pid: int) -> _Process:
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        resident, shared = (int(word) for word in file.read().split()[1:3])
    fields = _fields(pid)
    return _Process((resident - shared) * resource.getpagesize(), int(fields[11]) + int(fields[12]))


def _fields(pid: int) -> list[str]:
    """Return the fields of `/proc/<pid>/stat` after the name, which may hold anything."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()
