"""Probes of a workspace that runs: what they find, and that nothing inside can make them find anything else."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.spawner import probing
from hdh_jupyter.spawner.hermeticity import CHECKS, ONCE
from hdh_jupyter.spawner.probing import first_inside, probe_again, probe_project
from hdh_jupyter.spawner.workspace import PYTHON
from hdh_jupyter.state import StateFolder

from .inside import Running, running

IDLE = (PYTHON, "-c", "import time; time.sleep(600)")

HUNTER = """
import errno, glob, os
# Whoever comes in from outside has no parent here: read it, trace it, and then keep it from going on.
while True:
    for path in glob.glob("/proc/[0-9]*/status"):
        try:
            pid = int(path.split("/")[2])
            parent = open(path).read().split("PPid:")[1].split()[0]
            if parent == "0" and pid != 1:
                for name in ("mem", "environ", "maps"):
                    try:
                        # Nothing is there to read of one that is about to end.
                        if open(f"/proc/{pid}/{name}", "rb").read(1):
                            print("READ", name, flush=True)
                    except OSError as error:
                        # Its memory was opened; nothing is at address 0.
                        if error.errno == errno.EIO:
                            print("READ", name, flush=True)
                try:
                    print("FILES", os.listdir(f"/proc/{pid}/fd"), flush=True)
                except OSError:
                    pass
                print("met", flush=True)
                KILL
        except (OSError, IndexError):
            pass
"""


@pytest.fixture
def idle(state: StateFolder) -> Iterator[Running]:
    with running(state, IDLE) as workspace:
        yield workspace


def test_a_sealed_workspace_stays_sealed_and_the_finding_is_kept(idle: Running) -> None:
    finding = asyncio.run(probe_again(idle.places, idle.supervisor))
    assert finding.failures == ()
    assert set(finding.checks) == CHECKS.keys() - ONCE
    kept = json.loads(idle.places.finding.read_text())
    assert kept["failures"] == []
    assert idle.places.finding.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes another network namespace")
def test_a_way_out_that_opens_later_is_found(idle: Running) -> None:
    first = first_inside(idle.supervisor.pid)
    opened = "import sys, fcntl, socket, struct, ctypes, os\n"
    opened += f"fd = os.open('/proc/{first}/ns/net', os.O_RDONLY); assert ctypes.CDLL(None).setns(fd, 0) == 0\n"
    # A dummy of a kind that every kernel has: another loopback's address, which makes a route.
    opened += "f = os.open('/dev/net/tun', os.O_RDWR)\n"
    opened += "fcntl.ioctl(f, 0x400454ca, struct.pack('16sH', b'way', 0x1001)); fcntl.ioctl(f, 0x400454cb, 1)\n"
    made = subprocess.run(["python3", "-c", opened], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"this kernel makes no interface: {made.stderr.splitlines()[-1]}")
    finding = asyncio.run(probe_again(idle.places, idle.supervisor))
    assert "interfaces" in finding.failures


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes another mount namespace")
def test_a_folder_of_the_host_that_appears_later_is_found(idle: Running, tmp_path: Path) -> None:
    first = first_inside(idle.supervisor.pid)
    mounted = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    mounted += f"fd = os.open('/proc/{first}/ns/mnt', os.O_RDONLY); assert libc.setns(fd, 0x20000) == 0\n"
    mounted += "assert libc.mount(b'none', b'/mnt' if os.path.isdir('/mnt') else b'/data', b'tmpfs', 0, None) == 0\n"
    subprocess.run(["python3", "-c", mounted], check=True)
    finding = asyncio.run(probe_again(idle.places, idle.supervisor))
    assert "mounts" in finding.failures


def test_an_expectation_that_is_not_met_fails(idle: Running) -> None:
    """The positive control: the visit reports what is there, and another expectation would not be met by it."""
    plan = json.loads(idle.places.probe_plan.read_text())
    plan["expected"]["datasets"] = ["sursaud"]
    idle.places.probe_plan.write_text(json.dumps(plan))
    assert asyncio.run(probe_again(idle.places, idle.supervisor)).failures == ("data",)


@pytest.mark.parametrize("plan", ["", "{}", '{"expected": {}, "facts": {}}', "[]"])
def test_without_a_plan_the_probe_fails(idle: Running, plan: str) -> None:
    idle.places.probe_plan.write_text(plan)
    assert asyncio.run(probe_again(idle.places, idle.supervisor)).failures == ("report",)


def test_those_inside_cannot_read_or_change_the_visitor(state: StateFolder) -> None:
    with running(state, (PYTHON, "-u", "-c", HUNTER.replace("KILL", "pass"))) as workspace:
        findings = [asyncio.run(probe_again(workspace.places, workspace.supervisor)) for _ in range(5)]
        log = workspace.places.log.read_text()
    assert "met" in log, "the attacker never saw the visitor"
    assert "READ" not in log
    assert "FILES" not in log
    assert {finding.failures for finding in findings} == {()}


def test_a_visitor_that_is_killed_from_inside_fails_the_probe(state: StateFolder) -> None:
    with running(state, (PYTHON, "-u", "-c", HUNTER.replace("KILL", "os.kill(pid, 9)"))) as workspace:
        found = []
        # On a busy machine a visit may be over before those inside have seen it: then it has reported all the same.
        while ("report",) not in found and len(found) < 20:
            found.append(asyncio.run(probe_again(workspace.places, workspace.supervisor)).failures)
    assert found[-1] == ("report",)
    assert set(found) <= {(), ("report",)}


def test_a_visit_that_was_cut_short_is_made_again(idle: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, made = probing._visit, []

    async def cut_short_once(*arguments: Any) -> bytes:
        made.append(arguments)
        if len(made) == 1:
            raise TimeoutError
        return await visit(*arguments)

    monkeypatch.setattr(probing, "_visit", cut_short_once)
    assert asyncio.run(probe_again(idle.places, idle.supervisor)).failures == ()
    assert len(made) == 2


def test_no_workspace_no_probe(state: StateFolder) -> None:
    with pytest.raises(PublicError) as refused:
        asyncio.run(probe_project(state, "vox"))
    assert refused.value.code == "spawner.not_running"


def test_a_project_is_probed_by_its_name(state: StateFolder) -> None:
    with running(state, IDLE):
        assert asyncio.run(probe_project(state, "vox")).passed


def test_the_first_process_of_nothing_is_not_there() -> None:
    with pytest.raises(ProcessLookupError):
        first_inside(os.getpid())


def test_probes_at_the_same_time_do_not_disturb_each_other(idle: Running) -> None:
    found: list[bool] = []

    def probe() -> None:
        found.append(asyncio.run(probing.probe_again(idle.places, idle.supervisor)).passed)

    threads = [threading.Thread(target=probe) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True, True, True]
