"""Websockets through the gateway, and how they end."""

from __future__ import annotations

import asyncio
import base64
import json

import aiohttp
import pytest

from hdh_jupyter.gateway.app import GatewayApplication

from .browsing import Browser
from .conftest import Hub
from .workspace_server import Inside

ROOM = "api/collaboration/room/json%3Anotebook%3A0a1b2c3d-0000-4000-8000-0123456789ab"
KERNEL = "api/kernels/0a1b2c3d-0000-4000-8000-0123456789ab/channels?session_id=s"


async def closed(websocket: aiohttp.ClientWebSocketResponse) -> int | None:
    """Wait for the end and return its close code."""
    async with asyncio.timeout(15):
        async for _ in websocket:
            pass
    return websocket.close_code


async def test_messages_go_both_ways_with_the_subprotocol(
    ada: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    async with await ada.websocket(KERNEL, protocols=["v1.kernel.websocket.jupyter.org"]) as websocket:
        assert websocket.protocol == "v1.kernel.websocket.jupyter.org"
        await websocket.send_bytes(b"\x00\x01\x02")
        assert (await websocket.receive()).data == b"\x00\x01\x02"
        await websocket.send_bytes(b"\x00\x01")
        assert (await websocket.receive()).data == b"\x00\x01"
    assert inside.requests[-1].query == "session_id=s"
    assert json.loads(base64.b64decode(inside.requests[-1].headers["X-HDH-User"]))["name"] == "ada"
    assert "Cookie" not in inside.requests[-1].headers


async def test_text_is_counted_in_bytes_both_ways(ada: Browser, gateway: GatewayApplication) -> None:
    async with await ada.websocket(KERNEL) as websocket:
        await websocket.send_str('"é"')
        assert (await websocket.receive()).data == '"é"'
    flows = {flow.direction: size for (_, flow), size in gateway.gateway.traffic._sizes.items()}
    assert flows == {"in": 4, "out": 4}


BINARY, TEXT, ARRAY, OBJECT = b"\x00\x01", '"text"', "[1]", '{"a": 1}'
V1 = ("v1.kernel.websocket.jupyter.org",)


@pytest.mark.parametrize(
    ("case", "path", "protocols", "message", "passes"),
    [
        ("00", KERNEL, V1, BINARY, True),
        ("01", KERNEL, V1, OBJECT, False),
        ("02", KERNEL, (), BINARY, True),
        ("03", KERNEL, (), OBJECT, True),
        ("04", "api/events/subscribe", (), OBJECT, True),
        ("05", "api/events/subscribe", (), ARRAY, False),
        ("06", "api/events/subscribe", (), "<script>", False),
        ("07", "api/events/subscribe", (), BINARY, False),
        ("08", "terminals/websocket/1", (), ARRAY, True),
        ("09", "terminals/websocket/1", (), OBJECT, False),
        ("10", "terminals/websocket/1", (), "plain", False),
        ("11", "terminals/websocket/1", (), "[" * 4000, False),
        ("12", "terminals/websocket/1", (), BINARY, False),
        ("13", ROOM, (), BINARY, True),
        ("14", ROOM, (), OBJECT, False),
    ],
)
async def test_only_the_frames_of_its_kind_pass(
    ada: Browser, case: str, path: str, protocols: tuple[str, ...], message: str | bytes, passes: bool
) -> None:
    websocket = await ada.websocket(path, protocols=protocols)
    await (websocket.send_str(message) if isinstance(message, str) else websocket.send_bytes(message))
    reply = await websocket.receive()
    if passes:
        assert reply.data == message
        await websocket.close()
    else:
        assert (reply.type, reply.data) == (aiohttp.WSMsgType.CLOSE, 1003)


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("00", {"Origin": None}),
        ("01", {"Origin": "http://evil.test"}),
        ("02", {"Origin": "null"}),
        ("03", {"Sec-Fetch-Site": "same-site"}),
        ("04", {"Authorization": "token x"}),
    ],
)
async def test_a_handshake_from_elsewhere_is_refused(
    ada: Browser, inside: Inside, case: str, changes: dict[str, str | None]
) -> None:
    inside.requests.clear()
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await ada.websocket(KERNEL, changes)
    assert caught.value.status == 403
    assert not inside.requests


async def test_nobody_connects_without_signing_in_or_to_a_closed_route(visitor: Browser, inside: Inside) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await visitor.websocket(KERNEL)
    assert caught.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await visitor.websocket("lsp/ws/pylsp")
    assert caught.value.status == 403
    assert not inside.requests


async def test_a_removed_person_is_cut_off_and_others_stay(hub: Hub, ada: Browser, gateway: GatewayApplication) -> None:
    async with Browser(hub.origin) as other:
        await other.sign_in("bob")
        await other.visit("lab")
        bob = await other.websocket("terminals/websocket/1")
        mine = [await ada.websocket(KERNEL), await ada.websocket("api/events/subscribe")]
        assert await hub.api("DELETE", "groups/vega/users", json={"users": ["ada"]}) == 200
        assert [await closed(websocket) for websocket in mine] == [4403, 4403]
        await bob.send_str('["stdout", "still here"]')
        assert (await bob.receive()).data == '["stdout", "still here"]'
        await bob.close()
    # The event is written in a thread, beside the closing.
    async with asyncio.timeout(10):
        while not (events := [e for e in gateway.gateway.audit.tail(5) if e.action == "access.revoked"]):
            await asyncio.sleep(0.02)
    [event] = events
    assert (event.actor, event.project) == ("ada", "vega")
    assert event.detail["connections"] == 2
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await ada.websocket(KERNEL)


async def test_nothing_passes_once_cut_even_when_the_browser_does_not_leave(
    ada: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    websocket = await ada.websocket(KERNEL, autoclose=False)
    await websocket.send_str("one")
    assert (await websocket.receive()).data == "one"
    seen: list[object] = []
    inside.sockets[-1].on_message = seen.append
    gateway.gateway.watch.cut_all(4403, "access revoked")
    await websocket.send_str("two")
    assert await websocket.receive() == (aiohttp.WSMsgType.CLOSE, 4403, "access revoked")
    await websocket.close()
    assert not seen


async def test_the_close_code_of_the_workspace_passes(ada: Browser) -> None:
    websocket = await ada.websocket(KERNEL)
    await websocket.send_str("close")
    assert await closed(websocket) == 4400


async def test_oversized_messages_end_the_connection(ada: Browser, gateway: GatewayApplication) -> None:
    websocket = await ada.websocket(KERNEL)
    await websocket.send_str(f"flood {2**16 + 1}")
    assert await closed(websocket) == 1009
    websocket = await ada.websocket(KERNEL)
    await websocket.send_bytes(b"x" * 4097)
    assert await closed(websocket) in (1009, 1006)


async def test_the_end_of_the_workspace_ends_its_websockets(ada: Browser, inside: Inside) -> None:
    websocket = await ada.websocket(KERNEL)
    await websocket.send_str("x")
    await websocket.receive()
    inside.sockets[-1].ws_connection.stream.close()
    assert await closed(websocket) == 1011


async def test_a_closed_websocket_is_closed_inside_and_forgotten(
    ada: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    websocket = await ada.websocket(KERNEL)
    await websocket.send_str("x")
    await websocket.receive()
    ended = asyncio.Event()
    inside.sockets[-1].on_close = ended.set
    await websocket.close()
    async with asyncio.timeout(5):
        await ended.wait()
    assert not gateway.gateway.watch._open
