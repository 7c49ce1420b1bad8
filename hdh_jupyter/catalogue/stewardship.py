"""Who is a steward of which datasets, and the record of that in the audit log."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.errors import PublicError

from .store import check_id
from .tables import StewardRow


class Stewardship:
    """The stewards of datasets.

    That a person exists and has the role of a steward is the caller's to check; without the role a place here counts
    for nothing (:func:`.drafting.side_of`).

    Parameters
    ----------
    account
        The operating system account that acts, when a command does; it stands in the events.
    """

    def __init__(self, database: Database, audit: AuditLog, account: str | None = None) -> None:
        self._database = database
        self._audit = audit
        self._account = {} if account is None else {"account": account}

    def datasets_of(self, person: str) -> tuple[str, ...]:
        """Return the datasets that a person is a steward of, by id."""
        query = select(StewardRow.dataset).where(StewardRow.person == person).order_by(StewardRow.dataset)
        with self._database.read() as session:
            return tuple(session.scalars(query))

    def everybody(self) -> dict[str, tuple[str, ...]]:
        """Return the stewards of every dataset that has any."""
        found: dict[str, list[str]] = {}
        with self._database.read() as session:
            for row in session.scalars(select(StewardRow).order_by(StewardRow.dataset, StewardRow.person)):
                found.setdefault(row.dataset, []).append(row.person)
        return {dataset: tuple(people) for dataset, people in found.items()}

    def assign(self, dataset: str, person: str, admin: str) -> None:
        """Make a person a steward of a dataset, which need not have a record yet.

        Raises
        ------
        PublicError
            `catalogue.bad_id` or `catalogue.record.already_steward` (409).
        """
        check_id(dataset)
        with self._database.write() as session:
            if session.get(StewardRow, (dataset, person)) is not None:
                raise PublicError("catalogue.record.already_steward", 409, dataset=dataset, person=person)
            self.add(session, dataset, person, admin)

    def remove(self, dataset: str, person: str, admin: str) -> None:
        """Take a dataset from a steward; what they accepted of its convention stays accepted.

        Raises
        ------
        PublicError
            `catalogue.record.no_such_steward` (404).
        """
        with self._database.write() as session:
            row = session.get(StewardRow, (dataset, person))
            if row is None:
                raise PublicError("catalogue.record.no_such_steward", 404, dataset=dataset, person=person)
            session.delete(row)
            self._note(session, dataset, person, admin, "removed")

    def add(self, session: Session, dataset: str, person: str, by: str) -> None:
        """Make a person a steward in a session of the caller."""
        session.add(StewardRow(dataset=dataset, person=person))
        self._note(session, dataset, person, by, "assigned")

    def _note(self, session: Session, dataset: str, person: str, by: str, change: str) -> None:
        detail = {"person": person, "change": change, **self._account}
        self._audit.append("catalogue.steward_changed", actor=by, subject=dataset, detail=detail, session=session)


def stewards_of(session: Session, dataset: str) -> frozenset[str]:
    """Return the stewards of a dataset."""
    return frozenset(session.scalars(select(StewardRow.person).where(StewardRow.dataset == dataset)))
