"""Starting, finding again and ending the supervisors of workspaces.

A supervisor is known by its process number together with the moment it started and the machine's boot: a number alone
is given to another process sooner or later.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..bubblewrap import Sandbox, open_files, open_text
from ..cgroups.choice import Place, open_group
from ..routes import PROJECT_ID, remove_route
from ..state import StateFolder
from .entrance import STAGING
from .limits import Limits
from .ownership import make_home

GRACE = 10
"""Seconds that the server inside has to save documents and end its kernels before it is killed."""

LOG_LIMIT = 2**20
"""Bytes of the log and of its predecessor: what runs inside decides what it prints."""

RECORD = "supervisor.json"

PROGRAM = """
import sys
sys.path.append(sys.argv[1])
from hdh_jupyter.spawner.supervisor import main
sys.exit(main())
"""
"""Starts a supervisor: Python without its additional packages, and the platform's own after the standard library."""

ENTRANCE = PROGRAM.replace("spawner.supervisor", "spawner.entrance")
"""Starts what becomes a project's account."""

PACKAGES = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Supervisor:
    """A supervisor process.

    Attributes
    ----------
    pid, started
        Its number, and when it started: the boot's identifier and clock ticks since.
    """

    pid: int
    started: str

    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.started != "" and started_at(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.alive():
            os.kill(self.pid, number)


@dataclass(frozen=True)
class Bounds:
    """What limits a workspace, and how its supervisor sees that it is well.

    Attributes
    ----------
    place
        Where its control group is made.
    url
        What its server answers at once.
    """

    limits: Limits
    place: Place
    url: str


@dataclass(frozen=True)
class Places:
    """Where one workspace has its files in the hub zone."""

    state: StateFolder
    project: str

    @property
    def notes(self) -> Path:
        """The folder of the log, the probe's report and the supervisor's record."""
        return self.state.workspaces / self.project

    @property
    def report(self) -> Path:
        return self.notes / "probe.json"

    @property
    def probe_plan(self) -> Path:
        """What later probes try and expect."""
        return self.notes / "probe-plan.json"

    @property
    def finding(self) -> Path:
        """What the last probe found, for people."""
        return self.notes / "probed.json"

    @property
    def log(self) -> Path:
        return self.notes / "workspace.log"

    @property
    def usage(self) -> Path:
        """What the workspace uses, and what happened at its limits."""
        return self.notes / "usage.json"

    @property
    def home(self) -> Path:
        return self.state.homes / self.project

    @property
    def socket(self) -> Path:
        return self.state.sockets / f"ws-{self.project}" / "jupyter.sock"

    def prepare(self) -> None:
        """Make the folders, and clear what an earlier start left."""
        for folder in (self.notes, self.socket.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        make_home(self.state.homes, self.project)
        self.clear_group()
        for file in (self.report, self.probe_plan, self.finding, self.notes / RECORD, self.socket):
            file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove what must not outlive the workspace; the home and the log stay."""
        remove_route(self.state.routes, self.project)
        self.clear_group()
        (self.notes / RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def clear_group(self) -> None:
        """Remove the control group that a supervisor which was killed has left."""
        try:
            group = open_group(json.loads((self.notes / RECORD).read_text())["group"])
        except (OSError, ValueError, KeyError, TypeError):
            return
        if group is not None:
            group.remove()


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, where only this account may call."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen(128)
    return listener


def launch(
    places: Places,
    sandbox: Sandbox,
    probe: Sequence[str],
    server: Sequence[str],
    facts: Mapping[str, Any],
    descriptors: tuple[int, ...],
    bounds: Bounds,
    account: int | None = None,
) -> Supervisor:
    """Start a supervisor, detached from this process, and its sandbox.

    Parameters
    ----------
    probe, server
        What runs inside.
    facts
        What the probe is told.
    descriptors
        Open descriptors that `server` inherits under the same numbers.
    account
        The account of the host that the sandbox runs under, by default this process's own.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        The supervisor could not be started.
    """
    name = f"{places.state.sockets.name.removeprefix('hdh-')}-{places.project}"
    group = bounds.place.order(name, bounds.limits.allowance)
    entrance: list[str] = []
    files = open_files(sandbox.files)
    try:
        if account is not None:
            entrance, sandbox = under_account(sandbox, account, files)
        bwrap, *arguments, end_of_options = sandbox.command((), files)
        # The first process's command line can be read inside: it must not list the host's paths.
        files["arguments"] = open_text("\0".join(arguments))
        inherited = (*files.values(), *descriptors)
        order = {
            "entrance": entrance,
            "command": [bwrap, "--args", str(files["arguments"]), end_of_options],
            "probe": list(probe),
            "server": list(server),
            "facts": dict(facts),
            "descriptors": inherited,
            "report": str(places.report),
            "log": str(places.log),
            "log_limit": LOG_LIMIT,
            "grace": GRACE,
            "limits": bounds.limits.to_dict(),
            "group": group,
            "home": str(places.home),
            "usage": str(places.usage),
            "socket": str(places.socket),
            "url": bounds.url,
        }
        files["order"] = open_text(json.dumps(order))
        with (places.notes / "supervisor.log").open("wb") as errors:
            launcher = subprocess.run(
                [sys.executable, "-I", "-S", "-c", PROGRAM, PACKAGES],
                stdin=files["order"],
                stdout=subprocess.PIPE,
                stderr=errors,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                cwd="/",
                pass_fds=inherited,
                start_new_session=True,
                check=True,
            )
    finally:
        for descriptor in files.values():
            os.close(descriptor)
    pid = int(launcher.stdout)
    supervisor = Supervisor(pid, started_at(pid))
    (places.notes / RECORD).write_text(json.dumps({"pid": pid, "started": supervisor.started, "group": group}))
    return supervisor


def under_account(sandbox: Sandbox, account: int, files: dict[str, int]) -> tuple[list[str], Sandbox]:
    """Return what stands before a sandbox's command so that it runs under `account`, and the sandbox to run then.

    Parameters
    ----------
    files
        The sandbox's descriptors, to which one is added.
    """
    plan = {"account": account, "sources": [str(bind.source) for bind in sandbox.binds]}
    files["plan"] = open_text(json.dumps(plan))
    laid_out = tuple(replace(bind, source=Path(STAGING, str(place))) for place, bind in enumerate(sandbox.binds))
    entrance = [sys.executable, "-I", "-S", "-c", ENTRANCE, PACKAGES, str(files["plan"])]
    return entrance, replace(sandbox, binds=laid_out)


def started_at(pid: int) -> str:
    """Return when the process `pid` started, or an empty string when there is none (or it is only not reaped yet)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after_name[0] in "ZX" else f"{boot}:{after_name[19]}"


async def end(supervisor: Supervisor, now: bool) -> None:
    """End a supervisor and all that it owns: asked first, killed after a while, or at once with `now`."""
    supervisor.signal(signal.SIGKILL if now else signal.SIGTERM)
    deadline = time.monotonic() + GRACE + 5
    while supervisor.alive():
        if time.monotonic() > deadline:
            supervisor.signal(signal.SIGKILL)
        await asyncio.sleep(0.02)


def recorded(state: StateFolder) -> dict[str, Supervisor]:
    """Return the running workspaces by project, from the records: whatever hub started them."""
    found = {}
    for folder in state.workspaces.iterdir() if state.workspaces.is_dir() else ():
        try:
            record = json.loads((folder / RECORD).read_text())
            supervisor = Supervisor(int(record["pid"]), str(record["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if PROJECT_ID.fullmatch(folder.name) and supervisor.alive():
            found[folder.name] = supervisor
    return found


def clear_left_groups(state: StateFolder) -> None:
    """Remove the control groups of workspaces whose supervisor was killed."""
    running = recorded(state)
    for folder in state.workspaces.iterdir() if state.workspaces.is_dir() else ():
        if PROJECT_ID.fullmatch(folder.name) and folder.name not in running:
            Places(state, folder.name).clear_group()


def end_all(state: StateFolder) -> int:
    """End every workspace that runs on this state folder and clear its routes and sockets; return how many ran."""
    running = recorded(state)

    async def all_of_them() -> None:
        await asyncio.gather(*(end(supervisor, now=False) for supervisor in running.values()))

    asyncio.run(all_of_them())
    for folder in state.workspaces.iterdir() if state.workspaces.is_dir() else ():
        if PROJECT_ID.fullmatch(folder.name):
            Places(state, folder.name).clear()
    return len(running)
