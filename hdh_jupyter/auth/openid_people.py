"""What an identity provider says of people, written to the register with its events. Synchronous."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audit import AuditLog
from ..db import Database
from ..errors import PublicError
from ..projects.model import Person, PlatformRole, ProjectRole
from ..projects.registry import Registry
from ..projects.tables import MemberRow, PersonRow, ProjectRow
from .openid_claims import Profile, Rights
from .openid_refusals import refusal
from .tables import Identity

LONGEST_TEXT = 255
"""Characters of a name or an address that the register keeps."""


@dataclass(frozen=True)
class RoleChange:
    """Platform roles that a person receives and loses."""

    added: frozenset[PlatformRole]
    removed: frozenset[PlatformRole]


@dataclass(frozen=True)
class MemberChange:
    """Another place in a project; None is no place."""

    project: str
    before: ProjectRole | None
    after: ProjectRole | None


class OpenIDPeople:
    """The people of one identity provider.

    A person is whom the provider numbers (`sub`), not whom it names: names change and are given to others. The first
    sign-in links the number to the account that the name gives; from then on only the number counts, and no other
    number enters that account.
    """

    def __init__(self, database: Database, audit: AuditLog, issuer: str) -> None:
        self._database = database
        self._registry = Registry(database)
        self._audit = audit
        self._issuer = issuer
        # With a colon, which no account's name has.
        self._actor = f"openid:{urlsplit(issuer).netloc}"[:LONGEST_TEXT]

    def account_of(self, subject: str) -> str | None:
        """Return the account that is linked to a person of the provider's."""
        with self._database.read() as session:
            identity = session.get(Identity, (self._issuer, subject))
            return None if identity is None else identity.person

    def arrive(self, name: str, subject: str, profile: Profile | None, rights: Rights) -> None:
        """Link an account to whoever signs in, and bring the register in line with what the provider says of them.

        Parameters
        ----------
        profile
            How they are shown; None leaves the register's people to its administrators, who then must know them.

        Raises
        ------
        PublicError
            `auth.unknown_person`: nobody of that name may be added; `auth.openid.name_taken`: the account is linked to
            somebody else of the provider's.
        """
        with self._database.write() as session:
            identity = session.get(Identity, (self._issuer, subject))
            if self._subject_of(session, name) != (None if identity is None else subject):
                raise refusal("name_taken")
            self._show(session, name, profile, rights)
            if identity is None:
                linked_at = datetime.now(UTC)
                session.add(Identity(issuer=self._issuer, subject=subject, person=name, linked_at=linked_at))
                self._note(session, "openid.linked", subject=name, detail={"issuer": self._issuer, "sub": subject})
            self._bring_in_line(session, name, rights)

    def renew(self, name: str, subject: str, rights: Rights) -> None:
        """Bring the register in line with what the provider says now of somebody who signed in earlier.

        Raises
        ------
        PublicError
            `auth.openid.removed`: the account is linked to them no longer.
        """
        if self.account_of(subject) != name:
            raise refusal("removed")
        # Nearly always nothing changed: only a change takes the database's lock for writing.
        with self._database.read() as session:
            changed = any(_changes(session, name, rights))
        if changed:
            with self._database.write() as session:
                self._bring_in_line(session, name, rights)

    def note_dropped(self, name: str, reason: str) -> None:
        """Note that somebody's session ended because the provider does not renew it."""
        self._audit.append("openid.dropped", actor=name, detail={"reason": reason})

    def _subject_of(self, session: Session, name: str) -> str | None:
        query = select(Identity.subject).where(Identity.issuer == self._issuer, Identity.person == name)
        return session.scalar(query)

    def _show(self, session: Session, name: str, profile: Profile | None, rights: Rights) -> None:
        row = session.get(PersonRow, name)
        if row is None:
            if profile is None or rights.empty:
                raise PublicError("auth.unknown_person", 403)
            person = Person(name, profile.display_name[:LONGEST_TEXT], profile.email[:LONGEST_TEXT])
            self._registry.add_person(person, session)
            session.flush()
            self._note(session, "registry.person_added", subject=name)
        elif profile is not None:
            shown = (profile.display_name[:LONGEST_TEXT], profile.email[:LONGEST_TEXT])
            if (row.display_name, row.email) != shown:
                row.display_name, row.email = shown
                self._note(session, "openid.profile_changed", subject=name)

    def _bring_in_line(self, session: Session, name: str, rights: Rights) -> None:
        for change in list(_changes(session, name, rights)):
            if isinstance(change, RoleChange):
                self._registry.set_roles(name, rights.roles or (), session)
                for what, roles in (("added", change.added), ("removed", change.removed)):
                    for role in sorted(roles):
                        detail = {"role": role.value, "change": what}
                        self._note(session, "registry.role_changed", subject=name, detail=detail)
            else:
                self._registry.set_member(change.project, name, change.after, session)
                detail = {"before": change.before or "none", "after": change.after or "none"}
                self._note(session, "registry.member_changed", subject=name, detail=detail, project=change.project)

    def _note(self, session: Session, action: str, **event: Any) -> None:
        self._audit.append(action, actor=self._actor, session=session, **event)


def unlink(session: Session, name: str) -> bool:
    """Free an account for another identity of its person, and tell whether it was linked to one."""
    linked = list(session.scalars(select(Identity).where(Identity.person == name)))
    for identity in linked:
        session.delete(identity)
    return bool(linked)


def _changes(session: Session, name: str, rights: Rights) -> Iterator[RoleChange | MemberChange]:
    """Yield what the register must change; projects that it does not have are passed over."""
    row = session.get(PersonRow, name)
    if row is None:
        return
    if rights.roles is not None:
        held = frozenset(PlatformRole(each.role) for each in row.roles)
        if held != rights.roles:
            yield RoleChange(rights.roles - held, held - rights.roles)
    if rights.projects is not None:
        query = select(MemberRow.project, MemberRow.role).where(MemberRow.person == name)
        before = {project: ProjectRole(role) for project, role in session.execute(query)}
        there = set(session.scalars(select(ProjectRow.id).where(ProjectRow.id.in_(rights.projects))))
        for project in sorted(before.keys() | there):
            change = MemberChange(project, before.get(project), rights.projects.get(project))
            if change.before is not change.after:
                yield change
