"""Processes killed, people removed, time running out: what must go on goes on, what must end ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from hdh_jupyter.db import open_database
from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.projects.model import Authorisation, BasisKind, Opinion, ProjectRole
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.spawner.supervision import Supervisor, recorded
from hdh_jupyter.state import StateFolder

from .conftest import COMMAND, Platform, free_port
from .inside import call, lab, run_inside

pytestmark = pytest.mark.e2e

PATIENCE = 60
"""Seconds."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of its own: these tests break it."""
    platform = Platform(tmp_path_factory.mktemp("machine") / "state", free_port())
    platform.start()
    yield platform
    platform.stop()
    assert platform.processes(str(platform.state)) == []
    assert not StateFolder(platform.state).sockets.exists()


@pytest.fixture(scope="module")
def person(machine: Platform, browser: Browser) -> Callable[[str], Page]:
    """Return a JupyterLab page of a person."""

    def open_lab(name: str) -> Page:
        page = browser.new_context(locale="fr-FR").new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(machine.origin)
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", machine.passwords[name])
        page.click("[type=submit]")
        page.wait_for_url("**/hub/home")
        page.goto(f"{machine.origin}/hub/spawn/prj-{OPEN_PROJECT}")
        lab(page).wait_for_selector("#filebrowser", state="attached")
        return page

    return open_lab


@pytest.fixture(scope="module")
def alice(person: Callable[[str], Page]) -> Page:
    return person("alice")


def until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.3)


def answers(page: Page) -> bool:
    try:
        return call(page, "api/contents?content=0")[0] == 200
    except Exception:
        return False


def portal_answers(machine: Platform) -> bool:
    request = Request(f"http://127.0.0.1:{machine.port}/hub/health", headers={"Host": f"hdh.localhost:{machine.port}"})
    try:
        with urlopen(request, timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def open_again(machine: Platform, page: Page) -> None:
    """Open the workspace, once the person has the right to: a right that comes back takes some seconds."""

    def admitted() -> bool:
        reply = page.goto(f"{machine.origin}/hub/spawn/prj-{OPEN_PROJECT}")
        return reply is not None and reply.status < 400

    until(admitted, "the person may open the workspace")
    lab(page).wait_for_selector("#filebrowser", state="attached")


def workspaces(machine: Platform) -> dict[str, Supervisor]:
    """Return the workspaces that run on this machine's state folder, each with the identity of its supervisor."""
    return recorded(StateFolder(machine.state))


@pytest.mark.parametrize("victim", ["gateway", "hub", "check-worker"])
def test_a_killed_process_comes_back_and_the_workspace_never_stopped(
    machine: Platform, alice: Page, victim: str
) -> None:
    run_inside(alice, f"open('mark-{victim}', 'w').write('here')")
    before = workspaces(machine)
    assert list(before) == [OPEN_PROJECT]
    words = {"hub": ("jupyterhub", "--config"), "gateway": ("hdh_jupyter gateway", str(machine.state)),
             "check-worker": ("hdh_jupyter check-worker", str(machine.state))}[victim]  # fmt: skip
    pids = [pid for pid in machine.processes(*words) if str(machine.state) in _environment(pid)]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    until(lambda: any(pid not in pids for pid in machine.processes(*words)), f"{victim} comes back")
    until(lambda: portal_answers(machine), "the portal answers")
    until(lambda: answers(alice), "the workspace answers through the gateway")
    assert workspaces(machine) == before
    assert "here" in run_inside(alice, f"print(open('mark-{victim}').read())")


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def test_a_person_who_is_removed_is_out_within_seconds(machine: Platform, person: Callable[[str], Page]) -> None:
    bruno = person("bruno")
    closed = """
        () => new Promise((resolve, reject) => {
          const base = location.pathname.match(/^\\/user\\/[^/]+\\//)[0];
          // The browser's own kind: the page's tells JupyterLab 1000, lest it connect again and again.
          const address = location.origin.replace('http', 'ws') + base + 'api/events/subscribe';
          const socket = new WebSocket.prototype.constructor(address);
          socket.onopen = () => { window.watched = socket; resolve('open') };
          socket.onclose = event => { window.closedWith = event.code };
          setTimeout(() => reject(new Error('no websocket')), 10000);
        })
    """
    assert lab(bruno).evaluate(closed) == "open"
    registry = Registry(open_database(StateFolder(machine.state).database_url))
    registry.set_member(OPEN_PROJECT, "bruno", None)
    until(lambda: lab(bruno).evaluate("window.closedWith") is not None, "the websocket closes")
    assert lab(bruno).evaluate("window.closedWith") == 4403
    until(lambda: not answers(bruno), "requests are refused")
    registry.set_member(OPEN_PROJECT, "bruno", ProjectRole.RESEARCHER)


def test_an_authorisation_that_ends_closes_the_workspace_and_keeps_its_files(machine: Platform, alice: Page) -> None:
    registry = Registry(open_database(StateFolder(machine.state).database_url))
    basis = registry.project(OPEN_PROJECT).authorisation
    run_inside(alice, "open('kept', 'w').write('still here')")
    yesterday = date.today() - timedelta(days=1)
    registry.set_authorisation(
        OPEN_PROJECT,
        Authorisation(
            BasisKind.AUTHORISATION,
            Opinion.FAVOURABLE,
            yesterday - timedelta(days=400),
            "DR-TEST",
            yesterday - timedelta(days=365),
            yesterday,
        ),
    )
    until(lambda: not answers(alice), "nobody gets in")
    until(lambda: not workspaces(machine), "the workspace ends by itself")
    assert (machine.state / "homes" / OPEN_PROJECT / "kept").read_text() == "still here"
    alice.goto(f"{machine.origin}/hub/home")
    expect(alice.locator("article", has_text="Recours aux urgences")).to_contain_text("expirée")
    registry.set_authorisation(OPEN_PROJECT, basis)


def test_a_second_platform_on_the_same_port_or_folder_is_refused_in_a_sentence(
    machine: Platform, tmp_path: Path
) -> None:
    def start(state: Path, port: int) -> str:
        outcome = subprocess.run(
            [COMMAND, "run", f"--state={state}", f"--port={port}"],
            capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LANG": "en_GB.UTF-8"},
        )  # fmt: skip
        assert outcome.returncode == 1
        assert "Traceback" not in outcome.stderr
        return outcome.stderr

    assert f"Port {machine.port} is taken" in start(tmp_path / "other", machine.port)
    assert "already runs" in start(machine.state, free_port())


def test_ctrl_c_leaves_no_process_and_no_socket(machine: Platform, alice: Page) -> None:
    open_again(machine, alice)
    supervisor = workspaces(machine)[OPEN_PROJECT]
    machine.stop()
    try:
        assert machine.processes(str(machine.state)) == []
        assert not supervisor.alive()
        assert not StateFolder(machine.state).sockets.exists()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", machine.port)) != 0
    finally:
        machine.start()
