"""A real hub with the pages, on the real services, without a proxy's process and without a sandbox."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jupyterhub
import pytest
from bs4 import BeautifulSoup
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner
from jupyterhub.tests.mocking import MockHub
from jupyterhub.tests.utils import AsyncSession
from requests import Response
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from traitlets.config import Config

from hdh_jupyter import web
from hdh_jupyter.auth.roles import ProjectRolesMixin
from hdh_jupyter.db import Base, open_database
from hdh_jupyter.disclosure import worker
from hdh_jupyter.egress.checks import CheckWorker
from hdh_jupyter.egress.model import Request
from hdh_jupyter.egress.sealed_check import CheckLimits, SealedCheck
from hdh_jupyter.projects.model import (
    Authorisation,
    BasisKind,
    Grant,
    Member,
    Opinion,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)
from hdh_jupyter.state import StateFolder
from hdh_jupyter.web.services import Services, open_services

CHECKER = frozenset({PlatformRole.CHECKER})
PEOPLE = (
    Person("rosa", "Rosa Marin"),
    Person("lea", "Léa Roux"),
    Person("ines", "Inès Petit", roles=CHECKER),
    Person("carl", "Carl Blanc", roles=CHECKER),
    Person("cleo", "Cléo Noir", roles=CHECKER),
    Person("otto", "Otto Weber"),
    Person("sven", "Sven Lind", roles=frozenset({PlatformRole.STEWARD})),
    Person("ada", "Ada Vidal", roles=frozenset({PlatformRole.ADMIN})),
)

CASE = {
    "title": "Passages hebdomadaires",
    "purpose": "Article sur le recours aux urgences pendant la pandémie.",
    "recipient": "Revue Eurosurveillance",
    "justification": "Agrégats hebdomadaires par département, aucun effectif inférieur à onze personnes.",
}
TABLE = b"semaine,departement,passages\n2024-W01,75,120\n2024-W01,13,340\n2024-W02,75,98\n2024-W02,13,77\n"
SMALL_COUNTS = b"semaine,departement,passages\n2024-W01,75,120\n2024-W01,13,3\n2024-W02,75,98\n2024-W02,13,7\n"


class MemoryProxy(Proxy):
    """Keeps the routes without serving them: these tests talk to the hub itself."""

    should_start = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.routes: dict[str, dict[str, Any]] = {}

    async def add_route(self, routespec: str, target: str, data: dict[str, Any]) -> None:
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec: str) -> None:
        self.routes.pop(routespec, None)

    async def get_all_routes(self) -> dict[str, dict[str, Any]]:
        return dict(self.routes)


class Workspace(RequestHandler):
    def get(self) -> None:
        self.set_header("X-JupyterHub-Version", jupyterhub.__version__)


class InProcessSpawner(Spawner):
    """A workspace in the hub's own process."""

    listening: HTTPServer | None = None

    async def start(self) -> tuple[str, int]:
        (socket,) = bind_sockets(0, "127.0.0.1")
        self.listening = HTTPServer(Application([(".*", Workspace)]))
        self.listening.add_socket(socket)
        return "127.0.0.1", socket.getsockname()[1]

    async def stop(self, now: bool = False) -> None:
        if self.listening is not None:
            self.listening.stop()
            self.listening = None

    async def poll(self) -> int | None:
        return 0 if self.listening is None else None


class AnyPassword(ProjectRolesMixin, DummyAuthenticator):
    """The platform's registry decides who may enter; passwords are tested elsewhere."""


class UnsealedCheck(SealedCheck):
    """The real check in this process: the sandbox is tested elsewhere."""

    async def run(self, folder: Path) -> None:
        await asyncio.to_thread(worker.work, folder / "in", folder / "out")


@dataclass(frozen=True)
class Staged:
    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.content


@dataclass
class Page:
    """A reply, as a person reads it."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def source(self) -> str:
        return self.response.content.decode("utf-8")

    @property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.source, "html.parser")

    @property
    def text(self) -> str:
        return " ".join(self.html.get_text(" ").split())

    def one(self, selector: str) -> Any:
        found = self.html.select(selector)
        assert len(found) == 1, f"{len(found)} elements for {selector}"
        return found[0]


@dataclass
class Browser:
    """A person's browser at the hub."""

    hub_url: str
    session: AsyncSession = field(default_factory=AsyncSession)

    async def get(self, path: str, follow: bool = True, **headers: str) -> Page:
        return Page(await self.session.get(self.hub_url + path, allow_redirects=follow, headers=headers))

    async def post(
        self, path: str, form: Mapping[str, Any], xsrf: bool = True, follow: bool = True, **headers: str
    ) -> Page:
        data = dict(form)
        if xsrf:
            data["_xsrf"] = self.session.cookies["_xsrf"]
        return Page(await self.session.post(self.hub_url + path, data=data, allow_redirects=follow, headers=headers))

    async def sign_in(self, name: str) -> Browser:
        await self.get("login")
        assert (await self.post("login", {"username": name, "password": "x"}, follow=False)).status == 302
        return self


