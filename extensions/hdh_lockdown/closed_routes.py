"""Routes that hand out files as they are, closed before any handler sees the request."""

from __future__ import annotations

from typing import Any

from tornado import httputil, web
from tornado.routing import Matcher, Rule

CLOSED = ("files", "view", "nbconvert", "api/nbconvert", "api/shutdown", "api/security/csp-report", "metrics")
"""Paths below the base URL, each with all that stands under it."""


class Closed(Matcher):
    """Matches the requests for closed routes.

    The path is compared as it was sent: an encoded spelling of a closed route matches no handler's pattern either.
    """

    def __init__(self, base_url: str) -> None:
        self.paths = tuple(f"{base_url}{path}" for path in CLOSED)

    def match(self, request: httputil.HTTPServerRequest) -> dict[str, Any] | None:
        closed = any(request.path == path or request.path.startswith(f"{path}/") for path in self.paths)
        return {} if closed else None


class ClosedHandler(web.RequestHandler):
    """Answers 403 whatever the method."""

    def prepare(self) -> None:
        # For programs: the page offers nothing that comes here.
        self.set_status(403)
        self.finish({"code": "lockdown.closed", "message": "This route is closed in a workspace."})


def close_routes(web_app: web.Application) -> None:
    """Put the refusal before every other rule, in both of the application's routers."""
    closed = Closed(web_app.settings["base_url"])
    for router in (web_app.default_router, web_app.wildcard_router):
        router.rules.insert(0, Rule(closed, ClosedHandler))
