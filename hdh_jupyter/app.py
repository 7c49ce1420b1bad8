"""The `hdh-jupyter` command: names its sub-commands, and tells a person what went wrong."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from traitlets.config import Application

from . import __version__
from .errors import PublicError
from .i18n import preferred_language


class HdhJupyter(Application):
    """Sealed JupyterLab workspaces for health data projects, with reviewed egress."""

    name = "hdh-jupyter"
    version = __version__
    description = ""
    # By name: each loads its own libraries alone, and `check` works where those of the hub are missing.
    subcommands: Any = {
        "run": ("hdh_jupyter.commands.processes.Run", "Open the platform on this machine."),
        "init": ("hdh_jupyter.commands.initialise.Init", "Make an empty platform, without the demonstration."),
        "person": ("hdh_jupyter.commands.people.People", "Manage people, their platform roles and passwords."),
        "project": (
            "hdh_jupyter.commands.projects.Projects",
            "Manage projects, members, authorisations and granted datasets.",
        ),
        "traffic": (
            "hdh_jupyter.commands.traffic.Traffic",
            "Show what was displayed of workspaces, and decide on requests for more.",
        ),
        "doctor": ("hdh_jupyter.commands.doctor.Doctor", "Look whether all that the platform stands on is well."),
        "probe": ("hdh_jupyter.commands.probe.Probe", "Try whether the workspace of a project is sealed."),
        "check": ("hdh_jupyter.commands.disclosure.Check", "Check files that are to leave (exit status 0, 1 or 2)."),
        "sanitise": ("hdh_jupyter.commands.disclosure.Sanitise", "Write the form of a file that may leave."),
        "policy": ("hdh_jupyter.commands.policies.Policies", "Manage the disclosure policies of projects."),
        "catalogue": (
            "hdh_jupyter.commands.catalogue.Catalogue",
            "Search, import, export and check the catalogue of health databases.",
        ),
        "audit": ("hdh_jupyter.commands.audit.Audit", "Verify or show the audit log."),
        "gateway": ("hdh_jupyter.commands.processes.Gateway", "Stand before the workspaces (started by run)."),
        "check-worker": (
            "hdh_jupyter.commands.processes.CheckWorkerCommand",
            "Run pending disclosure checks (started by run).",
        ),
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
        print(
            f"hdh-jupyter: {error.message(preferred_language(os.environ.get('LANG', '')))} [{error.code}]",
            file=sys.stderr,
        )
        sys.exit(1)
    except KeyboardInterrupt:
        # The status by which shells know that Ctrl-C ended a command.
        sys.exit(128 + signal.SIGINT)
