from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from jupyterhub.objects import Hub, Server
from kubernetes_asyncio.client import Configuration
from kubespawner import KubeSpawner
from traitlets.config import Config

from hdh_jupyter.db import Database
from hdh_jupyter.projects.model import Grant, Project
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.routes import read_route
from hdh_jupyter.spawner.kubernetes import spawner, targets
from hdh_jupyter.spawner.kubernetes.spawner import ProjectKubeSpawner
from hdh_jupyter.state import StateFolder

from ..inside import make_state
from ..test_sandbox_spawner import Routes, authorised
from .api_server import ApiServer, serving

DIGEST = "registry.example/hdh-workspace@sha256:" + "0" * 64

NAMESPACE = "hdh-prj-vox"


@dataclass
class Platform:
    """A state folder with open projects, and a cluster."""

    state: StateFolder
    api: ApiServer
    url: str
    gateway: str

    def spawner(self, project: str = "vox", config: Config | None = None) -> ProjectKubeSpawner:
        """Return the spawner of a project as a hub would make it."""
        name = f"prj-{project}"
        hub = Hub(ip="127.0.0.1", port=8081)
        user = SimpleNamespace(name=name, id=1, url=f"/user/{name}/", host="http://prj.hdh.test", settings={})
        made = ProjectKubeSpawner(user=user, hub=hub, config=config or self.settings())
        made.server = Server(base_url=f"/user/{name}/")
        made.api_token, made.oauth_client_id = secrets.token_hex(16), f"jupyterhub-user-{name}"
        return made

    def settings(self) -> Config:
        config = Config()
        config.JupyterHub.spawner_class = ProjectKubeSpawner
        config.JupyterHub.proxy_class = Routes
        config.JupyterHub.cookie_secret = b"0" * 32
        config.ProjectSpawner.state_dir = str(self.state.root)
        config.ProjectKubeSpawner.update(
            gateway_address=self.gateway,
            image=DIGEST,
            poll_interval=3600,
            ready_timeout=10,
            resolvers=["192.0.2.53"],
            k8s_api_request_retry_timeout=2,
        )
        return config


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of two open projects and one that is closed."""
    file = tmp_path_factory.mktemp("registry") / "hdh.sqlite"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    registry = Registry(database)
    today = date.today()
    granted = (Grant("oscour", today - timedelta(1), today + timedelta(1)),)
    for name, until in (("vox", today + timedelta(1)), ("lux", today + timedelta(1)), ("nox", today - timedelta(1))):
        registry.add_project(Project(name, name.title(), "", authorised(until), (), granted))
    database.engine.dispose()
    return file


@pytest.fixture
def state(tmp_path: Path, registry: Path) -> Iterator[StateFolder]:
    state = make_state(tmp_path)
    shutil.copy(registry, state.root)
    yield state
    shutil.rmtree(state.sockets)


@pytest.fixture
async def platform(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Platform]:
    api = ApiServer()
    # Everything is on the loopback here, which real settings leave out of what is tried.
    monkeypatch.setattr(targets, "outside", list)
    monkeypatch.setattr(spawner, "PAUSE", 0.01)
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)
    former = Configuration.get_default_copy()
    async with serving(api) as url, gateway(state) as called:
        Configuration.set_default(Configuration(host=url))
        port = int(url.rpartition(":")[2])
        subsets = [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"port": port}]}]
        api.keep("endpoints", {"metadata": {"name": "kubernetes"}, "subsets": subsets}, "default")
        try:
            yield Platform(state, api, url, called)
        finally:
            await KubeSpawner._stop_all_reflectors()
            Configuration.set_default(former)


@asynccontextmanager
async def gateway(state: StateFolder) -> AsyncIterator[str]:
    """Answer the hub in the gateway's place as long as there is a route."""

    async def api(request: web.Request) -> web.Response:
        route = read_route(state.routes, request.match_info["project"])
        return web.Response(status=503 if route is None else 200, headers={"X-JupyterHub-Version": "6.1.1"})

    app = web.Application()
    app.router.add_get("/{tail:.*}user/prj-{project}/api", api)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = site._server.sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
