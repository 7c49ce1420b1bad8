"""The command, run on the state folder of a real platform."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter import app
from hdh_jupyter.audit.log import AuditLog, Event
from hdh_jupyter.commands import (
    audit,
    catalogue,
    disclosure,
    doctor,
    initialise,
    people,
    policies,
    probe,
    processes,
    projects,
    traffic,
)
from hdh_jupyter.db import Database, open_database
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

SINGLETONS = (
    app.HdhJupyter,
    initialise.Init,
    people.People,
    policies.Policies,
    projects.Projects,
    traffic.Traffic,
    probe.Probe,
    audit.Audit,
    disclosure.Check,
    disclosure.Sanitise,
    doctor.Doctor,
    catalogue.Catalogue,
    audit.AuditTail,
    audit.AuditVerify,
    processes.Run,
    processes.Gateway,
    processes.CheckWorkerCommand,
)


@pytest.fixture(autouse=True)
def no_command_stays() -> Iterator[None]:
    """A command is made but once in a process, and would keep the hubs of other tests from being made."""
    yield
    forget()


def forget() -> None:
    """Let another command be made, of which a process has but one."""
    for each in SINGLETONS:
        each.clear_instance()


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its status."""

    status: int
    out: str
    err: str

    @property
    def code(self) -> str | None:
        """The code at the end of an error."""
        return self.err.rstrip().rpartition("[")[2].rstrip("]") if self.err else None


class Terminal:
    """Runs `hdh-jupyter` in this process, on one state folder."""

    def __init__(self, state: StateFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.state = state
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: str, typed: bytes = b"") -> Outcome:
        forget()
        self._monkeypatch.setattr(sys, "argv", ["hdh-jupyter", *words, f"--state={self.state.root}"])
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
        status = 0
        try:
            app.main()
        except SystemExit as end:
            status = int(end.code or 0)
        printed = self._capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json").out)

    @property
    def database(self) -> Database:
        return open_database(self.state.database_url)

    @property
    def registry(self) -> Registry:
        return Registry(self.database)

    @property
    def audit(self) -> AuditLog:
        return AuditLog(self.database, self.state.key("audit"))

    def events(self) -> list[Event]:
        """Return every event, having checked that the log is whole."""
        assert self.audit.verify().ok
        return list(self.audit.since(0))

    def told(self) -> list[tuple[str, str | None, str | None, dict[str, Any]]]:
        """Return action, project, subject and detail of every event, without the account in the detail."""
        return [
            (e.action, e.project, e.subject, {name: value for name, value in e.detail.items() if name != "account"})
            for e in self.events()
        ]


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak English, and undo what the command does to the process."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    umask = os.umask(0o077)
    yield
    os.umask(umask)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder that `init` makes."""
    root = tmp_path_factory.mktemp("template") / "state"
    command = initialise.Init(state_dir=str(root))
    command.start()
    open_database(command.state.database_url).engine.dispose()
    shutil.rmtree(command.state.sockets)
    return root


@pytest.fixture
def hdh(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """The command, on an empty platform of its own."""
    state = StateFolder(tmp_path / "state")
    shutil.copytree(template, state.root)
    terminal = Terminal(state, monkeypatch, capsys)
    yield terminal
    terminal.database.engine.dispose()


@pytest.fixture
def peopled(hdh: Terminal) -> Terminal:
    """The command, on a platform with an admin, a checker and a person without platform roles."""
    for name, *roles in (("ada", "--role=admin"), ("omar", "--role=checker"), ("nadia",)):
        outcome = hdh("person", "add", name, f"--display-name={name.title()}", f"--email={name}@example.org", *roles)
        assert outcome.status == 0, outcome.err
    return hdh
