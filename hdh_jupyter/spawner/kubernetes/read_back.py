"""Whether the pod that the cluster holds is the one that was ordered. Pure.

Admission webhooks may change what is created, and so may whoever can edit pods. What the cluster fills in by itself is
known; every other difference counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .objects import Manifest
from .policies import meaningful
from .restricted import violations

FILLED_IN = frozenset(
    (
        "nodeName",
        "nodeSelector",
        "affinity",
        "overhead",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "runtimeClassName",
        "schedulerName",
        "schedulingGates",
        "serviceAccount",
        "serviceAccountName",
        "tolerations",
        "topologySpreadConstraints",
        "imagePullSecrets",
    )
)
"""Fields that say where a pod runs, or as which account, of which it has no token: what they say opens nothing."""

DEFAULTS: Mapping[str, Any] = {
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "shareProcessNamespace": False,
    "hostUsers": False,
    "dnsPolicy": "None",
}
"""What fields mean when they are not there, or what they may say without opening anything."""

CONTAINER_FILLED_IN = frozenset(("resizePolicy", "resources"))


def differences(ordered: Manifest, found: Manifest) -> list[str]:
    """Return the fields in which a pod differs from what was ordered, and the rules of the standard that it breaks."""
    wanted, there = meaningful(ordered["spec"]), meaningful(found["spec"])
    told = [
        name
        for name in sorted(wanted.keys() | there.keys())
        if name not in FILLED_IN
        and name not in ("containers", "initContainers", "ephemeralContainers")
        and not _same(name, wanted.get(name), there.get(name))
    ]
    for kind in ("initContainers", "containers"):
        told += _containers(kind, wanted.get(kind, []), there.get(kind, []))
    return sorted({*told, *guests(found)})


def guests(found: Manifest) -> list[str]:
    """Return what came into a pod since it was compared: little of a pod can be changed, containers can be added."""
    added = ["ephemeralContainers"] if found["spec"].get("ephemeralContainers") else []
    return [*added, *violations(found)]


def _containers(kind: str, wanted: list[Manifest], there: list[Manifest]) -> list[str]:
    if [one["name"] for one in wanted] != [one["name"] for one in there]:
        return [kind]
    return [
        f"{ordered['name']}.{name}"
        for ordered, found in zip(wanted, there, strict=True)
        for name in sorted(ordered.keys() | found.keys())
        if name not in CONTAINER_FILLED_IN and not _same(name, ordered.get(name), found.get(name))
    ]


def _same(name: str, wanted: Any, there: Any) -> bool:
    return bool(wanted == there or (wanted is None and name in DEFAULTS and there == DEFAULTS[name]))
