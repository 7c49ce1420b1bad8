"""The worker and its sandbox: the real check, and files that take over, hang, eat or kill it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import textwrap
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest

from hdh_jupyter.disclosure.model import Report
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.egress.check_queue import ATTEMPTS
from hdh_jupyter.egress.checks import CheckWorker
from hdh_jupyter.egress.model import Action, CheckState, Decision, Status
from hdh_jupyter.egress.sealed_check import CheckFailure, CheckLimits, SealedCheck
from hdh_jupyter.errors import PublicError

from .world import FILES, STATED, all_staged

ROOT = Path(__file__).parents[2]
SMALL = CheckLimits(seconds=20, memory=2**29, output=2**20, report=2**16, preview=2**16, output_entries=50, pulse=0.2)

GOOD = """
import hashlib, json, os
manifest = json.load(open("/in/manifest.json"))
os.mkdir("/out/files")
files = []
for entry in manifest["files"]:
    content = open("/in/" + entry["path"], "rb").read()
    open("/out/files/" + entry["path"], "wb").write(content)
    files.append({"name": entry["name"], "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
                  "kind": "csv", "verdict": "pass", "releasable": True})
report = {"verdict": "pass", "policy": POLICY, "files": files, "findings": []}
register = {"name": "", "tables": []}
def write():
    json.dump(register, open("/out/register.json", "w"))
    json.dump(report, open("/out/report.json", "w"))
