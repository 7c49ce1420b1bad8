"""What a cluster asks the gateway's pods: whether the process lives, and whether it may be given browsers.

Neither depends on the hub: the gateway keeps serving open workspaces while the hub restarts. Nothing is told to anybody
but a status, and the proxy, which routes by workspace, passes no such request on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from tornado.web import RequestHandler

from ..db import Database
from ..state import StateFolder

LOG = logging.getLogger(__name__)

LIVE = "/hdh/live"
READY = "/hdh/ready"
Health = Mapping[str, tuple[type[RequestHandler], dict[str, Any]]]

PATIENCE = 3.0
"""Seconds for the volume and the database to answer; a volume that hangs would otherwise hold the question for ever."""


class Live(RequestHandler):
    """Answers as long as the event loop turns."""

    def set_default_headers(self) -> None:
        self.set_header("Server", "hdh")
        self.set_header("Cache-Control", "no-store")

    async def get(self) -> None:
        self.set_status(204)


class Ready(Live):
    """Answers 204 when the shared volume and the database can be read, 503 otherwise."""

    def initialize(self, state: StateFolder, database: Database) -> None:
        self.state = state
        self.database = database

    async def get(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.to_thread(self._look)
        except (OSError, SQLAlchemyError, TimeoutError) as error:
            LOG.warning("The gateway is not ready: %s", type(error).__name__)
            self.set_status(503)
        else:
            self.set_status(204)

    def _look(self) -> None:
        next(self.state.routes.iterdir(), None)
        with self.database.read() as session:
            session.execute(text("SELECT 1"))


def health(state: StateFolder, database: Database) -> Health:
    """Return what answers the cluster's questions, by path."""
    return {LIVE: (Live, {}), READY: (Ready, {"state": state, "database": database})}
