"""The pod of a workspace, as a plain manifest. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import probe
from ..kernels import KERNELS
from ..server_config import CATALOGUE, CONFIGURATION, HOME, server_environment
from . import probe_pod
from .objects import (
    CONFIG_MAP_NAME,
    SENTINEL_CPU,
    SENTINEL_MEMORY,
    SENTINEL_REQUEST,
    SERVER_PORT,
    Manifest,
    cores,
    quantity,
)
from .order import PodOrder, Resources, Scheduling

PYTHON = "/opt/hdh/bin/python"

SERVER_COMMAND = ("/usr/bin/tini", "--", PYTHON, "-s", "-P", "-m", "hdh_lockdown.server")
"""No packages of the home, and not its folder either; the first process reaps what kernels leave behind."""

ACCOUNT = 1000
"""Who everybody is inside."""

KEY_VARIABLE = "HDH_WORKSPACE_KEY"
"""From which the server takes its key (`hdh_lockdown.proof`)."""

PROBE, SERVER, SENTINEL = "probe", "server", "sentinel"
"""The containers."""

PROBE_FILES = {
    "probe.py": ("spawner/probe.py", probe.__file__),
    "probe_pod.py": ("spawner/kubernetes/probe_pod.py", probe_pod.__file__),
}
"""The probe's program: key -> where it is mounted below its folder, and where it comes from."""

READINESS_PERIOD = 5
"""Seconds between two looks at the sentinel."""


def pod(order: PodOrder) -> Manifest:
    """Return the pod: the probe, then the server with the sentinel beside it."""
    spec: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "hostname": order.project,
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": order.grace,
        "dnsPolicy": "None",
        # Nobody listens there: a name is not found at once, instead of after the time that silence takes.
        "dnsConfig": {
            "nameservers": ["127.0.0.1"],
            "options": [{"name": "timeout", "value": "1"}, {"name": "attempts", "value": "1"}],
        },
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": ACCOUNT,
            "runAsGroup": ACCOUNT,
            "fsGroup": ACCOUNT,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": dict(order.seccomp),
        },
        "initContainers": [_probe(order)],
        "containers": [_server(order), _sentinel(order)],
        "volumes": _volumes(order),
        **_scheduling(order.scheduling),
    }
    if order.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in order.pull_secrets]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": order.name,
            "namespace": order.namespace,
            "labels": dict(order.labels),
            "annotations": dict(order.annotations),
        },
        "spec": spec,
    }


def probe_sources() -> dict[str, str]:
    """Return the probe's program, as files of the config map."""
    return {key: Path(source).read_text("utf-8") for key, (_, source) in PROBE_FILES.items()}


def environment(key: str) -> dict[str, str]:
    """Return all that the server is told by its environment, besides what its image says."""
    return {**server_environment(str(KERNELS)), KEY_VARIABLE: key}


def program(function: str) -> list[str]:
    """Return the command that runs a function of the probe."""
    code = (
        f"import sys; sys.path.insert(0, {probe_pod.FOLDER!r}); sys.dont_write_bytecode = True; "
        f"from spawner.kubernetes import probe_pod; probe_pod.{function}()"
    )
    return [PYTHON, "-I", "-S", "-c", code]


def _container(order: PodOrder, name: str, command: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "image": order.image,
        "imagePullPolicy": order.pull_policy,
        "command": command,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": ACCOUNT,
            "runAsGroup": ACCOUNT,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": dict(order.seccomp),
        },
        "terminationMessagePath": probe_pod.MESSAGE,
        "terminationMessagePolicy": "File",
    }


def _probe(order: PodOrder) -> dict[str, Any]:
    own = [{"name": "probe", "mountPath": probe_pod.FOLDER, "readOnly": True}]
    return {
        **_container(order, PROBE, program("probe")),
        "env": _node_address(),
        "resources": _resources(order.resources),
        "volumeMounts": [*own, *_seen(order)],
    }


