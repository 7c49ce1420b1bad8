"""People as the gateway names them.

The gateway is the only one that can call the workspace's server, and it has signed the person in; inside, the name
serves to show who is who in shared work and decides nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from zlib import crc32

from jupyter_server.auth import IdentityProvider, User
from tornado import web

HEADER = "X-HDH-User"

COLOURS = 7
"""How many colours JupyterLab's themes define for collaborators."""


class GatewayIdentityProvider(IdentityProvider):
    """Takes the person from the header that the gateway sets.

    There is no token, no cookie and no login page: a request without the header is nobody's.
    """

    def _token_default(self) -> str:
        return ""

    @property
    def auth_enabled(self) -> bool:
        return True

    def get_user(self, handler: web.RequestHandler) -> User | None:
        return user_of(handler.request.headers.get(HEADER, ""))

    def get_handlers(self) -> list[tuple[str, object]]:
        return []

    def should_check_origin(self, handler: web.RequestHandler) -> bool:
        """Leave the check of Origin to the gateway, which alone knows the public address."""
        return False


def user_of(header: str) -> User | None:
    """Return the person of a header: base64 of `{"name", "display_name"}`; None when it is not one."""
    try:
        person: Any = json.loads(base64.b64decode(header, validate=True))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    if not isinstance(person, dict):
        return None
    name = person.get("name")
    display_name = person.get("display_name") or name
    if not isinstance(name, str) or not isinstance(display_name, str) or not name:
        return None
    return User(
        username=name,
        name=display_name,
        display_name=display_name,
        initials=initials(display_name),
        color=f"var(--jp-collaborator-color{crc32(name.encode()) % COLOURS + 1})",
    )


def initials(display_name: str) -> str:
    """Return the first letters of the first and the last word."""
    words = display_name.split()
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"
