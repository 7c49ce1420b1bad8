"""The register of people and projects, kept in the platform's database.

Every call is synchronous: on an event loop, go through `asyncio.to_thread`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import date

from sqlalchemy import String, select
from sqlalchemy.orm import Session

from ..db import Database
from ..errors import PublicError
from .model import (
    Authorisation,
    BasisKind,
    Grant,
    Member,
    Opinion,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)
from .scopes import project_of
from .tables import GrantRow, MemberRow, PersonRoleRow, PersonRow, ProjectRow

PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]")
PERSON_NAME = re.compile(r"[a-z][a-z0-9._@-]{0,63}")
"""Lower case, because the hub folds the names of accounts; no slash or space, because they stand in addresses."""


class Registry:
    """Who the people are, which projects there are, and who is in them.

    Whatever changes the register takes a `session`, a `Database.write()` session of the caller: the change then stands
    or falls with what else the caller does in it, such as the event that tells of it. Without one the change is
    committed at once. A text longer than its column is refused with `projects.too_long`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def person(self, name: str) -> Person:
        """Return a person.

        Raises
        ------
        PublicError
            `projects.unknown_person`.
        """
        with self._database.read() as session:
            return _person(_person_row(session, name))

    def people(self) -> tuple[Person, ...]:
        """Return everybody, by name."""
        with self._database.read() as session:
            return tuple(_person(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.name)))

    def project(self, project: str) -> Project:
        """Return a project with its members and grants.

        Raises
        ------
        PublicError
            `projects.unknown_project`.
        """
        with self._database.read() as session:
            return _project(_project_row(session, project))

    def projects(self) -> tuple[Project, ...]:
        """Return every project, by id."""
        with self._database.read() as session:
            return tuple(_project(row) for row in session.scalars(select(ProjectRow).order_by(ProjectRow.id)))

    def projects_of(self, name: str) -> tuple[Project, ...]:
        """Return the projects that the person of that name belongs to, by id."""
        query = select(ProjectRow).join(MemberRow).where(MemberRow.person == name).order_by(ProjectRow.id)
        with self._database.read() as session:
            return tuple(_project(row) for row in session.scalars(query))

    def add_person(self, person: Person, session: Session | None = None) -> None:
        """Add a person.

        Raises
        ------
        PublicError
            `projects.bad_person_name` or `projects.person_exists`.
        """
        if not PERSON_NAME.fullmatch(person.name) or project_of(person.name) is not None:
            raise PublicError("projects.bad_person_name", name=person.name)
        with self._writing(session) as writing:
            if writing.get(PersonRow, person.name) is not None:
                raise PublicError("projects.person_exists", 409, name=person.name)
            row = PersonRow(name=person.name, display_name=person.display_name, email=person.email)
            _check_lengths(row)
            _write_roles(row, person.roles)
            writing.add(row)

    def set_roles(self, person: str, roles: Iterable[PlatformRole], session: Session | None = None) -> None:
        """Replace a person's platform roles; those taken away count for nothing from then on.

        Raises
        ------
        PublicError
            `projects.unknown_person`.
        """
        with self._writing(session) as writing:
            _write_roles(_person_row(writing, person), roles)

    def add_project(self, project: Project, session: Session | None = None) -> None:
        """Add a project with the members and grants it has.

        Raises
        ------
        PublicError
            `projects.bad_project_id`, `projects.project_exists`, `projects.unknown_person` or
            `projects.dates_reversed`.
        """
        if not PROJECT_ID.fullmatch(project.id):
            raise PublicError("projects.bad_project_id", project=project.id)
        with self._writing(session) as writing:
            if writing.get(ProjectRow, project.id) is not None:
                raise PublicError("projects.project_exists", 409, project=project.id)
            row = ProjectRow(id=project.id, title=project.title, summary=project.summary)
            _write_basis(row, project.authorisation)
            writing.add(row)
            for member in project.members:
                _write_member(writing, row, member.person, member.role)
            for grant in project.grants:
                _write_grant(row, grant)

    def set_member(self, project: str, person: str, role: ProjectRole | None, session: Session | None = None) -> None:
        """Give a person a role in a project, or take them out of it with None.

        Raises
        ------
        PublicError
            `projects.unknown_project` or `projects.unknown_person`.
        """
        with self._writing(session) as writing:
            _write_member(writing, _project_row(writing, project), person, role)

    def set_authorisation(
        self, project: str, authorisation: Authorisation | None, session: Session | None = None
    ) -> None:
        """Replace a project's regulatory basis.

        Raises
        ------
        PublicError
            `projects.unknown_project` or `projects.dates_reversed`.
        """
        with self._writing(session) as writing:
            _write_basis(_project_row(writing, project), authorisation)

    def set_grant(self, project: str, grant: Grant, session: Session | None = None) -> None:
        """Grant a dataset to a project, or change the dates of a grant (a last day in the past ends it).

        Raises
        ------
        PublicError
            `projects.unknown_project` or `projects.dates_reversed`.
        """
        with self._writing(session) as writing:
            _write_grant(_project_row(writing, project), grant)

    def revoke_grant(self, project: str, dataset: str, session: Session | None = None) -> None:
        """Take a dataset from a project.

        Raises
        ------
        PublicError
            `projects.unknown_project` or `projects.unknown_grant`.
        """
        with self._writing(session) as writing:
            row = _project_row(writing, project)
            known = next((each for each in row.grants if each.dataset == dataset), None)
            if known is None:
                raise PublicError("projects.unknown_grant", 404, project=project, dataset=dataset)
            row.grants.remove(known)

    def _writing(self, session: Session | None) -> AbstractContextManager[Session]:
        return self._database.write() if session is None else nullcontext(session)


