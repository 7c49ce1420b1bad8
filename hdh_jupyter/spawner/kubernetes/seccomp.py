"""The system calls that a workspace may make, as the file that a cluster's machines want (OCI runtime specification).

The same calls as in a sandbox on one machine (`syscalls`), for clusters whose own default leaves more open: sockets to
the hypervisor in container runtimes of before 2023, rings, tracing. An administrator puts the file on every machine
and names it in `ProjectKubeSpawner.seccomp_profile`. Pure.
"""

from __future__ import annotations

import errno
from functools import reduce
from operator import or_
from typing import Any

from ...syscalls import ALLOWED, FAMILIES, INTERNET, NEW_NAMESPACES, PERSONALITIES, REFUSED, TYPES, names

BY_ARGUMENTS = frozenset({"clone", "socket", "socketpair"})
"""Calls that are allowed with some arguments alone."""

NETLINK = 16


def profile() -> dict[str, Any]:
    """Return the profile; it holds for the processors on which the platform runs, without their 32-bit calls.

    One filter cannot both allow a call and refuse some of its arguments, as two filters of a sandbox do, so that it
    says with which arguments it is allowed. Of terminals' requests none is refused: there are only the project's own.
    """
    families = [family for family in FAMILIES if family not in (*INTERNET, NETLINK)]
    sockets = [[_equal(0, family)] for family in families]
    sockets += [[_equal(0, family), _masked(1, 0xF, kind)] for family in INTERNET for kind in TYPES]
    sockets.append([_equal(0, NETLINK), _equal(2, 0)])
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.ENOSYS,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": [
            {"names": [name for name in names(ALLOWED) if name not in BY_ARGUMENTS], "action": "SCMP_ACT_ALLOW"},
            {"names": list(names(REFUSED)), "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EPERM},
            *(_allowed("socket", arguments) for arguments in sockets),
            _allowed("socketpair", [_equal(0, 1)]),
            _allowed("clone", [_masked(0, reduce(or_, NEW_NAMESPACES), 0)]),
            *(_allowed("personality", [_equal(0, value)]) for value in PERSONALITIES),
        ],
    }


def _allowed(name: str, arguments: list[dict[str, Any]]) -> dict[str, Any]:
    return {"names": [name], "action": "SCMP_ACT_ALLOW", "args": arguments}


def _equal(index: int, value: int) -> dict[str, Any]:
    return {"index": index, "value": value, "valueTwo": 0, "op": "SCMP_CMP_EQ"}


def _masked(index: int, mask: int, value: int) -> dict[str, Any]:
    return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