"""


def worker_of(platform, code, limits=SMALL):
    """Return a worker whose sandbox runs `code` in place of the check."""
    reference = default_policy().reference
    policy = {"id": reference.id, "version": reference.version, "sha256": reference.sha256}
    text = f"POLICY = {policy!r}\n{GOOD}\n{textwrap.dedent(code)}"
    return CheckWorker(platform.service, check=SealedCheck(platform.store, limits, ("-I", "-S", "-c", text)))


async def outcome(platform, code, limits=SMALL):
    draft = await platform.draft()
    worker = worker_of(platform, code, limits)
    assert await worker.run_once()
    assert list((platform.store.root / "checking").iterdir()) == []
    return platform.service.request(draft.id, "rosa")


async def test_the_stand_in_passes_so_that_the_attacks_below_prove_something(platform):
    request = await outcome(platform, "write()")
    assert request.check.state is CheckState.DONE
    assert all(f.releasable for f in request.files)
    assert not await worker_of(platform, "").run_once()


ATTACKS = {
    "00 exits with an error": ("raise SystemExit(3)", "crashed"),
    "01 dies of a signal after its report": ("write(); os.kill(os.getpid(), 11)", "crashed"),
    "02 eats memory": ("write(); hog = [bytearray(2**26) for _ in range(64)]", "crashed"),
    "03 leaves no report": ("pass", "no_report"),
    "04 links its report to a file it may read": (
        "write(); os.rename('/out/report.json', '/out/x'); os.symlink('/out/x', '/out/report.json')", "no_report",
    ),
    "05 makes its report a pipe": ("os.mkfifo('/out/report.json')", "no_report"),
    "06 makes its report a folder": ("os.mkdir('/out/report.json')", "no_report"),
    "07 writes no JSON": ("open('/out/report.json', 'w').write('pass')", "bad_report"),
    "08 writes JSON without end": ("open('/out/report.json', 'w').write('[' * 60000)", "bad_report"),
    "09 writes a huge report": ("report['findings'] = ['x' * 2**17]; write()", "bad_report"),
    "10 writes a list": ("report = []; write()", "bad_report"),
    "11 writes null": ("report = None; write()", "bad_report"),
    "12 leaves a file out": ("report['files'].pop(); write()", "bad_report"),
    "13 adds a file": ("report['files'].append(dict(files[0], name='more.csv')); write()", "bad_report"),
    "14 tells of one file twice": ("report['files'][1] = report['files'][0]; write()", "bad_report"),
    "15 tells of other bytes": ("report['files'][0]['sha256'] = 'a' * 64; write()", "bad_report"),
    "16 follows another policy": ("report['policy']['version'] = '0'; write()", "bad_report"),
    "17 knows another verdict": ("report['verdict'] = report['files'][0]['verdict'] = 'fine'; write()", "bad_report"),
    "18 contradicts itself": ("report['verdict'] = 'block'; write()", "bad_report"),
    "19 holds a sanitised file back": ("os.remove('/out/files/1'); write()", "bad_output"),
    "20 links a sanitised file to the original": (
        "os.remove('/out/files/0'); os.symlink('/in/0', '/out/files/0'); write()", "bad_output",
    ),
    "21 links a sanitised file to the host": (
        "os.remove('/out/files/0'); os.symlink('/etc/shadow', '/out/files/0'); write()", "bad_output",
    ),
    "22 links the folder of files to the host": (
        "os.rename('/out/files', '/out/f'); os.symlink('/etc', '/out/files'); write()", "bad_output",
    ),
    "23 makes a sanitised file a pipe": ("os.remove('/out/files/0'); os.mkfifo('/out/files/0'); write()", "bad_output"),
    "24 makes no folder of files": ("os.rename('/out/files', '/out/f'); write()", "bad_output"),
    "25 writes too much": (
        "[open(f'/out/{n}', 'wb').write(b'x' * 700000) for n in range(2)]; write()", "too_much_output",
    ),
    "26 writes one file beyond the limit": ("write(); open('/out/a', 'wb').truncate(2**21)", "crashed"),
    "27 makes many files": ("[open(f'/out/{n}', 'w') for n in range(100)]; write()", "too_much_output"),
    "29 leaves no register": ("write(); os.remove('/out/register.json')", "bad_register"),
    "30 links its register to a file it may read": (
        "write(); os.remove('/out/register.json'); os.symlink('/in/manifest.json', '/out/register.json')",
        "bad_register",
    ),
    "31 writes a register of another file": (
        "register['tables'] = [{'file': 'x', 'population': '', 'dimensions': [], 'cells': []}]; write()",
        "bad_register",
    ),
    "32 writes a register that contradicts itself": (
        "register['tables'] = [{'file': files[0]['name'], 'population': '', 'dimensions': [['a', ['b']]],"
        " 'cells': [[[0], 5, 3]]}]; write()",
        "bad_register",
    ),
    "33 makes nothing to show of a file that no page shows": ("files[0]['kind'] = 'pdf'; write()", "bad_output"),
    "34 links what is shown to a file it may read": (
        "files[0]['kind'] = 'pdf'; os.mkdir('/out/previews'); os.symlink('/in/0', '/out/previews/0'); write()",
        "bad_output",
    ),
    "35 writes what cannot be shown": (
        "files[0]['kind'] = 'pdf'; os.mkdir('/out/previews')\n"
        "open('/out/previews/0', 'w').write('{\"parts\": 3}'); write()",
        "bad_output",
    ),
    "36 writes more to show than anybody reads": (
        "files[0]['kind'] = 'pdf'; os.mkdir('/out/previews')\n"
        "open('/out/previews/0', 'w').write('{}' + ' ' * 2**17); write()",
        "bad_output",
    ),
    "28 digs folders too deep to name": (
        "write(); os.chdir('/out')\nfor n in range(2500): os.mkdir('d' * 9); os.chdir('d' * 9)", "too_much_output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_blocks(platform, case):
    code, reason = case
    request = await outcome(platform, code)
    assert (request.check.state, request.check.failure) == (CheckState.FAILED, f"egress.check.{reason}")
    assert request.check.failure_message("fr")
    assert not any(f.releasable for f in request.files)
    with pytest.raises(PublicError) as refused:
        platform.service.submit(request.id, "lea", turn=0)
    assert refused.value.code == "egress.check_failed"
    assert platform.told("egress.checked")[-1]["verdict"] == "failed"


async def test_a_check_that_hangs_is_stopped_with_all_its_children(platform):
    code = """
        import subprocess, sys, time
        write()
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(987.25)"], start_new_session=True)
        time.sleep(987.25)
    """
    request = await outcome(platform, code, CheckLimits(seconds=1.5, memory=2**29, pulse=0.2))
    assert request.check.failure == "egress.check.timed_out"
    assert ended("987.25")


async def test_nothing_outside_can_be_reached(platform, tmp_path):
    draft = await platform.draft()
    job = platform.queue.claim()
    code = """
        import os, socket, json
        told = {}
        def attempt(name, call):
            try:
                call()
                told[name] = True
            except OSError as error:
                told[name] = False
        for place in ("/in/0", "/in/new", "/usr/x", "/etc/x", "/x", "/opt/x", PACKAGE + "/x", STORE + "/x"):
            attempt("write " + place, lambda: open(place, "w"))
        for place in (STORE, DATABASE, SOURCES, "/etc/shadow", "/var", "/run"):
            attempt("read " + place, lambda: os.stat(place))
        for address in (("127.0.0.1", 8000), ("192.0.2.1", 53), ("169.254.169.254", 80)):
            attempt("connect " + str(address), lambda: socket.create_connection(address, 1).close())
        attempt("name", lambda: socket.getaddrinfo("localhost.example", 80))
        attempt("mount", lambda: os.mkdir("/proc/x"))
        attempt("uid", lambda: os.setuid(0))
        told["homes"] = [n for home in ("/root", "/home") if os.path.isdir(home) for n in os.listdir(home)]
        told["interfaces"] = [name for _, name in socket.if_nameindex()]
        told["processes"] = sum(name.isdigit() for name in os.listdir("/proc"))
        told["environment"] = sorted(os.environ)
        json.dump(told, open("/out/told", "w"))
    """
    places = {"PACKAGE": "/opt/hdh-jupyter/hdh_jupyter", "STORE": str(platform.store.root), "DATABASE": str(tmp_path)}
    places["SOURCES"] = str(ROOT / "tests")
    header = "".join(f"{name} = {value!r}\n" for name, value in places.items())
    check = SealedCheck(platform.store, SMALL, ("-I", "-S", "-c", header + textwrap.dedent(code)))
    check.prepare(job, tmp_path / "job")
    await check.run(tmp_path / "job")
    told = json.loads((tmp_path / "job" / "out" / "told").read_text())
    assert told.pop("interfaces") == ["lo"]
    assert told.pop("homes") == []
    assert told.pop("processes") <= 3
    assert set(told.pop("environment")) <= {"PATH", "LANG", "PWD", "PYTHONPATH", "LC_CTYPE", "LD_LIBRARY_PATH"}
    assert {name for name, succeeded in told.items() if succeeded} == set()
    assert platform.store.verify(draft.files[0].sha256)


async def test_it_may_write_only_where_it_is_told(platform, tmp_path):
    """The counterpart of the test above: the same attempt succeeds where it should."""
    await platform.draft()
    job = platform.queue.claim()
    check = SealedCheck(platform.store, SMALL, ("-I", "-S", "-c", "open('/out/x', 'w'); open('/tmp/x', 'w')"))
    check.prepare(job, tmp_path / "job")
    await check.run(tmp_path / "job")
    assert (tmp_path / "job" / "out" / "x").exists()


async def test_a_damaged_original_is_not_checked(platform):
    draft = await platform.draft()
    path = platform.store.path(draft.files[0].sha256)
    path.chmod(0o600)
    path.write_bytes(b"x")
    assert await worker_of(platform, "write()").run_once()
    assert platform.service.request(draft.id, "rosa").check.state is CheckState.FAILED


async def test_a_check_nobody_waits_for_is_stopped(platform):
    draft = await platform.draft()
    worker = worker_of(platform, "import time; time.sleep(986.5)", CheckLimits(seconds=60, memory=2**29))
    worker._lease = 0.4
    run = asyncio.create_task(worker.run_once())
    while not running("986.5"):
        await asyncio.sleep(0.05)
    await asyncio.to_thread(platform.service.withdraw, draft.id, "rosa")
    assert await run
    assert ended("986.5")
    assert platform.service.request(draft.id, "rosa").check.failure == "egress.check.superseded"


async def test_a_worker_that_keeps_dying_is_given_up(platform):
    draft = await platform.draft()
    for _ in range(ATTEMPTS):
        assert platform.queue.claim() is not None
        assert platform.queue.claim() is None
        platform.clock.pass_time(seconds=61)
    assert await worker_of(platform, "write()").run_once()
    assert platform.service.request(draft.id, "rosa").check.failure == "egress.check.given_up"


async def test_a_lease_that_is_kept_is_not_taken(platform):
    await platform.draft()
    job = platform.queue.claim()
    for _ in range(5):
        platform.clock.pass_time(seconds=50)
        assert platform.queue.beat(job)
        assert platform.queue.claim() is None


async def test_a_result_that_comes_after_the_lease_is_thrown_away(platform):
    draft = await platform.draft()
    late = platform.queue.claim()
    platform.clock.pass_time(seconds=61)
    assert platform.queue.claim().lease != late.lease
    assert not platform.queue.beat(late)
    report = Report(default_policy().reference, (), ())
    platform.queue.finish(late, report, {}, [])
    platform.queue.fail(late, "egress.check.crashed")
    assert platform.service.request(draft.id, "rosa").check.state is CheckState.RUNNING


async def test_a_killed_worker_leaves_no_sandbox_and_its_check_is_taken_again(platform, tmp_path):
    # Of this process alone: others may run the same test at the same time.
    token = f"985.{os.getpid()}"
    draft = await platform.draft()
    program = f"""
