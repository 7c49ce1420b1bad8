"""What is imported, and when: a check is a process of its own, and whoever shows a report parses nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PARSERS = {"PIL", "nbformat", "pyarrow", "re2"}


def imported_by(program: str) -> set[str]:
    """Return the packages that a program has imported at its end."""
    whole = f"{program}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", whole], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("module", ["hdh_jupyter.disclosure", "hdh_egress", "hdh_egress.checking"])
def test_a_report_is_shown_without_what_parses_files(module: str) -> None:
    program = (
        f"import sys\nsys.path.insert(0, 'extensions')\nimport {module}\nfrom hdh_jupyter.disclosure import Report"
    )
    found = imported_by(program)
    # The Jupyter server itself reads notebooks.
    assert found & (PARSERS - ({"nbformat"} if module.startswith("hdh_egress") else set())) == set()


def test_every_public_name_is_there() -> None:
    found = imported_by("from hdh_jupyter.disclosure import *\nassert callable(check) and callable(sanitise)")
    assert found >= {"pyarrow", "re2"}


def test_the_worker_goes_without_data_frames(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("region;n\nNord;120\nSud;340\n")
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [{"path": "0", "name": "t.csv"}]}))
    out = tmp_path / "out"
    out.mkdir()
    found = imported_by(
        f"from hdh_jupyter.disclosure.worker import main\nassert main([{str(tmp_path)!r}, {str(out)!r}]) == 0"
    )
    assert "pyarrow" in found
    assert not found & {"pandas", "nbformat", "PIL", "highspy"}
    assert json.loads((out / "report.json").read_text())["verdict"] == "pass"
