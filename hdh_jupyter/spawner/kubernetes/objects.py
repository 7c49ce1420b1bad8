"""What belongs to a project on the cluster besides its pod and its volumes, as plain manifests. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..limits import Limits

PROJECT_LABEL = "hdh.health/project"
"""On everything that belongs to a project: its id."""

MANAGED = {"app.kubernetes.io/managed-by": "hdh-jupyter"}

POLICY_NAME = "hdh-sealed"
QUOTA_NAME = "hdh-workspace"
LIMIT_RANGE_NAME = "hdh-workspace"
CONFIG_MAP_NAME = "hdh-workspace"

SERVER_PORT = 8888

SENTINEL_CPU, SENTINEL_MEMORY = 0.2, 64 * 2**20
"""What the sentinel may use besides the workspace: cores and bytes."""

SENTINEL_REQUEST = "10m"
"""The share of a core that is kept for it: it waits nearly all the time."""

POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}{version}": value
    for mode in ("enforce", "audit", "warn")
    for version, value in (("", "restricted"), ("-version", "latest"))
}
"""Has the cluster itself refuse pods below the "restricted" Pod Security standard, from version 1.25 on."""

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Zone:
    """Whose pods may call a workspace, by labels.

    Attributes
    ----------
    namespace
        Labels of the namespace in which the gateway runs.
    gateway
        Labels of the gateway's pods.
    """

    namespace: Mapping[str, str]
    gateway: Mapping[str, str]


@dataclass(frozen=True)
class EgressException:
    """One address outside that workspaces may call after all.

    Attributes
    ----------
    address
        An IP address, no network.
    port
        The TCP port.
    """

    address: str
    port: int

    @property
    def cidr(self) -> str:
        return str(ipaddress.ip_network(self.address))


def labels(project: str) -> dict[str, str]:
    """Return the labels of everything that belongs to a project."""
    return {**MANAGED, PROJECT_LABEL: project}


def namespace(name: str, project: str) -> Manifest:
    """Return the namespace of a project."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {**labels(project), **POD_SECURITY}},
    }


def network_policy(project: str, zone: Zone, exceptions: Sequence[EgressException]) -> Manifest:
    """Return the policy of all pods of a project: the gateway calls them, they call nobody, not even for names."""
    caller = {
        "namespaceSelector": {"matchLabels": dict(zone.namespace)},
        "podSelector": {"matchLabels": dict(zone.gateway)},
    }
    egress = [
        {"to": [{"ipBlock": {"cidr": one.cidr}}], "ports": [{"protocol": "TCP", "port": one.port}]}
        for one in exceptions
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": POLICY_NAME, "labels": labels(project)},
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [caller], "ports": [{"protocol": "TCP", "port": SERVER_PORT}]}],
            "egress": egress,
        },
    }


def resource_quota(project: str, limits: Limits) -> Manifest:
    """Return what a project may use of the cluster: one pod within its limits, and no way to be called from outside."""
    cpu, memory = whole(limits)
    hard = {
        "pods": "1",
        "limits.cpu": cpu,
        "limits.memory": memory,
        "requests.cpu": cpu,
        "requests.memory": memory,
        "services": "0",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
    }
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": QUOTA_NAME, "labels": labels(project)},
        "spec": {"hard": hard},
    }


def limit_range(project: str, limits: Limits) -> Manifest:
    """Return the limits of every single container of a project, which also hold where none are stated."""
    most = {"cpu": cores(limits.cpu), "memory": quantity(limits.memory)}
    least = {"cpu": cores(SENTINEL_CPU), "memory": quantity(SENTINEL_MEMORY)}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": LIMIT_RANGE_NAME, "labels": labels(project)},
        "spec": {"limits": [{"type": "Container", "max": most, "default": least, "defaultRequest": least}]},
    }


def config_map(project: str, files: Mapping[str, str]) -> Manifest:
    """Return the small files of a workspace, by key."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": CONFIG_MAP_NAME, "labels": labels(project)},
        "data": dict(files),
    }


def cores(cpu: float) -> str:
    """Return a number of cores as the cluster writes it: `2`, `1500m`."""
    thousandths = round(cpu * 1000)
    return str(thousandths // 1000) if thousandths % 1000 == 0 else f"{thousandths}m"


def quantity(amount: int) -> str:
    """Return a number as the cluster writes it, which shortens `2000000` to `2M`."""
    suffixes = ["", "k", "M", "G", "T", "P"]
    while amount and amount % 1000 == 0 and len(suffixes) > 1:
        amount //= 1000
        suffixes.pop(0)
    return f"{amount}{suffixes[0]}"


def whole(limits: Limits) -> tuple[str, str]:
    """Return the cores and bytes of a workspace and its sentinel together."""
    return cores(limits.cpu + SENTINEL_CPU), quantity(limits.memory + SENTINEL_MEMORY)
