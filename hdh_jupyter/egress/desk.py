"""What every action on a request needs: its row held, the person's standing, the trace in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from ..audit.log import AuditLog
from ..db import Database
from ..errors import PublicError
from ..projects.registry import Registry
from . import records, states
from .access import Access, seen_by
from .model import Action, Request, Status
from .release import Releases
from .store import Store
from .tables import RequestRow


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class Desk:
    """Where requests are read and changed.

    Parameters
    ----------
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
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.database = database
        self.store = store
        self.audit = audit
        self.clock = clock
        self.releases = Releases(database, store, audit, clock)
        self._access = Access(database, registry, audit, clock)

    def request(self, request_id: int, viewer: str) -> Request:
        """Return what `viewer` may see of a request.

        Raises
        ------
        PublicError
            `egress.unknown_request` (404), also for people who may not know of it.
        """
        with self.database.read() as session:
            row = session.get(RequestRow, request_id)
            if row is None:
                raise PublicError("egress.unknown_request", 404)
            record = records.whole(session, row)
        return seen_by(self._access.standing(record, viewer), record)

    @contextmanager
    def _changing(self, request_id: int, actor: str, action: Action) -> Iterator[tuple[Session, RequestRow, Status]]:
        with self._access.refusals(action, actor, request_id), self.database.write() as session:
            row = records.locked(session, request_id)
            roles = self._access.standing(records.whole(session, row), actor).roles
            yield session, row, states.target(action, Status(row.status), roles)

    def _tell(self, session: Session, action: str, row: RequestRow, actor: str, detail: Mapping[str, Any]) -> None:
        self.audit.append(
            action, actor=actor, project=row.project, subject=str(row.id), detail=dict(detail), session=session
        )
