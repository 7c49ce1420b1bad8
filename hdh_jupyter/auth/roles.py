"""The rights of the projects' registry, given to whoever an authenticator lets in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from tornado import web
from traitlets import List, TraitError, Unicode, default, validate

from ..audit import AuditLog
from ..db import Database, open_database
from ..errors import PublicError
from ..i18n import preferred_language
from ..projects import scopes
from ..projects.model import Person
from ..projects.registry import Registry
from ..state import StateFolder

UNKNOWN_ACTOR = "unknown"
"""Stands in the audit log for a name that no account has: people type passwords in the wrong field."""

UNNOTED = frozenset({"auth.locked", "auth.openid.not_started"})
"""The refusals that led to a delay are in the log; those during it, or of who began no sign-in, would let anybody fill
the disk."""


@dataclass(frozen=True)
class Standing:
    """A person, and what the hub must hold for them."""

    person: Person
    roles: list[dict[str, Any]]
    accounts: list[str]


@dataclass(frozen=True)
class Refused:
    """Somebody who is refused.

    Attributes
    ----------
    name
        The account they ask for, or nothing.
    vouched
        What is noted of somebody whom another authority vouched for, whether or not an account has the name.
    """

    name: str
    vouched: Mapping[str, str] = field(default_factory=dict)


class ProjectRolesMixin(Authenticator):
    """Gives an authenticator the projects' registry for its authority.

    Put it before any authenticator: `class Mine(ProjectRolesMixin, GenericOAuthenticator)`. The authenticator says who
    somebody is; the registry says whether they are a person of the platform and which workspaces they may open. The
    hub asks again every `auth_refresh_age` seconds, so a member taken out of a project is out of its workspace by then.

    Nobody is an administrator of the hub (`admin` is always withdrawn), because that role opens every workspace.
    """

    state_dir = Unicode(
        config=True,
        help="""Find the platform's database and keys in this folder.

        It is the folder that `hdh-jupyter run` makes, and must be readable by the hub alone.
        """,
    )
    database_url = Unicode(
        config=True,
        help="""Use this database (an SQLAlchemy URL) instead of the one in `state_dir`.

        PostgreSQL is `postgresql+psycopg://user@host/name`.
        """,
    )
    page_handlers: List[tuple[str, type[web.RequestHandler]]] = List(
        config=True,
        help="""Serve these pages at the hub, as pairs of a path and a tornado handler.

        They come before the hub's own and so may replace one of them (`/home`).
        """,
    )

    @default("manage_roles")
    def _manage_roles_default(self) -> bool:
        return True

    @default("refresh_pre_spawn")
    def _refresh_pre_spawn_default(self) -> bool:
        return True

    @default("auth_refresh_age")
    def _auth_refresh_age_default(self) -> int:
        return 5

    @validate("auth_refresh_age")
    def _auth_refresh_age_valid(self, proposal: Any) -> int:
        age: int = proposal["value"]
        if age < 1:
            raise TraitError("auth_refresh_age must be at least 1 second: 0 would leave removed members in")
        return age

    @cached_property
    def database(self) -> Database:
        return open_database(self.database_url or StateFolder(Path(self.state_dir)).database_url)

    @cached_property
    def registry(self) -> Registry:
        return Registry(self.database)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.database, StateFolder(Path(self.state_dir)).key("audit"))

    def get_handlers(self, app: Any) -> list[Any]:
        """Return the authenticator's own pages and `page_handlers`."""
        return [*super().get_handlers(app), *self.page_handlers]

    def check_blocked_users(self, username: str, authentication: dict[str, Any] | None = None) -> Any:
        """Refuse the accounts of projects, whoever vouches for them."""
        if scopes.project_of(username) is not None:
            raise PublicError("auth.project_account", 403)
        return super().check_blocked_users(username, authentication)

    async def get_authenticated_user(self, handler: Any, data: Any) -> Any:
        """Sign somebody in, note it in the audit log either way, and say why not."""
        try:
            model = await super().get_authenticated_user(handler, data)
            if model is None:
                raise PublicError("auth.refused", 403)
        except PublicError as refusal:
            await asyncio.to_thread(self._note_refusal, self.whose_refusal(handler, data), refusal.code)
            language = preferred_language(handler.request.headers.get("Accept-Language", ""))
            raise web.HTTPError(refusal.status, "%s", refusal.message(language)) from refusal
        except web.HTTPError:
            await asyncio.to_thread(self._note_refusal, self.whose_refusal(handler, data), "auth.refused")
            raise
        return model

    def whose_refusal(self, handler: Any, data: Any) -> Refused:
        """Return who is refused."""
        name = data.get("username", "") if isinstance(data, dict) else ""
        return Refused(self.normalize_username(name))

    async def run_post_auth_hook(self, handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Add the person's rights to what the authenticator found.

        Raises
        ------
        PublicError
            `auth.unknown_person`: the registry does not have them.
        """
        model: dict[str, Any] = await super().run_post_auth_hook(handler, auth_model)
        standing = await asyncio.to_thread(self._standing, model["name"])
        if standing is None:
            raise PublicError("auth.unknown_person", 403)
        _ensure_accounts(handler, standing)
        await asyncio.to_thread(self._note_sign_in, standing.person)
        info = {**(model.get("user_info") or {}), "display_name": standing.person.display_name}
        return {**model, "admin": False, "roles": standing.roles, "user_info": info}

    async def refresh_user(self, user: Any, handler: Any = None) -> Any:
        """Bring a person's rights in line with the registry.

        Somebody whom it no longer has, or whom the authenticator does not renew, loses all and must sign in.

        Roles are written here rather than returned, because the hub keeps the old ones when an authenticator cannot
        renew a sign-in during a request that carries a token.
        """
        if scopes.project_of(user.name) is not None:
            return True
        fresh = await super().refresh_user(user, handler)
        standing = await asyncio.to_thread(self._standing, user.name) if fresh else None
        roles = [] if standing is None else standing.roles
        if not _holds(user, roles):
            user.sync_roles(roles)
        if standing is None:
            return False
        if handler is not None:
            _ensure_accounts(handler, standing)
        return {**fresh, "admin": False, "roles": standing.roles} if isinstance(fresh, dict) else fresh

    def _standing(self, name: str) -> Standing | None:
        try:
            person = self.registry.person(name)
        except PublicError:
            return None
        projects = self.registry.projects_of(name)
        return Standing(person, scopes.hub_roles(person, projects, date.today()), scopes.hub_accounts(projects))

    def _note_sign_in(self, person: Person) -> None:
        self.audit.append("session.signed_in", actor=person.name, detail={"authenticator": type(self).__name__})

    def _note_refusal(self, refused: Refused, reason: str) -> None:
        if reason in UNNOTED:
            return
        name = refused.name
        known = scopes.project_of(name) is not None or self._standing(name) is not None
        actor = name[:64] if known else UNKNOWN_ACTOR
        self.audit.append("session.refused", actor=actor, detail={**refused.vouched, "reason": reason})


def _ensure_accounts(handler: Any, standing: Standing) -> None:
    # A project made while the hub runs has no account there until one of its members comes by.
    for account in standing.accounts:
        handler.user_from_username(account)


def _holds(user: Any, roles: list[dict[str, Any]]) -> bool:
    held = {role.name: role for role in user.orm_user.roles}
    return held.keys() == {role["name"] for role in roles} and all(
        set(role["scopes"]) == set(held[role["name"]].scopes) for role in roles if "scopes" in role
    )
