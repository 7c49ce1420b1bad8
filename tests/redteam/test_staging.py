"""Files that are chosen to be taken out: links, swaps, names, giants; and a server that lies about them.

A member's page asks the workspace to stage files, and the gateway pulls the copies. The attacker writes in the home at
the same time. The control is what a careless stager does: copy what the name leads to, and hand it out by JupyterLab's
raw file route.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.conftest import free_port

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database
from hdh_jupyter.egress.model import CheckState
from hdh_jupyter.egress.service import EgressService
from hdh_jupyter.egress.store import Store
from hdh_jupyter.routes import read_route

from .clients import PATIENCE, Kernel, Server
from .conftest import Machine
from .model import Attack, Outcome, Outcomes, Stands, attack
from .replaced_server import HostileServer, standing
from .staging_lies import LIES, STAGING, Lie, Taken, believing, kept
from .test_replaced_server import IDLE, expendable, moved

pytestmark = pytest.mark.redteam


DATA = "the first line of the data"


@dataclass(frozen=True)
class Chosen:
    """What the attacker makes in the home, the name that is staged, and what must not come out by it."""

    attack: Attack
    make: str
    name: str
    secret: str
    undo: str = ""


def chosen(number: int, title: str, make: str, name: str, secret: str = DATA, undo: str = "") -> Chosen:
    return Chosen(attack(number, title, Stands.NOTEBOOK, reference="symlink(7)"), make, name, secret, undo)


CHOSEN = (
    chosen(701, "A link to the data", "os.symlink(data, 'linked.csv')", "linked.csv"),
    chosen(702, "A file below a linked folder", "os.symlink(os.path.dirname(data), 'folder')",
           "folder/NAME"),
    chosen(703, "A link in a chain of links", "os.symlink(data, 'one'); os.symlink('one', 'two.csv')",
           "two.csv"),
    chosen(704, "A link to the memory of a process",
           "os.symlink('/proc/self/environ', 'environ.txt')", "environ.txt", "PATH="),
    chosen(706, "A link that swaps with a file while it is copied", "swap()", "swapped.csv", undo="stop()"),
    chosen(707, "A hard link to the data", "os.link(data, 'hard.csv')", "hard.csv"),
    chosen(708, "A hard link to a colleague's file",
           "open('colleague.csv', 'w').write('COLLEAGUE'); os.link('colleague.csv', 'mine.csv')", "mine.csv",
           "COLLEAGUE", "os.unlink('colleague.csv'); os.unlink('mine.csv')"),
    chosen(710, "A name that climbs to the data", "pass", "CLIMB"),
    chosen(711, "The data by its absolute name", "pass", "ABSOLUTE"),
    chosen(709, "A name with a line break in it, for who reads lists",
           "open('a\\nb.csv', 'w').write('HIDDEN')", "a\nb.csv", "HIDDEN"),
    chosen(713, "A file of five gigabytes that takes no room (sparse)",
           "open('giant.bin', 'wb').truncate(5 * 2**30)", "giant.bin", "\0" * 100, "os.unlink('giant.bin')"),
)  # fmt: skip

SETUP = """
import hashlib, os, shutil, socket, stat, threading, time
data = {data!r}
going = threading.Event()
def swap():
    going.set()
    open('swapped.csv', 'w').write('plain,1\\n' * 50)
    def work():
        while going.is_set():
            os.symlink(data, 'next')
            os.replace('next', 'swapped.csv')
            time.sleep(0.002)
            open('next', 'w').write('plain,1\\n' * 50)
            os.replace('next', 'swapped.csv')
            time.sleep(0.002)
    threading.Thread(target=work, daemon=True).start()
def stop():
    going.clear()
def careless(name):
    said = []
    def read():
        size = 0
        try:
            with open(name, 'rb') as file:
                while piece := file.read(1 << 20):
                    size += len(piece)
                    if size > 200 << 20:
                        said.append('it reads without end')
                        return
        except OSError:
            said.append('it falls over')
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(2)
    print((said or ['it waits for ever' if thread.is_alive() else 'it reads'])[0], end='')
