"""`hdh-jupyter probe PROJECT`: whether a workspace that runs is sealed, tried from inside at this moment."""

from __future__ import annotations

import asyncio
import getpass

from ..errors import PublicError
from ..i18n import translate
from ..spawner.probing import Finding, probe_project
from .administration import open_platform
from .base import Command, terminal_language


class Probe(Command):
    """Probe the workspace of a project that runs: hdh-jupyter probe PROJECT.

    Ends with status 0 when it is sealed, 1 when anything could be reached. What was found is in the audit log.
    """

    def start(self) -> None:
        if len(self.extra_args) != 1:
            raise PublicError("probe.which")
        open_platform(self.state)
        project = self.extra_args[0]
        finding = asyncio.run(probe_project(self.state, project))
        self.audit_log().append(
            "workspace.probed", actor=f"os:{getpass.getuser()}", project=project, detail=finding.detail()
        )
        print(report(finding, terminal_language()))
        if not finding.passed:
            self.exit(1)


def report(finding: Finding, language: str) -> str:
    """Return a finding as lines for people: what was tried, and what came of it."""
    names = sorted({*finding.checks, *finding.failures})
    lines = [
        f"{'x' if name in finding.failures else '-'} {translate(f'probe.check.{name}', language)} [{name}]"
        for name in names
    ]
    return "\n".join([*lines, translate("probe.passed" if finding.passed else "probe.failed", language)])
