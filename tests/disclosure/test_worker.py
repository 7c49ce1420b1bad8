"""The worker process: its contract, its limits, and what a crash leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import Report
from hdh_jupyter.disclosure.previewing import Preview


def run(inputs: Path, outputs: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hdh_jupyter.disclosure.worker", str(inputs), str(outputs), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    inputs, outputs = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    outputs.mkdir()
    (inputs / "0").write_text("region;n\nBretagne;120\nCorse;14\n")
    (inputs / "1").write_text("region;n\nBretagne;120\nCorse;3\n")
    files = [{"path": "0", "name": "results/weekly.csv"}, {"path": "1", "name": "results/small.csv"}]
    (inputs / "manifest.json").write_text(json.dumps({"files": files}))
    return inputs, outputs


def test_it_writes_a_report_and_the_releasable_files(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    done = run(inputs, outputs)
    assert done.returncode == 0, done.stderr
    report = Report.from_dict(json.loads((outputs / "report.json").read_text()))
    assert [(f.name, str(f.verdict)) for f in report.files] == [
        ("results/weekly.csv", "pass"),
        ("results/small.csv", "block"),
    ]
    assert sorted(p.name for p in (outputs / "files").iterdir()) == ["0"]
    assert not (outputs / "report.json.part").exists()


def test_too_little_memory_leaves_no_favourable_report(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    done = run(inputs, outputs, "--memory", str(40 << 20))
    # Where memory ends decides whether the check fails, or a file cannot be read.
    if done.returncode == 0:
        report = Report.from_dict(json.loads((outputs / "report.json").read_text()))
        assert {str(file.verdict) for file in report.files} == {"block"}
        assert not any(file.releasable for file in report.files)
        # Nothing is said of files that nobody could look at, but that.
        told = {finding.file for finding in report.findings if finding.rule.startswith("engine.")}
        assert told == {file.name for file in report.files}
        assert not list((outputs / "files").glob("*"))
    else:
        assert not (outputs / "report.json").exists()


def test_a_file_size_limit_leaves_no_favourable_report(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    done = run(inputs, outputs, "--file-size", "10")
    assert done.returncode != 0
    assert not (outputs / "report.json").exists()


@pytest.mark.parametrize("path", ["../0", "/etc/passwd", "", ".."])
def test_a_manifest_cannot_point_elsewhere(path: str, folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    (inputs / "manifest.json").write_text(json.dumps({"files": [{"path": path, "name": "a.csv"}]}))
    assert run(inputs, outputs).returncode != 0
    assert not (outputs / "report.json").exists()


def test_a_report_left_by_an_earlier_run_is_not_taken_for_this_one(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    (outputs / "report.json").write_text("{}")
    (inputs / "manifest.json").write_text("no json")
    assert run(inputs, outputs).returncode != 0
    assert not (outputs / "report.json").exists()


def test_it_proposes_remedies_and_says_why_there_is_none(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    (inputs / "1").write_text("region;f;h;total\nNord;120;40;160\nSud;35;4;39\nEst;60;52;112\ntotal;215;96;311\n")
    (inputs / "2").write_text("not a table\n")
    files = [
        {"path": "1", "name": "crossed.csv"},
        {"path": "2", "name": "note.txt"},
    ]
    (inputs / "manifest.json").write_text(json.dumps({"files": files, "propose": ["0", "1"]}))
    done = run(inputs, outputs)
    assert done.returncode == 0, done.stderr
    told = json.loads((outputs / "proposals.json").read_text())
    assert "suppress" in {proposal["id"] for proposal in told["0"]["proposals"]}
    assert told["1"] == {
        "proposals": [],
        "reason": {"code": "disclosure.remedy.kind", "params": {"allowed": "csv, tsv"}},
    }


def test_it_makes_what_is_shown_of_files_that_no_page_shows(folders: tuple[Path, Path]) -> None:
    inputs, outputs = folders
    (inputs / "1").write_text("# Passages\n\n| region | n |\n|---|---|\n| Nord | 120 |\n")
    files = [{"path": "0", "name": "weekly.csv"}, {"path": "1", "name": "note.md"}]
    (inputs / "manifest.json").write_text(json.dumps({"files": files}))
    done = run(inputs, outputs)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (outputs / "previews").iterdir()] == ["1"]
    shown = Preview.from_stored(json.loads((outputs / "previews" / "1").read_text()))
    assert any(part.form == "table" and part.rows == (("Nord", "120"),) for part in shown.parts)
