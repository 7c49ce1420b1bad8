"""The page around a workspace: a bar that nobody inside can change, and the workspace in a frame below it.

The page's policy names the one origin that the frame may show, so that nothing in the workspace leads the browser
anywhere else, with or without scripts, and the address bar keeps showing the portal.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode, urlsplit

from jupyterhub.utils import url_path_join
from tornado import web

from ..errors import PublicError
from ..gateway.frame import FIRST_PAGE, page_path
from ..projects import gate, scopes
from ..projects.model import Project
from .base import STRICT_POLICY, PageHandler
from .services import Viewer

SANDBOX = "allow-scripts allow-same-origin allow-forms"
"""No windows, dialogs, downloads, and no way to the page around."""


def frame_policy(origin: str) -> str:
    """Return the content security policy of the page around the workspace at `origin`."""
    return f"{STRICT_POLICY}; frame-src {origin}"


def open_project(viewer: Viewer, project_id: str, on: date) -> Project:
    """Return one of the viewer's projects, if its workspace may run.

    Raises
    ------
    PublicError
        `projects.unknown_project`: it is none of theirs, or closed.
    """
    for project in viewer.projects:
        if project.id == project_id and gate.state(project, on).open:
            return project
    raise PublicError("projects.unknown_project", 404, project=project_id)


class WorkspaceFrameHandler(PageHandler):
    """`/hub/workspace/<project>`."""

    @web.authenticated
    async def get(self, project_id: str) -> None:
        project = open_project(self.signed_in(), project_id, date.today())
        path = page_path(self.get_query_argument("path", FIRST_PAGE))
        if path is None:
            raise PublicError("web.error.not_a_page", 404)
        account = scopes.hub_account(project.id)
        await self.notice_end(account)
        user = self.find_user(account)
        spawner = None if user is None else user.spawners[""]
        if user is None or spawner is None or not spawner.ready:
            # An opening that is under way is watched from the same address.
            address = self.page_url("spawn", account)
            if user is not None:
                address += f"?{urlencode({'next': url_path_join(user.url, path)})}"
            self.set_status(424)
            await self.show("not_running.html", failed=False, spawn_url=address)
            return
        parts = urlsplit(user.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        self.set_header("Content-Security-Policy", frame_policy(origin))
        inside = url_path_join(user.url, path)
        asked = {"hdh-language": self.language}
        if self.get_query_argument("fresh", ""):
            # A notebook that leads the frame away would be opened again with the rest of the layout.
            asked["reset"] = ""
        await self.show(
            "workspace_frame.html",
            project=project,
            origin=origin,
            sandbox=SANDBOX,
            inside=f"{inside}?{urlencode(asked)}",
            sign_in=inside,
            first_page=url_path_join(user.url, FIRST_PAGE),
            fresh=f"{self.page_url('workspace', project.id)}?fresh=1",
        )
