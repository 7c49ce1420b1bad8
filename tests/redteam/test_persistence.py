"""What code of a notebook leaves behind: for the server's next start, and after the workspace has ended.

The same files are planted in the home on both sides, both are started again, and only then is it looked at what they
did to the server. (What runs in kernels again is the project's own business.)
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.conftest import free_port

from hdh_jupyter.spawner.supervision import recorded

from .clients import PATIENCE, Server, enter
from .conftest import NEIGHBOUR, Machine
from .control import plain_jupyterlab
from .model import Attack, Outcome, Outcomes, Stands, attack
from .test_people import at_hub

pytestmark = pytest.mark.redteam

NOTEBOOK = Stands.NOTEBOOK

SERVER_CODE = attack(
    241, "Code in the server at its next start, by sitecustomize", NOTEBOOK, reference="lab_channels 38"
)
CONFIGURATION = attack(
    243, "Code in the server at its next start, by its configuration", NOTEBOOK, reference="lab_channels 38"
)
EXTENSION = attack(244, "A server extension from the home", NOTEBOOK, reference="lab_channels 38")
KERNEL = attack(245, "A kernel from the home, which starts any program", NOTEBOOK, reference="lab_channels 7")
LAB = attack(
    246, "A script for the page, as an extension of JupyterLab from the home", NOTEBOOK, reference="lab_channels 8"
)
SHADOWED = attack(247, "A module of the server's, in the folder where it starts", NOTEBOOK, reference="python -P")
DAEMON = attack(248, "A program that goes on after the workspace has ended", NOTEBOOK, reference="daemon(7)")

PLANT = """
import json, os, pathlib, site, subprocess, sys
home = pathlib.Path.home()
mark = home / "marks"
mark.mkdir(exist_ok=True)
def tell(name):
    return (
        "import sys, os, pathlib\\n"
        "words = ' '.join(open('/proc/self/cmdline').read().split(chr(0)))\\n"
        "if 'ipykernel' not in words and ('lab' in words or 'lockdown' in words):\\n"
        f"    pathlib.Path({str(mark)!r}, {name!r}).touch()\\n"
    )
packages = pathlib.Path(site.getusersitepackages())
packages.mkdir(parents=True, exist_ok=True)
(packages / "sitecustomize.py").write_text(tell("sitecustomize"))
(packages / "planted_extension.py").write_text(tell("extension") + "\\ndef _load_jupyter_server_extension(app): pass\\n"
    "def _jupyter_server_extension_points(): return [{'module': 'planted_extension'}]\\n")
(home / "jupyter_events.py").write_text(tell("shadowed") + (
    f"sys.path = [p for p in sys.path if p not in ('', {str(home)!r})]\\n"
    "del sys.modules['jupyter_events']\\n"
    "import importlib; sys.modules['jupyter_events'] = importlib.import_module('jupyter_events')\\n"))
settings = home / ".jupyter"
(settings / "jupyter_server_config.d").mkdir(parents=True, exist_ok=True)
for name in ("jupyter_config.py", "jupyter_server_config.py", "jupyter_lab_config.py"):
    (settings / name).write_text(tell("configuration"))
(settings / "jupyter_server_config.d" / "planted.json").write_text(
    json.dumps({"ServerApp": {"jpserver_extensions": {"planted_extension": True}}}))
share = home / ".local" / "share" / "jupyter"
(share / "kernels" / "planted").mkdir(parents=True, exist_ok=True)
(share / "kernels" / "planted" / "kernel.json").write_text(
    json.dumps({"argv": ["touch", str(mark / "kernel")], "display_name": "planted", "language": "python"}))
(share / "labextensions" / "planted" / "static").mkdir(parents=True, exist_ok=True)
(share / "labextensions" / "planted" / "package.json").write_text(
    json.dumps({"name": "planted", "version": "1.0.0", "jupyterlab": {"_build": {"load": "static/x.js"}}}))
