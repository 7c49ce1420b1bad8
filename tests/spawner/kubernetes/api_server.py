"""A small API server of a cluster for tests: it keeps objects, serves watches, and plays the machine that runs pods.

It answers as the real one does where the spawner looks: conflicts, fields that are left out when empty, versions of
resources, statuses of containers. What pods find and say is for a test to choose (`Behaviour`).
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hdh_jupyter.spawner.kubernetes.probe_pod import KINDS, NODE_VARIABLE

Manifest = dict[str, Any]

RESOURCES = {
    "configmaps",
    "endpoints",
    "limitranges",
    "namespaces",
    "networkpolicies",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "resourcequotas",
}


def sealed_report(question: Manifest) -> Manifest:
    """Return what the probe reports in a sealed pod that was asked this question."""
    capabilities = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0000000000000000")
    return {
        "tcp": {f"{address} {port}": "ETIMEDOUT" for address, port in question["tcp"]},
        "udp": {f"{address} {port}": "ETIMEDOUT" for address, port in question["udp"]},
        "dns": dict.fromkeys(question["names"], "unresolved"),
        "near": {"node": "ETIMEDOUT", "first_hop": "ETIMEDOUT"},
        "vsock": {"hypervisor": "absent"},
        "privileges": {**capabilities, "NoNewPrivs": "1"},
        "filtered": [["2", "1", "0000000000000000", "0000000000000000"]],
        "account": {"users": [1000], "groups": [1000]},
        "user_namespace": "refused",
        "raw_sockets": [],
        "kernel_settings": [],
        "present": [],
        "closed_folders": [],
        "environment": ["HOME", NODE_VARIABLE, "PATH"],
        "data": sorted(path.removeprefix("/data/") for path in question["read_only"] if path.startswith("/data/")),
        "data_writable": [],
        "home": True,
    }


@dataclass
class Behaviour:
    """What the cluster does besides what it is told.

    Attributes
    ----------
    report
        What the probe says, of what it would say when sealed.
    admit
        What admission makes of an object that is created.
    waiting
        The reason for which containers wait; empty when they start.
    """

    report: Callable[[Manifest], str] = json.dumps
    admit: Callable[[Manifest], Manifest] = lambda manifest: manifest
    waiting: str = ""
    conditions: list[Manifest] = field(default_factory=list)


class ApiServer:
    """The objects, and those who watch them."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Manifest] = {}
        self.behaviour = Behaviour()
        self.calls: list[tuple[str, str]] = []
        self.away = False
        self.refusal: tuple[str, int, str] | None = None
        self.refusals = 1000
        self._versions = itertools.count(1)
        self._events: list[tuple[int, str, Manifest]] = []
        self._told = asyncio.Event()

    def keep(self, resource: str, manifest: Manifest, namespace: str = "") -> Manifest:
        """Keep an object as the API server does."""
        kept = left_out(copy.deepcopy(manifest))
        metadata = kept["metadata"]
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata["resourceVersion"] = str(next(self._versions))
        if namespace:
            metadata["namespace"] = namespace
        key = (resource, namespace, metadata["name"])
        kind = "MODIFIED" if key in self.objects else "ADDED"
        self.objects[key] = kept
        self._tell(resource, kind, kept)
        return kept

    def remove(self, resource: str, namespace: str, name: str) -> None:
        """Take an object away."""
        self._tell(resource, "DELETED", self.objects.pop((resource, namespace, name)))

    def names(self, resource: str, namespace: str = "") -> list[str]:
        return sorted(name for kind, place, name in self.objects if (kind, place) == (resource, namespace))

    def pod(self, namespace: str, name: str = "workspace") -> Manifest:
        return self.objects["pods", namespace, name]

    def set_status(self, namespace: str, **status: Any) -> None:
        """Change the status of a workspace's pod."""
        pod = copy.deepcopy(self.pod(namespace))
        pod["status"].update(status)
        self.keep("pods", pod, namespace)

    def end_container(self, namespace: str, name: str, message: str = "", code: int = 1) -> None:
        """End a container of a workspace's pod with a message."""
        states = copy.deepcopy(self.pod(namespace)["status"]["containerStatuses"])
        for one in states:
            if one["name"] == name:
                one.update(state={"terminated": {"exitCode": code, "message": message}}, ready=False)
        self.set_status(namespace, containerStatuses=states)

    def set_ready(self, namespace: str, name: str, ready: bool) -> None:
        states = copy.deepcopy(self.pod(namespace)["status"]["containerStatuses"])
        for one in states:
            if one["name"] == name:
                one["ready"] = ready
        self.set_status(namespace, containerStatuses=states)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.away:
            request.transport.close()
            return web.Response()
        words = request.path.strip("/").split("/")
        words = words[2:] if words[0] == "api" else words[3:]
        namespace = ""
        if words[0] == "namespaces" and len(words) > 2:
            namespace, words = words[1], words[2:]
        resource, name = words[0], words[1] if len(words) > 1 else ""
        assert resource in RESOURCES, request.path
        verb = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}.get(request.method)
        verb = verb or ("get" if name else "watch" if "watch" in request.query else "list")
        self.calls.append((verb, resource))
        if self.refusal is not None and self.refusal[0] == f"{verb} {resource}" and self.refusals > 0:
            self.refusals -= 1
            return refused(*self.refusal[1:])
        if verb == "watch":
            return await self._watch(request, resource)
        if verb == "list":
            found = [one for key, one in self.objects.items() if key[0] == resource and namespace in ("", key[1])]
            version = str(next(self._versions))
            return web.json_response({"kind": "List", "metadata": {"resourceVersion": version}, "items": found})
        if verb == "create":
            return self._create(resource, namespace, await request.json())
        key = (resource, namespace, name)
        if key not in self.objects:
            return refused(404, f"{resource} {name!r} not found")
        if verb == "delete":
            found = self.objects[key]
            self.remove(*key)
            return web.json_response(found)
        if verb == "patch":
            changed = copy.deepcopy(self.objects[key])
            changed["metadata"].setdefault("labels", {}).update((await request.json())["metadata"]["labels"])
            return web.json_response(self.keep(resource, changed, namespace))
        if verb == "update":
            return web.json_response(self.keep(resource, self.behaviour.admit(await request.json()), namespace))
        return web.json_response(self.objects[key])

    def _create(self, resource: str, namespace: str, manifest: Manifest) -> web.Response:
        if (resource, namespace, manifest["metadata"]["name"]) in self.objects:
            return refused(409, "already exists")
        if namespace and ("namespaces", "", namespace) not in self.objects:
            return refused(404, f"namespaces {namespace!r} not found")
        kept = self.keep(resource, self.behaviour.admit(copy.deepcopy(manifest)), namespace)
        if resource == "pods":
            asyncio.get_running_loop().call_soon(self._run, namespace, kept["metadata"]["name"])
            kept["status"] = {"phase": "Pending"}
        return web.json_response(kept, status=201)

    def _run(self, namespace: str, name: str) -> None:
        """Do what a machine does with a pod: the first container, then the others."""
        pod = copy.deepcopy(self.objects["pods", namespace, name])
        waits = {"waiting": {"reason": self.behaviour.waiting or "PodInitializing"}}
        question = json.loads(self.objects["configmaps", namespace, "hdh-workspace"]["data"]["question.json"])
        message = self.behaviour.report(sealed_report(question))
        found = json.loads(message) if message.startswith("{") else {}
        holes = any(ended == "reached" for kind in KINDS for ended in found.get(kind, {}).values())
        ended = {"terminated": {"exitCode": int(holes), "message": message}}
        goes = not holes and not self.behaviour.waiting and not self.behaviour.conditions
        pod["status"] = {
            "phase": "Running" if goes else "Failed" if holes else "Pending",
            "podIP": "127.0.0.9",
            "hostIP": "192.0.2.2",
            "conditions": self.behaviour.conditions,
            "initContainerStatuses": [{"name": "probe", "state": waits if self.behaviour.waiting else ended}],
            "containerStatuses": [
                {"name": one, "state": {"running": {}} if goes else waits, "ready": goes}
                for one in ("sentinel", "server")
            ],
        }
        if self.behaviour.conditions:
            pod["status"]["initContainerStatuses"] = []
        self.keep("pods", pod, namespace)

    def _tell(self, resource: str, kind: str, manifest: Manifest) -> None:
        self._events.append((next(self._versions), resource, {"type": kind, "object": manifest}))
        self._told.set()
        self._told = asyncio.Event()

    async def _watch(self, request: web.Request, resource: str) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "application/json"})
        await reply.prepare(request)
        since = int(request.query.get("resourceVersion", "0") or 0)
        while not self.away:
            told = self._told
            for version, kind, event in self._events:
                if kind == resource and version > since:
                    since = version
                    await reply.write(json.dumps(event).encode() + b"\n")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), 0.2)
        return reply


def left_out(value: Any) -> Any:
    """Return an object without what the API server leaves out: fields that are empty lists or nothing."""
    if isinstance(value, dict):
        return {name: left_out(one) for name, one in value.items() if one is not None and one != []}
    return [left_out(one) for one in value] if isinstance(value, list) else value


def refused(status: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "status": "Failure", "message": message, "code": status}, status=status)


@asynccontextmanager
async def serving(api: ApiServer) -> AsyncIterator[str]:
    """Answer on a port for as long as the block runs, and yield the URL."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", api.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = site._server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        api.away = True
        await runner.cleanup()
