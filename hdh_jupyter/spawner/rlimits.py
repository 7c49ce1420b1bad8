"""Limits of each process of a sandbox (setrlimit(2)), set before the sandbox is there.

Standard library only: the supervisor runs with that alone.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

NO_CORE = 1
"""Bytes of a core dump. Not 0: a host that pipes dumps to a program would do so in spite of 0, never with 1
(core(5), `do_coredump` in the kernel)."""

VICTIM = 500
"""How much sooner than others the sandbox's processes are ended when the whole machine is out of memory."""

CAP_SYS_RESOURCE = 24

SMALL_FILE = 2**20
"""Bytes that a file may still have when the disk's limit is reached: a notebook can be saved, kernels can start."""


def restrict(limits: Mapping[str, Any], grouped: bool) -> None:
    """Limit the process that calls this, and all that it starts.

    Parameters
    ----------
    grouped
        Whether a control group limits memory and processes; without one, no process may have more memory of its own
        than the workspace may.
    """
    _lower(resource.RLIMIT_CORE, NO_CORE)
    _lower(resource.RLIMIT_NOFILE, limits["open_files"])
    _lower(resource.RLIMIT_FSIZE, limits["file_size"])
    # POSIX's message queues, and pages locked in memory, are outside of what a group without memory counts.
    _lower(resource.RLIMIT_MSGQUEUE, 2**20)
    if not grouped:
        # Not RLIMIT_AS: PyTorch and Julia reserve far more addresses than they use.
        _lower(resource.RLIMIT_DATA, limits["memory"])
    # A write beyond the limit is an error for the program, and not its end.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(VICTIM))


def fork_limit(limits: Mapping[str, Any]) -> list[str]:
    """Return what stands before a command inside to limit its processes, where no control group does.

    Set inside, so that kernels from 5.14 on count the processes of this sandbox alone and not all of the account's.
    """
    return ["/usr/bin/prlimit", f"--nproc={limits['processes']}:{limits['processes']}", "--"]


def limit_files(pids: Iterable[int], size: int, hard: int) -> None:
    """Set how large files may be that these processes write, those already open included.

    Parameters
    ----------
    size, hard
        Bytes; a process may raise the former to the latter.
    """
    denied: dict[tuple[int, int], list[int]] = {}
    for pid in pids:
        try:
            _limit(pid, size, hard)
        except PermissionError:
            with contextlib.suppress(OSError):
                owner = os.stat(f"/proc/{pid}")
                denied.setdefault((owner.st_uid, owner.st_gid), []).append(pid)
        except (OSError, ValueError):
            continue
    for (user, group), processes in denied.items():
        _as_account(user, group, processes, size, hard)


def _limit(pid: int, size: int, hard: int) -> None:
    found = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    # Lowered without the privilege, the upper limit could not be raised again.
    wanted = (size, hard if can_raise() else found[1])
    if found != wanted:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, wanted)


def _as_account(user: int, group: int, pids: Iterable[int], size: int, hard: int) -> None:
    """Limit the processes of another account: root without CAP_SYS_RESOURCE has to be that account for it."""
    if os.geteuid() != 0 or user == 0:
        return
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
            for pid in pids:
                with contextlib.suppress(OSError, ValueError):
                    _limit(pid, size, hard)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


@cache
def can_raise() -> bool:
    """Tell whether this process may raise upper limits (CAP_SYS_RESOURCE, which root in a container may lack)."""
    with open("/proc/self/status", encoding="utf-8") as file:
        capabilities = next(int(line.split()[1], 16) for line in file if line.startswith("CapEff:"))
    return bool(capabilities & 1 << CAP_SYS_RESOURCE)


def _lower(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
