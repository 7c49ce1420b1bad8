"""Processes are kept running, their death is told, and what keeps dying ends the platform with a sentence."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from hdh_jupyter.errors import PublicError
from hdh_jupyter.run.keeper import Keeper
from hdh_jupyter.state import StateFolder


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def told() -> list[tuple[str, dict[str, object]]]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, lock: int, told: list[tuple[str, dict[str, object]]]) -> Keeper:
    state = StateFolder(tmp_path / "state")
    state.create()
    return Keeper(state, {"PATH": os.environ["PATH"]}, lock, lambda key, **params: told.append((key, params)))


async def started(keeper: Keeper, name: str, but: int = 0) -> int:
    while name not in keeper.processes or keeper.processes[name].pid == but:
        await asyncio.sleep(0.01)
    return keeper.processes[name].pid


async def test_a_killed_process_is_started_again_and_told(
    keeper: Keeper, told: list[tuple[str, dict[str, object]]]
) -> None:
    task = asyncio.create_task(keeper.keep("sleeper", ["sleep", "60"]))
    first = await started(keeper, "sleeper")
    os.kill(first, signal.SIGKILL)
    assert await started(keeper, "sleeper", but=first) != first
    assert told == [("run.restarted", {"name": "sleeper", "status": -signal.SIGKILL})]
    await keeper.stop(patience=5)
    await task


async def test_what_keeps_dying_is_given_up_with_the_place_of_its_log(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hdh_jupyter.run.keeper.PAUSE", 0)
    with pytest.raises(PublicError) as refusal:
        await keeper.keep("broken", ["sh", "-c", "echo why; exit 3"])
    assert refusal.value.code == "run.keeps_dying"
    assert "why" in (keeper.logs / "broken.log").read_text()
    assert str(keeper.logs / "broken.log") in refusal.value.message("en")


async def test_a_process_that_will_not_end_is_killed(keeper: Keeper) -> None:
    task = asyncio.create_task(keeper.keep("deaf", ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]))
    pid = await started(keeper, "deaf")
    while "ready" not in (keeper.logs / "deaf.log").read_text():
        await asyncio.sleep(0.01)
    await keeper.stop(patience=0.2)
    await task
    assert not Path(f"/proc/{pid}").exists()


def test_nothing_outlives_a_killed_platform(tmp_path: Path) -> None:
    program = textwrap.dedent(
        f"""
        import asyncio, os
        from pathlib import Path
        from hdh_jupyter.run.keeper import Keeper
        from hdh_jupyter.state import StateFolder
        state = StateFolder(Path({str(tmp_path / "state")!r}))
        state.create()
        lock = os.open({str(tmp_path / "lock")!r}, os.O_RDWR | os.O_CREAT)
        asyncio.run(Keeper(state, dict(os.environ), lock, print).keep("child", ["sh", "-c", "echo $$; exec sleep 60"]))
        """
    )
    platform = subprocess.Popen([sys.executable, "-c", program])
    log = tmp_path / "state" / "logs" / "child.log"
    while not (log.exists() and log.read_text().strip()):
        assert platform.poll() is None
    child = int(log.read_text())
    platform.kill()
    platform.wait()
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        pass
