"""A real workspace: what code inside finds, which is what the design promises."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.bubblewrap import ETC
from hdh_jupyter.spawner.kernels import available_kernels
from hdh_jupyter.state import StateFolder

from .inside import Running, running

ATTACKS = """
import json, os, socket
found = {}
def attempt(name, action):
    try:
        found[name] = action()
    except OSError as error:
        found[name] = type(error).__name__
    except Exception as error:
        found[name] = repr(error)
def connect(address, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, kind) as s:
        s.settimeout(3); s.connect(address); return "reached"
def write(path):
    with open(path, "r+b") as f: f.write(f.read()); return "written"
attempt("interfaces", lambda: sorted(n for _, n in socket.if_nameindex()))
attempt("tcp", lambda: connect(("1.1.1.1", 443)))
attempt("tcp6", lambda: connect(("2606:4700:4700::1111", 443)))
attempt("metadata", lambda: connect(("169.254.169.254", 80)))
attempt("udp", lambda: connect(("8.8.8.8", 53), socket.SOCK_DGRAM))
attempt("dns", lambda: socket.getaddrinfo("example.org", 443))
attempt("resolver", lambda: open("/etc/resolv.conf").read())
attempt("homes", lambda: sorted(os.listdir("/home")))
attempt("data", lambda: {d: sorted(os.listdir("/data/" + d)) for d in os.listdir("/data")})
attempt("data_write", lambda: open("/data/oscour/visits.csv", "a").close())
attempt("data_new", lambda: open("/data/oscour/mine", "w").close())
attempt("catalogue_write", lambda: open("/catalogue/project.json", "w").close())
attempt("root_write", lambda: open("/mine", "w").close())
attempt("opt_write", lambda: open("/opt/mine", "w").close())
attempt("core_pattern", lambda: write("/proc/sys/kernel/core_pattern"))
attempt("sysrq", lambda: open("/proc/sysrq-trigger", "w").close())
attempt("device", lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0)))
pids = [name for name in os.listdir("/proc") if name.isdigit()]
attempt("commands", lambda: sorted({open(f"/proc/{pid}/comm").read().strip() for pid in pids}))
attempt("environment", lambda: sorted(os.environ))
attempt("state", lambda: [p for p in STATE if os.path.lexists(p)])
attempt("mount", lambda: os.system("mount -t tmpfs none /mnt 2>/dev/null || unshare -Ur true 2>/dev/null"))
attempt("home_write", lambda: open("/home/project/kept.txt", "w").write("kept"))
attempt("user", lambda: (os.getuid(), os.getgid()))
print(json.dumps(found))
"""


async def test_code_in_a_kernel_reaches_nothing_and_sees_only_its_own(workspace: Running) -> None:
    state = workspace.places.state
    outside = [str(p) for p in (state.root, state.sockets, state.homes / "other" / "secret.txt")]
    found = json.loads(await workspace.execute(f"STATE = {outside!r}\n{ATTACKS}"))
    environment = set(found.pop("environment"))
    # Two paths inside, with which R finds the checks.
    told = {"HDH_PYTHON", "HDH_R_FUNCTIONS"}
    assert not {name for name in environment if name.startswith(("JUPYTERHUB", "HDH_", "JPY_API"))} - told
    commands = set(found.pop("commands"))
    assert "bwrap" in commands
    assert commands <= {"bwrap", "python", "python3", "python3.11", "sh"}
    assert found.pop("mount") != 0
    # Under the project's own account, the file's owner and mode forbid it before the read-only mount does.
    assert found.pop("data_write") in {"OSError", "PermissionError"}
    # Read-only for root's own sandboxes; the files' modes forbid it to everybody else's, or this kernel has none.
    for setting in ("core_pattern", "sysrq"):
        assert found.pop(setting) in {"OSError", "PermissionError", "FileNotFoundError"}
    assert found == {
        "interfaces": ["lo"],
        "tcp": "OSError",
        "tcp6": "OSError",
        "metadata": "OSError",
        "udp": "OSError",
        "dns": "gaierror",
        "resolver": "FileNotFoundError",
        "homes": ["project"],
        "data": {"oscour": ["visits.csv"]},
        "data_new": "OSError",
        "catalogue_write": "OSError",
        "root_write": "OSError",
        "opt_write": "OSError",
        "device": "PermissionError",
        "state": [],
        "home_write": 4,
        "user": [1000, 1000],
    }
    assert (workspace.places.home / "kept.txt").read_text() == "kept"


SERVER_ATTACKS = """
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
found = {}
def attempt(name, action):
    try:
        action(); found[name] = "done"
    except OSError as error:
        found[name] = errno.errorcode[error.errno]
