"""The running workspaces, as the spawner's route records tell of them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..errors import PublicError
from ..routes import RouteRecord, read_route
from ..state import StateFolder
from .identity import SignIn
from .limits import GatewayLimits
from .proof import Proof
from .upstream import WorkspaceClient

LOG = logging.getLogger(__name__)

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class HubSettings:
    """Where the hub is.

    Attributes
    ----------
    address
        Where its API answers: the absolute path of a unix socket, or `http://hub:8081`.
    origin
        Its public origin, `http://hdh.localhost:8000`.
    base_path
        The path below which everything public is, `/` unless it shares its host.
    """

    address: str
    origin: str
    base_path: str = "/"

    @property
    def prefix(self) -> str:
        return f"{self.base_path}hub/"

    @property
    def url(self) -> str:
        """The public address of the hub's pages, with a slash at the end."""
        return f"{self.origin}{self.prefix}"

    @property
    def api_url(self) -> str:
        is_path = self.address.startswith("/")
        server = f"http+unix://{quote(self.address, safe='')}" if is_path else self.address.rstrip("/")
        return f"{server}{self.prefix}api"


@dataclass(frozen=True)
class Workspace:
    """A running workspace: its record, its people's sign-in, and the way to its server."""

    record: RouteRecord
    origin: str
    sign_in: SignIn
    client: WorkspaceClient


class Workspaces:
    """Finds the workspace of a project, and notices when it was started anew.

    Nothing is kept that the records do not hold, so that a gateway that starts finds every running workspace.
    """

    def __init__(self, routes: Path, hub: HubSettings, limits: GatewayLimits) -> None:
        self._routes = routes
        self._hub = hub
        self._limits = limits
        self._known: dict[str, tuple[Stamp, Workspace]] = {}
        self._lock = asyncio.Lock()

    def usage_report(self, project: str) -> Path:
        """Return the file in which a workspace's supervisor tells what the workspace uses."""
        return StateFolder(self._routes.parent).workspaces / project / "usage.json"

    def probe_finding(self, project: str) -> Path:
        """Return the file in which the hub keeps what the last probe of a workspace found."""
        return StateFolder(self._routes.parent).workspaces / project / "probed.json"

    async def get(self, project: str) -> Workspace:
        """Return the project's running workspace.

        Raises
        ------
        PublicError
            `gateway.workspace_down`: it has no record, or one that cannot be read.
        """
        try:
            stamp = await asyncio.to_thread(self._stamp, project)
            known = self._known.get(project)
            if known is not None and known[0] == stamp:
                return known[1]
            async with self._lock:
                return await self._renew(project)
        except FileNotFoundError:
            await self._forget(project)
        except (OSError, ValueError):
            LOG.exception("The route record of %s cannot be read", project)
            await self._forget(project)
        raise PublicError("gateway.workspace_down", 503, project=project)

    async def close(self) -> None:
        """Close the connections to every workspace."""
        for project in list(self._known):
            await self._forget(project)

    async def _renew(self, project: str) -> Workspace:
        stamp = await asyncio.to_thread(self._stamp, project)
        known = self._known.get(project)
        if known is not None and known[0] == stamp:
            return known[1]
        record = await asyncio.to_thread(read_route, self._routes, project)
        if record is None:
            raise FileNotFoundError(project)
        if known is not None and known[1].record == record:
            self._known[project] = (stamp, known[1])
            return known[1]
        await self._forget(project)
        workspace = self._build(record)
        self._known[project] = (stamp, workspace)
        return workspace

    def _build(self, record: RouteRecord) -> Workspace:
        public = urlsplit(record.public_url)
        if public.path != record.base_url or public.scheme not in ("http", "https") or not public.netloc:
            raise ValueError(f"The route of {record.project} has two base URLs")
        sign_in = SignIn.for_record(record, self._hub.api_url, self._hub.origin, self._hub.prefix, self._limits)
        client = WorkspaceClient(record.address, self._limits, Proof.of(record))
        return Workspace(record, f"{public.scheme}://{public.netloc.lower()}", sign_in, client)

    async def _forget(self, project: str) -> None:
        known = self._known.pop(project, None)
        if known is not None:
            await known[1].client.close()

    def _stamp(self, project: str) -> Stamp:
        status = (self._routes / f"{project}.json").stat()
        return status.st_mtime_ns, status.st_ino, status.st_size
