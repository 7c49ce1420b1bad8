"""A browser's side of the tests: what Chromium sends, over a real proxy, with cookies kept per origin."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-site"}
FETCH = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}


class Loopback(AbstractResolver):
    """Every name is this machine, as browsers have it for `*.localhost`."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> Any:
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        pass


@dataclass(frozen=True)
class Reply:
    """A reply, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    redirected: bool

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def _whole(reply: aiohttp.ClientResponse) -> Reply:
    return Reply(reply.status, reply.headers, await reply.read(), bool(reply.history))


class Browser:
    """One person's browser."""

    def __init__(self, hub_origin: str, project: str = "vega") -> None:
        self.hub = hub_origin
        scheme, _, host = hub_origin.partition("://")
        self.origin = f"{scheme}://prj-{project}.{host}"
        self.base = f"/user/prj-{project}/"
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=Loopback()), headers={"User-Agent": "test", "Accept-Language": "en"}
        )

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.session.close()
        await asyncio.sleep(0)

    def url(self, path: str) -> URL:
        return URL(f"{self.origin}{self.base}{path}", encoded=True)

    async def sign_in(self, name: str) -> None:
        """Sign in at the hub."""
        async with self.session.get(f"{self.hub}/hub/login", headers=NAVIGATION) as reply:
            token = re.search(r'name="_xsrf" value="([^"]+)"', await reply.text())
        assert token
        form = {"username": name, "password": "x", "_xsrf": token[1]}
        headers = {**NAVIGATION, "Origin": self.hub, "Sec-Fetch-Site": "same-origin"}
        async with self.session.post(
            f"{self.hub}/hub/login", data=form, headers=headers, allow_redirects=False
        ) as reply:
            assert reply.status == 302, await reply.text()

    async def visit(self, path: str = "lab", **kwargs: Any) -> Reply:
        """Open an address in the browser's window."""
        async with self.session.get(self.url(path), headers=NAVIGATION, **kwargs) as reply:
            return await _whole(reply)

    async def show(self, path: str = "lab") -> Reply:
        """Open an address in the portal's frame."""
        async with self.session.get(self.url(path), headers=FRAME, allow_redirects=False) as reply:
            return await _whole(reply)

    def cookie(self, name: str) -> str | None:
        morsel = self.session.cookie_jar.filter_cookies(self.url("lab")).get(name)
        return morsel and morsel.value

    def headers(self, **changes: str | None) -> dict[str, str]:
        """What JupyterLab's own requests carry, with some headers changed or (None) left out."""
        sent: dict[str, str | None] = {**FETCH, "Origin": self.origin, "X-XSRFToken": self.cookie("_xsrf")}
        sent.update({name.replace("_", "-"): value for name, value in changes.items()})
        return {name: value for name, value in sent.items() if value is not None}

    async def fetch(self, method: str, path: str, changes: dict[str, Any] | None = None, **kwargs: Any) -> Reply:
        """Do what JupyterLab's page does to talk to its server."""
        kwargs.setdefault("allow_redirects", False)
        headers = self.headers(**changes or {})
        async with self.session.request(method, self.url(path), headers=headers, **kwargs) as reply:
            return await _whole(reply)

    async def websocket(self, path: str, changes: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        headers = {"Origin": self.origin, **(changes or {})}
        return await self.session.ws_connect(
            self.url(path), headers={k: v for k, v in headers.items() if v is not None}, max_msg_size=0, **kwargs
        )