def _person_row(session: Session, name: str) -> PersonRow:
    row = session.get(PersonRow, name)
    if row is None:
        raise PublicError("projects.unknown_person", 404, name=name)
    return row


def _project_row(session: Session, project: str) -> ProjectRow:
    row = session.get(ProjectRow, project)
    if row is None:
        raise PublicError("projects.unknown_project", 404, project=project)
    return row


def _write_roles(row: PersonRow, roles: Iterable[PlatformRole]) -> None:
    wanted = {role.value for role in roles}
    kept = [each for each in row.roles if each.role in wanted]
    row.roles = kept + [PersonRoleRow(role=role) for role in sorted(wanted - {each.role for each in kept})]


def _write_basis(row: ProjectRow, basis: Authorisation | None) -> None:
    # Without a basis every column of it is emptied, as an exemption without a reason would leave them.
    values = Authorisation(BasisKind.EXEMPTION) if basis is None else basis
    _check_dates(values.valid_from, values.valid_until)
    row.basis = None if basis is None else basis.kind.value
    row.opinion = None if values.opinion is None else values.opinion.value
    row.opinion_date = values.opinion_date
    row.cnil_number = values.cnil_number
    row.valid_from = values.valid_from
    row.valid_until = values.valid_until
    row.reference = values.reference
    row.reason = values.reason
    _check_lengths(row)


def _write_member(session: Session, row: ProjectRow, person: str, role: ProjectRole | None) -> None:
    _person_row(session, person)
    known = next((member for member in row.members if member.person == person), None)
    if role is None:
        if known is not None:
            row.members.remove(known)
    elif known is not None:
        known.role = role.value
    else:
        row.members.append(MemberRow(person=person, role=role.value))


def _write_grant(row: ProjectRow, grant: Grant) -> None:
    _check_dates(grant.valid_from, grant.valid_until)
    known = next((each for each in row.grants if each.dataset == grant.dataset), None)
    if known is None:
        added = GrantRow(dataset=grant.dataset, valid_from=grant.valid_from, valid_until=grant.valid_until)
        _check_lengths(added)
        row.grants.append(added)
    else:
        known.valid_from, known.valid_until = grant.valid_from, grant.valid_until


def _check_lengths(row: PersonRow | ProjectRow | GrantRow) -> None:
    # SQLite keeps texts of any length; PostgreSQL would fail in the middle of the transaction.
    for column in row.__table__.columns:
        text = getattr(row, column.key)
        most = column.type.length if isinstance(column.type, String) else None
        if most is not None and text is not None and len(text) > most:
            raise PublicError("projects.too_long", text=f"{text[:40]}…", most=most)


def _check_dates(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise PublicError("projects.dates_reversed", first=first, last=last)


def _person(row: PersonRow) -> Person:
    return Person(row.name, row.display_name, row.email, frozenset(PlatformRole(each.role) for each in row.roles))


def _project(row: ProjectRow) -> Project:
    basis = None
    if row.basis is not None:
        basis = Authorisation(
            kind=BasisKind(row.basis),
            opinion=None if row.opinion is None else Opinion(row.opinion),
            opinion_date=row.opinion_date,
            cnil_number=row.cnil_number,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            reference=row.reference,
            reason=row.reason,
        )
    return Project(
        id=row.id,
        title=row.title,
        summary=row.summary,
        authorisation=basis,
        members=tuple(Member(each.person, ProjectRole(each.role)) for each in row.members),
        grants=tuple(Grant(each.dataset, each.valid_from, each.valid_until) for each in row.grants),
    )
