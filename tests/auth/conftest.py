"""A real hub, with the platform's sign-in and an in-memory proxy instead of a Node process."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jupyterhub
import pytest
from argon2 import PasswordHasher
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner
from jupyterhub.tests.mocking import MockHub
from jupyterhub.tests.utils import AsyncSession
from requests import Response
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import url_concat
from tornado.netutil import bind_sockets

from hdh_jupyter.audit import AuditLog
from hdh_jupyter.auth.accounts import LocalAccounts
from hdh_jupyter.auth.local import LocalAccountAuthenticator
from hdh_jupyter.db import Base, Database, open_database
from hdh_jupyter.projects.model import (
    Authorisation,
    BasisKind,
    Member,
    Opinion,
    Person,
    PlatformRole,
    Project,
    ProjectRole,
)
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

from .provider import Provider, ProviderProcess

PASSWORD = "cheval correct pile agrafe"


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


class Answer(web.RequestHandler):
    """Stands in for the server of a workspace: there, and nothing more."""

    def get(self) -> None:
        self.set_header("X-JupyterHub-Version", jupyterhub.__version__)


class InProcessSpawner(Spawner):
    """Starts a server in the hub's own process."""

    server_socket: HTTPServer | None = None

    async def start(self) -> tuple[str, int]:
        (listening,) = bind_sockets(0, "127.0.0.1")
        self.server_socket = HTTPServer(web.Application([(".*", Answer)]))
        self.server_socket.add_socket(listening)
        return "127.0.0.1", listening.getsockname()[1]

    async def stop(self, now: bool = False) -> None:
        if self.server_socket is not None:
            self.server_socket.stop()
            self.server_socket = None

    async def poll(self) -> int | None:
        return 0 if self.server_socket is None else None


class Browser:
    """A person's browser at the hub."""

    def __init__(self, hub_url: str) -> None:
        self.hub_url = hub_url
        self.session = AsyncSession()

    async def get(self, path: str, **options: Any) -> Response:
        return await self.session.get(self.hub_url + path, allow_redirects=False, **options)

    async def sign_in(self, name: str, password: str = PASSWORD, **headers: str) -> Response:
        xsrf = (await self.get("login")).cookies["_xsrf"]
        url = url_concat(self.hub_url + "login", {"_xsrf": xsrf})
        form = {"username": name, "password": password}
        return await self.session.post(url, data=form, allow_redirects=False, headers=headers)


@dataclass
class Platform:
    """What the hub stands on."""

    state: StateFolder
    database: Database
    registry: Registry
    accounts: LocalAccounts
    audit: AuditLog
    start: Callable[..., Awaitable[MockHub]]

    def signed(self) -> list[tuple[str, str, str | None]]:
        return [(event.action, event.actor, event.detail.get("reason")) for event in self.audit.since(0)]


def basis(valid_until: date) -> Authorisation:
    return Authorisation(
        BasisKind.AUTHORISATION, Opinion.FAVOURABLE, date(2024, 1, 1), "924001", date(2024, 2, 1), valid_until
    )


@pytest.fixture
async def platform(tmp_path: Path, hub_app: Callable[..., Awaitable[MockHub]]) -> AsyncIterator[Platform]:
    """Two projects, `vox` open and `lux` expired; ann is in both, leo in none, ada is an administrator."""
    state = StateFolder(tmp_path / "state")
    state.create()
    database = open_database(state.database_url)
    Base.metadata.create_all(database.engine)
    # Hashed as weakly as can be, for speed: the hub hashes anew when somebody signs in.
    registry, accounts = Registry(database), LocalAccounts(database, PasswordHasher(1, 8, 1))
    for name, roles in (("ann", ()), ("leo", ()), ("ada", (PlatformRole.ADMIN,))):
        registry.add_person(Person(name, name.title(), roles=frozenset(roles)))
        accounts.set_password(name, PASSWORD)
    ann = (Member("ann", ProjectRole.RESEARCHER),)
    registry.add_project(Project("vox", "Voix", authorisation=basis(date.today() + timedelta(days=1)), members=ann))
    registry.add_project(Project("lux", "Lumière", authorisation=basis(date(2024, 12, 31)), members=ann))

    started: list[MockHub] = []

    async def start(hub: dict[str, Any] | None = None, **authenticator: Any) -> MockHub:
        config = {
            "JupyterHub": {
                "authenticator_class": LocalAccountAuthenticator,
                "proxy_class": MemoryProxy,
                "spawner_class": InProcessSpawner,
                "cookie_secret": secrets.token_bytes(32),
                "load_roles": [{"name": "user", "scopes": ["read:users!user"]}],
                **(hub or {}),
            },
            "ProjectRolesMixin": {"state_dir": str(state.root), "auth_refresh_age": 1, **authenticator},
        }
        app = await hub_app(config)
        started.append(app)
        return app

    yield Platform(state, database, registry, accounts, AuditLog(database, state.key("audit")), start)
    for app in started:
        # The plugin's teardown leaves the file to the garbage collector, which warns.
        app.db_file.close()
    database.engine.dispose()
    open_database.cache_clear()


@pytest.fixture(scope="session")
def provider_process() -> Iterator[ProviderProcess]:
    process = ProviderProcess()
    yield process
    process.close()


@pytest.fixture
async def provider(provider_process: ProviderProcess) -> AsyncIterator[Provider]:
    """An identity provider that can be reached, with ann about to sign in by her password."""
    provider = Provider(provider_process)
    provider.open()
    await provider.tell(
        person="ann", acr=None, amr=None, removed=[], claims={}, error=None, refresh=True, keys=[provider.key]
    )
    yield provider
    await provider.close()
