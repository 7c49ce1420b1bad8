"""The `hdh-jupyter` command: puts the parts together.

`hdh-jupyter run` is for people; `gateway` and `check-worker` are the processes that it starts; `audit` reads the log.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from traitlets import Integer, Unicode
from traitlets.config import Application

from . import __version__
from .audit.log import AuditLog
from .audit.sentences import line
from .db import open_database
from .egress.checks import CheckWorker
from .egress.service import EgressService
from .egress.store import Store
from .errors import PublicError
from .gateway.app import serve
from .i18n import preferred_language, translate
from .projects.registry import Registry
from .run.host import Address
from .run.intake import EgressIntake
from .run.platform import platform
from .state import StateFolder


def terminal_language() -> str:
    """Return the language of the terminal."""
    return preferred_language(os.environ.get("LANG", ""))


def speak(key: str, **params: object) -> None:
    """Print a sentence in the language of the terminal."""
    print(translate(key, terminal_language(), **params), flush=True)


class Command(Application):
    """What every command shares: the state folder."""

    version = __version__

    state_dir = Unicode("state", help="Keep everything in this folder: database, keys, homes, datasets, requests.").tag(
        config=True
    )
    aliases = {**Application.aliases, "state": "Command.state_dir"}
    flags = dict(Application.flags)

    @property
    def state(self) -> StateFolder:
        return StateFolder(Path(self.state_dir).absolute())

    def audit_log(self) -> AuditLog:
        return AuditLog(open_database(self.state.database_url), self.state.key("audit"))

    def egress(self) -> EgressService:
        database = open_database(self.state.database_url)
        return EgressService(database, Store(self.state.egress), self.audit_log(), Registry(database))


class Run(Command):
    """Open the platform on this machine and keep it open until Ctrl-C."""

    host = Unicode("hdh.localhost", help="Answer under this name; projects answer under prj-<id>.<name>.").tag(
        config=True
    )
    port = Integer(8000, min=1, max=65535, help="Listen on this TCP port of the loopback interface.").tag(config=True)
    config_file_path = Unicode(
        "", help="Give the hub this configuration file; by default jupyterhub_config.py of the current folder."
    ).tag(config=True)
    aliases = {
        **Command.aliases,
        "host": "Run.host",
        "port": "Run.port",
        "hub-config": "Run.config_file_path",
    }

    def start(self) -> None:
        platform(self.state, Address(self.host, self.port), self.config_file_path, speak)


class Gateway(Command):
    """Stand between the proxy and every workspace (started by `run`)."""

    origin = Unicode(help="Say that the portal is at this address, scheme and port included.").tag(config=True)
    aliases = {**Command.aliases, "origin": "Gateway.origin"}

    def start(self) -> None:
        asyncio.run(serve(self.state, self.origin, EgressIntake(self.egress())))


class CheckWorkerCommand(Command):
    """Run the disclosure checks that requests wait for, each in a sandbox (started by `run`)."""

    def start(self) -> None:
        async def work() -> None:
            worker = asyncio.create_task(CheckWorker(self.egress()).run())
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.cancel)
            try:
                await worker
            except asyncio.CancelledError:
                logging.getLogger(__name__).info("The check worker stops")

        asyncio.run(work())


class AuditVerify(Command):
    """Check that no event of the audit log was changed, removed or added."""

    def start(self) -> None:
        outcome = self.audit_log().verify()
        print(outcome.message(terminal_language()))
        if not outcome.ok:
            self.exit(1)


class AuditTail(Command):
    """Show the newest events of the audit log."""

    count = Integer(20, min=1, help="Show this many events.").tag(config=True)
    aliases = {**Command.aliases, "n": "AuditTail.count"}

    def start(self) -> None:
        for event in self.audit_log().tail(self.count):
            print(line(event, terminal_language()))


class Audit(Application):
    """Read the audit log."""

    subcommands = {
        "verify": (AuditVerify, "Check that the log is complete and unchanged."),
        "tail": (AuditTail, "Show the newest events."),
    }


class HdhJupyter(Application):
    """Sealed JupyterLab workspaces for health data projects, with reviewed egress."""

    name = "hdh-jupyter"
    version = __version__
    subcommands: Any = {
        "run": (Run, "Open the platform on this machine."),
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
