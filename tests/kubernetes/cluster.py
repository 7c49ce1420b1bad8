"""The cluster's API as an administrator of it, by the file that KUBECONFIG names."""

from __future__ import annotations

import base64
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml

PATIENCE = 120
"""Seconds for what the cluster does by itself."""

Manifest = dict[str, Any]

FOLDERS = {
    "Namespace": ("api/v1", "namespaces", False),
    "Node": ("api/v1", "nodes", False),
    "PersistentVolume": ("api/v1", "persistentvolumes", False),
    "Pod": ("api/v1", "pods", True),
    "PersistentVolumeClaim": ("api/v1", "persistentvolumeclaims", True),
    "ResourceQuota": ("api/v1", "resourcequotas", True),
    "ConfigMap": ("api/v1", "configmaps", True),
    "Secret": ("api/v1", "secrets", True),
    "ServiceAccount": ("api/v1", "serviceaccounts", True),
    "NetworkPolicy": ("apis/networking.k8s.io/v1", "networkpolicies", True),
    "StorageClass": ("apis/storage.k8s.io/v1", "storageclasses", False),
    "Deployment": ("apis/apps/v1", "deployments", True),
    "Role": ("apis/rbac.authorization.k8s.io/v1", "roles", True),
    "RoleBinding": ("apis/rbac.authorization.k8s.io/v1", "rolebindings", True),
    "ClusterRole": ("apis/rbac.authorization.k8s.io/v1", "clusterroles", False),
    "ClusterRoleBinding": ("apis/rbac.authorization.k8s.io/v1", "clusterrolebindings", False),
}
"""Where each kind of object is, by the path of its group, its plural, and whether it belongs to a namespace."""


class Cluster:
    """A cluster, asked as whoever the file says."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        content = yaml.safe_load(kubeconfig.read_text())
        context = _named(content["contexts"], content["current-context"])["context"]
        self.settings = _named(content["clusters"], context["cluster"])["cluster"]
        user = _named(content["users"], context["user"])["user"]
        self.url = self.settings["server"].rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = not self.settings.get("insecure-skip-tls-verify", False) and (
            _file(self.settings, "certificate-authority") or True
        )
        if "token" in user:
            self.session.headers["Authorization"] = f"Bearer {user['token']}"
        elif "client-certificate" in user or "client-certificate-data" in user:
            self.session.cert = (_file(user, "client-certificate"), _file(user, "client-key"))

    @property
    def endpoint(self) -> tuple[str, int]:
        """The API server's host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 443

    def ask(self, method: str, path: str, content: Any = None, **options: Any) -> requests.Response:
        """Ask anything."""
        options.setdefault("timeout", 20)
        return self.session.request(method, f"{self.url}/{path}", json=content, **options)

    def path(self, kind: str, namespace: str = "", name: str = "") -> str:
        """Return where objects of a kind are, or one of them."""
        group, plural, namespaced = FOLDERS[kind]
        inside = f"/namespaces/{namespace}" if namespaced and namespace else ""
        return f"{group}{inside}/{plural}" + (f"/{name}" if name else "")

    def get(self, kind: str, namespace: str = "", name: str = "") -> Manifest | None:
        """Return an object, or None."""
        reply = self.ask("GET", self.path(kind, namespace, name))
        if reply.status_code == 404:
            return None
        reply.raise_for_status()
        found: Manifest = reply.json()
        return found

    def list(self, kind: str, namespace: str = "", selector: str = "") -> list[Manifest]:
        """Return all objects of a kind, of every namespace when none is named."""
        reply = self.ask("GET", self.path(kind, namespace), params={"labelSelector": selector})
        reply.raise_for_status()
        found: list[Manifest] = reply.json()["items"]
        return found

    def put(self, manifest: Manifest) -> Manifest:
        """Make an object, or replace the one that is there."""
        metadata = manifest["metadata"]
        kind, namespace, name = manifest["kind"], metadata.get("namespace", ""), metadata["name"]
        read = "resourceVersion" in metadata
        reply = None if read else self.ask("POST", self.path(kind, namespace), manifest)
        if reply is None or reply.status_code == 409:
            reply = self.ask("PUT", self.path(kind, namespace, name), manifest)
        assert reply.ok, f"{kind} {name}: {reply.text}"
        made: Manifest = reply.json()
        return made

    def delete(self, kind: str, namespace: str = "", name: str = "", grace: int | None = None) -> None:
        """Delete an object, if it is there."""
        options = {} if grace is None else {"params": {"gracePeriodSeconds": grace}}
        reply = self.ask("DELETE", self.path(kind, namespace, name), **options)
        assert reply.ok or reply.status_code == 404, reply.text

    def addresses(self) -> list[str]:
        """Return the addresses of the cluster's machines within it."""
        nodes = self.list("Node")
        return [
            address["address"]
            for node in nodes
            for address in node["status"]["addresses"]
            if address["type"] == "InternalIP"
        ]

    def as_account(self, namespace: str, name: str, folder: Path) -> Path:
        """Return a file for whoever is to ask as a service account, with the rights of that and no others."""
        token = self._token(namespace, name)
        server = {key: value for key, value in self.settings.items() if key != "server"} | {"server": self.url}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": server}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": name, "context": {"cluster": "cluster", "user": name, "namespace": namespace}}],
            "current-context": name,
        }
        path = folder / f"{namespace}-{name}.kubeconfig"
        path.write_text(yaml.safe_dump(content))
        path.chmod(0o600)
        return path

    def _token(self, namespace: str, name: str) -> str:
        self.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}})
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
        content = {**request, "spec": {"expirationSeconds": 7200, "audiences": []}}
        reply = self.ask("POST", self.path("ServiceAccount", namespace, name) + "/token", content)
        assert reply.ok, reply.text
        token: str = reply.json()["status"]["token"]
        return token


def wait_until(condition: Callable[[], Any], seconds: float = PATIENCE, what: str = "") -> Any:
    """Return the first true value of a condition."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.2)


def _named(items: list[Manifest], name: str) -> Manifest:
    return next(item for item in items if item["name"] == name)


def _file(settings: Manifest, name: str) -> str:
    """Return the path of what a file holds by path or by content, empty when it holds neither."""
    if f"{name}-data" not in settings:
        return str(settings.get(name, ""))
    descriptor, path = tempfile.mkstemp(prefix="hdh-kubernetes-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64decode(settings[f"{name}-data"]))
    return path
