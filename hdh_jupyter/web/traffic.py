"""How much of a project's workspace a member was shown, and the form to ask for more."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from tornado import web

from ..errors import PublicError
from ..metering.budgets import Budgets, Limits
from ..metering.meter import Standing
from ..metering.requests import LONGEST_TEXT, SHORTEST_REASON, RequestState, TrafficRequest
from ..metering.standing import message
from ..projects.model import Project
from .base import PageHandler
from .services import Services, Viewer
from .traffic_chart import HOURS, Chart, chart


@dataclass(frozen=True)
class MemberTraffic:
    """What a member's page shows; `channels` are the bytes of 24 hours by channel, the largest first."""

    project: Project
    standing: Standing
    chart: Chart
    channels: tuple[tuple[str, int], ...]
    requests: tuple[TrafficRequest, ...]

    @property
    def waits(self) -> bool:
        """Whether a request waits for a decision."""
        return any(request.state is RequestState.PENDING for request in self.requests)


def own_project(viewer: Viewer, project_id: str) -> Project:
    """Return one of the viewer's projects.

    Raises
    ------
    PublicError
        `projects.unknown_project` (404).
    """
    for project in viewer.projects:
        if project.id == project_id:
            return project
    raise PublicError("projects.unknown_project", 404, project=project_id)


def member_traffic(services: Services, viewer: Viewer, project_id: str, limits: Limits) -> MemberTraffic:
    """Return the viewer's own figures in a project of theirs; raises as :func:`own_project` does."""
    project, now = own_project(viewer, project_id), time.time()
    history = services.usage.history(project.id, viewer.name, now - HOURS * 3600)
    channels: Counter[str] = Counter()
    for (_, channel), size in history.items():
        channels[channel] += size
    return MemberTraffic(
        project=project,
        standing=services.usage.meter(limits, now, project.id).standing(project.id, viewer.name, now),
        chart=chart(history, datetime.fromtimestamp(now).astimezone()),
        channels=tuple(channels.most_common()),
        requests=services.traffic_requests.of(project.id, viewer.name),
    )


class TrafficHandler(PageHandler):
    """`/hub/workspace/<project>/traffic`: own figures, and requests for more."""

    @web.authenticated
    async def get(self, project_id: str) -> None:
        asked = self.get_query_argument("notice", "") == "asked"
        await self._page(project_id, notice="metering.page.asked" if asked else None)

    @web.authenticated
    async def post(self, project_id: str) -> None:
        viewer = self.signed_in()
        project, reason = own_project(viewer, project_id), self.get_body_argument("reason", "")
        try:
            await self.call(self.platform.traffic_requests.ask, project.id, viewer.name, reason)
        except PublicError as refusal:
            self.set_status(refusal.status)
            await self._page(project_id, refusal=refusal, typed=reason[: 2 * LONGEST_TEXT])
        else:
            self.go("workspace", project_id, "traffic", notice="asked")

    async def _page(
        self, project_id: str, notice: str | None = None, refusal: PublicError | None = None, typed: str = ""
    ) -> None:
        limits = Budgets(config=self.settings["config"]).limits
        found = await self.call(member_traffic, self.platform, self.signed_in(), project_id, limits)
        await self.show(
            "traffic.html",
            section="home",
            found=found,
            told=message(found.standing, self.language),
            notice=notice,
            refusal=refusal,
            typed=typed,
            least=SHORTEST_REASON,
            most=LONGEST_TEXT,
        )