"""


@pytest.fixture(scope="module")
def kernels(machine: Machine, plain: Server, workspace: Server) -> Iterator[dict[str, Kernel]]:
    """A kernel on either side, which knows where the data is."""
    name = data_file(machine).name
    places = {"control": str(data_file(machine)), "here": f"/data/oscour/{name}"}
    with plain.kernel() as control, workspace.kernel() as here:
        sides = {"control": control, "here": here}
        for side, kernel in sides.items():
            assert kernel.run(SETUP.format(data=places[side])) == ""
        yield sides


def data_file(machine: Machine) -> Path:
    """Return a file of the data."""
    return min(path for path in (machine.folder.datasets / "oscour").iterdir() if path.suffix == ".csv")


@pytest.fixture(scope="module")
def store(machine: Machine) -> Store:
    return Store(machine.folder.egress)


@pytest.fixture(scope="module")
def egress(machine: Machine, store: Store) -> EgressService:
    database = open_database(machine.folder.database_url)
    return EgressService(database, store, AuditLog(database, machine.folder.key("audit")), machine.registry)


@pytest.fixture(scope="module")
def taken(workspace: Server, egress: EgressService, store: Store) -> Callable[[str], tuple[str, bytes]]:
    """Stage a file, have it pulled, and return how that went and what the hub zone has then."""

    def take(name: str) -> tuple[str, bytes]:
        staged = workspace.request("POST", "hdh-egress/stage", json={"paths": [name]})
        if staged.status_code != 201:
            return f"{staged.status_code} {staged.json()['code']}", b""
        order = {"staging": staged.json()["staging"], "title": "attack"}
        made = workspace.request("POST", "hdh/egress/drafts", json=order)
        if made.status_code != 201:
            return f"{made.status_code} {made.json()['code']}", b""
        (file,) = egress.request(made.json()["id"], "alice").files
        return "taken", store.path(file.sha256).read_bytes()

    return take


def raw(server: Server, kernel: Kernel, name: str) -> tuple[str, bytes]:
    """Return the first bytes that the plain JupyterLab hands out of a copy."""
    if name != "giant.bin":
        kernel.run(f"shutil.copyfile({name!r}, 'copied')")
        name = "copied"
    with server.request("GET", f"files/{name}", stream=True) as reply:
        return str(reply.status_code), next(reply.iter_content(4096), b"") if reply.ok else b""


@pytest.mark.parametrize("tried", CHOSEN, ids=lambda tried: str(tried.attack.number))
def test_what_is_chosen_to_be_taken_out(
    tried: Chosen,
    machine: Machine,
    plain: Server,
    kernels: dict[str, Kernel],
    taken: Callable[[str], tuple[str, bytes]],
    outcomes: Outcomes,
) -> None:
    secret = tried.secret.encode()
    if tried.secret == DATA:
        secret = data_file(machine).read_bytes().splitlines()[0]
    name = tried.name.replace("NAME", data_file(machine).name)
    ways = {"control": lambda name: raw(plain, kernels["control"], name), "here": taken}
    found = {}
    for side, way in ways.items():
        place = kernels[side].run("print(data, end='')")
        name = name if tried.name not in ("CLIMB", "ABSOLUTE") else "../" * 20 * (tried.name == "CLIMB") + place
        kernels[side].run(tried.make)
        said, content = "", b""
        # A swap wins once in a while: the attacker tries again.
        for _ in range(12):
            said, content = way(name)
            if secret in content:
                break
            if not tried.make.startswith("swap"):
                break
        kernels[side].run(tried.undo or "pass")
        found[side] = Outcome(secret in content, "the bytes come out" if secret in content else said)
    here = found["here"]
    if tried.undo == "stop()" and not here.reached:
        here = Outcome(False, "the link is refused, the file comes as it is")
    outcomes.judge(tried.attack, control=found["control"], here=here)


def stuck(number: int, title: str, make: str, name: str, reference: str) -> tuple[Attack, str, str]:
    return attack(number, title, Stands.NOTEBOOK, reference=reference), make, name


STUCK = (
    stuck(705, "A pipe into which nobody writes", "os.mkfifo('pipe.csv')", "pipe.csv", "fifo(7)"),
    stuck(712, "A socket", "socket.socket(socket.AF_UNIX).bind('socket.csv')", "socket.csv", "unix(7)"),
    stuck(714, "A device that gives bytes without end",
          "os.mknod('device.csv', 0o666 | stat.S_IFCHR, os.makedev(1, 5))", "device.csv", "mknod(2), zero(4)"),
    stuck(715, "A link to a device that gives bytes without end", "os.symlink('/dev/zero', 'zero.csv')", "zero.csv",
          "zero(4)"),
)  # fmt: skip


@pytest.mark.parametrize("tried", STUCK, ids=lambda tried: str(tried[0].number))
def test_what_no_stager_gets_to_the_end_of(
    tried: tuple[Attack, str, str], workspace: Server, kernels: dict[str, Kernel], outcomes: Outcomes
) -> None:
    number, make, name = tried
    for kernel in kernels.values():
        kernel.run(make)
    said = kernels["control"].run(f"careless({name!r})")
    control = Outcome(said != "it reads", said)
    reason = "" if os.geteuid() == 0 or "mknod" not in make else "it needs root"
    reply = workspace.request("POST", "hdh-egress/stage", json={"paths": [name]}, timeout=20)
    here = Outcome(not 400 <= reply.status_code < 500, f"{reply.status_code} {reply.json().get('code', 'staged')}")
    for kernel in kernels.values():
        kernel.run(f"os.unlink({name!r})")
    outcomes.judge(number, control=None if reason else control, here=here, no_control=reason)


MANY = attack(716, "Ten thousand files at once", Stands.NOTEBOOK, reference="egress limits")

COPY_ALL = """
shutil.copytree('many', 'copies')
print(len(os.listdir('copies')))
shutil.rmtree('copies')
"""


def test_ten_thousand_files_at_once(workspace: Server, kernels: dict[str, Kernel], outcomes: Outcomes) -> None:
    for kernel in kernels.values():
        kernel.run("os.mkdir('many')\nfor n in range(10000): open(f'many/{n}', 'w').close()")
    copied = kernels["control"].run(COPY_ALL)
    paths = [f"many/{number}" for number in range(10_000)]
    reply = workspace.request("POST", "hdh-egress/stage", json={"paths": paths})
    for kernel in kernels.values():
        kernel.run("shutil.rmtree('many')")
    here = Outcome(reply.status_code == 201, f"{reply.status_code} {reply.json().get('code', 'staged')}")
    outcomes.judge(MANY, control=Outcome(copied == "10000\n", "all are copied"), here=here)


AFTER_CHECK = attack(717, "Another content after the check, before the copy", Stands.NOTEBOOK, reference="TOCTOU")
AFTER_STAGING = attack(718, "Another content after the copy, before the pull", Stands.NOTEBOOK, reference="TOCTOU")
STAGED_COPY = attack(719, "Another content in the staged copy itself", Stands.NOTEBOOK, reference="TOCTOU")

CLEAN, DIRTY = "week,count\n" + "1,120\n" * 40, "week,count\n" + "1,666\n" * 40

CARELESS = f"""
open('changes.csv', 'w').write({CLEAN!r})
seen = hashlib.sha256(open('changes.csv', 'rb').read()).hexdigest()
open('changes.csv', 'w').write({DIRTY!r})
shutil.copyfile('changes.csv', 'copied')
print(seen != hashlib.sha256(open('copied', 'rb').read()).hexdigest())
"""


def draft(workspace: Server, staging: str) -> tuple[str, int]:
    """Have the gateway pull what is staged; return the answer, and the draft's number or 0."""
    made = workspace.request("POST", "hdh/egress/drafts", json={"staging": staging, "title": "attack"})
    answered = made.json()
    return f"{made.status_code} {answered.get('code', 'taken')}", answered.get("id", 0)


