"""Files coming out of a workspace: received into the store, then one transaction makes the draft."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ..audit.log import AuditLog
from ..db import Database
from ..errors import PublicError
from . import records, states
from .access import Access
from .forms import TITLE_LENGTH, clean_name, clean_title, printable
from .model import Action, Actor, IncomingFile, Limits, Status
from .store import Store, readable_size
from .tables import FileRow, RequestRow


@dataclass(frozen=True)
class _Received:
    name: str
    size: int
    sha256: str


class Intake:
    """The way of files from a workspace into a draft.

    Nothing that the workspace says is trusted: names are cleaned, sizes are counted, hashes are computed here and
    compared with the claimed ones, which shows bytes that changed between the dialog and the pull.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        audit: AuditLog,
        access: Access,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._store = store
        self._audit = audit
        self._access = access
        self._limits = limits
        self._clock = clock

    async def receive(self, project: str, author: str, files: AsyncIterator[IncomingFile], title: str) -> int:
        """Receive files and make a draft of them; return its id.

        Raises
        ------
        PublicError
            `egress.not_a_member` (403), `egress.project_closed` (409), `egress.no_files`, `egress.bad_name`,
            `egress.duplicate_name`, `egress.not_what_was_staged` (400), `egress.too_many_files`,
            `egress.file_too_large`, `egress.request_too_large` (413) or `egress.too_many_drafts` (429). No draft is
            made then.
        """
        try:
            await asyncio.to_thread(self._require_author, project, author)
            received = await self._store_all(files)
            heading = clean_title(title) if title.strip() else _title_from(received)
            return await asyncio.to_thread(self._draft, project, author, heading, received)
        except PublicError as error:
            await asyncio.to_thread(self._access.note_refusal, error, Action.DRAFT, author, project)
            raise

    async def _store_all(self, files: AsyncIterator[IncomingFile]) -> list[_Received]:
        received: list[_Received] = []
        left = self._limits.total_size
        async for file in files:
            if len(received) == self._limits.files:
                raise PublicError("egress.too_many_files", 413, limit=self._limits.files)
            name = clean_name(file.name, (r.name for r in received))
            if max(file.size, 0) > left:
                raise PublicError("egress.request_too_large", 413, limit=readable_size(self._limits.total_size))
            try:
                sha256, size = await self._store.put(file.chunks, min(left, self._limits.file_size))
            except PublicError as error:
                if error.code == "egress.file_too_large" and left < self._limits.file_size:
                    limit = readable_size(self._limits.total_size)
                    raise PublicError("egress.request_too_large", 413, limit=limit) from error
                raise
            if (sha256, size) != (file.sha256.lower(), file.size):
                raise PublicError("egress.not_what_was_staged", 400, name=printable(name))
            left -= size
            received.append(_Received(name, size, sha256))
        if not received:
            raise PublicError("egress.no_files", 400)
        return received

    def _draft(self, project: str, author: str, title: str, received: list[_Received]) -> int:
        # Again, since receiving may take minutes and a membership may have ended meanwhile.
        self._require_author(project, author)
        at = self._clock()
        with self._database.write() as session:
            drafts = select(func.count()).where(RequestRow.project == project, RequestRow.status == Status.DRAFT.value)
            if (session.scalar(drafts) or 0) >= self._limits.open_drafts:
                raise PublicError("egress.too_many_drafts", 429, limit=self._limits.open_drafts)
            to = states.target(Action.DRAFT, states.CREATE, {Actor.AUTHOR})
            row = RequestRow(project=project, author=author, title=title, status=to.value, created_at=at, updated_at=at)
            session.add(row)
            session.flush()
            session.add_all(
                FileRow(request=row.id, number=n, name=f.name, size=f.size, sha256=f.sha256)
                for n, f in enumerate(received)
            )
            files = [{"name": f.name, "size": f.size, "sha256": f.sha256} for f in received]
            records.note(session, row, Action.DRAFT, author, to, at, {"files": files})
            records.order_check(session, row, at)
            self._audit.append(
                "egress.drafted",
                actor=author,
                project=project,
                subject=str(row.id),
                detail={"files": files},
                session=session,
            )
            return row.id

    def _require_author(self, project: str, author: str) -> None:
        if self._access.project(project).role_of(author) is None:
            raise PublicError("egress.not_a_member", 403)
        self._access.require_open(project)


def _title_from(received: list[_Received]) -> str:
    names = ", ".join(f.name.rpartition("/")[2] for f in received)
    return names if len(names) <= TITLE_LENGTH else f"{names[: TITLE_LENGTH - 1]}…"
