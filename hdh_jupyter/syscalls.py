"""The system calls that a sealed process is refused, as a filter for the kernel (seccomp).

Namespaces do not cover all of the kernel: a socket of the family that talks to the machine's hypervisor (vsock) leaves
a sandbox whose network namespace holds only `lo`. What is refused here has no use in a workspace or in a check.
"""

from __future__ import annotations

import errno
import os
import tempfile
from functools import cache

FAMILIES = (1, 2, 10, 16)
"""The only socket families: unix, IPv4, IPv6 and netlink (which lists the interfaces); numbers as in socket(2)."""

HIGHEST_FAMILY = 64
"""Families up to this one are refused by number, those above by one comparison (Linux has 46 of them)."""

REFUSED = (
    "add_key",
    "bpf",
    "init_module",
    "finit_module",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
    "move_mount",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pivot_root",
    "quotactl",
    "reboot",
    "request_key",
    "setns",
    "swapoff",
    "swapon",
    "umount2",
    "unshare",
    "userfaultfd",
)
"""Answered "not permitted": kernel keys, other namespaces and mounts, the kernel's own programs and its tracing."""

ABSENT = ("io_uring_enter", "io_uring_register", "io_uring_setup")
"""Answered "no such call", so that programs fall back: a ring would make the calls that the filter refuses."""


@cache
def filter_program() -> bytes:
    """Return the filter as the kernel reads it, for this machine's processor.

    Raises
    ------
    ImportError, OSError
        libseccomp is missing: nothing may be called sealed then.
    """
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for family in range(HIGHEST_FAMILY + 1):
        if family not in FAMILIES:
            rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", seccomp.Arg(0, seccomp.EQ, family))
    rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", seccomp.Arg(0, seccomp.GT, HIGHEST_FAMILY))
    for name in REFUSED:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), name)
    for name in ABSENT:
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def open_filter() -> int:
    """Return an inheritable descriptor from which a program can read the filter; the caller closes it."""
    descriptor = os.memfd_create("syscalls", 0)
    os.write(descriptor, filter_program())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
