"""Workspaces that take all they can: of the machine, of the gateway, and of everybody's patience.

They run on a platform with small limits, so that a try takes seconds and harms nobody. While each runs, the portal and
another project's workspace must answer; after it, the attacker's own workspace still works, or opens again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from e2e.conftest import free_port
from websocket import ABNF, WebSocketException

from hdh_jupyter.cgroups.choice import Kind
from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.projects.model import Member, ProjectRole
from hdh_jupyter.spawner.sandbox import place_of_groups
from hdh_jupyter.spawner.supervision import recorded

from .clients import PATIENCE, Kernel, Server, enter
from .conftest import Machine
from .inside import attempt
from .inside_resources import HUNGRY
from .model import Expected, Outcome, Outcomes, Stands, attack
from .test_people import at_hub

pytestmark = pytest.mark.redteam

MIB = 2**20

NARROW, QUIET, FROZEN = "etroit", "paisible", "fige"
"""The attacker's project, the neighbour's, and one whose server is frozen from the start to the end."""

CONFIGURATION = f"""
import os
from hdh_jupyter.profiles import PROFILES

PROFILES["sandbox"](c, os.environ)
c.WorkspaceLimits.projects = {{{NARROW!r}: {{
    "memory": "768M", "cpu": 1.0, "processes": 200, "disk": "100M", "files": 2000, "tmp": "64M", "shared_memory": "64M",
}}}}
c.Budgets.person_hour = 5_000_000
c.GatewayLimits.contents_text = 2 * 2**20
c.GatewayLimits.websockets = 24
"""

SCALES = {
    "control": {"cores": 1, "generations": 8, "processes": 220, "seconds": 4, "files": 2500},
    "here": {"cores": 1, "generations": 10**9, "processes": 220, "seconds": 600, "files": 10**5},
}
"""What the same code takes on either side: the control no more than the machine can spare."""

BREAKS = (420, 421)
"""Those that leave something behind which only a new start of the workspace takes away."""

LOG = attack(
    422, "Sixteen megabytes into the server's log", Stands.NOTEBOOK, expected=Expected.BOUNDED,
    reference="descriptors 1 and 2, which kernels inherit",
)  # fmt: skip
TO_HTTP = attack(
    431, "More of the files than a person is shown in an hour, by a script", Stands.COOKIE, expected=Expected.BOUNDED,
    reference="lab_channels 3",
)  # fmt: skip
TO_SOCKET = attack(
    432, "More of a kernel's answers than a person is shown in an hour", Stands.COOKIE, expected=Expected.BOUNDED,
    reference="lab_channels 11",
)  # fmt: skip
HUGE = attack(
    433, "A file of four megabytes in one reply", Stands.COOKIE, expected=Expected.BOUNDED, reference="lab_channels 3"
)
SOCKETS = attack(434, "Websockets without end", Stands.COOKIE, expected=Expected.BOUNDED, reference="RFC 6455")


class Narrow(Machine):
    """The platform with small limits."""

    def is_open(self, project: str) -> bool:
        return project in recorded(self.folder)

    def close(self, project: str) -> None:
        """End a workspace as its lead does at the portal."""
        at_hub(self.origin, self.lead, "POST", f"projects/{project}/close").raise_for_status()
        until(lambda: not self.is_open(project), f"the workspace {project} does not end")

    def told(self, server: Server) -> list[str]:
        """Return the codes of the events that members read, newest first."""
        return [event["code"] for event in server.json("GET", "hdh/usage")["events"]]

    @property
    def lead(self) -> requests.Session:
        return self.session("claire")


def until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.2)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory, names: None) -> Iterator[Narrow]:
    """A platform of its own with three open projects."""
    folder = tmp_path_factory.mktemp("narrow")
    (folder / "hub_config.py").write_text(CONFIGURATION)
    machine = Narrow(folder / "state", free_port(), options=(f"--hub-config={folder / 'hub_config.py'}",))
    machine.start()
    demonstrated = machine.registry.project(OPEN_PROJECT)
    researchers = [Member(name, ProjectRole.RESEARCHER) for name in ("alice", "bruno", "david")]
    members = (*researchers, Member("claire", ProjectRole.LEAD))
    for project in (NARROW, QUIET, FROZEN):
        machine.registry.add_project(replace(demonstrated, id=project, title=project, members=members))
    yield machine
    machine.stop()
    assert machine.processes(str(machine.state)) == [], "something was left running"


@pytest.fixture(scope="module")
def frozen(narrow: Narrow) -> Server:
    """A workspace whose server was frozen by a notebook; members are told half a minute later."""
    server = narrow.enter("alice", FROZEN)
    kernel = server.json("POST", "api/kernels", {"name": "python3"})["id"]
    # What closes the connection waits for the frozen server.
    with suppress(OSError, ValueError, WebSocketException), Kernel(server, kernel) as connected:
        attempt(connected, HUNGRY[423].code, {"seconds": 3600})
    return server


@dataclass
class Attacker:
    """The attacker's workspace, opened again whenever it has ended, and a kernel there."""

    machine: Narrow
    server: Server
    number: str = ""

    def reopened(self) -> Server:
        self.server = enter(self.machine.origin, self.server.session, NARROW)
        self.number = ""
        return self.server

    @contextmanager
    def kernel(self) -> Iterator[Kernel]:
        """Connect to the kernel, the same for as long as the workspace runs."""
        if not self.number:
            self.number = self.server.json("POST", "api/kernels", {"name": "python3"})["id"]
        with Kernel(self.server, self.number) as kernel:
            yield kernel


