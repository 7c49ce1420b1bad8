"""Signing in and out of a workspace, and the ping by which the hub sees that it answers."""

from __future__ import annotations

import json
import logging
import re

from jupyterhub import __version__ as jupyterhub_version
from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import HTTPError

from ..errors import PublicError
from .base import WorkspaceHandler
from .headers import upstream_headers
from .upstream import read_bounded

LOG = logging.getLogger(__name__)

_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)


class Callback(WorkspaceHandler, HubOAuthCallbackHandler):
    """Ends a sign-in at the hub: exchanges its code and sets the project's cookie."""

    async def admit(self) -> None:
        """Let anybody through: who they are is what comes out."""

    async def get(self) -> None:
        try:
            await HubOAuthCallbackHandler.get(self)
        except HTTPError as error:
            LOG.warning("A sign-in to %s failed: %s", self.arrival.project, error)
            raise PublicError("gateway.sign_in_failed", 403) from error


class Home(WorkspaceHandler):
    """The bare address of a workspace."""

    async def admit(self) -> None:
        """Let anybody through to JupyterLab's page, which asks who they are."""

    def get(self) -> None:
        self.redirect(f"{self.workspace.record.base_url}lab")


class Logout(WorkspaceHandler):
    """Forgets the project's cookie, and lets the hub end the session."""

    async def admit(self) -> None:
        """Let anybody through."""

    def get(self) -> None:
        self.workspace.sign_in.clear_cookie(self)
        self.redirect(f"{self.gateway.hub.url}logout")


class Ping(WorkspaceHandler):
    """Answers `GET api`, for anybody on any host: the hub polls it, by the gateway's socket, until it answers."""

    async def prepare(self) -> None:
        self.workspace = await self.gateway.workspaces.get(self.arrival.project)
        self.set_default_headers()

    async def get(self) -> None:
        target = f"{self.workspace.record.base_url}api"
        headers = upstream_headers(self.request.headers, "")
        del headers["X-HDH-User"]
        async with self.workspace.client.request("GET", target, headers) as reply:
            content = await read_bounded(reply, self.arrival.route.reply_limit)
        version = _version(content)
        self.set_header("X-JupyterHub-Version", jupyterhub_version)
        self.reply_json({"version": version})


def _version(content: bytes) -> str:
    try:
        version = json.loads(content)["version"]
    except (ValueError, KeyError, TypeError):
        version = None
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise PublicError("gateway.bad_reply", 502)
    return version