def test_another_content_meanwhile(
    workspace: Server, kernels: dict[str, Kernel], egress: EgressService, store: Store, outcomes: Outcomes
) -> None:
    control = Outcome(kernels["control"].run(CARELESS) == "True\n", "what is taken is not what was seen")
    write = "open('changes.csv', 'w').write({!r})"
    kernels["here"].run(write.format(CLEAN))
    workspace.json("POST", "hdh-egress/check", {"paths": ["changes.csv"]})
    kernels["here"].run(write.format(DIRTY))
    staging = workspace.json("POST", "hdh-egress/stage", {"paths": ["changes.csv"]})["staging"]
    kernels["here"].run(write.format(CLEAN))
    said, pulled = draft(workspace, staging)
    (one,) = egress.request(pulled, "alice").files
    came = store.path(one.sha256).read_text()
    outcome = Outcome(came != DIRTY, f"{said}: the staged bytes, whatever the file has become")
    outcomes.judge(AFTER_STAGING, control=control, here=outcome)

    deadline = time.monotonic() + PATIENCE
    while (check := egress.request(pulled, "alice").check) is None or check.state is not CheckState.DONE:
        assert time.monotonic() < deadline, f"the check does not end: {check}"
        time.sleep(0.3)
    checked = {file["sha256"] for file in check.report["files"]} if check.report else set()
    outcome = Outcome(checked != {hashlib.sha256(DIRTY.encode()).hexdigest()}, "the hub zone checks what it took")
    outcomes.judge(AFTER_CHECK, control=control, here=outcome)

    staging = workspace.json("POST", "hdh-egress/stage", {"paths": ["changes.csv"]})["staging"]
    change = f"import glob\n(copy,) = glob.glob('/tmp/**/{staging}/0', recursive=True)\n"
    assert kernels["here"].run(f"{change}print(open(copy, 'w').write({DIRTY!r}), end='')") == str(len(DIRTY))
    said, pulled = draft(workspace, staging)
    outcomes.judge(STAGED_COPY, control=control, here=Outcome(pulled != 0, said))


