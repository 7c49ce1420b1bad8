"""Where a workspace's server is reached: a unix socket on one machine, an IP address and a port on a cluster."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from ..routes import tcp_endpoint

NAME = "localhost"
"""The name in the URLs of requests, which servers know for their own whatever the way to them."""


class Way(Protocol):
    """Makes connections to one server alone."""

    @property
    def is_shared(self) -> bool:
        """Whether another workspace may come to answer there."""
        ...

    def connector(self) -> aiohttp.BaseConnector:
        """Return what opens a connection for each exchange; how many there are is for the caller to limit."""
        ...

    def url(self, target: str) -> URL:
        """Return the URL of a path with its query, encoded.

        Raises
        ------
        ValueError
            It is not a path, and would lead elsewhere.
        """
        ...


@dataclass(frozen=True)
class ByUnixSocket:
    """The way on one machine."""

    path: str

    @property
    def is_shared(self) -> bool:
        return False

    def connector(self) -> aiohttp.BaseConnector:
        return aiohttp.UnixConnector(self.path, limit=0, force_close=True)

    def url(self, target: str) -> URL:
        return _url(NAME, target)


@dataclass(frozen=True)
class ByNetwork:
    """The way on a cluster."""

    host: str
    port: int

    @property
    def is_shared(self) -> bool:
        return True

    def connector(self) -> aiohttp.BaseConnector:
        return _ToOneServer(resolver=_Fixed(self.host), use_dns_cache=False, limit=0, force_close=True)

    def url(self, target: str) -> URL:
        return _url(f"{NAME}:{self.port}", target)


class _ToOneServer(aiohttp.TCPConnector):
    """Refuses every other name, and addresses, which no resolver is asked for."""

    async def connect(self, req: aiohttp.ClientRequest, *args: Any, **kwargs: Any) -> Any:
        if req.url.host != NAME:
            raise aiohttp.InvalidURL(req.url)
        return await super().connect(req, *args, **kwargs)


class _Fixed(AbstractResolver):
    """Knows one address, whatever the name."""

    def __init__(self, host: str) -> None:
        self._host = host

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [ResolveResult(hostname=host, host=self._host, port=port, family=found, proto=0, flags=flags)]

    async def close(self) -> None:
        """There is nothing to close."""


def way_to(address: str) -> Way:
    """Return the way to the address of a route record.

    Raises
    ------
    ValueError
        It is neither the path of a unix socket nor an IP address with a port.
    """
    return ByUnixSocket(address) if address.startswith("/") else ByNetwork(*tcp_endpoint(address))


def _url(server: str, target: str) -> URL:
    if not target.startswith("/"):
        raise ValueError("Not a path")
    return URL(f"http://{server}{target}", encoded=True)
