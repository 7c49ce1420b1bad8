"""What must be true of the host before the platform starts."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..cgroups.choice import LIMITED, choose, settle, this_host
from ..errors import PublicError
from ..state import StateFolder
from ..syscalls import filter_programs

DISK_NEEDED = 2 * 2**30
"""Bytes that must be free at the start: the demonstration's dataset, homes and room for requests."""


@dataclass(frozen=True)
class Address:
    """Where browsers find the platform."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"


def check_host(state: StateFolder, address: Address) -> None:
    """Refuse to start where the platform could not work.

    Raises
    ------
    PublicError
        bubblewrap or the proxy is missing, the kernel gives no namespaces, the disk is full, or the port is taken.
    """
    for program, code in (("bwrap", "run.no_bubblewrap"), ("configurable-http-proxy", "run.no_proxy")):
        if shutil.which(program, path=search_path()) is None:
            raise PublicError(code)
    try:
        filter_programs()
    except (ImportError, OSError) as error:
        raise PublicError("run.no_seccomp") from error
    probe = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"]
    outcome = subprocess.run(probe, capture_output=True, text=True, timeout=20, check=False)
    if outcome.returncode != 0:
        raise PublicError("run.no_namespaces", reason=outcome.stderr.strip().rpartition("\n")[2] or outcome.returncode)
    free = shutil.disk_usage(state.root).free
    if free < DISK_NEEDED:
        raise PublicError("run.disk_full", path=str(state.root), free=free // 2**20, needed=DISK_NEEDED // 2**20)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", address.port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise PublicError("run.port_forbidden", port=address.port) from error
            raise PublicError("run.port_taken", port=address.port) from error


def prepare_limits(say: Callable[..., None]) -> None:
    """Make room for the control groups of workspaces, and say what the kernel will not limit on this host."""
    settle(this_host())
    missing = choose(this_host()).missing
    if len(missing) == len(LIMITED):
        say("limits.unlimited.all")
        return
    for name in missing:
        say(f"limits.unlimited.{name}")


def search_path() -> str:
    """Return the PATH of the platform's own processes: the programs of its environment first."""
    return f"{Path(sys.prefix) / 'bin'}:{os.environ.get('PATH', os.defpath)}"


def only_one(state: StateFolder) -> int:
    """Take the state folder's lock; the processes started later inherit it, so it tells that any of them lives.

    Raises
    ------
    PublicError
        The platform already runs on this state folder.
    """
    lock = os.open(state.root / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise PublicError("run.already_running", path=str(state.root)) from None
    return lock


def end_leftover_proxy(state: StateFolder) -> None:
    """End the proxy of a platform that was killed: it would keep the public port."""
    try:
        pid = int((state.root / "proxy.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if b"configurable-http-proxy" not in command:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
