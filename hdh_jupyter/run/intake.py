"""Puts the egress service behind the gateway, which must not know it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from ..egress.model import Request
from ..egress.service import EgressService
from ..gateway.intake import IncomingFile


class EgressIntake:
    """Keeps what the gateway pulled as drafts of the egress service."""

    def __init__(self, service: EgressService) -> None:
        self.service = service

    async def receive(
        self, project: str, author: str, files: AsyncIterator[IncomingFile], title: str
    ) -> dict[str, Any]:
        """Keep the files as a new draft."""
        return summary(await self.service.receive(project, author, files, title))

    async def list(self, project: str, person: str) -> list[dict[str, Any]]:
        """Return the project's requests as this person may see them, newest first."""
        return [summary(request) for request in await asyncio.to_thread(self.service.requests_of, project, person)]


def summary(request: Request) -> dict[str, Any]:
    """Return what JupyterLab shows of a request."""
    return {
        "id": request.id,
        "title": request.title,
        "author": request.author,
        "status": request.status.value,
        "created_at": request.created_at.isoformat(),
        "files": [file.name for file in request.files],
    }
