"""The way to a workspace: requests and websockets over its unix socket, with every failure turned into one sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager

import aiohttp
from yarl import URL

from ..errors import PublicError
from .limits import GatewayLimits

CONNECTIONS = 512
"""Connections to one workspace at once; every open websocket holds one."""

CHUNK = 64 * 1024


class WorkspaceClient:
    """Talks to the server inside one workspace.

    Nothing is followed, decompressed or remembered: no redirects, no content encodings, no cookies.
    """

    def __init__(self, socket: str, limits: GatewayLimits) -> None:
        self._socket = socket
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

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
            async with self._open_session().request(
                method, _url(target), headers=headers, data=body, timeout=timeouts, allow_redirects=False
            ) as reply:
                yield reply

    async def websocket(
        self, target: str, headers: Mapping[str, str], protocols: Sequence[str]
    ) -> aiohttp.ClientWebSocketResponse[bool]:
        """Open a websocket to the workspace.

        Raises
        ------
        PublicError
            `gateway.workspace_down`, `gateway.workspace_slow` or `gateway.websocket_refused`.
        """
        with _sentences():
            try:
                return await self._open_session().ws_connect(
                    _url(target),
                    headers=headers,
                    protocols=protocols,
                    max_msg_size=self._limits.message_out,
                    timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                )
            except aiohttp.WSServerHandshakeError as error:
                status = error.status if 400 <= error.status < 500 else 502
                raise PublicError("gateway.websocket_refused", status) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(self._socket, limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_timeout),
                trust_env=False,
            )
        return self._session


def _url(target: str) -> URL:
    return URL(f"http://localhost{target}", encoded=True)


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