import asyncio
from pathlib import Path
from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database
from hdh_jupyter.egress.checks import CheckWorker
from hdh_jupyter.egress.sealed_check import CheckLimits, SealedCheck
from hdh_jupyter.egress.service import EgressService
from hdh_jupyter.egress.store import Store
from hdh_jupyter.projects.registry import Registry
database = Database({platform.database.url!r})
store = Store(Path({str(platform.store.root)!r}))
service = EgressService(database, store, AuditLog(database, bytes(32)), Registry(database))
check = SealedCheck(store, CheckLimits(), ("-I", "-S", "-c", "import time; time." + "sleep" + "({token})"))
asyncio.run(CheckWorker(service, check=check).run())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT)
    # The sandbox is whole once its program runs: until then bwrap has not bound its life to the worker's yet.
    while not running(token, b"/python"):
        assert process.returncode is None
        await asyncio.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    for _ in range(100):
        if not running(token):
            break
        await asyncio.sleep(0.05)
    assert ended(token)
    assert platform.service.request(draft.id, "rosa").check.state is CheckState.RUNNING
    left = list((platform.store.root / "checking").iterdir())
    assert len(left) == 1

    platform.clock.at = datetime.now(UTC) + timedelta(minutes=5)
    worker = worker_of(platform, "write()")
    assert await worker.run_once()
    assert platform.service.request(draft.id, "rosa").check.state is CheckState.DONE
    assert worker._abandoned() == left