def call(*arguments):
    if libc.syscall(*(ctypes.c_long(a) for a in arguments)) == -1:
        raise OSError(ctypes.get_errno(), "")
def of(pid):
    attempt("memory", lambda: open(f"/proc/{pid}/mem", "r+b").close())
    attempt("environment", lambda: open(f"/proc/{pid}/environ", "rb").close())
    attempt("files", lambda: os.listdir(f"/proc/{pid}/fd"))
    attempt("listener", lambda: open(f"/proc/{pid}/fd/0").close())
    attempt("trace", lambda: call(101, 16, pid, 0, 0))
    attempt("seize", lambda: call(101, 0x4206, pid, 0, 0))
    attempt("read", lambda: call(310, pid, 0, 0, 0, 0, 0))
    attempt("take", lambda: call(438, os.pidfd_open(pid), 0, 0))
of(TARGET)
print(json.dumps(found))
"""


async def test_a_kernel_can_neither_trace_nor_read_the_server(workspace: Running) -> None:
    server = json.loads(await workspace.execute(SERVER_ATTACKS.replace("TARGET", "os.getppid()")))
    refused = {"memory", "environment", "files", "listener"}
    assert {server[name] for name in refused} == {"EACCES"}
    assert {server[name] for name in server.keys() - refused} == {"EPERM"}
    # The control: the kernel's own memory, environment and files open, so that the attack is one.
    itself = json.loads(await workspace.execute(SERVER_ATTACKS.replace("TARGET", "os.getpid()")))
    assert {itself[name] for name in ("memory", "environment", "files")} == {"done"}


async def test_programs_that_change_the_user_change_nothing(workspace: Running) -> None:
    code = """
import os, stat, subprocess
setuid = [p for p in ("/usr/bin/su", "/usr/bin/passwd", "/usr/bin/mount", "/usr/bin/newgrp", "/usr/bin/chsh")
          if os.path.exists(p) and os.stat(p).st_mode & stat.S_ISUID]
print(len(setuid) > 0)
for program in setuid:
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ids = [line.split()[1:] for line in open(f"/proc/{process.pid}/status") if line.startswith(("Uid", "CapEff"))]
    process.kill(); process.wait()
    print(ids == [["1000"] * 4, ["0" * 16]])
"""
    told = (await workspace.execute(code)).split()
    if told[0] == "False":
        pytest.skip("this machine has no such program")
    assert set(told[1:]) == {"True"}


async def test_what_the_workspace_sees_tells_little_of_the_host(workspace: Running) -> None:
    code = """
import json, os
def read(path):
    try:
        return open(path).read()
    except PermissionError:
        return ""
