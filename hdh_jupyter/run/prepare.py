"""Makes the state folder ready: tables, catalogue, and the demonstration when nothing is there yet."""

from __future__ import annotations

from collections.abc import Callable

from ..auth.accounts import LocalAccounts
from ..catalogue import snapshot
from ..catalogue.store import CatalogueStore
from ..db import open_database
from ..demo.seed import DATASET, seed
from ..projects.registry import Registry
from ..state import StateFolder


def prepare(state: StateFolder, say: Callable[..., None]) -> None:
    """Bring the state folder to what the platform expects; a run that was cut short is finished by the next one.

    Parameters
    ----------
    say
        Told what takes its time: called with a sentence key and its parameters.
    """
    say("run.preparing", path=str(state.root))
    database = open_database(state.database_url)
    database.upgrade()
    registry, catalogue = Registry(database), CatalogueStore(database)
    if not registry.people() and not (state.datasets / DATASET).exists():
        say("run.making_demonstration")
    seed(registry, LocalAccounts(database).set_password, catalogue, state)
    snapshot.refresh(catalogue, state.catalogue)
