"""Becomes the account of a project, and bubblewrap in it.

A program of its own (`python -I -S`, the standard library alone) that runs between the supervisor and bubblewrap when
root runs the platform: root can open what the project's account cannot reach, a checkout in root's home for example.
In a mount namespace of its own it lays out every file and folder of the sandbox as `0`, `1`, `2`... in
:data:`STAGING`, gives up all rights, and runs bubblewrap, which mounts from there.
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys

STAGING = "/tmp"  # noqa: S108 -- in its own mount namespace, covered by an empty folder
"""Where the sources are laid out: a folder that is on every host."""

CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 4096, 16384, 1 << 19

LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Lay out what `argv[2]` describes and run the rest of the command line."""
    descriptor = int(sys.argv[2])
    with open(descriptor, "rb") as file:
        plan = json.load(file)
    # Looked up first: the account may not reach Python's own library, which that needs.
    places = [os.path.join(folder, sys.argv[3]) for folder in os.get_exec_path()]
    program = next(place for place in places if os.access(place, os.X_OK))
    lay_out(plan["sources"])
    for output in (1, 2):
        # So that a program inside may open /dev/stdout, which is a pipe of its supervisor.
        os.fchown(output, plan["account"], plan["account"])
    os.setgroups([])
    os.setresgid(*(plan["account"],) * 3)
    os.setresuid(*(plan["account"],) * 3)
    os.execv(program, sys.argv[3:])  # noqa: S606 -- no shell is wanted


def lay_out(sources: list[str]) -> None:
    """Mount each source in its place below :data:`STAGING`."""
    check(LIBC.unshare(CLONE_NEWNS), "unshare")
    # What the host mounts or unmounts later still shows, nothing done here does there.
    mount(None, "/", None, MS_REC | MS_SLAVE)
    found = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source in sources]
    mount("none", STAGING, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for place, source in enumerate(found):
        target = f"{STAGING}/{place}"
        if stat.S_ISDIR(os.fstat(source).st_mode):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        mount(f"/proc/self/fd/{source}", target, None, MS_BIND | MS_REC)


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    words = [word and word.encode() for word in (source, target, kind)]
    check(LIBC.mount(*words, ctypes.c_ulong(flags), options and options.encode()), target)


def check(outcome: int, what: str) -> None:
    if outcome != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
