"""What `hdh-jupyter doctor` looks at: nothing is changed, and each remark says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError
from traitlets.config import Config

from ..cgroups.choice import choose, this_host
from ..db import newest_revision, open_database
from ..errors import PublicError
from ..spawner import uids
from ..spawner.kernels import available_kernels
from ..spawner.kubernetes.doctor import remarks
from ..spawner.kubernetes.settings import ClusterSettings
from ..state import StateFolder
from .configuration import check_configuration
from .host import check_disk, check_filter, check_programs, check_sandboxes

SHARED = 0o077
"""The rights that nobody but its owner may have on the state folder."""


class Level(StrEnum):
    """How much a remark matters."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Remark:
    """What was found: a sentence's key and its parameters."""

    level: Level
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def on_platform(state: StateFolder, hub_config: Path) -> Iterator[Remark]:
    """Look at what every profile has: the state folder, the database and the configuration."""
    yield from _state(state)
    yield from _tried("disk", lambda: check_disk(state))
    yield from _database(state)
    yield from _tried("configuration", lambda: check_configuration(hub_config), path=str(hub_config))


def on_machine() -> Iterator[Remark]:
    """Look at what isolates workspaces on one machine."""
    yield from _tried("programs", check_programs)
    yield from _tried("filter", check_filter)
    yield from _tried("sandboxes", check_sandboxes)
    missing = choose(this_host()).missing
    yield from (Remark(Level.NOTE, f"limits.unlimited.{name}") for name in missing)
    if not missing:
        yield Remark(Level.GOOD, "doctor.limits")
    shared = uids.obstacle()
    yield Remark(Level.GOOD, "doctor.accounts") if shared is None else Remark(Level.NOTE, shared)
    kernels = ", ".join(kernel.name for kernel in available_kernels())
    yield Remark(Level.GOOD, "doctor.kernels", {"names": kernels})


def on_cluster(configuration: Config) -> Iterator[Remark]:
    """Look at how workspaces are set that run in pods."""
    known = {*ClusterSettings.class_trait_names(config=True), "image"}
    given = {
        name: value
        for section in ("Spawner", "KubeSpawner", "ProjectKubeSpawner")
        for name, value in configuration.get(section, {}).items()
        if name in known
    }
    try:
        settings = ClusterSettings(**{name: value for name, value in given.items() if name != "image"})
    except TraitError as error:
        yield Remark(Level.PROBLEM, "run.bad_setting", {"section": "ProjectKubeSpawner", "reason": str(error)})
        return
    for remark in remarks(settings, str(given.get("image", ""))):
        yield Remark(Level.NOTE if remark.weakens else Level.GOOD, remark.code, dict(remark.params))


def _state(state: StateFolder) -> Iterator[Remark]:
    mode = state.root.stat().st_mode & 0o777
    if mode & SHARED:
        yield Remark(Level.PROBLEM, "doctor.state_open", {"path": str(state.root), "mode": f"{mode:o}"})
    else:
        free = shutil.disk_usage(state.root).free // 2**20
        yield Remark(Level.GOOD, "doctor.state", {"path": str(state.root), "free": free})


def _database(state: StateFolder) -> Iterator[Remark]:
    database = open_database(state.database_url)
    try:
        found, newest = database.revision(), newest_revision()
    except SQLAlchemyError as error:
        yield Remark(Level.PROBLEM, "doctor.database_away", {"reason": str(getattr(error, "orig", error))})
        return
    names = {"kind": database.engine.dialect.name, "found": found or "-", "newest": newest}
    key, level = ("doctor.database", Level.GOOD) if found == newest else ("doctor.database_old", Level.PROBLEM)
    yield Remark(level, key, names)


def _tried(name: str, check: Callable[[], Config | None], **params: object) -> Iterator[Remark]:
    try:
        check()
    except PublicError as error:
        yield Remark(Level.PROBLEM, error.code, error.params)
    else:
        yield Remark(Level.GOOD, f"doctor.{name}", params)
