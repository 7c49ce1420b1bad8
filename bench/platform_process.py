"""A whole platform as `hdh-jupyter run` opens it, for the parts that measure what its people meet."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PASSWORD = "correct horse battery"  # noqa: S105 -- of a platform that lasts minutes

CONFIGURATION = """
exec(open({installed!r}).read())
c.Budgets.person_hour = c.Budgets.person_day = c.Budgets.project_day = 2**50
"""
"""What is measured is the way through the gateway, not the budget, which these amounts would spend."""


@dataclass(frozen=True)
class Running:
    """A platform that runs.

    Attributes
    ----------
    state
        Its state folder, a `hdh_jupyter.state.StateFolder`.
    process
        `hdh-jupyter run`.
    """

    state: Any
    port: int
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        return f"hdh.localhost:{self.port}"

    @property
    def processes(self) -> dict[str, int]:
        """The process numbers of the hub and of the gateway."""
        marks = {"hub": b"jupyterhub", "gateway": b"hdh_jupyter\0gateway"}
        found = {}
        for name in _children(self.process.pid):
            command = Path(f"/proc/{name}/cmdline").read_bytes()
            found.update({mark: name for mark, words in marks.items() if words in command})
        return found


@contextmanager
def running(projects: int, members: int) -> Iterator[Running]:
    """Open a platform with open projects `project1`... of `members` people each, `project1-a`..., then close it."""
    with TemporaryDirectory() as folder:
        state = _prepare(Path(folder) / "state", projects, members)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        installed = Path(sys.prefix) / "share" / "hdh-jupyter" / "jupyterhub_config.py"
        configuration = Path(folder) / "config.py"
        configuration.write_text(CONFIGURATION.format(installed=str(installed)))
        command = [str(Path(sys.prefix) / "bin" / "hdh-jupyter"), "run"]
        with (Path(folder) / "console.log").open("wb") as console:
            process = subprocess.Popen(
                [*command, f"--state={state.root}", f"--port={port}", f"--hub-config={configuration}"],
                stdout=console,
                stderr=console,
                start_new_session=True,
                env={**os.environ, "LANG": "en_GB.UTF-8"},
            )
            try:
                _wait(process, Path(folder) / "console.log", port)
                yield Running(state, port, process)
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(120)


def names(project: int, members: int) -> list[str]:
    """Return the names of a project's people."""
    return [f"project{project}-{chr(ord('a') + member)}" for member in range(members)]


def _prepare(folder: Path, projects: int, members: int) -> Any:
    from hdh_jupyter.auth.accounts import LocalAccounts
    from hdh_jupyter.db import open_database
    from hdh_jupyter.projects.model import Authorisation, BasisKind, Member, Person, Project, ProjectRole
    from hdh_jupyter.projects.registry import Registry
    from hdh_jupyter.state import StateFolder

    state = StateFolder(folder)
    state.create()
    database = open_database(state.database_url)
    database.upgrade()
    registry, accounts = Registry(database), LocalAccounts(database)
    today = date.today()
    basis = Authorisation(
        BasisKind.REFERENCE_METHODOLOGY,
        reference="MR-004",
        valid_from=today - timedelta(1),
        valid_until=today + timedelta(30),
    )
    for number in range(1, projects + 1):
        people = names(number, members)
        for name in people:
            registry.add_person(Person(name, name.upper(), f"{name}@example.org"))
            accounts.set_password(name, PASSWORD)
        belonging = tuple(Member(name, ProjectRole.RESEARCHER) for name in people)
        registry.add_project(Project(f"project{number}", f"Project {number}", "", basis, belonging, ()))
    database.engine.dispose()
    return state


def _wait(process: subprocess.Popen[bytes], console: Path, port: int) -> None:
    deadline = time.monotonic() + 120
    while f"http://hdh.localhost:{port}" not in console.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"the platform did not open:\n{console.read_text()}")
        time.sleep(0.1)


def _children(parent: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return found
