"""The routes of one record: its page, its variables, and the code that reads its data."""

from __future__ import annotations

import asyncio
from datetime import date

from jupyter_server.auth.decorator import authorized
from tornado import web

from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import Audience
from hdh_jupyter.errors import PublicError

from .handlers import UNGRANTED, CatalogueHandler
from .page import page
from .requests import MAX_OFFSET, MAX_QUERY, MAX_VARIABLES, number
from .rights import Right, Usable
from .snippets import snippet
from .tables import variables_of

MAX_CHOSEN = 200
"""Variables of a snippet."""


class RecordHandler(CatalogueHandler):
    """What the routes of a record share."""

    async def record(self, dataset: str) -> tuple[Dataset, Right]:
        """Return the record as this project may see it, and the project's right to its data."""
        right = (await self.rights()).get(dataset, UNGRANTED)
        granted = frozenset({dataset} if right.usable is Usable.GRANTED else ())
        return await asyncio.to_thread(self.index.dataset, dataset, Audience(granted)), right


class DatasetHandler(RecordHandler):
    """A record's page."""

    @web.authenticated
    @authorized
    async def get(self, dataset: str) -> None:
        record, right = await self.record(dataset)
        self.finish(await asyncio.to_thread(page, record, right, date.today(), self.language))


class VariablesHandler(RecordHandler):
    """The variables of one table."""

    @web.authenticated
    @authorized
    async def get(self, dataset: str) -> None:
        limit = number(self, "limit", 100, 1, MAX_VARIABLES)
        offset = number(self, "offset", 0, 0, MAX_OFFSET)
        table = self.get_query_argument("table", "", strip=False)
        record, _ = await self.record(dataset)
        self.finish(variables_of(record, table, date.today(), limit, offset))


class SnippetHandler(RecordHandler):
    """The code that reads a granted dataset."""

    @web.authenticated
    @authorized
    async def get(self, dataset: str) -> None:
        language = self.get_query_argument("language", "python")
        chosen = tuple(dict.fromkeys(filter(None, self.get_query_argument("variables", "").split(","))))
        if len(chosen) > MAX_CHOSEN or any(len(name) > MAX_QUERY for name in chosen):
            raise PublicError("catalogue.panel.too_many_variables", most=MAX_CHOSEN)
        record, right = await self.record(dataset)
        grant = right.reading(record.name, self.language)
        self.finish({"code": await asyncio.to_thread(snippet, dataset, record.name, grant.path, language, chosen)})
