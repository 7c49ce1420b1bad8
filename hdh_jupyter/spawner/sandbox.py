"""Workspaces on one machine: a bubblewrap sandbox per project, owned by a supervisor that outlives the hub."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import aiohttp
from jupyterhub.utils import url_path_join
from traitlets import Bool, Float

from ..bubblewrap import Sandbox
from ..cgroups.choice import Place, choose, this_host
from ..errors import PublicError
from ..projects.model import Grant
from . import hermeticity, probing, supervision, uids
from .hermeticity import Expectation
from .kernels import available_kernels
from .ownership import give_home, open_to_readers
from .project import HUB, ProjectSpawner, WorkspaceFailure, acting_person
from .supervision import Bounds, Places, Supervisor
from .workspace import PROBE_COMMAND, SERVER_COMMAND, Workspace, expectation, probe_facts

PAUSE = 0.02
"""Seconds between two looks at a workspace that starts."""


class SandboxSpawner(ProjectSpawner):
    """Starts a project's workspace in a sandbox on this machine."""

    ready_timeout = Float(
        30,
        config=True,
        help="""Stop a workspace that is not ready after this many seconds.

        Ready means that its server answers and that its probe has reported from inside.
        """,
    )

    separate_accounts = Bool(
        True,
        config=True,
        help="""Run each project's sandbox under an account of its own.

        It takes a platform that root runs; otherwise, or when this is off, all sandboxes share the platform's account.
        """,
    )

    probe_interval = Float(
        300,
        min=0,
        config=True,
        help="""Probe workspaces that run after so many seconds, and close those that are not sealed.

        The hub does it when it looks whether a workspace still runs (every `poll_interval` seconds), so no oftener.
        """,
    )

    _supervisor: Supervisor | None = None
    _probed = 0.0

    @cached_property
    def places(self) -> Places:
        return Places(self.folder, self.project)

    async def open_workspace(self, grants: tuple[Grant, ...]) -> str:
        """Start the sandbox, and return its socket once its server answers and its probe has found nothing to reach.

        Raises
        ------
        WorkspaceFailure
            `spawner.did_not_start`, `spawner.not_sealed`, `limits.required`.
        """
        place = await asyncio.to_thread(place_of_groups)
        if place.missing and self.limits.required:
            self.log.error("Workspaces stay closed: this host limits no %s for them", ", ".join(place.missing))
            raise WorkspaceFailure("limits.required", "not_limited", 503)
        await self.close_workspace(now=False)
        addresses = hermeticity.tried_addresses(*await asyncio.to_thread(host_addresses))
        try:
            self._supervisor, expected = await asyncio.to_thread(self._launch, grants, addresses, place)
        except PublicError as error:
            self.log.exception("The workspace of project %s is not started", self.project)
            raise WorkspaceFailure(error.code, "unsafe", error.status, error.message) from error
        except (OSError, subprocess.CalledProcessError) as error:
            self.log.exception("The sandbox of project %s cannot be started", self.project)
            raise WorkspaceFailure("spawner.did_not_start", "start") from error
        await self._until_ready()
        report = await asyncio.to_thread(self.places.report.read_bytes)
        finding = await asyncio.to_thread(probing.first_finding, self.places, report, expected)
        await self._record("workspace.probed", acting_person(self.handler), finding.detail())
        self._probed = time.monotonic()
        if not finding.passed:
            self.log.error("The workspace of project %s is not sealed (%s): %r", self.project, finding.failures, report)
            raise WorkspaceFailure("spawner.not_sealed", "not_sealed")
        return str(self.places.socket)

    async def close_workspace(self, now: bool) -> None:
        supervisor = self._supervisor
        if supervisor is None:
            # A workspace that this hub does not know, because its own database was lost or put back.
            supervisor = (await asyncio.to_thread(supervision.recorded, self.folder)).get(self.project)
        if supervisor is not None:
            await supervision.end(supervisor, now)
        self._supervisor = None
        await asyncio.to_thread(self.places.clear)

    async def poll(self) -> int | None:
        """Return None while the workspace runs and is sealed; close it when a probe that was due finds a hole."""
        status = await super().poll()
        if status is not None or not self._open or time.monotonic() - self._probed < self.probe_interval:
            return status
        self._probed = time.monotonic()
        if self._supervisor is None:
            return status
        finding = await probing.probe_again(self.places, self._supervisor)
        if finding.passed or not self.runs():
            return status
        self.log.error("The workspace of project %s is no longer sealed: %s", self.project, finding.failures)
        await self._record("workspace.probed", HUB, finding.detail())
        await self._close("probe_failed", now=True)
        return 0

    def runs(self) -> bool:
        return self._supervisor is not None and self._supervisor.alive()

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        if "supervisor" in state:
            self._supervisor = Supervisor(state["supervisor"]["pid"], state["supervisor"]["started"])

    def get_state(self) -> dict[str, Any]:
        state = super().get_state()
        if self._supervisor is not None:
            state["supervisor"] = {"pid": self._supervisor.pid, "started": self._supervisor.started}
        return state

    def clear_state(self) -> None:
        super().clear_state()
        self._supervisor = None

    def sandbox(self, workspace: Workspace) -> Sandbox:
        """Return the sandbox of a workspace; a deployment may add what its machines need."""
        return workspace.sandbox()

    def _launch(
        self, grants: tuple[Grant, ...], addresses: frozenset[str], place: Place
    ) -> tuple[Supervisor, Expectation]:
        places = self.places
        places.prepare()
        limits = self.limits.of(self.project, self.folder.homes)
        bounds = Bounds(limits, place, url_path_join(self.server.base_url, "api"))
        catalogue = self._catalogue(grants)
        with supervision.listen(places.socket) as listener:
            workspace = Workspace(
                project=self.project,
                base_url=self.server.base_url,
                home=places.home,
                datasets=self._datasets(grants),
                grants=grants,
                catalogue=catalogue,
                kernels=available_kernels(),
                listener=listener.fileno(),
                tmp=limits.tmp,
                shared_memory=limits.shared_memory,
                policy=self._policy(),
            )
            sandbox = self.sandbox(workspace)
            sockets = frozenset({str(places.socket), str(self.folder.sockets / "gateway.sock")})
            expected = expectation(sandbox, frozenset(workspace.datasets), addresses, sockets)
            facts = probe_facts(expected, (self.folder.root, self.folder.sockets))
            probing.note_plan(places, expected, facts)
            descriptors = (listener.fileno(),)
            account = self._account(workspace.datasets, catalogue)
            supervisor = supervision.launch(
                places, sandbox, PROBE_COMMAND, SERVER_COMMAND, facts, descriptors, bounds, account
            )
        return supervisor, expected

    def _account(self, datasets: Mapping[str, Path], catalogue: Path) -> int | None:
        """Return the project's own account on this host, which its home then belongs to, or None for the platform's."""
        separate = self.separate_accounts and uids.obstacle() is None
        account = uids.ProjectUids(self.folder.root / "uids.json").uid(self.project) if separate else None
        if os.geteuid() == 0:
            give_home(self.folder.homes, self.project, os.geteuid() if account is None else account)
        if account is not None:
            for folder in (catalogue, *datasets.values()):
                closed = open_to_readers(folder.parent, folder.name)
                if closed:
                    self.log.warning("Not readable for workspaces in %s: %s", folder, ", ".join(closed))
        return account

    def _datasets(self, grants: tuple[Grant, ...]) -> dict[str, Path]:
        folders = {grant.dataset: self.folder.datasets / grant.dataset for grant in grants}
        for dataset, folder in folders.items():
            if folder.is_symlink():
                raise PublicError("spawner.unsafe_folder", 500, name=folder.name)
            if not folder.is_dir():
                self.log.warning("Dataset %s is granted to %s but is not on this machine", dataset, self.project)
        return {dataset: folder for dataset, folder in folders.items() if folder.is_dir()}

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + self.ready_timeout
        answer = asyncio.create_task(self._answer())
        try:
            while not (answer.done() and self.places.report.exists()):
                if not self.runs() or time.monotonic() > deadline:
                    self.log.error("The workspace of project %s did not start; see %s", self.project, self.places.log)
                    raise WorkspaceFailure("spawner.did_not_start", "start")
                await asyncio.wait({answer}, timeout=PAUSE)
                if answer.done():
                    await asyncio.sleep(0 if self.places.report.exists() else PAUSE)
        finally:
            answer.cancel()

    async def _answer(self) -> None:
        """Return when the server answers. The socket queues the question until then, so that nothing is polled."""
        url = url_path_join("http://workspace", self.server.base_url, "api")
        connector = aiohttp.UnixConnector(path=str(self.places.socket))
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                try:
                    async with session.get(url) as reply:
                        if reply.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(PAUSE)


@cache
def place_of_groups() -> Place:
    """Return where this process makes the control groups of workspaces; the host does not change while it runs."""
    return choose(this_host())


def host_addresses() -> list[str]:
    """Return addresses of this machine and its resolvers, which the inside must not reach either."""
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as route:
            try:
                # Asks the kernel for the address that it would use; nothing is sent.
                route.connect((far, 9))
                found.append(str(route.getsockname()[0]))
            except OSError:
                continue
    try:
        resolvers = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        resolvers = []
    found += [line.split()[1] for line in resolvers if line.startswith("nameserver") and len(line.split()) > 1]
    return [address for address in found if not address.startswith("127.") and address != "::1" and "%" not in address]
