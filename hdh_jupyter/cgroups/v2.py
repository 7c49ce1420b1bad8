"""A group in the kernel's unified hierarchy."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from .allowance import CPU_PERIOD, Allowance, Reading, flat_keyed
from .folders import kill_all, make_folder, remove_folder

SLOWED_AT = 0.95
"""Share of the memory from which the kernel slows down whoever takes more, which leaves time for a warning."""


class GroupV2:
    """A group that has one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def folders(self) -> tuple[Path, ...]:
        return (self.folder,)

    def create(self, allowance: Allowance) -> None:
        """Make the group with its limits.

        Raises
        ------
        OSError
            The kernel refused the folder or a limit; nothing may run in the group then.
        """
        make_folder(self.folder)
        for name, value in settings(allowance):
            # Machines without accounting of swap, and groups without the processor's controller, have no such file.
            if name not in {"memory.swap.max", "cpu.max"} or (self.folder / name).exists():
                (self.folder / name).write_text(value)

    def join(self) -> None:
        """Put the process that calls this, and all that it starts, in the group."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def read(self) -> Reading:
        """Return what the group uses."""
        held = flat_keyed(self._text("memory.stat"))
        memory = int(self._text("memory.current")) - held.get("inactive_file", 0) - held.get("active_file", 0)
        spent = flat_keyed(self._text("cpu.stat")).get("usage_usec")
        return Reading(
            memory=max(0, memory),
            processes=int(self._text("pids.current")),
            cpu_seconds=None if spent is None else spent / 1e6,
            memory_kills=flat_keyed(self._text("memory.events")).get("oom_kill", 0),
            refused_forks=flat_keyed(self._text("pids.events")).get("max", 0),
        )

    def pids(self) -> set[int]:
        """Return the processes of the group."""
        return {int(pid) for pid in self._text("cgroup.procs").split()}

    def remove(self) -> None:
        """End what still runs in the group, and remove it."""
        remove_folder(self.folder, _kill)

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text()


def settings(allowance: Allowance) -> Iterable[tuple[str, str]]:
    """Return the files of a group and what is written to them, in this order."""
    return (
        ("memory.max", str(allowance.memory)),
        ("memory.high", str(round(allowance.memory * SLOWED_AT))),
        ("memory.swap.max", "0"),
        # At the limit the kernel ends the process that holds most, a kernel as a rule, and not the whole workspace.
        ("memory.oom.group", "0"),
        ("pids.max", str(allowance.processes)),
        ("cpu.max", f"{round(allowance.cpu * CPU_PERIOD)} {CPU_PERIOD}"),
    )


def _kill(folder: Path) -> None:
    try:
        (folder / "cgroup.kill").write_text("1")
    except OSError:
        # Kernels before 5.14 have no such file.
        kill_all(folder)
