"""The gateway's own routes below a project's base URL: who am I, drafts of egress requests, what was copied."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from ..errors import PublicError
from .base import WorkspaceHandler
from .copying import parse_copied
from .staging import STAGING_ID, Pull

LONGEST_TITLE = 200


class Me(WorkspaceHandler):
    """Says who is signed in, what they are in the project, and what the policy lets them do."""

    def get(self) -> None:
        person = self.person
        self.reply_json(
            {
                "name": person.name,
                "display_name": person.display_name,
                "role": person.role and person.role.value,
                "hub_url": self.gateway.hub.url,
                "policy": self.gateway.policy.to_dict(),
            }
        )


class Drafts(WorkspaceHandler):
    """Lists the project's egress requests, and makes a draft of what was staged in the workspace."""

    async def get(self) -> None:
        self.reply_json(await self.gateway.intake.list(self.arrival.project, self.person.name))

    async def post(self) -> None:
        staging, title = _draft(bytes(self.body))
        pull = Pull(self.workspace, self.person, staging, self.gateway.limits)
        manifest = await pull.manifest()
        draft = await self.gateway.intake.receive(self.arrival.project, self.person.name, pull.files(manifest), title)
        url = f"{self.gateway.hub.url}egress/{draft['id']}"
        self.reply_json({"id": draft["id"], "url": url}, 201)


class CopyReport(WorkspaceHandler):
    """`POST hdh/copied`: writes `workspace.copied` to the audit log."""

    async def post(self) -> None:
        copied = parse_copied(bytes(self.body))
        project, person = self.arrival.project, self.person.name
        self.gateway.copies.note(project, person, time.monotonic())
        await asyncio.to_thread(
            self.gateway.audit.append,
            "workspace.copied",
            actor=person,
            project=project,
            detail={"characters": copied.characters, "kind": copied.kind},
        )
        self.set_status(204)
        self.clear_header("Content-Type")
        await self.finish()


def _draft(body: bytes) -> tuple[str, str]:
    try:
        content: Any = json.loads(body)
        staging, title = content["staging"], content.get("title", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        staging = title = None
    named = isinstance(staging, str) and STAGING_ID.fullmatch(staging) is not None
    if not named or not isinstance(title, str) or len(title) > LONGEST_TITLE:
        raise PublicError("gateway.bad_draft", 400, longest=LONGEST_TITLE)
    return staging, title
