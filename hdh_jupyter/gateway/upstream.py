"""The way to a workspace: requests and websockets to its server, with every failure turned into one sentence.

The server there may be anybody's: it is given a bounded number of connections, of bytes held and of seconds, each
workspace its own, so that one that answers slowly, endlessly or not at all takes nothing from the others. A connection
serves one exchange: what is sent unasked on an idle one would be collected in memory.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import aiohttp

from ..errors import PublicError
from .limits import GatewayLimits
from .proof import Proof
from .ways import way_to

LOG = logging.getLogger(__name__)

CHUNK = 64 * 1024

OVERHEAD = 2**20
"""Bytes that a reply may take on the wire beyond twice its content."""

SWITCHING = 101
REDIRECTS = range(300, 400)

REST = 9
"""How many times as long as its check took the place of a large reply stays taken: checks keep the whole process from
its other work, so that no workspace may have them one after the other."""

PROOF_AGE = 5.0
"""Seconds for which a server is believed to be who it proved to be; clusters give an address away later than that."""

SHORT = 1000
"""Bytes of a proof."""

SMALL = 2**20
"""Bytes up to which a reply may be held beside any number of others."""


class FinalReply(aiohttp.ClientResponse):
    """A reply that comes at once and is made of content, for the most part.

    A flood of interim replies (1xx), which no request asks for, is a fault; so is one of chunk extensions, empty
    chunks or trailers, of which no limit on the content knows; so is a redirect of a websocket, which the library would
    follow. It has no setting for any of these.
    """

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Read the status and the headers.

        Raises
        ------
        aiohttp.ClientError
        """
        protocol = connection.protocol
        read, receive = protocol.read, protocol.data_received
        received = 0

        async def read_final() -> Any:
            message, payload = await read()
            if 100 <= message.code < 200 and message.code != SWITCHING:
                raise aiohttp.ClientPayloadError("an interim reply")
            return message, payload

        def receive_counted(data: bytes) -> None:
            nonlocal received
            received += len(data)
            receive(data)
            content = 0 if self.content is None else self.content.total_bytes
            if received > OVERHEAD + 2 * content:
                fault = aiohttp.ClientPayloadError("more around the content than content")
                (self.content or protocol).set_exception(fault)
                protocol.abort()

        protocol.read, protocol.data_received = read_final, receive_counted
        await super().start(connection)
        if self.status == SWITCHING:
            # A websocket's frames have limits of their own.
            del protocol.data_received
        elif self.status in REDIRECTS and "Upgrade" in self.request_info.headers:
            raise aiohttp.ClientPayloadError("a redirect of a websocket")
        return self


