"""Which kind of group the host offers for workspaces."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from . import systemd
from .allowance import Allowance
from .folders import PREFIX
from .hierarchies import Hierarchies, own_groups
from .v1 import GroupV1
from .v2 import GroupV2

PLATFORM = "hdh-platform"
"""The group of the platform's own processes, beside those of the workspaces (a group has processes or groups in it)."""

NEEDED = frozenset({"memory", "pids"})
"""Controllers without which groups are not worth having."""

LIMITED = ("memory", "pids", "cpu")


class Kind(Enum):
    """How groups are made."""

    V2 = "v2"
    V1 = "v1"
    SYSTEMD = "systemd"
    NONE = "none"


@dataclass(frozen=True)
class Host:
    """What a choice depends on.

    Attributes
    ----------
    writable
        Whether this account may make groups in a folder.
    delegated
        Whether whoever manages the machine has left a folder to this account.
    makes_scopes
        Whether systemd makes scopes for this account.
    """

    hierarchies: Hierarchies
    writable: Callable[[Path], bool]
    delegated: Callable[[Path], bool]
    makes_scopes: Callable[[], bool]


@dataclass(frozen=True)
class Place:
    """Where groups of workspaces are made.

    Attributes
    ----------
    folders
        The folder above them by controller (one for all, under `memory`, in v2).
    limited
        The controllers that there are.
    """

    kind: Kind
    folders: Mapping[str, Path] = field(default_factory=dict)
    limited: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[str, ...]:
        """The controllers that there are not."""
        return tuple(name for name in LIMITED if name not in self.limited)

    def order(self, name: str, allowance: Allowance) -> dict[str, Any]:
        """Return how a supervisor makes the group `name`, as plain values."""
        group = f"{PREFIX}{name}"
        command = systemd.scope_command(systemd.manager(), group, allowance) if self.kind is Kind.SYSTEMD else []
        folders = {controller: str(folder / group) for controller, folder in self.folders.items()}
        return {"kind": self.kind.value, "folders": folders, "command": command}


def choose(host: Host) -> Place:
    """Return where groups of workspaces are made: a subtree of our own, else scopes of systemd, else nowhere."""
    unified = _unified(host)
    if unified is not None:
        return unified
    separate = {
        name: folder
        for name, folder in host.hierarchies.v1.items()
        if name in {*LIMITED, "cpuacct"} and host.writable(folder)
    }
    if separate.keys() >= NEEDED:
        return Place(Kind.V1, separate, frozenset(separate) & frozenset(LIMITED))
    if host.makes_scopes():
        return Place(Kind.SYSTEMD, {}, frozenset(LIMITED))
    return Place(Kind.NONE)


def _unified(host: Host) -> Place | None:
    own = host.hierarchies.v2
    if own is None or own.name != PLATFORM or not host.writable(own.parent):
        return None
    offered = words(own.parent / "cgroup.subtree_control")
    return Place(Kind.V2, {"memory": own.parent}, offered & frozenset(LIMITED)) if offered >= NEEDED else None


def settle(host: Host) -> bool:
    """Make room for workspaces in a delegated group of v2: its processes move into one below it.

    Returns
    -------
    bool
        Whether that was possible.
    """
    own = host.hierarchies.v2
    if own is None or own.name == PLATFORM or not host.writable(own) or not host.delegated(own):
        return False
    offered = words(own / "cgroup.controllers")
    if not offered >= NEEDED:
        return False
    platform = own / PLATFORM
    platform.mkdir(exist_ok=True)
    for pid in (own / "cgroup.procs").read_text().split():
        # One that has just ended, or a thread of the kernel in the first group of all, which may stay there.
        with contextlib.suppress(OSError):
            (platform / "cgroup.procs").write_text(pid)
    try:
        (own / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in LIMITED if name in offered))
    except OSError:
        return False
    return True


def words(path: Path) -> frozenset[str]:
    """Return the words of a file of the kernel, none when it cannot be read."""
    try:
        return frozenset(path.read_text().split())
    except OSError:
        return frozenset()


def this_host() -> Host:
    """Return what this host offers to this process."""
    mountinfo, cgroup = (Path(f"/proc/self/{name}").read_text() for name in ("mountinfo", "cgroup"))
    return Host(own_groups(mountinfo, cgroup), _writable, _delegated, systemd.makes_scopes)


def open_group(order: Mapping[str, Any]) -> GroupV1 | GroupV2 | None:
    """Return the group that an order names; None when the order leaves it to systemd, or has none."""
    folders = {name: Path(folder) for name, folder in order["folders"].items()}
    kind = Kind(order["kind"])
    if kind is Kind.V2:
        return GroupV2(folders["memory"])
    return GroupV1(folders) if kind is Kind.V1 else None


def scope_of(pid: int) -> GroupV2:
    """Return the group that systemd put a process in.

    Raises
    ------
    OSError
        It is not in a scope with a limit on memory.
    """
    mountinfo, cgroup = (Path(f"/proc/{name}").read_text() for name in ("self/mountinfo", f"{pid}/cgroup"))
    folder = own_groups(mountinfo, cgroup).v2
    if folder is None or not folder.name.startswith(PREFIX) or (folder / "memory.max").read_text().strip() == "max":
        raise OSError("systemd made no limited scope")
    return GroupV2(folder)


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _delegated(folder: Path) -> bool:
    """Tell whether systemd left a group to this account, as it notes there; without systemd nobody else has a claim."""
    if not systemd.MANAGED.is_dir():
        return True
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            return os.getxattr(folder, name) == b"1"
    return False
