"""How long a workspace takes to open, beside a server that JupyterHub's own local process spawner starts.

Both are started by a hub of their own in the same way (`User.spawn`), and the clock stops when JupyterLab's page has
been answered. The workspace is the real one: supervisor, sandbox, probe from inside, judgement, audit. The baseline is
`SimpleLocalProcessSpawner` with its `jupyterhub-singleuser`, of the same installation and account, without the
platform's own server extensions and without any isolation. Neither hub has a proxy; the gateway only answers the hub.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import report

RUNS = 5
PROJECT = "vox"
BASELINE = "local process"
PAGE = "jupyter-config-data"
"""What JupyterLab's page holds."""
OWN_EXTENSIONS = ("hdh_catalogue", "hdh_egress", "hdh_lockdown")


async def open_with(hub: Any, name: str, page: Any) -> float:
    """Start the server of an account, wait for its page, stop it, and return the seconds to the page."""
    from jupyterhub.tests.utils import add_user

    user = add_user(hub.db, hub, name=name)
    begun = time.perf_counter()
    await user.spawn()
    await page(user)
    taken = time.perf_counter() - begun
    await user.stop()
    return taken


async def start_hub(spawner: type, **settings: Any) -> Any:
    """Return a running hub without a proxy."""
    from jupyterhub.proxy import Proxy
    from jupyterhub.tests.mocking import MockHub
    from traitlets.config import Config

    class Routes(Proxy):  # type: ignore[misc]
        """The proxy's table alone."""

        should_start = False
        table: dict[str, dict[str, Any]] = {}

        async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
            self.table[routespec] = {"routespec": routespec, "target": target, "data": data}

        async def delete_route(self, routespec: str) -> None:
            self.table.pop(routespec, None)

        async def get_all_routes(self) -> dict[str, dict[str, Any]]:
            return dict(self.table)

    config = Config()
    config.JupyterHub.spawner_class = spawner
    config.JupyterHub.proxy_class = Routes
    config.JupyterHub.log_level = 50
    config.JupyterHub.bind_url = "http://127.0.0.1:8000/"
    config.JupyterHub.cookie_secret = b"0" * 32
    config.Spawner.poll_interval = 3600
    for name, value in settings.items():
        owner, _, trait = name.partition("__")
        config[owner][trait] = value
    hub = MockHub.instance(config=config)
    await hub.initialize()
    await hub.start()
    return hub


async def answered(session: Any, url: str, content: str) -> None:
    """Return when a reply holds `content`."""
    import aiohttp

    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(url) as reply:
                    if reply.status == 200 and content in await reply.text():
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)


