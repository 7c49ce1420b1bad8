"""`hdh-jupyter doctor`: what is well is said, what is not says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from hdh_jupyter.db import newest_revision
from hdh_jupyter.state import StateFolder

from .conftest import Terminal


@pytest.fixture
def well(hdh: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Terminal]:
    """A platform with its tables, and the configuration file of the checkout."""
    for name in ("HDH_PROFILE", "HDH_STATE", "HDH_HOST", "HDH_PORT", "HDH_DATABASE_URL"):
        # Set, and so put back after the test whatever the command makes of it.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    hdh("init")
    yield hdh
    shutil.rmtree(hdh.state.sockets, ignore_errors=True)


def lines(outcome: str, mark: str) -> list[str]:
    return [line[2:] for line in outcome.splitlines() if line.startswith(f"{mark} ")]


def test_a_platform_that_is_well(well: Terminal) -> None:
    outcome = well("doctor")
    assert (outcome.status, lines(outcome.out, "x")) == (0, []), outcome.out
    assert newest_revision() in outcome.out
    assert any("python3" in line for line in lines(outcome.out, "-"))


def test_a_folder_that_others_may_read(well: Terminal) -> None:
    well.state.root.chmod(0o755)
    outcome = well("doctor")
    assert outcome.status == 1
    [problem] = lines(outcome.out, "x")
    assert f"chmod 700 {well.state.root}" in problem


def test_tables_of_an_older_version(well: Terminal) -> None:
    with well.database.engine.begin() as connection:
        connection.execute(text("update hdh_alembic_version set version_num = '0001'"))
    outcome = well("doctor")
    assert outcome.status == 1
    [problem] = lines(outcome.out, "x")
    assert "0001" in problem
    assert newest_revision() in problem


def test_a_database_that_is_away(well: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HDH_DATABASE_URL", f"sqlite:///{tmp_path}/no/such/folder.sqlite")
    outcome = well("doctor")
    assert outcome.status == 1
    assert any("HDH_DATABASE_URL" in line for line in lines(outcome.out, "x"))


def test_a_setting_that_does_not_exist(well: Terminal, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("c.GatewayLimits.exchangs = 3\n")
    outcome = well("doctor", f"--hub-config={wrong}")
    assert outcome.status == 1
    [problem] = lines(outcome.out, "x")
    assert "GatewayLimits.exchangs" in problem


def test_a_machine_without_bubblewrap(well: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hdh_jupyter.run.host.search_path", lambda: str(tmp_path))
    outcome = well("doctor")
    assert outcome.status == 1
    assert any("bubblewrap" in line for line in lines(outcome.out, "x"))


CLUSTER = """
import os
from hdh_jupyter.profiles import PROFILES
PROFILES["kubernetes"](c, os.environ)
c.KubeSpawner.image = "workspace@sha256:{digest}"
c.ProjectKubeSpawner.runtime_class = "gvisor"
c.ProjectKubeSpawner.egress_exceptions = {exceptions}
"""


@pytest.fixture
def cluster(well: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name, value in {
        "HDH_PROFILE": "kubernetes",
        "HDH_ORIGIN": "https://hdh.example",
        "HDH_HUB_URL": "http://hub:8081",
        "HDH_GATEWAY_URL": "http://gateway:8000",
    }.items():
        monkeypatch.setenv(name, value)
    return well


def test_what_is_open_on_a_cluster_is_told(cluster: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "cluster.py"
    path.write_text(CLUSTER.format(digest="0" * 64, exceptions=[{"address": "192.0.2.7", "port": 443}]))
    outcome = cluster("doctor", f"--hub-config={path}")
    assert outcome.status == 0, outcome.out
    assert any("192.0.2.7" in line for line in lines(outcome.out, "!"))
    assert not any("bubblewrap" in line for line in outcome.out.splitlines())


def test_a_setting_of_the_cluster_that_is_not_accepted(cluster: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "cluster.py"
    path.write_text(CLUSTER.format(digest="0" * 64, exceptions=[{"address": "example.org", "port": 443}]))
    outcome = cluster("doctor", f"--hub-config={path}")
    assert outcome.status == 1
    [problem] = lines(outcome.out, "x")
    assert "example.org" in problem


def test_where_there_is_no_platform(hdh: Terminal, tmp_path: Path) -> None:
    hdh.state = StateFolder(tmp_path / "elsewhere")
    assert hdh("doctor").code == "admin.no_platform"
