"""Inside a sandbox Python stands where nothing tells of the host, wherever it stands outside."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hdh_jupyter.bubblewrap import open_files, sealed
from hdh_jupyter.interpreter import ENVIRONMENT, INSTALLATION, SYSTEM

ROOT = Path(__file__).parents[1]

LOOK = """
import json, multiprocessing, os, pathlib, ssl, sqlite3, sys
import probe_package
print(json.dumps({
    "prefixes": [sys.prefix, sys.base_prefix, sys.executable],
    "module": probe_package.__file__,
    "top": sorted(os.listdir("/")),
    "homes": sorted(os.listdir("/home")) if os.path.isdir("/home") else [],
    "child": os.popen(sys.executable + " -c 'import sys; print(sys.prefix)'").read().strip(),
    "by_name": os.popen("python3 -c 'import probe_package; print(probe_package.__name__)'").read().strip(),
}))
"""

SHOW = """
import json, sys
sys.path.insert(0, sys.argv[1])
from hdh_jupyter.bubblewrap import sealed
from hdh_jupyter.interpreter import interpreter_inside
import subprocess
from hdh_jupyter.bubblewrap import open_files
box = sealed("guest")
files = open_files(box.files)
command = box.command((str(interpreter_inside().executable), "-c", sys.argv[2]), files)
print(subprocess.run(command, pass_fds=tuple(files.values()), capture_output=True, text=True, check=True).stdout)
"""


@pytest.mark.parametrize("way", ["--symlinks", "--copies"])
@pytest.mark.parametrize("interpreter", sorted({Path(sys.executable).resolve(), Path("/usr/bin/python3").resolve()}))
def test_an_environment_in_somebody_s_home_shows_nothing_of_it(tmp_path: Path, interpreter: Path, way: str) -> None:
    if not interpreter.exists():
        pytest.skip("this system has one Python")
    environment = tmp_path / "home" / "somebody" / "project" / ".venv"
    made = subprocess.run([str(interpreter), "-m", "venv", "--without-pip", way, str(environment)], check=False)
    assert made.returncode == 0
    packages = next((environment / "lib").glob("python3*")) / "site-packages"
    (packages / "probe_package.py").write_text("")
    filtering = importlib.util.find_spec("pyseccomp")
    assert filtering is not None
    assert filtering.origin is not None
    shutil.copy(filtering.origin, packages)
    program = [str(environment / "bin" / "python"), "-c", SHOW, str(ROOT), LOOK]
    outcome = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr

    seen = json.loads(outcome.stdout)
    assert seen["prefixes"][0] == str(ENVIRONMENT)
    assert seen["prefixes"][1] in (str(INSTALLATION), str(SYSTEM))
    assert seen["child"] == str(ENVIRONMENT)
    assert seen["by_name"] == "probe_package"
    assert seen["module"].startswith(str(ENVIRONMENT))
    assert not {"home", "root", "work"} & set(seen["top"])
    assert "somebody" not in outcome.stdout


def test_nothing_inside_can_be_written() -> None:
    box = sealed("guest")
    files = open_files(box.files)
    places = f"{ENVIRONMENT} {ENVIRONMENT}/bin {ENVIRONMENT}/lib /usr / /etc"
    attack = f"for place in {places}; do touch $place/x && echo $place; done"
    command = box.command(("sh", "-c", attack), files)
    written = subprocess.run(command, pass_fds=tuple(files.values()), capture_output=True, text=True, check=False)
    assert written.stdout == ""
    assert "Read-only file system" in written.stderr
