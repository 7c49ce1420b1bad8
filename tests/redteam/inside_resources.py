"""Attacks of a notebook in Python on what everybody shares: processes, files, memory, priority.

They take what a limit must refuse at once, and give it back: other people work on the machine that runs the tests.
What is `hungry` runs in a workspace with small limits; the control takes no more than a few times as much.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .inside import Code, inside
from .inside_tools import LIBC, Blocked, call, server_process
from .model import Attack, Expected, Stands, attack


@inside(401, "Sixteen hundred threads at once", expected=Expected.BOUNDED, reference="fork bomb, pids cgroup")
def threads(facts: dict[str, Any]) -> str:
    done = threading.Event()
    started = []
    threading.stack_size(65536)
    try:
        for _ in range(1600):
            thread = threading.Thread(target=done.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        raise Blocked("no more of them are given") from None
    finally:
        done.set()
    return "all run"


@inside(402, "Ten thousand open files in a process", root=True, expected=Expected.BOUNDED, reference="getrlimit(2)")
def open_files(facts: dict[str, Any]) -> str:
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
    opened = []
    try:
        opened.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(10000))
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return "all open"


@inside(403, "Thirteen gigabytes in /tmp", expected=Expected.BOUNDED, absent=("ENOSPC",), reference="tmpfs(5)")
def temporary(facts: dict[str, Any]) -> str:
    path = f"/tmp/{facts['mark']}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, 13 * 2**30)
    finally:
        os.close(descriptor)
        os.unlink(path)
    return "given"


@inside(404, "A share of the processor above everybody's", root=True, reference="setpriority(2)")
def priority(facts: dict[str, Any]) -> str:
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    return "given"


@inside(405, "Memory that the machine cannot take back", root=True, reference="mlock(2)")
def locked_memory(facts: dict[str, Any]) -> str:
    size = 64 * 2**20
    LIBC.mmap.restype = ctypes.c_void_p
    LIBC.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    place = LIBC.mmap(None, size, 3, 0x22, -1, 0)
    LIBC.mlock.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    call(LIBC.mlock, place, size)
    return "locked"


@inside(406, "Limits raised by whoever they bind", root=True, absent=("EPERM",), reference="setrlimit(2)")
def raised(facts: dict[str, Any]) -> str:
    resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
    except ValueError:
        raise Blocked("EPERM") from None
    return "raised"


@dataclass(frozen=True)
class Hungry:
    """An attack on a workspace with small limits, and what members are told of it in `hdh/usage`.

    Attributes
    ----------
    tells
        The code of the event, where control groups of the host see it; empty when it has none.
    absent
        How the control fails on a machine that has no such thing.
    """

    attack: Attack
    code: Code
    tells: str = ""
    absent: tuple[str, ...] = ()


HUNGRY: dict[int, Hungry] = {}


def hungry(
    number: int, title: str, *, tells: str = "", absent: tuple[str, ...] = (), reference: str = ""
) -> Callable[[Code], Code]:
    """Register a function as an attack that takes more than a small limit; the control gives it all."""

    def register(code: Code) -> Code:
        registered = attack(number, title, Stands.NOTEBOOK, expected=Expected.BOUNDED, reference=reference)
        HUNGRY[number] = Hungry(registered, code, tells, absent)
        return code

    return register


@hungry(410, "A gigabyte of memory in one process", tells="limits.memory_killed", reference="memory cgroup")
def memory(facts: dict[str, Any]) -> str:
    child = os.fork()
    if child == 0:
        try:
            block = bytearray(2**30)
            block[::4096] = bytes(len(block) // 4096)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1]:
        raise Blocked("the process is ended, the others stay")
    return "given"


@hungry(411, "A gigabyte and a half of memory, in six processes", tells="limits.memory_killed", reference="OOM killer")
def memory_of_many(facts: dict[str, Any]) -> str:
    children = []
    for _ in range(6):
        child = os.fork()
        if child == 0:
            try:
                block = bytearray(250 * 2**20)
                block[::4096] = bytes(len(block) // 4096)
                time.sleep(1.5)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        raise Blocked("the processes that hold most are ended")
    return "given"


@hungry(412, "Three hundred megabytes in shared memory", reference="tmpfs(5), /dev/shm")
def shared_memory(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryFile(dir="/dev/shm", buffering=0) as file:
        for _ in range(300):
            file.write(bytes(2**20))
    return "written"


@hungry(413, "Three hundred megabytes in /tmp, in small files", reference="tmpfs(5)")
def small_temporary_files(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for number in range(300):
            Path(folder, str(number)).write_bytes(bytes(2**20))
    return "written"


@hungry(414, "Four hundred megabytes in the home", tells="limits.disk_full", reference="setrlimit(2), RLIMIT_FSIZE")
def disk(facts: dict[str, Any]) -> str:
    block = os.urandom(2**20) * 10
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for number in range(40):
            Path(folder, str(number)).write_bytes(block)
            time.sleep(0.1)
    return "written"


@hungry(415, "Four hundred megabytes in files that are removed and held open", reference="unlink(2)")
def removed_files(facts: dict[str, Any]) -> str:
    block, held = os.urandom(2**20) * 10, []
    for _ in range(40):
        held.append(os.open(".", os.O_TMPFILE | os.O_WRONLY, 0o600))
        # The limit shows first as a part that is written.
        if os.write(held[-1], block) < len(block):
            raise Blocked("EFBIG")
        time.sleep(0.1)
    return "written"


@hungry(416, "A file of a terabyte that takes no room", reference="truncate(2), sparse file")
def sparse(facts: dict[str, Any]) -> str:
    with tempfile.NamedTemporaryFile(dir=".") as file:
        os.truncate(file.name, 2**40)
    return "made"


@hungry(417, "Four hundred ended processes that nobody takes note of (zombies)", tells="limits.processes_hit",
        reference="wait(2)")  # fmt: skip
def zombies(facts: dict[str, Any]) -> str:
    for _ in range(400):
        if os.fork() == 0:
            os._exit(0)
    return "all there"


@hungry(418, "More processor time than its share, by two dozen burners", absent=("one core alone",),
        reference="cpu cgroup, sched(7) autogroup")  # fmt: skip
def burners(facts: dict[str, Any]) -> str:
    if len(os.sched_getaffinity(0)) < 2:
        raise Blocked("one core alone")
    begun, count = time.monotonic(), 24
    for _ in range(count):
        if os.fork() == 0:
            # A session of its own has a share of its own, where the kernel groups by sessions.
            os.setsid()
            while time.monotonic() < begun + 2.5:
                pass
            os._exit(0)
    used = sum(sum(os.wait4(-1, 0)[2][:2]) for _ in range(count))
    if used / (time.monotonic() - begun) < facts["cores"] * 1.2:
        raise Blocked("no more than its share")
    return "more than the share"


@hungry(419, "The memory of a large process as a file (core dump)", absent=("no dump",), reference="core(5)")
def core(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        child = os.fork()
        if child == 0:
            os.chdir(folder)
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_CORE, (2**30, 2**30))
            block = bytearray(100 * 2**20)
            block[::4096] = bytes(len(block) // 4096)
            os.abort()
        if os.WCOREDUMP(os.waitpid(child, 0)[1]):
            return "a hundred megabytes dumped"
    raise Blocked("no dump")


@hungry(420, "A fork bomb", tells="limits.processes_hit", reference="fork bomb, pids cgroup")
def bomb(facts: dict[str, Any]) -> str:
    first = os.fork()
    if first == 0:
        os.setsid()
        os.closerange(0, 3)
        end = time.monotonic() + facts["seconds"]
        for _ in range(facts["generations"]):
            with contextlib.suppress(OSError):
                os.fork()
            if time.monotonic() > end:
                break
        time.sleep(max(0, end - time.monotonic()))
        os._exit(0)
    most, end = 0, time.monotonic() + 3
    while time.monotonic() < end:
        there = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                there += path.read_text(errors="replace").rpartition(")")[2].split()[3] == str(first)
        most = max(most, there)
        time.sleep(0.2)
    if most <= facts["processes"]:
        raise Blocked("no more processes than it may have")
    return "more processes than it may have"


@hungry(421, "Files without end, all empty", tells="limits.files_full", reference="inodes")
def many_files(facts: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for number in range(facts["files"]):
            Path(folder, str(number)).touch()
            time.sleep(0.0003)
    return "all made"


@hungry(423, "The server is frozen, for everybody", tells="limits.server_silent", reference="signal(7), SIGSTOP")
def freeze(facts: dict[str, Any]) -> str:
    server = server_process()
    if os.fork() == 0:
        os.setsid()
        os.closerange(0, 3)
        time.sleep(1)
        os.kill(server, signal.SIGSTOP)
        time.sleep(facts["seconds"])
        os.kill(server, signal.SIGCONT)
        os._exit(0)
    return "frozen"
