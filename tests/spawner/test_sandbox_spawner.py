"""The spawner in a real hub: start, watch, stop, and a hub that starts again."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, UnixConnector, web
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import SpawnException
from jupyterhub.tests.utils import add_user, api_request
from traitlets.config import Config

from hdh_jupyter.audit import AuditLog
from hdh_jupyter.bubblewrap import Sandbox
from hdh_jupyter.cgroups.choice import Kind, Place
from hdh_jupyter.db import Database
from hdh_jupyter.projects.model import (
    Authorisation,
    BasisKind,
    Grant,
    Opinion,
    Person,
    Project,
)
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.routes import read_route
from hdh_jupyter.spawner import sandbox, supervision
from hdh_jupyter.spawner.sandbox import SandboxSpawner
from hdh_jupyter.spawner.supervision import started_at
from hdh_jupyter.spawner.workspace import PROBE, Workspace
from hdh_jupyter.state import StateFolder

from .inside import make_state

TODAY = date.today()
CLIENT = "jupyterhub-user-prj-vox"

HubFactory = Callable[[Config], Awaitable[Any]]


class Routes(Proxy):
    """The hub's proxy, reduced to its table."""

    should_start = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table: dict[str, dict[str, Any]] = {}

    async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
        self.table[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec: str) -> None:
        self.table.pop(routespec, None)

    async def get_all_routes(self) -> dict[str, dict[str, Any]]:
        return dict(self.table)


class Connected(Sandbox):
    """A sandbox with the host's network."""

    def command(self, program: Any, file_descriptors: Any) -> list[str]:
        return [word for word in super().command(program, file_descriptors) if word != "--unshare-net"]


class Overgenerous(SandboxSpawner):
    """A deployment's mistake."""

    def sandbox(self, workspace: Workspace) -> Sandbox:
        sealed = super().sandbox(workspace)
        return Connected(**{f.name: getattr(sealed, f.name) for f in fields(Sandbox)})


class OtherProbe(SandboxSpawner):
    """A workspace whose probe is another program."""

    program = ""

    def sandbox(self, workspace: Workspace) -> Sandbox:
        sealed = super().sandbox(workspace)
        other = self.places.notes / "other_probe.py"
        other.write_text(self.program)
        binds = tuple(replace(bind, source=other) if str(bind.target) == PROBE else bind for bind in sealed.binds)
        return replace(sealed, binds=binds)


class Dying(OtherProbe):
    program = "import os, sys; os.close(int(sys.argv[2])); os.execv(sys.argv[4], sys.argv[4:])"


class Hanging(OtherProbe):
    program = "import os, sys; os.fork() and os.execv(sys.argv[4], sys.argv[4:]); import time; time.sleep(600)"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[StateFolder]:
    """A state folder with three projects: open, expired, unknown to the law."""
    state = make_state(tmp_path)
    database = Database(state.database_url)
    database.upgrade()
    registry = Registry(database)
    registry.add_person(Person("ann", "Ann"))
    past = TODAY - timedelta(1)
    granted = (Grant("oscour", past, TODAY + timedelta(1)), Grant("sursaud", None, past))
    registry.add_project(Project("vox", "Vox", "", authorised(TODAY + timedelta(1)), (), granted))
    registry.add_project(Project("nox", "Nox", "", authorised(TODAY - timedelta(1)), (), granted))
    database.engine.dispose()
    yield state
    supervision.end_all(state)
    shutil.rmtree(state.sockets)


def authorised(until: date) -> Authorisation:
    return Authorisation(
        BasisKind.AUTHORISATION,
        opinion=Opinion.FAVOURABLE,
        opinion_date=TODAY - timedelta(30),
        cnil_number="DR-2026-001",
        valid_from=TODAY - timedelta(20),
        valid_until=until,
    )


@asynccontextmanager
async def gateway(state: StateFolder) -> AsyncIterator[None]:
    """Answer the hub in the gateway's place, as long as the workspace behind the route answers."""

    async def api(request: web.Request) -> web.Response:
        route = read_route(state.routes, request.match_info["project"])
        if route is None:
            return web.Response(status=503)
        async with (
            ClientSession(connector=UnixConnector(path=route.address)) as session,
            session.get(f"http://workspace{request.path}") as reply,
        ):
            return web.Response(status=reply.status, headers={"X-JupyterHub-Version": "6.1.1"})

    app = web.Application()
    app.router.add_get("/{tail:.*}user/prj-{project}/api", api)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(state.sockets / "gateway.sock")).start()
    try:
        yield
    finally:
        await runner.cleanup()


