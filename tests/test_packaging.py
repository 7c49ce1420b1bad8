"""The wheel works in an empty environment without node: prebuilt extension on, server extensions on, commands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run(*command: object, **options: object) -> str:
    outcome = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return str(outcome.stdout + outcome.stderr)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = run("git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    built = [
        str(p.relative_to(ROOT)) for p in (ROOT / "labextension/hdh_jupyter_labextension").rglob("*") if p.is_file()
    ]
    for name in [*filter(None, tracked), *built]:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source)
    return next(folder.glob("*.whl"))


def install(folder: Path, wheel: Path, extra: str) -> Path:
    """Install the wheel with one extra in an environment of its own, and return its programs' folder."""
    venv.create(folder, with_pip=True)
    run(folder / "bin/pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}[{extra}]")
    return folder / "bin"


def without_node(programs: Path) -> dict[str, str]:
    """Return an environment whose only programs are the environment's and the core system's."""
    bare = programs.parent / "bare"
    bare.mkdir()
    for name in ("sh", "env", "uname"):
        (bare / name).symlink_to(f"/usr/bin/{name}")
    return {"PATH": f"{programs}:{bare}", "HOME": str(programs.parent), "LANG": os.environ.get("LANG", "C.UTF-8")}


def test_the_wheel_holds_what_a_workspace_and_a_hub_need(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "hdh_jupyter/web/templates/page.html",
        "hdh_jupyter/locale/fr/web.yaml",
        "hdh_jupyter/disclosure/policies/french-health.yaml",
        "hdh_jupyter/catalogue/data/french_health_databases.yaml",
        "share/hdh-jupyter/jupyterhub_config.py",
        "share/jupyter/labextensions/@hdh/jupyter-labextension/package.json",
        "etc/jupyter/jupyter_server_config.d/hdh_lockdown.json",
    ):
        assert any(name.endswith(wanted) for name in names), wanted


def test_the_hub_extra_alone_gives_the_command_and_the_spawner(wheel: Path, tmp_path: Path) -> None:
    programs = install(tmp_path / "hub", wheel, "hub")
    environment = without_node(programs)
    assert "check-worker" in run(programs / "hdh-jupyter", "--help", env=environment)
    loading = (
        "from importlib.metadata import entry_points as e;"
        "print([p.load().__name__ for g in ('jupyterhub.spawners', 'jupyterhub.authenticators') for p in e(group=g)"
        " if p.name.startswith('hdh')])"
    )
    assert "SandboxSpawner" in run(programs / "python", "-c", loading, env=environment)


def test_the_workspace_extra_alone_gives_jupyterlab_with_its_extensions(wheel: Path, tmp_path: Path) -> None:
    programs = install(tmp_path / "workspace", wheel, "workspace")
    environment = without_node(programs)
    listed = run(programs / "jupyter", "labextension", "list", env=environment)
    ours = next(line for line in listed.splitlines() if "@hdh/jupyter-labextension" in line)
    assert "enabled" in ours
    assert "OK" in ours
    servers = run(programs / "jupyter", "server", "extension", "list", env=environment)
    for name in ("hdh_catalogue", "hdh_egress", "hdh_lockdown"):
        assert f"{name} enabled" in COLOURS.sub("", servers)
    checked = run(
        programs / "python",
        "-c",
        "import sys; from hdh_jupyter.disclosure import check; import json;"
        "print(json.dumps(check(sys.argv[1:]).to_dict('en')['verdict']))",
        str(ROOT / "setup.cfg"),
        env=environment,
    )
    assert json.loads(checked.splitlines()[-1]) == "block"