(share / "labextensions" / "planted" / "static" / "x.js").write_text("planted")
"""

LEAVE = """
import subprocess, sys
child = '''
import os, sys, time
os.setsid()
if os.fork() == 0:
    for _ in range(600):
        open(%r, "w").write(str(time.time()))
        time.sleep(0.3)
'''
subprocess.run([sys.executable, "-c", child % {pulse!r}])
"""


@dataclass
class Side:
    """A server that was started again, with its home, on the host, and when its daemon last showed."""

    server: Server
    home: Path
    marks: set[str]
    daemon_lives: bool


def look(server: Server, home: Path, pulse: Path) -> Side:
    before = pulse.read_text() if pulse.exists() else ""
    time.sleep(1)
    marks = {path.name for path in (home / "marks").iterdir()}
    return Side(server, home, marks, (pulse.read_text() if pulse.exists() else "") != before)


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    """A plain JupyterLab of its own, started twice with one home."""
    folder = tmp_path_factory.mktemp("again")
    left_open = folder / "open"
    left_open.mkdir()
    home = folder / "home"
    # A virtual environment prefers itself to the home; anybody's JupyterLab, outside of one, does not.
    with plain_jupyterlab(folder, free_port(), {}, left_open) as server, server.kernel() as kernel:
        assert kernel.run(PLANT) == ""
        packages = kernel.run("import site; print(site.getusersitepackages())").strip()
        kernel.run(LEAVE.format(pulse=str(home / "pulse")))
        time.sleep(1)
    environment = {"PYTHONPATH": f"{packages}:{home}", "JUPYTER_PREFER_ENV_PATH": "0"}
    with plain_jupyterlab(folder, free_port(), environment, left_open) as server:
        server.request("POST", "api/kernels", json={"name": "planted"})
        yield look(server, home, home / "pulse")


@pytest.fixture(scope="module")
def here(machine: Machine, neighbour: Server) -> Side:
    """The neighbour's workspace, ended by its lead and opened again."""
    home = machine.folder.homes / NEIGHBOUR
    with neighbour.kernel() as kernel:
        assert kernel.run(PLANT) == ""
        kernel.run(LEAVE.format(pulse="/home/project/pulse"))
        time.sleep(1)
        assert (home / "pulse").exists()
    lead = machine.session("emma")
    at_hub(machine.origin, lead, "POST", f"projects/{NEIGHBOUR}/close")
    deadline = time.monotonic() + PATIENCE
    while NEIGHBOUR in recorded(machine.folder):
        assert time.monotonic() < deadline, "the workspace does not end"
        time.sleep(0.3)
    server = enter(machine.origin, lead, NEIGHBOUR)
    server.request("POST", "api/kernels", json={"name": "planted"})
    return look(server, home, home / "pulse")


TOLD = {
    SERVER_CODE: "sitecustomize", CONFIGURATION: "configuration", EXTENSION: "extension",
    KERNEL: "kernel", SHADOWED: "shadowed",
}  # fmt: skip


@pytest.mark.parametrize("tried", TOLD, ids=lambda tried: str(tried.number))
def test_what_was_planted_runs_in_the_server(tried: Attack, control: Side, here: Side, outcomes: Outcomes) -> None:
    found = [
        Outcome(TOLD[tried] in side.marks, "it runs" if TOLD[tried] in side.marks else "it does not run")
        for side in (control, here)
    ]
    outcomes.judge(tried, control=found[0], here=found[1])


def test_what_was_planted_is_served(control: Side, here: Side, outcomes: Outcomes) -> None:
    found = []
    for side in (control, here):
        reply = side.server.request("GET", "lab/extensions/planted/static/x.js")
        found.append(Outcome("planted" in reply.text, f"{reply.status_code}"))
    outcomes.judge(LAB, control=found[0], here=found[1])


def test_what_was_left_goes_on(control: Side, here: Side, outcomes: Outcomes) -> None:
    words = {True: "it goes on", False: "it has ended"}
    found = [Outcome(side.daemon_lives, words[side.daemon_lives]) for side in (control, here)]
    outcomes.judge(DAEMON, control=found[0], here=found[1])
