"""What every page of the platform has in common: language, viewer, errors, headers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, overload
from urllib.parse import urlencode, urlsplit

from jupyterhub.handlers.base import BaseHandler
from tornado import web

from ..errors import PublicError
from .language import language_of
from .planted_cookies import WithoutPlantedCookies
from .services import Services, Viewer, open_services

P = ParamSpec("P")
R = TypeVar("R")

STRICT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style and nothing from elsewhere: pages show content that nobody has vouched for."""


class PageHandler(WithoutPlantedCookies, BaseHandler):
    """A page for a signed-in person.

    Subclasses parse the request, call the services through :meth:`call` and render. Whoever may see what is decided by
    the services: they answer 404 for what a person may not know of.
    """

    viewer: Viewer | None = None

    @property
    def platform(self) -> Services:
        return open_services(self.settings["hdh_state_dir"])

    @property
    def language(self) -> str:
        return language_of(self)

    @property
    def content_security_policy(self) -> str:
        return STRICT_POLICY

    def get_content_type(self) -> str:
        return "text/html; charset=utf-8"

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")

    async def prepare(self) -> None:
        await super().prepare()
        if not self._finished and self.current_user is not None:
            try:
                self.viewer = await self.call(self.platform.viewer, self.current_user.name)
            except PublicError as error:
                raise PublicError("web.error.not_registered", 403, name=self.current_user.name) from error

    def check_xsrf_cookie(self) -> None:
        """Refuse what a page of another origin sends, even with the right token.

        A workspace's page is untrusted, and may set cookies for the hub's host, which is above its own.
        """
        super().check_xsrf_cookie()
        origin = self.request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.request.host:
            raise web.HTTPError(403)

    async def notice_end(self, account: str) -> None:
        """Have the hub notice at once that a workspace has ended by itself, which it looks for twice a minute."""
        user = self.find_user(account) if self.current_user is not None else None
        if user is not None and user.spawners[""].ready:
            await user.spawners[""].poll_and_notify()

    async def call(self, service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service's method in a thread: they wait for the database and for files."""
        return await asyncio.to_thread(service, *args, **kwargs)

    def signed_in(self) -> Viewer:
        """Return the viewer of a page that only signed-in people reach."""
        if self.viewer is None:
            raise web.HTTPError(403)
        return self.viewer

    @overload
    def whole_number(self, name: str, default: int) -> int: ...
    @overload
    def whole_number(self, name: str, default: None) -> int | None: ...
    def whole_number(self, name: str, default: int | None) -> int | None:
        """Return a number of the URL's query; `default` when it is missing or none."""
        value = self.get_query_argument(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default

    def form_number(self, name: str) -> int:
        """Return a number of a form.

        Raises
        ------
        PublicError
            `web.error.bad_form` (400): no page of ours sends this.
        """
        value = self.get_body_argument(name, "")
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise PublicError("web.error.bad_form", 400)
        return int(value)

    async def show(self, template: str, **values: Any) -> None:
        """Render a page and send it."""
        self.set_header("Content-Language", self.language)
        self.finish(await self.render_template(template, **values))

    def go(self, *path: str, **query: object) -> None:
        """Send the browser to another page of the hub, after a change."""
        self.redirect(self.page_url(*path, **query), status=303)

    def page_url(self, *path: str, **query: object) -> str:
        """Return the URL of a page below the hub's prefix."""
        prefix: str = self.hub.base_url
        return prefix + "/".join(path) + (f"?{urlencode(query)}" if query else "")

    @property
    def template_namespace(self) -> dict[str, Any]:
        return {**super().template_namespace, "viewer": self.viewer, "page_url": self.page_url}

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        super().send_error(error.status if isinstance(error, PublicError) else status_code, **kwargs)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, PublicError):
            self.log.warning("Refused %s %s: %s", self.request.method, self.request.path, value.code)
        else:
            super().log_exception(typ, value, tb)
