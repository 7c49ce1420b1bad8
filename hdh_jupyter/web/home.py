"""The home page: a person's projects, and what waits for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from tornado import web

from ..egress.model import Action, Request, Status
from ..egress.service import PAGE
from ..errors import PublicError
from ..projects import gate, scopes
from ..projects.model import Grant, Project, ProjectRole
from .base import PageHandler
from .services import Services, Viewer

OPEN_TO_CHANGE = (Status.DRAFT, Status.RETURNED)


@dataclass(frozen=True)
class ProjectSummary:
    """What the home page says of a project, its workspace aside."""

    project: Project
    role: ProjectRole
    state: gate.ProjectState
    in_force: tuple[Grant, ...]
    requests: tuple[Request, ...]

    @property
    def to_complete(self) -> int:
        """How many requests wait for the project's own people."""
        return Counter(request.status in OPEN_TO_CHANGE for request in self.requests)[True]

    @property
    def to_download(self) -> int:
        """How many releases this person may download."""
        return Counter(Action.DOWNLOAD in request.actions for request in self.requests)[True]


@dataclass(frozen=True)
class Card:
    """A project with its workspace: `running`, `starting`, `stopping` or `stopped`, and where its button leads."""

    summary: ProjectSummary
    workspace: str
    url: str


def summaries(services: Services, viewer: Viewer, on: date) -> list[ProjectSummary]:
    """Return the viewer's projects, the open ones first."""
    found = [
        ProjectSummary(
            project,
            role,
            gate.state(project, on),
            gate.grants_in_force(project, on),
            services.egress.requests_of(project.id, viewer.name),
        )
        for project in viewer.projects
        if (role := project.role_of(viewer.name)) is not None
    ]
    return sorted(found, key=lambda summary: not summary.state.open)


def waiting_for(services: Services, viewer: Viewer) -> list[Request]:
    """Return the requests that wait for this checker's decision, the longest waiting first."""
    if not viewer.is_checker:
        return []
    return [request for request in services.egress.queue(viewer.name) if Action.DECIDE in request.actions]


class HomeHandler(PageHandler):
    """`/hub/home`."""

    @web.authenticated
    async def get(self) -> None:
        viewer = self.signed_in()
        found = await self.call(summaries, self.platform, viewer, date.today())
        waiting = await self.call(waiting_for, self.platform, viewer)
        await self.show(
            "home.html",
            section="home",
            cards=[self._card(summary) for summary in found],
            most=PAGE,
            waiting=waiting,
            oldest=min((request.updated_at for request in waiting), default=None),
        )

    def _card(self, summary: ProjectSummary) -> Card:
        account = scopes.hub_account(summary.project.id)
        user = self.find_user(account)
        spawner = None if user is None else user.spawners[""]
        if spawner is not None and spawner.pending == "stop":
            return Card(summary, "stopping", "")
        if spawner is not None and spawner.pending:
            return Card(summary, "starting", self.page_url("spawn-pending", account))
        if user is not None and spawner is not None and spawner.ready:
            return Card(summary, "running", user.server_url(""))
        return Card(summary, "stopped", self.page_url("spawn", account))


class CloseWorkspaceHandler(PageHandler):
    """`/hub/projects/<id>/close`: stop a project's workspace, its files kept."""

    @web.authenticated
    async def post(self, project_id: str) -> None:
        account = scopes.hub_account(project_id)
        user = self.find_user(account)
        if user is None or not self.has_scope(f"servers!user={account}"):
            raise PublicError("projects.unknown_project", 404, project=project_id)
        spawner = user.spawners[""]
        if spawner.pending:
            raise PublicError("web.workspace.busy", 409)
        if spawner.ready:
            await self.stop_single_user(user)
        self.go("home")
