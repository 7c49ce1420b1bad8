"""A group in the kernel's first interface: one folder per controller."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from .allowance import CPU_PERIOD, Allowance, Reading, flat_keyed
from .folders import kill_all, make_folder, remove_folder


class GroupV1:
    """A group that has a folder under each controller of `folders`."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.by_controller = dict(folders)

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder of the group, each once: controllers may share one."""
        return tuple(dict.fromkeys(self.by_controller.values()))

    def create(self, allowance: Allowance) -> None:
        """Make the group with its limits.

        Raises
        ------
        OSError
            The kernel refused a folder or a limit; nothing may run in the group then.
        """
        for folder in self.folders:
            make_folder(folder)
        for controller, name, value in settings(allowance):
            place = self.by_controller.get(controller)
            # Machines without accounting of swap have no file for it.
            if place is not None and (name != "memory.memsw.limit_in_bytes" or (place / name).exists()):
                (place / name).write_text(str(value))

    def join(self) -> None:
        """Put the process that calls this, and all that it starts, in the group."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def read(self) -> Reading:
        """Return what the group uses."""
        memory, pids, time = (self.by_controller.get(name) for name in ("memory", "pids", "cpuacct"))
        return Reading(
            memory=None if memory is None else _held(memory),
            processes=None if pids is None else int((pids / "pids.current").read_text()),
            cpu_seconds=None if time is None else int((time / "cpuacct.usage").read_text()) / 1e9,
            memory_kills=0 if memory is None else _kills(memory),
            refused_forks=0 if pids is None else _refused(pids),
        )

    def pids(self) -> set[int]:
        """Return the processes of the group."""
        # One that leaves or enters while the folders are read is in one of them at least.
        return {int(pid) for folder in self.folders for pid in (folder / "cgroup.procs").read_text().split()}

    def remove(self) -> None:
        """End what still runs in the group, and remove it."""
        for folder in self.folders:
            remove_folder(folder, kill_all)


def settings(allowance: Allowance) -> Iterable[tuple[str, str, int]]:
    """Return the controllers' files and what is written to them, in this order."""
    return (
        ("memory", "memory.limit_in_bytes", allowance.memory),
        ("memory", "memory.memsw.limit_in_bytes", allowance.memory),
        ("memory", "memory.swappiness", 0),
        ("pids", "pids.max", allowance.processes),
        ("cpu", "cpu.cfs_period_us", CPU_PERIOD),
        ("cpu", "cpu.cfs_quota_us", round(allowance.cpu * CPU_PERIOD)),
    )


def _held(folder: Path) -> int:
    used = int((folder / "memory.usage_in_bytes").read_text())
    found = flat_keyed((folder / "memory.stat").read_text())
    return max(0, used - found.get("total_inactive_file", 0) - found.get("total_active_file", 0))


def _kills(folder: Path) -> int:
    return flat_keyed((folder / "memory.oom_control").read_text()).get("oom_kill", 0)


def _refused(folder: Path) -> int:
    events = folder / "pids.events"
    return flat_keyed(events.read_text()).get("max", 0) if events.exists() else 0
