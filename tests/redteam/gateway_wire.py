"""Requests as bytes on a wire, to a plain JupyterLab and through the platform's proxy: nothing tidies them up."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .clients import Server

SILENCE = 10.0
"""Seconds after which a server that says nothing more has finished."""


@dataclass(frozen=True)
class Side:
    """One of the two servers, as an attacker who holds a member's credential calls it.

    Attributes
    ----------
    base
        The path before every route, with a slash at the end.
    credential
        The header with the credential: a cookie here, a token on a plain JupyterLab.
    token
        A token that opens this server for programs.
    home
        Where its files are.
    """

    host: str
    port: int
    base: str
    credential: tuple[str, ...]
    xsrf: tuple[str, ...]
    token: str
    home: Path
    labextensions: Path

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def lines(
        self,
        method: str,
        path: str,
        *headers: str,
        host: str | None = "",
        origin: str | None = "",
        credential: bool = True,
        xsrf: bool = True,
        version: str = "1.1",
    ) -> bytes:
        """Return a request's head; an empty `host` or `origin` is the right one, None is none."""
        lines = [f"{method} {self.base}{path} HTTP/{version}"]
        lines += [] if host is None else [f"Host: {host or self.host}"]
        lines += [] if origin is None else [f"Origin: {origin or self.origin}"]
        lines += [*(self.credential if credential else ()), *(self.xsrf if xsrf else ()), *headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def exchange(self, *pieces: bytes) -> bytes:
        """Send bytes on one connection, and return all that came back."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), SILENCE) as connection:
            try:
                connection.sendall(b"".join(pieces))
                while piece := connection.recv(65536):
                    received += piece
                    if received.startswith(b"HTTP/1.1 101"):
                        break
            except (TimeoutError, ConnectionError):
                pass
        return received


def status_of(answer: bytes) -> int:
    """Return the status of the first answer, 0 when there is none."""
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def side_of(server: Server, home: Path, token: str, labextensions: Path) -> Side:
    """Return the side on which a server stands."""
    parts = urlsplit(server.base)
    cookies = server.cookies
    xsrf = re.search(r"(?:^|; )_xsrf=([^;]+)", cookies)
    authorization = server.headers.get("Authorization")
    return Side(
        parts.netloc,
        parts.port or 80,
        f"{parts.path}/",
        (f"Authorization: {authorization}",) if authorization else (f"Cookie: {cookies}",),
        (f"X-XSRFToken: {xsrf[1]}",) if xsrf else (),
        token,
        home,
        labextensions,
    )
