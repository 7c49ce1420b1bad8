"""Where the gateway listens: a unix socket on one machine, a TCP port on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import PublicError


class Endpoint(NamedTuple):
    """A TCP port of an interface, empty for every interface."""

    host: str
    port: int


Place = Path | Endpoint
"""The path of a unix socket, or a TCP port."""


def parse_place(written: str) -> Place:
    """Return the place that is written as `/path/of.sock`, `0.0.0.0:8000`, `[::]:8000` or `:8000`.

    Raises
    ------
    PublicError
        `gateway.bad_place`.
    """
    if written.startswith("/"):
        return Path(written)
    host, colon, port = written.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise PublicError("gateway.bad_place", 400, place=written)
    return Endpoint(host.removeprefix("[").removesuffix("]"), int(port))
