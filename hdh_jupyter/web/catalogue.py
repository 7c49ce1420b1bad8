"""The stewards' desk: their records, what is done with each, and for administrators who is a steward of what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tornado import web

from ..catalogue.desk_views import Summary
from ..catalogue.drafting import Action, Stage, Standing
from ..errors import PublicError
from ..projects.model import PlatformRole
from .base import PageHandler
from .services import Services, Viewer

NOTICES = (
    *(
        "created",
        "saved",
        "joined",
        "imported",
        "moved",
        "published",
        "published_later",
        "withdrawn",
        "withdrawn_later",
    ),
    *("proposed", "retracted", "accepted", "commented", "signed", "answered", "assigned", "removed"),
)
MOVES = (Action.SEND, Action.TAKE_BACK, Action.FINISH, Action.REOPEN, Action.DISCARD)


class CatalogueHandler(PageHandler):
    """A page for stewards and administrators; for others it does not exist."""

    tab = "records"

    async def prepare(self) -> None:
        await super().prepare()
        if self.viewer is not None and not (self.viewer.is_steward or self.viewer.is_admin):
            raise web.HTTPError(404)

    async def show_catalogue(self, template: str, **values: Any) -> None:
        """Render a page with what all pages of the catalogue show."""
        notice = self.get_query_argument("notice", "")
        values.setdefault("notice", f"catalogue.desk.notice.{notice}" if notice in NOTICES else None)
        values.setdefault("refusal", None)
        waiting = await self.call(_waiting, self.platform, self.signed_in())
        await self.show(template, section="catalogue", tab=self.tab, requests_waiting=waiting, **values)

    def record_url(self, dataset: str, *path: str, **query: object) -> str:
        """Return the address of a record's page."""
        return self.page_url("catalogue", "records", dataset, *path, **query)

    @property
    def template_namespace(self) -> dict[str, Any]:
        return {**super().template_namespace, "record_url": self.record_url}


class RecordsHandler(CatalogueHandler):
    """`/hub/catalogue`: the records that concern the person."""

    @web.authenticated
    async def get(self) -> None:
        text = self.get_query_argument("q", "")[:100]
        stage, standing = self.get_query_argument("stage", ""), self.get_query_argument("standing", "")
        found, people = await self.call(_records, self.platform, self.signed_in())
        kept = [
            each
            for each in found
            if stage in ("", each.stage.value)
            and standing in ("", each.standing.value)
            and text.casefold() in f"{each.dataset} {each.name} {each.steward}".casefold()
        ]
        await self.show_catalogue(
            "catalogue_records.html",
            records=kept,
            total=len(found),
            people=people,
            chosen={"q": text, "stage": stage, "standing": standing},
            stages=tuple(Stage),
            standings=tuple(Standing),
        )


class RecordHandler(CatalogueHandler):
    """`/hub/catalogue/records/<id>`: where a record stands, and what can be done with it."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        await self.show_record(dataset)

    async def show_record(self, dataset: str, refusal: PublicError | None = None, reason: str = "") -> None:
        found = await self.call(self.platform.catalogue.views.record, self.signed_in().actor, dataset)
        versions = await self.call(self.platform.catalogue.store.versions, dataset)
        names = {edit.person for edit in found.edits} | {v.author for v in versions} | set(found.stewards)
        if found.withdrawal is not None:
            names.add(found.withdrawal.person)
        await self.show_catalogue(
            "catalogue_record.html",
            found=found,
            can={action.value for action in found.place.actions},
            versions=versions,
            people=await self.call(self.platform.display_names, names),
            refusal=refusal,
            reason=reason,
        )


class RecordActionHandler(RecordHandler):
    """`/hub/catalogue/records/<id>/do`: begin a draft, send it, publish it..."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        self.go("catalogue", "records", dataset)

    @web.authenticated
    async def post(self, dataset: str) -> None:
        reason = self.get_body_argument("reason", "")
        try:
            notice = await self._do(dataset, self.get_body_argument("do", ""), reason)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self.show_record(dataset, refusal, reason)
        else:
            if notice == "discarded":
                self.go("catalogue", notice="moved")
            elif notice == "started":
                self.go("catalogue", "records", dataset, "edit")
            else:
                self.go("catalogue", "records", dataset, notice=notice)

    async def _do(self, dataset: str, wanted: str, reason: str) -> str:
        desk, actor = self.platform.catalogue.desk, self.signed_in().actor
        if wanted == Action.START:
            await self.call(desk.start, actor, dataset)
            return "started"
        if wanted in MOVES:
            await self.call(desk.move, actor, dataset, Action(wanted))
            return "discarded" if wanted == Action.DISCARD else "moved"
        if wanted == Action.PUBLISH:
            newest = self.form_number("newest")
            _, shown = await self.call(desk.publish, actor, dataset, newest, reason)
            return "published" if shown else "published_later"
        if wanted == Action.WITHDRAW:
            return "withdrawn" if await self.call(desk.withdraw, actor, dataset, reason) else "withdrawn_later"
        raise PublicError("web.error.bad_form", 400)


class StewardsHandler(CatalogueHandler):
    """`/hub/catalogue/stewards`: who is a steward of what; for administrators."""

    tab = "stewards"

    async def prepare(self) -> None:
        await super().prepare()
        if self.viewer is not None and not self.viewer.is_admin:
            raise web.HTTPError(404)

    @web.authenticated
    async def get(self) -> None:
        await self._page()

    @web.authenticated
    async def post(self) -> None:
        dataset, person = self.get_body_argument("dataset", ""), self.get_body_argument("person", "")
        try:
            notice = await self.call(self._change, dataset, person, self.get_body_argument("do", ""))
        except PublicError as refusal:
            self.set_status(refusal.status)
            await self._page(refusal, {"dataset": dataset, "person": person})
        else:
            self.go("catalogue", "stewards", notice=notice)

    def _change(self, dataset: str, person: str, wanted: str) -> str:
        stewardship, admin = self.platform.catalogue.stewardship, self.signed_in().name
        if wanted == "remove":
            stewardship.remove(dataset, person, admin)
            return "removed"
        if PlatformRole.STEWARD not in self.platform.registry.person(person).roles:
            raise PublicError("catalogue.record.not_a_steward", 409, person=person)
        stewardship.assign(dataset, person, admin)
        return "assigned"

    async def _page(self, refusal: PublicError | None = None, typed: Mapping[str, str] | None = None) -> None:
        datasets, stewards, people = await self.call(_stewards, self.platform)
        await self.show_catalogue(
            "catalogue_stewards.html",
            datasets=datasets,
            stewards=stewards,
            people=people,
            refusal=refusal,
            typed=typed or {},
        )


def _waiting(services: Services, viewer: Viewer) -> int:
    return sum(request.is_open for request in services.catalogue.requests.visible(viewer.actor))


def _records(services: Services, viewer: Viewer) -> tuple[tuple[Summary, ...], dict[str, str]]:
    found = services.catalogue.views.records(viewer.actor)
    return found, services.display_names(person for each in found for person in each.stewards)


def _stewards(services: Services) -> tuple[dict[str, str], dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the names of records by dataset, their stewards, and the people who may become one."""
    names = {record.id: record.name for record in services.catalogue.store.all()}
    people = {p.name: p.display_name for p in services.registry.people() if PlatformRole.STEWARD in p.roles}
    stewards = services.catalogue.stewardship.everybody()
    others = {name for named in stewards.values() for name in named} - people.keys()
    return names, stewards, {**people, **services.display_names(others)}
