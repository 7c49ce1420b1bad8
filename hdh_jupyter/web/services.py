"""What the pages stand on: the registry of projects, the egress service, the audit log, the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..audit.log import AuditLog
from ..catalogue import snapshot
from ..catalogue.access_requests import AccessRequests
from ..catalogue.bargaining import Bargaining
from ..catalogue.desk import Desk
from ..catalogue.desk_views import DeskViews
from ..catalogue.drafting import Actor
from ..catalogue.stewardship import Stewardship
from ..catalogue.store import CatalogueStore
from ..db import open_database
from ..egress.service import EgressService
from ..egress.store import Store
from ..errors import PublicError
from ..metering.requests import TrafficRequests
from ..metering.usage import UsageStore
from ..projects.model import Person, PlatformRole, Project
from ..projects.registry import Registry
from ..state import StateFolder


@dataclass(frozen=True)
class Viewer:
    """The person who looks at a page, and what decides which pages they are offered."""

    person: Person
    projects: tuple[Project, ...]

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def is_checker(self) -> bool:
        return PlatformRole.CHECKER in self.person.roles

    @property
    def is_admin(self) -> bool:
        return PlatformRole.ADMIN in self.person.roles

    @property
    def is_steward(self) -> bool:
        return PlatformRole.STEWARD in self.person.roles

    @property
    def actor(self) -> Actor:
        """The person as the catalogue sees them."""
        return Actor(self.name, self.is_steward, self.is_admin)


@dataclass(frozen=True)
class Catalogue:
    """The services behind the catalogue's pages."""

    store: CatalogueStore
    desk: Desk
    views: DeskViews
    bargaining: Bargaining
    stewardship: Stewardship
    requests: AccessRequests


@dataclass(frozen=True)
class Services:
    """The services behind the pages; all of them synchronous, so that handlers call them in a thread."""

    registry: Registry
    egress: EgressService
    audit: AuditLog
    usage: UsageStore
    traffic_requests: TrafficRequests
    catalogue: Catalogue

    def viewer(self, name: str) -> Viewer:
        """Return the signed-in person with their projects.

        Raises
        ------
        PublicError
            The hub knows the account, the registry does not: `projects.unknown_person`, 404.
        """
        return Viewer(self.registry.person(name), tuple(self.registry.projects_of(name)))

    def display_names(self, names: Iterable[str]) -> dict[str, str]:
        """Return the names by which people call each other; who is not registered keeps the account's name."""
        found = {}
        for name in sorted(set(names)):
            try:
                found[name] = self.registry.person(name).display_name
            except PublicError:
                found[name] = name
        return found


@cache
def open_services(state_dir: str) -> Services:
    """Return the services on a state folder, made once per process."""
    state = StateFolder(Path(state_dir))
    database = open_database(state.database_url)
    registry, audit = Registry(database), AuditLog(database, state.key("audit"))
    egress = EgressService(database, Store(state.egress), audit, registry)
    store, stewardship = CatalogueStore(database), Stewardship(database, audit)
    catalogue = Catalogue(
        store,
        Desk(database, audit, stewardship, lambda: snapshot.refresh(store, state.catalogue)),
        DeskViews(database),
        Bargaining(database, audit),
        stewardship,
        AccessRequests(database, audit),
    )
    return Services(registry, egress, audit, UsageStore(database, audit), TrafficRequests(database, audit), catalogue)