def settings(state: StateFolder, spawner: type = SandboxSpawner) -> Config:
    config = Config()
    config.JupyterHub.spawner_class = spawner
    config.JupyterHub.proxy_class = Routes
    config.JupyterHub.cookie_secret = b"0" * 32
    config.ProjectSpawner.state_dir = str(state.root)
    config.ProjectSpawner.poll_interval = 3600
    return config


def events(state: StateFolder) -> list[tuple[str, str, dict[str, Any]]]:
    database = Database(state.database_url)
    found = AuditLog(database, state.key("audit")).tail(20)
    database.engine.dispose()
    return [(event.action, event.actor, dict(event.detail)) for event in found]


def account(hub: Any, name: str) -> Any:
    """Return a new user of the hub."""
    return add_user(hub.db, hub, name=name)


async def test_a_workspace_starts_is_recorded_and_leaves_nothing(platform: StateFolder, hub_app: HubFactory) -> None:
    hub = await hub_app(settings(platform))
    user = account(hub, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        spawner = user.spawner
        assert await spawner.poll() is None
        route = read_route(platform.routes, "vox")
        assert route is not None
        assert (route.base_url, route.client_id) == (spawner.server.base_url, CLIENT)
        assert route.api_token == spawner.api_token
        assert spawner.server.url.startswith(spawner.gateway_url + "/")
        assert ":80" not in spawner.server.url
        assert CLIENT in user.settings["oauth_no_confirm_list"]
        assert spawner.get_state()["datasets"] == ["oscour"]
        for note in (platform.workspaces / "vox").iterdir():
            assert spawner.api_token.encode() not in note.read_bytes()
        await user.stop()
    assert read_route(platform.routes, "vox") is None
    assert not (platform.sockets / "ws-vox").exists()
    assert supervision.recorded(platform) == {}
    assert CLIENT not in user.settings["oauth_no_confirm_list"]
    (probed, started, stopped) = events(platform)
    assert probed[0] == "workspace.probed"
    assert probed[2]["passed"] is True
    assert started[:2] == ("workspace.started", "hub")
    assert started[2]["datasets"] == ["oscour"]
    assert stopped == ("workspace.stopped", "hub", {"reason": "requested"})


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        pytest.param("prj-nox", "projects.state.expired", "expirée", id="00 expired"),
        pytest.param("prj-unknown", "projects.unknown_project", "n'existe pas", id="01 no such project"),
        pytest.param("ann", "spawner.not_a_project", "seuls les projets", id="02 a person's account"),
    ],
)
async def test_what_is_not_an_open_project_is_refused(
    platform: StateFolder, hub_app: HubFactory, name: str, code: str, sentence: str
) -> None:
    hub = await hub_app(settings(platform))
    user = account(hub, name)
    with pytest.raises(SpawnException) as refusal:
        await user.spawn()
    assert sentence in refusal.value.message
    assert refusal.value.status_code in {403, 404}
    assert [(action, detail) for action, _, detail in events(platform)] == [("workspace.refused", {"reason": code})]
    assert supervision.recorded(platform) == {}


@pytest.mark.parametrize(
    ("spawner", "code"),
    [
        pytest.param(Overgenerous, "spawner.not_sealed", id="00 the host's network"),
        pytest.param(Dying, "spawner.not_sealed", id="01 the probe dies"),
        pytest.param(Hanging, "spawner.did_not_start", id="02 the probe never reports"),
    ],
)
async def test_a_workspace_not_proved_sealed_is_stopped(
    platform: StateFolder, hub_app: HubFactory, spawner: type, code: str
) -> None:
    config = settings(platform, spawner)
    config.SandboxSpawner.ready_timeout = 8
    hub = await hub_app(config)
    user = account(hub, "prj-vox")
    with pytest.raises(SpawnException):
        await user.spawn()
    assert events(platform)[-1] == ("workspace.refused", "hub", {"reason": code})
    assert supervision.recorded(platform) == {}
    assert read_route(platform.routes, "vox") is None
    assert not (platform.sockets / "ws-vox").exists()
    failures = {name for action, _, detail in events(platform) for name in detail.get("failures", ())}
    if spawner is Overgenerous:
        assert {"abstract_socket", "loopback", "namespaces"} <= failures
    if spawner is Dying:
        assert failures == {"report"}


