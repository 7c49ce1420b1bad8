"""Who is there: a project's sign-in at the hub, and what the registry knows of the person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError, RequestHandler

from ..errors import PublicError
from ..projects.model import ProjectRole
from ..projects.registry import Registry
from ..projects.scopes import hub_account, project_of
from ..routes import RouteRecord
from .headers import identity_header
from .limits import GatewayLimits

HUB_TIMEOUT = 10
"""Seconds to wait for the hub's answer on who somebody is."""


@dataclass(frozen=True)
class Visitor:
    """A signed-in person with access to the project.

    Attributes
    ----------
    role
        What they are in the project, or None when the registry does not say.
    """

    name: str
    display_name: str
    role: ProjectRole | None

    @property
    def header(self) -> str:
        """What the workspace is told of them."""
        return identity_header(self.name, self.display_name)


class SignIn(HubOAuth):
    """The OAuth client of one project's server, which takes nothing but its own cookie for a credential."""

    @classmethod
    def for_record(
        cls, record: RouteRecord, api_url: str, hub_origin: str, hub_prefix: str, limits: GatewayLimits
    ) -> SignIn:
        """Return the sign-in of a running workspace.

        Parameters
        ----------
        api_url
            The hub's API, `http+unix://...`.
        hub_origin, hub_prefix
            Where browsers find the hub.
        """
        https = record.public_url.startswith("https://")
        return cls(
            api_token=record.api_token,
            api_url=api_url,
            base_url=record.base_url,
            hub_host=hub_origin,
            hub_prefix=hub_prefix,
            oauth_client_id=record.client_id,
            oauth_redirect_uri=f"{record.public_url}oauth_callback",
            access_scopes={f"access:servers!server={hub_account(record.project)}/"},
            cache_max_age=limits.access_cache,
            allow_token_in_url=False,
            allow_websocket_cookie_auth=True,
            cookie_host_prefix_enabled=https,
            cookie_options={"samesite": "Lax", **({"secure": True} if https else {})},
        )

    def get_token(self, handler: RequestHandler, in_cookie: bool = True) -> str | None:
        """Return the token of the request's cookie; no other way to carry one is looked at."""
        return cast("str | None", self._get_token_cookie(handler)) if in_cookie else None

    async def person_of_request(self, handler: RequestHandler) -> Mapping[str, Any] | None:
        """Return the hub's model of who sent a request, or None.

        Raises
        ------
        PublicError
            `gateway.hub_unreachable`.
        """
        return await _of_hub(self.get_user(handler, sync=False))

    async def person_of_token(self, token: str, session_id: str) -> Mapping[str, Any] | None:
        """Return the hub's model of whose token this is, or None.

        Raises
        ------
        PublicError
            `gateway.hub_unreachable`.
        """
        return await _of_hub(self.user_for_token(token, session_id=session_id, sync=False))

    def admits(self, model: Mapping[str, Any]) -> bool:
        """Say whether this is a person who has access to the project's server now."""
        is_person = model.get("kind", "user") == "user" and project_of(str(model["name"])) is None
        return is_person and bool(self.check_scopes(self.access_scopes, model))


async def _of_hub(question: Any) -> Mapping[str, Any] | None:
    try:
        async with asyncio.timeout(HUB_TIMEOUT):
            return cast("Mapping[str, Any] | None", await question)
    except (HTTPError, TimeoutError) as error:
        raise PublicError("gateway.hub_unreachable", 503) from error


class People:
    """What the registry says of visitors, remembered for a few seconds.

    Parameters
    ----------
    max_age
        Seconds.
    """

    def __init__(self, registry: Registry, max_age: float) -> None:
        self._registry = registry
        self._max_age = max_age
        self._known: dict[tuple[str, str], tuple[float, Visitor]] = {}

    async def visitor(self, project: str, name: str) -> Visitor:
        """Return the person with their name for others and their role in the project."""
        now = time.monotonic()
        known = self._known.get((project, name))
        if known is not None and now - known[0] < self._max_age:
            return known[1]
        visitor = await asyncio.to_thread(self._look_up, project, name)
        self._known[project, name] = (now, visitor)
        return visitor

    def _look_up(self, project: str, name: str) -> Visitor:
        try:
            display_name = self._registry.person(name).display_name
            role = self._registry.project(project).role_of(name)
        except PublicError as error:
            if error.status != 404:
                raise
            # The hub grants access; whom the registry does not know has a plain name and no role.
            return Visitor(name, name, None)
        return Visitor(name, display_name, role)
