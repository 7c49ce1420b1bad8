"""The process that owns a sandbox: it outlives the hub, and nothing outlives it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.spawner import supervision
from hdh_jupyter.spawner.supervision import Places, Supervisor, recorded, started_at
from hdh_jupyter.spawner.workspace import PYTHON
from hdh_jupyter.state import StateFolder

from .inside import Running, running

LAUNCHER = """
import os, sys
from pathlib import Path
sys.path[:0] = {path!r}
os.environ["JUPYTERHUB_COOKIE_SECRET"] = "a-secret-of-the-hub"
os.memfd_create("of-the-hub", 0)
from hdh_jupyter.state import StateFolder
from tests.spawner.inside import running
with running(StateFolder(Path({root!r}))) as workspace:
    print(workspace.supervisor.pid, flush=True)
    sys.stdin.read()
"""


def family_of(supervisor: int) -> set[int]:
    """Return every process below a supervisor."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, waiting = set(), {supervisor}
    while waiting:
        waiting = {pid for pid, parent in parents.items() if parent in waiting} - found
        found |= waiting
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def until_logged(places: Places, text: str) -> None:
    def logged() -> bool:
        for log in (places.log, Path(f"{places.log}.1")):
            # It may make room for its successor between two looks.
            with contextlib.suppress(FileNotFoundError):
                if text in log.read_text():
                    return True
        return False

    until(logged)


async def until_it_answers(workspace: Running) -> None:
    async with workspace.session() as session, session.get("api") as reply:
        assert reply.status == 200


def until_gone(pids: set[int]) -> None:
    until(lambda: not any(started_at(pid) for pid in pids))


def test_killing_the_supervisor_leaves_no_process(state: StateFolder) -> None:
    with running(state) as workspace:
        family = family_of(workspace.supervisor.pid)
        assert len(family) >= 3
        os.kill(workspace.supervisor.pid, signal.SIGKILL)
        until_gone({workspace.supervisor.pid} | family)


def test_a_stop_asks_the_server_first(state: StateFolder) -> None:
    with running(state) as workspace:
        family = family_of(workspace.supervisor.pid)
        asyncio.run(until_it_answers(workspace))
        asyncio.run(supervision.end(workspace.supervisor, now=False))
        log = workspace.places.log.read_text()
        until_gone(family)
    assert "received signal 15, stopping" in log


def test_a_server_that_does_not_listen_is_killed(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "GRACE", 0.2)
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    with running(state, (PYTHON, "-c", deaf)) as workspace:
        family = family_of(workspace.supervisor.pid)
        until_logged(workspace.places, "deaf")
        asyncio.run(supervision.end(workspace.supervisor, now=False))
        until_gone(family)


def test_the_log_stays_small(state: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "LOG_LIMIT", 10_000)
    noisy = "import os, time\nfor _ in range(2000): os.write(1, b'x' * 1000)\nos.write(1, b'END'); time.sleep(600)"
    with running(state, (PYTHON, "-c", noisy)) as workspace:
        until_logged(workspace.places, "END")
        logs = [workspace.places.log, Path(f"{workspace.places.log}.1")]
        assert all(log.stat().st_size < 10_000 + 65536 for log in logs if log.exists())


def test_the_programs_end_is_the_supervisors(state: StateFolder) -> None:
    with running(state, (PYTHON, "-c", "import time; time.sleep(0.5)")) as workspace:
        until_gone({workspace.supervisor.pid})
        assert not workspace.supervisor.alive()


def test_the_end_of_the_hub_leaves_the_workspace_running(state: StateFolder) -> None:
    program = LAUNCHER.format(path=sys.path, root=str(state.root))
    hub = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        pid = int(hub.stdout.readline())
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        descriptors = [os.readlink(descriptor) for descriptor in Path(f"/proc/{pid}/fd").iterdir()]
    finally:
        hub.kill()
        hub.communicate()
    assert b"a-secret-of-the-hub" not in environment
    assert not [target for target in descriptors if "of-the-hub" in target]
    found = recorded(state)
    assert found["vox"].pid == pid
    assert supervision.end_all(state) == 1
    assert not started_at(pid)
    assert not Places(state, "vox").socket.parent.exists()


def test_a_number_given_to_another_process_is_not_the_supervisor() -> None:
    mine = started_at(os.getpid())
    assert Supervisor(os.getpid(), mine).alive()
    assert not Supervisor(os.getpid(), mine + "0").alive()
    assert not Supervisor(2**30, "").alive()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"pid": "x", "started": ""}', json.dumps({"pid": 2**30})])
def test_a_record_that_cannot_be_read_is_nobody(state: StateFolder, record: str) -> None:
    places = Places(state, "vox")
    places.prepare()
    (places.notes / supervision.RECORD).write_text(record)
    assert recorded(state) == {}
    assert supervision.end_all(state) == 0


def test_only_this_account_may_call(state: StateFolder) -> None:
    places = Places(state, "vox")
    places.prepare()
    with supervision.listen(places.socket):
        assert places.socket.stat().st_mode & 0o777 == 0o600
        assert places.socket.parent.stat().st_mode & 0o777 == 0o700
