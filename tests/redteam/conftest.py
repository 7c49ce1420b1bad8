"""The platform with two open projects, a plain JupyterLab beside it, and what attackers aim at."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from e2e.conftest import Platform, free_port
from requests import Session

from hdh_jupyter.db import open_database
from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.projects.model import Member, ProjectRole
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

from . import targets as aims
from .clients import Server, enter, sign_in
from .control import plain_jupyterlab
from .model import Outcomes
from .targets import Targets

NEIGHBOUR = "voisin"
"""The other project: `bruno` is in both, `alice` and `claire` are not."""

_OUTCOMES = pytest.StashKey[Outcomes]()

LEFT_OPEN = "ignore:.*unclosed.*socket:pytest.PytestUnraisableExceptionWarning"
"""Attacks end servers in the middle of conversations, and leave the ends of those to the garbage collector."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


class Machine(Platform):
    """The platform, and those who are signed in there by scripts."""

    @property
    def folder(self) -> StateFolder:
        return StateFolder(self.state)

    @cached_property
    def registry(self) -> Registry:
        return Registry(open_database(self.folder.database_url))

    def session(self, name: str) -> Session:
        """Return a fresh session of a person at the portal."""
        return sign_in(self.origin, name, self.passwords[name])

    def enter(self, name: str, project: str = OPEN_PROJECT) -> Server:
        """Return a project's workspace as a person reaches it by a fresh session, opening it if need be."""
        return enter(self.origin, self.session(name), project)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_OUTCOMES] = Outcomes()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    outcomes = config.stash[_OUTCOMES]
    if not outcomes.records:
        return
    terminalreporter.section("red team")
    terminalreporter.write_line(outcomes.table())
    terminalreporter.write_line(f"\n{outcomes.summary}")
    if os.environ.get("HDH_RED_TEAM_TABLE"):
        try:
            for missing in outcomes.write():
                terminalreporter.write_line(
                    f"docs/red-team.md says of this attack that it was not run: {missing}", red=True
                )
        except ValueError as error:
            terminalreporter.write_line(f"docs/red-team.md is left as it was: {error}", red=True)


@pytest.fixture(scope="session")
def outcomes(pytestconfig: pytest.Config) -> Outcomes:
    return pytestconfig.stash[_OUTCOMES]


@pytest.fixture(scope="session")
def names() -> Iterator[None]:
    """Have every name below `localhost` lead to this machine, as browsers do."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, names: None) -> Iterator[Machine]:
    """The installed platform with the demonstration's people and a second open project."""
    machine = Machine(tmp_path_factory.mktemp("redteam") / "state", free_port())
    machine.start()
    demonstrated = machine.registry.project(OPEN_PROJECT)
    members = (Member("bruno", ProjectRole.RESEARCHER), Member("emma", ProjectRole.LEAD))
    machine.registry.add_project(replace(demonstrated, id=NEIGHBOUR, title="Le projet voisin", members=members))
    yield machine
    machine.stop()
    assert machine.processes(str(machine.state)) == [], "something was left running"
    shutil.rmtree(machine.state)


@pytest.fixture(scope="session")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    with aims.standing(tmp_path_factory.mktemp("targets")) as standing:
        yield standing


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="session")
def plain(plain_folder: Path, targets: Targets) -> Iterator[Server]:
    """A plain JupyterLab on this machine, by its token; its environment holds the secret."""
    left_open = Path(targets.facts["decoy_secret"]).parent
    with plain_jupyterlab(plain_folder, free_port(), {"HDH_TOKEN": targets.secret}, left_open) as server:
        yield server


@pytest.fixture(scope="session")
def workspace(machine: Machine) -> Server:
    """The open project's workspace, as Alice, a member, reaches it by a script with her cookies."""
    return machine.enter("alice")


@pytest.fixture(scope="session")
def neighbour(machine: Machine, targets: Targets) -> Server:
    """The other project's workspace, as Bruno reaches it, with the secret in its home."""
    server = machine.enter("bruno", NEIGHBOUR)
    server.writes("secret.txt", targets.secret)
    return server
