"""A person at work, as a program: signs in at the portal, opens a workspace, and uses it as JupyterLab does."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from platform_process import PASSWORD
from yarl import URL

SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
OPENING = 90
"""Seconds that a workspace may take to open."""


class Loopback(AbstractResolver):
    """Finds every name on this machine, as browsers find `*.localhost`."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0),
        ]

    async def close(self) -> None:
        """Nothing is kept."""


class Kernel:
    """A kernel's websocket, speaking the protocol that JupyterLab speaks."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        self.websocket = websocket
        self.session = uuid.uuid4().hex

    async def ask(self, kind: str, content: dict[str, Any]) -> int:
        """Send a request on the shell channel; return how many messages came until the kernel is idle again."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "username": "",
            "session": self.session,
            "date": "2020-01-01T00:00:00Z",
            "version": "5.3",
        }
        parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
        await self.websocket.send_bytes(serialize_msg_to_ws_v1(parts, "shell"))
        received, idle, answered = 0, False, False
        while not (idle and answered):
            message = await self.websocket.receive(timeout=60)
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise SystemExit(f"the kernel's websocket ended: {message}")
            received += 1
            channel, sent = deserialize_msg_from_ws_v1(message.data)
            if json.loads(sent[1]).get("msg_id") == header["msg_id"]:
                answered |= channel == "shell"
                idle |= json.loads(sent[0])["msg_type"] == "status" and b'"idle"' in sent[3]
        return received

    async def run(self, code: str) -> int:
        """Run code; return how many messages came."""
        silent = {"silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        return await self.ask("execute_request", {"code": code, **silent})


class Server:
    """The Jupyter server of a workspace, by whichever way it is called."""

    def __init__(self, session: aiohttp.ClientSession, base: str, headers: dict[str, str]) -> None:
        self.session = session
        self.base = base
        self.headers = headers

    async def call(self, method: str, path: str, content: Any = None) -> Any:
        """Send a request and return the JSON of its reply."""
        async with self.session.request(method, self.base + path, json=content, headers=self.headers) as reply:
            body = await reply.read()
            if not reply.ok:
                raise SystemExit(f"{method} {path}: {reply.status} {body[:300]!r}")
            return json.loads(body) if body else None

    @asynccontextmanager
    async def kernel(self) -> AsyncIterator[Kernel]:
        """Start a kernel and connect to it; end it at the end."""
        started = await self.call("POST", "api/kernels", {"name": "python3"})
        url = f"{self.base}api/kernels/{started['id']}/channels"
        try:
            async with self.session.ws_connect(
                url, headers=self.headers, protocols=(SUBPROTOCOL,), max_msg_size=0
            ) as websocket:
                kernel = Kernel(websocket)
                await kernel.ask("kernel_info_request", {})
                yield kernel
        finally:
            await self.call("DELETE", f"api/kernels/{started['id']}")


@asynccontextmanager
async def visitor(name: str, project: str, host: str) -> AsyncIterator[Server]:
    """Sign a person in, open their project's workspace, and return the way to it that their browser has.

    Parameters
    ----------
    host
        The portal's host and port.
    """
    connector = aiohttp.TCPConnector(resolver=Loopback(), limit=0)
    jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        hub, origin = f"http://{host}/hub", f"http://prj-{project}.{host}"
        async with session.get(f"{hub}/login") as page:
            xsrf = re.search(r'name="_xsrf" value="([^"]+)"', await page.text())
        form = {"username": name, "password": PASSWORD, "_xsrf": xsrf[1] if xsrf else ""}
        async with session.post(f"{hub}/login", data=form, headers={"Origin": f"http://{host}"}) as home:
            home.raise_for_status()
        async with session.get(f"{hub}/spawn/prj-{project}") as opening:
            await opening.read()
        base = f"{origin}/user/prj-{project}/"
        await _open(session, base)
        cookies = jar.filter_cookies(URL(base))
        yield Server(session, base, {"X-XSRFToken": cookies["_xsrf"].value, "Origin": origin})


async def _open(session: aiohttp.ClientSession, base: str) -> None:
    """Go through the sign-in for the project once its workspace runs, as a browser that shows it does."""
    async with asyncio.timeout(OPENING):
        while True:
            for destination in ("document", "iframe"):
                async with session.get(f"{base}lab", headers={"Sec-Fetch-Dest": destination}) as page:
                    text = await page.text()
                    if page.ok and "jupyter-config-data" in text:
                        return
            await asyncio.sleep(0.3)
