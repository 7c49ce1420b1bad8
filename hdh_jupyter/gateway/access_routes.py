"""The gateway's own route of access requests: a project asks the stewards for datasets, and sees what they answer."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ..errors import PublicError
from .base import WorkspaceHandler

MOST_CHARACTERS = 64
"""Of a dataset's id."""


class AccessAsked(WorkspaceHandler):
    """Lists the project's requests, and takes new ones: one to each steward of the datasets asked for."""

    async def get(self) -> None:
        self._require_member()
        requests = await asyncio.to_thread(self.gateway.access.of_project, self.arrival.project)
        self.reply_json({"requests": [request.to_dict() for request in requests]})

    async def post(self) -> None:
        self._require_member()
        datasets, purpose = _asked(bytes(self.body))
        create = self.gateway.access.create
        requests = await asyncio.to_thread(create, self.arrival.project, self.person.name, datasets, purpose)
        self.reply_json({"requests": [request.to_dict() for request in requests]}, 201)

    def _require_member(self) -> None:
        """Admit the project's members alone.

        Raises
        ------
        PublicError
            `gateway.members_only`: somebody who may enter the workspace without being in the project.
        """
        if self.person.role is None:
            raise PublicError("gateway.members_only", 403)


def _asked(body: bytes) -> tuple[list[str], str]:
    try:
        content: Any = json.loads(body)
        datasets, purpose = content["datasets"], content["purpose"]
    except (ValueError, KeyError, TypeError, RecursionError):
        datasets = purpose = None
    named = isinstance(datasets, list) and all(isinstance(d, str) and len(d) <= MOST_CHARACTERS for d in datasets)
    if not named or not isinstance(purpose, str):
        raise PublicError("gateway.bad_access_request", 400)
    return datasets, purpose
