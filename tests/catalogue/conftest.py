"""The catalogue's services on a database of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.catalogue.access_requests import AccessRequests
from hdh_jupyter.catalogue.bargaining import Bargaining
from hdh_jupyter.catalogue.desk import Desk
from hdh_jupyter.catalogue.desk_views import DeskViews
from hdh_jupyter.catalogue.drafting import Actor
from hdh_jupyter.catalogue.seed import seed
from hdh_jupyter.catalogue.stewardship import Stewardship
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import Base, Database

SVEN, STELLA = Actor("sven", is_steward=True), Actor("stella", is_steward=True)
ADA, AMIR = Actor("ada", is_admin=True), Actor("amir", is_admin=True)
ROSA = Actor("rosa")


@dataclass
class Office:
    """The first records, sven the steward of oscour and pmsi, stella of elfe."""

    database: Database
    refreshed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.audit = AuditLog(self.database, b"k" * 32)
        self.store = CatalogueStore(self.database)
        self.stewardship = Stewardship(self.database, self.audit)
        self.desk = Desk(self.database, self.audit, self.stewardship, lambda: self.refreshed.append(1))
        self.views = DeskViews(self.database)
        self.bargaining = Bargaining(self.database, self.audit)
        self.requests = AccessRequests(self.database, self.audit)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    database = Database(f"sqlite:///{tmp_path}/office.sqlite")
    Base.metadata.create_all(database.engine)
    made = Office(database)
    seed(made.store)
    for dataset, person in (("oscour", "sven"), ("pmsi", "sven"), ("elfe", "stella")):
        made.stewardship.assign(dataset, person, "ada")
    return made
