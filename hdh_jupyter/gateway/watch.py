"""Watches over open websockets: who loses access loses them within seconds."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..errors import PublicError
from .identity import SignIn

LOG = logging.getLogger(__name__)

REVOKED = 4403
"""The close code of a websocket whose person lost access."""
TRY_AGAIN = 1013
"""The close code of a websocket about which the hub could not be asked (RFC 6455's registry: try again later)."""
RESTART = 1012
"""The close code of a websocket that is to be opened anew (the same registry: service restart)."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """On what ground a websocket is open.

    Attributes
    ----------
    token, session_id
        What the hub is asked about.
    """

    project: str
    person: str
    sign_in: SignIn
    token: str = field(repr=False)
    session_id: str = field(repr=False)


class Connection(Protocol):
    """An open websocket.

    Attributes
    ----------
    takes_edits
        Whether what the browser sends is kept by the workspace although it is answered nothing.
    is_muted
        Whether nothing goes to the browser any more.
    """

    ticket: Ticket
    is_muted: bool

    @property
    def takes_edits(self) -> bool: ...

    def mute(self) -> None:
        """Send nothing more to the browser, and go on taking what it sends."""

    def cut(self, code: int, reason: str) -> None:
        """Close it at once, whatever the browser says to it."""


class AccessWatch:
    """Asks the hub again and again about the people behind open websockets.

    Parameters
    ----------
    interval
        Seconds between two rounds.
    grace
        Seconds for which an access is believed that the hub could not be asked about.
    on_revoked
        Told the person, the project and how many websockets were cut, afterwards.
    """

    def __init__(self, interval: float, grace: float, on_revoked: Callable[[str, str, int], Awaitable[None]]) -> None:
        self._interval = interval
        self._grace = grace
        self._on_revoked = on_revoked
        self._open: dict[Connection, float] = {}

    def add(self, connection: Connection) -> None:
        """Watch over a websocket that was just admitted."""
        self._open[connection] = time.monotonic()

    def remove(self, connection: Connection) -> None:
        """Leave a closed websocket alone."""
        self._open.pop(connection, None)

    async def run(self) -> None:
        """Check, for ever."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.check()
            except Exception:
                LOG.exception("A round of access checks failed")

    async def check(self) -> None:
        """Ask once about everybody and cut what must be cut."""
        groups: dict[tuple[int, str, str], list[Connection]] = {}
        for connection in self._open:
            ticket = connection.ticket
            groups.setdefault((id(ticket.sign_in), ticket.token, ticket.session_id), []).append(connection)
        await asyncio.gather(*(self._check_group(group) for group in groups.values()))

    def people(self) -> frozenset[tuple[str, str]]:
        """Return the projects and people behind open websockets."""
        return frozenset((connection.ticket.project, connection.ticket.person) for connection in self._open)

    def silence(self, project: str, person: str | None, code: int, reason: str) -> None:
        """Show a person, or everybody in a project when `person` is None, nothing more.

        Websockets that take edits stay open inwards, so that no edit is lost; the others are closed.
        """
        wanted = self._of(project, person)
        for connection in wanted:
            if connection.takes_edits:
                connection.mute()
        self._cut([connection for connection in wanted if not connection.takes_edits], code, reason)

    def reopen(self, project: str, person: str) -> None:
        """Close the muted websockets of somebody who may be shown something again: browsers open them anew."""
        muted = [connection for connection in self._of(project, person) if connection.is_muted]
        self._cut(muted, RESTART, "shown again")

    def cut_all(self, code: int, reason: str) -> None:
        """Close every websocket."""
        self._cut(list(self._open), code, reason)

    def _of(self, project: str, person: str | None) -> list[Connection]:
        return [
            connection
            for connection in self._open
            if connection.ticket.project == project and person in (None, connection.ticket.person)
        ]

    async def _check_group(self, group: list[Connection]) -> None:
        ticket = group[0].ticket
        try:
            model = await ticket.sign_in.person_of_token(ticket.token, ticket.session_id)
        except PublicError:
            self._cut_unconfirmed(group)
            return
        if model is not None and model["name"] == ticket.person and ticket.sign_in.admits(model):
            now = time.monotonic()
            self._open.update((connection, now) for connection in group if connection in self._open)
            return
        self._cut(group, REVOKED, "access revoked")
        await self._on_revoked(ticket.person, ticket.project, len(group))

    def _cut_unconfirmed(self, group: list[Connection]) -> None:
        oldest = time.monotonic() - self._grace
        late = [connection for connection in group if self._open.get(connection, oldest) <= oldest]
        self._cut(late, TRY_AGAIN, "access not confirmed")

    def _cut(self, connections: list[Connection], code: int, reason: str) -> None:
        for connection in connections:
            # Out of the next round at once: the browser may take its time to close its side.
            self.remove(connection)
            connection.cut(code, reason)
