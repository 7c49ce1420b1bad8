"""What a cluster's probes are told, on the port that the gateway listens on there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hdh_jupyter.db import Base, open_database
from hdh_jupyter.gateway.app import GatewayApplication, listening, make_app
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.place import Endpoint
from hdh_jupyter.gateway.workspaces import HubSettings
from hdh_jupyter.state import StateFolder

from .conftest import Drawer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def pod(tmp_path: Path) -> AsyncIterator[tuple[str, GatewayApplication, StateFolder]]:
    state = StateFolder(tmp_path / "state")
    state.create()
    database = open_database(state.database_url)
    Base.metadata.create_all(database.engine)
    hub = HubSettings("http://127.0.0.1:1", "https://hdh.example")
    app, place = make_app(state, hub, Drawer(), GatewayLimits()), Endpoint("127.0.0.1", free_port())
    async with listening(app, place):
        yield f"http://127.0.0.1:{place.port}", app, state
    database.engine.dispose()
    state.sockets.rmdir()


async def status(url: str, method: str = "GET") -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.request(method, url) as reply:
        return reply.status, await reply.read()


async def test_it_lives_and_is_ready_without_a_hub(pod: tuple[str, GatewayApplication, StateFolder]) -> None:
    url, app, _ = pod
    assert app.gateway.hub.api_url == "http://127.0.0.1:1/hub/api"
    assert await status(f"{url}/hdh/live") == (204, b"")
    assert await status(f"{url}/hdh/ready") == (204, b"")


async def test_without_its_volume_it_lives_and_is_not_ready(pod: tuple[str, GatewayApplication, StateFolder]) -> None:
    url, _, state = pod
    state.routes.rmdir()
    assert (await status(f"{url}/hdh/live"))[0] == 204
    assert (await status(f"{url}/hdh/ready"))[0] == 503


@pytest.mark.parametrize("path", ["/", "/hdh/live/", "/hdh/ready?x", "/hub/hdh/ready", "/hdh"])
async def test_nothing_else_is_answered(pod: tuple[str, GatewayApplication, StateFolder], path: str) -> None:
    url, _, _ = pod
    assert (await status(f"{url}{path}"))[0] == 404


async def test_only_reading_is_answered(pod: tuple[str, GatewayApplication, StateFolder]) -> None:
    url, _, _ = pod
    assert (await status(f"{url}/hdh/ready", "POST"))[0] == 405
