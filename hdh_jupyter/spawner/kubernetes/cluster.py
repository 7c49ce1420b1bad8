"""Calls to the cluster's API, with what it refuses and its absence as exceptions of their own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from kubespawner.clients import shared_client

from .objects import Manifest

TIMEOUT = 10
"""Seconds that one call may take."""

CONFLICT, FORBIDDEN, NOT_FOUND, TOO_MANY, SERVER_ERRORS = 409, 403, 404, 429, 500


class ClusterAway(Exception):
    """The cluster's API does not answer."""


class ClusterRefusal(Exception):
    """The cluster's API says no.

    Attributes
    ----------
    status
        The HTTP status.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Kind:
    """How a kind of object is asked for: the part of the API, and how its methods are named there."""

    api: str
    suffix: str
    namespaced: bool = True


KINDS = {
    "ConfigMap": Kind("CoreV1Api", "namespaced_config_map"),
    "Endpoints": Kind("CoreV1Api", "namespaced_endpoints"),
    "LimitRange": Kind("CoreV1Api", "namespaced_limit_range"),
    "Namespace": Kind("CoreV1Api", "namespace", namespaced=False),
    "NetworkPolicy": Kind("NetworkingV1Api", "namespaced_network_policy"),
    "PersistentVolume": Kind("CoreV1Api", "persistent_volume", namespaced=False),
    "PersistentVolumeClaim": Kind("CoreV1Api", "namespaced_persistent_volume_claim"),
    "Pod": Kind("CoreV1Api", "namespaced_pod"),
    "ResourceQuota": Kind("CoreV1Api", "namespaced_resource_quota"),
}


class Cluster:
    """A cluster, as far as the spawner changes it.

    Parameters
    ----------
    namespace
        Where the namespaced objects are.
    """

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    async def create(self, manifest: Manifest) -> Manifest:
        """Make an object and return it as the cluster holds it."""
        return await self._ask("create", manifest["kind"], body=manifest)

    async def read(self, kind: str, name: str, namespace: str = "") -> Manifest:
        """Return an object."""
        return await self._ask("read", kind, name=name, namespace=namespace)

    async def items(self, kind: str) -> list[Manifest]:
        """Return all objects of a kind in the namespace."""
        found: list[Manifest] = (await self._ask("list", kind))["items"]
        return found

    async def put(self, manifest: Manifest) -> Manifest:
        """Make an object, or put it in place of the one that has its name; return it as the cluster holds it."""
        try:
            return await self.create(manifest)
        except ClusterRefusal as refusal:
            if refusal.status != CONFLICT:
                raise
        return await self._ask("replace", manifest["kind"], name=manifest["metadata"]["name"], body=manifest)

    async def make(self, manifest: Manifest) -> Manifest:
        """Make an object that is never changed, or return the one that has its name."""
        try:
            return await self.create(manifest)
        except ClusterRefusal as refusal:
            # Quotas are looked at before names are: what is there already may be refused for its size.
            if refusal.status not in (CONFLICT, FORBIDDEN):
                raise
            try:
                return await self.read(manifest["kind"], manifest["metadata"]["name"])
            except ClusterRefusal as missing:
                raise (refusal if missing.status == NOT_FOUND else missing) from missing

    async def delete(self, kind: str, name: str, grace: int) -> None:
        """End an object that takes a while to end, if it is there.

        Parameters
        ----------
        grace
            Seconds that it may take.
        """
        try:
            await self._ask("delete", kind, name=name, grace_period_seconds=grace)
        except ClusterRefusal as refusal:
            if refusal.status != NOT_FOUND:
                raise

    async def relabel(self, kind: str, name: str, labels: dict[str, str]) -> Manifest:
        """Give an object labels besides those that it has."""
        body = {"metadata": {"labels": labels}}
        return await self._ask("patch", kind, name=name, body=body, _content_type="application/merge-patch+json")

    async def _ask(self, verb: str, kind: str, namespace: str = "", **arguments: Any) -> Manifest:
        described = KINDS[kind]
        call = getattr(shared_client(described.api), f"{verb}_{described.suffix}")
        if described.namespaced:
            arguments["namespace"] = namespace or self.namespace
        return await answer(lambda: call(**arguments, _preload_content=False, _request_timeout=TIMEOUT))


async def answer(call: Callable[[], Awaitable[aiohttp.ClientResponse]]) -> Manifest:
    """Return what the API answers.

    Raises
    ------
    ClusterAway, ClusterRefusal
    """
    try:
        reply = await call()
        body = await reply.read()
    except (aiohttp.ClientError, OSError) as error:
        raise ClusterAway(repr(error)) from error
    if reply.status >= SERVER_ERRORS or reply.status == TOO_MANY:
        raise ClusterAway(f"{reply.status}: {body[:500]!r}")
    try:
        found: Manifest = json.loads(body)
    except ValueError as error:
        raise ClusterAway(f"{reply.status}: {body[:500]!r}") from error
    if not reply.ok:
        raise ClusterRefusal(reply.status, str(found.get("message", reply.reason)))
    return found
