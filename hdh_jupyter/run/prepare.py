"""Makes the state folder ready: tables, catalogue, and the demonstration when nothing is there yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..audit.log import AuditLog
from ..auth.accounts import LocalAccounts
from ..catalogue import snapshot
from ..catalogue.stewardship import Stewardship
from ..catalogue.store import CatalogueStore
from ..db import open_database
from ..demo.people import ADMIN, OPEN_PROJECT, STEWARD
from ..demo.seed import DATASET, seed
from ..demo.starters import place_notebooks
from ..projects.registry import Registry
from ..spawner.kernels import available_kernels
from ..state import StateFolder


def prepare(state: StateFolder, say: Callable[..., None], facets: Mapping[str, str] | None = None) -> None:
    """Bring the state folder to what the platform expects; a run that was cut short is finished by the next one.

    Parameters
    ----------
    say
        Told what takes its time: called with a sentence key and its parameters.
    facets
        By which the catalogue is searched, as `CatalogueSearch.facets`; None for those that it has.
    """
    say("run.preparing", path=str(state.root))
    database = open_database(state.database_url)
    database.upgrade()
    registry, catalogue = Registry(database), CatalogueStore(database)
    fresh = not registry.people()
    if fresh:
        say("run.making_demonstration")
    if seed(registry, LocalAccounts(database).set_password, catalogue, state) and fresh:
        home = state.homes / OPEN_PROJECT
        home.mkdir(mode=0o700, exist_ok=True)
        place_notebooks(home, [kernel.name for kernel in available_kernels()])
        stewards = Stewardship(database, AuditLog(database, state.key("audit")))
        if STEWARD not in stewards.everybody().get(DATASET, ()):
            stewards.assign(DATASET, STEWARD, ADMIN)
    snapshot.refresh(catalogue, state.catalogue, facets)
