"""`hdh-jupyter probe`, on a workspace that runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

from hdh_jupyter.spawner import supervision
from hdh_jupyter.spawner.supervision import Places
from hdh_jupyter.spawner.workspace import PYTHON
from tests.spawner.inside import Running, fill, running

from .conftest import Terminal

IDLE = (PYTHON, "-c", "import time; time.sleep(600)")


@pytest.fixture
def workspace(hdh: Terminal) -> Iterator[Running]:
    hdh.state.create()
    fill(hdh.state)
    with running(hdh.state, IDLE) as found:
        yield found
    shutil.rmtree(hdh.state.sockets)


def test_a_sealed_workspace_is_told_line_by_line(hdh: Terminal, workspace: Running) -> None:
    outcome = hdh("probe", workspace.places.project)
    assert outcome.status == 0, outcome.err
    assert "[tcp]" in outcome.out
    assert not any(line.startswith("x ") for line in outcome.out.splitlines())
    assert hdh.events()[-1].action == "workspace.probed"


def test_an_open_workspace_is_told_and_ended(hdh: Terminal, workspace: Running) -> None:
    plan = json.loads(workspace.places.probe_plan.read_text())
    plan["expected"]["datasets"] = []
    workspace.places.probe_plan.write_text(json.dumps(plan))
    outcome = hdh("probe", workspace.places.project)
    assert outcome.status == 1
    assert any(line.startswith("x ") and line.endswith("[data]") for line in outcome.out.splitlines())
    assert supervision.recorded(hdh.state) == {}


def test_a_workspace_that_does_not_run_is_an_error(hdh: Terminal) -> None:
    outcome = hdh("probe", "vox")
    assert (outcome.status, outcome.code) == (1, "spawner.not_running")
    assert not Places(hdh.state, "vox").finding.exists()


def test_a_project_has_to_be_named(hdh: Terminal) -> None:
    assert hdh("probe").code == "probe.which"
