"""What a workspace uses, told every two seconds, and what happens at its limits.

Standard library only: the supervisor runs with that alone. Sentences for people are made elsewhere, from the codes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from ..cgroups.allowance import Reading
from .heartbeat import Heartbeat
from .home_scan import Extent, HomeScan
from .rlimits import SMALL_FILE, limit_files

TICK = 0.5
"""Seconds between two looks at the limits."""

PUBLISHED = 2.0
"""Seconds between two reports."""

NEAR = 0.9
"""Share of a limit from which people are warned, again only after it was below `CALM`."""

CALM = 0.8

TOO_MANY = 1.1
"""Share of the limit on processes at which the workspace ends: the kernel does not keep it."""

GROWTH = 0.1
"""Share of the disk's limit by which a home may grow while it is closed; then the workspace ends: its processes found a
way to go on writing."""

SLICE, URGENT_SLICE = 0.05, 0.4
"""Seconds of each look spent on counting the home, and when it may be beyond its limit."""

KEPT_EVENTS = 20

KEPT_FOR = timedelta(days=1)

QUIET = 30.0
"""Seconds during which the same event is not told again."""


class Group(Protocol):
    """Processes that are limited together."""

    def read(self) -> Reading:
        """Return what they use."""

    def pids(self) -> set[int]:
        """Return which they are."""


class Journal:
    """The latest events, newest first; those of the workspace's earlier runs stay for a day."""

    def __init__(self, path: str) -> None:
        self.events: list[dict[str, Any]] = []
        self._told: dict[str, float] = {}
        since = (datetime.now(UTC) - KEPT_FOR).isoformat()
        try:
            with open(path, encoding="utf-8") as file:
                earlier = json.load(file)["events"]
            self.events = [event for event in earlier if event["at"] > since]
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def tell(self, code: str, **params: int) -> None:
        """Note an event, unless the same one was noted a moment ago."""
        now = time.monotonic()
        if now - self._told.get(code, -QUIET) < QUIET:
            return
        self._told[code] = now
        event = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "code": code, "params": params}
        self.events = [event, *self.events][:KEPT_EVENTS]


