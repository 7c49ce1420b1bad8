"""Requests as bytes that try to be read in two ways: through the real proxy, and at the gateway's socket.

Whoever talks to the gateway's socket directly stands for a proxy that passes everything on. The real one writes a
request anew, its dots and slashes put in order: what the gateway then decides on is what the workspace gets.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from hdh_jupyter.gateway.app import GatewayApplication

from .browsing import Browser
from .conftest import Hub
from .workspace_server import Inside

BASE = "/user/prj-vega/"
MARK = "smuggled"


async def exchange(hub: Hub, data: bytes, by_proxy: bool, seconds: float, most: int = 9) -> bytes:
    """Send bytes and return whatever comes back until the other side closes, is quiet, or has answered `most` times."""
    if by_proxy:
        port = int(hub.origin.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    else:
        reader, writer = await asyncio.open_unix_connection(str(hub.state.sockets / "gateway.sock"))
    received = b""
    with contextlib.suppress(ConnectionError):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(ConnectionError, TimeoutError):
        while len(statuses(received)) < most and (piece := await asyncio.wait_for(reader.read(65536), seconds)):
            received += piece
    writer.close()
    return received


def cookies(browser: Browser) -> str:
    kept = browser.session.cookie_jar.filter_cookies(browser.url("lab")).values()
    return "; ".join(f"{morsel.key}={morsel.value}" for morsel in kept)


def signed(browser: Browser, method: str = "GET", path: str = "api/me", target: str | None = None) -> list[str]:
    """The head of a request that a signed-in person may make."""
    host = browser.origin.removeprefix("http://")
    head = [f"{method} {target or BASE + path} HTTP/1.1", f"Host: {host}", f"Cookie: {cookies(browser)}"]
    return [*head, f"Origin: {browser.origin}", f"X-XSRFToken: {browser.cookie('_xsrf')}"]


def text(*lines: str, body: str = "") -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


def statuses(received: bytes) -> list[int]:
    return [int(part[1:4]) for part in received.split(b"HTTP/1.1")[1:] if part[1:4].isdigit()]


SMUGGLED = f"GET {BASE}api/contents/{MARK} HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("by_proxy", [True, False], ids=["proxy", "gateway"])
@pytest.mark.parametrize(
    ("case", "extra", "body"),
    [
        ("00", ["Content-Length: 2", "Transfer-Encoding: chunked"], "0\r\n\r\n" + SMUGGLED),
        ("01", ["Transfer-Encoding: chunked", "Content-Length: 2"], "0\r\n\r\n" + SMUGGLED),
        ("02", ["Content-Length: 2", "Content-Length: 3"], "{}" + SMUGGLED),
        ("03", ["Content-Length: 2, 3"], "{}" + SMUGGLED),
        ("04", ["Transfer-Encoding: chunked, identity"], "0\r\n\r\n" + SMUGGLED),
        ("05", ["Transfer-Encoding: identity", "Content-Length: 2"], "{}" + SMUGGLED),
        ("06", ["Transfer-Encoding: xchunked", "Content-Length: 2"], "{}" + SMUGGLED),
        ("07", ["Transfer-Encoding : chunked", "Content-Length: 2"], "{}" + SMUGGLED),
        ("08", ["X-A: b\r\n Transfer-Encoding: chunked", "Content-Length: 2"], "{}" + SMUGGLED),
        ("09", ["Content-Length: +2"], "{}" + SMUGGLED),
        ("10", ["Content-Length: 0x2"], "{}" + SMUGGLED),
        ("11", ["Content-Length: -1"], SMUGGLED),
        ("12", ["Content-Length: 2\rX: y"], "{}" + SMUGGLED),
        ("13", ["Content-Length: 2\nX: y"], "{}" + SMUGGLED),
        ("14", ["Transfer-Encoding: chunked"], "2;x\n{}\r\n0\r\n\r\n" + SMUGGLED),
        ("15", ["Transfer-Encoding: chunked"], "0x2\r\n{}\r\n0\r\n\r\n" + SMUGGLED),
        ("16", ["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\nHost: evil\r\n\r\n" + SMUGGLED),
        ("17", ["Content-Length: 2", "Connection: Content-Length"], "{}" + SMUGGLED),
        ("18", ["Expect: 100-continue", "Content-Length: 2"], "{}" + SMUGGLED),
        ("19", ["X-A: b\x00c", "Content-Length: 2"], "{}" + SMUGGLED),
        ("20", ["Content-Length: 2", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"], "{}" + SMUGGLED),
        ("21", ["Content-Length: 2", "Upgrade: websocket", "Connection: Upgrade"], "{}" + SMUGGLED),
    ],
)
async def test_nothing_is_smuggled(
    hub: Hub, ada: Browser, inside: Inside, by_proxy: bool, case: str, extra: list[str], body: str
) -> None:
    """A second request hidden in a first is never taken for somebody's, and nothing of it reaches the workspace."""
    inside.requests.clear()
    received = await exchange(hub, text(*signed(ada, "POST", "api/contents"), *extra, body=body), by_proxy, 1.0)
    assert MARK not in "".join(request.uri for request in inside.requests)
    # A second one that is seen at all is one without a cookie, refused or sent to sign in.
    final = [status for status in statuses(received) if status >= 200]
    assert all(status >= 300 for status in final[1:])
    for request in inside.requests:
        assert not {"Transfer-Encoding", "Upgrade", "Expect", "Cookie", "Authorization"} & set(request.headers) or (
            request.headers.get("Transfer-Encoding") == "chunked"
        )
    assert (await ada.fetch("GET", "api/me")).status == 200


