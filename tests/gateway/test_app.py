"""The gateway as a process, and what happens when the hub goes."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from jupyterhub.httpclient import JupyterHubHTTPClient

from hdh_jupyter.gateway.app import GatewayApplication, listening, make_app
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.workspaces import HubSettings
from hdh_jupyter.state import StateFolder

from .browsing import Browser
from .conftest import Hub
from .test_websockets import KERNEL, closed
from .workspace_server import Inside

ROOT = Path(__file__).parents[2]

PROCESS = """
import asyncio, sys
from pathlib import Path
from hdh_jupyter.gateway.app import serve
from hdh_jupyter.state import StateFolder
asyncio.run(serve(StateFolder(Path(sys.argv[1])), "http://hdh.localhost:8000", None))
"""


def wait_until(ready: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def fresh(tmp_path: Path) -> StateFolder:
    state = StateFolder(tmp_path / "state")
    state.create()
    return state


def test_it_replaces_a_stale_socket_answers_on_it_alone_and_ends_on_sigterm(fresh: StateFolder) -> None:
    path = fresh.sockets / "gateway.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    process = subprocess.Popen([sys.executable, "-c", PROCESS, str(fresh.root)], cwd=ROOT)
    try:
        wait_until(lambda: answers(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        process.terminate()
        assert process.wait(20) == 0
    assert not path.exists()
    fresh.sockets.rmdir()


def test_it_ends_with_the_process_that_started_it_however_that_ends(fresh: StateFolder) -> None:
    path = fresh.sockets / "gateway.sock"
    starter = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', *sys.argv[1:]]); "
    starter += "print(p.pid, flush=True); time.sleep(600)"
    parent = subprocess.Popen(
        [sys.executable, "-c", starter, PROCESS, str(fresh.root)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        wait_until(lambda: answers(path))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: has_ended(pid))
    with pytest.raises(FileNotFoundError):
        os.stat(path)
    fresh.sockets.rmdir()


async def test_while_the_hub_is_away_nobody_new_comes_in_and_websockets_end_after_a_grace(
    ada: Browser, state: StateFolder, gateway: GatewayApplication
) -> None:
    websocket = await ada.websocket(KERNEL)
    (state.sockets / "hub.sock").rename(state.sockets / "away.sock")
    try:
        gateway.gateway.workspaces._known["vega"][1].sign_in.cache.clear()
        # Connections to the hub that are open would still reach it.
        await JupyterHubHTTPClient.loop_instance().close()
        reply = await ada.fetch("GET", "api/me")
        assert (reply.status, reply.json["code"]) == (503, "gateway.hub_unreachable")
        assert await closed(websocket) == 1013
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await ada.websocket(KERNEL)
    finally:
        (state.sockets / "away.sock").rename(state.sockets / "hub.sock")
    async with await ada.websocket(KERNEL) as websocket:
        await websocket.send_str("back")
        assert (await websocket.receive()).data == "back"


async def test_a_gateway_that_starts_anew_finds_what_runs_and_who_is_signed_in(
    hub: Hub, inside: Inside, ada: Browser, gateway: GatewayApplication, limits: GatewayLimits
) -> None:
    settings = HubSettings(str(hub.state.sockets / "hub.sock"), hub.origin)
    anew = make_app(hub.state, settings, gateway.gateway.intake, limits)
    # Takes the place of the one that runs, as after its end.
    async with listening(anew, hub.state.sockets / "gateway.sock"):
        inside.requests.clear()
        assert (await ada.fetch("GET", "api/me")).status == 200
        assert len(inside.requests) == 1
        assert anew.gateway.workspaces._known.keys() == {"vega"}
