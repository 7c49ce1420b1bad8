"""A real server's documents once a budget is spent: what a person writes is kept, and nothing comes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pycrdt import Doc, Text, YMessageType, YSyncMessageType, create_sync_message, create_update_message
from pycrdt import handle_sync_message as answer_to
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket

from hdh_jupyter.gateway import websockets
from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.table import Channel
from hdh_jupyter.metering.budgets import MB, Budgets

from .browsing import Browser
from .conftest import Hub
from .real_server import RealServer, real_server
from .test_traffic import eventually, refusal
from .test_websockets import KERNEL, ROOM, closed
from .workspace_server import Inside


@pytest.fixture
def budgets(budgets: Budgets) -> Budgets:
    return Budgets(person_hour=MB, flush_interval=0.1)


@pytest.fixture(autouse=True)
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the gateway's own messages to muted rooms come after the tests, which count bytes."""
    monkeypatch.setattr(websockets, "STILL_THERE", 3600)


@pytest.fixture
def limits() -> GatewayLimits:
    return GatewayLimits(access_cache=1, access_interval=0.2, stop_timeout=1.0)


@pytest.fixture
async def real(hub: Hub, gateway: GatewayApplication, tmp_path: Path) -> AsyncIterator[RealServer]:
    """The real server of a workspace, with jupyter-collaboration, in the place of the project's."""
    socket = hub.state.sockets / "ws-vega.sock"
    async with real_server(tmp_path) as server:
        (server.home / "a.txt").write_text("first\n")
        await asyncio.to_thread(socket.unlink)
        behind = HTTPServer(server.app.web_app)
        behind.add_socket(bind_unix_socket(str(socket)))
        yield server
        behind.stop()
        await behind.close_all_connections()


@pytest.fixture
async def bob(hub: Hub, ada: Browser) -> AsyncIterator[Browser]:
    async with Browser(hub.origin) as browser:
        await browser.sign_in("bob")
        await browser.visit("lab")
        yield browser


class Editor:
    """A person's JupyterLab, as far as a shared text goes: y-websocket's steps of synchronisation, and edits."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, doc: Doc[Any]) -> None:
        self.websocket = websocket
        self.doc = doc
        self.text = doc.get("source", type=Text)
        self.bytes = 0
        """Bytes that have come over the connection, frames, pings and all, since the last reset."""

    async def synchronise(self) -> None:
        await self.websocket.send_bytes(create_sync_message(self.doc))
        await self.until(lambda message: message[:2] == bytes([YMessageType.SYNC, YSyncMessageType.SYNC_STEP2]))

    async def until(self, wanted: Callable[[bytes], bool]) -> None:
        """Take what comes up to a message."""
        async with asyncio.timeout(20):
            while True:
                message = await self.websocket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, message
                if message.data[0] == YMessageType.SYNC:
                    answer = answer_to(message.data[1:], self.doc)
                    if answer is not None:
                        await self.websocket.send_bytes(answer)
                if wanted(message.data):
                    return

    async def write(self, line: str) -> None:
        before = self.doc.get_state()
        self.text += line
        await self.websocket.send_bytes(create_update_message(self.doc.get_update(before)))

    def count_bytes(self) -> None:
        """Begin to count what comes over the connection itself."""
        connection = self.websocket._conn
        assert connection is not None
        protocol: Any = connection.protocol
        receive = protocol.data_received

        def counting(data: bytes) -> None:
            self.bytes += len(data)
            receive(data)

        protocol.data_received = counting


async def join(browser: Browser, doc: Doc[Any] | None = None) -> Editor:
    """Open the room of a.txt, as JupyterLab's document provider does."""
    asked = json.dumps({"format": "text", "type": "file"})
    reply = await browser.fetch("PUT", "api/collaboration/session/a.txt", data=asked)
    assert reply.status in (200, 201), reply.text
    found = reply.json
    path = f"api/collaboration/room/text:file:{found['fileId']}?sessionId={found['sessionId']}"
    editor = Editor(await browser.websocket(path), doc or Doc())
    await editor.synchronise()
    return editor


def spend(gateway: GatewayApplication, person: str = "ada") -> None:
    gateway.gateway.traffic.charge("vega", person, Channel.KERNEL, MB)


async def grant(gateway: GatewayApplication) -> None:
    requests = gateway.gateway.traffic.requests
    asked = await asyncio.to_thread(requests.ask, "vega", "ada", "Comparer les cartes des cent départements.")
    await asyncio.to_thread(requests.grant, asked.id, "otto", MB)


def muted(gateway: GatewayApplication) -> int:
    return sum(connection.is_muted for connection in gateway.gateway.watch._open)


async def test_edits_of_a_cut_person_are_saved_and_nobody_elses_come_out(
    ada: Browser, bob: Browser, real: RealServer, gateway: GatewayApplication
) -> None:
    file = real.home / "a.txt"
    adas, bobs = await join(ada), await join(bob)
    assert str(adas.text) == str(bobs.text) == "first\n"
    # While the budget lasts, what somebody writes reaches the other.
    await bobs.write("before\n")
    await adas.until(lambda _: "before" in str(adas.text))

    kernel = await ada.websocket("api/events/subscribe")
    spend(gateway)
    assert await closed(kernel) == 4290
    await eventually(lambda: muted(gateway) == 1)
    used = gateway.gateway.traffic.standing("vega", "ada").hour.used
    adas.count_bytes()

    await bobs.write("secret\n")
    await adas.write("kept\n")
    await bobs.until(lambda _: "kept" in str(bobs.text))
    await adas.websocket.send_bytes(create_sync_message(Doc()))
    await adas.write("kept too\n")
    await bobs.until(lambda _: "kept too" in str(bobs.text))
    await eventually(lambda: {"kept", "kept too", "secret"} <= set(file.read_text().split("\n")))
    assert adas.bytes == 0
    assert "secret" not in str(adas.text)
    assert gateway.gateway.traffic.standing("vega", "ada").hour.used == used
    assert await refusal(ada, "api/collaboration/room/text:file:x") == 429

    await grant(gateway)
    # Nothing had come before: the first that comes is the end.
    assert await adas.websocket.receive() == (aiohttp.WSMsgType.CLOSE, 1012, "shown again")
    again = await join(ada, adas.doc)
    await again.write("after\n")
    await bobs.until(lambda _: "after" in str(bobs.text))
    assert str(again.text) == str(bobs.text)
    assert "secret" in str(again.text)
    await again.websocket.close()
    await bobs.websocket.close()


