"""The server of a workspace replaced by a hostile one: no browser, no other project, not the gateway is harmed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.upstream import Holding

from .browsing import Browser
from .conftest import Hub
from .hostile import Answer, Call, in_place_of, raw, reply
from .test_websockets import KERNEL, closed
from .workspace_server import ME, Inside, model, serving

MIB = 2**20
GOOD = json.dumps(ME).encode()
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
ALLOWED_HEADERS = {
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "permissions-policy",
    "referrer-policy",
    "transfer-encoding",
    "x-content-type-options",
    "x-dns-prefetch-control",
    "x-frame-options",
}


@pytest.fixture
def limits(limits: GatewayLimits) -> GatewayLimits:
    limits.exchanges, limits.waiting, limits.websockets = 4, 2, 3
    limits.exchange_timeout = 3.0
    return limits


@pytest.fixture
def neighbour(hub: Hub, gateway: GatewayApplication) -> Iterator[str]:
    """The address of another project, which has the same gateway."""
    record = (hub.state.routes / "vega.json").read_text()
    path = hub.state.routes / "altair.json"
    path.write_text(record.replace("vega", "altair"))
    yield "/user/prj-altair/api"
    path.unlink()


async def answers_neighbour(hub: Hub, address: str) -> None:
    """Another project is answered."""
    connector = aiohttp.UnixConnector(str(hub.state.sockets / "gateway.sock"))
    async with (
        serving(Inside("/user/prj-altair/"), hub.state.sockets / "ws-altair.sock"),
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"http://x{address}") as answer,
    ):
        assert (answer.status, await answer.json()) == (200, {"version": "2.21.1"})


async def endless_interim(call: Call) -> None:
    await call.flood(b"HTTP/1.1 103 Early Hints\r\nLink: <http://evil.test>\r\n\r\n" * 100)


async def endless_headers(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\n")
    await call.flood(b"X-A: b\r\n" * 1000)


async def endless_line(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\nX-A: ")
    await call.flood(b"a" * 65536)


async def endless_body(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    await call.flood(b" " * 65536)


async def endless_chunks(call: Call) -> None:
    await call.send(CHUNKED + b"\r\n")
    await call.flood(b"1\r\n \r\n" * 10_000)


async def endless_chunk_extension(call: Call) -> None:
    await call.send(CHUNKED + b"\r\n1;")
    await call.flood(b"x" * 65536)


async def endless_trailers(call: Call) -> None:
    await call.send(CHUNKED + b"\r\n2\r\n{}\r\n0\r\n")
    await call.flood(b"X-A: b\r\n" * 1000)


async def endless_error(call: Call) -> None:
    await call.send(b"HTTP/1.1 404 No\r\nContent-Type: application/json\r\n\r\n")
    await call.flood(b" " * 65536)


async def dripping_body(call: Call) -> None:
    await call.send(CHUNKED + b"\r\n")
    while True:
        await call.send(b"1\r\n \r\n")
        await asyncio.sleep(0.1)


async def dripping_headers(call: Call) -> None:
    await call.send(b"HTTP/1.1 200 OK\r\nX-A: ")
    while True:
        await call.send(b"a")
        await asyncio.sleep(0.1)


async def silent(call: Call) -> None:
    await call.silence()


ENDLESS = [
    ("00", endless_interim),
    ("01", endless_headers),
    ("02", endless_line),
    ("03", endless_body),
    ("04", endless_chunks),
    ("05", endless_chunk_extension),
    ("06", endless_trailers),
    ("07", endless_error),
    ("08", dripping_body),
    ("09", dripping_headers),
    ("10", silent),
]


@pytest.mark.parametrize(
    ("case", "answer", "statuses"),
    [
        # honest, and what is dropped from it
        ("00", raw(reply(GOOD)), {200}),
        ("01", raw(reply(GOOD, b"Set-Cookie: a=b", b"Set-Cookie: _xsrf=evil; Domain=hdh.localhost")), {200}),
        ("02", raw(reply(GOOD, *[b"X-H%d: y" % number for number in range(90)])), {200}),
        ("03", raw(reply(GOOD, b"Location: http://evil.test", b"Refresh: 0;url=http://evil.test")), {200}),
        ("04", raw(reply(GOOD, b"WWW-Authenticate: Basic", b"Content-Disposition: attachment")), {200}),
        ("05", raw(CHUNKED + b"Trailer: Set-Cookie\r\n\r\n2\r\n{}\r\n0\r\nSet-Cookie: a=b\r\n\r\n"), {502}),
        ("06", raw(reply(GOOD) + reply(b"<script>steal()</script>")), {200}),
        # another type
        ("10", raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script>steal()</script>"), {502}),
        ("11", raw(reply(GOOD, b"Content-Type: text/html")), {200, 502}),
        ("12", raw(reply(b"<script>steal()</script>")), {502}),
        ("13", raw(reply(GOOD, b"Content-Encoding: gzip")), {502}),
        ("14", raw(reply(b"\x1f\x8b\x08" + b"\x00" * 40, b"Content-Encoding: deflate, gzip")), {502}),
        ("15", raw(reply(GOOD, status=b"302 Found")), {502}),
        ("16", raw(reply(b'{"html": "steal"}', status=b"401 No")), {400}),
        ("17", raw(reply(GOOD, status=b"206 Partial")), {502}),
        ("18", raw(reply(GOOD, status=b"304 Same")), {502}),
        # no HTTP
        ("20", raw(b"<html><script>steal()</script>"), {502}),
        ("21", raw(b"\x00" * 1000), {502}),
        ("22", raw(b""), {502}),
        ("23", raw(b"HTTP/1.1\r\n\r\n"), {502}),
        ("24", raw(b"HTTP/9.9 200 OK\r\n\r\n{}"), {502}),
        ("25", raw(reply(GOOD, status=b"999 Odd")), {502}),
        ("26", raw(reply(GOOD, status=b"-200 Odd")), {502}),
        ("27", raw(reply(GOOD, status=b"200 " + b"x" * 100_000)), {502}),
        ("28", raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nsteal"), {502}),
        ("29", raw(b"HTTP/1.1 100 Continue\r\n\r\n" + reply(GOOD)), {502}),
        # headers
        ("30", raw(reply(GOOD, b"no colon")), {502}),
        ("31", raw(reply(GOOD, b"X-A: b\r\n folded: c")), {200, 502}),
        ("32", raw(reply(GOOD, b"X-A: a\x00b")), {502}),
        ("33", raw(reply(GOOD, b"X-A: " + b"a" * 100_000)), {502}),
        ("34", raw(reply(GOOD, *[b"X-A: b"] * 5000)), {502}),
        ("35", raw(reply(GOOD, b"Content-Length: 3")), {502}),
        ("36", raw(reply(GOOD, b"Transfer-Encoding: chunked")), {502}),
        ("37", raw(reply(GOOD, b"X A: b")), {502}),
        ("38", raw(reply(GOOD, b"X-A: b\rSet-Cookie: c=d")), {502}),
        # lengths
        ("40", raw(reply(GOOD, length=len(GOOD) - 1)), {502}),
        ("41", raw(reply(GOOD, length=len(GOOD) + 1)), {502}),
        ("42", raw(reply(GOOD, length=-1)), {502}),
        ("43", raw(reply(GOOD, length=10**30)), {502}),
        ("44", raw(CHUNKED + b"\r\nzz\r\n{}\r\n0\r\n\r\n"), {502}),
        ("45", raw(CHUNKED + b"\r\n2\r\n{}xx0\r\n\r\n"), {502}),
        ("46", raw(CHUNKED + b"\r\nffffffffffffffffff\r\n{}"), {502}),
        ("47", raw(CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n"), {502}),
        ("48", raw(CHUNKED + b"\r\n2\r\n{}"), {502}),
        # bodies
        ("50", raw(reply(b"")), {502}),
        ("51", raw(reply(b"[" * 500_000)), {502}),
        ("52", raw(reply(GOOD + GOOD)), {502}),
        ("53", raw(reply(GOOD.replace(b"Ada", b"\xff\xfe"))), {502}),
        ("54", raw(reply(GOOD.replace(b'"Ada"', b"NaN"))), {502}),
        ("55", raw(reply(GOOD.decode().encode("utf-16"))), {502}),
        ("56", raw(reply(b" " * (MIB + 1))), {502}),
    ],
)
async def test_whatever_it_answers(
    hub: Hub, ada: Browser, neighbour: str, case: str, answer: Answer, statuses: set[int]
) -> None:
    before = ada.cookie("_xsrf")
    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer) as hostile:
        for _ in range(2):
            got = await ada.fetch("GET", "api/me")
            assert got.status in statuses
            assert got.headers["Content-Type"] == "application/json"
            assert {name.lower() for name in got.headers} <= ALLOWED_HEADERS
            assert got.json["identity"]["name"] == "Ada" if got.status == 200 else got.json["code"]
            assert b"steal" not in got.body
        # What got no answer at all is asked once more.
        assert len(hostile.calls) in (2, 4)
    assert ada.cookie("_xsrf") == before
    await answers_neighbour(hub, neighbour)


@pytest.mark.parametrize(("case", "answer"), ENDLESS)
async def test_whatever_does_not_end(hub: Hub, ada: Browser, neighbour: str, case: str, answer: Answer) -> None:
    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer) as hostile:
        asking = asyncio.create_task(ada.fetch("GET", "api/me"))
        async with asyncio.timeout(20):
            await answers_neighbour(hub, neighbour)
            got = await asking
        assert got.status in (502, 504)
        assert {name.lower() for name in got.headers} <= ALLOWED_HEADERS
        # What was taken off its hands, sockets' buffers included, is what could ever be in memory.
        assert hostile.calls[0].sent < 8 * MIB


async def test_a_slow_workspace_takes_its_own_places_alone(hub: Hub, ada: Browser, neighbour: str) -> None:
    async with in_place_of(hub.state.sockets / "ws-vega.sock", silent) as hostile:
        asking = [asyncio.create_task(ada.fetch("GET", "api/me")) for _ in range(6)]
        async with asyncio.timeout(20):
            while len(hostile.calls) < 4:
                await asyncio.sleep(0.01)
            refused = await ada.fetch("GET", "api/me")
            assert (refused.status, refused.json["code"]) == (503, "gateway.workspace_busy")
            await answers_neighbour(hub, neighbour)
            assert {(await each).status for each in asking} <= {503, 504}
        assert len(hostile.calls) <= 6


async def test_few_large_replies_are_held_at_once(hub: Hub, ada: Browser, neighbour: str) -> None:
    async def large(call: Call) -> None:
        await call.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        await call.flood(b" " * 65536, most=20 * MIB)
        await call.silence()

    async with in_place_of(hub.state.sockets / "ws-vega.sock", large) as hostile:
        asking = [asyncio.create_task(ada.fetch("GET", "api/contents/a")) for _ in range(4)]
        async with asyncio.timeout(20):
            while sum(call.sent >= 20 * MIB for call in hostile.calls) < 2:
                await asyncio.sleep(0.01)
            waiting = sorted(call.sent for call in hostile.calls)[:2]
            assert all(sent < 4 * MIB for sent in waiting)
            await answers_neighbour(hub, neighbour)
            assert {(await each).status for each in asking} <= {502, 504}


async def test_a_browser_that_does_not_read_is_let_go(hub: Hub, ada: Browser, gateway: GatewayApplication) -> None:
    body = json.dumps(model("a", "x" * 20 * MIB)).encode()
    async with in_place_of(hub.state.sockets / "ws-vega.sock", raw(reply(body))):
        reader, writer = await asyncio.open_unix_connection(str(hub.state.sockets / "gateway.sock"))
        cookies = "; ".join(
            f"{m.key}={m.value}" for m in ada.session.cookie_jar.filter_cookies(ada.url("lab")).values()
        )
        host = ada.origin.removeprefix("http://")
        writer.write(f"GET {ada.base}api/contents/a HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        async with asyncio.timeout(20):
            # The rest is thrown away after the time for an exchange; what is left in the buffers comes, then the end.
            await asyncio.sleep(4)
            rest = await reader.read()
        assert len(rest) < len(body)
        writer.close()
    assert (await ada.fetch("GET", "hdh/me")).status == 200


def handshake(call: Call, *extra: bytes) -> bytes:
    key = next(line[19:].strip() for line in call.head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
    lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    return b"\r\n".join([*lines, b"Sec-WebSocket-Accept: " + accept, *extra, b"", b""])


def frame(opcode: int, payload: bytes, first: int = 0x80, second: int = 0, length: bytes | None = None) -> bytes:
    size = bytes([second | len(payload)]) if length is None else length
    return bytes([first | opcode]) + size + payload


@pytest.mark.parametrize(
    ("case", "frames"),
    [
        ("00", frame(1, b"\xff\xfe")),
        ("01", frame(3, b"reserved opcode")),
        ("02", frame(1, b"rsv", first=0xF0)),
        ("03", frame(1, b"masked", second=0x80)),
        ("04", frame(9, b"x" * 10, first=0)),
        ("05", frame(9, b"", length=b"\x7e\x01\x00") + b"x" * 256),
        ("06", frame(2, b"", length=b"\x7f" + b"\xff" * 8)),
        ("07", frame(2, b"", length=b"\x7f" + (2**40).to_bytes(8)) + b"x" * 1000),
        ("08", frame(0, b"continues nothing")),
        ("09", frame(8, b"\x03")),
        ("10", frame(8, (1005).to_bytes(2) + b"no code")),
        ("11", frame(8, (9999).to_bytes(2) + b"no code")),
        ("12", frame(8, (1000).to_bytes(2) + b"\xff\xff")),
        ("13", frame(8, (4403).to_bytes(2) + b"x" * 120)),
        ("14", b""),
        ("15", b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
)
async def test_whatever_frames_it_sends(hub: Hub, ada: Browser, neighbour: str, case: str, frames: bytes) -> None:
    async def answer(call: Call) -> None:
        await call.send(handshake(call) + frames)

    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer):
        websocket = await ada.websocket(KERNEL)
        received: list[Any] = []
        async with asyncio.timeout(15):
            async for message in websocket:
                received.append(message.data)
        assert received == []
        assert websocket.close_code in (1000, 1002, 1007, 1009, 1011, 4403)
        await answers_neighbour(hub, neighbour)


@pytest.mark.parametrize(
    ("case", "first", "pieces"),
    [
        ("00", b"", frame(9, b"x" * 100) * 1000),
        ("01", frame(2, b"x", first=0), frame(0, b"x" * 100, first=0) * 1000),
        ("02", frame(2, b"", first=0), frame(0, b"", first=0) * 1000),
    ],
)
async def test_endless_frames_are_bounded(
    hub: Hub, ada: Browser, neighbour: str, case: str, first: bytes, pieces: bytes
) -> None:
    async def answer(call: Call) -> None:
        await call.send(handshake(call) + first)
        await call.flood(pieces)

    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer) as hostile:
        websocket = await ada.websocket(KERNEL)
        async with asyncio.timeout(20):
            for _ in range(3):
                await answers_neighbour(hub, neighbour)
        await websocket.close()
        # Pings that nobody reads the answers of stop the reading; pieces of one message count up to its limit.
        assert hostile.calls[0].sent < 16 * MIB


@pytest.mark.parametrize(
    ("case", "answer", "statuses"),
    [
        ("00", silent, {504}),
        ("01", dripping_headers, {504}),
        ("02", endless_interim, {502}),
        ("03", endless_headers, {502}),
        ("04", raw(reply(GOOD)), {502}),
        ("05", raw(reply(GOOD, status=b"302 Found", length=0)), {502}),
        ("06", raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"), {502}),
        ("07", raw(b"\x88\x00"), {502}),
    ],
)
async def test_handshakes_that_are_none(
    hub: Hub, ada: Browser, neighbour: str, case: str, answer: Answer, statuses: set[int]
) -> None:
    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer):
        async with asyncio.timeout(20):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await ada.websocket(KERNEL)
        assert caught.value.status in statuses
        await answers_neighbour(hub, neighbour)


async def test_a_handshake_brings_no_header_of_its_own(hub: Hub, ada: Browser) -> None:
    async def answer(call: Call) -> None:
        extra = (b"Set-Cookie: _xsrf=evil", b"Sec-WebSocket-Protocol: evil", b"X-A: b")
        await call.send(handshake(call, *extra, b"Sec-WebSocket-Extensions: permessage-deflate"))
        await call.silence()

    before = ada.cookie("_xsrf")
    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer):
        websocket = await ada.websocket(KERNEL)
        headers = websocket._response.headers
        assert not {"Set-Cookie", "X-A", "Sec-WebSocket-Extensions"} & set(headers)
        assert websocket.protocol is None
        assert ada.cookie("_xsrf") == before
        await websocket.close()


async def test_so_many_websockets_and_no_more(hub: Hub, ada: Browser, neighbour: str) -> None:
    async def answer(call: Call) -> None:
        await call.send(handshake(call))
        await call.silence()

    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer):
        sockets = [await ada.websocket(KERNEL) for _ in range(3)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await ada.websocket(KERNEL)
        assert caught.value.status == 503
        await answers_neighbour(hub, neighbour)
        for websocket in sockets:
            await websocket.close()
        assert await closed(sockets[0]) is not None


async def test_large_checks_of_one_workspace_leave_the_gateway_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place among the large replies is kept for a multiple of what the check took; a small reply's is not."""
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        assert large._value == 1

    class Body:
        def __init__(self, size: int) -> None:
            self.content, self.size = self, size

        async def iter_chunked(self, _: int) -> Any:
            yield b" " * self.size

    large = asyncio.Semaphore(2)
    monkeypatch.setattr("hdh_jupyter.gateway.upstream.asyncio.sleep", rest)
    for size, expected in ((MIB, 0), (MIB + 1, 1)):
        async with AsyncExitStack() as stack:
            holding = Holding(stack, large)
            content = await holding.read(Body(size), 2 * MIB)  # type: ignore[arg-type]
            assert holding.check(lambda content=content: content) == content
        assert len(rests) == expected
    assert large._value == 2
    assert rests[0] > 0
