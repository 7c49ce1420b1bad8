"""The kernels that the host lets a workspace offer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hdh_jupyter.bubblewrap import Bind
from hdh_jupyter.spawner import kernels
from hdh_jupyter.spawner.kernels import available_kernels, julia_kernels, r_kernel


@pytest.fixture
def julia(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Julia in a folder of its own and its kernel in somebody's home."""
    kernel = tmp_path / "home/.local/share/jupyter/kernels/julia-1.9"
    for folder in ("julia/bin", "julia/share/julia", "home/.julia/packages", kernel):
        (tmp_path / folder).mkdir(parents=True)
    program = tmp_path / "julia" / "bin" / "julia"
    program.touch(mode=0o755)
    script = tmp_path / "home/.julia/packages/kernel.jl"
    specification = {"argv": [str(program), str(script), "{connection_file}"], "display_name": "Julia"}
    (kernel / "kernel.json").write_text(json.dumps(specification))
    (kernel / "logo-64x64.png").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.delenv("JULIA_DEPOT_PATH", raising=False)
    return tmp_path


def test_julia_brings_its_installation_and_depot_read_only(julia: Path) -> None:
    (kernel,) = julia_kernels()
    depot = julia / "home" / ".julia"
    assert kernel.name == "julia-1.9"
    assert kernel.environment["JULIA_DEPOT_PATH"].split(":")[:2] == ["/home/project/.julia", str(depot)]
    assert {bind.source for bind in kernel.binds} == {
        julia / "julia",
        depot,
        julia / "home/.local/share/jupyter/kernels/julia-1.9/logo-64x64.png",
    }
    assert not any(bind.writable for bind in kernel.binds)


def test_a_launcher_in_a_home_does_not_bring_the_home(julia: Path) -> None:
    (julia / "julia/share/julia").rmdir()
    (kernel,) = julia_kernels()
    assert Bind(julia / "julia", julia / "julia") not in kernel.binds


def test_no_julia_no_kernel(julia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert julia_kernels() == ()


def test_r_needs_its_kernel_package(julia: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (julia / "julia/bin/R").touch(mode=0o755)
    monkeypatch.setattr(kernels, "R_LIBRARIES", (str(julia / "library"),))
    assert r_kernel() == ()
    (julia / "library/IRkernel").mkdir(parents=True)
    (julia / "library/IRkernel/DESCRIPTION").touch()
    (kernel,) = r_kernel()
    assert kernel.specification["language"] == "R"
    folder = next(bind.source for bind in kernel.binds if bind.target == kernels.R_FOLDER)
    for name in ("R_PROFILE", "HDH_R_FUNCTIONS"):
        place = Path(kernel.environment[name])
        assert place.parent == kernels.R_FOLDER
        assert (folder / place.name).is_file()


def test_python_is_always_there() -> None:
    python = available_kernels()[0]
    assert python.file == "/opt/kernels/kernels/python3/kernel.json"
    assert json.loads(python.text)["argv"][-1] == "{connection_file}"
    assert python.environment["KERAS_BACKEND"] == "torch"
