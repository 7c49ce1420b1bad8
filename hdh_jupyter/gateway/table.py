"""Which requests a workspace may receive: a table of what is allowed, everything else is closed.

The table holds what JupyterLab 4.6 and jupyter-collaboration 5 ask of their server, and the platform's own three
server extensions. Left out on purpose, because they hand out raw bytes or change what is installed: `/files`, `/view`,
`/nbconvert`, `/lsp`, `/git`, `/proxy`, `/api/shutdown`, the plugin and extension managers, and the staged files, which
the gateway alone reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

KIB = 2**10
MIB = 2**20


class Kind(Enum):
    """How a route is answered."""

    STATIC = "static"
    """By the gateway, from its own installation."""
    PAGE = "page"
    """By the workspace: an HTML page that a browser opens."""
    JSON = "json"
    """By the workspace: data that the page fetches."""
    IMAGE = "image"
    """By the workspace: a small picture that the page shows."""
    WEBSOCKET = "websocket"
    """By the workspace: a websocket, pumped both ways."""
    OWN = "own"
    """By the gateway itself."""
    PING = "ping"
    """By the gateway, to anybody: does the workspace answer?"""
    SIGN_IN = "sign-in"
    """By the gateway: a step of signing in or out, opened by the browser."""


class Channel(Enum):
    """What of the workspace a route shows, hence under which name its bytes are metered."""

    NONE = "none"
    """Nothing of the workspace: not metered."""
    CONTENTS = "contents"
    """Files, as text or pictures."""
    KERNEL = "kernel"
    """What kernels answer."""
    ROOM = "room"
    """Documents that people edit together."""
    TERMINAL = "terminal"
    """What terminals print."""
    EVENTS = "events"
    """What the server tells of itself."""
    DATA = "data"
    """Any other data: sessions, checks of files, the catalogue."""


CONTENT_TYPES = {
    Kind.PAGE: ("text/html",),
    Kind.JSON: ("application/json",),
    Kind.IMAGE: ("image/png", "image/svg+xml"),
}


@dataclass(frozen=True)
class Route:
    """One allowed kind of request.

    Attributes
    ----------
    methods
        The HTTP methods.
    pattern
        A regular expression over the whole encoded path below the project's base URL.
    body_limit, reply_limit
        The largest body of a request and of a reply, bytes.
    channel
        Under which name what the workspace sends is metered.
    encoded_slash
        Whether a segment may hold an encoded slash.
    """

    methods: frozenset[str]
    pattern: re.Pattern[str]
    kind: Kind
    body_limit: int = 0
    reply_limit: int = 4 * MIB
    channel: Channel = Channel.NONE
    encoded_slash: bool = False

    @property
    def content_types(self) -> tuple[str, ...]:
        """The content types that the workspace may answer with."""
        return CONTENT_TYPES.get(self.kind, ())


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME = r"[\w.@:%+-]+"


def _route(
    methods: str,
    pattern: str,
    kind: Kind,
    channel: Channel = Channel.NONE,
    body: int = 0,
    reply: int = 4 * MIB,
    slash: bool = False,
) -> Route:
    return Route(frozenset(methods.split()), re.compile(pattern, re.ASCII), kind, body, reply, channel, slash)


TABLE: tuple[Route, ...] = (
    # Scripts, styles, themes and icons.
    _route("GET", r"static/(?:lab|favicons|logo|style)/.+", Kind.STATIC),
    _route("GET", r"(?:lab/extensions|lab/api/themes)/.+", Kind.STATIC),
    # Pages.
    _route("GET", r"(?:lab|doc)(?:/(?:tree|workspaces)/.+)?/?", Kind.PAGE),
    _route("GET", r"|login|logout|oauth_callback", Kind.SIGN_IN),
    # JupyterLab's own data.
    _route("GET", r"lab/api/settings/?", Kind.JSON, Channel.DATA, reply=16 * MIB),
    _route("GET PUT", r"lab/api/settings/.+", Kind.JSON, Channel.DATA, body=MIB),
    _route("GET", r"lab/api/workspaces/?", Kind.JSON, Channel.DATA),
    _route("GET PUT DELETE", r"lab/api/workspaces/.+", Kind.JSON, Channel.DATA, body=MIB),
    _route("GET", rf"lab/api/translations(?:/{_NAME})?/?", Kind.JSON, reply=16 * MIB),
    # The server's data.
    _route("GET", r"api/?", Kind.PING, reply=4 * KIB),
    _route("GET", r"api/(?:me|status)", Kind.JSON, Channel.DATA),
    _route(
        "GET POST PUT PATCH DELETE", r"api/contents(?:/.*)?", Kind.JSON, Channel.CONTENTS, body=64 * MIB, reply=64 * MIB
    ),
    _route("GET PUT PATCH", rf"api/config/{_NAME}", Kind.JSON, Channel.DATA, body=MIB),
    _route("GET", rf"api/kernelspecs(?:/{_NAME})?", Kind.JSON, Channel.DATA),
    _route("GET", rf"kernelspecs/{_NAME}/logo-[\w-]+\.(?:png|svg)", Kind.IMAGE, Channel.DATA, reply=256 * KIB),
    _route("GET POST", r"api/kernels", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET DELETE", rf"api/kernels/{_UUID}", Kind.JSON, Channel.DATA),
    _route("POST", rf"api/kernels/{_UUID}/(?:restart|interrupt)", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET", rf"api/kernels/{_UUID}/channels", Kind.WEBSOCKET, Channel.KERNEL),
    _route("GET POST", r"api/sessions", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET PATCH DELETE", rf"api/sessions/{_UUID}", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET", r"api/events/subscribe", Kind.WEBSOCKET, Channel.EVENTS),
    _route("GET POST", r"api/terminals", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET DELETE", r"api/terminals/\w+", Kind.JSON, Channel.DATA),
    _route("GET", r"terminals/websocket/\w+", Kind.WEBSOCKET, Channel.TERMINAL),
    # Working together; the path of a document is one segment there, its slashes encoded.
    _route("PUT", r"api/collaboration/session/.+", Kind.JSON, Channel.DATA, body=64 * KIB, slash=True),
    _route("PUT", r"api/collaboration/undo_redo/.+", Kind.JSON, Channel.DATA, body=64 * KIB),
    _route("GET", r"api/collaboration/room/.+", Kind.WEBSOCKET, Channel.ROOM),
    # The platform's extensions inside the workspace.
    _route("POST", r"hdh-egress/(?:check|stage)", Kind.JSON, Channel.DATA, body=MIB, reply=16 * MIB),
    _route("GET", r"hdh-catalogue/.+", Kind.JSON, Channel.DATA, reply=16 * MIB),
    # The gateway's own.
    _route("GET", r"hdh/me", Kind.OWN),
    _route("GET POST", r"hdh/egress/drafts", Kind.OWN, body=64 * KIB),
)


def find_route(method: str, path: str, encoded_slash: bool = False) -> Route | None:
    """Return the route of a request, or None when it is closed.

    Parameters
    ----------
    path
        The encoded path below the project's base URL, without a leading slash.
    encoded_slash
        Whether the path holds an encoded slash.
    """
    for route in TABLE:
        if method in route.methods and route.pattern.fullmatch(path):
            return None if encoded_slash and not route.encoded_slash else route
    return None
