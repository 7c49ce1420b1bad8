"""What the real server of a workspace sends over its websockets is what the gateway lets through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hdh_jupyter.gateway.frames import KERNEL_PROTOCOL, FrameRule, is_json, rule_for
from hdh_jupyter.gateway.headers import identity_header
from hdh_jupyter.gateway.table import TABLE, Channel, Kind

from .real_server import BASE, RealServer, real_server

EXECUTE = {
    "header": {"msg_id": "m", "msg_type": "execute_request", "session": "s", "username": "", "version": "5.3"},
    "parent_header": {},
    "metadata": {},
    "channel": "shell",
    "content": {"code": "print('hello')", "silent": False},
}


def passes(rule: FrameRule, message: aiohttp.WSMessage) -> bool:
    if message.type is aiohttp.WSMsgType.BINARY:
        return rule.binary and len(message.data) <= rule.longest
    content = message.data.encode()
    return rule.text and len(content) <= rule.longest and (rule.json_type is None or is_json(content, rule.json_type))


def holding(word: bytes) -> Callable[[aiohttp.WSMessage], bool]:
    """Return a condition: the message holds a word."""
    return lambda message: word in (message.data if isinstance(message.data, bytes) else message.data.encode())


async def exchange(
    server: RealServer, path: str, protocol: str | None, sent: Any, last: Callable[[aiohttp.WSMessage], bool]
) -> list[aiohttp.WSMessage]:
    """Open a websocket, send something, and return what comes up to the message that is waited for."""
    received: list[aiohttp.WSMessage] = []
    headers = {"X-HDH-User": identity_header("ada", "Ada Lovelace"), "Origin": server.origin}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{server.origin}{BASE}{path}", headers=headers, protocols=[protocol] if protocol else []
        ) as websocket,
        asyncio.timeout(60),
    ):
        assert websocket.protocol == protocol
        if isinstance(sent, bytes):
            await websocket.send_bytes(sent)
        elif sent is not None:
            await websocket.send_str(sent)
        while not received or not last(received[-1]):
            received.append(await websocket.receive())
            assert received[-1].type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), received
    return received


def framed(message: dict[str, Any]) -> bytes:
    """Return a message in Jupyter's binary framing: a count, offsets, the channel and the parts."""
    parts = [message["channel"].encode(), *(json.dumps(message[part]).encode() for part in list(EXECUTE)[:3])]
    parts.append(json.dumps(message["content"]).encode())
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return b"".join([len(offsets).to_bytes(8, "little"), *(o.to_bytes(8, "little") for o in offsets), *parts])


async def test_kernels_terminals_rooms_and_events(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server:
        (server.home / "a.txt").write_text("text")
        kernel = json.loads((await server.fetch("POST", "api/kernels", b'{"name": "python3"}')).body)["id"]
        path = f"api/kernels/{kernel}/channels?session_id=s"
        text = rule_for(Channel.KERNEL, None)
        for message in await exchange(server, path, None, json.dumps(EXECUTE), holding(b"execute_reply")):
            assert passes(text, message)
        binary = rule_for(Channel.KERNEL, KERNEL_PROTOCOL)
        received = await exchange(server, path, KERNEL_PROTOCOL, framed(EXECUTE), holding(b"execute_reply"))
        assert {message.type for message in received} == {aiohttp.WSMsgType.BINARY}
        assert all(passes(binary, message) for message in received)
        await server.fetch("DELETE", f"api/kernels/{kernel}")

        terminal = json.loads((await server.fetch("POST", "api/terminals", b"{}")).body)["name"]
        path = f"terminals/websocket/{terminal}"
        for message in await exchange(server, path, None, '["stdin", "echo hello\\r"]', holding(b"stdout")):
            assert passes(rule_for(Channel.TERMINAL, None), message), message
        await server.fetch("DELETE", f"api/terminals/{terminal}")

        asked = b'{"format": "text", "type": "file"}'
        room = json.loads((await server.fetch("PUT", "api/collaboration/session/a.txt", asked)).body)
        path = f"api/collaboration/room/text:file:{room['fileId']}?sessionId={room['sessionId']}"
        # The first step of the synchronisation, from an empty document (y-protocols: sync, step 1, an empty vector).
        for message in await exchange(server, path, None, b"\x00\x00\x01\x00", holding(b"")):
            assert passes(rule_for(Channel.ROOM, None), message), message

        opening = asyncio.create_task(exchange(server, "api/events/subscribe", None, None, holding(b"")))
        await asyncio.sleep(0.3)
        while not opening.done():
            await server.fetch("GET", "api/contents/a.txt?content=1")
            await asyncio.sleep(0.1)
        [message] = opening.result()
        assert passes(rule_for(Channel.EVENTS, None), message), message


def test_every_websocket_has_a_rule() -> None:
    for route in TABLE:
        if route.kind is Kind.WEBSOCKET:
            assert rule_for(route.channel, None).longest > 0


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"nan?", b'"text"', b"\xff"])
def test_what_is_no_json_of_the_kind_is_told_apart(text: bytes) -> None:
    assert not is_json(text, list)
    assert not is_json(text, dict)
