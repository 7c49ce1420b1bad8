"""Probing a workspace at its start and while it runs, and keeping what was found for people to read."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import PublicError
from ..state import StateFolder
from ..syscalls import filter_programs
from .hermeticity import CHECKS, ONCE, Expectation, from_document, judge, to_document
from .supervision import PACKAGES, PROGRAM, Places, Supervisor, end, recorded
from .supervisor import Canaries

VISIT = PROGRAM.replace("spawner.supervisor", "spawner.visit")

ACCOUNT = 1000
"""Who everybody is inside."""

TIMEOUT = 40.0
"""Seconds after which a visit counts as failed."""

VISITS = 3
"""Visits of one probe until one reports: on a machine that somebody overloads one may take too long, and a workspace
that is sealed should not be closed for that. One that never reports fails the probe."""


@dataclass(frozen=True)
class Finding:
    """What one probe found.

    Attributes
    ----------
    at
        When, in universal time.
    checks
        The names of the checks that were made.
    failures
        Those that failed, and `report` when there was none to judge.
    """

    at: datetime
    checks: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.failures

    def detail(self) -> dict[str, Any]:
        """Return what the audit log keeps."""
        return {"passed": self.passed, "checks": len(self.checks), "failures": list(self.failures)}

    def to_document(self) -> dict[str, Any]:
        """Return what is written down for people."""
        at = self.at.isoformat(timespec="seconds")
        return {"at": at, "checks": list(self.checks), "failures": list(self.failures)}


def note_plan(places: Places, expected: Expectation, facts: Mapping[str, Any]) -> None:
    """Keep what later probes of this workspace try and expect: another hub than the one that started it may probe."""
    _write(places.probe_plan, {"expected": to_document(expected), "facts": dict(facts)})


def first_finding(places: Places, report: bytes, expected: Expectation) -> Finding:
    """Judge what the probe reported that ran before anybody entered, and keep the finding."""
    return keep(places, Finding(datetime.now(UTC), tuple(sorted(CHECKS)), judge(report, expected)))


def keep(places: Places, finding: Finding) -> Finding:
    """Write a finding down for people."""
    _write(places.finding, finding.to_document())
    return finding


async def probe_again(places: Places, supervisor: Supervisor) -> Finding:
    """Probe a workspace that runs, and keep the finding; whatever goes wrong is a failed probe."""
    checks = tuple(sorted(CHECKS.keys() - ONCE))
    try:
        plan = json.loads(await asyncio.to_thread(places.probe_plan.read_text))
        expected = from_document(plan["expected"])
        report = await _report(supervisor, plan["facts"])
    except (OSError, ValueError, KeyError, TypeError, TimeoutError):
        failures: tuple[str, ...] = ("report",)
    else:
        failures = judge(report, expected, without=ONCE)
    return await asyncio.to_thread(keep, places, Finding(datetime.now(UTC), checks, failures))


async def probe_project(state: StateFolder, project: str) -> Finding:
    """Probe the running workspace of a project, and end it when it is not sealed: its hub then clears up.

    Raises
    ------
    PublicError
        `spawner.not_running`.
    """
    supervisor = (await asyncio.to_thread(recorded, state)).get(project)
    if supervisor is None:
        raise PublicError("spawner.not_running", 404, project=project)
    finding = await probe_again(Places(state, project), supervisor)
    if not finding.passed:
        await end(supervisor, now=True)
    return finding


def first_inside(supervisor: int) -> int:
    """Return the first process of a supervisor's sandbox, by its number outside.

    Raises
    ------
    ProcessLookupError
        There is none.
    """
    parents: dict[int, list[int]] = {}
    first = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _status(int(name))
            if fields:
                parents.setdefault(int(fields["PPid"]), []).append(int(name))
                if fields["NSpid"].split()[1:] == ["1"]:
                    first.add(int(name))
    waiting = [supervisor]
    while waiting:
        pid = waiting.pop()
        if pid in first:
            return pid
        waiting += parents.get(pid, [])
    raise ProcessLookupError(supervisor)


async def _report(supervisor: Supervisor, facts: Mapping[str, Any]) -> bytes:
    """Return what the first visit found that came back; nothing when none did."""
    for _ in range(VISITS):
        first = await asyncio.to_thread(first_inside, supervisor.pid)
        with contextlib.suppress(TimeoutError):
            report = await _visit(first, facts)
            if report:
                return report
    return b""


async def _visit(pid: int, facts: Mapping[str, Any]) -> bytes:
    canaries = Canaries()
    try:
        order = {
            "pid": pid,
            "account": ACCOUNT,
            "facts": {**facts, **canaries.facts()},
            "filters": [program.hex() for program in filter_programs()],
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", VISIT, PACKAGES),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": os.defpath},
            cwd="/",
        )
        try:
            report, _ = await asyncio.wait_for(process.communicate(json.dumps(order).encode()), TIMEOUT)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return report
    finally:
        canaries.close()


def _status(pid: int) -> dict[str, str]:
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return {name: value.strip() for name, _, value in (line.partition(":") for line in file)}
    except OSError:
        return {}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file)
    os.replace(draft, path)