async def test_a_host_that_limits_too_little_is_refused_where_limits_are_required(
    platform: StateFolder, hub_app: HubFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "place_of_groups", lambda: Place(Kind.NONE))
    config = settings(platform)
    config.WorkspaceLimits.required = True
    hub = await hub_app(config)
    user = account(hub, "prj-vox")
    with pytest.raises(SpawnException) as refusal:
        await user.spawn()
    assert "restent fermés" in refusal.value.message
    assert events(platform)[-1] == ("workspace.refused", "hub", {"reason": "limits.required"})
    assert supervision.recorded(platform) == {}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda r: r.set_authorisation("vox", authorised(TODAY - timedelta(1))), id="00 the basis expires"),
        pytest.param(lambda r: r.set_authorisation("vox", None), id="01 the basis is withdrawn"),
        pytest.param(lambda r: r.set_grant("vox", Grant("oscour", None, TODAY - timedelta(1))), id="02 a grant ends"),
    ],
)
async def test_a_workspace_closes_by_itself(
    platform: StateFolder, hub_app: HubFactory, change: Callable[[Registry], None]
) -> None:
    hub = await hub_app(settings(platform))
    user = account(hub, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        database = Database(platform.database_url)
        change(Registry(database))
        database.engine.dispose()
        assert await user.spawner.poll() == 0
    assert supervision.recorded(platform) == {}
    assert read_route(platform.routes, "vox") is None
    assert events(platform)[-1] == ("workspace.stopped", "hub", {"reason": "closed"})
    assert (platform.homes / "vox").is_dir()


async def test_a_workspace_is_probed_while_it_runs_and_closed_when_it_is_open(
    platform: StateFolder, hub_app: HubFactory
) -> None:
    config = settings(platform)
    config.SandboxSpawner.probe_interval = 0
    hub = await hub_app(config)
    user = account(hub, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        places = user.spawner.places
        started = json.loads(places.finding.read_text())
        assert await user.spawner.poll() is None
        again = json.loads(places.finding.read_text())
        assert again["failures"] == []
        assert set(again["checks"]) < set(started["checks"])
        # From now on, the one dataset that it sees is one too many.
        plan = json.loads(places.probe_plan.read_text())
        plan["expected"]["datasets"] = []
        places.probe_plan.write_text(json.dumps(plan))
        assert await user.spawner.poll() == 0
    assert supervision.recorded(platform) == {}
    assert read_route(platform.routes, "vox") is None
    (*_, probed, stopped) = events(platform)
    assert probed[0] == "workspace.probed"
    assert probed[2]["failures"] == ["data"]
    assert stopped == ("workspace.stopped", "hub", {"reason": "probe_failed"})


async def test_the_person_who_asked_is_recorded(platform: StateFolder, hub_app: HubFactory) -> None:
    config = settings(platform)
    config.JupyterHub.tornado_settings = {"slow_spawn_timeout": 60}
    hub = await hub_app(config)
    account(hub, "prj-vox")
    async with gateway(platform):
        reply = await api_request(hub, "users", "prj-vox", "server", method="post", bypass_proxy=True)
        assert reply.status_code == 201
        assert [(action, actor) for action, actor, _ in events(platform)] == [
            ("workspace.probed", "admin"),
            ("workspace.started", "admin"),
        ]
        await hub.users["prj-vox"].stop()


async def test_a_killed_workspace_is_noticed(platform: StateFolder, hub_app: HubFactory) -> None:
    hub = await hub_app(settings(platform))
    user = account(hub, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        os.kill(user.spawner.get_state()["supervisor"]["pid"], signal.SIGKILL)
        assert await user.spawner.wait_for_death(20)
    assert read_route(platform.routes, "vox") is None
    assert events(platform)[-1] == ("workspace.stopped", "hub", {"reason": "died"})


async def test_a_hub_that_starts_again_finds_the_workspace(platform: StateFolder, hub_app: HubFactory) -> None:
    first = await hub_app(settings(platform))
    user = account(first, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        state = json.loads(json.dumps(user.spawner.get_state()))
        pid = state["supervisor"]["pid"]

        # A new wrapper around the database's rows is what a new hub makes.
        user.spawners.pop("")
        user.settings["oauth_no_confirm_list"].clear()
        again = user.spawner
        assert again is not None
        assert again.server.url.startswith(again.gateway_url + "/")
        assert ":80" not in again.server.url
        assert CLIENT in user.settings["oauth_no_confirm_list"]
        assert await again.poll() is None
        assert supervision.recorded(platform)["vox"].pid == pid
        await user.stop()
    assert supervision.recorded(platform) == {}
    assert events(platform)[-1] == ("workspace.stopped", "hub", {"reason": "requested"})


async def test_a_workspace_that_the_hub_forgot_is_ended_first(platform: StateFolder, hub_app: HubFactory) -> None:
    hub = await hub_app(settings(platform))
    user = account(hub, "prj-vox")
    async with gateway(platform):
        await user.spawn()
        forgotten = user.spawner.get_state()["supervisor"]["pid"]
        user.spawner.clear_state()
        await user.spawner.start()
        assert not started_at(forgotten)
        assert user.spawner.get_state()["supervisor"]["pid"] != forgotten
        await user.stop()
