"""What the last probe of a workspace found, in the words of whoever asks: each thing tried, and what came of it.

The finding is the hub zone's, written where nothing of the workspace can.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..i18n import sentences
from .base import WorkspaceHandler
from .usage import read_report


class Sealed(WorkspaceHandler):
    """Says whether the workspace was found sealed, when, and by which checks."""

    async def get(self) -> None:
        path = self.gateway.workspaces.probe_finding(self.arrival.project)
        finding = await asyncio.to_thread(read_report, path)
        self.reply_json(rendered(finding, self.language))


def rendered(finding: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a finding with a sentence for each check; `passed` is null while there was no probe."""
    if "at" not in finding:
        return {"at": None, "passed": None, "message": sentences(language)["probe.none"], "checks": []}
    failures = finding["failures"]
    names = [*finding["checks"], *(name for name in failures if name not in finding["checks"])]
    message = sentences(language)["probe.failed" if failures else "probe.passed"]
    checks = [
        {"name": name, "passed": name not in failures, "message": sentences(language).get(f"probe.check.{name}", name)}
        for name in names
    ]
    return {"at": finding["at"], "passed": not failures, "message": message, "checks": checks}