@pytest.fixture(scope="module")
def attacker(narrow: Narrow, frozen: Server) -> Attacker:
    return Attacker(narrow, narrow.enter("alice", NARROW))


class Bystanders:
    """Asks the portal and another project's workspace, over and over."""

    def __init__(self, narrow: Narrow, server: Server) -> None:
        self.ways: dict[str, Callable[[], requests.Response]] = {
            "another project's workspace": lambda: server.request("GET", "api/contents?content=0", timeout=20),
            "the portal": lambda: at_hub(narrow.origin, server.session, "GET", "home", timeout=20),
        }
        self.failures: set[str] = set()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask at least once before the block ends."""
        self.failures.clear()
        ended = threading.Event()
        thread = threading.Thread(target=self._ask, args=(ended,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _ask(self, ended: threading.Event) -> None:
        while True:
            for name, way in self.ways.items():
                try:
                    answered = way().status_code == 200
                except requests.RequestException:
                    answered = False
                if not answered:
                    self.failures.add(name)
            if ended.wait(0.3):
                return

    def judged(self, here: Outcome) -> Outcome:
        """Return the outcome, which is bad when somebody else got no answer."""
        return Outcome(True, f"no answer from {min(self.failures)}") if self.failures else here


@pytest.fixture(scope="module")
def bystanders(narrow: Narrow, frozen: Server) -> Bystanders:
    return Bystanders(narrow, narrow.enter("alice", QUIET))


@pytest.fixture(scope="module")
def control_kernel(plain: Server) -> Iterator[Kernel]:
    with plain.kernel() as kernel:
        yield kernel


TAKEN = sorted(set(HUNGRY) - {423})


@pytest.mark.parametrize("number", TAKEN)
def test_a_workspace_takes_all_it_can(
    number: int, control_kernel: Kernel, attacker: Attacker, bystanders: Bystanders, outcomes: Outcomes
) -> None:
    tried = HUNGRY[number]
    control = attempt(control_kernel, tried.code, SCALES["control"])
    with bystanders.asking():
        here = taken(attacker, number)
    here = bystanders.judged(here)
    if not here.reached and number in BREAKS:
        # The portal takes a workspace that ended by itself for open for half a minute, unless it is told to close it.
        attacker.machine.close(NARROW)
        attacker.reopened()
        with attacker.kernel() as kernel:
            kernel.run("import glob, shutil\nfor folder in glob.glob('tmp*'): shutil.rmtree(folder)")
    if tried.tells and place_of_groups().kind is not Kind.NONE:
        until(lambda: tried.tells in attacker.machine.told(attacker.server), f"{tried.attack}: nobody is told")
    with attacker.kernel() as kernel:
        assert kernel.run("print(1 + 1)") == "2\n", "the attacker's own workspace does not work any more"
    missing = not control.reached and control.detail in tried.absent
    reason = f"the machine has no such thing ({control.detail})" if missing else ""
    outcomes.judge(tried.attack, control=None if missing else control, here=here, no_control=reason)


def taken(attacker: Attacker, number: int) -> Outcome:
    """Try it in the workspace, which may end under it."""
    try:
        with attacker.kernel() as kernel:
            return attempt(kernel, HUNGRY[number].code, SCALES["here"], 40)
    except (OSError, RuntimeError, ValueError, WebSocketException):
        # No answer: that is right of a workspace that ends.
        until(lambda: not attacker.machine.is_open(NARROW), "the workspace neither answers nor ends")
        return Outcome(False, "the workspace is ended, and opens again")


def size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))


FLOOD = """
import os, sys
for _ in range(256):
    os.write(sys.stderr._original_stdstream_copy, b"x" * 65535 + b"\\n")
