"""What every handler of the gateway shares: admission, headers, errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jupyterhub.services.auth import HubOAuthenticated
from tornado.web import HTTPError, RequestHandler, stream_request_body

from ..errors import PublicError
from ..i18n import preferred_language
from ..metering.usage import Direction
from .guard import NAVIGATIONS, check_request
from .headers import FIXED, closed_policy, content_security_policy
from .identity import Visitor
from .pages import FRAME_SCRIPT, error_page, framed_error_page
from .paths import Target
from .saving import KEPT_OF_BODY, Act, act_of, not_done, reduced
from .table import MIB, Kind, Route
from .workspaces import Workspace

if TYPE_CHECKING:
    from .gateway import Gateway

LONGEST_DRAINED = 256 * MIB
"""Up to here a body that is refused is read to its end; beyond, the connection is closed."""

LANGUAGE_COOKIE = "hdh-language"
"""Which language the portal speaks with a person; the page sets it at the project's own origin too."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """An allowed request, before anybody asked who sent it.

    Attributes
    ----------
    path
        The encoded path below the project's base URL, without a leading slash.
    """

    project: str
    path: str
    target: Target
    route: Route


class GatewayHandler(RequestHandler):
    """A handler whose every reply, errors included, carries the gateway's headers."""

    gateway: Gateway
    workspace: Workspace | None = None
    shows_pages = False
    framed = False
    """Whether the reply is shown in a frame, which may be the portal's alone."""

    def set_default_headers(self) -> None:
        """Set the headers of every reply; tornado calls this again before it sends an error."""
        self.clear_header("Server")
        for name, value in FIXED.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        ancestors = "'none'"
        if self.framed:
            ancestors = self.gateway.hub.origin
            # It knows no origins, and browsers that know `frame-ancestors` need it not.
            self.clear_header("X-Frame-Options")
        policy = closed_policy(ancestors)
        if self.workspace is not None:
            policy = content_security_policy(self.workspace.origin, self.workspace.record.base_url, ancestors)
        self.set_header("Content-Security-Policy", policy)

    def compute_etag(self) -> str | None:
        """Leave entity tags to whoever made the reply."""
        return None

    @property
    def language(self) -> str:
        return preferred_language(self.request.headers.get("Accept-Language", ""), self.get_cookie(LANGUAGE_COOKIE))

    def reply_json(self, content: Any, status: int = 200) -> None:
        """Finish with a JSON body."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(content))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell of an error, as a page where a browser expects one and as JSON elsewhere."""
        error = kwargs.get("exc_info", (None, None))[1]
        if not isinstance(error, PublicError):
            status = error.status_code if isinstance(error, HTTPError) else 500
            error = PublicError("gateway.failed", status)
        if self.framed or self.shows_pages or self.request.headers.get("Sec-Fetch-Dest") == "document":
            self.set_status(error.status)
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(self._error_page(error))
        else:
            self.reply_json(error.to_dict(self.language), error.status)

    def _error_page(self, error: PublicError) -> bytes:
        portal = self.gateway.hub
        if not self.framed:
            return error_page(error, self.language, f"{portal.url}home")
        script = f"{self.workspace.record.base_url}{FRAME_SCRIPT}" if self.workspace is not None else ""
        return framed_error_page(error, self.language, portal.origin, script)

    def log_exception(self, typ: Any, value: BaseException | None, tb: Any) -> None:
        """Log faults with their traceback, and what a person was told with a line."""
        if isinstance(value, PublicError):
            LOG.info("%s %s: %s", self.request.method, self.request.path, value.code)
        else:
            super().log_exception(typ, value, tb)


class Refusal(GatewayHandler):
    """Answers what is no allowed request."""

    def initialize(self, gateway: Gateway, error: PublicError) -> None:
        self.gateway = gateway
        self.error = error

    async def prepare(self) -> None:
        raise self.error


