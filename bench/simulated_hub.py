"""The hub of the simulation: the profile of a cluster, whose proxy is a table and whose loop is watched."""

import asyncio
import json
import os
import time
from pathlib import Path

from jupyterhub.proxy import Proxy

from hdh_jupyter.profiles import PROFILES


class Table(Proxy):
    """The routes, without a process."""

    should_start = False
    table: dict = {}

    async def add_route(self, routespec, target, data):
        self.table[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        self.table.pop(routespec, None)

    async def get_all_routes(self):
        return dict(self.table)


async def watch_loop(file):
    """Write how late the loop wakes, in seconds, one line for each look."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(0.05)
        file.write(json.dumps([time.time(), time.perf_counter() - asked - 0.05]) + "\n")


c = get_config()  # noqa: F821  # the hub runs this file with it
PROFILES["kubernetes"](c, os.environ)
lag = Path(os.environ["BENCH_LAG"]).open("w", buffering=1)  # noqa: SIM115  # closed with the process
watching = asyncio.get_running_loop().create_task(watch_loop(lag))

c.JupyterHub.authenticator_class = "hdh-local"
c.JupyterHub.proxy_class = Table
c.JupyterHub.hub_bind_url = os.environ["HDH_HUB_URL"]
c.JupyterHub.log_level = "WARN"
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    *c.JupyterHub.load_roles,
    {"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers"]},
]
c.KubeSpawner.image = "localhost/hdh-workspace:0"
c.KubeSpawner.namespace = "hdh"
c.ProjectKubeSpawner.require_digest = False
c.ProjectKubeSpawner.resolvers = ["192.0.2.53"]