async def test_the_worker_releases_what_was_interrupted(platform, monkeypatch):
    request = await platform.submitted()
    monkeypatch.setattr(platform.service.releases, "release", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    for checker in ("carl", "cleo"):
        platform.service.decide(request.id, checker, Decision.APPROVE, turn=1)
    assert platform.service.request(request.id, "lea").status is Status.APPROVED
    worker = worker_of(platform, "write()")
    worker.release_waiting()
    assert platform.service.request(request.id, "lea").status is Status.APPROVED
    monkeypatch.undo()
    running_worker = asyncio.create_task(worker.run())
    while platform.service.request(request.id, "lea").status is Status.APPROVED:
        await asyncio.sleep(0.05)
    running_worker.cancel()
    await asyncio.gather(running_worker, return_exceptions=True)
    assert platform.service.request(request.id, "lea").status is Status.RELEASED


def notebook():
    cells = [
        nbformat.v4.new_code_cell(
            "visits.head()",
            outputs=[nbformat.v4.new_output("stream", text="NIR 2 55 08 14 168 025 38\n")],
        ),
        nbformat.v4.new_code_cell("len(visits)", outputs=[nbformat.v4.new_output("stream", text="312000\n")]),
    ]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


async def test_what_is_shown_of_a_file_is_kept_with_it(platform):
    shown = '{"parts": [{"form": "text", "place": {"page": 1}, "text": "n = 120"}]}'
    code = f"""
    files[0]['kind'] = 'pdf'
    os.mkdir('/out/previews')
    open('/out/previews/0', 'w').write({shown!r})
    write()
    """
    request = await outcome(platform, code)
    assert request.check.state is CheckState.DONE
    first, *others = request.files
    assert platform.store.path(first.preview_sha256).read_text() == shown
    assert {file.preview_sha256 for file in others} == {None}


async def test_the_real_check_from_draft_to_release(platform):
    files = {
        **FILES,
        "analysis.ipynb": notebook(),
        "small.csv": b"department,age,count\n75,0-4,3\n75,5-9,120\n75,10-14,340\n75,15-19,56\n",
    }
    draft = await platform.service.receive("flu", "rosa", all_staged(files), "Grippe")
    worker = CheckWorker(platform.service)
    assert await worker.run_once()
    checked = platform.service.request(draft.id, "rosa")
    assert checked.check.state is CheckState.DONE
    assert [f.name for f in checked.blocked_files] == ["small.csv"]
    by_name = {f.name: f for f in checked.files}
    assert by_name["analysis.ipynb"].verdict == "block"
    assert by_name["analysis.ipynb"].releasable
    released = platform.store.verify(by_name["analysis.ipynb"].sanitised_sha256).read_bytes()
    assert b"168 025" not in released
    assert b"312000" in released
    assert Report.from_stored(checked.check.report).to_dict("fr")["findings"]

    platform.service.edit(draft.id, "lea", **STATED)
    platform.service.remove_file(draft.id, "rosa", by_name["small.csv"].index)
    assert await worker.run_once()
    platform.service.submit(draft.id, "lea", turn=0)
    assert await worker.run_once()
    for checker in ("carl", "cleo"):
        assert Action.DECIDE in platform.service.request(draft.id, checker).actions
        reviewed = platform.service.reviewed_bytes(draft.id, checker, 2).read_bytes()
        assert b"168 025" not in reviewed
        assert b"312000" in reviewed
        platform.service.decide(draft.id, checker, Decision.APPROVE, turn=1)
    assert platform.service.request(draft.id, "lea").status is Status.RELEASED
    with zipfile.ZipFile(platform.service.archive(draft.id, "lea")) as archive:
        assert archive.read("files/analysis.ipynb") == reviewed
    assert platform.audit.verify().ok


def ended(token):
    """Return whether no process has `token` in its command line any more; the kernel takes a moment to end them."""
    for _ in range(100):
        if not running(token):
            return True
        time.sleep(0.1)
    return False


def running(token, program=b""):
    """Return whether a process has `token` in its command line, and `program` in its first word."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"sleep({token})".encode() in line and program in line.partition(b"\0")[0]:
                return True
    return False


def test_failures_carry_a_sentence():
    assert CheckFailure("egress.check.crashed").reason == "egress.check.crashed"
