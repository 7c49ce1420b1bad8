"""Passes a request on to a workspace and its reply back, both as streams, and nothing but what the route allows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from ..errors import PublicError
from .base import WorkspaceHandler
from .headers import own_location, passed_back, upstream_headers
from .table import Kind
from .upstream import CHUNK

LOG = logging.getLogger(__name__)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
NO_BODY = frozenset({204, 205, 304})
CHARSETS = {"text/html": "text/html; charset=utf-8"}
CUT_OFF = b"\0"
"""Ends a reply that broke off: no JSON text may hold it, so nobody takes the piece for the whole. Closing the
connection would say so too, but the hub's proxy (5.3) does not tell the browser, which then waits for ever."""


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

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the pieces up to the end."""
        while piece := await self._pieces.get():
            yield piece


class Relay(WorkspaceHandler):
    """Passes pages, data and pictures between a browser and a workspace."""

    exchange: asyncio.Task[None] | None = None
    passing_back = False

    async def prepare(self) -> None:
        await super().prepare()
        if self.visitor is None:
            return
        self.pipe = BodyPipe()
        self.exchange = asyncio.create_task(self._exchange())
        self.exchange.add_done_callback(lambda _: self.pipe.abandon())

    async def data_received(self, chunk: bytes) -> None:
        self.count("in", len(chunk))
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
        try:
            request = self.workspace.client.request(self.request.method or "", self.request.uri or "", headers, body)
            async with request as reply:
                await self._pass_back(reply)
        except PublicError as error:
            if not self.passing_back:
                raise
            LOG.warning("A reply of %s was cut off: %s", self.arrival.project, error.code)
            self.write(CUT_OFF)
            await self.finish()

    async def _pass_back(self, reply: aiohttp.ClientResponse) -> None:
        if reply.status in REDIRECTS:
            self._pass_redirect(reply)
            return
        content_type = self._checked_type(reply)
        self.set_status(reply.status)
        for name, value in passed_back(reply.headers).items():
            self.set_header(name, value)
        if content_type is None:
            self.clear_header("Content-Type")
        else:
            self.set_header("Content-Type", CHARSETS.get(content_type, content_type))
            await self._pass_body(reply)
        await self.finish()

    async def _pass_body(self, reply: aiohttp.ClientResponse) -> None:
        limit = self.arrival.route.reply_limit
        passed = 0
        async for chunk in reply.content.iter_chunked(CHUNK):
            passed += len(chunk)
            if passed > limit:
                raise PublicError("gateway.reply_too_large", 502, limit=limit)
            self.count("out", len(chunk))
            self.write(chunk)
            self.passing_back = True
            await self.flush()

    def _pass_redirect(self, reply: aiohttp.ClientResponse) -> None:
        workspace = self.workspace
        location = own_location(reply.headers.get("Location", ""), workspace.origin, workspace.record.base_url)
        if location is None or self.arrival.route.kind is not Kind.PAGE:
            raise PublicError("gateway.bad_reply", 502)
        self.redirect(location)

    def _checked_type(self, reply: aiohttp.ClientResponse) -> str | None:
        """Return the content type of a reply that may pass, or None when it has no body."""
        if reply.status in NO_BODY or (reply.content_length == 0 and reply.status < 400):
            return None
        route = self.arrival.route
        encoded = reply.headers.get("Content-Encoding", "identity").lower() != "identity"
        if not 200 <= reply.status < 600 or encoded or reply.content_type not in route.content_types:
            if 400 <= reply.status < 600:
                raise PublicError("gateway.workspace_error", reply.status, number=reply.status)
            raise PublicError("gateway.bad_reply", 502)
        if (reply.content_length or 0) > route.reply_limit:
            raise PublicError("gateway.reply_too_large", 502, limit=route.reply_limit)
        return reply.content_type
