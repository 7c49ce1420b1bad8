"""What a supervisor tells of a workspace's use, and when it warns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.cgroups.allowance import Reading
from hdh_jupyter.spawner.heartbeat import Heartbeat
from hdh_jupyter.spawner.home_scan import DEEPEST, Extent, HomeScan
from hdh_jupyter.spawner.rlimits import limit_files
from hdh_jupyter.spawner.usage import KEPT_EVENTS, Journal, Watch, beyond, full

LIMITS: dict[str, Any] = {
    "memory": 1000,
    "cpu": 2.0,
    "processes": 100,
    "disk": 10**6,
    "files": 100,
    "file_size": 10**6,
}


class Measured:
    """A group whose figures a test decides."""

    def __init__(self) -> None:
        self.reading = Reading(100, 3, 0.0)

    def read(self) -> Reading:
        return self.reading

    def pids(self) -> set[int]:
        return set()


class Watched:
    """A watch over a home in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.group = Measured()
        self.ended: list[str] = []
        self.path = folder / "usage.json"
        self.watch = Watch(
            LIMITS,
            self.group,
            HomeScan(str(self.home), self.group.pids),
            Heartbeat(str(folder / "none.sock"), "/api"),
            str(self.path),
            end=lambda: self.ended.append("asked"),
            kill=lambda: self.ended.append("killed"),
        )

    def look(self, *readings: Reading) -> list[str]:
        """Look at each of these, and return the codes of all events, the oldest first."""
        for reading in readings:
            self.group.reading = reading
            self.watch.look()
        return [event["code"] for event in reversed(self.watch.journal.events)]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.mark.parametrize(
    ("readings", "codes"),
    [
        pytest.param([Reading(899, 89)], [], id="00 below"),
        pytest.param([Reading(900, 3)], ["limits.memory_near"], id="01 memory near"),
        pytest.param([Reading(900), Reading(850), Reading(950)], ["limits.memory_near"], id="02 said once"),
        pytest.param([Reading(100, 90)], ["limits.processes_near"], id="03 processes near"),
        pytest.param([Reading(memory_kills=1)], ["limits.memory_killed"], id="04 ended"),
        pytest.param([Reading(refused_forks=5)], ["limits.processes_hit"], id="05 refused"),
        pytest.param([Reading(refused_forks=5)] * 3, ["limits.processes_hit"], id="06 refused no more"),
        pytest.param([Reading()], [], id="07 nothing known"),
    ],
)
def test_what_is_told(watched: Watched, readings: list[Reading], codes: list[str]) -> None:
    assert watched.look(*readings) == codes
    assert watched.ended == []


def test_far_too_many_processes_end_the_workspace_at_once(watched: Watched) -> None:
    assert "limits.processes_stopped" in watched.look(Reading(100, 111))
    assert watched.ended == ["killed"]


def test_the_report_has_what_is_known(watched: Watched) -> None:
    watched.look(Reading(100, None, 1.0))
    watched.watch.publish()
    report = json.loads(watched.path.read_text())
    assert report["memory"] == {"used": 100, "limit": 1000}
    assert report["files"] == {"used": 0, "limit": 100}
    assert "processes" not in report
    assert watched.path.stat().st_mode & 0o777 == 0o600
    watched.look(Reading(100, None, 100.0))
    assert watched.watch.report()["cpu"]["used"] > 0


def test_events_stay_over_a_restart_and_are_few(tmp_path: Path) -> None:
    first = Watched(tmp_path)
    first.look(Reading(950))
    first.watch.publish()
    assert [event["code"] for event in Watched(tmp_path).watch.journal.events] == ["limits.memory_near"]
    journal = Journal(str(first.path))
    for number in range(2 * KEPT_EVENTS):
        journal.tell(f"limits.{number}")
    assert len(journal.events) == KEPT_EVENTS
    first.path.write_text('{"events": [{"at": "2001-01-01T00:00:00+00:00", "code": "old", "params": {}}]}')
    assert Journal(str(first.path)).events == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"events": 1}', '{"events": [1]}', "\x00"])
def test_an_earlier_report_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "usage.json").write_text(text)
    assert Journal(str(tmp_path / "usage.json")).events == []


@pytest.mark.parametrize(
    ("found", "is_full"),
    [
        pytest.param(Extent(999_999, 99), False, id="00 below"),
        pytest.param(Extent(1_000_000, 1), True, id="01 bytes"),
        pytest.param(Extent(0, 100), True, id="02 files"),
        pytest.param(Extent(0, 1, True), True, id="03 what cannot be counted"),
    ],
)
def test_when_a_home_is_full(found: Extent, is_full: bool) -> None:
    assert full(found, LIMITS) is is_full


@pytest.mark.parametrize(
    ("found", "is_beyond"),
    [
        pytest.param(Extent(3_000_000, 300), False, id="00 as large as it was"),
        pytest.param(Extent(3_100_000, 310), False, id="01 a little larger"),
        pytest.param(Extent(3_100_001, 1), True, id="02 growing"),
        pytest.param(Extent(0, 311), True, id="03 more and more files"),
    ],
)
def test_when_a_closed_home_grows_on(found: Extent, is_beyond: bool) -> None:
    assert beyond(found, Extent(3_000_000, 300), LIMITS) is is_beyond


def scanned(home: Path, *pids: int) -> Extent:
    scan = HomeScan(str(home), lambda: pids)
    while not scan.work(0.0001, urgent=True):
        pass
    assert scan.found is not None
    return scan.found


def test_a_home_is_counted_in_slices(tmp_path: Path) -> None:
    for number in range(50):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(os.urandom(8192))
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 2**40)
    (tmp_path / "link").symlink_to("/usr")
    for name in ("second", "third"):
        (tmp_path / name).hardlink_to(tmp_path / "0" / "file")
    found = scanned(tmp_path)
    assert found.files == 104
    folders = sum(folder.stat().st_blocks * 512 for folder in tmp_path.glob("*[0-9]"))
    assert 50 * 8192 - 3 <= found.size - folders <= 50 * 8192


def test_a_removed_file_counts_while_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(8192))
    with path.open("rb"):
        path.unlink()
        held = scanned(tmp_path, os.getpid())
    assert held.size - scanned(tmp_path, os.getpid()).size == 8192
    assert scanned(tmp_path).size == 0


def test_a_tree_that_is_too_deep_is_known_to_be(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(DEEPEST + 5):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert scanned(tmp_path).hidden
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs processes of other accounts")
def test_processes_of_another_account_are_limited_and_freed_again() -> None:
    process = subprocess.Popen(["/bin/sleep", "60"], user=2_100_000_007, group=2_100_000_007, extra_groups=[])
    try:
        for size in (2**20, 2**30):
            limit_files({process.pid, 2**22 + 1}, size, size)
            assert f"Max file size             {size} " in Path(f"/proc/{process.pid}/limits").read_text()
    finally:
        process.kill()
        process.wait()


def test_a_supervisor_loads_nothing_but_the_standard_library_and_its_own() -> None:
    root = str(Path(__file__).parents[2])
    program = (
        f"import sys; sys.path.append({root!r}); import hdh_jupyter.spawner.supervisor\n"
        "own = {n.split('.')[0] for n in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(own), sorted(n for n in sys.modules if n.startswith('hdh_jupyter.')))"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(("['__main__', 'hdh_jupyter']", "['hdh_jupyter']"))
    assert "hdh_jupyter.spawner.limits" not in said
