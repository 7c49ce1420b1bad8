"""What a probe inside a sealed workspace must have found. Pure.

Fail closed: a check that is absent, malformed or of an unknown outcome counts as a hole. The workspace is let in only
when :func:`judge` returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

UNREACHABLE = frozenset({"ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"})
"""How a connection fails where there is no route. A refusal or a silence would come from somebody on the way."""

METADATA = ("169.254.169.254", "fd00:ec2::254")
"""Where clouds answer questions about the machine, credentials included."""

RESOLVERS = ("1.1.1.1", "2606:4700:4700::1111")
"""Public addresses of both families; nothing is sent when there is no route."""

NAMES = ("example.org",)

PROCESSES_EXPECTED = 16
"""Processes there may be while the workspace starts: its init, the server, the probe, a helper or two of theirs."""

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
"""Kinds of namespaces that a workspace has to itself."""

DEVICES = frozenset(
    ("console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty")
) | {"urandom", "zero"}
"""What may stand in `/dev`; none of it reaches a machine's hardware."""

FAMILIES = range(1, 64)

FAMILIES_OPEN = frozenset({1, 2, 10, 16})
"""Unix, IPv4, IPv6, netlink: what the network namespace confines."""

CALLS_REFUSED = (
    "add_key",
    "bpf",
    "clock_settime",
    "fsopen",
    "init_module",
    "keyctl",
    "mount",
    "open_by_handle_at",
    "perf_event_open",
    "pidfd_getfd",
    "process_vm_readv",
    "ptrace",
    "setns",
    "swapon",
    "unshare",
    "userfaultfd",
)

CALLS_ABSENT = ("clone3", "io_uring_enter", "io_uring_setup", "memfd_secret")

CLOSED = ("/", "/bin", "/catalogue", "/data", "/etc", "/home", "/opt", "/proc", "/usr")
"""Folders in which nothing can be made."""

PAGE = 65536
"""Bytes: the largest page of memory, to which the kernel rounds the size of a folder in memory."""

NOBODY = 65534
"""How the kernel shows a group that does not exist inside."""

ONCE = frozenset({"environment", "processes"})
"""Checks that make sense at the start alone."""

PSEUDO_MOUNTS = ("/dev", "/proc")
"""Mounts that bubblewrap makes itself; what stands below them shows nothing of the host's files."""


@dataclass(frozen=True)
class Expectation:
    """What is there by design in one workspace.

    Attributes
    ----------
    datasets
        The granted datasets.
    namespaces
        The host's namespaces by kind, none of which may be the workspace's own.
    read_only, writable
        Every mount point that was ordered.
    addresses
        Addresses that were tried besides those that always are.
    home
        The only folder in `/home`.
    environment
        The names of all environment variables.
    memory_folders
        The folders in memory and how much they hold, bytes.
    sockets
        The hub zone's sockets, which must not be there.
    """

    datasets: frozenset[str]
    namespaces: Mapping[str, str]
    read_only: frozenset[str]
    writable: frozenset[str]
    addresses: frozenset[str]
    home: str
    environment: frozenset[str]
    memory_folders: Mapping[str, int]
    sockets: frozenset[str]


def tried_addresses(*more: str) -> frozenset[str]:
    """Return the addresses to try: clouds' metadata, public resolvers and `more` (the host's own)."""
    return frozenset({*METADATA, *RESOLVERS, *more})


