"""The command as a whole: its arguments, and those of the processes that the platform starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.app import HdhJupyter
from hdh_jupyter.commands.processes import CheckWorkerCommand, Gateway, Run

from .conftest import Terminal, forget


def parsed(*words: str) -> Any:
    """Return the command that `words` lead to, ready to start."""
    forget()
    app = HdhJupyter()
    app.initialize(list(words))
    command: Any = app.subapp
    return command


@pytest.mark.parametrize(
    ("words", "kind", "values"),
    [
        pytest.param(("gateway", "--state=/s", "--origin=http://x:80"), Gateway, {"origin": "http://x:80"}, id="00"),
        pytest.param(("check-worker", "--state=/s"), CheckWorkerCommand, {}, id="01"),
        pytest.param(
            ("run", "--host=h", "--port=8080", "--state=/s", "--hub-config=c.py"),
            Run, {"host": "h", "port": 8080, "config_file_path": "c.py"}, id="02",
        ),
    ],
)  # fmt: skip
def test_the_platform_s_processes_take_their_arguments(
    words: tuple[str, ...], kind: type, values: dict[str, object]
) -> None:
    command = parsed(*words)
    assert type(command) is kind
    assert command.state.root == Path("/s")
    assert {name: getattr(command, name) for name in values} == values


def test_the_audit_log_is_shown_and_verified(peopled: Terminal) -> None:
    tail = peopled("audit", "tail", "-n", "1")
    assert tail.status == 0
    assert tail.out.rstrip().endswith("registers nadia")
    assert peopled("audit", "verify").out.startswith("The log is intact: 5 events")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param(
            ("--help",), ("Sealed JupyterLab workspaces", "run", "init", "person", "project", "audit"), id="00"
        ),
        pytest.param(("help", "person"), ("list", "add", "role", "password"), id="01"),
        pytest.param(("project", "--help"), ("show", "member", "authorise", "grant", "revoke"), id="02"),
        pytest.param(("person", "add", "-h"), ("--display-name", "checker, steward, admin", "--as"), id="03"),
        pytest.param(("project", "authorise", "x", "authorisation", "-h"), ("--cnil-number", "YYYY-MM-DD"), id="04"),
        pytest.param(("init", "--help"), ("Make an empty platform",), id="05"),
    ],
)
def test_help_names_what_there_is(words: tuple[str, ...], named: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "hdh_jupyter", *words]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert all(name in shown.stdout for name in named)


def test_errors_speak_the_terminal_s_language(hdh: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert "n'existe pas. [projects.unknown_project]" in hdh("project", "show", "nix").err
    assert hdh("person", "list").out.splitlines() == ["COMPTE  NOM  COURRIEL  RÔLES"]
