"""What a workspace may use, from the deployment's settings and the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from hdh_jupyter.spawner.limits import WorkspaceLimits, machine_cores, machine_memory


def test_by_default_a_workspace_has_a_share_of_the_machine(tmp_path: Path) -> None:
    limits = WorkspaceLimits().of("vox", tmp_path)
    assert limits.memory == machine_memory() // 2
    assert limits.cpu == max(1.0, 0.75 * machine_cores())
    assert limits.processes == 1024 + 128 * machine_cores()
    disk = os.statvfs(tmp_path)
    assert limits.disk == limits.file_size == disk.f_blocks * disk.f_frsize // 10
    assert limits.tmp == limits.memory // 4
    assert limits.shared_memory == limits.memory // 2
    assert min(limits.to_dict().values()) > 0


def test_settings_are_the_deployments_and_a_projects_own(tmp_path: Path) -> None:
    config = Config()
    config.WorkspaceLimits.memory = "8G"
    config.WorkspaceLimits.cpu = 2
    config.WorkspaceLimits.projects = {"vox": {"memory": "16G", "disk": "1T"}}
    settings = WorkspaceLimits(config=config)
    assert settings.of("nox", tmp_path).memory == 8 * 2**30
    vox = settings.of("vox", tmp_path)
    assert (vox.memory, vox.cpu, vox.disk, vox.file_size) == (16 * 2**30, 2, 2**40, 2**40)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param({"memory": "much"}, id="00 no size"),
        pytest.param({"cpu": -1}, id="01 less than nothing"),
        pytest.param({"projects": {"vox": {"memroy": "8G"}}}, id="02 an unknown name"),
        pytest.param({"projects": {"vox": 8}}, id="03 no settings"),
        pytest.param({"projects": {"vox": {"memory": "much"}}}, id="04 no size, for a project"),
        pytest.param({"projects": {"vox": {"required": False}}}, id="05 what is for all"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(tmp_path: Path, setting: dict[str, object]) -> None:
    with pytest.raises(TraitError):
        WorkspaceLimits(**setting).of("vox", tmp_path)