def judge(report: bytes, expected: Expectation, without: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of the checks that failed, in alphabetical order; none means that the workspace is sealed.

    Parameters
    ----------
    without
        Checks that are left out, by name.
    """
    try:
        found = json.loads(report)
    except (ValueError, RecursionError):
        return ("report",)
    if not isinstance(found, dict):
        return ("report",)
    checks = {name: holds for name, holds in CHECKS.items() if name not in without}
    return tuple(sorted(name for name, holds in checks.items() if not _holds(holds, found.get(name), expected)))


def _holds(check: Callable[[Any, Expectation], bool], observation: Any, expected: Expectation) -> bool:
    try:
        return check(observation, expected)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _unreachable(observation: Any, expected: Expectation) -> bool:
    return observation.keys() == expected.addresses and set(observation.values()) <= UNREACHABLE


def _own_namespaces(observation: Any, expected: Expectation) -> bool:
    if not expected.namespaces or observation.keys() != expected.namespaces.keys():
        return False
    return all(isinstance(own, str) and own and own != expected.namespaces[kind] for kind, own in observation.items())


def no_privilege(observation: Any) -> bool:
    """Tell whether a process has no capability and can gain none."""
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    return observation["NoNewPrivs"] == "1" and all(int(observation[name], 16) == 0 for name in sets)


def _mounts_as_ordered(observation: Any, expected: Expectation) -> bool:
    ordered = expected.read_only | expected.writable
    points = {point: mode for point, mode in observation if point in ordered or not _below(point, PSEUDO_MOUNTS)}
    if not ordered <= points.keys():
        return False
    # A folder that was ordered may bring mounts of the host below it: seen read-only, they are part of it.
    return all(
        mode == "ro" and (point in expected.read_only or _below(point, expected.read_only - {"/"}))
        for point, mode in points.items()
        if point not in expected.writable
    )


def _refused_calls(observation: Any, _expected: Expectation) -> bool:
    expected = {**dict.fromkeys(CALLS_REFUSED, "EPERM"), **dict.fromkeys(CALLS_ABSENT, "ENOSYS")}
    return bool(observation == expected)


def all_filtered(observation: Any) -> bool:
    """Tell whether every process is under a filter of system calls, without a capability."""
    [[mode, no_new_privileges, *capabilities]] = observation
    return (
        (mode, no_new_privileges) == ("2", "1") and len(capabilities) == 2 and not any(int(c, 16) for c in capabilities)
    )


def _nobody_else(observation: Any, _expected: Expectation) -> bool:
    return observation["users"] == [1000] and {1000} <= set(observation["groups"]) <= {1000, NOBODY}


def _below(point: str, tops: Iterable[str]) -> bool:
    return any(point == top or point.startswith(f"{top}/") for top in tops)


CHECKS: Mapping[str, Callable[[Any, Expectation], bool]] = {
    "interfaces": lambda found, _: found == ["lo"],
    "routes": lambda found, _: found == 0 and type(found) is int,
    "tcp": _unreachable,
    "udp": _unreachable,
    "dns": lambda found, _: found == dict.fromkeys(NAMES, "unresolved"),
    "loopback": lambda found, _: found == "ECONNREFUSED",
    "abstract_socket": lambda found, _: found == "ECONNREFUSED",
    "namespaces": _own_namespaces,
    "user_namespace": lambda found, _: found == "refused",
    "processes": lambda found, _: found["first"] == "bwrap" and 1 <= found["count"] <= PROCESSES_EXPECTED,
    "privileges": lambda found, _: no_privilege(found),
    "mounts": _mounts_as_ordered,
    "data": lambda found, expected: len(found) == len(set(found)) and set(found) == expected.datasets,
    "data_writable": lambda found, _: found == [],
    "homes": lambda found, expected: found == [expected.home],
    "present": lambda found, _: found == [],
    "environment": lambda found, expected: isinstance(found, list) and set(found) == expected.environment,
    "kernel_settings": lambda found, _: found == [],
    "socket_families": lambda found, _: {1, 2} <= set(found) <= FAMILIES_OPEN,
    "raw_sockets": lambda found, _: found == [],
    "system_calls": _refused_calls,
    "filtered": lambda found, _: all_filtered(found),
    "account": _nobody_else,
    "devices": lambda found, _: {"null", "shm"} <= set(found) <= DEVICES,
    "memory_folders": lambda found, expected: (
        found.keys() == expected.memory_folders.keys()
        and all(0 < held <= expected.memory_folders[path] + PAGE for path, held in found.items())
    ),
    "core_files": lambda found, _: len(found) == 2 and all(int(limit) <= 1 for limit in found),
    "closed_folders": lambda found, _: found == [],
    "hub_sockets": lambda found, expected: found == dict.fromkeys(expected.sockets, "ENOENT"),
}
"""Each check by name: whether an observation is what a sealed workspace shows."""


def to_document(expected: Expectation) -> dict[str, Any]:
    """Return an expectation as it is written down, for the probes that follow."""
    return {
        field.name: sorted(value) if isinstance(value := getattr(expected, field.name), frozenset) else value
        for field in fields(Expectation)
    }


def from_document(document: Mapping[str, Any]) -> Expectation:
    """Return the expectation that was written down.

    Raises
    ------
    TypeError
        Something is missing from it.
    """
    values: dict[str, Any] = {k: frozenset(v) if isinstance(v, list) else v for k, v in document.items()}
    return Expectation(**values)
