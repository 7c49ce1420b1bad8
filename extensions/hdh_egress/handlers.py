"""The routes."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import preferred_language

from .checking import check
from .files import CHUNK
from .protecting import propose, protect
from .staging import StagingArea
from .working import Worker

T = TypeVar("T")
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
    """What they share."""

    auth_resource = "hdh_egress"
    _work: asyncio.Task[Any] | None = None

    @property
    def area(self) -> StagingArea:
        """The staging area."""
        return cast(StagingArea, self.settings["hdh_egress_staging"])

    @property
    def language(self) -> str:
        """The language that the page speaks."""
        return preferred_language(self.request.headers.get("Accept-Language", ""))

    @property
    def worker(self) -> Worker:
        """What runs checks."""
        return cast(Worker, self.settings["hdh_egress_worker"])

    def given(self, name: str) -> list[str]:
        """Return a list of texts of the request's body.

        Raises
        ------
        PublicError
            `staging.bad_request`: the body is not `{"<name>": [text, ...]}`.
        """
        texts = self._field(name)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise PublicError("staging.bad_request", 400)
        return texts

    def given_path(self) -> str:
        """Return the path of the request's body.

        Raises
        ------
        PublicError
            `staging.bad_request`: the body is not `{"path": text}`.
        """
        path = self._field("path")
        if not isinstance(path, str):
            raise PublicError("staging.bad_request", 400)
        return path

    async def while_waited_for(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Return what the work gives, or None once nobody waits for it any more: a dialog was closed, files added."""
        self._work = asyncio.create_task(work)
        await asyncio.wait([self._work])
        return None if self._work.cancelled() else self._work.result()

    def on_connection_close(self) -> None:
        """End work that nobody waits for any more."""
        super().on_connection_close()
        if self._work:
            self._work.cancel()

    def _field(self, name: str) -> Any:
        try:
            return json.loads(self.request.body)[name]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PublicError("staging.bad_request", 400) from error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer refusals and faults in the same form as every other error."""
        code = "staging.refused" if status_code < 500 else "staging.fault"
        self.finish(PublicError(code, status_code).to_dict(self.language))


class CheckHandler(EgressHandler):
    """`POST hdh-egress/check`: the report on the chosen files, as advice."""

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the report in the page's language."""
        report = await self.while_waited_for(check(self.worker, self.given("paths")))
        if report:
            await self.finish(report.to_dict(self.language))


class RemediesHandler(EgressHandler):
    """`POST hdh-egress/remedies`: the ways to protect a file's tables, with what each costs."""

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the proposals in the page's language."""
        proposals = await self.while_waited_for(propose(self.worker, self.given_path()))
        if proposals:
            await self.finish(proposals.to_dict(self.language))


class ProtectHandler(EgressHandler):
    """`POST hdh-egress/protect`: a protected copy beside the file."""

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the copy's path."""
        made = await self.while_waited_for(
            protect(self.worker, self.given_path(), self.given("remedies"), self.language)
        )
        if made:
            self.set_status(201)
            await self.finish({"path": made.path})


class StageHandler(EgressHandler):
    """`POST hdh-egress/stage`: copies of the chosen files, for the gateway to pull."""

    @web.authenticated
    @authorized
    @telling_people
    async def post(self) -> None:
        """Answer the manifest."""
        manifest = await asyncio.to_thread(self.area.stage, self.given("paths"))
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
