"""Groups that systemd makes, for accounts that may not make their own: one scope per workspace (systemd.scope(5))."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .allowance import Allowance
from .v2 import SLOWED_AT

MANAGED = Path("/run/systemd/system")
"""Exists where systemd manages the machine (sd_booted(3))."""


def manager() -> str:
    """Return which manager would make scopes for this account: `system` for root, else `user`."""
    return "system" if os.geteuid() == 0 else "user"


def environment() -> dict[str, str]:
    """Return what `systemd-run` needs to find the manager of this account."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.geteuid()}")
    return {"PATH": os.environ.get("PATH", os.defpath), "XDG_RUNTIME_DIR": runtime}


def scope_command(kind: str, name: str, allowance: Allowance) -> list[str]:
    """Return what stands before a command so that it runs in a scope of its own.

    Parameters
    ----------
    kind
        The manager, `user` or `system`.
    name
        The scope's, without its suffix.
    """
    properties: Mapping[str, object] = {
        "MemoryMax": allowance.memory,
        "MemoryHigh": round(allowance.memory * SLOWED_AT),
        "MemorySwapMax": 0,
        "TasksMax": allowance.processes,
        "CPUQuota": f"{max(1, round(allowance.cpu * 100))}%",
        # Otherwise systemd ends the whole scope when the kernel has ended one process of it.
        "Delegate": "yes",
    }
    options = [word for key, value in properties.items() for word in ("-p", f"{key}={value}")]
    return ["systemd-run", f"--{kind}", "--scope", "--quiet", "--collect", f"--unit={name}", *options, "--"]


def makes_scopes() -> bool:
    """Tell whether a manager makes scopes for this account, by asking for one."""
    if not MANAGED.is_dir() or shutil.which("systemd-run") is None:
        return False
    trial = scope_command(manager(), f"hdh-trial-{os.getpid()}", Allowance(2**28, 1, 64))
    try:
        subprocess.run([*trial, "true"], env=environment(), capture_output=True, timeout=15, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
