"""Requests for access to datasets, for the stewards asked and for administrators."""

from __future__ import annotations

from tornado import web

from ..catalogue.access_requests import LONGEST_TEXT, AccessRequest, RequestState
from ..errors import PublicError
from .catalogue import CatalogueHandler
from .services import Services, Viewer

ANSWERS = (RequestState.GRANTED, RequestState.ANSWERED, RequestState.REFUSED)


def requests_of(services: Services, viewer: Viewer) -> tuple[tuple[AccessRequest, ...], dict[str, str], dict[str, str]]:
    """Return the requests that a person may answer, the names of people, the titles of projects."""
    found = services.catalogue.requests.visible(viewer.actor)
    people = services.display_names({name for r in found for name in (r.person, r.answered_by or r.person)})
    titles = {}
    for project in {request.project for request in found}:
        try:
            titles[project] = services.registry.project(project).title
        except PublicError:
            titles[project] = project
    return found, people, titles


class AccessRequestsHandler(CatalogueHandler):
    """`/hub/catalogue/requests`: what projects ask of the person's datasets."""

    tab = "requests"

    @web.authenticated
    async def get(self) -> None:
        await self.show_requests()

    async def show_requests(
        self, refused: int | None = None, refusal: PublicError | None = None, comment: str = ""
    ) -> None:
        """Render the page, with the comment typed for a request that was refused."""
        found, people, titles = await self.call(requests_of, self.platform, self.signed_in())
        await self.show_catalogue(
            "catalogue_requests.html",
            groups={
                "waiting": [request for request in found if request.is_open],
                "over": [request for request in found if not request.is_open],
            },
            answers=ANSWERS,
            people=people,
            titles=titles,
            refused=refused,
            refusal=refusal,
            comment=comment,
            most=LONGEST_TEXT,
        )


class AccessRequestHandler(AccessRequestsHandler):
    """`/hub/catalogue/requests/<id>`: answer one."""

    @web.authenticated
    async def get(self, number: str) -> None:
        self.go("catalogue", "requests")

    @web.authenticated
    async def post(self, number: str) -> None:
        comment, wanted = self.get_body_argument("comment", ""), self.get_body_argument("do", "")
        try:
            if wanted not in ANSWERS:
                raise PublicError("web.error.bad_form", 400)
            await self.call(
                self.platform.catalogue.requests.answer,
                self.signed_in().actor,
                int(number),
                RequestState(wanted),
                comment,
            )
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self.show_requests(int(number), refusal, comment)
        else:
            self.go("catalogue", "requests", notice="answered")
