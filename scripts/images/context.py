"""What a build sees: the files of images/, the known versions, the project's wheel, and local folders of wheels."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def lay_out(folder: Path, packages: Mapping[Path, str]) -> None:
    """Fill `folder`, which is the context of the builds.

    Parameters
    ----------
    packages
        Folders of wheels on this machine -> names below `packages/`. Files are linked where the disk is the same.
    """
    shutil.copytree(ROOT / "images", folder / "images")
    shutil.copy(ROOT / "constraints.txt", folder)
    make_wheel(folder / "wheels", folder.parent / "source")
    (folder / "packages").mkdir()
    for place, name in packages.items():
        if place.is_dir():
            shutil.copytree(place, folder / "packages" / name, copy_function=_link)


def make_wheel(target: Path, copy: Path) -> None:
    """Make the project's wheel from a copy of what git tracks and the built front end: the checkout stays as it is."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, check=True
    )
    tracked = [ROOT / os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    built = (ROOT / "labextension" / "hdh_jupyter_labextension").rglob("*")
    for file in (*tracked, *built):
        if file.is_file():
            place = copy / file.relative_to(ROOT)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(target)]
    subprocess.run([*command, str(copy)], check=True)
    shutil.rmtree(copy)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        return str(shutil.copyfile(source, target))
    return target
