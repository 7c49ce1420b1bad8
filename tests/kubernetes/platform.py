"""The platform's hub zone on the machine that runs the tests, with its workspaces on a cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import requests
from e2e.conftest import free_port
from redteam.clients import Server, enter, project_base, sign_in

from hdh_jupyter.auth.accounts import LocalAccounts
from hdh_jupyter.catalogue import snapshot
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import open_database
from hdh_jupyter.demo.people import OPEN_PROJECT
from hdh_jupyter.demo.seed import seed
from hdh_jupyter.projects.model import Member, ProjectRole
from hdh_jupyter.projects.registry import Registry
from hdh_jupyter.state import StateFolder

ROOT = Path(__file__).parents[2]
PASSWORD = "a-long-password-for-tests"  # of accounts that exist for a minute
PATIENCE = 150
"""Seconds for a workspace to open, or to be refused."""

FIRST, SECOND = OPEN_PROJECT, "voisin"
"""The two projects; Alice is in the first alone, Emma in the second alone, Bruno in both."""


@dataclass
class HubZone:
    """Hub, proxy and gateway as children of the tests.

    Attributes
    ----------
    address
        This machine's, as pods call it.
    kubeconfig
        What the hub asks the cluster with.
    settings
        Lines of Python for the end of the hub's configuration.
    """

    state: StateFolder
    address: str
    kubeconfig: Path
    settings: str
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in ("proxy", "api", "hub", "gw")})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    @property
    def origin(self) -> str:
        return f"http://hdh.localhost:{self.ports['proxy']}"

    @property
    def hub_url(self) -> str:
        return f"http://{self.address}:{self.ports['hub']}"

    @property
    def gateway_url(self) -> str:
        return f"http://{self.address}:{self.ports['gw']}"

    @property
    def registry(self) -> Registry:
        return Registry(open_database(self.state.database_url))

    def prepare(self) -> None:
        """Make the demonstration and a second project."""
        self.state.create()
        database = open_database(self.state.database_url)
        database.upgrade()
        catalogue = CatalogueStore(database)
        accounts = LocalAccounts(database)
        seed(self.registry, accounts.set_password, catalogue, self.state, password=PASSWORD, visits=2000)
        snapshot.refresh(catalogue, self.state.catalogue)
        first = self.registry.project(FIRST)
        members = (Member("bruno", ProjectRole.RESEARCHER), Member("emma", ProjectRole.LEAD))
        self.registry.add_project(replace(first, id=SECOND, title="Le projet voisin", members=members))
        # Pods read it as another account.
        for folder in (self.state.datasets, self.state.catalogue):
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)

    def start_proxy(self) -> None:
        """Start the proxy, which goes on without the hub, as the chart has it."""
        self._start(
            "proxy",
            str(Path(sys.prefix) / "bin" / "configurable-http-proxy"),
            "--ip=127.0.0.1",
            f"--port={self.ports['proxy']}",
            "--api-ip=127.0.0.1",
            f"--api-port={self.ports['api']}",
            f"--error-target={self.hub_url}/hub/error",
            "--host-routing",
        )

    def start_hub(self) -> None:
        """Start the hub and wait until it answers."""
        settings = self.state.root / "settings.py"
        settings.write_text(f"c = get_config()\n{self.settings}")
        self._start_python(
            "hub",
            "-m",
            "jupyterhub",
            f"--config={Path(__file__).with_name('hub_config.py')}",
            TEST_SETTINGS=str(settings),
            TEST_PROXY_API=f"http://127.0.0.1:{self.ports['api']}",
        )
        self._wait("hub", f"http://127.0.0.1:{self.ports['proxy']}/hub/health")

    def start_gateway(self) -> None:
        """Start the gateway and wait until it is ready."""
        self._start_python(
            "gateway",
            "-m",
            "hdh_jupyter",
            "gateway",
            f"--state={self.state.root}",
            f"--origin={self.origin}",
            f"--listen=0.0.0.0:{self.ports['gw']}",
            f"--hub-url={self.hub_url}",
        )
        self._wait("gateway", f"{self.gateway_url}/hdh/ready")

    def stop(self, name: str, number: int = signal.SIGTERM) -> None:
        """End a process of these, and wait for its end."""
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(60)

    def log(self, name: str) -> str:
        """Return what a process has said."""
        return (self.state.root / f"{name}.log").read_text(errors="replace")

    def session(self, person: str) -> requests.Session:
        """Return a fresh session of a person at the portal."""
        return sign_in(self.origin, person, PASSWORD)

    def ask(self, person: str, project: str) -> tuple[requests.Session, requests.Response]:
        """Ask to open a workspace and wait for the outcome: a page of the hub's, or the way to the workspace."""
        session = self.session(person)
        deadline = time.monotonic() + PATIENCE
        reply = session.get(f"{self.origin}/hub/spawn/prj-{project}", timeout=PATIENCE)
        while "/hub/spawn-pending/" in reply.url and reply.status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.5)
            reply = session.get(reply.url, timeout=PATIENCE)
        return session, reply

    def open(self, person: str, project: str) -> Server:
        """Open a workspace and sign in to it."""
        session, reply = self.ask(person, project)
        # The gateway refuses what no browser sends; `enter` sends what one does.
        assert reply.url.startswith(self.base(project)), f"{reply.url} {reply.content.decode()[-3000:]}"
        return enter(self.origin, session, project)

    def close(self, person: str, project: str) -> None:
        """Stop a workspace, as the button of the portal does."""
        session = self.session(person)
        session.get(f"{self.origin}/hub/home", timeout=PATIENCE)
        headers = {
            "X-XSRFToken": session.cookies.get("_xsrf", domain="hdh.localhost", path="/hub/"),
            "Referer": f"{self.origin}/hub/home",
            "Origin": self.origin,
        }
        url = f"{self.origin}/hub/api/users/prj-{project}/server"
        deadline = time.monotonic() + PATIENCE
        while (reply := session.delete(url, headers=headers, timeout=PATIENCE)).status_code == 202:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert reply.status_code == 204, reply.text

    def base(self, project: str) -> str:
        return project_base(self.origin, project)

    def _start_python(self, name: str, *command: str, **more: str) -> None:
        self._start(name, sys.executable, "-P", *command, **more)

    def _start(self, name: str, *command: str, **more: str) -> None:
        environment = {
            "CONFIGPROXY_AUTH_TOKEN": self.state.key("proxy").hex(),
            **os.environ,
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'extensions'}",
            "KUBECONFIG": str(self.kubeconfig),
            "HDH_PROFILE": "kubernetes",
            "HDH_STATE": str(self.state.root),
            "HDH_ORIGIN": self.origin,
            "HDH_HUB_URL": self.hub_url,
            "HDH_GATEWAY_URL": self.gateway_url,
            **more,
        }
        with (self.state.root / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=environment, cwd=self.state.root, stdout=log, stderr=log
            )

    def _wait(self, name: str, url: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                if requests.get(url, timeout=2).ok:
                    return
            except requests.RequestException:
                pass
            assert self.processes[name].poll() is None, self.log(name)[-3000:]
            assert time.monotonic() < deadline, self.log(name)[-3000:]
            time.sleep(0.2)


@contextmanager
def running(zone: HubZone) -> Iterator[HubZone]:
    """Keep the hub zone running for as long as the block."""
    zone.prepare()
    try:
        zone.start_proxy()
        zone.start_hub()
        zone.start_gateway()
        yield zone
    finally:
        for name in reversed(zone.processes.copy()):
            zone.stop(name)
