"""What a build sees."""

from __future__ import annotations

import zipfile
from pathlib import Path

from scripts.images.context import ROOT, lay_out


def test_the_context_holds_the_wheel_the_steps_and_local_packages(tmp_path: Path) -> None:
    wheels = tmp_path / "own"
    wheels.mkdir()
    (wheels / "some-1.0-py3-none-any.whl").write_bytes(b"wheel")
    folder = tmp_path / "scratch" / "context"
    folder.mkdir(parents=True)
    lay_out(folder, {wheels: "0", tmp_path / "not there": "1"})
    assert sorted(entry.name for entry in folder.iterdir()) == ["constraints.txt", "images", "packages", "wheels"]
    assert (folder / "packages/0/some-1.0-py3-none-any.whl").samefile(wheels / "some-1.0-py3-none-any.whl")
    assert (folder / "images/steps/harden").read_bytes() == (ROOT / "images/steps/harden").read_bytes()
    (made,) = (folder / "wheels").iterdir()
    names = zipfile.ZipFile(made).namelist()
    assert "hdh_lockdown/server.py" in names
    assert not [name for name in names if name.startswith(("tests/", "images/", "scripts/"))]
    assert [entry.name for entry in folder.parent.iterdir()] == ["context"]