@stream_request_body
class WorkspaceHandler(HubOAuthenticated, GatewayHandler):
    """A request to a workspace: admitted once it comes from the right page and from a person with access.

    Bodies are streamed, so that not a byte of one is kept before the request was admitted.
    """

    arrival: Arrival
    visitor: Visitor | None = None
    workspace: Workspace
    act: Act | None = None
    """What an admitted request does that a spent budget does not stop."""

    def initialize(self, gateway: Gateway, arrival: Arrival) -> None:
        self.gateway = gateway
        self.arrival = arrival
        self.shows_pages = arrival.route.kind in NAVIGATIONS
        self.framed = arrival.route.kind is Kind.PAGE and self.request.headers.get("Sec-Fetch-Dest") == "iframe"
        self.body = bytearray()

    async def prepare(self) -> None:
        """Check the request and find out who sent it.

        Raises
        ------
        PublicError
            It is not admitted.
        """
        arrival = self.arrival
        self.workspace = await self.gateway.workspaces.get(arrival.project)
        self.hub_auth = self.workspace.sign_in
        self.set_default_headers()
        method = self.request.method or ""
        check_request(method, self.request.headers, arrival.target, arrival.route, self.workspace.origin)
        self._limit_body(arrival.route.body_limit)
        await self.admit()

    async def admit(self) -> None:
        """Require a signed-in person with access; a page in a window sends the others to sign in."""
        model = await self.identify()
        if model is None:
            if self.arrival.route.kind is Kind.PAGE and not self.framed:
                self.redirect(self.get_login_url())
                return
            raise PublicError("gateway.not_signed_in", 403)
        if not self.workspace.sign_in.admits(model):
            await self._refuse(str(model["name"]))
        self.visitor = await self.gateway.people.visitor(self.arrival.project, str(model["name"]))
        self._admit_within_budget(self.visitor.name)
        if self.arrival.route.kind is Kind.PAGE:
            # Reading the token sets its cookie, from which JupyterLab copies it into every request.
            _ = self.xsrf_token

    async def identify(self) -> Mapping[str, Any] | None:
        """Return the hub's model of who sent the request, or None."""
        return await self.workspace.sign_in.person_of_request(self)

    @property
    def person(self) -> Visitor:
        """Who sent the request, once that is known.

        Raises
        ------
        PublicError
            `gateway.not_signed_in`.
        """
        if self.visitor is None:
            raise PublicError("gateway.not_signed_in", 403)
        return self.visitor

    def get_current_user(self) -> Any:
        """Return who was admitted; the hub's library would ask the hub, and wait, here."""
        return self.visitor

    async def data_received(self, chunk: bytes) -> None:
        """Collect a small body; handlers of large ones pass it on instead."""
        self.body += chunk

    def count(self, direction: Direction, size: int) -> None:
        """Count bytes of this person's traffic; what is about to go out must not go when this raises.

        Raises
        ------
        PublicError
            `gateway.budget_spent` or `gateway.meter_down`.
        """
        if self.visitor is not None:
            traffic = self.gateway.traffic
            passing = traffic.charge if direction == "out" else traffic.receive
            passing(self.arrival.project, self.visitor.name, self.arrival.route.channel, size)

    def note(self, chunk: bytes) -> None:
        """Count a piece of a body that is passed on, and keep the beginning if the reply may be made of it."""
        self.count("in", len(chunk))
        if self.act is not None:
            self.body += chunk[: KEPT_OF_BODY - len(self.body)]

    def within_budget(self, status: int, content_type: str, content: bytes) -> tuple[int, str, bytes]:
        """Count a checked reply that is about to go out, and return what of it goes.

        Once the budget is spent that is nothing, or next to nothing where something was saved or stopped.

        Raises
        ------
        PublicError
            `gateway.budget_spent`, `gateway.not_done` or `gateway.meter_down`.
        """
        if not content:
            return status, content_type, content
        try:
            self.count("out", len(content))
        except PublicError:
            if self.act is None or not self._is_cut():
                raise
        else:
            return status, content_type, content
        arrival = self.arrival
        told = reduced(
            self.act, arrival.path, arrival.target.query, bytes(self.body), status, content, datetime.now(UTC)
        )
        self.gateway.traffic.charge_reduced(arrival.project, self.person.name, arrival.route.channel, len(told))
        return 200, "application/json", told

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell of an error; not why something was not carried out that a spent budget does not stop."""
        if self.act is not None and self._is_cut():
            error = not_done()
            kwargs["exc_info"] = (type(error), error, None)
        super().write_error(status_code, **kwargs)

    def _admit_within_budget(self, person: str) -> None:
        traffic, arrival = self.gateway.traffic, self.arrival
        act = act_of(self.request.method or "", arrival.path, arrival.target.query)
        if act is None:
            traffic.admit(arrival.project, person, arrival.route.channel)
        else:
            traffic.admit_reduced(arrival.project, person)
            self.act = act

    def _is_cut(self) -> bool:
        return self.gateway.traffic.is_cut(self.arrival.project, self.person.name)

    def _limit_body(self, limit: int) -> None:
        announced = self.request.headers.get("Content-Length", "0")
        size = int(announced) if announced.isdigit() else LONGEST_DRAINED
        # Tornado cuts chunked bodies off there. What is refused it reads and drops, so that the refusal arrives.
        connection: Any = self.request.connection
        connection.set_max_body_size(limit if size <= limit else LONGEST_DRAINED)
        if size > limit:
            raise PublicError("gateway.too_large", 413, limit=limit)

    async def _refuse(self, person: str) -> None:
        if self.shows_pages:
            # Signing in again lets the hub decide, which knows better than a token of the past.
            self.workspace.sign_in.clear_cookie(self)
            await self.gateway.note_refusal(person, self.arrival.project, self.arrival.path)
        raise PublicError("gateway.no_access", 403)
