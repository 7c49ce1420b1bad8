"""What is made on a cluster, compared as a whole."""

from __future__ import annotations

import json
from typing import Any

import kubernetes_validate
import pytest

from hdh_jupyter.spawner.kubernetes import objects, rbac, storage
from hdh_jupyter.spawner.kubernetes.objects import EgressException, Zone
from hdh_jupyter.spawner.kubernetes.order import PodOrder, Resources, Scheduling
from hdh_jupyter.spawner.kubernetes.pod import pod
from hdh_jupyter.spawner.kubernetes.restricted import violations
from hdh_jupyter.spawner.kubernetes.storage import Mount
from hdh_jupyter.spawner.limits import Limits

VERSIONS = ("1.25", "1.27", "1.29", "1.31", "1.33")

LIMITS = Limits(
    memory=2**32,
    cpu=2.0,
    processes=1024,
    open_files=8192,
    file_size=2**34,
    disk=20_000_000_000,
    files=1_000_000,
    tmp=2**30,
    shared_memory=2**29,
)

ZONE = Zone({"kubernetes.io/metadata.name": "hdh"}, {"app.kubernetes.io/component": "gateway"})

LABELS = {"app.kubernetes.io/managed-by": "hdh-jupyter", "hdh.health/project": "vox"}

ORDER = PodOrder(
    name="workspace",
    namespace="hdh-prj-vox",
    project="vox",
    image="registry.example/hdh-workspace@sha256:" + "0" * 64,
    pull_policy="IfNotPresent",
    pull_secrets=("registry",),
    labels=LABELS,
    annotations={},
    home="home",
    mounts=(Mount("dataset-oscour", "oscour", "/data/oscour", "2026"), Mount("catalogue", "catalogue", "/catalogue")),
    policy=True,
    resources=Resources({"cpu": "2", "memory": "4294967296"}, {"cpu": "1", "memory": "4294967296"}, 2**30, 2**29),
    scheduling=Scheduling(
        {"gpu": "yes"},
        ({"key": "gpu", "operator": "Exists"},),
        ({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]},),
        "low",
        "other-scheduler",
        "gvisor",
    ),
    seccomp={"type": "RuntimeDefault"},
    grace=10,
    key="0f" * 32,
)

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def run(function: str) -> list[str]:
    code = (
        "import sys; sys.path.insert(0, '/opt/hdh-probe'); sys.dont_write_bytecode = True; "
        f"from spawner.kubernetes import probe_pod; probe_pod.{function}()"
    )
    return ["/opt/hdh/bin/python", "-I", "-S", "-c", code]


