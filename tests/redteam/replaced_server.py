"""A server in the place of a workspace's: it answers some paths as an attacker pleases, and passes on the rest."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

Answers = dict[str, bytes]
"""Regular expression over a path without the base URL and the query -> the bytes of a whole answer."""


def answer(body: str | bytes = b"", content_type: str = "text/html", status: str = "200 OK", *headers: str) -> bytes:
    """Return the bytes of an answer, whose headers nobody checks."""
    content = body.encode() if isinstance(body, str) else body
    typed = [f"Content-Type: {content_type}"] if content_type else []
    lines = [f"HTTP/1.1 {status}", *typed, f"Content-Length: {len(content)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


class HostileServer:
    """Listens where JupyterLab is expected, and knows the real one.

    Parameters
    ----------
    real
        Where the real server listens: a port of this machine, or a unix socket.
    """

    def __init__(self, base: str, real: int | Path) -> None:
        self.base = base
        self.real = real
        self.answers: Answers = {}
        self.asked: list[str] = []

    def call_real(self) -> socket.socket:
        if isinstance(self.real, int):
            return socket.create_connection(("127.0.0.1", self.real))
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self.real))
        except OSError:
            connection.close()
            raise
        return connection

    def serve(self, connection: socket.socket) -> None:
        """Answer one request; a connection carries no second one."""
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            head, _, rest = head.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode("latin-1")
            path = target.partition("?")[0].removeprefix(self.base)
            self.asked.append(path)
            for pattern, content in self.answers.items():
                if re.fullmatch(pattern, path):
                    connection.sendall(content)
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(1)
                    while connection.recv(65536):
                        pass
                    return
            if b"upgrade: websocket" not in head.lower():
                head = re.sub(rb"(?im)^connection:.*\r\n", b"", head + b"\r\n")[:-2] + b"\r\nConnection: close"
            with self.call_real() as real:
                real.sendall(head + b"\r\n\r\n" + rest)
                back = threading.Thread(target=_pump, args=(real, connection), daemon=True)
                back.start()
                _pump(connection, real)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def standing(server: HostileServer, place: int | Path) -> Iterator[HostileServer]:
    """Run it on a port of this machine, or at the path of a unix socket."""
    if isinstance(place, int):
        listener = socket.create_server(("127.0.0.1", place))
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(place))
        listener.listen(128)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=server.serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
