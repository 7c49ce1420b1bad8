"""Where hostile output would send what it steals: a web server and a datagram port that note whatever arrives."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIXEL = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"
_MARK = re.compile(r"(?:^|/)(m\d{3,4}[a-z0-9]*)")
_WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

REPLIES = {
    "js": ("text/javascript", b"document.documentElement.dataset[%s] = 1; self.evil && self.evil();"),
    "css": ("text/css", b"body { --evil: 1 }"),
    "svg": ("image/svg+xml", PIXEL),
    "json": ("application/json", b'[{"a": 1, "b": 2}]'),
    "html": ("text/html", b"<!doctype html><title>elsewhere</title>"),
    "events": ("text/event-stream", b"data: x\n\n"),
}


@dataclass(frozen=True)
class Hit:
    """One thing that arrived."""

    mark: str
    how: str
    target: str


class Sink:
    """The hits of one sink, and the addresses under which each attack calls it."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.port = 0
        self.datagrams = 0

    def origin(self, mark: str) -> str:
        """Return an origin that one attack has for itself."""
        return f"http://{mark}.evil.localhost:{self.port}"

    def note(self, mark: str, how: str, target: str = "") -> None:
        self.hits.append(Hit(mark, how, target))

    def marks(self) -> set[str]:
        """Return the attacks that got anything through."""
        return {hit.mark for hit in self.hits}

    def fill(self, text: str, mark: str) -> str:
        """Put the addresses of the sink into an attack: `@E` the origin, `@H` host and port, `@U` the datagram port."""
        host = f"{mark}.evil.localhost:{self.port}"
        return text.replace("@E", f"http://{host}").replace("@H", host).replace("@U", str(self.datagrams))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def do_GET(self) -> None:
        host = self.headers.get("Host", "")
        found = _MARK.search(self.path) or _MARK.match(host)
        mark = found[1] if found else host.partition(".")[0]
        self.sink.note(mark, self.command, self.path)
        size = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(size)
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._websocket()
            return
        if self.headers.get("Sec-Fetch-Dest") == "document":
            # The page that was to be left stays, so that the attacks after it can go on from there.
            self._reply(204, "text/plain", b"")
            return
        kind = self.path.partition("?")[0].rpartition(".")[2]
        content_type, content = REPLIES.get(kind, REPLIES["svg"])
        if kind == "js":
            content = content.replace(b"%s", f'"{mark}"'.encode())
        self._reply(200, content_type, content)

    do_POST = do_HEAD = do_OPTIONS = do_PUT = do_GET

    def _reply(self, status: int, content_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _websocket(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "") + _WEBSOCKET
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324 -- what RFC 6455 asks for
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def sinking() -> Iterator[Sink]:
    """Run a sink on 127.0.0.1, where browsers look for every name below `localhost`."""
    sink = Sink()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"sink": sink}))
    server.daemon_threads = True
    sink.port = server.server_address[1]
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    sink.datagrams = datagrams.getsockname()[1]
    end = threading.Event()

    def listen() -> None:
        datagrams.settimeout(0.2)
        while not end.is_set():
            try:
                packet, _ = datagrams.recvfrom(4096)
            except TimeoutError:
                continue
            # RFC 5389, 6: a STUN message has its magic cookie after type and length.
            sink.note("stun" if packet[4:8] == b"\x21\x12\xa4\x42" else "datagram", "UDP")

    threads = [threading.Thread(target=server.serve_forever, args=(0.1,)), threading.Thread(target=listen)]
    for thread in threads:
        thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        end.set()
        for thread in threads:
            thread.join()
        datagrams.close()
