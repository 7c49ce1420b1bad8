"""No reply leaves the gateway without its headers: sent raw, as no client library would send it."""

from __future__ import annotations

import asyncio

import pytest

from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.headers import FIXED

from .conftest import Hub

HOST = "prj-vega.hdh.localhost"


async def raw(hub: Hub, request: bytes) -> str:
    """Send bytes to the gateway's socket, and return what it answers before it closes or pauses."""
    reader, writer = await asyncio.open_unix_connection(str(hub.state.sockets / "gateway.sock"))
    writer.write(request)
    await writer.drain()
    found = b""
    try:
        async with asyncio.timeout(3):
            while chunk := await reader.read(65536):
                found += chunk
    except TimeoutError:
        pass
    writer.close()
    return found.decode("latin-1")


TARGETS = [
    "/user/prj-vega/static/lab/%2e%2e/%2e%2e/x",
    "/user/prj-vega/static/lab/..%2f..%2fx",
    "/user/prj-vega/static/lab/%2e%2e%2f%2e%2e%2fetc/passwd",
    "/user/prj-vega/static/lab/../../../x",
    "/user/prj-vega/static/lab/%252e%252e/x",
    "/user/prj-vega/static/lab/a%00b",
    "/user/prj-vega/static/lab/%ff",
    "/user/prj-vega/static/lab/",
    "/user/prj-vega/static/lab/" + "a" * 300,
    "/user/prj-vega/static/lab/" + "a/" * 1000 + "a",
    "/user/prj-vega/lab/extensions/@hdh",
    "/user/prj-vega/lab/api/themes/%2e%2e/x",
    "/user/prj-vega/",
    "/user/prj-vega/lab",
    "/user/prj-vega/login",
    "/user/prj-vega/logout",
    "/user/prj-vega/oauth_callback",
    "/user/prj-vega/oauth_callback?code=x&state=y",
    "/user/prj-vega/nothing",
    "/user/prj-vega",
    "/user/prj-nobody/lab",
    "/user/../x",
    "/",
    "*",
    "/user/prj-vega/api/me",
    "/user/prj-vega/api",
]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "TRACE", "get"])
async def test_headers_on_every_kind_of_reply(hub: Hub, gateway: GatewayApplication, method: str) -> None:
    host = f"{HOST}:{hub.origin.rpartition(':')[2]}"
    dest = "Sec-Fetch-Dest: document\r\n" if method == "GET" else ""
    rest = f"HTTP/1.1\r\nHost: {host}\r\n{dest}Connection: close\r\n\r\n"
    replies = await asyncio.gather(*(raw(hub, f"{method} {target} {rest}".encode()) for target in TARGETS))
    for target, reply in zip(TARGETS, replies, strict=True):
        head, _, body = reply.partition("\r\n\r\n")
        status, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        # 503: a project that has no workspace running.
        assert 200 <= int(status.split()[1]) < (504 if "nobody" in target else 500), (target, status)
        missing = {name for name, value in FIXED.items() if headers.get(name.lower()) != value}
        assert not missing, (target, head)
        assert headers["content-security-policy"].startswith("default-src 'none'"), target
        assert "server" not in headers, target
        assert "Traceback" not in body, target