@pytest.mark.parametrize("by_proxy", [True, False], ids=["proxy", "gateway"])
@pytest.mark.parametrize(
    ("case", "target"),
    [
        ("00", "http://evil.test/user/prj-vega/api/me"),
        ("01", "//evil.test/user/prj-vega/api/me"),
        ("02", "/user/prj-vega//api/me"),
        ("03", "/user//prj-vega/api/me"),
        ("04", "/user/prj-vega/./api/me"),
        ("05", "/user/prj-vega/api/contents/../me"),
        ("06", "/user/prj-vega/api/contents/%2e%2e/me"),
        ("07", "/user/prj-vega/api/contents/..%2fme"),
        ("08", "/user/prj-vega/api%2fme"),
        ("09", "/user/prj-vega/api\\me"),
        ("10", "/user/prj-vega/api/me%00"),
        ("11", "/user/prj-vega/api/me%0d%0aX:y"),
        ("12", "/user/prj-vega/api/me;x=y"),
        ("13", "/user/prj-vega/api/m%c1%a5"),
        ("14", "/user/prj-vega/api/contents/%c0%ae%c0%ae/x"),
        ("15", "/user/prj-vega/api/contents/%ed%a0%80"),
        ("16", "/user/prj-vega/%61pi/me"),
        ("17", "/%75ser/prj-vega/api/me"),
        ("18", "/user/prj%2dvega/api/me"),
        ("19", "/user/PRJ-VEGA/api/me"),
        ("20", "/user/prj-vega/../prj-altair/api/me"),
        ("21", "/user/prj-vega/api/me#x"),
        ("22", "/user/prj-vega/api/me/"),
        ("23", "/user/prj-vega/files/data.csv"),
        ("24", "/user/prj-vega/api/contents?token=x"),
        ("25", "/user/prj-vega/api/contents/" + "a" * 9000),
        ("26", "*"),
        ("27", "api/me"),
        ("28", "/user/prj-vega/api/contents/a%"),
        ("29", "/user/prj-vega/api/contents/a\tb"),
    ],
)
async def test_no_path_has_two_readings(
    hub: Hub, ada: Browser, inside: Inside, by_proxy: bool, case: str, target: str
) -> None:
    inside.requests.clear()
    received = await exchange(hub, text(*signed(ada, target=target), "Connection: close"), by_proxy, 1.0)
    if by_proxy:
        assert {request.uri for request in inside.requests} <= {f"{BASE}api/me"}
    else:
        assert not inside.requests
        assert all(status >= 300 for status in statuses(received))
        assert b'"identity"' not in received


@pytest.mark.parametrize("by_proxy", [True, False], ids=["proxy", "gateway"])
@pytest.mark.parametrize(
    ("case", "hosts"),
    [
        ("00", ["Host: evil.test"]),
        ("01", ["Host: prj-altair.{host}"]),
        ("02", ["Host: prj-vega.{host}.evil.test"]),
        ("03", ["Host: prj-vega.{host}", "Host: evil.test"]),
        ("04", ["Host: evil.test", "Host: prj-vega.{host}"]),
        ("05", ["Host: evil.test", "X-Forwarded-Host: prj-vega.{host}"]),
        ("06", ["Host: user@prj-vega.{host}"]),
        ("07", ["Host: prj-vega.{host}/"]),
        ("08", []),
        ("09", ["Host:"]),
        ("10", ["Host: prj-vega.{host}, evil.test"]),
        ("11", ["Host: {host}"]),
    ],
)
async def test_no_host_but_the_projects(
    hub: Hub, ada: Browser, inside: Inside, by_proxy: bool, case: str, hosts: list[str]
) -> None:
    inside.requests.clear()
    named = [line.format(host=hub.origin.removeprefix("http://")) for line in hosts]
    head = signed(ada)
    received = await exchange(hub, text(head[0], *named, *head[2:], "Connection: close"), by_proxy, 1.0)
    if by_proxy and case == "03":
        # The proxy keeps the first of two.
        assert {request.uri for request in inside.requests} <= {f"{BASE}api/me"}
        return
    assert not inside.requests
    assert b'"identity"' not in received
    assert all(status >= 300 for status in statuses(received))


