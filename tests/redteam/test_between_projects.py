"""Two projects that work together behind the platform's back: what one does, the other must not see.

Whoever is in both projects, or two people who agreed, could carry data from one to the other without a review. Each
channel carries a few bits from the workspace of one project to that of another; the control is two kernels of the
plain JupyterLab.

Some stay open while projects share a kernel and the files of the system: locks and the memory of files belong to the
file, whichever project opens it, and some counters are the whole machine's. They need a person in either project who
wants it, and code that runs in both at the same time.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from .clients import Kernel, Server
from .conftest import Machine
from .model import Attack, Expected, Outcome, Outcomes, Stands, attack
from .targets import Targets

pytestmark = pytest.mark.redteam


@dataclass(frozen=True)
class Channel:
    """Code of the sender and of the receiver, who both know `path` (a file of the shared data) and `tag`.

    Attributes
    ----------
    ready
        What the sender does before each bit, and after it.
    send
        What the sender does for a one; for a zero it does nothing.
    before, read
        What the receiver does before the bit is sent, and how it reads the bit afterwards (an expression).
    """

    attack: Attack
    send: str
    read: str
    ready: str = "pass"
    before: str = "pass"


def channel(number: int, title: str, reference: str, *code: str, is_open: bool = False, **options: str) -> Channel:
    expected = Expected.OPEN if is_open else Expected.BLOCKED
    return Channel(attack(number, title, Stands.NOTEBOOK, expected=expected, reference=reference), *code, **options)


CHANNELS = (
    channel(
        251, "Between projects: a lock on a file of the data that both may read", "flock(2)",
        "held = open(path, 'rb'); fcntl.flock(held, fcntl.LOCK_SH)",
        "locked()",
        is_open=True,
        ready="held = None; gc.collect()",
    ),
    channel(
        252, "Between projects: a lock on a part of such a file", "fcntl(2), F_SETLK",
        "held = open(path, 'rb'); fcntl.fcntl(held, fcntl.F_SETLK, struct.pack('hhqqi', fcntl.F_RDLCK, 0, 0, 9, 0))",
        "struct.unpack('hhqqi4x', fcntl.fcntl(open(path, 'rb'), fcntl.F_GETLK,"
        " struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 9, 0)))[0] != fcntl.F_UNLCK",
        is_open=True,
        ready="held = None; gc.collect()",
    ),
    channel(
        253, "Between projects: watching who opens such a file", "inotify(7)",
        "open(path, 'rb').read(10)",
        "bool(select.select([watch], [], [], 0.2)[0] and os.read(watch, 4096))",
        before="watch = libc.inotify_init1(os.O_NONBLOCK); libc.inotify_add_watch(watch, path.encode(), 0x20)",
    ),
    channel(
        254, "Between projects: when such a file was last read", "atime, inode(7)",
        "touched = [suppress(os.utime, path), open(path, 'rb').read(10)]",
        "os.stat(path).st_atime_ns != seen",
        before="seen = os.stat(path).st_atime_ns",
    ),
    channel(
        255, "Between projects: whether such a file is in memory", "preadv2(2), RWF_NOWAIT",
        "open(path, 'rb').read(65536)",
        "cached()",
        is_open=True,
        ready="forget()",
    ),
    channel(
        256, "Between projects: an abstract unix socket", "unix(7)",
        "held = socket.socket(socket.AF_UNIX); held.bind('\\0' + tag); held.listen(1)",
        "connects(socket.AF_UNIX, '\\0' + tag)",
        ready="held = None; gc.collect()",
    ),
    channel(
        257, "Between projects: a port of the loopback", "ip(7)",
        "held = socket.create_server(('127.0.0.1', port))",
        "connects(socket.AF_INET, ('127.0.0.1', port))",
        ready="held = None; gc.collect()",
    ),
    channel(
        258, "Between projects: a file in /tmp", "tmpfs",
        "open('/tmp/' + tag, 'w').close()",
        "os.path.exists('/tmp/' + tag)",
        ready="suppress(os.unlink, '/tmp/' + tag)",
    ),
    channel(
        259, "Between projects: shared memory by name", "shm_overview(7)",
        "open('/dev/shm/' + tag, 'w').close()",
        "os.path.exists('/dev/shm/' + tag)",
        ready="suppress(os.unlink, '/dev/shm/' + tag)",
    ),
    channel(
        260, "Between projects: memory and semaphores of System V", "svipc(7)",
        "number = libc.shmget(key, 4096, 0o1666)",
        "libc.shmget(key, 0, 0) >= 0",
        ready="libc.shmctl(libc.shmget(key, 0, 0), 0, None)",
    ),
    channel(
        261, "Between projects: processes of the other", "proc(5)",
        "child = subprocess.Popen([tag, '60'], executable='/usr/bin/sleep'); time.sleep(0.2)",
        "any(tag in open(f, errors='replace').read() for f in glob.glob('/proc/[0-9]*/cmdline') if os.path.exists(f))",
        ready="child and (child.kill(), child.wait()); child = None",
    ),
    channel(
        262, "Between projects: the number of open files of the whole machine", "/proc/sys/fs/file-nr",
        "held = [open(path, 'rb') for _ in range(800)]",
        "int(open('/proc/sys/fs/file-nr').read().split()[0]) - seen > 400",
        is_open=True,
        ready="held = None; gc.collect()",
        before="seen = int(open('/proc/sys/fs/file-nr').read().split()[0])",
    ),
    channel(
        264, "Between projects: a file in the catalogue's folder", "tmpfs",
        "suppress(open, os.path.join(catalogue, tag), 'w')",
        "os.path.exists(os.path.join(catalogue, tag))",
        ready="suppress(os.unlink, os.path.join(catalogue, tag))",
    ),
)  # fmt: skip

SETUP = """
import ctypes, fcntl, gc, glob, os, resource, select, socket, struct, subprocess, time
libc = ctypes.CDLL(None)
held = child = None
resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
def suppress(function, *arguments):
    try:
        return function(*arguments)
    except OSError:
        return None
