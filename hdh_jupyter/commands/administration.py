"""Changes of the register by an administrator, each with its event in the audit log in one transaction."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ..audit.log import AuditLog
from ..db import Database, open_database
from ..errors import PublicError
from ..projects.model import PlatformRole
from ..projects.registry import Registry
from ..state import StateFolder


def open_platform(state: StateFolder) -> Database:
    """Return the database of a platform that is there already.

    Raises
    ------
    PublicError
        `admin.no_platform`, because a mistyped folder must not become a second platform; `admin.other_account`,
        because files made by another account, root included, would lock the platform out.
    """
    try:
        owner = state.mark.stat().st_uid
    except (FileNotFoundError, NotADirectoryError):
        raise PublicError("admin.no_platform", 404, path=str(state.root)) from None
    except PermissionError:
        raise PublicError("admin.closed_folder", 403, path=str(state.root)) from None
    if owner != os.geteuid():
        raise PublicError("admin.other_account", 403, path=str(state.root), owner=_login(owner))
    return open_database(state.database_url)


@dataclass(frozen=True)
class Change:
    """A change under way: what is written in `session` is kept together with its events, or not at all."""

    session: Session
    audit: AuditLog
    actor: str
    account: str

    def note(
        self,
        action: str,
        *,
        project: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an event of the administrator's, with the operating system account beside what `detail` tells."""
        told = {**(detail or {}), "account": self.account}
        self.audit.append(action, actor=self.actor, project=project, subject=subject, detail=told, session=self.session)


class JoinedDatabase(Database):
    """The database as part of a change under way, for parts that open sessions of their own.

    What they write joins the change; what they read is still what was there before it.
    """

    def __init__(self, database: Database, session: Session) -> None:
        self.url, self.engine = database.url, database.engine
        self._session = session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give the session of the change, which its owner commits."""
        yield self._session


class Administration:
    """The register, and who changes it.

    Parameters
    ----------
    acting_as
        The person whom the audit log is to name, who must be an admin at the moment of the change; None for the
        operating system account.
    """

    def __init__(self, state: StateFolder, acting_as: str | None) -> None:
        self.database = open_platform(state)
        self.registry = Registry(self.database)
        self._audit = AuditLog(self.database, state.key("audit"))
        self._acting_as = acting_as

    @contextmanager
    def change(self) -> Iterator[Change]:
        """Open a change. On SQLite no other can begin before its end: what the register says meanwhile stays true.

        Raises
        ------
        PublicError
            `projects.unknown_person` or `admin.not_an_admin`, before anything is changed.
        """
        account = _login(os.getuid())
        with self.database.write() as session:
            if self._acting_as is not None:
                person = self.registry.person(self._acting_as)
                if PlatformRole.ADMIN not in person.roles:
                    raise PublicError("admin.not_an_admin", 403, name=person.name)
            yield Change(session, self._audit, self._acting_as or f"os:{account}", account)


def _login(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
