"""What a request must show before anybody asks who sent it: the right host, the right origin, no stray credential.

Two workspaces live on sibling origins, so that a browser sends a person's cookies with requests that the page of
another project makes; the origin checks here are what keeps them apart, together with the token against forged
requests.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import PublicError
from .paths import Target
from .table import Kind, Route

NAVIGATIONS = frozenset({Kind.PAGE, Kind.SIGN_IN})
"""What a browser opens by itself, from any site: it changes nothing, and nobody but the portal may frame its reply."""

DESTINATIONS = {
    Kind.PAGE: frozenset({"document", "iframe"}),
    Kind.SIGN_IN: frozenset({"document"}),
    Kind.JSON: frozenset({"empty"}),
    Kind.OWN: frozenset({"empty"}),
    Kind.IMAGE: frozenset({"image"}),
    Kind.WEBSOCKET: frozenset({"websocket", "empty"}),
}
"""What the reply may be used for (`Sec-Fetch-Dest`): data opened as a page could be saved from there."""


def check_request(method: str, headers: Mapping[str, str], target: Target, route: Route, origin: str) -> None:
    """Refuse a request that does not come from the project's own page.

    Parameters
    ----------
    headers
        The request's headers, looked up without regard to case.
    origin
        The project's own origin, `http://prj-<id>.hdh.localhost:8000`.

    Raises
    ------
    PublicError
        `gateway.wrong_host`, `gateway.credentials`, `gateway.route_closed`, `gateway.foreign_origin`.
    """
    if f"{origin.partition('://')[0]}://{headers.get('Host', '').lower()}" != origin:
        raise PublicError("gateway.wrong_host", 421)
    if headers.get("Authorization") is not None or target.names_token:
        raise PublicError("gateway.credentials", 403)
    if (headers.get("Upgrade", "").lower() == "websocket") != (route.kind is Kind.WEBSOCKET):
        raise PublicError("gateway.route_closed", 403)
    destination = headers.get("Sec-Fetch-Dest")
    if destination is not None and destination not in DESTINATIONS.get(route.kind, {destination}):
        raise PublicError("gateway.foreign_origin", 403)
    if destination == "iframe" and headers.get("Sec-Fetch-Site") == "cross-site":
        raise PublicError("gateway.foreign_origin", 403)
    if route.kind not in NAVIGATIONS:
        _check_origin(method, headers, route.kind, origin)


def _check_origin(method: str, headers: Mapping[str, str], kind: Kind, origin: str) -> None:
    sent = headers.get("Origin")
    must_send = method != "GET" or kind is Kind.WEBSOCKET
    if sent != origin and (must_send or sent is not None):
        raise PublicError("gateway.foreign_origin", 403)
    site = headers.get("Sec-Fetch-Site")
    # "none" is an address that somebody typed: fine for a script that is public anyway.
    if site not in (None, "same-origin") and not (kind is Kind.STATIC and site == "none"):
        raise PublicError("gateway.foreign_origin", 403)
