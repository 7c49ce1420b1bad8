"""What the handlers of one gateway process share."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from ..audit.log import AuditLog
from ..catalogue.access_requests import AccessRequests
from .copying import CopyRate
from .identity import People
from .intake import Intake
from .lab_parts import Lab
from .limits import GatewayLimits
from .policy import WorkspacePolicy
from .static import StaticFiles
from .traffic import Traffic
from .watch import AccessWatch
from .workspaces import HubSettings, Workspaces

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Gateway:
    """The parts of a gateway."""

    hub: HubSettings
    limits: GatewayLimits
    policy: WorkspacePolicy
    copies: CopyRate
    workspaces: Workspaces
    people: People
    intake: Intake
    access: AccessRequests
    audit: AuditLog
    static: StaticFiles
    traffic: Traffic
    watch: AccessWatch
    lab: Lab

    async def note_refusal(self, person: str, project: str, path: str) -> None:
        """Write into the audit log that somebody without access tried to open a page."""
        detail = {"reason": "gateway.no_access", "path": path[:1024]}
        await asyncio.to_thread(self.audit.append, "access.refused", actor=person, project=project, detail=detail)
