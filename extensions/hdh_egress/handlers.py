"""The four routes."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from hdh_jupyter.disclosure import Report
from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import preferred_language

from .checking import Checker
from .files import CHUNK
from .staging import StagingArea

Verb = Callable[..., Awaitable[None]]


def telling_people(verb: Verb) -> Verb:
    """Answer a :class:`PublicError` with its code and sentence."""

    @functools.wraps(verb)
    async def answer(self: EgressHandler, *args: str) -> None:
        try:
            await verb(self, *args)
        except PublicError as error:
            self.set_status(error.status)
            await self.finish(error.to_dict(self.language))

    return answer


class EgressHandler(APIHandler):
    """What the four share."""

    auth_resource = "hdh_egress"

    @property
    def area(self) -> StagingArea:
        """The staging area."""
        return cast(StagingArea, self.settings["hdh_egress_staging"])

    @property
    def language(self) -> str:
        """The language that the page speaks."""
        return preferred_language(self.request.headers.get("Accept-Language", ""))

    def chosen_paths(self) -> list[str]:
        """Return the paths of the request's body.

        Raises
        ------
        PublicError
            `staging.bad_request`: the body is not `{"paths": [text, ...]}`.
        """
        try:
            paths = json.loads(self.request.body)["paths"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PublicError("staging.bad_request", 400) from error
        if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths):
            raise PublicError("staging.bad_request", 400)
        return paths

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer refusals and faults in the same form as every other error."""
        code = "staging.refused" if status_code < 500 else "staging.fault"
        self.finish(PublicError(code, status_code).to_dict(self.language))


class CheckHandler(EgressHandler):
    """`POST hdh-egress/check`: the report on the chosen files, as advice."""

    _check: asyncio.Task[Report] | None = None

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the report in the page's language."""
        checker = cast(Checker, self.settings["hdh_egress_checker"])
        self._check = asyncio.create_task(checker.check(self.chosen_paths()))
        await asyncio.wait([self._check])
        if not self._check.cancelled():
            await self.finish(self._check.result().to_dict(self.language))

    def on_connection_close(self) -> None:
        """End a check that nobody waits for any more: files were added, or the dialog is closed."""
        super().on_connection_close()
        if self._check:
            self._check.cancel()


class StageHandler(EgressHandler):
    """`POST hdh-egress/stage`: copies of the chosen files, for the gateway to pull."""

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the manifest."""
        manifest = await asyncio.to_thread(self.area.stage, self.chosen_paths())
        self.set_status(201)
        await self.finish(manifest.to_dict())


class StagedHandler(EgressHandler):
    """`GET hdh-egress/staged/<staging>`, for the gateway."""

    @web.authenticated
    @authorized
    @telling_people
    async def get(self, staging: str) -> None:
        """Answer the manifest."""
        await self.finish((await asyncio.to_thread(self.area.manifest, staging)).to_dict())


class StagedFileHandler(EgressHandler):
    """`GET hdh-egress/staged/<staging>/<index>`, for the gateway."""

    @web.authenticated
    @authorized
    @telling_people
    async def get(self, staging: str, index: str) -> None:
        """Stream the bytes of one copy."""
        file = await asyncio.to_thread(self.area.open, staging, int(index))
        self.set_header("Content-Type", "application/octet-stream")
        with file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                self.write(chunk)
                await self.flush()
        await self.finish(set_content_type="application/octet-stream")
