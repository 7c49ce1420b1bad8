"""Groups of both versions: on the kernel where this host offers them, else on folders that look the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hdh_jupyter.cgroups.allowance import Allowance, Reading
from hdh_jupyter.cgroups.choice import Kind, choose, open_group, this_host
from hdh_jupyter.cgroups.folders import remove_folder
from hdh_jupyter.cgroups.v1 import GroupV1
from hdh_jupyter.cgroups.v2 import GroupV2

MIB = 2**20
ALLOWANCE = Allowance(64 * MIB, 0.5, 20)

V2_FILES = {
    "memory.current": "5000000\n",
    "memory.stat": "anon 3000000\ninactive_file 1000000\nactive_file 500000\nfile 1500000\n",
    "memory.events": "low 0\nhigh 12\nmax 3\noom 1\noom_kill 2\noom_group_kill 0\n",
    "pids.current": "7\n",
    "pids.events": "max 4\n",
    "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
    "cgroup.procs": "10\n11\n",
}


def test_a_v2_group_reads_what_the_kernel_writes(tmp_path: Path) -> None:
    for name, text in V2_FILES.items():
        (tmp_path / name).write_text(text)
    group = GroupV2(tmp_path)
    assert group.read() == Reading(3_500_000, 7, 2.5, 2, 4)
    assert group.pids() == {10, 11}


def test_a_v2_group_is_made_with_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "hdh-ws-vox"
    made = Path.mkdir

    def mkdir(path: Path) -> None:
        made(path)
        for name in ("memory.swap.max", "cpu.max"):
            (path / name).write_text("max")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    GroupV2(folder).create(ALLOWANCE)
    written = {file.name: file.read_text() for file in folder.iterdir()}
    assert written == {
        "memory.max": str(64 * MIB),
        "memory.high": str(round(64 * MIB * 0.95)),
        "memory.swap.max": "0",
        "memory.oom.group": "0",
        "pids.max": "20",
        "cpu.max": "50000 100000",
    }


def test_nothing_but_a_workspaces_group_is_ever_emptied(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no workspace"):
        remove_folder(tmp_path, lambda _: os.kill(os.getpid(), signal.SIGTERM))


@pytest.fixture
def group():
    place = choose(this_host())
    if place.kind not in {Kind.V1, Kind.V2}:
        pytest.skip("this host lets this account make no groups")
    group = open_group(place.order(f"test-{os.getpid()}", ALLOWANCE))
    group.create(ALLOWANCE)
    yield group
    group.remove()
    assert not any(folder.exists() for folder in group.folders)


def inside(group: GroupV1 | GroupV2, program: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-S", "-c", program], preexec_fn=group.join, stdout=subprocess.PIPE)


def test_the_kernel_ends_what_takes_too_much(group: GroupV1 | GroupV2) -> None:
    process = inside(group, "x = []\nwhile True: x.append(bytearray(1 << 20))")
    assert process.wait(60) == -signal.SIGKILL
    process.communicate()
    assert group.read().memory_kills >= 1


def test_the_kernel_refuses_one_process_too_many(group: GroupV1 | GroupV2) -> None:
    program = """
import os, time
try:
    while True:
        if not os.fork(): time.sleep(1); os._exit(0)
except OSError: print("no")
"""
    said, _ = inside(group, program).communicate(timeout=60)
    assert said == b"no\n"
    found = group.read()
    assert found.refused_forks >= 1
    assert found.processes <= 20


def test_a_group_that_is_removed_takes_its_processes_along(group: GroupV1 | GroupV2) -> None:
    process = inside(group, "import time; print('here', flush=True); time.sleep(600)")
    assert process.stdout.readline() == b"here\n"
    assert group.pids() == {process.pid}
    assert group.read().memory > 0
    group.remove()
    assert process.wait(10) == -signal.SIGKILL
    process.communicate()


def test_the_unified_hierarchy_kills_all_at_once() -> None:
    own = this_host().hierarchies.v2
    if own is None or not os.access(own, os.W_OK):
        pytest.skip("no unified hierarchy here that this account may write")
    folder = own / f"hdh-ws-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("no unified hierarchy here that this account may write")
    group = GroupV2(folder)
    process = subprocess.Popen(["/bin/sleep", "600"], preexec_fn=group.join)
    try:
        deadline = time.monotonic() + 10
        while not group.pids():
            assert time.monotonic() < deadline
    finally:
        group.remove()
    assert process.wait(10) == -signal.SIGKILL
    assert not folder.exists()