def container(name: str, command: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "image": ORDER.image,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "securityContext": RESTRICTED,
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


NODE = [
    {"name": "HDH_NODE_ADDRESS", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.hostIP"}}},
]

RESOURCES = {"limits": {"cpu": "2", "memory": "4294967296"}, "requests": {"cpu": "1", "memory": "4294967296"}}

SEEN = [
    {"name": "home", "mountPath": "/home/project"},
    {"name": "dataset-oscour", "mountPath": "/data/oscour", "readOnly": True, "subPath": "2026"},
    {"name": "catalogue", "mountPath": "/catalogue", "readOnly": True},
]

PROBE = {"name": "probe", "mountPath": "/opt/hdh-probe", "readOnly": True}

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "workspace", "namespace": "hdh-prj-vox", "labels": LABELS, "annotations": {}},
    "spec": {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "hostname": "vox",
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 10,
        "dnsPolicy": "None",
        "dnsConfig": {
            "nameservers": ["127.0.0.1"],
            "options": [{"name": "timeout", "value": "1"}, {"name": "attempts", "value": "1"}],
        },
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "fsGroup": 1000,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [
            {
                **container("probe", run("probe")),
                "env": NODE,
                "resources": RESOURCES,
                "volumeMounts": [PROBE, *SEEN],
            }
        ],
        "containers": [
            {
                **container(
                    "server",
                    ["/usr/bin/tini", "--", "/opt/hdh/bin/python", "-s", "-P", "-m", "hdh_lockdown.server"],
                ),
                "env": [
                    {"name": "HDH_WORKSPACE_KEY", "value": "0f" * 32},
                    {"name": "HOME", "value": "/home/project"},
                    {"name": "JUPYTER_CONFIG_DIR", "value": "/etc/jupyter"},
                    {"name": "JUPYTER_DATA_DIR", "value": "/tmp/jupyter"},
                    {"name": "JUPYTER_PATH", "value": "/opt/kernels"},
                    {"name": "JUPYTER_RUNTIME_DIR", "value": "/tmp/jupyter/runtime"},
                    {"name": "SHELL", "value": "/bin/bash"},
                    {"name": "USER", "value": "project"},
                ],
                "ports": [{"name": "notebook-port", "containerPort": 8888, "protocol": "TCP"}],
                "resources": RESOURCES,
                "volumeMounts": [
                    *SEEN,
                    {"name": "configuration", "mountPath": "/etc/jupyter", "readOnly": True},
                    {
                        "name": "project",
                        "mountPath": "/catalogue/project.json",
                        "subPath": "project.json",
                        "readOnly": True,
                    },
                    {"name": "tmp", "mountPath": "/tmp"},
                    {"name": "shared-memory", "mountPath": "/dev/shm"},
                ],
                "workingDir": "/home/project",
            },
            {
                **container("sentinel", run("watch")),
                "env": NODE,
                "readinessProbe": {
                    "exec": {"command": run("fresh")},
                    "periodSeconds": 5,
                    "timeoutSeconds": 5,
                    "failureThreshold": 1,
                    "successThreshold": 1,
                },
                "resources": {
                    "limits": {"cpu": "200m", "memory": "67108864"},
                    "requests": {"cpu": "10m", "memory": "67108864"},
                },
                "volumeMounts": [PROBE, {"name": "sentinel", "mountPath": "/run/sentinel"}],
            },
        ],
        "volumes": [
            {"name": "home", "persistentVolumeClaim": {"claimName": "home"}},
            {
                "name": "configuration",
                "configMap": {
                    "name": "hdh-workspace",
                    "items": [
                        {"key": "jupyter_server_config.json", "path": "jupyter_server_config.json"},
                        {"key": "disclosure-policy.yaml", "path": "disclosure-policy.yaml"},
                    ],
                    "defaultMode": 0o444,
                },
            },
            {
                "name": "probe",
                "configMap": {
                    "name": "hdh-workspace",
                    "items": [
                        {"key": "question.json", "path": "question.json"},
                        {"key": "probe.py", "path": "spawner/probe.py"},
                        {"key": "probe_pod.py", "path": "spawner/kubernetes/probe_pod.py"},
                    ],
                    "defaultMode": 0o444,
                },
            },
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "1073741824"}},
            {"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": "536870912"}},
            {"name": "sentinel", "emptyDir": {"medium": "Memory", "sizeLimit": "1048576"}},
            {
                "name": "project",
                "configMap": {
                    "name": "hdh-workspace",
                    "items": [{"key": "project.json", "path": "project.json"}],
                    "defaultMode": 0o444,
                },
            },
            {"name": "dataset-oscour", "persistentVolumeClaim": {"claimName": "oscour", "readOnly": True}},
            {"name": "catalogue", "persistentVolumeClaim": {"claimName": "catalogue", "readOnly": True}},
        ],
        "nodeSelector": {"gpu": "yes"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]},
                    ]
                }
            }
        },
        "priorityClassName": "low",
        "schedulerName": "other-scheduler",
        "runtimeClassName": "gvisor",
        "imagePullSecrets": [{"name": "registry"}],
    },
}

POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "hdh-sealed", "labels": LABELS},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "hdh"}},
                        "podSelector": {"matchLabels": {"app.kubernetes.io/component": "gateway"}},
                    }
                ],
                "ports": [{"protocol": "TCP", "port": 8888}],
            }
        ],
        "egress": [],
    },
}


def test_a_pod_is_the_probe_then_the_server_and_the_sentinel() -> None:
    assert pod(ORDER) == POD


def test_a_policy_lets_the_gateway_in_and_nothing_out() -> None:
    assert objects.network_policy("vox", ZONE, ()) == POLICY


def test_an_exception_is_one_address_and_one_port() -> None:
    policy = objects.network_policy(
        "vox", ZONE, (EgressException("192.0.2.7", 443), EgressException("2001:db8::7", 22))
    )
    assert policy["spec"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "192.0.2.7/32"}}], "ports": [{"protocol": "TCP", "port": 443}]},
        {"to": [{"ipBlock": {"cidr": "2001:db8::7/128"}}], "ports": [{"protocol": "TCP", "port": 22}]},
    ]
    assert {name: value for name, value in policy["spec"].items() if name != "egress"} == {
        name: value for name, value in POLICY["spec"].items() if name != "egress"
    }


