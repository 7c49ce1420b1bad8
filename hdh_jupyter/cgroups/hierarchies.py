"""Where a process stands in the hierarchies of control groups. Pure.

Formats: proc_pid_mountinfo(5) and cgroups(7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Hierarchies:
    """The folders of a process's own groups.

    Attributes
    ----------
    v1
        By controller (`memory`, `pids`, `cpu`, `cpuacct`...).
    v2
        In the unified hierarchy, None where that is not mounted.
    """

    v1: Mapping[str, Path] = field(default_factory=dict)
    v2: Path | None = None


def own_groups(mountinfo: str, cgroup: str) -> Hierarchies:
    """Return where the process stands whose `/proc/<pid>/mountinfo` and `/proc/<pid>/cgroup` are given."""
    paths: dict[str, str] = {}
    for line in cgroup.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        paths.update(dict.fromkeys(controllers.split(",") if number != "0" else [""], path))
    v1: dict[str, Path] = {}
    v2: Path | None = None
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if not separator or len(fields) < 5 or len(kind) < 3 or kind[0] not in {"cgroup", "cgroup2"}:
            continue
        root, mount = _unescaped(fields[3]), _unescaped(fields[4])
        if kind[0] == "cgroup2":
            v2 = v2 or _folder(mount, root, paths.get(""))
            continue
        for controller in kind[2].split(","):
            folder = _folder(mount, root, paths.get(controller))
            if folder is not None:
                v1.setdefault(controller, folder)
    return Hierarchies(v1, v2)


def _folder(mount: str, root: str, path: str | None) -> Path | None:
    """Return the folder of the group `path`, of which `mount` shows what is below the group `root`."""
    if path is None or not PurePosixPath(path).is_relative_to(root) or ".." in PurePosixPath(path).parts:
        return None
    return Path(mount) / PurePosixPath(path).relative_to(root)


def _unescaped(path: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path
