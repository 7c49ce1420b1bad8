"""The routes: thin, with files and the search in threads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from hdh_jupyter.catalogue.search import EVERYTHING, SearchIndex, Selection
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import preferred_language, translate

from .presentation import item, page
from .rights import ProjectRights, Right, Usable
from .snippets import snippet

MAX_QUERY = 200
MAX_PAGE = 100
MAX_OFFSET = 1_000_000
UNGRANTED = Right(Usable.NOT_GRANTED)


class CatalogueHandler(APIHandler):
    """What the routes share: the language, the catalogue, and errors as `{"code", "message"}`."""

    auth_resource = "hdh_catalogue"

    @property
    def language(self) -> str:
        return preferred_language(self.request.headers.get("Accept-Language", ""))

    @property
    def index(self) -> SearchIndex:
        index: SearchIndex = self.settings["hdh_catalogue_index"]
        return index

    async def rights(self) -> Mapping[str, Right]:
        project: ProjectRights = self.settings["hdh_catalogue_rights"]
        return await asyncio.to_thread(project.on, date.today())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None))[1]
        self.set_header("Content-Type", "application/json")
        if isinstance(error, PublicError):
            self.set_status(error.status)
            body = error.to_dict(self.language)
        else:
            code = "catalogue.fault" if status_code >= 500 else "catalogue.refused"
            body = {"code": code, "message": translate(code, self.language)}
        self.finish(json.dumps(body, ensure_ascii=False))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if isinstance(value, PublicError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, value.code)
        else:
            super().log_exception(typ, value, tb)


class SearchHandler(CatalogueHandler):
    """Search in the catalogue."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.get_query_argument("q", "", strip=False).lstrip()
        if len(query) > MAX_QUERY:
            raise PublicError("catalogue.query_too_long", most=MAX_QUERY)
        limit = self._number("limit", 20, 1, MAX_PAGE)
        offset = self._number("offset", 0, 0, MAX_OFFSET)
        usable = self.get_query_argument("usable", "false") or "false"
        if usable not in ("true", "false"):
            raise PublicError("catalogue.bad_usable")
        rights = await self.rights()
        within = EVERYTHING
        if usable == "true":
            within = Selection(only=[name for name, right in rights.items() if right.usable is Usable.GRANTED])
        results = await asyncio.to_thread(self.index.search, query, within, limit=limit, offset=offset)
        self.finish(
            {
                "total": results.total,
                "relaxed": results.relaxed,
                "message": translate("catalogue.relaxed", self.language) if results.relaxed else None,
                "items": [item(d, rights.get(d.id, UNGRANTED), self.language) for d in results.datasets],
            }
        )

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.get_query_argument(name, "") or str(default)
        if not text.isascii() or not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
            raise PublicError("catalogue.bad_number", name=name, least=least, most=most)
        return int(text)


class DatasetHandler(CatalogueHandler):
    """One record."""

    @web.authenticated
    @authorized
    async def get(self, dataset: str) -> None:
        record = await asyncio.to_thread(self.index.dataset, dataset)
        right = (await self.rights()).get(dataset, UNGRANTED)
        self.finish(page(record, right, self.language))


class SnippetHandler(CatalogueHandler):
    """The code that reads a granted dataset."""

    @web.authenticated
    @authorized
    async def get(self, dataset: str) -> None:
        language = self.get_query_argument("language", "python")
        record = await asyncio.to_thread(self.index.dataset, dataset)
        grant = (await self.rights()).get(dataset, UNGRANTED).reading(record.name, self.language)
        code = await asyncio.to_thread(snippet, dataset, record.name, grant.path, language)
        self.finish({"code": code})
