"""A workspace that takes all it can: it is bounded, it is told, others go on, and it starts again.

Each attack runs in a real sandbox, under the control groups that this host offers and, again, without any.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hdh_jupyter.cgroups.choice import Kind, Place
from hdh_jupyter.spawner import supervision
from hdh_jupyter.spawner.limits import Limits
from hdh_jupyter.spawner.sandbox import place_of_groups
from hdh_jupyter.state import StateFolder

from .inside import Running, make_state, running

MIB = 2**20

LIMITS = Limits(
    memory=768 * MIB,
    cpu=1.0,
    processes=200,
    open_files=512,
    file_size=256 * MIB,
    disk=48 * MIB,
    files=2000,
    tmp=64 * MIB,
    shared_memory=64 * MIB,
)

DEADLINE = 60

PLACES = ["groups", "none"]

RUN = """
import subprocess, sys
done = subprocess.run([sys.executable, "-c", {program!r}], capture_output=True, text=True)
print(done.returncode, done.stdout[-300:], done.stderr[-300:])
"""


def place(name: str) -> Place:
    if name == "none":
        return Place(Kind.NONE)
    found = place_of_groups()
    if found.kind is Kind.NONE:
        pytest.skip("this host offers no control groups; the same attacks run without them")
    return found


@pytest.fixture(scope="module", params=PLACES)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A workspace with small limits."""
    state = make_state(tmp_path_factory.mktemp("attacked"))
    with running(state, limits=LIMITS, place=place(request.param)) as workspace:
        yield workspace
    shutil.rmtree(state.sockets)


@pytest.fixture(scope="module")
def bystander(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Another project's workspace."""
    state = make_state(tmp_path_factory.mktemp("bystander"))
    with running(state, project="nox") as workspace:
        yield workspace
    shutil.rmtree(state.sockets)


def usage(workspace: Running) -> dict[str, Any]:
    path = workspace.places.usage
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"events": []}
    return found


def codes(workspace: Running) -> list[str]:
    return [event["code"] for event in usage(workspace)["events"]]


def until(condition: Callable[[], bool], what: Callable[[], object] = str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.1)


async def answers(workspace: Running) -> None:
    async with asyncio.timeout(DEADLINE), workspace.session() as session, session.get("api") as reply:
        assert reply.status == 200


async def attack(workspace: Running, program: str) -> str:
    """Run a program in the workspace, in a process of its own, and return its status and what it said."""
    async with asyncio.timeout(2 * DEADLINE):
        return await workspace.execute(RUN.format(program=program))


async def test_the_limits_are_there(attacked: Running) -> None:
    program = """
import os, resource as r
print([r.getrlimit(k)[1] for k in (r.RLIMIT_CORE, r.RLIMIT_NOFILE, r.RLIMIT_FSIZE)])
sizes = [os.statvfs(p).f_blocks * os.statvfs(p).f_frsize for p in ("/tmp", "/dev/shm")]
print(sizes, open("/proc/self/oom_score_adj").read().strip(), os.path.exists("/sys/fs/cgroup"))
print(open("/proc/self/cgroup").read().split(":memory:")[-1].split()[0])
"""
    said = await attack(attacked, program)
    assert f"[1, {LIMITS.open_files}, {LIMITS.file_size}]" in said
    assert f"[{LIMITS.tmp}, {LIMITS.shared_memory}] 500 False" in said
    assert attacked.failures == ()


async def test_the_folder_of_devices_is_no_place_to_fill(attacked: Running) -> None:
    said = await attack(attacked, "open('/dev/filler', 'wb')")
    assert "Read-only file system" in said


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("x = []\nwhile True: x.append(bytearray(16 << 20))", id="00 bytearray"),
        pytest.param("import numpy as n\nx = []\nwhile True: x.append(n.ones(2 << 20))", id="01 numpy"),
    ],
)
async def test_a_memory_hog_is_ended_alone(attacked: Running, bystander: Running, program: str) -> None:
    hog = asyncio.create_task(attack(attacked, program))
    await answers(bystander)
    said = await hog
    # The kernel's killer, or an error of its own where each process is limited.
    assert said.startswith("-9 ") or "MemoryError" in said
    if said.startswith("-9 "):
        until(lambda: "limits.memory_killed" in codes(attacked), lambda: usage(attacked))
    await answers(attacked)
    await answers(bystander)


async def test_many_processes_share_the_memory_limit(attacked: Running, bystander: Running) -> None:
    program = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        x = bytearray(200 << 20)
        for i in range(0, len(x), 4096): x[i] = 1
        time.sleep(20); os._exit(0)
ended = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(6)]
print("killed", ended.count(-9))
"""
    said = await attack(attacked, program)
    assert "killed 0" not in said
    assert "killed" in said
    assert "limits.memory_killed" in codes(attacked)
    await answers(attacked)
    await answers(bystander)


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
async def test_files_in_memory_are_bounded(attacked: Running, folder: str) -> None:
    program = f"""
import os
written = 0
try:
    with open("{folder}/filler", "wb", buffering=0) as f:
        while True: written += f.write(bytes(1 << 20))
except OSError as error: print(error.strerror, written)
os.unlink("{folder}/filler")
"""
    said = await attack(attacked, program)
    assert "No space left on device" in said
    assert int(said.split()[-1]) <= 64 * MIB


async def test_memory_is_warned_of_before_it_ends(attacked: Running) -> None:
    if place_of(attacked) == "none":
        pytest.skip("the sum is only watched")
    program = """
