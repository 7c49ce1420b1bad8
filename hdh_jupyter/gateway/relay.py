"""Passes a request on to a workspace, and of its reply what the route's shape lets through.

A reply is read whole and checked before a byte of it goes on: what reaches a browser is JSON that the gateway wrote
again, a picture, or an error, with the gateway's own headers and none of the workspace's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import aiohttp
from tornado.iostream import StreamClosedError

from ..errors import PublicError
from .base import WorkspaceHandler
from .headers import upstream_headers
from .images import is_image
from .shapes import Asked, checked, checked_error
from .table import KIB, Kind
from .upstream import Holding

LOG = logging.getLogger(__name__)

ERRORS = frozenset({400, 403, 404, 405, 409, 410, 413, 415, 422, 500, 501, 503, 504})
"""Statuses of errors that pass. Others mean something to browsers, to repeat the request or to ask for a password."""
LONGEST_ERROR = 64 * KIB
JSON = "application/json"
EMPTY = 204


class BodyPipe:
    """Carries a request's body to the workspace, one piece at a time: a slow reader slows the writer."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(1)
        self._abandoned = False

    async def write(self, piece: bytes) -> None:
        """Wait for room and put a piece in; an empty one is the end. Nothing happens once nobody reads."""
        if not self._abandoned:
            await self._pieces.put(piece)

    def abandon(self) -> None:
        """Stop reading: whatever is written is dropped."""
        self._abandoned = True
        while not self._pieces.empty():
            self._pieces.get_nowait()
        # Whoever still reads, on the way to the workspace, comes to an end.
        self._pieces.put_nowait(b"")

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the pieces up to the end."""
        while piece := await self._pieces.get():
            yield piece


class Relay(WorkspaceHandler):
    """Passes data and pictures between a browser and a workspace."""

    exchange: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        await super().prepare()
        if self.visitor is None:
            return
        self.pipe = BodyPipe()
        self.exchange = asyncio.create_task(self._exchange())
        self.exchange.add_done_callback(lambda _: self.pipe.abandon())

    async def data_received(self, chunk: bytes) -> None:
        self.note(chunk)
        if self.exchange is not None:
            await self.pipe.write(chunk)

    async def _finish_exchange(self, *_: Any) -> None:
        if self.exchange is not None:
            await self.pipe.write(b"")
            await asyncio.wait([self.exchange])
            # Cancelled: the browser has gone, which is no fault, and nobody is there to be answered.
            if not self.exchange.cancelled():
                self.exchange.result()

    get = post = put = patch = delete = _finish_exchange

    def on_connection_close(self) -> None:
        """Give the exchange up when the browser has gone."""
        if self.exchange is not None and not self.exchange.done():
            self.exchange.cancel()
        super().on_connection_close()

    async def _exchange(self) -> None:
        headers = upstream_headers(self.request.headers, self.person.header)
        sent = self.request.headers
        has_body = sent.get("Content-Length", "0") != "0" or "Transfer-Encoding" in sent
        if has_body and "Content-Length" in sent:
            headers["Content-Length"] = sent["Content-Length"]
        body = self.pipe.read() if has_body else None
        client = self.workspace.client
        async with client.exchange() as holding:
            async with client.request(self.request.method or "", self.request.uri or "", headers, body) as reply:
                status, content_type, content = await self._checked(reply, holding)
            # Nobody sends the rest of a body that the workspace did not wait for.
            self.pipe.abandon()
            await self._pass_back(status, content_type, content)

    async def _pass_back(self, status: int, content_type: str, content: bytes) -> None:
        status, content_type, content = self.within_budget(status, content_type, content)
        self.set_status(status)
        if status == EMPTY:
            self.clear_header("Content-Type")
        else:
            self.set_header("Content-Type", content_type)
            self.write(content)
        try:
            async with asyncio.timeout(self.gateway.limits.exchange_timeout):
                await self.finish()
        except (TimeoutError, StreamClosedError):
            LOG.info("A browser did not take its reply: %s", self.request.path)
            connection: Any = self.request.connection
            connection.stream.close()

    async def _checked(self, reply: aiohttp.ClientResponse, holding: Holding) -> tuple[int, str, bytes]:
        """Return the status, the type and the body that go on."""
        route = self.arrival.route
        if reply.status >= 400:
            return reply.status, JSON, await self._checked_error(reply, holding)
        if route.shape is not None and reply.status == EMPTY and EMPTY in route.shape.statuses:
            return reply.status, "", b""
        if _encoded(reply) or reply.content_type not in route.content_types:
            raise PublicError("gateway.bad_reply", 502)
        content = await self._read(reply, holding, route.reply_limit)
        if route.shape is not None:
            if reply.status not in route.shape.statuses:
                raise PublicError("gateway.bad_reply", 502)
            shape, asked = route.shape, self._asked()
            return reply.status, JSON, holding.check(lambda: checked(shape, content, asked))
        if reply.status != 200 or (route.kind is Kind.IMAGE and not is_image(content, reply.content_type)):
            raise PublicError("gateway.bad_reply", 502)
        return reply.status, reply.content_type, content

    async def _checked_error(self, reply: aiohttp.ClientResponse, holding: Holding) -> bytes:
        status = reply.status if reply.status in ERRORS else 400 if reply.status < 500 else 502
        error = PublicError("gateway.workspace_error", status, number=reply.status)
        if status != reply.status or _encoded(reply) or reply.content_type != JSON:
            raise error
        try:
            return checked_error(await self._read(reply, holding, LONGEST_ERROR))
        except ValueError:
            raise error from None

    async def _read(self, reply: aiohttp.ClientResponse, holding: Holding, limit: int) -> bytes:
        if (reply.content_length or 0) > limit:
            raise PublicError("gateway.reply_too_large", 502, limit=limit)
        return await holding.read(reply, limit)

    def _asked(self) -> Asked:
        limits = self.gateway.limits
        query = tuple(parse_qsl(self.arrival.target.query, keep_blank_values=True))
        return Asked(unquote(self.arrival.path), query, limits.contents_text, limits.contents_image)


def _encoded(reply: aiohttp.ClientResponse) -> bool:
    return reply.headers.get("Content-Encoding", "identity").lower() != "identity"
