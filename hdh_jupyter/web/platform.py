"""The administrators' page: running workspaces and their seals, traffic, alerts, and requests to decide."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tornado import web

from ..audit.log import Event
from ..errors import PublicError
from ..metering.budgets import MB, Budgets, Limits
from ..metering.meter import Standing
from ..metering.requests import TrafficRequest
from ..projects import scopes
from .base import PageHandler
from .services import Services

ALERTS = ("traffic.warned", "traffic.cut")
SHOWN = 20
"""Alerts, and decided requests."""
MOST_ROWS = 200
"""People in the table of traffic: those nearest to a limit."""
AMOUNTS = (50 * MB, 100 * MB, 200 * MB, 500 * MB, 1000 * MB, 2000 * MB)
"""Bytes that the page offers to grant."""
NOTICES = ("granted", "refused", "undone")


@dataclass(frozen=True)
class RunningWorkspace:
    """A workspace that runs, since when, and the newest probe of its seal."""

    project: str
    since: datetime | None
    probe: Event | None


@dataclass(frozen=True)
class Row:
    """Where a person stands in a project."""

    project: str
    person: str
    standing: Standing


@dataclass(frozen=True)
class Overview:
    """What administrators see; names of projects and people by their ids."""

    workspaces: tuple[RunningWorkspace, ...]
    rows: tuple[Row, ...]
    hidden: int
    pending: tuple[TrafficRequest, ...]
    asked: Mapping[int, Standing]
    decided: tuple[tuple[TrafficRequest, bool], ...]
    alerts: tuple[Event, ...]
    titles: Mapping[str, str]
    people: Mapping[str, str]


def overview(services: Services, running: Mapping[str, datetime | None], limits: Limits) -> Overview:
    """Return what administrators see.

    Parameters
    ----------
    running
        The projects whose workspace runs, since when.
    """
    now = time.time()
    meter = services.usage.meter(limits, now)
    rows = [Row(project, person, meter.standing(project, person, now)) for project, person in meter.accounts()]
    rows = [row for row in rows if row.standing.day.used or row.standing.hour.used]
    rows.sort(key=_urgency, reverse=True)
    probes = services.audit.newest_by_project("workspace.probed")
    pending, decided = services.traffic_requests.pending(), services.traffic_requests.decided(SHOWN)
    alerts = services.audit.newest(ALERTS, SHOWN)
    people = {row.person for row in rows[:MOST_ROWS]} | {event.actor for event in alerts}
    for request in (*pending, *(request for request, _ in decided)):
        people |= {request.person, request.decided_by or request.person}
    return Overview(
        workspaces=tuple(RunningWorkspace(name, since, probes.get(name)) for name, since in sorted(running.items())),
        rows=tuple(rows[:MOST_ROWS]),
        hidden=max(0, len(rows) - MOST_ROWS),
        pending=pending,
        asked={each.id: meter.standing(each.project, each.person, now) for each in pending},
        decided=decided,
        alerts=alerts,
        titles={project.id: project.title for project in services.registry.projects()},
        people=services.display_names(people),
    )


def _urgency(row: Row) -> tuple[int, float]:
    level = row.standing.tightest
    return level.state, level.used / level.limit


class AdminHandler(PageHandler):
    """A page for administrators; for others it does not exist."""

    async def prepare(self) -> None:
        await super().prepare()
        if self.viewer is not None and not self.viewer.is_admin:
            raise web.HTTPError(404)

    async def show_platform(self, notice: str | None = None, refusal: PublicError | None = None) -> None:
        """Render the page."""
        limits = Budgets(config=self.settings["config"]).limits
        found = await self.call(overview, self.platform, self._running(), limits)
        await self.show(
            "platform.html",
            section="platform",
            found=found,
            people=found.people,
            amounts=AMOUNTS,
            megabyte=MB,
            notice=notice,
            refusal=refusal,
        )

    def _running(self) -> dict[str, datetime | None]:
        running = {}
        for user in self.users.values():
            project, spawner = scopes.project_of(user.name), user.spawners[""]
            if project is not None and spawner.ready:
                started = spawner.orm_spawner.started
                # The hub keeps times in UTC without saying so.
                running[project] = None if started is None else started.replace(tzinfo=UTC)
        return running


class PlatformHandler(AdminHandler):
    """`/hub/platform`."""

    @web.authenticated
    async def get(self) -> None:
        notice = self.get_query_argument("notice", "")
        await self.show_platform(f"metering.notice.{notice}" if notice in NOTICES else None)


class TrafficDecisionHandler(AdminHandler):
    """`/hub/platform/requests/<id>`: grant, refuse, or take back."""

    @web.authenticated
    async def post(self, number: str) -> None:
        try:
            notice = await self._decide(int(number))
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self.show_platform(refusal=refusal)
        else:
            self.go("platform", notice=notice)

    async def _decide(self, request: int) -> str:
        desk, admin = self.platform.traffic_requests, self.signed_in().name
        comment = self.get_body_argument("comment", "")
        match self.get_body_argument("do", ""):
            case "grant":
                await self.call(desk.grant, request, admin, self.form_number("amount") * MB, comment)
                return "granted"
            case "refuse":
                await self.call(desk.refuse, request, admin, comment)
                return "refused"
            case "undo":
                await self.call(desk.undo, request, admin)
                return "undone"
        raise PublicError("web.error.bad_form", 400)
