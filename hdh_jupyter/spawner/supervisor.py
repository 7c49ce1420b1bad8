"""Owns one sandbox from its start to its end.

A program of its own (`python -I -S`, the standard library alone) that reads on standard input, as JSON, what to run: it
is detached from the hub, holds none of its secrets, and nothing of the sandbox survives it, however it ends
(bubblewrap's `--die-with-parent` with a process namespace). The sandbox is in its control group and has its limits
before anything of it runs; the supervisor itself stays outside of both.

It keeps the sandbox's output in a log of limited size, and hands what the probe inside reports to the hub zone as a
file that the sandbox cannot see. SIGTERM asks the program inside to end and kills it after a while.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from ..cgroups import systemd
from ..cgroups.allowance import Allowance
from ..cgroups.choice import Kind, open_group, scope_of
from ..cgroups.v1 import GroupV1
from ..cgroups.v2 import GroupV2
from .heartbeat import Heartbeat
from .home_scan import HomeScan
from .rlimits import fork_limit, restrict
from .ungrouped import Ungrouped
from .usage import Watch

REPORT_LIMIT = 1 << 20

SCOPE_TIMEOUT = 15.0
"""Seconds that systemd has to make a scope."""


class Log:
    """A file and its predecessor, each of at most `limit` bytes."""

    def __init__(self, path: str, limit: int) -> None:
        self.path = path
        self.limit = limit
        self._open()

    def write(self, data: bytes) -> None:
        self.file.write(data)
        if self.file.tell() > self.limit:
            self.file.close()
            os.replace(self.path, f"{self.path}.1")
            self._open()

    def _open(self) -> None:
        self.file = open(self.path, "wb", buffering=0, opener=lambda p, flags: os.open(p, flags, 0o600))  # noqa: SIM115


class Canaries:
    """What the probe must not be able to reach although it is there: sockets of the host's network namespace."""

    def __init__(self) -> None:
        self.abstract = socket.socket(socket.AF_UNIX)
        self.name = f"hdh-canary-{secrets.token_hex(8)}"
        self.abstract.bind(f"\0{self.name}")
        self.abstract.listen(1)
        self.loopback = socket.socket()
        self.loopback.bind(("127.0.0.1", 0))
        self.loopback.listen(1)

    def facts(self) -> dict[str, Any]:
        """Return what the probe is told."""
        return {"abstract_socket": self.name, "loopback_port": self.loopback.getsockname()[1]}

    def close(self) -> None:
        self.abstract.close()
        self.loopback.close()


def main() -> int:
    order = json.load(sys.stdin)
    detach()
    wakeup, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(time.monotonic()))

    canaries = Canaries()
    report_end, probe_end = os.pipe()
    output_end, sandbox_end = os.pipe()
    status_end, bwrap_end = os.pipe()
    facts = {**order["facts"], **canaries.facts()}
    question = os.memfd_create("question", 0)
    os.write(question, json.dumps(facts).encode())
    os.lseek(question, 0, os.SEEK_SET)

    inherited = [*order["descriptors"], probe_end, bwrap_end, question]
    bwrap, *arguments = order["command"]
    kind = Kind(order["group"]["kind"])
    group = open_group(order["group"])
    if group is not None:
        group.create(Allowance(*(order["limits"][name] for name in ("memory", "cpu", "processes"))))

    def confine() -> None:
        if group is not None:
            group.join()
        restrict(order["limits"], grouped=kind is not Kind.NONE)

    sandbox = subprocess.Popen(
        [
            *order["group"]["command"],
            *order["entrance"],
            bwrap,
            "--json-status-fd",
            str(bwrap_end),
            *arguments,
            *(fork_limit(order["limits"]) if kind is Kind.NONE else ()),
            *order["probe"],
            str(question),
            str(probe_end),
            "--",
            *order["server"],
        ],
        stdin=subprocess.DEVNULL,
        stdout=sandbox_end,
        stderr=sandbox_end,
        pass_fds=inherited,
        env=systemd.environment() if kind is Kind.SYSTEMD else {"PATH": os.defpath},
        preexec_fn=confine,
    )
    for descriptor in (*inherited, sandbox_end):
        os.close(descriptor)

    log = Log(order["log"], order["log_limit"])
    ended = os.pidfd_open(sandbox.pid)
    report = b""
    readers = selectors.DefaultSelector()
    for descriptor in (wakeup, report_end, output_end, ended):
        readers.register(descriptor, selectors.EVENT_READ)
    try:
        with watching(order, group, sandbox):
            while True:
                left = asked[0] + order["grace"] - time.monotonic() if asked else None
                if left is not None and left <= 0:
                    sandbox.kill()
                for key, _ in readers.select(left):
                    if key.fd == ended:
                        return sandbox.wait()
                    if key.fd == wakeup:
                        os.read(wakeup, 1024)
                        terminate(status_end, sandbox)
                        continue
                    data = os.read(key.fd, 65536)
                    if not data:
                        readers.unregister(key.fd)
                    if key.fd == output_end:
                        log.write(data)
                    elif data:
                        report = (report + data)[:REPORT_LIMIT]
                    else:
                        canaries.close()
                        publish(order["report"], report)
    finally:
        sandbox.kill()
        sandbox.wait()
        if group is not None:
            group.remove()


@contextlib.contextmanager
def watching(
    order: dict[str, Any], group: GroupV1 | GroupV2 | None, sandbox: subprocess.Popen[bytes]
) -> Iterator[None]:
    """Watch what the sandbox uses, beside whatever else this process does."""
    if group is None and order["group"]["command"]:
        group = made_scope(sandbox.pid)
    limited = group or Ungrouped(sandbox.pid, order["limits"]["memory"])
    watch = Watch(
        order["limits"],
        limited,
        HomeScan(order["home"], limited.pids),
        Heartbeat(order["socket"], order["url"]),
        order["usage"],
        end=lambda: os.kill(os.getpid(), signal.SIGTERM),
        kill=sandbox.kill,
    )
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def made_scope(pid: int) -> GroupV2:
    """Return the scope that a process was told to enter, once it is there.

    Raises
    ------
    OSError
        systemd did not make it, or without limits.
    """
    deadline = time.monotonic() + SCOPE_TIMEOUT
    while True:
        try:
            return scope_of(pid)
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.02)


def detach() -> None:
    """Go on as nobody's child, so that whoever started this has nothing to reap; tell them the new number."""
    child = os.fork()
    if child:
        os.write(1, str(child).encode())
        os._exit(0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def terminate(status_end: int, sandbox: subprocess.Popen[bytes]) -> None:
    """Ask the program inside to end: the first process that bubblewrap's own made there."""
    os.set_blocking(status_end, False)
    with contextlib.suppress(BlockingIOError, ValueError, KeyError, OSError, IndexError):
        first = json.loads(os.read(status_end, 65536).splitlines()[0])["child-pid"]
        for name in os.listdir("/proc"):
            if name.isdigit() and inner_pids(name)[-2:] == [str(first), "2"]:
                os.kill(int(name), signal.SIGTERM)
                return
    sandbox.kill()


def inner_pids(pid: str) -> list[str]:
    """Return the parent of a process, and its number in the innermost process namespace."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            fields = dict(line.split(":", 1) for line in file if ":" in line)
    except OSError:
        return []
    return [fields["PPid"].strip(), fields["NSpid"].split()[-1]]


def publish(path: str, content: bytes) -> None:
    """Write a file that appears whole."""
    draft = f"{path}.draft"
    with open(draft, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(content)
    os.replace(draft, path)
