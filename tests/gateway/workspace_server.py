"""Stands for what is inside a workspace, an untrusted server that answers whatever a test makes it answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

Answer = Callable[[RequestHandler], Awaitable[None]]
ME = {"identity": {"username": "ada", "name": "Ada", "display_name": "Ada"}, "permissions": {}}


def model(path: str, content: Any = None, **changes: Any) -> dict[str, Any]:
    """What a server says of a file."""
    said: dict[str, Any] = {
        "name": path.rpartition("/")[2],
        "path": path,
        "type": "file",
        "writable": True,
        "created": "2026-01-01T00:00:00Z",
        "last_modified": "2026-01-01T00:00:00Z",
        "mimetype": "text/plain",
        "content": content,
        "format": None if content is None else "text",
        "size": 1,
    }
    return said | changes


class Inside:
    """The server, with what it was asked."""

    def __init__(self, base: str = "/user/prj-vega/") -> None:
        self.base = base
        self.answers: dict[str, Answer] = {}
        self.requests: list[Any] = []
        self.sockets: list[Any] = []

    def answer(self, path: str, content: Any, status: int = 200, **headers: str) -> None:
        """Answer a path below the base URL with a body (JSON unless it is bytes)."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()

        async def send(handler: RequestHandler) -> None:
            handler.set_status(status)
            handler.set_header("Content-Type", "application/json")
            for name, value in headers.items():
                handler.set_header(name.replace("_", "-"), value)
            handler.write(body)

        self.answers[path] = send


class _Any(RequestHandler):
    def initialize(self, inside: Inside) -> None:
        self.inside = inside

    async def _answer(self) -> None:
        self.inside.requests.append(self.request)
        path = self.request.path.removeprefix(self.inside.base)
        if path in self.inside.answers:
            await self.inside.answers[path](self)
        elif self.request.method == "DELETE":
            self.set_status(204)
        elif path == "api":
            self.write({"version": "2.21.1"})
        elif path == "api/me":
            self.write(ME)
        else:
            asked = path.removeprefix("api/contents").strip("/")
            content = "text" if self.request.method == "GET" else None
            self.write(model(asked, content, size=len(self.request.body)))

    get = post = put = patch = delete = _answer


class _Echo(WebSocketHandler):
    def initialize(self, inside: Inside) -> None:
        self.inside = inside

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "v1.kernel.websocket.jupyter.org" if subprotocols else None

    def open(self, *_: str) -> None:
        self.inside.requests.append(self.request)
        self.inside.sockets.append(self)

    async def on_message(self, message: str | bytes) -> None:
        if message == "close":
            self.close(4400, "as asked")
        elif isinstance(message, str) and message.startswith("flood "):
            await self.write_message(b"x" * int(message.split()[1]), binary=True)
        else:
            await self.write_message(message, binary=isinstance(message, bytes))


@asynccontextmanager
async def serving(inside: Inside, socket: Path) -> AsyncIterator[Inside]:
    sockets = r"api/kernels/.*/channels|api/events/subscribe|terminals/websocket/\w+|api/collaboration/room/.*"
    websockets = rf"{inside.base}(?:{sockets})"
    app = Application(
        [(websockets, _Echo, {"inside": inside}), (r".*", _Any, {"inside": inside})],
        websocket_max_message_size=2**30,
        log_function=lambda _: None,
    )
    server = HTTPServer(app, max_body_size=2**28)
    server.add_socket(bind_unix_socket(str(socket)))
    try:
        yield inside
    finally:
        server.stop()
        await server.close_all_connections()
        await asyncio.to_thread(socket.unlink, missing_ok=True)