@pytest.mark.parametrize("by_proxy", [True, False], ids=["proxy", "gateway"])
@pytest.mark.parametrize(
    ("case", "line"),
    [
        ("00", "CONNECT prj-vega.hdh.localhost:80 HTTP/1.1"),
        ("01", "TRACE {base}api/me HTTP/1.1"),
        ("02", "PROPFIND {base}api/contents/a HTTP/1.1"),
        ("03", "get {base}api/me HTTP/1.1"),
        ("04", "GET {base}api/me HTTP/1.0\r\nX: y"),
        ("05", "GET {base}api/me HTTP/2.0"),
        ("06", "GET {base}api/me"),
        ("07", "PRI * HTTP/2.0"),
        ("08", "GET\x00 {base}api/me HTTP/1.1"),
        ("09", "GET  {base}api/me HTTP/1.1"),
        ("10", "GET {base}api/contents/" + "a" * 200_000 + " HTTP/1.1"),
        ("11", "OPTIONS {base}api/me HTTP/1.1\r\nAccess-Control-Request-Method: PUT"),
        ("12", "HEAD {base}api/contents/a HTTP/1.1"),
    ],
)
async def test_request_lines(hub: Hub, ada: Browser, inside: Inside, by_proxy: bool, case: str, line: str) -> None:
    inside.requests.clear()
    head = signed(ada)
    data = text(line.format(base=BASE), *head[1:], "Connection: close")
    received = await exchange(hub, data, by_proxy, 1.0)
    if by_proxy or case == "04":
        # HTTP/1.0 is a request like any other, and the proxy writes its own request lines.
        assert {(request.method, request.uri) for request in inside.requests} <= {("GET", f"{BASE}api/me")}
    else:
        assert not inside.requests
        assert b'"identity"' not in received
    assert b"Access-Control-Allow" not in received
    assert (await ada.fetch("GET", "api/me")).status == 200


async def test_pipelined_requests_are_each_admitted_by_themselves(hub: Hub, ada: Browser, inside: Inside) -> None:
    """Three in one piece: mine, a stranger's, mine. Each gets its own answer, in order."""
    host = ada.origin.removeprefix("http://")
    stranger = text(f"GET {BASE}api/me HTTP/1.1", f"Host: {host}")
    data = text(*signed(ada)) + stranger + text(*signed(ada), "Connection: close")
    for by_proxy in (True, False):
        received = await exchange(hub, data, by_proxy, 3.0, most=3)
        # A refusal may close the connection.
        assert statuses(received) in ([200, 403], [200, 403, 200])
    everything = text(*signed(ada)) * 3
    assert statuses(await exchange(hub, everything, False, 20.0, most=3)) == [200, 200, 200]


async def test_an_upgrade_with_a_tail_leads_nowhere(hub: Hub, ada: Browser, inside: Inside) -> None:
    """After a refused upgrade, what follows is a request by itself, or nothing."""
    inside.requests.clear()
    upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: eA=="]
    for by_proxy in (True, False):
        for path in ("api/me", "lsp/ws/x", "files/x"):
            received = await exchange(hub, text(*signed(ada, path=path), *upgrade) + SMUGGLED.encode(), by_proxy, 1.0)
            assert 101 not in statuses(received)
            assert 200 not in statuses(received)
    assert not inside.requests


@pytest.mark.parametrize("case", ["head", "body"])
async def test_a_slow_browser_is_let_go(hub: Hub, ada: Browser, gateway: GatewayApplication, case: str) -> None:
    """A request that never ends holds nothing of the others, and ends with the time for an exchange."""
    gateway.gateway.limits.exchange_timeout = 1.0
    reader, writer = await asyncio.open_unix_connection(str(hub.state.sockets / "gateway.sock"))
    head = text(*signed(ada, "PUT", "api/contents/a"), "Content-Length: 1000000")
    writer.write(head[:100] if case == "head" else head + b"{")
    await writer.drain()
    assert (await ada.fetch("GET", "api/me")).status == 200
    if case == "body":
        async with asyncio.timeout(20):
            received = await reader.read(65536)
        assert statuses(received) in ([], [504], [502])
    writer.close()
