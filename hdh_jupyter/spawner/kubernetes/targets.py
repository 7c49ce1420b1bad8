"""What a workspace must not reach, and the proof from the hub zone that some of it does answer."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..hermeticity import METADATA, RESOLVERS
from .objects import SERVER_PORT, EgressException, Manifest

NAMES = ("kubernetes.default.svc", "example.org")
"""A name of the cluster and one of the Internet."""

DNS, HTTP, HTTPS = 53, 80, 443

PATIENCE = 3.0
"""Seconds within which what should answer the hub does."""

OTHERS = 3
"""How many other workspaces are tried."""


@dataclass(frozen=True, order=True)
class Endpoint:
    """An IP address and a port."""

    address: str
    port: int


@dataclass(frozen=True)
class Surroundings:
    """What is around a workspace on its cluster.

    Attributes
    ----------
    api
        Where the cluster's API answers.
    resolvers
        Addresses of those who answer for names.
    hub_zone
        Where the hub and the gateway listen.
    workspaces
        Addresses of other workspaces.
    """

    api: Sequence[Endpoint]
    resolvers: Sequence[str]
    hub_zone: Sequence[Endpoint]
    workspaces: Sequence[str]

    @property
    def never(self) -> frozenset[Endpoint]:
        """What no exception may open."""
        resolvers = (Endpoint(address, DNS) for address in self.resolvers)
        metadata = (Endpoint(address, HTTP) for address in METADATA)
        others = (Endpoint(address, SERVER_PORT) for address in self.workspaces)
        return frozenset({*self.api, *self.hub_zone, *resolvers, *metadata, *others})

    def tcp(self, exceptions: Iterable[EgressException]) -> list[Endpoint]:
        """Return where connections are tried."""
        public = {Endpoint(address, port) for address in RESOLVERS for port in (DNS, HTTPS)}
        return sorted((self.never | public) - {Endpoint(one.address, one.port) for one in exceptions})

    def udp(self) -> list[Endpoint]:
        """Return where names are asked for."""
        return sorted({Endpoint(address, DNS) for address in (*self.resolvers, *RESOLVERS)})


def opened_by(exceptions: Iterable[EgressException], surroundings: Surroundings) -> list[EgressException]:
    """Return the exceptions that open what none may open."""
    return [one for one in exceptions if Endpoint(one.address, one.port) in surroundings.never]


def published(endpoints: Manifest) -> list[Endpoint]:
    """Return the addresses of an Endpoints object."""
    return [
        Endpoint(address["ip"], port["port"])
        for subset in endpoints.get("subsets") or ()
        for address in subset.get("addresses") or ()
        for port in subset.get("ports") or ()
    ]


def outside(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """Return the endpoints that mean the same inside a pod: none on the loopback."""
    return [one for one in endpoints if not ipaddress.ip_address(one.address).is_loopback]


async def located(url: str) -> list[Endpoint]:
    """Return where a URL leads; nothing for one that is no network's.

    Raises
    ------
    OSError
        Its host is not found.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return []
    port = parts.port or (HTTPS if parts.scheme == "https" else HTTP)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    return sorted({Endpoint(str(address[0]), port) for *_, address in found})


async def answers(endpoint: Endpoint) -> bool:
    """Tell whether somebody takes a connection there."""
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(endpoint.address, endpoint.port)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def resolvers(file: Path = Path("/etc/resolv.conf")) -> list[str]:
    """Return the addresses of this machine's resolvers, those on its own loopback left out."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError:
        return []
    words = (line.split() for line in lines)
    found = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver" and "%" not in word[1]]
    return [address for address in found if not ipaddress.ip_address(address).is_loopback]
