"""What a workspace uses, and what happened at its limits, in the words of whoever asks.

The figures are the supervisor's, hence true whatever the workspace says of itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..i18n import sentences, translate
from .base import WorkspaceHandler

FIGURES = ("memory", "processes", "disk", "files", "cpu")

UNITS = ("bytes", "kib", "mib", "gib", "tib")

COUNTS = {"limits.processes_near", "limits.processes_hit", "limits.processes_stopped", "limits.files_near"}
"""Events whose figures are counts, and not bytes."""

LONGEST_REPORT = 2**20


class Usage(WorkspaceHandler):
    """Says what the workspace uses of what it may."""

    async def get(self) -> None:
        path = self.gateway.workspaces.usage_report(self.arrival.project)
        report = await asyncio.to_thread(read_report, path)
        self.reply_json(rendered(report, self.language))


def read_report(path: Path) -> dict[str, Any]:
    """Return the last report, empty when there is none yet."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(LONGEST_REPORT))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def rendered(report: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a report with sentences for its events, the newest first; what is unknown is missing."""
    figures = {name: report[name] for name in FIGURES if name in report}
    events = [event for event in report.get("events", ()) if event["code"] in sentences(language)]
    told = [{"at": e["at"], "code": e["code"], "message": sentence(e, language)} for e in events]
    return {**figures, "events": told}


def sentence(event: Mapping[str, Any], language: str) -> str:
    """Return what an event means, its sizes written for people."""
    counts = {"files", "used", "limit"} if event["code"] in COUNTS else {"files"}
    params = {name: str(value) if name in counts else size(value, language) for name, value in event["params"].items()}
    return translate(event["code"], language, **params)


def size(count: float, language: str) -> str:
    """Return bytes as people write them: `1.5 GiB`, `1,5 Gio`."""
    unit = 0
    while count >= 1024 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    figure = f"{count:.1f}".removesuffix(".0")
    # A space that no line is broken at.
    return f"{figure.replace('.', ',') if language == 'fr' else figure}\N{NO-BREAK SPACE}" + translate(
        f"limits.unit.{UNITS[unit]}", language
    )