print(json.dumps({
    "command": read("/proc/1/cmdline"),
    "disks": read("/proc/partitions") + read("/proc/diskstats"),
    "options": read("/proc/cmdline"),
    "file systems": os.listdir("/proc/fs"),
    "local": os.listdir("/usr/local/etc") if os.path.isdir("/usr/local/etc") else [],
    "etc": sorted(os.listdir("/etc")),
}))
"""
    told = json.loads(await workspace.execute(code))
    root = str(workspace.places.state.root)
    assert root not in told["command"]
    assert "--args" in told["command"]
    assert (told["disks"], told["options"], told["file systems"], told["local"]) == ("", "", [], [])
    known = {"group", "hosts", "jupyter", "nsswitch.conf", "passwd", *ETC}
    assert set(told["etc"]) <= known


async def test_the_probe_finds_the_workspace_sealed(workspace: Running) -> None:
    assert workspace.failures == ()


async def test_people_are_who_the_gateway_says(workspace: Running) -> None:
    async with workspace.session("ann") as session, session.get("api/me") as reply:
        identity = (await reply.json())["identity"]
    assert identity["username"] == "ann"
    assert identity["display_name"] == "Ann"
    assert identity["initials"] == "A"


@pytest.mark.parametrize("path", ["api/me", "api/contents", "api/kernelspecs"])
async def test_without_a_name_nobody_is_served(workspace: Running, path: str) -> None:
    async with workspace.session() as session, session.get(path, allow_redirects=False) as reply:
        assert reply.status in {302, 403}


@pytest.mark.parametrize(
    "path",
    [
        "files/visits.csv",
        "files/visits.csv?download=1",
        "view/page.html",
        "nbconvert/html/n.ipynb",
        "api/nbconvert",
        "metrics",
    ],
)
async def test_routes_that_hand_out_files_are_closed(workspace: Running, path: str) -> None:
    (workspace.places.home / "visits.csv").write_text("a")
    async with workspace.session("ann") as session, session.get(path) as reply:
        assert reply.status == 403
        assert (await reply.json())["code"] == "lockdown.closed"


@pytest.mark.parametrize(
    "path", ["lab/api/extensions", "lab/api/build", "lab/api/plugins", "lab/api/news", "lab/api/update", "lsp/status"]
)
async def test_what_installs_or_fetches_is_not_there(workspace: Running, path: str) -> None:
    async with workspace.session("ann") as session, session.get(path) as reply:
        # JupyterLab's page stands in for whatever is not there below /lab.
        assert reply.status == 404 or reply.content_type == "text/html"


async def test_the_home_cannot_configure_the_server(workspace: Running) -> None:
    """What people write in their home is theirs to run in kernels, and is not read by the server."""
    home = workspace.places.home
    for folder in (".jupyter", ".local/lib/python3.11/site-packages", ".local/share/jupyter/kernels/mine"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / ".jupyter" / "jupyter_server_config.py").write_text("c.ServerApp.root_dir = '/data'")
    (home / ".local/share/jupyter/kernels/mine/kernel.json").write_text('{"argv": ["true"], "display_name": "Mine"}')
    async with workspace.session("ann") as session, session.get("api/kernelspecs") as reply:
        names = set((await reply.json())["kernelspecs"])
    assert names == {kernel.name for kernel in available_kernels()}


def closed(home: Path) -> None:
    home.chmod(0)


def used_by_ipython(home: Path) -> None:
    profile = home / ".ipython" / "profile_default"
    profile.mkdir(parents=True)
    # The name of a configuration before IPython 4, which Jupyter would run in order to take it over.
    (profile / "ipython_notebook_config.py").write_text("open('/home/project/ran', 'w')")


@pytest.mark.parametrize("leave", [closed, used_by_ipython])
def test_whatever_is_left_in_the_home_it_starts_again(state: StateFolder, leave: Callable[[Path], None]) -> None:
    home = state.homes / "vox"
    home.mkdir(mode=0o700)
    leave(home)

    async def ask(workspace: Running) -> int:
        async with workspace.session("ann") as session, session.get("api/contents") as reply:
            return reply.status

    with running(state) as workspace:
        assert asyncio.run(ask(workspace)) == 200
    assert workspace.failures == ()
    assert not (home / "ran").exists()


async def test_two_people_share_documents_and_leave_no_history_in_the_home(workspace: Running) -> None:
    (workspace.places.home / "note.md").write_text("# Note")
    async with (
        workspace.session("ann") as session,
        session.put("api/collaboration/session/note.md", json={"format": "text", "type": "file"}) as reply,
    ):
        assert reply.status in {200, 201}
    assert not (workspace.places.home / ".jupyter_ystore.db").exists()


async def test_python_has_the_libraries(workspace: Running) -> None:
    code = """
import numpy as np, pandas as pd, keras, torch, sklearn.linear_model as lm, matplotlib
matplotlib.use("agg")
import matplotlib.pyplot as plt
x = np.arange(20.0).reshape(-1, 1); y = 3 * x[:, 0] + 1
print(round(lm.LinearRegression().fit(x, y).coef_[0]))
model = keras.Sequential([keras.layers.Dense(1)]); model.compile(loss="mse"); model.fit(x, y, epochs=1, verbose=0)
print(keras.backend.backend(), torch.tensor([1.0, 2.0]).sum().item())
frame = pd.read_csv("/data/oscour/visits.csv"); print(int(frame.visits.sum()))
frame.plot(x="day", y="visits"); plt.savefig("figure.png"); print("drawn")
"""
    assert (await workspace.execute(code)).split("\n")[:4] == ["3", "torch 3.0", "12", "drawn"]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="this machine has no R")
async def test_r_runs(workspace: Running) -> None:
    code = 'visits <- read.csv("/data/oscour/visits.csv"); cat(sum(visits$visits), length(list.files("/home")))'
    assert await workspace.execute(code, "ir") == "12 1"
