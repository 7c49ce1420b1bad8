"""Accounts of projects: stable, never shared, and enough to keep projects apart without any sandbox."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
import types
from multiprocessing import get_context
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.spawner import uids
from hdh_jupyter.spawner.ownership import make_home
from hdh_jupyter.spawner.uids import ProjectUids
from hdh_jupyter.state import StateFolder

from .inside import own_account, running
from .test_supervision import family_of

separate = pytest.mark.skipif(uids.obstacle() is not None, reason="needs root")

AS_ANOTHER = """
import json, os, socket, sys
account, paths = int(sys.argv[1]), sys.argv[2:]
os.setgroups([]); os.setresgid(account, account, account); os.setresuid(account, account, account)
def attempt(path):
    try:
        if os.path.isdir(path):
            os.listdir(path)
        elif path.endswith(".sock"):
            s = socket.socket(socket.AF_UNIX); s.connect(path)
        else:
            open(path, "rb").read(1)
        return "reached"
    except OSError as error:
        return type(error).__name__
print(json.dumps({path: attempt(path) for path in paths}))
"""


def as_account(account: int, *paths: Path) -> dict[str, str]:
    command = [sys.executable, "-c", AS_ANOTHER, str(account), *map(str, paths)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(outcome.stdout))


def is_first(pid: int) -> bool:
    """Tell whether a process is the first of the sandbox's own process namespace."""
    return Path(f"/proc/{pid}/status").read_text().split("NSpid:")[1].split("\n")[0].split()[1:] == ["1"]


def given(path: Path, project: str) -> int:
    return ProjectUids(path).uid(project)


def test_a_project_keeps_its_number_and_shares_it_with_nobody(tmp_path: Path) -> None:
    path = tmp_path / "uids.json"
    numbers = {project: given(path, project) for project in ("vox", "nox", "lux")}
    assert len(set(numbers.values())) == 3
    assert {project: given(path, project) for project in numbers} == numbers
    assert min(numbers.values()) == uids.FIRST
    assert path.stat().st_mode & 0o077 == 0


def test_processes_that_ask_at_once_get_different_numbers(tmp_path: Path) -> None:
    path = tmp_path / "uids.json"
    projects = [f"project-{number}" for number in range(12)]
    with get_context("spawn").Pool(3) as pool:
        numbers = pool.starmap(given, [(path, project) for project in projects])
    assert len(set(numbers)) == len(projects)
    assert json.loads(path.read_text()) == dict(zip(projects, numbers, strict=True))


def test_a_number_that_is_somebodys_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody(number: int) -> object:
        if number == uids.FIRST:
            return types.SimpleNamespace(pw_name="ann")
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", somebody)
    assert given(tmp_path / "uids.json", "vox") == uids.FIRST + 1


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"vox": 5, "nox": 5}', '{"vox": "5"}', '{"vox": 0}'])
def test_a_damaged_table_gives_no_number(tmp_path: Path, content: str) -> None:
    path = tmp_path / "uids.json"
    path.write_text(content)
    with pytest.raises(PublicError, match="damaged"):
        given(path, "lux")
    assert path.read_text() == content


def test_a_range_ends(tmp_path: Path) -> None:
    table = ProjectUids(tmp_path / "uids.json", count=1)
    table.uid("vox")
    with pytest.raises(PublicError, match="taken"):
        table.uid("nox")


@separate
def test_a_sandbox_runs_under_its_projects_account(state: StateFolder) -> None:
    with running(state) as workspace:
        assert workspace.failures == ()
        account = own_account(state, "vox")
        processes = family_of(workspace.supervisor.pid) - {workspace.supervisor.pid}
        owners = {pid: Path(f"/proc/{pid}/status").read_text().split("Uid:")[1].split()[:4] for pid in processes}
    assert len(owners) >= 2
    assert {owner for four in owners.values() for owner in four} == {str(account)}


@separate
def test_a_process_of_one_project_opens_nothing_of_another_or_of_the_platform(state: StateFolder) -> None:
    """Outside of any sandbox: what an escape would meet."""
    other = own_account(state, "other")
    assert other is not None
    (state.homes / "vox").mkdir(mode=0o700)
    (state.homes / "vox" / "result.csv").write_text("a")
    key = state.root / "keys" / "audit"
    state.key("audit")
    with running(state) as workspace:
        inside = next(pid for pid in family_of(workspace.supervisor.pid) if is_first(pid))
        targets = (
            state.root,
            state.homes / "vox" / "result.csv",
            state.homes / "other" / "secret.txt",
            state.datasets / "oscour" / "visits.csv",
            key,
            workspace.places.socket,
            workspace.places.notes / "probe.json",
            Path(f"/proc/{inside}/maps"),
            Path(f"/proc/{inside}/environ"),
            Path(f"/proc/{inside}/root/home/project/result.csv"),
        )
        told = as_account(other, *targets)
        assert set(as_account(0, *targets).values()) == {"reached"}, "the positive control: root reaches all of it"
    assert {path: outcome for path, outcome in told.items() if outcome != "PermissionError"} == {}


@separate
def test_a_home_is_closed_to_other_projects_even_where_the_folders_above_are_open(
    tmp_path: Path, state: StateFolder
) -> None:
    make_home(state.homes, "other")
    mine = own_account(state, "other")
    assert mine is not None
    for folder in (*state.homes.parents, state.homes):
        if folder.is_relative_to(tmp_path.parents[1]):
            folder.chmod(0o755)
    secret = state.homes / "other" / "secret.txt"
    try:
        assert as_account(mine + 77, secret) == {str(secret): "PermissionError"}
        assert as_account(mine, secret) == {str(secret): "reached"}
    finally:
        state.root.chmod(0o700)


def test_without_root_there_is_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert uids.obstacle.__wrapped__() == "spawner.one_account.not_root"


def test_a_container_without_the_range_has_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "read_text", lambda _path: "0 100000 65536\n")
    assert uids.obstacle.__wrapped__() == "spawner.one_account.range"