class Watch:
    """Looks at a workspace at intervals.

    Parameters
    ----------
    limits
        Those of the workspace, by name.
    path
        The file of the report.
    end, kill
        End the workspace: asked to, or at once.
    """

    def __init__(
        self,
        limits: Mapping[str, Any],
        group: Group,
        home: HomeScan,
        heartbeat: Heartbeat,
        path: str,
        end: Callable[[], None],
        kill: Callable[[], None],
    ) -> None:
        self.limits = limits
        self.group = group
        self.home = home
        self.heartbeat = heartbeat
        self.path = path
        self.end = end
        self.kill = kill
        self.journal = Journal(path)
        self.closed = False
        self._closed_at: Extent | None = None
        self._last = Reading()
        self._warned: set[str] = set()
        self._cores: float | None = None
        self._measured: tuple[float, float] | None = None

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        published, failed = 0.0, ""
        while True:
            try:
                self.look()
                if time.monotonic() - published >= PUBLISHED or stop.is_set():
                    published = time.monotonic()
                    self.publish()
            except (OSError, ValueError) as error:
                # The group goes while its last process ends; a full disk has no room for the report.
                if repr(error) != failed:
                    failed = repr(error)
                    print(f"{datetime.now(UTC).isoformat(timespec='seconds')} {failed}", file=sys.stderr, flush=True)
            if stop.wait(TICK):
                return

    def look(self) -> None:
        """Look once."""
        reading = self.group.read()
        self._memory(reading)
        if reading.refused_forks > self._last.refused_forks:
            self.journal.tell("limits.processes_hit", limit=self.limits["processes"])
        self._near("processes", reading.processes, self.limits["processes"])
        self._last = reading
        if (reading.processes or 0) > TOO_MANY * self.limits["processes"]:
            # The kernel counts neither for a group nor for an account that is root's.
            self.journal.tell("limits.processes_stopped", limit=self.limits["processes"])
            self.publish()
            self.kill()
        self._disk()
        silent = self.heartbeat.silent
        self.heartbeat.beat()
        if self.heartbeat.silent != silent:
            self.journal.tell("limits.server_answers" if silent else "limits.server_silent")

    def publish(self) -> None:
        """Write the report, which appears whole."""
        draft = f"{self.path}.draft"
        with open(draft, "w", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            json.dump(self.report(), file)
        os.replace(draft, self.path)

    def report(self) -> dict[str, Any]:
        """Return the report; what is unknown is missing."""
        limits, reading, found = self.limits, self._last, self.home.found
        self._processor(reading)
        used = {
            "memory": (reading.memory, limits["memory"]),
            "processes": (reading.processes, limits["processes"]),
            "cpu": (self._cores, limits["cpu"]),
            "disk": (found and found.size, limits["disk"]),
            "files": (found and found.files, limits["files"]),
        }
        known = {name: {"used": use, "limit": limit} for name, (use, limit) in used.items() if use is not None}
        return {**known, "events": self.journal.events}

    def _memory(self, reading: Reading) -> None:
        self._near("memory", reading.memory, self.limits["memory"])
        if reading.memory_kills > self._last.memory_kills:
            self.journal.tell("limits.memory_killed", limit=self.limits["memory"])

    def _near(self, name: str, used: int | None, limit: int) -> None:
        if used is None:
            return
        if used >= NEAR * limit and name not in self._warned:
            self._warned.add(name)
            self.journal.tell(f"limits.{name}_near", used=used, limit=limit)
        if used < CALM * limit:
            self._warned.discard(name)

    def _processor(self, reading: Reading) -> None:
        if reading.cpu_seconds is None:
            return
        now = (time.monotonic(), reading.cpu_seconds)
        if self._measured is not None and now[0] > self._measured[0]:
            self._cores = round(max(0.0, now[1] - self._measured[1]) / (now[0] - self._measured[0]), 2)
        self._measured = now

    def _disk(self) -> None:
        limits = self.limits
        urgent = self.closed or self.home.suspect(limits["disk"], limits["files"])
        finished = self.home.work(URGENT_SLICE if urgent else SLICE, urgent)
        found = self.home.found
        if finished and found is not None:
            self._near("disk", found.size, limits["disk"])
            self._near("files", found.files, limits["files"])
            if self.closed:
                # The first count that began after the closing: what was written before it is nobody's trick.
                self._closed_at = self._closed_at or found
            self._close_or_open(found)
            if self._closed_at is not None and beyond(found, self._closed_at, limits):
                self.journal.tell("limits.disk_stopped", limit=limits["disk"])
                self.publish()
                self.end()
        if self.closed:
            # Again and again: a process that was just being made may have missed it.
            limit_files(self.group.pids(), SMALL_FILE, SMALL_FILE)

    def _close_or_open(self, found: Extent) -> None:
        over = full(found, self.limits)
        if over and not self.closed:
            name = "files" if found.files >= self.limits["files"] else "hidden" if found.hidden else "disk"
            self.journal.tell(f"limits.{name}_full", used=found.size, limit=self.limits["disk"], files=found.files)
        if self.closed and not over:
            self.journal.tell("limits.disk_freed")
            limit_files(self.group.pids(), self.limits["file_size"], self.limits["file_size"])
            self._closed_at = None
        self.closed = over


def full(found: Extent, limits: Mapping[str, Any]) -> bool:
    """Tell whether a home is at its limit."""
    return found.size >= limits["disk"] or found.files >= limits["files"] or found.hidden


def beyond(found: Extent, closed_at: Extent, limits: Mapping[str, Any]) -> bool:
    """Tell whether a home has grown too much since it was closed; it may stay as large as it was then."""
    size, files = closed_at.size + GROWTH * limits["disk"], closed_at.files + GROWTH * limits["files"]
    return bool(found.size > size or found.files > files)