import time
base = 0
x = []
used = lambda: sum(map(len, x))
while used() < TARGET: x.append(bytearray(b"1") * (8 << 20)); time.sleep(0.02)
time.sleep(5)
print("alive")
"""
    until(lambda: usage(attacked)["memory"]["used"] < 0.75 * LIMITS.memory, lambda: usage(attacked))
    held = usage(attacked)["memory"]["used"]
    target = int(0.93 * LIMITS.memory) - held - 130 * MIB
    said = await attack(attacked, program.replace("TARGET", str(target)))
    assert "alive" in said, usage(attacked)
    assert "limits.memory_near" in codes(attacked)


async def test_a_fork_bomb_is_stopped_at_the_limit(attacked: Running, bystander: Running) -> None:
    if place_of(attacked) == "none":
        pytest.skip("without groups a bomb of root's ends the workspace, as another test shows")
    program = """
import os, time, signal
made = 0
try:
    while made < 5000:
        if os.fork() == 0: time.sleep(15); os._exit(0)
        made += 1
except OSError as error: print(error.strerror)
print("made", made)
"""
    said = await attack(attacked, program)
    assert "Resource temporarily unavailable" in said
    assert int(said.split("made")[1].split()[0]) < LIMITS.processes
    await answers(bystander)
    until(lambda: "limits.processes_hit" in codes(attacked), lambda: usage(attacked))
    until(lambda: usage(attacked)["processes"]["used"] < LIMITS.processes / 2, lambda: usage(attacked))
    await answers(attacked)


def test_a_fork_bomb_that_nothing_counts_ends_its_workspace(state: StateFolder, bystander: Running) -> None:
    """Without groups the kernel counts an account's processes, root's excepted."""
    bomb = "import os, time\nwhile True:\n    if os.fork() == 0: time.sleep(60); os._exit(0)\n    time.sleep(0.002)"
    with running(state, limits=LIMITS, place=place("none")) as workspace:
        asyncio.run(answers(workspace))
        with contextlib.suppress(AssertionError, aiohttp.ClientError, TimeoutError):
            asyncio.run(attack(workspace, f"import resource, os\nprint(os.getuid())\n{bomb}"))
        until(lambda: {"limits.processes_stopped", "limits.processes_near"} & set(codes(workspace)) != set())
        if "limits.processes_stopped" in codes(workspace):
            until(lambda: not workspace.supervisor.alive())
    asyncio.run(answers(bystander))
    with running(state, limits=LIMITS) as workspace:
        asyncio.run(answers(workspace))


async def test_cpu_burners_leave_the_others_their_share(attacked: Running, bystander: Running) -> None:
    program = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        end = time.monotonic() + 6
        while time.monotonic() < end: pass
        os._exit(0)
spent = [os.wait4(-1, 0)[2].ru_utime for _ in range(8)]
print("cores", sum(spent) / 6)
"""
    burning = asyncio.create_task(attack(attacked, program))
    await answers(bystander)
    cores = float((await burning).split("cores")[1].split()[0])
    if place_of(attacked) != "none" and "cpu" in place_of_groups().limited:
        assert cores < 1.3 * LIMITS.cpu
    await answers(attacked)


async def test_open_files_and_core_dumps_are_bounded(attacked: Running) -> None:
    program = """
import os, resource, signal
held = []
try:
    while True: held.append(open("/dev/null"))
except OSError as error: print(error.strerror, len(held) < 512)
for file in held: file.close()
os.chdir("/home/project")
child = os.fork()
if child == 0: x = bytearray(100 << 20); os.abort()
status = os.waitpid(child, 0)[1]
print("dumped", os.WCOREDUMP(status), [n for n in os.listdir(".") if n.startswith("core")])
try: resource.setrlimit(resource.RLIMIT_CORE, (1 << 30, 1 << 30)); print("raised")
except (ValueError, OSError): print("fixed")
"""
    said = await attack(attacked, program)
    assert "Too many open files True" in said
    assert "dumped False []" in said
    assert "fixed" in said


async def test_a_flood_of_zombies_is_bounded(attacked: Running, bystander: Running) -> None:
    program = """
import os, time
made = 0
try:
    while made < 1000:
        if os.fork() == 0: os._exit(0)
        made += 1
except OSError as error: print(error.strerror)
time.sleep(1)
print("made", made)
"""
    if place_of(attacked) == "none":
        pytest.skip("without groups a flood of root's ends the workspace, as another test shows")
    said = await attack(attacked, program)
    assert int(said.split("made")[1].split()[0]) < LIMITS.processes
    await answers(bystander)
    await answers(attacked)


def place_of(workspace: Running) -> str:
    record = json.loads((workspace.places.notes / supervision.RECORD).read_text())
    return str(record["group"]["kind"])


def test_killing_the_supervisor_leaves_a_group_that_the_next_start_removes(state: StateFolder) -> None:
    where = place("groups")
    with running(state, limits=LIMITS, place=where) as workspace:
        record = json.loads((workspace.places.notes / supervision.RECORD).read_text())
        folders = [Path(folder) for folder in record["group"]["folders"].values()]
        assert folders
        assert all((folder / "cgroup.procs").read_text() for folder in folders)
        assert str(workspace.supervisor.pid) not in folders[0].joinpath("cgroup.procs").read_text().split()
        os.kill(workspace.supervisor.pid, signal.SIGKILL)
        until(lambda: not workspace.supervisor.alive())
        supervision.clear_left_groups(state)
        assert not any(folder.exists() for folder in folders)
    with running(state, limits=LIMITS, place=where) as workspace:
        assert all(folder.is_dir() for folder in folders)
        asyncio.run(supervision.end(workspace.supervisor, now=False))
        assert not any(folder.exists() for folder in folders)
