"""Lets the gateway tell that it talks to this workspace and to no other.

On a cluster the address of a workspace that ended is given to another pod some day. Each workspace has its own key,
which the hub makes at its start and the gateway knows: only it answers a number used once with the right proof. The key
opens nothing, and whoever works in the workspace may know it; other workspaces do not.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.utils import url_path_join
from tornado import web

KEY_VARIABLE = "HDH_WORKSPACE_KEY"
"""Names the environment variable that holds the key: 64 hexadecimal digits."""

NONCE = re.compile(r"[0-9a-f]{32}")


class ProofHandler(web.RequestHandler):
    """Answers `GET hdh-lockdown/proof?nonce=<32 hexadecimal digits>` with their HMAC-SHA256 under the key."""

    def initialize(self, key: bytes) -> None:
        self.key = key

    @allow_unauthenticated
    def get(self) -> None:
        nonce = self.get_query_argument("nonce", "", strip=False)
        if not NONCE.fullmatch(nonce):
            raise web.HTTPError(400)
        self.finish({"proof": proof(self.key, nonce)})


def proof(key: bytes, nonce: str) -> str:
    """Return what only the holder of the key answers to a nonce."""
    return hmac.digest(key, nonce.encode("ascii"), "sha256").hex()


def serve_proofs(web_app: web.Application, key: str) -> None:
    """Answer below the application's base URL."""
    path = url_path_join(web_app.settings["base_url"], "hdh-lockdown", "proof")
    rules: list[Any] = [(path, ProofHandler, {"key": bytes.fromhex(key)})]
    web_app.add_handlers(".*$", rules)
