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
from dataclasses import dataclass, replace
from pathlib import Path

from ..bubblewrap import SOURCES, open_files, sealed, source_packages
from ..cgroups.choice import LIMITED, choose, settle, this_host
from ..errors import PublicError
from ..interpreter import interpreter_inside
from ..spawner import uids
from ..spawner.supervision import under_account
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
        What the checks below raise.
    """
    check_programs()
    check_filter()
    check_sandboxes()
    check_disk(state)
    check_port(address)


def check_programs() -> None:
    """Look for the programs of other projects.

    Raises
    ------
    PublicError
        `run.no_bubblewrap` or `run.no_proxy`.
    """
    for program, code in (("bwrap", "run.no_bubblewrap"), ("configurable-http-proxy", "run.no_proxy")):
        if shutil.which(program, path=search_path()) is None:
            raise PublicError(code)


def check_filter() -> None:
    """Make the filter of system calls.

    Raises
    ------
    PublicError
        `run.no_seccomp`.
    """
    try:
        filter_programs()
    except (ImportError, OSError) as error:
        raise PublicError("run.no_seccomp") from error


def check_sandboxes() -> None:
    """Run Python in a sandbox, under this account and under one of a project's where that is possible.

    Raises
    ------
    PublicError
        `run.no_namespaces`, `run.no_seccomp_in_kernel`, or `run.unreadable`.
    """
    try_sandbox(None)
    if uids.obstacle() is None:
        try_sandbox(uids.FIRST)


def check_disk(state: StateFolder) -> None:
    """Look for room on the disk.

    Raises
    ------
    PublicError
        `run.disk_full`.
    """
    free = shutil.disk_usage(state.root).free
    if free < DISK_NEEDED:
        raise PublicError("run.disk_full", path=str(state.root), free=free // 2**20, needed=DISK_NEEDED // 2**20)


def check_port(address: Address) -> None:
    """Take the port, and leave it.

    Raises
    ------
    PublicError
        `run.port_forbidden` or `run.port_taken`.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", address.port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise PublicError("run.port_forbidden", port=address.port) from error
            raise PublicError("run.port_taken", port=address.port) from error


def try_sandbox(account: int | None) -> None:
    """Run the platform's own Python in a sandbox, as workspaces do.

    Parameters
    ----------
    account
        Whom the sandbox runs under, by default this process's own account.

    Raises
    ------
    PublicError
        `run.no_namespaces`, `run.no_seccomp_in_kernel`, or `run.unreadable`.
    """
    sandbox = sealed("trial").seeing(*source_packages())
    sandbox = replace(sandbox, environment={**sandbox.environment, "PYTHONPATH": str(SOURCES)})
    files = open_files(sandbox.files)
    entrance: list[str] = []
    if account is not None:
        entrance, sandbox = under_account(sandbox, account, files)
    command = sandbox.command((str(interpreter_inside().executable), "-s", "-P", "-c", "import hdh_lockdown"), files)
    try:
        outcome = subprocess.run(
            [*entrance, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            pass_fds=tuple(files.values()),
        )
    finally:
        for descriptor in files.values():
            os.close(descriptor)
    if outcome.returncode == 0:
        return
    reason = outcome.stderr.strip().rpartition("\n")[2] or str(outcome.returncode)
    if "SECCOMP" in reason:
        raise PublicError("run.no_seccomp_in_kernel", reason=reason)
    if reason.startswith("bwrap:") and "execvp" not in reason:
        raise PublicError("run.no_namespaces", reason=reason)
    raise PublicError("run.unreadable", reason=reason, python=sys.prefix, package=str(Path(__file__).parents[2]))


def prepare_limits(say: Callable[..., None]) -> None:
    """Make room for the control groups of workspaces, and say what the kernel will not limit on this host."""
    settle(this_host())
    missing = choose(this_host()).missing
    if len(missing) == len(LIMITED):
        say("limits.unlimited.all")
        return
    for name in missing:
        say(f"limits.unlimited.{name}")


def tell_accounts(say: Callable[..., None]) -> None:
    """Say that all workspaces share one account, where this host cannot give each its own."""
    reason = uids.obstacle()
    if reason is not None:
        say(reason)


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
