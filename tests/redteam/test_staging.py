"""Files that are chosen to be taken out: links, swaps, names, giants.

A member's page asks the workspace to stage files, and the gateway pulls the copies. The attacker writes in the home at
the same time. The control is what a careless stager does: copy what the name leads to, and hand it out by JupyterLab's
raw file route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database
from hdh_jupyter.egress.service import EgressService
from hdh_jupyter.egress.store import Store

from .clients import Kernel, Server
from .conftest import Machine
from .model import Attack, Outcome, Outcomes, Stands, attack

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
    chosen(709, "A name with a line break in it, for who reads lists",
           "open('a\\nb.csv', 'w').write('HIDDEN')", "a\nb.csv", "HIDDEN"),
    chosen(713, "A file of five gigabytes that takes no room (sparse)",
           "open('giant.bin', 'wb').truncate(5 * 2**30)", "giant.bin", "\0" * 100, "os.unlink('giant.bin')"),
)  # fmt: skip

SETUP = """
import os, shutil, threading, time
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
def taken(machine: Machine, workspace: Server) -> Callable[[str], tuple[str, bytes]]:
    """Stage a file, have it pulled, and return how that went and what the hub zone has then."""
    database = open_database(machine.folder.database_url)
    store = Store(machine.folder.egress)
    egress = EgressService(database, store, AuditLog(database, machine.folder.key("audit")), machine.registry)

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
    ways = {"control": lambda: raw(plain, kernels["control"], name), "here": lambda: taken(name)}
    found = {}
    for side, way in ways.items():
        kernels[side].run(tried.make)
        said, content = "", b""
        # A swap wins once in a while: the attacker tries again.
        for _ in range(12):
            said, content = way()
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
