"""The gateway's own routes of the meter: where do I stand, and may I have more."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ..errors import PublicError
from ..metering.standing import document, request_document
from .base import WorkspaceHandler


class TrafficStanding(WorkspaceHandler):
    """Says how much of the budgets is used, and what became of the person's requests for more."""

    async def get(self) -> None:
        traffic, project, person = self.gateway.traffic, self.arrival.project, self.person.name
        requests = await asyncio.to_thread(traffic.requests.of, project, person)
        self.reply_json(document(traffic.standing(project, person), requests, self.language))


class TrafficAsked(WorkspaceHandler):
    """Takes a request for more."""

    async def post(self) -> None:
        reason = _reason(bytes(self.body))
        ask = self.gateway.traffic.requests.ask
        request = await asyncio.to_thread(ask, self.arrival.project, self.person.name, reason)
        self.reply_json(request_document(request), 201)


def _reason(body: bytes) -> str:
    try:
        content: Any = json.loads(body)
        reason = content["reason"]
    except (ValueError, KeyError, TypeError, RecursionError):
        reason = None
    if not isinstance(reason, str):
        raise PublicError("gateway.bad_traffic_request", 400)
    return reason
