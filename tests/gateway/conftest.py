"""A real hub and proxy, a real gateway, and an untrusted server where a workspace would be."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import delete

import hdh_jupyter.audit.tables
import hdh_jupyter.projects.tables  # noqa: F401  # tables must be known before they are made
from hdh_jupyter.db import Base, open_database
from hdh_jupyter.gateway.app import GatewayApplication, listening, make_app
from hdh_jupyter.gateway.intake import IncomingFile
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.workspaces import HubSettings
from hdh_jupyter.metering.budgets import Budgets
from hdh_jupyter.metering.tables import RequestRow, TotalRow, UsageRow
from hdh_jupyter.projects.model import Member, Person, Project, ProjectRole
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

from .browsing import Browser
from .workspace_server import Inside, serving


@dataclass(frozen=True)
class Hub:
    state: StateFolder
    origin: str
    token: str

    async def api(self, method: str, path: str, **kwargs: Any) -> int:
        """Ask the hub's API as an administrator's service."""
        connector = aiohttp.UnixConnector(str(self.state.sockets / "hub.sock"))
        headers = {"Authorization": f"token {self.token}"}
        async with (
            aiohttp.ClientSession(connector=connector, headers=headers) as session,
            session.request(method, f"http://hub/hub/api/{path}", **kwargs) as reply,
        ):
            await reply.read()
            return reply.status


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateFolder]:
    state = StateFolder(tmp_path_factory.mktemp("gateway") / "state")
    state.create()
    database = open_database(state.database_url)
    Base.metadata.create_all(database.engine)
    registry = Registry(database)
    for name in ("ada", "bob"):
        registry.add_person(Person(name, name.title() + " Lovelace"))
    registry.add_project(
        Project("vega", "Vega", members=(Member("ada", ProjectRole.LEAD), Member("bob", ProjectRole.RESEARCHER)))
    )
    yield state
    database.engine.dispose()
    shutil.rmtree(state.sockets)


@pytest.fixture(scope="session")
def hub(state: StateFolder) -> Iterator[Hub]:
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if shutil.which("configurable-http-proxy", path=programs) is None:
        pytest.fail("configurable-http-proxy is missing; `make test` installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hub = Hub(state, f"http://hdh.localhost:{port}", secrets.token_hex(16))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": str(root), "TEST_STATE": str(state.root)}
    environment |= {"TEST_ORIGIN": hub.origin, "TEST_TOKEN": hub.token}
    log = state.root / "hub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(Path(__file__).with_name("hub_config.py"))],
            env=environment,
            cwd=state.root,
            stdout=out,
            stderr=out,
        )
    try:
        _wait_for(lambda: b"JupyterHub is now running" in log.read_bytes(), process, log)
        yield hub
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"The hub did not start: {log.read_text()[-3000:]}")
        time.sleep(0.1)


class Drawer:
    """Keeps drafts in a list: the intake of these tests, which keeps all of a draft or nothing."""

    def __init__(self) -> None:
        self.drafts: list[dict[str, Any]] = []

    async def receive(
        self, project: str, author: str, files: AsyncIterator[IncomingFile], title: str
    ) -> dict[str, Any]:
        received = {file.name: b"".join([chunk async for chunk in file.chunks]) async for file in files}
        draft = {"id": len(self.drafts) + 1, "project": project, "author": author, "title": title, "files": received}
        self.drafts.append(draft)
        return draft

    async def list(self, project: str, person: str) -> list[dict[str, Any]]:
        return [{"id": draft["id"], "title": draft["title"]} for draft in reversed(self.drafts)]


@pytest.fixture
def intake() -> Drawer:
    return Drawer()


@pytest.fixture
def limits() -> GatewayLimits:
    return GatewayLimits(
        access_cache=1,
        access_interval=0.2,
        access_grace=2.0,
        reply_timeout=1.0,
        exchange_timeout=10.0,
        message_in=4096,
        message_out=2**16,
        staged_files=3,
        staged_bytes=1000,
        staged_timeout=2.0,
        stop_timeout=1.0,
    )


@pytest.fixture
async def inside(state: StateFolder) -> AsyncIterator[Inside]:
    """The untrusted server of the project vega."""
    async with serving(Inside(), state.sockets / "ws-vega.sock") as inside:
        yield inside


@pytest.fixture
def budgets(state: StateFolder) -> Budgets:
    """The default budgets, of which nothing was used yet."""
    with open_database(state.database_url).write() as session:
        for table in (UsageRow, TotalRow, RequestRow):
            session.execute(delete(table))
    return Budgets()


@pytest.fixture
async def gateway(
    hub: Hub, inside: Inside, intake: Drawer, limits: GatewayLimits, budgets: Budgets
) -> AsyncIterator[GatewayApplication]:
    """The gateway, with the workspace of vega started by the hub."""
    app = make_app(hub.state, HubSettings(str(hub.state.sockets / "hub.sock"), hub.origin), intake, limits, budgets)
    async with listening(app, hub.state.sockets / "gateway.sock"):
        assert await hub.api("POST", "users/prj-vega") in (201, 409)
        assert await hub.api("POST", "users/prj-vega/server") in (201, 400)
        await hub.api("POST", "groups/vega/users", json={"users": ["ada", "bob"]})
        inside.requests.clear()
        yield app


@pytest.fixture
async def visitor(hub: Hub, gateway: GatewayApplication) -> AsyncIterator[Browser]:
    """A browser in which nobody signed in."""
    async with Browser(hub.origin) as browser:
        yield browser


@pytest.fixture
async def ada(visitor: Browser) -> Browser:
    """The browser of a member, with the workspace open."""
    await visitor.sign_in("ada")
    await visitor.visit("lab")
    reply = await visitor.show("lab")
    assert reply.status == 200, reply.text
    return visitor
