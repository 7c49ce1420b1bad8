"""One request: its page for the project's people, its page for checkers, its check, its archive."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado import iostream, web

from ..egress.forms import FormError
from ..egress.model import Decision
from ..errors import PublicError
from ..i18n import translate
from .base import PageHandler
from .request_page import Chosen, RequestPage, compose

CHUNK = 2**18
"""How much of an archive is sent at once, in bytes."""

CASE_FIELDS = ("title", "purpose", "recipient", "justification")


class OneRequestHandler(PageHandler):
    """What both pages of a request share: showing it, with what was typed and why it was refused."""

    section = ""

    async def compose(self, request_id: str) -> RequestPage:
        chosen = Chosen(
            file=self.whole_number("file", None),
            version=self.get_query_argument("version", ""),
            page=self.whole_number("page", 1),
        )
        return await self.call(compose, self.platform, self.signed_in(), int(request_id), chosen)

    async def show_request(
        self,
        found: RequestPage,
        typed: Mapping[str, str],
        *,
        refusal: PublicError | None = None,
        problems: Mapping[str, str] | None = None,
    ) -> None:
        here = self.page_url("egress", str(found.request.id), *(["review"] if self.section == "review" else []))
        values = {name: getattr(found.request, name) for name in CASE_FIELDS} | dict(typed)
        if refusal is not None:
            self.set_status(refusal.status)
        await self.show(
            "request.html",
            section=self.section,
            here=here,
            found=found,
            request=found.request,
            project=found.project,
            people=found.people,
            file=found.file,
            can={action.value for action in found.request.actions},
            values={"decision": "", "comment": ""} | values,
            typed=typed,
            problems=problems or {},
            refusal=None if problems else refusal,
            notice=self._notice(),
            view_url=lambda **query: _view_url(here, query),
        )

    def _notice(self) -> str:
        value = self.get_query_argument("done", "")
        return value if value in NOTICES else ""

    async def act(self, request_id: str, action: Callable[[], Any], done: str, typed: Mapping[str, str]) -> None:
        """Run an action; show the page again, with what was typed, when it is refused."""
        try:
            await self.call(action)
        except FormError as error:
            await self.show_request(
                await self.compose(request_id), typed, refusal=error, problems=error.by_field(self.language)
            )
        except PublicError as error:
            if error.status == 404:
                raise
            await self.show_request(await self.compose(request_id), typed, refusal=error)
        else:
            self.redirect(f"{self.request.path}?{_query({'done': done})}", status=303)


NOTICES = frozenset({"saved", "submitted", "withdrawn", "removed", "rechecked", "decided"})
"""What the page may say has been done: `web.notice.<name>`."""


class RequestHandler(OneRequestHandler):
    """`/hub/egress/<id>`: a request, for the people of its project."""

    section = "home"

    @web.authenticated
    async def get(self, request_id: str) -> None:
        found = await self.compose(request_id)
        if found.member:
            await self.show_request(found, {})
        else:
            self.go("egress", request_id, "review")

    @web.authenticated
    async def post(self, request_id: str) -> None:
        actions = {
            "save": self._save,
            "submit": self._submit,
            "withdraw": self._withdraw,
            "remove": self._remove,
            "recheck": self._recheck,
        }
        action = actions.get(self.get_body_argument("do", ""))
        if action is None:
            raise PublicError("web.error.bad_form", 400)
        await action(request_id)

    async def _save(self, request_id: str) -> None:
        typed = self._typed()
        egress, actor = self.platform.egress, self.signed_in().name
        await self.act(request_id, lambda: egress.edit(int(request_id), actor, **typed), "saved", typed)

    async def _submit(self, request_id: str) -> None:
        typed, turn = self._typed(), self.form_number("turn")
        egress, actor = self.platform.egress, self.signed_in().name

        def save_and_submit() -> None:
            egress.edit(int(request_id), actor, **typed)
            egress.submit(int(request_id), actor, turn=turn)

        await self.act(request_id, save_and_submit, "submitted", typed)

    async def _withdraw(self, request_id: str) -> None:
        egress, actor = self.platform.egress, self.signed_in().name
        await self.act(request_id, lambda: egress.withdraw(int(request_id), actor), "withdrawn", {})

    async def _remove(self, request_id: str) -> None:
        egress, actor, index = self.platform.egress, self.signed_in().name, self.form_number("file")
        await self.act(request_id, lambda: egress.remove_file(int(request_id), actor, index), "removed", {})

    async def _recheck(self, request_id: str) -> None:
        egress, actor = self.platform.egress, self.signed_in().name
        await self.act(request_id, lambda: egress.recheck(int(request_id), actor), "rechecked", {})

    def _typed(self) -> dict[str, str]:
        return {name: self.get_body_argument(name) for name in CASE_FIELDS if name in self.request.body_arguments}


class ReviewHandler(OneRequestHandler):
    """`/hub/egress/<id>/review`: a request, for the checkers."""

    section = "review"

    @web.authenticated
    async def get(self, request_id: str) -> None:
        found = await self.compose(request_id)
        if found.member:
            self.go("egress", request_id)
        else:
            await self.show_request(found, {})

    @web.authenticated
    async def post(self, request_id: str) -> None:
        typed = {name: self.get_body_argument(name, "") for name in ("decision", "comment")}
        turn, egress, reviewer = self.form_number("turn"), self.platform.egress, self.signed_in().name
        if typed["decision"] not in list(Decision):
            problems = {"decision": translate("web.decide.choose", self.language)}
            refusal = PublicError("web.decide.choose", 422)
            await self.show_request(await self.compose(request_id), typed, refusal=refusal, problems=problems)
            return
        decision = Decision(typed["decision"])
        await self.act(
            request_id,
            lambda: egress.decide(int(request_id), reviewer, decision, typed["comment"], turn=turn),
            "decided",
            typed,
        )


class CheckStateHandler(PageHandler):
    """`/hub/egress/<id>/check`: where the check stands, for the page that waits for it."""

    @web.authenticated
    async def get(self, request_id: str) -> None:
        request = await self.call(self.platform.egress.request, int(request_id), self.signed_in().name)
        self.finish({"state": request.check.state.value, "status": request.status.value})


class ArchiveHandler(PageHandler):
    """`/hub/egress/<id>/archive`: the released archive, for the lead."""

    @web.authenticated
    async def get(self, request_id: str) -> None:
        path = await self.call(self.platform.egress.archive, int(request_id), self.signed_in().name)
        request = await self.call(self.platform.egress.request, int(request_id), self.signed_in().name)
        name = f"extraction-{request.project}-{request.id}.zip"
        self.set_header("Content-Type", "application/zip")
        self.set_header("Content-Disposition", f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}")
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        await self._stream(path)

    async def _stream(self, path: Path) -> None:
        with await self.call(path.open, "rb") as file:
            self.set_header("Content-Length", os.fstat(file.fileno()).st_size)
            while chunk := await self.call(file.read, CHUNK):
                self.write(chunk)
                try:
                    await self.flush()
                except iostream.StreamClosedError:
                    return


def _query(values: Mapping[str, object]) -> str:
    return "&".join(f"{name}={quote(str(value))}" for name, value in values.items())


def _view_url(here: str, query: dict[str, object]) -> str:
    row = query.pop("row", None)
    return f"{here}?{_query(query)}#{'file' if row is None else f'row-{row}'}"
