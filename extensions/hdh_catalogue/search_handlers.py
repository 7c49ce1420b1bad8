"""The routes that search: results with facets, suggestions while typing, topics by datasets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from hdh_jupyter.catalogue.search import CatalogueIndex, HitKind
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import translate

from .facets import facet_groups
from .handlers import UNGRANTED, CatalogueHandler
from .items import dataset_item, variable_item
from .matrix import matrix
from .requests import MAX_OFFSET, MAX_PAGE, MAX_QUERY, Asked, asked, number
from .rights import Right


class SearchHandler(CatalogueHandler):
    """Datasets and variables that match, with the facets of the same query."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        question = asked(self)
        limit = number(self, "limit", 20, 1, MAX_PAGE)
        offset = number(self, "offset", 0, 0, MAX_OFFSET)
        rights = await self.rights()
        self.finish(await asyncio.to_thread(_found, self.index, question, rights, limit, offset, self.language))


class SuggestHandler(CatalogueHandler):
    """Names, topics and variables that begin as typed."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        start = self.get_query_argument("q", "", strip=False).lstrip()
        if len(start) > MAX_QUERY:
            raise PublicError("catalogue.query_too_long", most=MAX_QUERY)
        within = Asked(start, {}, None, (), usable=False).within(await self.rights())
        self.finish({"suggestions": await asyncio.to_thread(self.index.suggest, start, within)})


class MatrixHandler(CatalogueHandler):
    """Topics by datasets."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        question = asked(self)
        within = question.within(await self.rights())
        self.finish(await asyncio.to_thread(matrix, self.index, question.words, within))


def _found(
    index: CatalogueIndex, question: Asked, rights: Mapping[str, Right], limit: int, offset: int, language: str
) -> dict[str, Any]:
    results = index.search(question.words, question.within(rights), limit, offset)
    headings = index.headings({hit.dataset for hit in results.hits if hit.kind is HitKind.DATASET})
    message = None
    if results.corrected is not None:
        message = translate("catalogue.panel.corrected", language, query=results.corrected)
    elif results.relaxed:
        message = translate("catalogue.panel.relaxed", language)
    return {
        "total": results.total,
        "relaxed": results.relaxed,
        "corrected": results.corrected,
        "message": message,
        "items": [
            dataset_item(headings[hit.dataset], rights.get(hit.dataset, UNGRANTED), language)
            if hit.kind is HitKind.DATASET
            else variable_item(hit, rights.get(hit.dataset, UNGRANTED), language)
            for hit in results.hits
        ],
        **facet_groups(index, question, rights, language),
    }
