"""Attacks of a notebook in Python on what everybody shares: processes, files, memory, priority.

They take what a limit must refuse at once, and give it back: other people work on the machine that runs the tests.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import threading
from typing import Any

from .inside import inside
from .inside_tools import LIBC, Blocked, call
from .model import Expected


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


@inside(406, "Limits raised by whoever they bind", root=True, reference="setrlimit(2)")
def raised(facts: dict[str, Any]) -> str:
    resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, 1000))
    except ValueError:
        raise Blocked("EPERM") from None
    return "raised"