def _server(order: PodOrder) -> dict[str, Any]:
    files = [{"name": "configuration", "mountPath": CONFIGURATION, "readOnly": True}]
    # Bound over the document that the snapshot holds, which is of no project.
    files.append({"name": "project", "mountPath": f"{CATALOGUE}/project.json", "subPath": "project.json"})
    files[-1]["readOnly"] = True
    memory = [{"name": "tmp", "mountPath": "/tmp"}, {"name": "shared-memory", "mountPath": "/dev/shm"}]  # noqa: S108
    return {
        **_container(order, SERVER, list(SERVER_COMMAND)),
        "env": [{"name": name, "value": value} for name, value in sorted(environment(order.key).items())],
        "ports": [{"name": "notebook-port", "containerPort": SERVER_PORT, "protocol": "TCP"}],
        "resources": _resources(order.resources),
        "volumeMounts": [*_seen(order), *(files if _sees_catalogue(order) else files[:1]), *memory],
        "workingDir": HOME,
    }


def _sentinel(order: PodOrder) -> dict[str, Any]:
    memory = quantity(SENTINEL_MEMORY)
    return {
        **_container(order, SENTINEL, program("watch")),
        "env": _node_address(),
        "readinessProbe": {
            "exec": {"command": program("fresh")},
            "periodSeconds": READINESS_PERIOD,
            "timeoutSeconds": READINESS_PERIOD,
            "failureThreshold": 1,
            "successThreshold": 1,
        },
        "resources": {
            "limits": {"cpu": cores(SENTINEL_CPU), "memory": memory},
            "requests": {"cpu": SENTINEL_REQUEST, "memory": memory},
        },
        "volumeMounts": [
            {"name": "probe", "mountPath": probe_pod.FOLDER, "readOnly": True},
            {"name": "sentinel", "mountPath": str(Path(probe_pod.PASSED).parent)},
        ],
    }


def _node_address() -> list[dict[str, Any]]:
    return [{"name": probe_pod.NODE_VARIABLE, "valueFrom": {"fieldRef": _field("status.hostIP")}}]


def _field(path: str) -> dict[str, str]:
    return {"apiVersion": "v1", "fieldPath": path}


def _resources(resources: Resources) -> dict[str, Any]:
    return {"limits": dict(resources.limits), "requests": dict(resources.requests)}


def _seen(order: PodOrder) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = [{"name": "home", "mountPath": HOME}]
    for mount in order.mounts:
        volume = {"name": mount.name, "mountPath": mount.path, "readOnly": True}
        seen.append({**volume, "subPath": mount.sub_path} if mount.sub_path else volume)
    return seen


def _sees_catalogue(order: PodOrder) -> bool:
    return any(mount.path == CATALOGUE for mount in order.mounts)


def _volumes(order: PodOrder) -> list[dict[str, Any]]:
    configuration = ["jupyter_server_config.json", *(["disclosure-policy.yaml"] if order.policy else [])]
    probe_items = [{"key": key, "path": path} for key, (path, _) in PROBE_FILES.items()]
    volumes: list[dict[str, Any]] = [
        {"name": "home", "persistentVolumeClaim": {"claimName": order.home}},
        _files("configuration", [{"key": key, "path": key} for key in configuration]),
        _files("probe", [{"key": "question.json", "path": "question.json"}, *probe_items]),
        _in_memory("tmp", order.resources.tmp),
        _in_memory("shared-memory", order.resources.shared_memory),
        _in_memory("sentinel", 2**20),
    ]
    if _sees_catalogue(order):
        volumes.append(_files("project", [{"key": "project.json", "path": "project.json"}]))
    claims = {mount.name: mount.claim for mount in order.mounts}
    return volumes + [
        {"name": name, "persistentVolumeClaim": {"claimName": claim, "readOnly": True}}
        for name, claim in claims.items()
    ]


def _files(name: str, items: list[dict[str, str]]) -> dict[str, Any]:
    return {"name": name, "configMap": {"name": CONFIG_MAP_NAME, "items": items, "defaultMode": 0o444}}


def _in_memory(name: str, size: int) -> dict[str, Any]:
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": quantity(size)}}


def _scheduling(scheduling: Scheduling) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if scheduling.node_selector:
        found["nodeSelector"] = dict(scheduling.node_selector)
    if scheduling.tolerations:
        found["tolerations"] = [dict(one) for one in scheduling.tolerations]
    if scheduling.node_affinity:
        terms = {"nodeSelectorTerms": [dict(term) for term in scheduling.node_affinity]}
        found["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    if scheduling.priority_class:
        found["priorityClassName"] = scheduling.priority_class
    if scheduling.scheduler:
        found["schedulerName"] = scheduling.scheduler
    if scheduling.runtime_class:
        found["runtimeClassName"] = scheduling.runtime_class
    return found
