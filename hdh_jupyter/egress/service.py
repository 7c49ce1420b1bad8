"""What people do with egress requests: the one door to them for the web and the gateway.

Every method decides by itself who may do what, against the registry of the moment, and notes refusals in the audit
log. All but :meth:`EgressService.receive` are synchronous; code on an event loop calls them through
`asyncio.to_thread`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select

from ..audit.log import AuditLog
from ..db import Database
from ..errors import PublicError
from ..projects.registry import Registry
from . import records, states
from .desk import now
from .editing import Editing
from .intake import Intake
from .model import Action, IncomingFile, Limits, Request, Status
from .reviewing import Reviewing
from .store import Store
from .tables import RequestRow

PAGE = 100
"""How many requests a list holds at most."""


class EgressService(Editing, Reviewing):
    """Egress requests, as their people see and move them.

    Parameters
    ----------
    limits
        How much one request may carry.
    clock
        Gives the present moment.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        audit: AuditLog,
        registry: Registry,
        *,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        super().__init__(database, store, audit, registry, clock=clock)
        self._intake = Intake(database, store, audit, self._access, limits or Limits(), clock)

    async def receive(self, project: str, author: str, files: AsyncIterator[IncomingFile], title: str = "") -> Request:
        """Receive files out of a workspace and make a draft of them, to be checked at once.

        Parameters
        ----------
        title
            What the author called it; empty for the files' names.

        Raises
        ------
        PublicError
            As :meth:`.intake.Intake.receive` says; no draft is made then.
        """
        request_id = await self._intake.receive(project, author, files, title)
        return await asyncio.to_thread(self.request, request_id, author)

    def requests_of(self, project: str, viewer: str, before: int | None = None) -> tuple[Request, ...]:
        """Return a project's requests, newest first, at most :data:`PAGE`, without reports and histories.

        Parameters
        ----------
        before
            The last id of the page before.
        """
        chosen = select(RequestRow).where(RequestRow.project == project).order_by(RequestRow.id.desc()).limit(PAGE)
        if before is not None:
            chosen = chosen.where(RequestRow.id < before)
        return self._listed(chosen, viewer)

    def queue(self, reviewer: str) -> tuple[Request, ...]:
        """Return the submitted requests that this checker may look at, the longest waiting first.

        Those that wait for their decision are the ones with `Action.DECIDE` among their actions.
        """
        own = self._access.projects_of(reviewer)
        chosen = (
            select(RequestRow)
            .where(RequestRow.status == Status.SUBMITTED.value, RequestRow.project.not_in(own))
            .order_by(RequestRow.updated_at, RequestRow.id)
            .limit(PAGE)
        )
        return self._listed(chosen, reviewer)

    def archive(self, request_id: int, viewer: str) -> Path:
        """Return the archive of a released request, for its project's leads alone; the download is noted.

        Raises
        ------
        PublicError
            `egress.unknown_request` (404), `egress.not_the_lead` (403), `egress.wrong_status` (409) or
            `egress.store_damaged` (500).
        """
        with self._access.refusals(Action.DOWNLOAD, viewer, request_id):
            with self.database.read() as session:
                row = session.get(RequestRow, request_id)
                if row is None:
                    raise PublicError("egress.unknown_request", 404)
                record = records.listed(session, [row])[0]
            states.target(Action.DOWNLOAD, record.request.status, self._access.standing(record, viewer).roles)
            path = self.releases.archive(request_id)
            with self.database.write() as session:
                row = records.locked(session, request_id)
                self._tell(session, "egress.downloaded", row, viewer, {"sha256": path.name})
        return path

    def _listed(self, chosen: Select[Any], viewer: str) -> tuple[Request, ...]:
        with self.database.read() as session:
            found = records.listed(session, list(session.scalars(chosen)))
        return self._access.visible(found, viewer)
