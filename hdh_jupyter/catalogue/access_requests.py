"""Requests for access to datasets: a project asks each steward once for all it wants of them; stewards answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from .drafting import Actor, side_of
from .negotiation import Side
from .stewardship import stewards_of
from .store import CatalogueStore
from .tables import AccessRequestRow

SHORTEST_PURPOSE, LONGEST_TEXT = 20, 4_000
"""Characters."""

MOST_DATASETS, MOST_OPEN = 50, 100
"""Datasets of one basket; requests of one project that wait for an end."""

SHOWN = 200
"""Requests that are listed, the newest."""


class RequestState(StrEnum):
    """Where a request stands."""

    SENT = "sent"
    ANSWERED = "answered"
    """The steward wrote back, without deciding."""
    REFUSED = "refused"
    GRANTED = "granted"
    """The steward agrees; the grant itself, with its dates, is the administrators' to make."""


OPEN = (RequestState.SENT, RequestState.ANSWERED)


@dataclass(frozen=True)
class AccessRequest:
    """A request as it is read; `steward` is who is asked, in the words of the records."""

    id: int
    project: str
    person: str
    steward: str
    datasets: tuple[str, ...]
    purpose: str
    state: RequestState
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    comment: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def to_dict(self) -> dict[str, Any]:
        """Return what the project's people are told, as JSON."""
        return {
            "id": self.id,
            "steward": self.steward,
            "datasets": list(self.datasets),
            "purpose": self.purpose,
            "person": self.person,
            "state": self.state.value,
            "asked_at": self.asked_at.isoformat(),
            "answered_at": self.answered_at and self.answered_at.isoformat(),
            "comment": self.comment,
        }


class AccessRequests:
    """The requests of every project.

    That a person is a member of the project they ask for is the caller's to check; who may read and answer is checked
    here: administrators, and the stewards of every dataset of a request.
    """

    def __init__(self, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit
        self._store = CatalogueStore(database)

    def create(self, project: str, person: str, datasets: Iterable[str], purpose: str) -> tuple[AccessRequest, ...]:
        """Ask for datasets: one request to each steward, all or none.

        Raises
        ------
        PublicError
            `catalogue.request.bad_purpose`, `catalogue.request.bad_basket` (400), `catalogue.unknown_dataset` (404: a
            dataset that is not in the catalogue), `catalogue.request.already_asked` (409) or
            `catalogue.request.too_many` (429).
        """
        text, wanted = _text(purpose), tuple(dict.fromkeys(datasets))
        if len(text) < SHORTEST_PURPOSE:
            raise PublicError("catalogue.request.bad_purpose", 400, least=SHORTEST_PURPOSE, most=LONGEST_TEXT)
        if not 0 < len(wanted) <= MOST_DATASETS:
            raise PublicError("catalogue.request.bad_basket", 400, most=MOST_DATASETS)
        stewards = {dataset: self._store.get(dataset).steward.value for dataset in wanted}
        with self._database.write() as session:
            waiting = [row for row in _of_project(session, project) if row.state in OPEN]
            asked = {dataset for row in waiting for dataset in row.datasets}.intersection(wanted)
            if asked:
                raise PublicError("catalogue.request.already_asked", 409, datasets=", ".join(sorted(asked)))
            groups: dict[tuple[str, frozenset[str]], list[str]] = {}
            for dataset in wanted:
                who = (" ".join(stewards[dataset].split()).casefold(), stewards_of(session, dataset))
                groups.setdefault(who, []).append(dataset)
            if len(waiting) + len(groups) > MOST_OPEN:
                raise PublicError("catalogue.request.too_many", 429, most=MOST_OPEN)
            rows = [self._add(session, project, person, stewards[group[0]], group, text) for group in groups.values()]
            return tuple(map(_request, rows))

    def of_project(self, project: str) -> tuple[AccessRequest, ...]:
        """Return a project's requests, the newest first."""
        with self._database.read() as session:
            return tuple(map(_request, _of_project(session, project)[:SHOWN]))

    def visible(self, actor: Actor) -> tuple[AccessRequest, ...]:
        """Return the requests that a person may answer: those that wait, the longest waiting first, then the others."""
        query = select(AccessRequestRow).order_by(AccessRequestRow.id.desc())
        with self._database.read() as session:
            mine = [row for row in session.scalars(query) if _may_answer(session, actor, row.datasets)]
        waiting = [row for row in mine if row.state in OPEN]
        return tuple(map(_request, [*reversed(waiting), *(row for row in mine if row.state not in OPEN)][:SHOWN]))

    def answer(self, actor: Actor, request: int, state: RequestState, comment: str) -> AccessRequest:
        """Answer, refuse or grant; what is refused or granted is over.

        Raises
        ------
        PublicError
            `catalogue.request.unknown` (404), also for whom it does not concern, `catalogue.request.own` (403),
            `catalogue.request.over` (409), `catalogue.request.no_comment` (400: only a grant goes without words).
        """
        text = _text(comment)
        if state is RequestState.SENT:
            raise PublicError("catalogue.request.over", 409)
        if not text and state is not RequestState.GRANTED:
            raise PublicError("catalogue.request.no_comment", 400)
        with self._database.write() as session:
            row = session.get(AccessRequestRow, request, with_for_update=True)
            if row is None or not _may_answer(session, actor, row.datasets):
                raise PublicError("catalogue.request.unknown", 404, request=request)
            if row.person == actor.name:
                raise PublicError("catalogue.request.own", 403)
            if row.state not in OPEN:
                raise PublicError("catalogue.request.over", 409)
            row.state, row.comment = state.value, text
            row.answered_by, row.answered_at = actor.name, datetime.now(UTC)
            self._note(session, "catalogue.access_answered", actor.name, row, {"state": state.value})
            return _request(row)

    def _add(
        self, session: Session, project: str, person: str, steward: str, datasets: list[str], purpose: str
    ) -> AccessRequestRow:
        row = AccessRequestRow(
            project=project,
            person=person,
            steward=steward,
            datasets=datasets,
            purpose=purpose,
            state=RequestState.SENT.value,
            asked_at=datetime.now(UTC),
            comment="",
        )
        session.add(row)
        session.flush()
        self._note(session, "catalogue.access_requested", person, row, {"datasets": datasets})
        return row

    def _note(self, session: Session, action: str, actor: str, row: AccessRequestRow, detail: dict[str, Any]) -> None:
        self._audit.append(
            action, actor=actor, project=row.project, subject=str(row.id), detail=detail, session=session
        )


def _may_answer(session: Session, actor: Actor, datasets: Sequence[str]) -> bool:
    sides = {side_of(actor, stewards_of(session, dataset)) for dataset in datasets}
    return actor.is_admin or sides == {Side.STEWARD}


def _of_project(session: Session, project: str) -> list[AccessRequestRow]:
    query = select(AccessRequestRow).where(AccessRequestRow.project == project).order_by(AccessRequestRow.id.desc())
    return list(session.scalars(query))


def _text(written: str) -> str:
    kept = "".join(c for c in written.replace("\r\n", "\n") if c.isprintable() or c == "\n").strip()
    if len(kept) > LONGEST_TEXT:
        raise PublicError("catalogue.request.too_long", 400, most=LONGEST_TEXT)
    return kept


def _request(row: AccessRequestRow) -> AccessRequest:
    return AccessRequest(
        row.id,
        row.project,
        row.person,
        row.steward,
        tuple(row.datasets),
        row.purpose,
        RequestState(row.state),
        row.asked_at,
        row.answered_at,
        row.answered_by,
        row.comment,
    )