async def local(folder: Path) -> float:
    """Open a server with JupyterHub's own spawner."""
    import aiohttp
    from jupyterhub.spawner import SimpleLocalProcessSpawner

    without = [f"--ServerApp.jpserver_extensions={name}=False" for name in OWN_EXTENSIONS]
    hub = await start_hub(
        SimpleLocalProcessSpawner,
        SimpleLocalProcessSpawner__home_dir_template=str(folder / "{username}"),
        Spawner__cmd=[str(Path(sys.executable).with_name("jupyterhub-singleuser"))],
        Spawner__args=["--allow-root", *without],
        Spawner__default_url="/lab",
    )

    async def page(user: Any) -> None:
        server = user.spawner.server
        headers = {"Authorization": f"token {user.new_api_token()}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            await answered(session, f"http://{server.ip}:{server.port}{server.base_url}lab", PAGE)

    return await open_with(hub, "ann", page)


async def sandbox(folder: Path) -> float:
    """Open a project's workspace."""
    import aiohttp

    from hdh_jupyter.gateway.lab_installation import Installation
    from hdh_jupyter.gateway.lab_page import LabPage
    from hdh_jupyter.routes import read_route
    from hdh_jupyter.spawner.sandbox import SandboxSpawner

    state = make_platform(folder)
    lab = LabPage(Installation())

    async def page(user: Any) -> None:
        route = read_route(state.routes, PROJECT)
        assert route is not None  # noqa: S101 -- the workspace runs
        person = base64.b64encode(b'{"name": "ann", "display_name": "Ann"}').decode()
        connector = aiohttp.UnixConnector(path=route.address)
        async with aiohttp.ClientSession(connector=connector, headers={"X-HDH-User": person}) as session:
            # The gateway makes the page; the first thing that the page asks for comes from inside.
            assert PAGE in lab.render(route.base_url, "lab", "en", "http://hub")  # noqa: S101 -- part of what is timed
            await answered(session, f"http://workspace{route.base_url}api/contents?content=1", "last_modified")

    hub = await start_hub(SandboxSpawner, ProjectSpawner__state_dir=str(state.root))
    async with gateway(state):
        return await open_with(hub, f"prj-{PROJECT}", page)


def make_platform(folder: Path) -> Any:
    """Return a state folder with one open project, to which one dataset is granted."""
    from hdh_jupyter.db import Database
    from hdh_jupyter.projects.model import Authorisation, BasisKind, Grant, Project
    from hdh_jupyter.projects.registry import Registry
    from hdh_jupyter.state import StateFolder

    state = StateFolder(folder / "state")
    state.create()
    (state.datasets / "oscour").mkdir()
    database = Database(state.database_url)
    database.upgrade()
    yesterday, tomorrow = date.today() - timedelta(1), date.today() + timedelta(1)
    basis = Authorisation(
        BasisKind.REFERENCE_METHODOLOGY, reference="MR-004", valid_from=yesterday, valid_until=tomorrow
    )
    grants = (Grant("oscour", yesterday, tomorrow),)
    Registry(database).add_project(Project(PROJECT, "Vox", "", basis, (), grants))
    database.engine.dispose()
    return state


@asynccontextmanager
async def gateway(state: Any) -> AsyncIterator[None]:
    """Answer the hub's question whether the workspace is there, as the gateway does."""
    import jupyterhub
    from aiohttp import ClientSession, UnixConnector, web

    from hdh_jupyter.routes import read_route

    async def api(request: web.Request) -> web.Response:
        route = read_route(state.routes, PROJECT)
        if route is None:
            return web.Response(status=503)
        async with (
            ClientSession(connector=UnixConnector(path=route.address)) as session,
            session.get(f"http://workspace{request.path}") as reply,
        ):
            return web.Response(status=reply.status, headers={"X-JupyterHub-Version": jupyterhub.__version__})

    app = web.Application()
    app.router.add_get("/{anything:.*}", api)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(state.sockets / "gateway.sock")).start()
    try:
        yield
    finally:
        await runner.cleanup()


WAYS = {BASELINE: local, "sandboxed workspace": sandbox}


def measure(way: str) -> None:
    """Measure one opening in this process, with folders of its own, and print the seconds as JSON."""
    with TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(WAYS[way](Path(folder)))), flush=True)


def run() -> None:
    """Print the figures of this part."""
    report.title(f"workspace: from the hub's start of a server to JupyterLab's page, median of {RUNS}")
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(RUNS + 1):
        for way in WAYS:
            child = subprocess.run([sys.executable, __file__, way], capture_output=True, text=True)
            if child.returncode:
                raise SystemExit(f"{way} did not open:\n{child.stderr}")
            taken[way].append(json.loads(child.stdout.splitlines()[-1]))
    # The first of each reads its files from the disk.
    medians = {way: statistics.median(runs[1:]) for way, runs in taken.items()}
    rows = []
    for way, runs in taken.items():
        warm = sorted(runs[1:])
        cells = (f"{medians[way]:.2f} s", f"{warm[0]:.2f}-{warm[-1]:.2f} s", f"{medians[way] / medians[BASELINE]:.2f}")
        rows.append((way, *cells))
    report.table(("", "median", "range", f"x {BASELINE}"), rows)


if __name__ == "__main__":
    measure(sys.argv[1])
