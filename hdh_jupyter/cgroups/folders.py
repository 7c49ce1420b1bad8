"""Folders of groups: made, emptied and removed, the same in both versions."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

PREFIX = "hdh-ws-"
"""How the folder of every workspace's group is called, so that nothing else is ever emptied."""

PATIENCE = 5.0
"""Seconds that processes which were killed have to be gone."""


def make_folder(folder: Path) -> None:
    """Make the folder of a group; one that an earlier group left is removed first."""
    if folder.is_dir():
        remove_folder(folder, kill_all)
    folder.mkdir()


def remove_folder(folder: Path, kill: Callable[[Path], None]) -> None:
    """End what runs in the group of a folder and remove it; the files in it are the kernel's and go with it.

    Raises
    ------
    ValueError
        It is no folder of a workspace.
    OSError
        The kernel kept it.
    """
    if not folder.name.startswith(PREFIX):
        raise ValueError(f"{folder} is no workspace's group")
    deadline = time.monotonic() + PATIENCE
    while folder.is_dir():
        try:
            folder.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            kill(folder)
            time.sleep(0.02)


def kill_all(folder: Path) -> None:
    """Kill every process in the group of a folder."""
    with contextlib.suppress(FileNotFoundError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
