"""What a workspace may use of the machine."""

from __future__ import annotations

import os
import resource
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from jupyterhub.traitlets import ByteSpecification
from traitlets import Bool, Dict, Float, Integer, TraitError, validate
from traitlets.config import Configurable

from ..cgroups.allowance import Allowance

MIB = 2**20

PER_PROJECT = ("memory", "cpu", "processes", "open_files", "file_size", "disk", "files", "tmp", "shared_memory")


@dataclass(frozen=True)
class Limits:
    """The limits of one workspace: bytes, cores, counts."""

    memory: int
    cpu: float
    processes: int
    open_files: int
    file_size: int
    disk: int
    files: int
    tmp: int
    shared_memory: int

    @property
    def allowance(self) -> Allowance:
        """What its group of processes may use."""
        return Allowance(self.memory, self.cpu, self.processes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a supervisor."""
        return asdict(self)


class WorkspaceLimits(Configurable):
    """How much of the machine one workspace may use; 0 stands for a share of the machine."""

    memory = ByteSpecification(
        0,
        config=True,
        help="""Give a workspace this much memory at most (`"8G"`).

        Files in `/tmp` and `/dev/shm` count; swap is never used. By default half of the memory: two workspaces at
        their limits still leave nothing to a third, so give less where more run at once.
        """,
    )
    cpu = Float(
        0,
        min=0,
        config=True,
        help="""Give a workspace this many cores at most.

        By default three quarters of the machine, one core at least: what is left is for the portal.
        """,
    )
    processes = Integer(
        0,
        min=0,
        config=True,
        help="""Let a workspace have this many processes and threads at most.

        By default 1024 and 128 more per core, since numerical libraries start a thread per core in each process.
        """,
    )
    open_files = Integer(
        8192, min=256, config=True, help="Let each process of a workspace hold this many files open at most."
    )
    file_size = ByteSpecification(
        0, config=True, help="Let a file grow to this size at most; by default to the limit on the disk."
    )
    disk = ByteSpecification(
        0,
        config=True,
        help="""Let a project's home take this much disk (`"200G"`).

        By default a tenth of the file system that holds the homes. It is watched, not reserved: near the limit people
        are warned; at the limit files larger than 1 MiB are no longer written; a home that still grows by 10 % ends the
        workspace.
        """,
    )
    files = Integer(
        1_000_000, min=1000, config=True, help="Let a project's home hold this many files and folders; see `disk`."
    )
    tmp = ByteSpecification(
        0,
        config=True,
        help="Let `/tmp`, which is in memory, hold this much; by default a quarter of the workspace's memory.",
    )
    shared_memory = ByteSpecification(
        0,
        config=True,
        help="Let `/dev/shm`, which is in memory, hold this much; by default half of the workspace's memory.",
    )
    projects = Dict(
        config=True,
        help="""Give some projects other limits: `{"project": {"memory": "16G", "cpu": 6}}`.

        The names are those of the other settings of this class.
        """,
    )
    required = Bool(
        False,
        config=True,
        help="""Refuse to open workspaces where the kernel cannot limit memory, processes and processor time.

        Without it, such a host only limits each process, and a supervisor watches their sum.
        """,
    )

    @validate("projects")
    def _known_settings(self, proposal: Any) -> Any:
        for project, chosen in proposal["value"].items():
            unknown = set(chosen) - set(PER_PROJECT) if isinstance(chosen, dict) else {"?"}
            if unknown:
                raise TraitError(f"WorkspaceLimits.projects[{project!r}] holds no setting {sorted(unknown)}")
        return proposal["value"]

    def of(self, project: str, homes: Path) -> Limits:
        """Return the limits of a project's workspace.

        Parameters
        ----------
        homes
            The folder of homes, whose file system counts for the share of the disk.

        Raises
        ------
        TraitError
            A setting of this project is not of its kind.
        """
        chosen = {**{name: getattr(self, name) for name in PER_PROJECT}, **self.projects.get(project, {})}
        # The settings of a project are read as those of the class are.
        read = WorkspaceLimits(**chosen)
        stated = Limits(**{name: getattr(read, name) for name in PER_PROJECT})
        cores, total = machine_cores(), machine_memory()
        filesystem = os.statvfs(homes)
        memory = stated.memory or total // 2
        disk = stated.disk or filesystem.f_blocks * filesystem.f_frsize // 10
        return replace(
            stated,
            memory=memory,
            cpu=stated.cpu or max(1.0, cores * 0.75),
            processes=stated.processes or 1024 + 128 * cores,
            disk=disk,
            file_size=stated.file_size or disk,
            tmp=stated.tmp or max(64 * MIB, memory // 4),
            shared_memory=stated.shared_memory or max(64 * MIB, memory // 2),
            open_files=min(stated.open_files, _hard_limit(resource.RLIMIT_NOFILE)),
        )


def machine_cores() -> int:
    """Return the cores that this process may use."""
    return len(os.sched_getaffinity(0))


def machine_memory() -> int:
    """Return the machine's memory, bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _hard_limit(kind: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return hard if hard != resource.RLIM_INFINITY else 2**20
