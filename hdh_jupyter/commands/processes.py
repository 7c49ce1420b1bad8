"""The processes of the platform: `run` is for people, `gateway` and `check-worker` are what it starts."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from traitlets import Integer, Unicode
from traitlets.config import Config

from ..db import open_database
from ..egress.checks import CheckWorker
from ..egress.service import EgressService
from ..egress.store import Store
from ..gateway.app import serve
from ..gateway.limits import GatewayLimits
from ..gateway.place import parse_place
from ..gateway.policy import WorkspacePolicy
from ..metering.budgets import Budgets
from ..projects.registry import Registry
from ..run.configuration import configured, load_configuration
from ..run.host import Address, try_sandbox
from ..run.intake import EgressIntake
from ..run.platform import platform
from .base import Command, speak


class Run(Command):
    """Open the platform on this machine and keep it open until Ctrl-C."""

    host = Unicode("hdh.localhost", help="Answer under this name; projects answer under prj-<id>.<name>.").tag(
        config=True
    )
    port = Integer(8000, min=1, max=65535, help="Listen on this TCP port of the loopback interface.").tag(config=True)
    config_file_path = Unicode(
        "", help="Configure every process by this file; by default jupyterhub_config.py of the current folder."
    ).tag(config=True)
    aliases = {
        **Command.aliases,
        "host": "Run.host",
        "port": "Run.port",
        "hub-config": "Run.config_file_path",
    }

    def start(self) -> None:
        platform(self.state, Address(self.host, self.port), self.config_file_path, speak)


class EgressProcess(Command):
    """What the processes that handle egress requests share."""

    def egress(self) -> EgressService:
        database = open_database(self.state.database_url)
        return EgressService(database, Store(self.state.egress), self.audit_log(), Registry(database))


class Gateway(EgressProcess):
    """Stand between the proxy and every workspace (started by `run`)."""

    origin = Unicode(help="Say that the portal is at this address, scheme and port included.").tag(config=True)
    config_file_path = Unicode("", help="Take limits, budgets and policy from this configuration file.").tag(
        config=True
    )
    listen = Unicode(
        "",
        help="""Listen here: `0.0.0.0:8000` on a cluster, `/path/of.sock`.

        By default at the socket in the platform's folder of sockets, for the proxy of this machine alone. Whoever
        reaches a TCP port must be the proxy: a network policy sees to that.
        """,
    ).tag(config=True)
    hub_url = Unicode(
        "",
        help="""Ask the hub here who people are: `http://hub:8081` on a cluster.

        By default at the hub's socket in the platform's folder of sockets.
        """,
    ).tag(config=True)
    aliases = {
        **Command.aliases,
        "origin": "Gateway.origin",
        "hub-config": "Gateway.config_file_path",
        "listen": "Gateway.listen",
        "hub-url": "Gateway.hub_url",
    }

    def start(self) -> None:
        config = load_configuration(Path(self.config_file_path)) if self.config_file_path else Config()
        limits, budgets = configured(GatewayLimits, config), configured(Budgets, config)
        policy = configured(WorkspacePolicy, config)
        place = parse_place(self.listen) if self.listen else None
        intake = EgressIntake(self.egress())
        asyncio.run(serve(self.state, self.origin, intake, limits, budgets, policy, self.hub_url, place))


class CheckWorkerCommand(EgressProcess):
    """Run the disclosure checks that requests wait for, each in a sandbox (started by `run`)."""

    def start(self) -> None:
        # Where no sandbox can be made, requests wait for a worker that can, instead of failing their checks.
        try_sandbox(None)

        async def work() -> None:
            worker = asyncio.create_task(CheckWorker(self.egress()).run())
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.cancel)
            try:
                await worker
            except asyncio.CancelledError:
                logging.getLogger(__name__).info("The check worker stops")

        asyncio.run(work())
