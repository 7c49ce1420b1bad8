"""Whether a workspace runs the versions whose front ends the gateway serves.

The two are installed apart on a cluster. A workspace may answer what it likes: this finds mistakes of installation, and
protects nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging

from ..errors import PublicError
from ..front_ends import installed_versions
from ..routes import RouteRecord
from .headers import upstream_headers
from .identity import Visitor
from .table import KIB
from .upstream import read_bounded
from .workspaces import Workspace

PATIENCE = 1.0
"""Seconds that a page may wait for the workspace to tell."""
LONGEST_REPLY = 16 * KIB

LOG = logging.getLogger(__name__)


class Versions:
    """Compares workspaces with the installation here, each time that a page is opened."""

    def __init__(self) -> None:
        self._here = installed_versions()
        self._logged: dict[str, RouteRecord] = {}

    async def differ(self, workspace: Workspace, visitor: Visitor) -> bool:
        """Say whether a workspace is known to run other versions; False when it does not say.

        Raises
        ------
        PublicError
            `gateway.workspace_down`.
        """
        record = workspace.record
        try:
            async with asyncio.timeout(PATIENCE):
                inside = await _ask(workspace, visitor)
        except PublicError as error:
            if error.code == "gateway.workspace_down":
                raise
            return False
        except (TimeoutError, ValueError, RecursionError):
            return False
        different = {name: (mine, inside.get(name)) for name, mine in self._here.items() if inside.get(name) != mine}
        if different and self._logged.get(record.project) != record:
            LOG.warning("The workspace of %s runs other versions (here, there): %.500r", record.project, different)
            self._logged[record.project] = record
        return bool(different)


async def _ask(workspace: Workspace, visitor: Visitor) -> dict[str, object]:
    target = f"{workspace.record.base_url}hdh-lockdown/versions"
    async with workspace.client.request("GET", target, upstream_headers({}, visitor.header)) as reply:
        content = json.loads(await read_bounded(reply, LONGEST_REPLY))
    if reply.status != 200 or not isinstance(content, dict):
        raise ValueError(f"status {reply.status}")
    return content
