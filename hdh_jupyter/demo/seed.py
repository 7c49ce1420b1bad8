"""Puts the demonstration into a platform that has nothing yet, and remembers its accounts."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ..catalogue.seed import seed as seed_catalogue
from ..catalogue.store import CatalogueStore
from ..projects.registry import Registry
from ..state import StateFolder
from .people import PEOPLE, ROLES, projects

DATASET = "oscour"

READABLE = "bcdfghjkmnpqrstvwxz23456789"
"""Letters and digits that are not mistaken for one another; without vowels they make no words."""


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demonstration, with what it is there to show."""

    name: str
    password: str
    role: str


def seed(
    registry: Registry,
    set_password: Callable[[str, str], object],
    catalogue: CatalogueStore,
    state: StateFolder,
    *,
    password: str | None = None,
    visits: int | None = None,
) -> list[DemoAccount]:
    """Make the demonstration, unless the platform has people or projects of its own; return its accounts.

    A run that was cut short is finished by the next one.

    Parameters
    ----------
    password
        The same password for every account, for tests; by default each gets its own, drawn at random.
    visits
        How many fictitious visits to write; by default the dataset's usual size.
    """
    notes = _read(state)
    if notes is None:
        if registry.people() or registry.projects():
            return []
        accounts = [DemoAccount(p.name, password or _password(), ROLES[p.name]) for p in PEOPLE]
        _write(state, accounts, complete=False)
    elif notes["complete"]:
        return accounts_of(state)
    else:
        accounts = accounts_of(state)
    seed_catalogue(catalogue)
    _write_dataset(state.datasets / DATASET, visits)
    _register(registry, set_password, accounts)
    _write(state, accounts, complete=True)
    return accounts


def accounts_of(state: StateFolder) -> list[DemoAccount]:
    """Return the demonstration's accounts; none when the platform was not made by it."""
    notes = _read(state)
    return [] if notes is None else [DemoAccount(**account) for account in notes["accounts"]]


def _register(registry: Registry, set_password: Callable[[str, str], object], accounts: list[DemoAccount]) -> None:
    known = {person.name for person in registry.people()}
    for person in PEOPLE:
        if person.name not in known:
            registry.add_person(person)
    for account in accounts:
        set_password(account.name, account.password)
    existing = {project.id for project in registry.projects()}
    for project in projects(date.today()):
        if project.id not in existing:
            registry.add_project(project)


def _write_dataset(folder: Path, visits: int | None) -> None:
    # Imported here because NumPy comes with the workspace's packages, which a hub alone does not have.
    from . import oscour

    oscour.write_dataset(folder, oscour.VISITS if visits is None else visits)


def _password() -> str:
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))


def _notes(state: StateFolder) -> Path:
    return state.root / "demo-accounts.json"


def _read(state: StateFolder) -> dict[str, Any] | None:
    try:
        notes: dict[str, Any] = json.loads(_notes(state).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return notes


def _write(state: StateFolder, accounts: list[DemoAccount], *, complete: bool) -> None:
    path = _notes(state)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"complete": complete, "accounts": [asdict(a) for a in accounts]}, file, ensure_ascii=False, indent=1)
    os.replace(draft, path)
