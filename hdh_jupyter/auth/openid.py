"""Sign-in with an OpenID Connect provider, for people of the projects' registry."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import re2
from traitlets import Bool, Dict, TraitError, Unicode, default, validate

from ..projects.model import PlatformRole
from . import openid_claims
from .openid_claims import Rights
from .openid_client import OpenIDClient
from .openid_people import OpenIDPeople
from .roles import ProjectRolesMixin, Refused


class OpenIDAuthenticator(ProjectRolesMixin, OpenIDClient):
    """Signs people in with an OpenID Connect provider.

    The registry alone says who they are here and which projects they are in, unless claims of the provider's are mapped
    to platform roles (`role_claim`) or projects (`project_claim`): then the provider decides on those alone, at each
    sign-in and each renewal, and what it takes back is taken back here. Each change is in the audit log.
    """

    create_people = Bool(
        False,
        config=True,
        help="""Register whoever signs in for the first time, and keep names and addresses as the provider has them.

        By default an administrator registers people, under the name that `username_claim` gives. Where claims give
        roles or projects, only those who are given some are registered.
        """,
    )
    role_claim = Unicode(
        config=True,
        help="""Take people's platform roles from this claim, a text or a list of texts; see `role_map`.

        `realm_access.roles` is `roles` inside `realm_access`. When empty, the registry alone decides; when set, the
        provider alone: roles given here by hand are taken back at the next renewal.
        """,
    )
    role_map = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        config=True,
        help="""Give these platform roles (`checker`, `steward`, `admin`) for values of `role_claim`.

        `{"hdh-checkers": "checker"}`. Other values of the claim give nothing. Several values may give one role.
        """,
    )
    project_claim = Unicode(
        config=True,
        help="""Take people's projects from this claim, a text or a list of texts; see `project_pattern`.

        When empty, the registry alone decides; when set, the provider alone: members added here by hand are taken out
        at the next renewal. Projects themselves, their basis and their grants stay the registry's: a project that it
        does not have gives nothing.
        """,
    )
    project_pattern = Unicode(
        r"/projects/(?P<project>[a-z0-9-]+)(?:/(?P<role>[a-z]+))?",
        config=True,
        help="""Find the project and the role in a value of `project_claim` that is whole of this form (RE2 syntax).

        It must have a group `project`; a group `role` must find `researcher` or `lead`, and finds a researcher when it
        is absent. A value of another form says nothing; one whose role or project cannot be gives nothing, and is in
        the hub's log.
        """,
    )

    @default("allow_all")
    def _allow_all_default(self) -> bool:
        # Whoever the provider knows and stands in the registry, which ProjectRolesMixin checks.
        return True

    @validate("role_map")
    def _role_map_valid(self, proposal: Any) -> dict[str, str]:
        unknown = sorted(set(proposal["value"].values()) - set(PlatformRole))
        if unknown:
            raise TraitError(f"role_map gives roles that there are not: {', '.join(unknown)}")
        return dict(proposal["value"])

    @validate("project_pattern")
    def _project_pattern_valid(self, proposal: Any) -> str:
        try:
            groups = re2.compile(proposal["value"]).groupindex
        except re2.error as error:
            raise TraitError(f"project_pattern is not an expression: {error}") from None
        if "project" not in groups:
            raise TraitError("project_pattern must have a group (?P<project>...)")
        return str(proposal["value"])

    def check_allow_config(self) -> None:
        """Refuse, at the hub's start, a configuration that nobody could mean."""
        super().check_allow_config()
        if self.role_claim and not self.role_map:
            raise TraitError("role_claim without role_map would take every role from everybody")

    @cached_property
    def people(self) -> OpenIDPeople:
        return OpenIDPeople(self.database, self.audit, self.issuer)

    async def account(self, claims: Mapping[str, Any]) -> str:
        """Return the account that the person is linked to since their first sign-in, else the one they claim."""
        linked = await asyncio.to_thread(self.people.account_of, claims["sub"])
        return await super().account(claims) if linked is None else linked

    def whose_refusal(self, handler: Any, data: Any) -> Refused:
        """Return whom the provider vouched for, if it did before they were refused."""
        told = {"sub": handler.subject, "claimed": handler.claimed}
        return Refused(handler.claimed, {name: value for name, value in told.items() if value})

    async def run_post_auth_hook(self, handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Write what the provider says to the registry, then add the person's rights.

        Raises
        ------
        PublicError
            `auth.unknown_person`, `auth.openid.name_taken`, `auth.openid.bad_claim`.
        """
        name, claims = auth_model["name"], auth_model.pop("claims")
        profile = openid_claims.profile(claims, name) if self.create_people else None
        rights = self._rights(name, claims)
        await asyncio.to_thread(self.people.arrive, name, claims["sub"], profile, rights)
        model: dict[str, Any] = await super().run_post_auth_hook(handler, auth_model)
        return model

    async def renewed(self, name: str, claims: Mapping[str, Any]) -> None:
        """Bring the registry in line with what the provider says now."""
        await asyncio.to_thread(self.people.renew, name, claims["sub"], self._rights(name, claims))

    async def dropped(self, name: str, reason: str) -> None:
        """Note it in the audit log."""
        await asyncio.to_thread(self.people.note_dropped, name, reason)

    def _rights(self, name: str, claims: Mapping[str, Any]) -> Rights:
        mapping = {value: PlatformRole(role) for value, role in self.role_map.items()}
        roles = openid_claims.roles(claims, self.role_claim, mapping) if self.role_claim else None
        if not self.project_claim:
            return Rights(roles, None)
        projects, refused = openid_claims.projects(claims, self.project_claim, re2.compile(self.project_pattern))
        for value in refused:
            self.log.warning("Gave %s nothing for %r of claim %s", name, value[:255], self.project_claim)
        return Rights(roles, projects)