def locked():
    with open(path, 'rb') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
def cached():
    with open(path, 'rb') as file:
        try:
            return os.preadv(file.fileno(), [bytearray(4096)], 0, os.RWF_NOWAIT) > 0
        except BlockingIOError:
            return False
def forget():
    with open(path, 'rb') as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
def connects(family, place):
    with socket.socket(family) as out:
        return out.connect_ex(place) == 0
"""


@pytest.fixture(scope="module")
def pairs(machine: Machine, plain: Server, workspace: Server, neighbour: Server) -> Iterator[dict[str, list[Kernel]]]:
    """The sender's and the receiver's kernels, on either side."""
    name = sorted(p.name for p in (machine.folder.datasets / "oscour").iterdir() if p.is_file())[-1]
    data = {"control": str(machine.folder.datasets / "oscour"), "here": "/data/oscour"}
    catalogue = {"control": str(machine.folder.catalogue), "here": "/catalogue"}
    servers = {"control": (plain, plain), "here": (workspace, neighbour)}
    with ExitStack() as stack:
        kernels = {side: [stack.enter_context(server.kernel()) for server in pair] for side, pair in servers.items()}
        for side, pair in kernels.items():
            for kernel in pair:
                place = {"path": f"{data[side]}/{name}", "catalogue": catalogue[side]}
                assert kernel.run(f"{SETUP}\nglobals().update({place!r})") == ""
        yield kernels


def carries(pair: list[Kernel], channel: Channel, bits: list[int], facts: dict[str, object]) -> Outcome:
    """Send bits by a channel, and tell whether they arrived."""
    sender, receiver = pair
    arrived = []
    for kernel in pair:
        assert kernel.run(f"globals().update({facts!r})") == ""
    for bit in bits:
        sender.run(channel.ready)
        receiver.run(channel.before)
        if bit:
            assert (said := sender.run(channel.send)) == "", said
        arrived.append(receiver.run(f"print(int({channel.read}))").strip())
    sender.run(channel.ready)
    assert all(bit in ("0", "1") or "Error" in bit for bit in arrived), arrived
    if arrived == [str(bit) for bit in bits]:
        return Outcome(True, "the bits arrive")
    return Outcome(False, "the bits do not arrive")


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda c: str(c.attack.number))
def test_one_project_tells_another(
    channel: Channel, pairs: dict[str, list[Kernel]], targets: Targets, outcomes: Outcomes
) -> None:
    bits = [1, 0, 1, 1, 0, 0]
    facts = {"tag": secrets.token_hex(8), "port": secrets.randbelow(10000) + 20000, "key": secrets.randbits(30) + 1}
    control = carries(pairs["control"], channel, bits, facts)
    here = carries(pairs["here"], channel, bits, facts)
    outcomes.judge(channel.attack, control=control, here=here)
