"""What JupyterLab's page asks that the gateway answers from its own installation and its own files."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any
from urllib.parse import unquote

from ..errors import PublicError
from ..i18n import LANGUAGES
from .base import LANGUAGE_COOKIE, WorkspaceHandler
from .frame import frame_url
from .lab_documents import Owner
from .lab_installation import LOCALES

WORTH_COMPRESSING = 4096
"""Bytes."""


class Page(WorkspaceHandler):
    """JupyterLab's page: inside the portal's frame, and nowhere else."""

    async def prepare(self) -> None:
        # Without this header, which every current browser sends over HTTPS and to localhost, nothing would tell a
        # frame of the portal from a window, where the page could be led away.
        if "Sec-Fetch-Dest" not in self.request.headers:
            raise PublicError("gateway.browser_too_old", 403)
        try:
            await super().prepare()
        except PublicError as error:
            if error.code != "gateway.workspace_down" or self.framed:
                raise
            # The portal knows whether it is opening, and has the button that opens it.
            self.redirect(frame_url(self.gateway.hub.url, self.arrival.project, self.arrival.path))

    async def get(self) -> None:
        path, workspace = self.arrival.path, self.workspace
        if not self.framed:
            self.redirect(frame_url(self.gateway.hub.url, self.arrival.project, path))
            return
        asked = self.get_query_argument("hdh-language", "")
        language = asked if asked in LANGUAGES else self.language
        if language == asked:
            # JupyterLab's requests for settings and translations carry no language.
            secure = self.request.protocol == "https"
            options: dict[str, Any] = {"httponly": True, "secure": secure, "samesite": "Lax"}
            self.set_cookie(LANGUAGE_COOKIE, language, path=workspace.record.base_url, **options)
        word = "versions-differ" if await self.gateway.lab.versions.differ(workspace, self.person) else ""
        portal, base_url = self.gateway.hub.origin, workspace.record.base_url
        terminals = self.gateway.policy.terminals
        page = await asyncio.to_thread(self.gateway.lab.page.render, base_url, path, language, portal, word, terminals)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)


class LabData(WorkspaceHandler):
    """A request for JupyterLab's own data."""

    @property
    def owner(self) -> Owner:
        return Owner(self.arrival.project, self.person.name)

    def name_below(self, path: str) -> str:
        """Return what follows a path in the address, decoded; empty for the path itself."""
        return unquote(self.arrival.path).removeprefix(path).strip("/")

    async def reply_compressed(self, content: bytes, compressed: bytes | None = None) -> None:
        """Finish with JSON, compressed when it is large and the browser takes that.

        Parameters
        ----------
        compressed
            The same with gzip, when that is at hand.
        """
        self.set_header("Content-Type", "application/json")
        self.set_header("Vary", "Accept-Encoding")
        if len(content) > WORTH_COMPRESSING and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            packed = compressed or await asyncio.to_thread(gzip.compress, content, 5)
            self.finish(packed)
        else:
            self.finish(content)


class Settings(LabData):
    """`lab/api/settings[/<plugin>]`."""

    async def get(self) -> None:
        name = self.name_below("lab/api/settings")
        settings = self.gateway.lab.settings
        found: Any
        if name:
            found = await asyncio.to_thread(settings.one, self.owner, name, self.language)
        else:
            every = await asyncio.to_thread(settings.all, self.owner, self.language)
            ids_only = self.get_query_argument("ids_only", "") == "true"
            found = {"settings": [{"id": setting["id"]} for setting in every] if ids_only else every}
        await self.reply_compressed(await asyncio.to_thread(_json, found))

    async def put(self) -> None:
        self.count("in", len(self.body))
        try:
            raw = json.loads(bytes(self.body))["raw"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raw = None
        if not isinstance(raw, str):
            raise PublicError("gateway.lab_bad_setting", 400)
        name = self.name_below("lab/api/settings")
        await asyncio.to_thread(self.gateway.lab.settings.save, self.owner, name, raw)
        self.set_status(204)


class Layouts(LabData):
    """`lab/api/workspaces[/<name>]`."""

    async def get(self) -> None:
        name = self.name_below("lab/api/workspaces")
        layouts = self.gateway.lab.layouts
        found: Any
        if name:
            found = await asyncio.to_thread(layouts.one, self.owner, name)
        else:
            every = await asyncio.to_thread(layouts.all, self.owner)
            found = {"workspaces": {"ids": [layout["metadata"]["id"] for layout in every], "values": every}}
        await self.reply_compressed(await asyncio.to_thread(_json, found))

    async def put(self) -> None:
        self.count("in", len(self.body))
        name = self.name_below("lab/api/workspaces")
        await asyncio.to_thread(self.gateway.lab.layouts.save, self.owner, name, bytes(self.body))
        self.set_status(204)

    async def delete(self) -> None:
        await asyncio.to_thread(self.gateway.lab.layouts.remove, self.owner, self.name_below("lab/api/workspaces"))
        self.set_status(204)


class LanguagePacks(LabData):
    """`lab/api/translations[/<locale>]`."""

    async def get(self) -> None:
        translations = self.gateway.lab.translations
        locale = self.name_below("lab/api/translations")
        if not locale:
            mine = await asyncio.to_thread(self.gateway.lab.settings.locale, self.owner, self.language)
            await self.reply_compressed(_json(await asyncio.to_thread(translations.listed, mine)))
            return
        if locale == "default":
            locale = LOCALES[self.language]
        plain, compressed = await asyncio.to_thread(translations.pack, locale)
        await self.reply_compressed(plain, compressed)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
