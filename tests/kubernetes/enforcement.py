"""What a network plugin does, for a node whose plugin does not: network policies as packet filters of the node.

The node stands for the zone in which the gateway runs, because the gateway of these tests runs on it.
"""

from __future__ import annotations

import ipaddress
import subprocess
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .cluster import Cluster, Manifest

TABLE = "hdh_test"
BRIDGE = "cni0"
PERIOD = 0.3
"""Seconds between two looks at policies and pods; plugins are late too."""


@dataclass(frozen=True)
class Zone:
    """The labels of a pod and of its namespace."""

    namespace: Mapping[str, str]
    pod: Mapping[str, str]


@dataclass(frozen=True)
class Rules:
    """What a pod may exchange, once a policy selects it for a direction; None while none does."""

    address: str
    into: tuple[str, ...] | None
    out: tuple[str, ...] | None


class Enforcement:
    """Keeps the node's packet filter as the cluster's policies ask for, until it is stopped.

    Parameters
    ----------
    here
        What the node is taken for when it calls a pod.
    """

    def __init__(self, cluster: Cluster, here: Zone) -> None:
        self._cluster = cluster
        self._here = here
        self._stop, self._paused = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._written = ""
        self.error: Exception | None = None

    def start(self) -> None:
        self.apply()
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        clear()

    def pause(self) -> None:
        """Enforce nothing, until `resume`."""
        self._paused.set()
        with self._lock:
            clear()
            self._written = ""

    def resume(self) -> None:
        self._paused.clear()
        self.apply()

    def apply(self) -> None:
        """Bring the packet filter to what the policies say now."""
        script = filter_of(rules_of(self._cluster, self._here))
        with self._lock:
            if script != self._written and not self._paused.is_set():
                subprocess.run(["nft", "-f", "-"], input=script, text=True, check=True, capture_output=True)
                self._written = script

    def _run(self) -> None:
        while not self._stop.wait(PERIOD):
            try:
                self.apply()
            except Exception as error:  # what stays in force is what was
                self.error = error


def clear() -> None:
    """Take the packet filter away."""
    for family in ("inet", "bridge"):
        subprocess.run(["nft", "delete", "table", family, TABLE], check=False, capture_output=True)


def rules_of(cluster: Cluster, here: Zone) -> list[Rules]:
    """Return the rules of every pod that a policy selects."""
    spaces = {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in cluster.list("Namespace")}
    pods = [pod for pod in cluster.list("Pod") if pod["status"].get("podIP")]
    policies = cluster.list("NetworkPolicy")
    found = []
    for pod in pods:
        mine = [
            policy["spec"]
            for policy in policies
            if policy["metadata"]["namespace"] == pod["metadata"]["namespace"]
            and matches(policy["spec"]["podSelector"], pod["metadata"].get("labels", {}))
        ]
        into = [spec for spec in mine if "Ingress" in spec["policyTypes"]]
        out = [spec for spec in mine if "Egress" in spec["policyTypes"]]
        if into or out:
            found.append(
                Rules(
                    pod["status"]["podIP"],
                    tuple(_ingress(into, pods, spaces, here)) if into else None,
                    tuple(_egress(out)) if out else None,
                )
            )
    return sorted(found, key=lambda rules: rules.address)


def matches(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Tell whether labels are those that a selector asks for."""
    assert not selector.get("matchExpressions"), "not needed so far"
    return all(labels.get(name) == value for name, value in (selector.get("matchLabels") or {}).items())


def filter_of(rules: Iterable[Rules]) -> str:
    """Return the packet filter as `nft` reads it, replacing the former one whole."""
    known = "ct state established,related accept"
    inward, outward, bridged = [], [], []
    for one in rules:
        address = f"ip6 {{}} {one.address}" if ":" in one.address else f"ip {{}} {one.address}"
        source, target = address.format("saddr"), address.format("daddr")
        if one.out is not None:
            outward += [f"{source} {allowed} accept" for allowed in one.out] + [f"{source} drop"]
            bridged.append(f"{source} drop")
        if one.into is not None:
            inward += [f"{target} {allowed} accept" for allowed in one.into] + [f"{target} drop"]
            bridged.append(f"{target} drop")
    # Pods have addresses of IPv4 alone here, and those of IPv6 that every interface has.
    other = [f'iifname "{BRIDGE}" meta nfproto ipv6 drop'] if outward else []
    arriving = _chain("from_node", "output", [known, *inward])
    leaving = _chain("to_node", "input", [known, *other, *outward])
    through = _chain("through", "forward", [known, *other, *outward, *inward])
    between = _chain("between", "forward", [*(["ether type ip6 drop"] if outward else []), *bridged])
    fresh = "".join(f"add table {family} {TABLE}\ndelete table {family} {TABLE}\n" for family in ("inet", "bridge"))
    return f"{fresh}table inet {TABLE} {{\n{arriving}{leaving}{through}}}\ntable bridge {TABLE} {{\n{between}}}\n"


def _chain(name: str, hook: str, lines: Iterable[str]) -> str:
    body = "".join(f"  {line}\n" for line in lines)
    return f" chain {name} {{\n  type filter hook {hook} priority -10\n{body} }}\n"


def _ingress(specs: list[Any], pods: list[Manifest], spaces: Mapping[str, Any], here: Zone) -> Iterable[str]:
    for spec in specs:
        for rule in spec.get("ingress") or []:
            for peer in rule["from"]:
                for port in rule["ports"]:
                    allowed = f"{port['protocol'].lower()} dport {port['port']}"
                    if matches(peer["namespaceSelector"], here.namespace) and matches(peer["podSelector"], here.pod):
                        yield f"fib saddr type local {allowed}"
                    for pod in pods:
                        space = spaces[pod["metadata"]["namespace"]]
                        labels = pod["metadata"].get("labels", {})
                        if matches(peer["namespaceSelector"], space) and matches(peer["podSelector"], labels):
                            yield f"ip saddr {pod['status']['podIP']} {allowed}"


def _egress(specs: list[Any]) -> Iterable[str]:
    for spec in specs:
        for rule in spec.get("egress") or []:
            for peer in rule["to"]:
                block = ipaddress.ip_network(peer["ipBlock"]["cidr"])
                for port in rule["ports"]:
                    yield f"ip daddr {block} {port['protocol'].lower()} dport {port['port']}"
