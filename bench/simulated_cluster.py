"""A cluster's API as its own process, for measuring the hub alone: it keeps objects, tells watchers, and runs pods.

Also answers in the gateway's place, which the hub asks whether a workspace answers. `GET /_calls` says what was asked.
"""

from __future__ import annotations

import asyncio
import collections
import copy
import itertools
import json
import socket
import sys
import uuid
from pathlib import Path
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.spawner.kubernetes.api_server import left_out, refused, sealed_report

Manifest = dict[str, Any]
START = 0.5
"""Seconds that a pod takes until its server runs."""


class SimulatedCluster:
    """Objects in memory, and one queue for each watcher."""

    def __init__(self, endpoint: tuple[str, int]) -> None:
        self.objects: dict[str, dict[tuple[str, str], Manifest]] = collections.defaultdict(dict)
        self.calls: collections.Counter[str] = collections.Counter()
        self.watchers: dict[str, list[asyncio.Queue[Manifest]]] = collections.defaultdict(list)
        self.versions = itertools.count(1)
        self.addresses = itertools.count(2)
        self.tasks: set[asyncio.Task[None]] = set()
        subset = {"addresses": [{"ip": endpoint[0]}], "ports": [{"port": endpoint[1]}]}
        published = {"metadata": {"name": "kubernetes"}, "subsets": [subset]}
        self.keep("endpoints", "default", "kubernetes", published)

    def keep(self, resource: str, namespace: str, name: str, manifest: Manifest) -> Manifest:
        kept: Manifest = left_out(manifest)
        kept["metadata"].setdefault("uid", str(uuid.uuid4()))
        kept["metadata"]["resourceVersion"] = str(next(self.versions))
        if namespace:
            kept["metadata"]["namespace"] = namespace
        known = (namespace, name) in self.objects[resource]
        self.objects[resource][namespace, name] = kept
        self.tell(resource, "MODIFIED" if known else "ADDED", kept)
        return kept

    def tell(self, resource: str, kind: str, manifest: Manifest) -> None:
        for queue in self.watchers[resource]:
            queue.put_nowait({"type": kind, "object": manifest})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        words = request.path.strip("/").split("/")
        words = words[2:] if words[0] == "api" else words[3:]
        namespace = ""
        if words[0] == "namespaces" and len(words) > 2:
            namespace, words = words[1], words[2:]
        resource, name = words[0], words[1] if len(words) > 1 else ""
        method = request.method
        watched = "watch" in request.query
        self.calls[f"{method} {resource}{'' if name else ' watch' if watched else ' all'}"] += 1
        kinds = self.objects[resource]
        if watched:
            return await self.watch(request, resource)
        if method == "GET" and not name:
            found = [one for (place, _), one in kinds.items() if namespace in ("", place)]
            version = {"resourceVersion": str(next(self.versions))}
            return web.json_response({"kind": "List", "metadata": version, "items": found})
        if method == "POST":
            return self.create(resource, namespace, await request.json())
        if (namespace, name) not in kinds:
            return refused(404, f"{resource} {name!r} not found")
        if method == "DELETE":
            gone = kinds.pop((namespace, name))
            self.tell(resource, "DELETED", gone)
            return web.json_response(gone)
        if method == "PUT":
            return web.json_response(self.keep(resource, namespace, name, await request.json()))
        return web.json_response(kinds[namespace, name])

    def create(self, resource: str, namespace: str, manifest: Manifest) -> web.Response:
        name = manifest["metadata"]["name"]
        if (namespace, name) in self.objects[resource]:
            return refused(409, "already exists")
        if resource == "pods":
            manifest["status"] = {"phase": "Pending"}
            task = asyncio.get_running_loop().create_task(self.run(namespace, name))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.json_response(self.keep(resource, namespace, name, manifest), status=201)

    async def run(self, namespace: str, name: str) -> None:
        """Do what a machine does with a pod, in the three changes of its status that a watcher is told of."""
        files = self.objects["configmaps"][namespace, "hdh-workspace"]["data"]
        message = json.dumps(sealed_report(json.loads(files["question.json"])))
        number = next(self.addresses)
        address = f"10.{200 + number // 65536}.{number // 256 % 256}.{number % 256}"
        ended = {"terminated": {"exitCode": 0, "message": message}}
        for phase, probe, others in (
            ("Pending", {"running": {}}, False),
            ("Running", ended, False),
            ("Running", ended, True),
        ):
            await asyncio.sleep(START / 3)
            if (namespace, name) not in self.objects["pods"]:
                return
            pod = copy.deepcopy(self.objects["pods"][namespace, name])
            state = {"running": {}} if phase == "Running" else {"waiting": {"reason": "PodInitializing"}}
            pod["status"] = {
                "phase": phase,
                "podIP": address,
                "hostIP": "192.0.2.2",
                "initContainerStatuses": [{"name": "probe", "state": probe}],
                "containerStatuses": [{"name": one, "state": state, "ready": others} for one in ("sentinel", "server")],
            }
            self.keep("pods", namespace, name, pod)

    async def watch(self, request: web.Request, resource: str) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "application/json"})
        await reply.prepare(request)
        queue: asyncio.Queue[Manifest] = asyncio.Queue()
        self.watchers[resource].append(queue)
        try:
            async with asyncio.timeout(float(request.query.get("timeoutSeconds", "60"))):
                while True:
                    await reply.write(json.dumps(await queue.get()).encode() + b"\n")
        except TimeoutError:
            return reply
        finally:
            self.watchers[resource].remove(queue)


def here() -> str:
    """Return an address of this machine that is not its loopback's, of which pods have their own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        route.connect(("192.0.2.1", 9))
        address: str = route.getsockname()[0]
        return address


async def serve(port: int, gateway_port: int) -> None:
    """Answer until the process is ended."""
    cluster = SimulatedCluster((here(), port))

    async def calls(_: web.Request) -> web.Response:
        return web.json_response(cluster.calls)

    async def answers(_: web.Request) -> web.Response:
        return web.json_response({"version": "2.21.1"}, headers={"X-JupyterHub-Version": "6.1.1"})

    api, gateway = web.Application(client_max_size=2**24), web.Application()
    api.router.add_get("/_calls", calls)
    api.router.add_route("*", "/{tail:.*}", cluster.handle)
    gateway.router.add_route("*", "/{tail:.*}", answers)
    for app, number in ((api, port), (gateway, gateway_port)):
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, here(), number).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
