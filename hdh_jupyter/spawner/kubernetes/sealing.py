"""What the probe in a pod must have found. Pure.

Fail closed, as `hermeticity` for sandboxes: what is absent, malformed or of an unknown outcome counts as a hole.
Silence proves something here only because the hub has seen that those who were called do answer (`targets`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..hermeticity import CLOSED, all_filtered, no_privilege
from ..server_config import HOME
from . import probe_pod
from .pod import ACCOUNT
from .storage import Mount
from .targets import NAMES, Endpoint

ABSENT = (
    "/etc/kubernetes",
    "/host",
    "/run/containerd",
    "/run/crio",
    "/run/docker.sock",
    "/run/secrets/kubernetes.io",
    "/var/lib/kubelet",
    "/var/run/docker.sock",
    "/var/run/secrets/kubernetes.io",
)
"""What of a machine of the cluster, or of an account of it, must not be seen."""

CREDENTIAL = re.compile(
    r"^(JUPYTERHUB_|JPY_)|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|KUBECONFIG|API_?KEY", re.IGNORECASE
)
"""Names of variables that carry a right."""

NETWORK = frozenset({"tcp", "udp", "dns", "near"})
"""The checks that fail when nobody enforces network policies."""


@dataclass(frozen=True)
class Expectation:
    """What was tried, and what is there by design.

    Attributes
    ----------
    tcp, udp
        Where connections were tried, and names asked for.
    datasets
        The datasets that the workspace sees.
    """

    tcp: frozenset[Endpoint]
    udp: frozenset[Endpoint]
    datasets: frozenset[str]


def question(expected: Expectation, mounts: Sequence[Mount], deadline: float, interval: float) -> dict[str, Any]:
    """Return what the probe and the sentinel are told.

    Parameters
    ----------
    deadline
        Seconds after which the first probe no longer waits for the network to be closed.
    interval
        Seconds between two rounds of the sentinel.
    """
    return {
        "tcp": [[one.address, one.port] for one in sorted(expected.tcp)],
        "udp": [[one.address, one.port] for one in sorted(expected.udp)],
        "names": list(NAMES),
        "absent": list(ABSENT),
        "closed": list(CLOSED),
        "read_only": [mount.path for mount in mounts],
        "home": HOME,
        "deadline": deadline,
        "interval": interval,
    }


def judge(report: str | None, expected: Expectation) -> tuple[str, ...]:
    """Return the names of the checks that failed, in alphabetical order; none means that the pod is sealed."""
    try:
        found = json.loads(report or "")
    except (ValueError, RecursionError):
        return ("report",)
    if not isinstance(found, dict):
        return ("report",)
    return tuple(sorted(name for name, holds in CHECKS.items() if not _holds(holds, found.get(name), expected)))


def refusal(failures: tuple[str, ...]) -> str:
    """Return the code of the sentence that says why a pod with these failures is not opened."""
    if NETWORK & set(failures):
        return "spawner.kubernetes.not_enforced"
    alone: dict[tuple[str, ...], str] = {
        ("home",): "spawner.kubernetes.home_closed",
        ("vsock",): "spawner.kubernetes.hypervisor_open",
    }
    return alone.get(failures, "spawner.not_sealed")


def sentinel_failures(message: str) -> tuple[str, ...]:
    """Return the names of the checks that the sentinel ended for; `report` when it ended for something else."""
    try:
        reached = json.loads(message)["reached"]
        kinds = {str(one).split(" ", 1)[0] for one in reached}
    except (ValueError, RecursionError, KeyError, TypeError):
        return ("report",)
    return tuple(sorted(kinds & {*probe_pod.KINDS})) or ("report",)


def _holds(check: Callable[[Any, Expectation], bool], observation: Any, expected: Expectation) -> bool:
    try:
        return check(observation, expected)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _silent(kind: str, observation: Any, tried: frozenset[Endpoint]) -> bool:
    names = {f"{one.address} {one.port}" for one in tried}
    return bool(names) and observation.keys() == names and _nothing(kind, observation)


def _nothing(kind: str, observation: Mapping[str, Any]) -> bool:
    return all(
        isinstance(ended, str) and probe_pod.came_to_nothing(kind, name, ended) for name, ended in observation.items()
    )


def _no_credential(observation: Any) -> bool:
    if not isinstance(observation, list) or probe_pod.NODE_VARIABLE not in observation:
        return False
    return not any(CREDENTIAL.search(name) for name in observation)


CHECKS: Mapping[str, Callable[[Any, Expectation], bool]] = {
    "tcp": lambda found, expected: _silent("tcp", found, expected.tcp),
    "udp": lambda found, expected: _silent("udp", found, expected.udp),
    "dns": lambda found, _: found == dict.fromkeys(NAMES, "unresolved"),
    "near": lambda found, _: found.keys() == {"node", "first_hop"} and _nothing("near", found),
    "vsock": lambda found, _: found.keys() == {"hypervisor"} and _nothing("vsock", found),
    "privileges": lambda found, _: no_privilege(found),
    "filtered": lambda found, _: all_filtered(found),
    "account": lambda found, _: found == {"users": [ACCOUNT], "groups": [ACCOUNT]},
    "user_namespace": lambda found, _: found == "refused",
    "raw_sockets": lambda found, _: found == [],
    "kernel_settings": lambda found, _: found == [],
    "present": lambda found, _: found == [],
    "closed_folders": lambda found, _: found == [],
    "environment": lambda found, _: _no_credential(found),
    "data": lambda found, expected: (
        isinstance(found, list) and len(found) == len(set(found)) and set(found) == expected.datasets
    ),
    "data_writable": lambda found, _: found == [],
    "home": lambda found, _: found is True,
}
"""Each check by name: whether an observation is what a sealed pod shows."""
