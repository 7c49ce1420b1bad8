"""Probes a workspace that runs, from inside, without anything inside having a say.

A program of its own (`python -I -S`, the standard library alone) of the hub zone: it reads on standard input, as JSON,
which sandbox to visit, joins that sandbox's namespaces, becomes the account inside without any right and under the same
filter of system calls, makes the probe's attempts and prints what it found.

Nothing of the sandbox is executed, loaded or believed: the code is in memory before the process enters, and every
answer is the kernel's. The process cannot be traced or read by those inside (it is not "dumpable"). They can stop or
kill it, being the same account: then there is no report, which fails the judgement.
"""

from __future__ import annotations

import ctypes
import encodings.ascii
import encodings.idna
import encodings.latin_1
import encodings.unicode_escape
import fcntl
import json
import os
import signal
import struct
import sys
from typing import Any

from .probe import observations

KINDS = {
    "cgroup": 0x02000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "net": 0x40000000,
    "pid": 0x20000000,
    "mnt": 0x00020000,
}
"""The namespaces to join besides the users', by their flag; the view comes last, /proc being another one then."""

CLONE_NEWUSER = 0x10000000

NS_GET_USERNS = 0xB701
"""The request for the user namespace that owns another namespace."""

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 22, 24, 38

PATIENCE = 20
"""Seconds after which a visit that hangs, or was stopped from inside, is given up."""

LIBC = ctypes.CDLL(None, use_errno=True)

NEEDED_INSIDE = (encodings.ascii, encodings.idna, encodings.latin_1, encodings.unicode_escape)
"""Modules that the probe's attempts would load at their first use, from folders that are not there inside."""


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main() -> None:
    """Visit, and print the report; nothing is printed when the visit fails."""
    order = json.load(sys.stdin)
    filters = [bytes.fromhex(program) for program in order["filters"]]
    if os.geteuid() == 0:
        os.setgroups([])
    prctl(PR_SET_DUMPABLE, 0)
    join(order["pid"])
    sys.path.clear()
    answer, report = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(answer)
            give_up_rights(order["account"], filters)
            with os.fdopen(report, "w") as file:
                json.dump(observations(order["facts"]), file)
        finally:
            os._exit(0)
    os.close(report)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.alarm(PATIENCE)
    with os.fdopen(answer) as file:
        text = file.read()
    os.waitpid(child, 0)
    sys.stdout.write(text)


def join(pid: int) -> None:
    """Enter all namespaces of a process; those of processes hold for children from now on."""
    places = {kind: os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in (*KINDS, "user")}
    # bubblewrap makes everything in one user namespace, and then goes on in another one in it.
    owner = fcntl.ioctl(places["net"], NS_GET_USERNS)
    same = os.fstat(owner).st_ino == os.fstat(places["user"]).st_ino
    enter(owner, CLONE_NEWUSER)
    for kind, flag in KINDS.items():
        enter(places[kind], flag)
    if not same:
        enter(places["user"], CLONE_NEWUSER)
    for descriptor in (*places.values(), owner):
        os.close(descriptor)


def enter(namespace: int, flag: int) -> None:
    if LIBC.setns(namespace, flag) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def give_up_rights(account: int, filters: list[bytes]) -> None:
    """Become what everybody inside is."""
    for capability in range(64):
        if LIBC.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    os.setresgid(account, account, account)
    os.setresuid(account, account, account)
    header, nothing = struct.pack("<Ii", 0x20080522, 0), bytes(24)
    if LIBC.capset(header, nothing) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    for program in filters:
        described = Program(len(program) // 8, program)
        if LIBC.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(described), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "seccomp")


def prctl(option: int, value: Any) -> None:
    if LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