class WorkspaceClient:
    """Talks to the server inside one workspace.

    Nothing is followed, decompressed or remembered: no redirects, no content encodings, no cookies.

    Parameters
    ----------
    address
        As in the route record. Every connection goes there, whatever a request asks for.
    proof
        What the server there must prove before it is told anything; on a network it must.

    Raises
    ------
    ValueError
        It is no address of a workspace, or one on a network without a proof.
    """

    def __init__(self, address: str, limits: GatewayLimits, proof: Proof | None = None) -> None:
        self._way = way_to(address)
        if proof is None and self._way.is_shared:
            raise ValueError("Addresses on a network pass from one workspace to another: a proof is needed")
        self._proof = proof
        self._proving = asyncio.Lock()
        self._proved = -math.inf
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None
        self._exchanges = asyncio.Semaphore(limits.exchanges)
        self._large = asyncio.Semaphore(limits.large_replies)
        self._waiting = 0
        self._websockets: list[aiohttp.ClientWebSocketResponse[bool]] = []

    @asynccontextmanager
    async def exchange(self) -> AsyncIterator[Holding]:
        """Give a place among the exchanges with this workspace, waiting for one if need be.

        Raises
        ------
        PublicError
            `gateway.workspace_busy`.
        """
        if self._exchanges.locked() and self._waiting >= self._limits.waiting:
            raise PublicError("gateway.workspace_busy", 503)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.reply_timeout):
                await self._exchanges.acquire()
        except TimeoutError as error:
            raise PublicError("gateway.workspace_busy", 503) from error
        finally:
            self._waiting -= 1
        try:
            async with AsyncExitStack() as stack:
                yield Holding(stack, self._large)
        finally:
            self._exchanges.release()

    @asynccontextmanager
    async def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes] | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request and give its reply, of which nothing was read yet but the headers.

        Parameters
        ----------
        target
            Path and query, encoded.
        seconds
            For the whole exchange; the gateway's limit when left out.

        Raises
        ------
        PublicError
            `gateway.workspace_down`, `gateway.workspace_slow` or `gateway.bad_reply`, also while the reply is read.
        """
        limits = self._limits
        timeouts = aiohttp.ClientTimeout(
            total=seconds or limits.exchange_timeout,
            sock_connect=limits.connect_timeout,
            sock_read=limits.reply_timeout,
        )
        with _sentences():
            await self._ensure_proved()
            async with self._open_session().request(
                method, self._way.url(target), headers=headers, data=body, timeout=timeouts, allow_redirects=False
            ) as reply:
                yield reply

    async def websocket(
        self, target: str, headers: Mapping[str, str], protocols: Sequence[str]
    ) -> aiohttp.ClientWebSocketResponse[bool]:
        """Open a websocket to the workspace.

        Raises
        ------
        PublicError
            `gateway.workspace_busy`, `gateway.workspace_down`, `gateway.workspace_slow` or
            `gateway.websocket_refused`.
        """
        self._websockets = [websocket for websocket in self._websockets if not websocket.closed]
        if len(self._websockets) >= self._limits.websockets:
            raise PublicError("gateway.workspace_busy", 503)
        with _sentences():
            try:
                async with asyncio.timeout(self._limits.reply_timeout), self.exchange():
                    await self._ensure_proved()
                    websocket = await self._open_session().ws_connect(
                        self._way.url(target),
                        headers=headers,
                        protocols=protocols,
                        max_msg_size=self._limits.message_out,
                        timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                    )
                self._websockets.append(websocket)
                return websocket
            except aiohttp.WSServerHandshakeError as error:
                status = error.status if 400 <= error.status < 500 else 502
                raise PublicError("gateway.websocket_refused", status) from error

    async def _ensure_proved(self) -> None:
        """Have the server prove anew who it is, unless it did so lately.

        Raises
        ------
        PublicError
            `gateway.workspace_down`: somebody else answers there.
        """
        if self._proof is None:
            return
        async with self._proving:
            if time.monotonic() - self._proved < PROOF_AGE:
                return
            asked = time.monotonic()
            nonce = secrets.token_hex(16)
            timeouts = aiohttp.ClientTimeout(
                total=self._limits.reply_timeout, sock_connect=self._limits.connect_timeout
            )
            async with self._open_session().get(
                self._way.url(self._proof.target(nonce)), timeout=timeouts, allow_redirects=False
            ) as reply:
                content = await read_bounded(reply, SHORT) if reply.status == 200 else b""
            if not self._proof.holds(nonce, content):
                LOG.error("Somebody else than the workspace answers at %s", self._way)
                raise PublicError("gateway.workspace_down", 503)
            self._proved = asked

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # Exchanges and websockets are counted above, each kind with its own limit.
                connector=self._way.connector(),
                response_class=FinalReply,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout),
                trust_env=False,
            )
        return self._session


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise PublicError("gateway.workspace_slow", 504) from error
    except aiohttp.ClientConnectorError as error:
        raise PublicError("gateway.workspace_down", 503) from error
    except (aiohttp.ClientError, ValueError) as error:
        raise PublicError("gateway.bad_reply", 502) from error


class Holding:
    """What one exchange may hold in memory; a large reply waits for one of the workspace's few places."""

    def __init__(self, stack: AsyncExitStack, large: asyncio.Semaphore) -> None:
        self._stack = stack
        self._large = large
        self._is_large = False

    def check(self, function: Callable[[], bytes]) -> bytes:
        """Do what keeps the process busy with a reply; the place of a large one is given back after a rest."""
        begun = time.perf_counter()
        try:
            return function()
        finally:
            if self._is_large:
                self._stack.push_async_callback(asyncio.sleep, REST * (time.perf_counter() - begun))

    async def read(self, reply: aiohttp.ClientResponse, limit: int) -> bytes:
        """Return the whole body of a reply, whose room is taken until the exchange ends.

        Raises
        ------
        PublicError
            `gateway.reply_too_large`: it is larger than `limit` bytes.
        """
        content = bytearray()
        async for chunk in reply.content.iter_chunked(CHUNK):
            content += chunk
            if len(content) > limit:
                raise PublicError("gateway.reply_too_large", 502, limit=limit)
            if not self._is_large and len(content) > SMALL:
                self._is_large = True
                await self._stack.enter_async_context(self._large)
        return bytes(content)


async def read_bounded(reply: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the whole of a small reply.

    Raises
    ------
    PublicError
        `gateway.reply_too_large`: it is larger than `limit` bytes.
    """
    content = bytearray()
    async for chunk in reply.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > limit:
            raise PublicError("gateway.reply_too_large", 502, limit=limit)
    return bytes(content)