async def test_edits_made_while_the_room_was_closed_are_saved_once_it_is_open(
    ada: Browser, bob: Browser, real: RealServer, gateway: GatewayApplication
) -> None:
    adas, bobs = await join(ada), await join(bob)
    spend(gateway)
    await eventually(lambda: muted(gateway) == 1)
    # A browser that went away for a while keeps the edits in the page.
    await adas.websocket.close()
    adas.text += "offline\n"
    await grant(gateway)
    await eventually(lambda: not gateway.gateway.traffic.is_cut("vega", "ada"))
    again = await join(ada, adas.doc)
    await bobs.until(lambda _: "offline" in str(bobs.text))
    await again.websocket.close()
    await bobs.websocket.close()


async def test_a_muted_room_stays_open_by_messages_that_tell_nothing(
    ada: Browser, bob: Browser, real: RealServer, gateway: GatewayApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websockets, "STILL_THERE", 0.05)
    adas, bobs = await join(ada), await join(bob)
    spend(gateway)
    await eventually(lambda: muted(gateway) == 1)
    await bobs.write("secret\n")
    told = [await adas.websocket.receive(timeout=30) for _ in range(3)]
    assert {message.data for message in told} == {websockets.NOBODY_IS_HERE}
    await adas.websocket.close()
    await bobs.websocket.close()


async def test_a_room_is_muted_by_its_own_flood(ada: Browser, inside: Inside, gateway: GatewayApplication) -> None:
    room = await ada.websocket(ROOM)
    flood = b"x" * 60_000
    received = 0
    await room.send_bytes(b"\x00")
    assert (await room.receive()).data == b"\x00"
    seen: list[bytes] = []
    server = inside.sockets[-1]
    server.on_message = seen.append
    for _ in range(40):
        await server.write_message(flood, binary=True)
    await room.send_bytes(b"edit")
    await eventually(lambda: seen == [b"edit"])
    await eventually(lambda: muted(gateway) == 1)
    await server.write_message("text is no message of a room", binary=False)
    await grant(gateway)
    async for message in room:
        received += len(message.data)
    assert room.close_code == 1012
    assert MB <= received <= MB + len(flood)


async def test_what_the_workspace_says_when_it_closes_is_not_told(
    ada: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    room = await ada.websocket(ROOM)
    await room.send_bytes(b"\x00")
    await room.receive()
    spend(gateway)
    await eventually(lambda: muted(gateway) == 1)
    inside.sockets[-1].close(4999, "secret")
    assert await room.receive() == (aiohttp.WSMsgType.CLOSE, 1012, "the workspace has closed")


async def test_a_muted_person_who_loses_access_is_cut_off(
    hub: Hub, ada: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    room = await ada.websocket(ROOM)
    await room.send_bytes(b"\x00")
    await room.receive()
    spend(gateway)
    await eventually(lambda: muted(gateway) == 1)
    assert await hub.api("DELETE", "groups/vega/users", json={"users": ["ada"]}) == 200
    assert await closed(room) == 4403


async def test_rooms_alone_stay_open(ada: Browser, gateway: GatewayApplication) -> None:
    paths = (KERNEL, "api/events/subscribe", "terminals/websocket/1")
    others = [await ada.websocket(path) for path in paths]
    room = await ada.websocket(ROOM)
    spend(gateway)
    assert [await closed(other) for other in others] == [4290] * len(paths)
    assert not room.closed
    assert muted(gateway) == 1
    await room.close()
    await eventually(lambda: not gateway.gateway.watch._open)


async def test_a_real_server_saves_looks_renames_and_deletes(
    ada: Browser, real: RealServer, gateway: GatewayApplication
) -> None:
    spend(gateway)
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    body = {"type": "notebook", "format": "json", "content": notebook}
    saved = await ada.fetch("PUT", "api/contents/n.ipynb", json=body)
    assert (saved.status, saved.json["path"], saved.json["type"]) == (200, "n.ipynb", "notebook"), saved.text
    file = real.home / "n.ipynb"
    assert json.loads(file.read_text())["nbformat"] == 4
    looked = await ada.fetch("GET", "api/contents/n.ipynb?content=0&hash=1")
    # JupyterLab compares the two moments to notice a change by others.
    assert looked.json == saved.json
    changed = datetime.fromisoformat(saved.json["last_modified"]).timestamp()
    assert 0 <= file.stat().st_mtime - changed < 0.002
    assert saved.json["size"] == file.stat().st_size
    moved = await ada.fetch("PATCH", "api/contents/n.ipynb", json={"path": "m.ipynb"})
    assert (moved.status, moved.json["name"], (real.home / "m.ipynb").exists()) == (200, "m.ipynb", True)
    assert (await ada.fetch("DELETE", "api/contents/m.ipynb")).status == 204
    assert not (real.home / "m.ipynb").exists()
    failed = await ada.fetch("GET", "api/contents/m.ipynb?content=0")
    assert (failed.status, failed.json["code"]) == (502, "gateway.not_done")
