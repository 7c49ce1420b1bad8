"""What attacks from inside share. The text of this module goes into the workspace with each attack: standard library
alone, and nothing of the platform.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)

NUMBERS = {
    "x86_64": {
        "acct": 163, "add_key": 248, "bpf": 321, "capset": 126, "clone": 56, "fsopen": 430, "init_module": 175,
        "io_uring_setup": 425, "iopl": 172, "kexec_load": 246, "keyctl": 250, "perf_event_open": 298,
        "pidfd_getfd": 438, "pivot_root": 155, "reboot": 169, "swapon": 167, "syslog": 103, "userfaultfd": 323,
    },
    "aarch64": {
        "acct": 89, "add_key": 217, "bpf": 280, "capset": 91, "clone": 220, "fsopen": 430, "init_module": 105,
        "io_uring_setup": 425, "kexec_load": 104, "keyctl": 219, "perf_event_open": 241,
        "pidfd_getfd": 438, "pivot_root": 41, "reboot": 142, "swapon": 224, "syslog": 116, "userfaultfd": 282,
    },
}  # fmt: skip
"""Numbers of system calls that the C library does not wrap, by processor."""


class Blocked(Exception):
    """The attack did not get what it is for."""


def call(function: Any, *arguments: Any) -> int:
    """Call a function of the C library, or a system call by name; raise what it fails with."""
    result_type: Any = ctypes.c_int
    if isinstance(function, str):
        arguments = (NUMBERS[platform.machine()][function], *arguments)
        function, result_type = LIBC.syscall, ctypes.c_long
    function.restype = result_type
    converted = [ctypes.c_long(a) if isinstance(a, int) and not function.argtypes else a for a in arguments]
    result: int = function(*converted)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def run(*command: str, seconds: float = 12, **options: Any) -> str:
    """Run a program and return what it printed; one that fails or does not come to an end is blocked."""
    if shutil.which(command[0]) is None:
        raise LookupError(f"there is no {command[0]}: the attack cannot be tried")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, **options)
    except subprocess.TimeoutExpired:
        raise Blocked("no answer") from None
    if done.returncode:
        raise Blocked(f"{command[0]} fails")
    return done.stdout


def found(secret: str, text: str | bytes, what: str) -> str:
    """Return `what` when the secret is in the text."""
    data = text.encode() if isinstance(text, str) else text
    if secret.encode() not in data:
        raise Blocked("the secret is not there")
    return what


def ancestors(count: int) -> list[int]:
    """Return this process and those above it: the kernel, and the server that started it."""
    chain = [os.getpid()]
    while len(chain) <= count and chain[-1] > 1:
        with open(f"/proc/{chain[-1]}/stat", encoding="utf-8") as file:
            chain.append(int(file.read().rpartition(")")[2].split()[1]))
    return [pid for pid in chain if pid > 0]


def server_process() -> int:
    """Return the process number of the Jupyter server: the first above that is called so."""
    for pid in ancestors(3)[2:]:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            command = file.read()
        if "lab" in command or "lockdown" in command or "jupyter" in command:
            return pid
    raise LookupError("no server above")
