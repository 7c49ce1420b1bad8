"""A project that fills its home: writing stops, nothing is lost, deleting opens it again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from hdh_jupyter.cgroups.choice import Kind, Place
from hdh_jupyter.spawner.sandbox import place_of_groups
from hdh_jupyter.state import StateFolder

from .inside import Running, make_state, running
from .test_limits_attacks import LIMITS, MIB, answers, attack, codes, until, usage
from .test_supervision import family_of


@pytest.fixture(params=["groups", "none"])
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    state = make_state(tmp_path_factory.mktemp("full"))
    place = place_of_groups() if request.param == "groups" else Place(Kind.NONE)
    with running(state, limits=LIMITS, place=place) as workspace:
        asyncio.run(answers(workspace))
        yield workspace
    shutil.rmtree(state.sockets)


WRITER = """
import os, time
file = open("/home/project/big.bin", "wb", buffering=0)
written = 0
try:
    for _ in range(2000): written += file.write(os.urandom(1 << 18)); time.sleep(0.05)
except OSError as error: print(error.strerror, written >> 20)
"""

AFTER = """
import os, subprocess, sys
os.chdir("/home/project")
def attempt(name, action):
    try: print(name, action() or "done")
    except OSError as error: print(name, error.strerror)
attempt("grow", lambda: open("big.bin", "ab").write(bytes(1 << 21)) and None)
attempt("new", lambda: open("new.bin", "wb", buffering=0).write(bytes(1 << 22)) > 1 << 20)
attempt("small", lambda: open("notebook.ipynb", "w").write("{}") and None)
said = subprocess.run([sys.executable, "-c", "open('/home/project/new.bin', 'ab').write(bytes(1 << 22))"],
    capture_output=True, text=True)
print("child", "File too large" in said.stderr)
print("kept", os.path.getsize("mine.txt"))
os.unlink("big.bin"); os.unlink("new.bin")
"""


async def test_a_full_home_takes_no_more_and_opens_again(full: Running) -> None:
    (full.places.home / "mine.txt").write_bytes(bytes(3 * MIB))
    said = await attack(full, WRITER)
    assert "File too large" in said
    assert int(said.split()[-1]) < 2 * LIMITS.disk / MIB
    until(lambda: "limits.disk_full" in codes(full), lambda: usage(full))
    said = await attack(full, AFTER)
    assert "grow File too large" in said
    assert "new done" in said
    assert "small done" in said
    assert "child True" in said
    assert f"kept {3 * MIB}" in said
    until(lambda: "limits.disk_freed" in codes(full), lambda: usage(full))
    said = await attack(full, "print(open('/home/project/again.bin', 'wb', buffering=0).write(bytes(4 << 20)))")
    assert str(4 * MIB) in said
    assert usage(full)["disk"]["limit"] == LIMITS.disk


async def test_a_kernel_survives_a_full_home(full: Running) -> None:
    (full.places.home / "big.bin").write_bytes(os.urandom(LIMITS.disk))
    until(lambda: "limits.disk_full" in codes(full), lambda: usage(full))
    code = 'try(writeBin(raw(4e6), "/home/project/more.bin"), silent = TRUE); cat(1 + 1)'
    if shutil.which("Rscript"):
        assert (await full.execute(code, "ir")).splitlines()[-1] == "2"
        assert (full.places.home / "more.bin").stat().st_size <= MIB
    code = "open('/home/project/more.bin', 'wb').write(bytes(4000000))"
    said = await full.execute(f"try:\n    {code}\nexcept OSError as error: print(error.strerror)")
    assert said.strip() == "File too large"
    await answers(full)


def test_a_program_that_raises_its_own_limit_ends_with_the_workspace(full: Running) -> None:
    program = """
import itertools, os, resource
for number in itertools.count():
    try:
        with open(f"/home/project/big-{number % 20}.bin", "wb", buffering=0) as file:
            while True:
                hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
                resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
                file.write(os.urandom(1 << 18))
    except OSError: pass
"""
    with contextlib.suppress(AssertionError, aiohttp.ClientError, TimeoutError):
        asyncio.run(attack(full, program))
    until(lambda: not full.supervisor.alive())
    assert {"limits.disk_full", "limits.disk_stopped"} <= set(codes(full))


async def test_a_sparse_file_counts_for_what_it_holds(full: Running) -> None:
    program = "open('/home/project/{}', 'wb').truncate({})"
    said = await attack(full, program.format("sparse", 200 * MIB))
    assert said.startswith("0 ")
    said = await attack(full, program.format("giant", 300 * MIB))
    assert "File too large" in said
    until(lambda: usage(full).get("files", {}).get("used", 0) >= 1)
    assert "limits.disk_full" not in codes(full)


def test_many_small_files_end_the_workspace_that_goes_on_making_them(full: Running) -> None:
    program = """
import os, time
os.mkdir("/home/project/d")
for n in range(100_000): open(f"/home/project/d/{n}", "w").close(); time.sleep(0.001)
"""
    # The workspace goes while the program runs.
    with contextlib.suppress(AssertionError, aiohttp.ClientError, TimeoutError):
        asyncio.run(attack(full, program))
    until(lambda: not full.supervisor.alive())
    assert {"limits.files_full", "limits.disk_stopped"} <= set(codes(full))
    made = len(os.listdir(full.places.home / "d"))
    assert made < 40 * LIMITS.files


def test_a_home_that_is_too_large_opens_for_deleting(state: StateFolder) -> None:
    home = state.homes / "vox"
    home.mkdir(mode=0o700)
    (home / "old.bin").write_bytes(os.urandom(2 * LIMITS.disk))
    with running(state, limits=LIMITS) as workspace:
        until(lambda: "limits.disk_full" in codes(workspace))
        asyncio.run(answers(workspace))
        said = asyncio.run(attack(workspace, "import os; os.unlink('/home/project/old.bin')"))
        assert said.startswith("0 ")
        until(lambda: "limits.disk_freed" in codes(workspace), lambda: usage(workspace))


async def test_a_removed_file_that_is_held_open_counts(full: Running) -> None:
    program = f"""
import os, time
f = open("/home/project/hidden.bin", "wb", buffering=0)
os.unlink("/home/project/hidden.bin")
f.write(os.urandom({LIMITS.disk + MIB}))
time.sleep(600)
"""
    holding = asyncio.create_task(full.execute(program))
    await asyncio.to_thread(until, lambda: "limits.disk_full" in codes(full), lambda: usage(full))
    assert not (full.places.home / "hidden.bin").exists()
    holding.cancel()


def test_folders_that_cannot_be_counted_close_the_home(full: Running) -> None:
    program = """
import os
os.chdir("/home/project")
for _ in range(450): os.mkdir("d"); os.chdir("d")
"""
    assert asyncio.run(attack(full, program)).startswith("0 ")
    until(lambda: "limits.hidden_full" in codes(full), lambda: usage(full))


def test_a_server_that_a_member_froze_is_reported(state: StateFolder) -> None:
    with running(state, limits=LIMITS) as workspace:
        asyncio.run(answers(workspace))
        until(lambda: bool(usage(workspace).get("disk")))
        for pid in family_of(workspace.supervisor.pid):
            if b"hdh_lockdown.server" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGSTOP)
        until(lambda: "limits.server_silent" in codes(workspace), lambda: usage(workspace))
        for pid in family_of(workspace.supervisor.pid):
            os.kill(pid, signal.SIGCONT)
        until(lambda: "limits.server_answers" in codes(workspace), lambda: usage(workspace))
