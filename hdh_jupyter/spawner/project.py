"""What every spawner of projects shares, whatever the isolation: who may start one, with what, and what is recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyterhub.spawner import Spawner, SpawnException
from jupyterhub.utils import url_path_join
from sqlalchemy.exc import SQLAlchemyError
from traitlets import Unicode, default

from ..audit import AuditLog
from ..catalogue import snapshot
from ..catalogue.store import CatalogueStore
from ..db import open_database
from ..errors import PublicError
from ..i18n import DEFAULT_LANGUAGE, preferred_language, translate
from ..projects import gate, policies
from ..projects.model import Grant, Project
from ..projects.registry import Registry
from ..projects.scopes import project_of
from ..routes import RouteRecord, remove_route, write_route
from ..state import StateFolder
from .limits import WorkspaceLimits

LANGUAGE_COOKIE = "hdh-language"

HUB = "hub"
"""Who acts when the hub does something by itself, or does not say for whom."""


class WorkspaceFailure(Exception):
    """A workspace that may not or could not be opened.

    Parameters
    ----------
    code
        The key of the sentence for people, and what the audit log keeps.
    reason
        The word for the hub's metrics.
    status
        The HTTP status that fits it.
    sentence
        Gives the sentence in a language; by default the one of `code`.
    """

    def __init__(self, code: str, reason: str, status: int = 500, sentence: Callable[[str], str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.status = status
        self.message = sentence or (lambda language: translate(code, language))


class ProjectSpawner(Spawner):
    """Starts the one workspace of a project.

    A subclass gives the isolation: it implements `open_workspace` (returning the address that the gateway calls),
    `close_workspace`, and `runs`.
    """

    state_dir = Unicode(
        config=True,
        help="""Keep the platform's files in this folder.

        The same folder as the rest of the platform: registry, audit log, homes, datasets, routes.
        """,
    )

    workspace_key = ""
    """By which the gateway tells this workspace from another one at its address; empty where addresses are its own."""

    _open = False
    _mounted: frozenset[str] = frozenset()

    @default("server_token_scopes")
    def _least_scopes(self) -> list[str]:
        # The token goes to the gateway, which reports activity with it and identifies people; it opens nothing.
        return ["users:activity!user"]

    @cached_property
    def folder(self) -> StateFolder:
        return StateFolder(Path(self.state_dir))

    @cached_property
    def registry(self) -> Registry:
        return Registry(open_database(self.folder.database_url))

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(open_database(self.folder.database_url), self.folder.key("audit"))

    @cached_property
    def limits(self) -> WorkspaceLimits:
        return WorkspaceLimits(parent=self)

    @property
    def project(self) -> str:
        """The project's id, empty for an account that is no project's."""
        return project_of(self.user.name) or ""

    @property
    def gateway_url(self) -> str:
        """What the hub and the proxy call for this workspace: the gateway."""
        return "http+unix://" + quote(str(self.folder.sockets / "gateway.sock"), safe="")

    async def open_workspace(self, grants: tuple[Grant, ...]) -> str:
        """Start the workspace with these datasets, and return its address once it answers and is proved sealed.

        Raises
        ------
        WorkspaceFailure
        """
        raise NotImplementedError

    async def close_workspace(self, now: bool) -> None:
        """End the workspace and remove whatever belongs to it, if there is anything."""
        raise NotImplementedError

    def runs(self) -> bool:
        """Tell whether the workspace runs."""
        raise NotImplementedError

    async def start(self) -> str:
        """Start the project's workspace, if the project is open, and return the address of the gateway.

        Raises
        ------
        SpawnException
            The project is closed, or the workspace failed; the sentence is for the person who asked.
        """
        asked = time.monotonic()
        actor, language = acting_person(self.handler), language_of(self.handler)
        try:
            project = await asyncio.to_thread(self._admitted)
            grants = gate.grants_in_force(project, date.today())
            address = await self.open_workspace(grants)
            self._mounted = frozenset(grant.dataset for grant in grants)
            await asyncio.to_thread(write_route, self.folder.routes, self._route(address))
        except WorkspaceFailure as failure:
            await self._close_whatever_is_there()
            await self._record("workspace.refused", actor, {"reason": failure.code})
            message = failure.message(language)
            raise SpawnException(message, reason=failure.reason, status_code=failure.status) from failure
        except BaseException:
            await self._close_whatever_is_there()
            raise
        self._open = True
        self._meet_hub()
        seconds = round(time.monotonic() - asked, 3)
        await self._record("workspace.started", actor, {"datasets": sorted(self._mounted), "seconds": seconds})
        return self.gateway_url

    async def stop(self, now: bool = False) -> None:
        """Stop the workspace; with `now`, without waiting for it to save."""
        await self._close("requested", now)

    async def poll(self) -> int | None:
        """Return None while the workspace runs; close it when its basis, or a grant behind what it sees, has ended."""
        if not self.runs():
            if self._open:
                await self._close("died", now=True)
            return 0
        if self._open and not await asyncio.to_thread(self._holds):
            self.log.warning("Closing the workspace of project %s: its basis or a grant has ended", self.project)
            await self._close("closed", now=False)
            return 0
        return None

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self._open = bool(state.get("open"))
        self._mounted = frozenset(state.get("datasets", ()))
        if self._open:
            self._meet_hub()

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        return {**state, "open": True, "datasets": sorted(self._mounted)} if self._open else state

    def clear_state(self) -> None:
        super().clear_state()
        self._open = False
        self._mounted = frozenset()
        self._clients_without_consent().discard(self.oauth_client_id)

    def _admitted(self) -> Project:
        if not self.project:
            raise WorkspaceFailure("spawner.not_a_project", "not_a_project", 403)
        try:
            project = self.registry.project(self.project)
        except PublicError as error:
            raise WorkspaceFailure(error.code, "unknown_project", error.status, error.message) from error
        state = gate.state(project, date.today())
        if not state.open:
            raise WorkspaceFailure(state.code, "project_closed", 403, state.message)
        return project

    def _holds(self) -> bool:
        """Tell whether the project is open and every dataset that the workspace sees is still granted."""
        try:
            project = self.registry.project(self.project)
        except PublicError:
            return False
        except SQLAlchemyError:
            # Nobody gets in by this: access is decided elsewhere, from the same database. Unsaved work is not lost
            # to a database that is away for a moment.
            self.log.exception("The registry cannot be read; the workspace of %s goes on", self.project)
            return True
        today = date.today()
        granted = {grant.dataset for grant in gate.grants_in_force(project, today)}
        return gate.state(project, today).open and self._mounted <= granted

    def _catalogue(self, grants: tuple[Grant, ...]) -> Path:
        """Return the snapshot of the catalogue that the project may see."""
        store = CatalogueStore(open_database(self.folder.database_url))
        return snapshot.folder_for(store, self.folder.catalogue, [grant.dataset for grant in grants])

    def _policy(self) -> str | None:
        """Return the project's own disclosure policy, by which checks inside advise; None for the package's."""
        with open_database(self.folder.database_url).read() as session:
            return policies.in_force(session, self.project)

    async def _close(self, reason: str, now: bool) -> None:
        await self.close_workspace(now)
        await asyncio.to_thread(remove_route, self.folder.routes, self.project)
        self._open = False
        await self._record("workspace.stopped", HUB, {"reason": reason})

    async def _close_whatever_is_there(self) -> None:
        if self.project:
            await self.close_workspace(now=True)
            await asyncio.to_thread(remove_route, self.folder.routes, self.project)

    async def _record(self, action: str, actor: str, detail: dict[str, Any]) -> None:
        await asyncio.to_thread(self.audit.append, action, actor=actor, project=self.project or "-", detail=detail)

    def _route(self, address: str) -> RouteRecord:
        base_url = self.server.base_url
        return RouteRecord(
            project=self.project,
            base_url=base_url,
            address=address,
            api_token=self.api_token,
            client_id=self.oauth_client_id,
            public_url=self.public_url or url_path_join(self.user.host, base_url),
            key=self.workspace_key,
        )

    def _meet_hub(self) -> None:
        """Tell the hub what it does not keep over a restart: the address to call, and that no consent is asked."""
        if self.server is not None:
            # The hub would add a port to the socket's URL, and its proxy then call a file that is not there.
            self.server.connect_url = self.gateway_url
        self._clients_without_consent().add(self.oauth_client_id)

    def _clients_without_consent(self) -> set[str]:
        found: set[str] = self.user.settings.setdefault("oauth_no_confirm_list", set())
        return found


def acting_person(handler: Any) -> str:
    """Return the name of whoever asked for a start, as the request that caused it tells."""
    # `current_user` raises while the request is not signed in.
    person = getattr(handler, "_jupyterhub_user", None)
    return person.name if person is not None else HUB


def language_of(handler: Any) -> str:
    """Return the language to speak with whoever asked for a start."""
    if handler is None:
        return DEFAULT_LANGUAGE
    return preferred_language(handler.request.headers.get("Accept-Language", ""), handler.get_cookie(LANGUAGE_COOKIE))
