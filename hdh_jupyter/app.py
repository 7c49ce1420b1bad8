"""The `hdh-jupyter` command: names its sub-commands, and tells a person what went wrong."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from traitlets.config import Application

from . import __version__
from .commands.audit import Audit
from .commands.base import terminal_language
from .commands.initialise import Init
from .commands.people import People
from .commands.probe import Probe
from .commands.processes import CheckWorkerCommand, Gateway, Run
from .commands.projects import Projects
from .commands.traffic import Traffic
from .errors import PublicError


class HdhJupyter(Application):
    """Sealed JupyterLab workspaces for health data projects, with reviewed egress."""

    name = "hdh-jupyter"
    version = __version__
    description = ""
    subcommands: Any = {
        "run": (Run, "Open the platform on this machine."),
        "init": (Init, "Make an empty platform, without the demonstration."),
        "person": (People, "Manage people, their platform roles and passwords."),
        "project": (Projects, "Manage projects, members, authorisations and granted datasets."),
        "traffic": (Traffic, "Show what was displayed of workspaces, and decide on requests for more."),
        "probe": (Probe, "Try whether the workspace of a project is sealed."),
        "audit": (Audit, "Verify or show the audit log."),
        "gateway": (Gateway, "Stand before the workspaces (started by run)."),
        "check-worker": (CheckWorkerCommand, "Run pending disclosure checks (started by run)."),
    }

    def start(self) -> None:
        if self.subapp is None:
            self.print_help()
            self.exit(2)
        super().start()


def main() -> None:
    """Run the command; what a person should know goes to standard error in one sentence."""
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        HdhJupyter.launch_instance()
    except PublicError as error:
        print(f"hdh-jupyter: {error.message(terminal_language())} [{error.code}]", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        # The status by which shells know that Ctrl-C ended a command.
        sys.exit(128 + signal.SIGINT)