def test_a_namespace_asks_for_the_restricted_standard() -> None:
    assert objects.namespace("hdh-prj-vox", "vox") == {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": "hdh-prj-vox",
            "labels": {
                **LABELS,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/enforce-version": "latest",
                "pod-security.kubernetes.io/audit": "restricted",
                "pod-security.kubernetes.io/audit-version": "latest",
                "pod-security.kubernetes.io/warn": "restricted",
                "pod-security.kubernetes.io/warn-version": "latest",
            },
        },
    }


def test_a_quota_is_one_workspace_and_its_sentinel() -> None:
    assert objects.resource_quota("vox", LIMITS) == {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "hdh-workspace", "labels": LABELS},
        "spec": {
            "hard": {
                "pods": "1",
                "limits.cpu": "2200m",
                "limits.memory": "4362076160",
                "requests.cpu": "2200m",
                "requests.memory": "4362076160",
                "services": "0",
                "services.loadbalancers": "0",
                "services.nodeports": "0",
            }
        },
    }


def test_a_container_has_limits_even_when_it_states_none() -> None:
    least = {"cpu": "200m", "memory": "67108864"}
    most = {"cpu": "2", "memory": "4294967296"}
    assert objects.limit_range("vox", LIMITS) == {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": "hdh-workspace", "labels": LABELS},
        "spec": {"limits": [{"type": "Container", "max": most, "default": least, "defaultRequest": least}]},
    }


def test_a_home_is_a_claim() -> None:
    assert storage.home_claim("home", "vox", LIMITS.disk, "fast", ["ReadWriteOnce"], {}) == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "home", "labels": LABELS},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "20G"}},
            "storageClassName": "fast",
        },
    }


def test_a_dataset_is_a_volume_of_one_claim_that_nobody_deletes() -> None:
    nfs = {"nfs": {"server": "192.0.2.9", "path": "/export/oscour"}}
    volume, claim = storage.shared_volume("hdh-prj-vox", "vox", "dataset-oscour", nfs)
    assert volume == {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "hdh-prj-vox-dataset-oscour", "labels": LABELS},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "",
            "volumeMode": "Filesystem",
            "capacity": {"storage": "1Gi"},
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": "hdh-prj-vox",
                "name": "dataset-oscour",
            },
            **nfs,
        },
    }
    assert claim == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "dataset-oscour", "labels": LABELS},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "",
            "volumeMode": "Filesystem",
            "resources": {"requests": {"storage": "1Gi"}},
            "volumeName": "hdh-prj-vox-dataset-oscour",
        },
    }


MADE = [
    POD,
    POLICY,
    objects.namespace("hdh-prj-vox", "vox"),
    objects.resource_quota("vox", LIMITS),
    objects.limit_range("vox", LIMITS),
    objects.config_map("vox", {"question.json": "{}"}),
    storage.home_claim("home", "vox", LIMITS.disk, None, ["ReadWriteOnce"], {"matchLabels": {"a": "b"}}),
    *storage.shared_volume("hdh-prj-vox", "vox", "catalogue", {"hostPath": {"path": "/srv/catalogue"}}),
    *rbac.manifests("hdh", "hub", volumes=True),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", MADE, ids=lambda manifest: manifest["kind"])
def test_every_version_takes_what_is_made(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(json.loads(json.dumps(manifest)), version, strict=True)


def test_the_validation_finds_faults() -> None:
    wrong = json.loads(json.dumps(POD))
    wrong["spec"]["containers"][0]["ports"][0]["containerPort"] = "8888"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_the_pod_satisfies_the_restricted_standard() -> None:
    assert violations(pod(ORDER)) == []


@pytest.mark.parametrize(
    ("amount", "written"),
    [(0, "0"), (1000, "1k"), (1500, "1500"), (2**30, "1073741824"), (2_000_000_000, "2G"), (10**18, "1000P")],
)
def test_quantities_are_written_as_the_cluster_does(amount: int, written: str) -> None:
    assert objects.quantity(amount) == written


@pytest.mark.parametrize(("cpu", "written"), [(1, "1"), (0.5, "500m"), (2.25, "2250m"), (10, "10")])
def test_cores_are_written_as_the_cluster_does(cpu: float, written: str) -> None:
    assert objects.cores(cpu) == written