PROJECT = "menteur"


@dataclass
class Liars:
    """The same hostile server before a plain JupyterLab and in a workspace's place, and since when it is there."""

    control: HostileServer
    address: str
    here: HostileServer
    workspace: Server
    since: float


@pytest.fixture(scope="module", autouse=True)
def liars(machine: Machine, plain: Server) -> Iterator[Liars]:
    """Put them up first of all: the gateway lets go of its connections to the true server while other tests run."""
    workspace, port = expendable(machine, PROJECT), free_port()
    record = read_route(machine.folder.routes, PROJECT)
    assert record is not None
    place, control = Path(record.address), HostileServer("/", int(plain.base.rpartition(":")[2]))
    with moved(place) as real, standing(HostileServer(record.base_url, real), place) as here, standing(control, port):
        yield Liars(control, f"http://127.0.0.1:{port}", here, workspace, time.monotonic())


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: str(lie.attack.number))
def test_a_server_that_lies_about_what_it_staged(
    lie: Lie, liars: Liars, plain: Server, egress: EgressService, store: Store, outcomes: Outcomes
) -> None:
    time.sleep(max(0.0, liars.since + IDLE - time.monotonic()))
    liars.control.answers = liars.here.answers = lie.answers
    control: Taken = believing(liars.address, plain.headers)
    liars.here.asked.clear()
    said, pulled = draft(liars.workspace, STAGING)
    assert f"hdh-egress/staged/{STAGING}" in liars.here.asked
    liars.control.answers = liars.here.answers = {}
    taken = kept(egress.request(pulled, "alice").files, store.path) if pulled else []
    believed = Outcome(lie.harm(control), "it is believed")
    outcomes.judge(lie.attack, control=believed, here=Outcome(lie.harm(taken), said))
    assert pulled == 0, "something else was taken"
    assert liars.workspace.request("GET", "hdh/me").status_code == 200
