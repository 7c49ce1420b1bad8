"""The rights that the hub needs on a cluster: the least with which workspaces open. Pure.

Namespaces come and go with projects, so that rights in them are the cluster's to give (a ClusterRole), for all of its
namespaces: a hub that is taken over can do in any of them what is listed here. Who runs it on a cluster with other
tenants confines it further by an admission policy.
"""

from __future__ import annotations

from typing import Any

from .objects import MANAGED, Manifest

ROLE = "hdh-jupyter-hub"


def rules() -> list[dict[str, Any]]:
    """Return the rights in all namespaces.

    Pods are watched and never entered: no `pods/exec`, no `pods/log`. No secret is read. Nothing is deleted but pods.
    """
    return [
        _rule("", ["namespaces"], ["create", "get", "patch"]),
        _rule("networking.k8s.io", ["networkpolicies"], ["create", "list", "update"]),
        _rule("", ["configmaps", "limitranges", "resourcequotas"], ["create", "update"]),
        _rule("", ["persistentvolumeclaims"], ["create", "get"]),
        _rule("", ["pods"], ["create", "delete", "list", "watch"]),
    ]


def volume_rules() -> list[dict[str, Any]]:
    """Return the rights that only volumes made for projects take (`dataset_volumes` with `persistent_volume`)."""
    return [_rule("", ["persistentvolumes"], ["create", "get"])]


def api_rules() -> list[dict[str, Any]]:
    """Return the rights in the namespace `default`: to learn where the cluster's API answers, which is then tried."""
    return [{**_rule("", ["endpoints"], ["get"]), "resourceNames": ["kubernetes"]}]


def manifests(namespace: str, service_account: str, *, volumes: bool) -> list[Manifest]:
    """Return the objects that give the hub's service account its rights.

    Parameters
    ----------
    volumes
        Whether the hub makes volumes for projects.
    """
    subject = {"kind": "ServiceAccount", "name": service_account, "namespace": namespace}
    everywhere = [*rules(), *(volume_rules() if volumes else [])]
    return [
        _object("ClusterRole", ROLE, rules=everywhere),
        _object("ClusterRoleBinding", ROLE, roleRef=_reference("ClusterRole"), subjects=[subject]),
        _object("Role", ROLE, "default", rules=api_rules()),
        _object("RoleBinding", ROLE, "default", roleRef=_reference("Role"), subjects=[subject]),
    ]


def _rule(group: str, resources: list[str], verbs: list[str]) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def _reference(kind: str) -> dict[str, str]:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": ROLE}


def _object(kind: str, name: str, namespace: str = "", **content: Any) -> Manifest:
    metadata: dict[str, Any] = {"name": name, "labels": dict(MANAGED)}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, **content}
