"""Pumps websockets between a browser and a workspace, for as long as the person has access."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..errors import PublicError
from .base import WorkspaceHandler
from .frames import PARSED_AT_ONCE, TOO_BIG, UNSUPPORTED, FrameRule, is_json, rule_for
from .headers import upstream_headers
from .table import MIB, Channel
from .traffic import SPENT
from .watch import RESTART, TRY_AGAIN, Ticket

LOG = logging.getLogger(__name__)

PASSED_CODES = frozenset({1000, 1001, 1003, 1008, 1009, 1011, 1012, 1013})
LONGEST_REASON = 120
"""Bytes; a close frame takes 123."""

DROPPED_PAUSE = 0.005
"""Seconds of rest after a message that was dropped, so that a flood of them takes little of the gateway's time."""
DROPPED_SPEED = 8 * MIB
"""Bytes per second that are dropped at most; a server that sends more has to wait."""

NOBODY_IS_HERE = b"\x01\x01\x00"
"""A message of the protocol of shared documents (y-websocket): awareness of no client."""
STILL_THERE = 10.0
"""Seconds between two such messages to a browser that is sent nothing else: its end of a room closes after 30 without
any, and would then keep later edits in the page. Clock and content are the gateway's own: nothing is told by them."""


class Pump(WorkspaceHandler, WebSocketHandler):
    """A kernel's channels, a room of people working together, the stream of events, or a terminal."""

    upstream: aiohttp.ClientWebSocketResponse[bool]
    ticket: Ticket
    pump: asyncio.Task[None] | None = None
    still_there: asyncio.Task[None] | None = None
    is_cut = False
    is_muted = False

    @property
    def takes_edits(self) -> bool:
        """Whether the workspace keeps what the browser sends: a room where people write together."""
        return self.arrival.route.channel is Channel.ROOM

    async def identify(self) -> Mapping[str, Any] | None:
        """Ask about the cookie alone: a browser cannot send the token against forgery here, and Origin was checked."""
        token, session_id = self._credential()
        return await self.workspace.sign_in.person_of_token(token, session_id) if token else None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        token, session_id = self._credential()
        self.ticket = Ticket(self.arrival.project, self.person.name, self.workspace.sign_in, token, session_id)
        asked = self.request.headers.get("Sec-WebSocket-Protocol", "")
        protocols = [name.strip() for name in asked.split(",") if name.strip()]
        headers = upstream_headers(self.request.headers, self.person.header)
        self.upstream = await self.workspace.client.websocket(self.request.uri or "", headers, protocols)
        try:
            # Returns when the browser's side has ended.
            await super().get(*args, **kwargs)
        finally:
            self.gateway.watch.remove(self)
            for task in (self.pump, self.still_there):
                if task is not None:
                    task.cancel()
            await self.upstream.close(code=self._code(self.close_code))

    def check_origin(self, origin: str) -> bool:
        """Take the project's own origin alone."""
        return origin == self.workspace.origin

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Speak what the workspace chose."""
        chosen = self.upstream.protocol
        return chosen if chosen in subprotocols else None

    def open(self, *args: str, **kwargs: str) -> None:
        self.gateway.watch.add(self)
        self.pump = asyncio.create_task(self._to_browser())

    async def on_message(self, message: str | bytes) -> None:
        if self.is_cut:
            return
        self.count("in", len(message) if isinstance(message, bytes) else len(message.encode()))
        try:
            if isinstance(message, bytes):
                await self.upstream.send_bytes(message)
            else:
                await self.upstream.send_str(message)
        except (aiohttp.ClientError, ConnectionError):
            self.close(1011, "the workspace has gone")

    def mute(self) -> None:
        """Send nothing more of the workspace to the browser: not a message, not why the workspace closed its side."""
        self.is_muted = True
        if self.still_there is None:
            self.still_there = asyncio.create_task(self._stay_open())

    def cut(self, code: int, reason: str) -> None:
        """Close at once: nothing passes any more, even while the browser has not taken its leave."""
        self.is_cut = True
        if self.pump is not None:
            self.pump.cancel()
        self.close(code, reason)

    def _credential(self) -> tuple[str, str]:
        sign_in = self.workspace.sign_in
        return sign_in.get_token(self) or "", sign_in.get_session_id(self)

    async def _to_browser(self) -> None:
        rule = rule_for(self.arrival.route.channel, self.upstream.protocol)
        reason = ""
        try:
            while True:
                message = await self.upstream.receive()
                if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    reason = str(message.extra or "") if message.type is aiohttp.WSMsgType.CLOSE else ""
                    break
                binary = message.type is aiohttp.WSMsgType.BINARY
                content: bytes = message.data if binary else message.data.encode()
                if self.is_muted:
                    await asyncio.sleep(DROPPED_PAUSE + len(content) / DROPPED_SPEED)
                    continue
                refused = await self._refused(rule, binary, content)
                if refused is not None:
                    if refused[0] == SPENT and self.takes_edits:
                        self.mute()
                        continue
                    self.gateway.watch.remove(self)
                    self.cut(*refused)
                    return
                await self.write_message(content, binary=binary)
        except WebSocketClosedError:
            return
        if self.is_muted:
            self.close(RESTART, "the workspace has closed")
            return
        self.close(self._code(self.upstream.close_code), reason.encode()[:LONGEST_REASON].decode(errors="ignore"))

    async def _stay_open(self) -> None:
        try:
            while True:
                await asyncio.sleep(STILL_THERE)
                await self.write_message(NOBODY_IS_HERE, binary=True)
        except WebSocketClosedError:
            return

    async def _refused(self, rule: FrameRule, binary: bool, content: bytes) -> tuple[int, str] | None:
        """Return why a message must not go to the browser, as a close code and a reason; count it when it may."""
        if not (rule.binary if binary else rule.text):
            return UNSUPPORTED, "unexpected kind of message"
        if len(content) > rule.longest:
            return TOO_BIG, "message too large"
        if not binary and rule.json_type is not None:
            parse = functools.partial(is_json, content, rule.json_type)
            if not (parse() if len(content) <= PARSED_AT_ONCE else await asyncio.to_thread(parse)):
                return UNSUPPORTED, "unexpected message"
        try:
            self.count("out", len(content))
        except PublicError as error:
            return (SPENT if error.status == 429 else TRY_AGAIN), error.code
        return None

    @staticmethod
    def _code(code: int | None) -> int:
        known = code is not None and (code in PASSED_CODES or 4000 <= code < 5000)
        return code if known and code is not None else 1011
