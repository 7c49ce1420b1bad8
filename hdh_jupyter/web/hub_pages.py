"""The hub's own pages of a signed-in person, with our frame around them, the language switch, and our errors."""

from __future__ import annotations

from jupyterhub.handlers.base import UserUrlHandler
from jupyterhub.handlers.pages import SpawnHandler, SpawnPendingHandler
from jupyterhub.handlers.static import CacheControlStaticFilesHandler
from tornado import web

from ..i18n import LANGUAGES
from .base import PageHandler
from .language import COOKIE


class OpeningHandler(PageHandler, SpawnHandler):
    """`/hub/spawn/<account>`: start a workspace."""

    async def get(self, user_name: str) -> None:
        await self.notice_end(user_name)
        replying = super().get(user_name)
        if replying is not None:
            await replying


class OpeningPendingHandler(PageHandler, SpawnPendingHandler):
    """`/hub/spawn-pending/<account>`: watch a workspace start."""


class NotRunningHandler(PageHandler, UserUrlHandler):
    """`/hub/user/<account>/...`: a workspace that does not run."""


class AbsentHandler(PageHandler):
    """A page of the hub that the platform has no use for: nobody has tokens, shares or servers of their own here."""

    def get(self) -> None:
        raise web.HTTPError(404)

    post = get


class LanguageHandler(PageHandler):
    """`/hub/language/<code>`: speak another language from now on, also to people who are not signed in."""

    def get(self, code: str) -> None:
        if code not in LANGUAGES:
            raise web.HTTPError(404)
        self.set_cookie(
            COOKIE,
            code,
            path=self.hub.base_url,
            expires_days=365,
            httponly=True,
            secure=self.request.protocol == "https",
            samesite="Lax",
        )
        target = self._validate_next_url(self.get_query_argument("next", ""))
        self.redirect(target if target.startswith(self.hub.base_url) else self.page_url("home"))


class StaticHandler(CacheControlStaticFilesHandler):
    """`/hub/hdh/static/...`: our style, scripts and logo, kept by browsers under the version in their address."""

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")
        # Errors are small pages too.
        self.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