@dataclass
class Platform:
    """The hub, its services, and people's browsers."""

    hub: MockHub
    services: Services
    checks: CheckWorker

    def visitor(self, language: str = "fr") -> Browser:
        browser = Browser(self.hub.hub.url if "://" in self.hub.hub.url else "")
        browser.session.headers["Accept-Language"] = language
        return browser

    async def browser(self, name: str, language: str = "fr") -> Browser:
        return await self.visitor(language).sign_in(name)

    async def check(self) -> None:
        while await self.checks.run_once():
            pass

    async def draft(
        self, files: Mapping[str, bytes] | None = None, author: str = "rosa", title: str = "Grippe"
    ) -> Request:
        async def staged() -> AsyncIterator[Staged]:
            for name, content in (files or {"resultats/hebdo.csv": TABLE}).items():
                yield Staged(name, content)

        return await self.services.egress.receive("flu", author, staged(), title)

    async def checked(self, files: Mapping[str, bytes] | None = None) -> Request:
        draft = await self.draft(files)
        await self.check()
        return self.services.egress.request(draft.id, "lea")

    async def submitted(self, files: Mapping[str, bytes] | None = None) -> Request:
        draft = await self.checked(files)
        self.services.egress.edit(draft.id, "lea", **CASE)
        self.services.egress.submit(draft.id, "lea", turn=0)
        await self.check()
        return self.services.egress.request(draft.id, "lea")

    async def released(self) -> Request:
        request = await self.submitted()
        for checker in ("carl", "cleo"):
            self.services.egress.decide(request.id, checker, "approve", turn=1)
        return self.services.egress.request(request.id, "lea")


@pytest.fixture
async def platform(tmp_path: Path, hub_app: Callable[..., Awaitable[MockHub]]) -> AsyncIterator[Platform]:
    """Project `flu` is open, `old` expired, `new` awaits its opinion; otto is in none of rosa's and lea's."""
    state = StateFolder(tmp_path / "state")
    state.create()
    database = open_database(state.database_url)
    Base.metadata.create_all(database.engine)
    services = open_services(str(state.root))
    _register(services)
    config = Config()
    web.configure(config, str(state.root))
    config.ProjectRolesMixin.state_dir = str(state.root)
    config.ProjectRolesMixin.page_handlers = web.page_handlers()
    config.Authenticator.allow_all = True
    config.JupyterHub.update(
        authenticator_class=AnyPassword,
        proxy_class=MemoryProxy,
        spawner_class=InProcessSpawner,
        cookie_secret=secrets.token_bytes(32),
        load_roles=[{"name": "user", "scopes": ["read:users!user"]}],
    )
    hub = await hub_app(config)
    check = UnsealedCheck(services.egress.store, CheckLimits())
    yield Platform(hub, services, CheckWorker(services.egress, tmp_path / "work", check=check))
    for user in hub.users.values():
        if user.running:
            await user.stop()
    # The plugin's teardown leaves the file to the garbage collector, which warns.
    hub.db_file.close()
    open_services.cache_clear()
    open_database.cache_clear()
    database.engine.dispose()


def _register(services: Services) -> None:
    for person in PEOPLE:
        services.registry.add_person(person)
    today = date.today()

    def basis(opinion: Opinion, until: date) -> Authorisation:
        return Authorisation(
            BasisKind.AUTHORISATION, opinion, date(2024, 1, 10), "924001", until - timedelta(days=300), until
        )

    team = {"rosa": ProjectRole.RESEARCHER, "ines": ProjectRole.RESEARCHER, "lea": ProjectRole.LEAD}
    members = tuple(Member(name, role) for name, role in team.items())
    held = basis(Opinion.FAVOURABLE, today + timedelta(days=60))
    grant = Grant("oscour", today - timedelta(days=1), today + timedelta(days=1))
    services.registry.add_project(Project("flu", "Grippe et urgences", "Résumé", held, members, (grant,)))
    ended = basis(Opinion.FAVOURABLE, date(2025, 3, 31))
    services.registry.add_project(Project("old", "Projet ancien", "", ended, members))
    waiting = basis(Opinion.PENDING, today)
    services.registry.add_project(Project("new", "Projet nouveau", "", waiting, members))
    other = (Member("otto", ProjectRole.LEAD),)
    services.registry.add_project(Project("asthma", "Asthme", "", held, other))


def notebook(*outputs: Mapping[str, Any], source: str = "tableau") -> bytes:
    """A notebook of one code cell."""
    cell = {"id": "a", "cell_type": "code", "execution_count": 1, "metadata": {}, "source": source, "outputs": outputs}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()
