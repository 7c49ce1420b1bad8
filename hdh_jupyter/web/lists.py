"""Lists of requests: a project's, and a checker's queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tornado import web

from ..egress.model import Action, Request, Status
from ..egress.service import PAGE
from ..errors import PublicError
from ..projects.model import Project
from .base import PageHandler
from .services import Services, Viewer

SHOWN = 50
"""Requests on one page."""

MOST_REQUESTS = 20 * PAGE
"""Requests of one project that are listed, the newest; filters look at these."""


@dataclass(frozen=True)
class Filter:
    """What of a project's requests to list; empty means all."""

    status: str = ""
    author: str = ""
    text: str = ""

    def keeps(self, request: Request) -> bool:
        return (
            self.status in ("", request.status.value)
            and self.author in ("", request.author)
            and self.text.casefold() in f"{request.id} {request.title}".casefold()
        )


@dataclass(frozen=True)
class ProjectRequests:
    """A project's requests, filtered, and what there is to filter by."""

    project: Project
    requests: tuple[Request, ...]
    total: int
    by_status: dict[str, int]
    authors: tuple[str, ...]
    people: dict[str, str]


@dataclass(frozen=True)
class Queue:
    """A checker's requests: to decide, decided and waiting for the other, and those that nobody can decide yet."""

    waiting: list[Request] = field(default_factory=list)
    decided: list[Request] = field(default_factory=list)
    checking: list[Request] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)


def project_requests(services: Services, viewer: Viewer, project_id: str, chosen: Filter) -> ProjectRequests:
    """Return a project's requests.

    Raises
    ------
    PublicError
        `projects.unknown_project` (404), also for people who are not in it.
    """
    project = next((project for project in viewer.projects if project.id == project_id), None)
    if project is None:
        raise PublicError("projects.unknown_project", 404, project=project_id)
    found = _newest(services, viewer, project_id)
    authors = tuple(sorted({request.author for request in found}))
    return ProjectRequests(
        project=project,
        requests=tuple(filter(chosen.keeps, found)),
        total=len(found),
        by_status={status.value: count for status, count in Counter(request.status for request in found).items()},
        authors=authors,
        people=services.display_names(authors),
    )


def queue(services: Services, viewer: Viewer) -> Queue:
    """Return the requests that this checker may look at, the longest waiting first."""
    found = Queue()
    for request in services.egress.queue(viewer.name):
        decided = any(d.reviewer == viewer.name and d.turn == request.turn for d in request.decisions)
        if Action.DECIDE in request.actions:
            found.waiting.append(request)
        elif decided:
            found.decided.append(request)
        else:
            found.checking.append(request)
    listed: Iterable[Request] = (*found.waiting, *found.decided, *found.checking)
    for request in listed:
        if request.project not in found.titles:
            found.titles[request.project] = services.registry.project(request.project).title
    found.people.update(services.display_names({request.author for request in listed}))
    return found


def _newest(services: Services, viewer: Viewer, project_id: str) -> Sequence[Request]:
    found: list[Request] = []
    before = None
    while len(found) < MOST_REQUESTS:
        batch = services.egress.requests_of(project_id, viewer.name, before)
        found.extend(batch)
        if len(batch) < PAGE:
            break
        before = batch[-1].id
    return found


class ProjectRequestsHandler(PageHandler):
    """`/hub/projects/<id>/egress`: the requests of a project, for its members."""

    @web.authenticated
    async def get(self, project_id: str) -> None:
        chosen = Filter(
            status=self._one_of("status", [status.value for status in Status]),
            author=self.get_query_argument("author", ""),
            text=self.get_query_argument("q", "")[:100],
        )
        found = await self.call(project_requests, self.platform, self.signed_in(), project_id, chosen)
        pages = max(1, -(-len(found.requests) // SHOWN))
        page = min(max(self.whole_number("page", 1), 1), pages)
        await self.show(
            "project_requests.html",
            section="home",
            found=found,
            people=found.people,
            requests=found.requests[(page - 1) * SHOWN : page * SHOWN],
            chosen=chosen,
            page=page,
            pages=pages,
            page_link=lambda number: self.page_url(
                "projects", project_id, "egress", status=chosen.status, author=chosen.author, q=chosen.text, page=number
            ),
            request_url=lambda request: self.page_url("egress", str(request.id)),
        )

    def _one_of(self, name: str, allowed: Sequence[str]) -> str:
        value = self.get_query_argument(name, "")
        return value if value in allowed else ""


class QueueHandler(PageHandler):
    """`/hub/review`: what a checker has to decide."""

    @web.authenticated
    async def get(self) -> None:
        viewer = self.signed_in()
        if not viewer.is_checker:
            raise web.HTTPError(404)
        found = await self.call(queue, self.platform, viewer)
        await self.show(
            "review.html",
            section="review",
            groups={"waiting": found.waiting, "decided": found.decided, "checking": found.checking},
            titles=found.titles,
            people=found.people,
            review_url=lambda request: self.page_url("egress", str(request.id), "review"),
        )
