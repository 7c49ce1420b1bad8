"""Cookies that a page of a workspace planted at the hub's host.

A workspace's origin stands below the hub's (`prj-x.hdh.example` below `hdh.example`), and a browser lets a script
there set a cookie for the parent domain. Beside the hub's own cookie of the same name, the last one wins: a person
would go on under another account. The hub sets its cookies for its own host alone, so that a name that comes twice was
planted; the planted one can be told to go by its domain. With HTTPS, cookies named `__Host-` would not need this.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from jupyterhub.apihandlers.auth import OAuthAuthorizeHandler
from tornado import web

from ..errors import PublicError

SESSION = "jupyterhub-session-id"


def named_twice(header: str, names: frozenset[str]) -> frozenset[str]:
    """Return which of these cookies a `Cookie` header holds more than once."""
    found = Counter(pair.partition("=")[0].strip() for pair in header.split(";"))
    return frozenset(name for name in names if found[name] > 1)


def paths_of(path: str) -> list[str]:
    """Return every path whose cookies come with a request for `path`."""
    parts = path.strip("/").split("/")
    starts = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    return ["/", *(f"/{start}{end}" for start in starts for end in ("", "/"))]


class WithoutPlantedCookies(web.RequestHandler):
    """A page of the hub that goes by no cookie that came twice."""

    async def prepare(self) -> Any:
        """Have the browser forget what was planted, and ask again.

        Raises
        ------
        PublicError
            `web.error.planted_cookies`, for a request that changes something.
        """
        hub: Any = self.settings["hub"]
        names = frozenset({hub.cookie_name, SESSION, "_xsrf"})
        planted = named_twice(self.request.headers.get("Cookie", ""), names)
        if planted:
            if self.request.method not in ("GET", "HEAD"):
                raise PublicError("web.error.planted_cookies", 400)
            domain = self.request.host_name
            for name in sorted(planted):
                for path in paths_of(self.request.path):
                    self.add_header("Set-Cookie", f"{name}=; Domain={domain}; Path={path}; Max-Age=0")
            self.redirect(self.request.uri or hub.base_url)
            return None
        return await super().prepare()  # type: ignore[misc]  # the hub's handlers, further up, are awaited


class AuthorizeHandler(WithoutPlantedCookies, OAuthAuthorizeHandler):
    """`/hub/api/oauth2/authorize`: a project's sign-in."""
