"""What a probe inside a sealed workspace must have found. Pure.

Fail closed: a check that is absent, malformed or of an unknown outcome counts as a hole. The workspace is let in only
when :func:`judge` returns nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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

NAMESPACES = ("ipc", "mnt", "net", "pid", "user", "uts")
"""Kinds of namespaces that a workspace has to itself."""

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
    """

    datasets: frozenset[str]
    namespaces: Mapping[str, str]
    read_only: frozenset[str]
    writable: frozenset[str]
    addresses: frozenset[str]
    home: str
    environment: frozenset[str]


def tried_addresses(*more: str) -> frozenset[str]:
    """Return the addresses to try: clouds' metadata, public resolvers and `more` (the host's own)."""
    return frozenset({*METADATA, *RESOLVERS, *more})


def judge(report: bytes, expected: Expectation) -> tuple[str, ...]:
    """Return the names of the checks that failed, in alphabetical order; none means that the workspace is sealed."""
    try:
        found = json.loads(report)
    except (ValueError, RecursionError):
        return ("report",)
    if not isinstance(found, dict):
        return ("report",)
    return tuple(sorted(name for name, holds in CHECKS.items() if not _holds(holds, found.get(name), expected)))


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


def _no_privilege(observation: Any, _expected: Expectation) -> bool:
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
    "privileges": _no_privilege,
    "mounts": _mounts_as_ordered,
    "data": lambda found, expected: len(found) == len(set(found)) and set(found) == expected.datasets,
    "data_writable": lambda found, _: found == [],
    "homes": lambda found, expected: found == [expected.home],
    "present": lambda found, _: found == [],
    "environment": lambda found, expected: isinstance(found, list) and set(found) == expected.environment,
    "kernel_settings": lambda found, _: found == [],
}
"""Each check by name: whether an observation is what a sealed workspace shows."""
