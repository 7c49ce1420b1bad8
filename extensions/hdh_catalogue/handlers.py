"""What the routes share, and the description of them all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from hdh_jupyter.catalogue.search import CatalogueIndex
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import preferred_language, translate

from .rights import ProjectRights, Right, Usable

UNGRANTED = Right(Usable.NOT_GRANTED)


class CatalogueHandler(APIHandler):
    """What the routes share: the language, the catalogue, and errors as `{"code", "message"}`."""

    auth_resource = "hdh_catalogue"

    @property
    def language(self) -> str:
        return preferred_language(self.request.headers.get("Accept-Language", ""))

    @property
    def index(self) -> CatalogueIndex:
        index: CatalogueIndex = self.settings["hdh_catalogue_index"]
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


class DescriptionHandler(CatalogueHandler):
    """The OpenAPI description of these routes."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.finish(await asyncio.to_thread(description))


@cache
def description() -> Mapping[str, Any]:
    """Return the OpenAPI description of the extension's routes."""
    text = (resources.files(__package__) / "openapi.yaml").read_text("utf-8")
    described: dict[str, Any] = yaml.safe_load(text)
    return described
