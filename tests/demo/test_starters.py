"""The starter notebooks: clean, placed once, and (for Python and R) run for real in a sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from PIL import Image

from hdh_jupyter.bubblewrap import Bind, open_files, sealed
from hdh_jupyter.demo.oscour import write_dataset
from hdh_jupyter.demo.starters import NOTEBOOKS, place_notebooks
from hdh_jupyter.interpreter import interpreter_inside

KERNELS = ("python3", "ir", "julia-1.10")

EXECUTE = "from nbclient.cli import main; main()"


@pytest.mark.parametrize("name", NOTEBOOKS.values())
def test_a_starter_is_a_clean_valid_notebook(tmp_path: Path, name: str) -> None:
    place_notebooks(tmp_path, KERNELS)
    notebook = nbformat.read(tmp_path / name, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert any('"results' in cell.source for cell in code)


@pytest.mark.parametrize(
    ("kernels", "placed"),
    [
        pytest.param([], [], id="00"),
        pytest.param(["python3"], ["demarrer-python.ipynb"], id="01"),
        pytest.param(["ir", "python3"], ["demarrer-python.ipynb", "demarrer-r.ipynb"], id="02"),
        pytest.param(["julia-1.9", "julia-1.11", "bash"], ["demarrer-julia.ipynb"], id="03"),
    ],
)
def test_only_offered_kernels_get_one(tmp_path: Path, kernels: list[str], placed: list[str]) -> None:
    assert place_notebooks(tmp_path, kernels) == placed
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(placed)


def test_the_notebook_names_the_kernel_that_is_there(tmp_path: Path) -> None:
    place_notebooks(tmp_path, ["julia-1.10"])
    notebook = json.loads((tmp_path / "demarrer-julia.ipynb").read_text())
    assert notebook["metadata"]["kernelspec"]["name"] == "julia-1.10"


def test_work_is_never_overwritten_and_no_link_is_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "demarrer-python.ipynb").write_text("mine")
    (home / "demarrer-r.ipynb").symlink_to(tmp_path / "elsewhere")
    assert place_notebooks(home, ("python3", "ir")) == []
    assert (home / "demarrer-python.ipynb").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("kernel", "result"), [("python3", "passages_hebdomadaires"), ("ir", "passages_hebdomadaires_r")]
)
def test_a_starter_runs_sealed_and_its_result_holds_no_small_cell(tmp_path: Path, kernel: str, result: str) -> None:
    if kernel == "ir" and not shutil.which("Rscript"):
        pytest.skip("R is not installed")
    home = tmp_path / "home"
    home.mkdir()
    write_dataset(tmp_path / "oscour", 300_000)
    [name] = place_notebooks(home, [kernel])
    box = sealed("project").seeing(
        Bind(home, Path("/home/project"), writable=True), Bind(tmp_path / "oscour", Path("/data/oscour"))
    )
    box = replace(box, chdir="/home/project", environment={**box.environment, "HOME": "/home/project"})
    descriptors = open_files(box.files)
    program = [str(interpreter_inside().executable), "-c", EXECUTE, "--inplace", "--timeout=300", name]
    done = subprocess.run(
        box.command(program, descriptors), pass_fds=tuple(descriptors.values()), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr

    outputs = [
        output for cell in nbformat.read(home / name, 4).cells if cell.cell_type == "code" for output in cell.outputs
    ]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)

    published = pd.read_csv(home / "results" / f"{result}.csv", dtype={"departement": str})
    assert list(published.columns) == ["semaine", "departement", "classe_age", "passages"]
    assert published["passages"].min() >= 11
    assert published["departement"].nunique() > 5
    with Image.open(home / "results" / f"{result}.png") as figure:
        assert figure.width > 1000
        assert len(figure.convert("RGB").quantize(64).getcolors() or ()) > 8