print("written")
"""


def test_the_log_is_flooded(
    control_kernel: Kernel, plain_folder: Path, attacker: Attacker, bystanders: Bystanders, outcomes: Outcomes
) -> None:
    notes = attacker.machine.folder.workspaces / NARROW
    assert control_kernel.run(FLOOD) == "written\n"
    with bystanders.asking(), attacker.kernel() as kernel:
        assert kernel.run(FLOOD) == "written\n"
    until(lambda: size(notes, "workspace.log*") > MIB, "nothing arrives: the attack proves nothing")
    grown = [size(plain_folder, "control.log") > 4 * MIB, size(notes, "workspace.log*") > 4 * MIB]
    control, here = (Outcome(all_of_it, "all of it is kept" if all_of_it else "the end is kept") for all_of_it in grown)
    outcomes.judge(LOG, control=control, here=bystanders.judged(here))


def test_more_files_than_the_budget(plain: Server, narrow: Narrow, bystanders: Bystanders, outcomes: Outcomes) -> None:
    found = []
    with bystanders.asking():
        for server in (plain, narrow.enter("david", NARROW)):
            server.writes("large.txt", "x" * 10**6)
            replies = [server.request("GET", "api/contents/large.txt") for _ in range(9)]
            refused = {f"{reply.status_code} {reply.json()['code']}" for reply in replies if not reply.ok}
            received = sum(len(reply.content) for reply in replies)
            found.append(Outcome(received > 6 * 10**6, ", ".join(refused) or "all of it comes"))
    outcomes.judge(TO_HTTP, control=found[0], here=bystanders.judged(found[1]))


ASKED = {
    "header": {"msg_type": "execute_request", "username": "", "session": "x", "date": "2020-01-01T00:00:00Z",
               "version": "5.3"},
    "parent_header": {}, "metadata": {}, "channel": "shell",
    "content": {"code": "", "silent": False, "store_history": False, "allow_stdin": False,
                "user_expressions": {"much": "'x' * 10**6"}},
}  # fmt: skip


def received_by_socket(server: Server) -> Outcome:
    """Ask a kernel for nine megabytes in its replies, and count what comes."""
    received = 0
    with server.kernel() as kernel:
        socket = server.socket(f"api/kernels/{kernel.number}/channels")
        with suppress(OSError, WebSocketException):
            for number in range(9):
                message = {**ASKED, "header": {**ASKED["header"], "msg_id": str(number)}}
                socket.send(json.dumps(message))
        while received < 9 * 10**6:
            kind, content = socket.recv_data(control_frame=True)
            if kind == ABNF.OPCODE_CLOSE:
                socket.shutdown()
                return Outcome(received > 7 * 10**6, f"closed, {int.from_bytes(content[:2])}")
            received += len(content)
        socket.close()
    return Outcome(True, "all of it comes")


def test_more_answers_than_the_budget(
    plain: Server, narrow: Narrow, bystanders: Bystanders, outcomes: Outcomes
) -> None:
    with bystanders.asking():
        here = received_by_socket(narrow.enter("bruno", NARROW))
    assert here.reached or here.detail == "closed, 4290"
    outcomes.judge(TO_SOCKET, control=received_by_socket(plain), here=bystanders.judged(here))


def test_a_huge_reply(plain: Server, attacker: Attacker, bystanders: Bystanders, outcomes: Outcomes) -> None:
    found = []
    with bystanders.asking():
        for server in (plain, attacker.server):
            server.writes("huge.txt", "x" * 4 * MIB)
            reply = server.request("GET", "api/contents/huge.txt")
            code = f"{reply.status_code} {reply.json().get('code', 'it comes')}"
            found.append(Outcome(len(reply.content) > 2 * MIB, code))
    outcomes.judge(HUGE, control=found[0], here=bystanders.judged(found[1]))


def test_websockets_without_end(plain: Server, attacker: Attacker, bystanders: Bystanders, outcomes: Outcomes) -> None:
    found = []
    with bystanders.asking():
        for server in (plain, attacker.server):
            opened = []
            with suppress(OSError, WebSocketException):
                for _ in range(60):
                    opened.append(server.socket("api/events/subscribe"))
            assert opened, "none opens: the attack proves nothing"
            found.append(Outcome(len(opened) > 30, "all open" if len(opened) == 60 else "no more than so many"))
            for socket in opened:
                socket.close()
    outcomes.judge(SOCKETS, control=found[0], here=bystanders.judged(found[1]))


def test_the_server_is_frozen(
    plain: Server, control_kernel: Kernel, narrow: Narrow, frozen: Server, bystanders: Bystanders, outcomes: Outcomes
) -> None:
    tried = HUNGRY[423]
    attempt(control_kernel, tried.code, {"seconds": 3})
    time.sleep(1.5)
    try:
        plain.request("GET", "api", timeout=1)
        control = Outcome(False, "it answers")
    except requests.Timeout:
        control = Outcome(True, "it answers nobody")
    until(lambda: tried.tells in narrow.told(frozen), "nobody is told")
    with bystanders.asking():
        narrow.close(FROZEN)
        again = enter(narrow.origin, frozen.session, FROZEN)
    with again.kernel() as kernel:
        assert kernel.run("print(1 + 1)") == "2\n"
    here = Outcome(False, "members are told, stop it at the portal and open it again")
    outcomes.judge(tried.attack, control=control, here=bystanders.judged(here))


def test_the_attackers_workspace_is_ended_and_opens_again(narrow: Narrow, attacker: Attacker) -> None:
    narrow.close(NARROW)
    with attacker.reopened().kernel() as kernel:
        assert kernel.run("print(1 + 1)") == "2\n"
