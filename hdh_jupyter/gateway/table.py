"""Which requests a workspace may receive: a table of what is allowed, everything else is closed.

The table holds what JupyterLab 4.6 and jupyter-collaboration 5 ask of their server, and the platform's own three
server extensions. Left out on purpose, because they hand out raw bytes or change what is installed: `/files`, `/view`,
`/nbconvert`, `/lsp`, `/git`, `/proxy`, `/api/shutdown`, the plugin and extension managers, the edit history of shared
documents, and the staged files, which the gateway alone reads. `tests/gateway/routes.yaml` says of every route of the
server inside why it is open or closed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .catalogue_shapes import (
    CataloguePage,
    Description,
    Matrix,
    SearchResults,
    Snippet,
    Suggestions,
    TableVariables,
)
from .contents import CHECKPOINT, CHECKPOINTS, OPENED, SAVED
from .shapes import (
    NOTHING,
    Kernel,
    KernelSpec,
    KernelSpecs,
    Me,
    Proposals,
    ProtectedCopy,
    Report,
    RoomSession,
    Session,
    Shape,
    Staged,
    Terminal,
    of_type,
)

KIB = 2**10
MIB = 2**20


class Kind(Enum):
    """How a route is answered."""

    STATIC = "static"
    """By the gateway, from its own installation."""
    PAGE = "page"
    """By the gateway: JupyterLab's page, inside the portal's frame."""
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


class Feature(Enum):
    """What the platform's policy may turn off."""

    TERMINALS = "terminals"


CONTENT_TYPES = {
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
    shape
        What JSON the workspace may answer with.
    feature
        What the platform's policy may turn off, and this route with it.
    """

    methods: frozenset[str]
    pattern: re.Pattern[str]
    kind: Kind
    body_limit: int = 0
    reply_limit: int = 4 * MIB
    channel: Channel = Channel.NONE
    encoded_slash: bool = False
    shape: Shape | None = None
    feature: Feature | None = None

    @property
    def content_types(self) -> tuple[str, ...]:
        """The content types that the workspace may answer with."""
        return CONTENT_TYPES.get(self.kind, ())


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAME = r"[\w.@:%+-]+"
_PATH = r"(?:/?|(?:/[^/]+)+)"
"""A path as the server reads it; with one more slash it would redirect."""


def _route(
    methods: str,
    pattern: str,
    kind: Kind,
    channel: Channel = Channel.NONE,
    body: int = 0,
    reply: int = 4 * MIB,
    slash: bool = False,
    shape: Shape | None = None,
    feature: Feature | None = None,
) -> Route:
    return Route(
        frozenset(methods.split()), re.compile(pattern, re.ASCII), kind, body, reply, channel, slash, shape, feature
    )


def _data(
    methods: str,
    pattern: str,
    shape: Shape,
    channel: Channel = Channel.DATA,
    body: int = 0,
    reply: int = MIB,
    slash: bool = False,
    feature: Feature | None = None,
) -> Route:
    return _route(methods, pattern, Kind.JSON, channel, body, reply, slash, shape, feature)


TABLE: tuple[Route, ...] = (
    # Scripts, styles, themes and icons.
    _route("GET", r"static/(?:lab|favicons|hdh|logo|style)/.+", Kind.STATIC),
    _route("GET", r"(?:lab/extensions|lab/api/themes)/.+", Kind.STATIC),
    # Pages.
    _route("GET", r"(?:lab|doc)(?:/(?:tree|workspaces)/.+)?/?", Kind.PAGE),
    _route("GET", r"|login|logout|oauth_callback", Kind.SIGN_IN),
    # JupyterLab's own data: the gateway's, as the page is.
    _route("GET", r"lab/api/(?:settings|workspaces)/?", Kind.OWN),
    _route("GET PUT", r"lab/api/settings/.+", Kind.OWN, body=256 * KIB),
    _route("GET PUT DELETE", r"lab/api/workspaces/.+", Kind.OWN, body=MIB),
    _route("GET", rf"lab/api/translations(?:/{_NAME})?/?", Kind.OWN),
    # The server's data.
    _route("GET", r"api/?", Kind.PING, reply=4 * KIB),
    _data("GET", r"api/me", of_type(Me)),
    _data("GET", rf"api/contents{_PATH}/checkpoints", CHECKPOINTS),
    _data("POST", rf"api/contents{_PATH}/checkpoints", CHECKPOINT, body=64 * KIB),
    _data("POST DELETE", rf"api/contents{_PATH}/checkpoints/{_NAME}", NOTHING, body=64 * KIB),
    _data("GET", rf"api/contents{_PATH}", OPENED, Channel.CONTENTS, reply=40 * MIB),
    _data("POST PUT PATCH", rf"api/contents{_PATH}(?<!/trust)", SAVED, body=64 * MIB),
    _data("DELETE", r"api/contents(?:/[^/]+)+", NOTHING),
    _data("GET", r"api/kernelspecs", of_type(KernelSpecs)),
    _data("GET", rf"api/kernelspecs/{_NAME}", of_type(KernelSpec)),
    _route("GET", rf"kernelspecs/{_NAME}/logo-[\w-]+\.(?:png|svg)", Kind.IMAGE, Channel.DATA, reply=256 * KIB),
    _data("GET", r"api/kernels", of_type(list[Kernel])),
    _data("POST", r"api/kernels", of_type(Kernel, 201), body=64 * KIB),
    _data("GET", rf"api/kernels/{_UUID}", of_type(Kernel)),
    _data("DELETE", rf"api/kernels/{_UUID}", NOTHING),
    _data("POST", rf"api/kernels/{_UUID}/restart", of_type(Kernel), body=64 * KIB),
    _data("POST", rf"api/kernels/{_UUID}/interrupt", NOTHING, body=64 * KIB),
    _route("GET", rf"api/kernels/{_UUID}/channels", Kind.WEBSOCKET, Channel.KERNEL),
    _data("GET", r"api/sessions", of_type(list[Session])),
    _data("POST", r"api/sessions", of_type(Session, 201), body=64 * KIB),
    _data("GET PATCH", rf"api/sessions/{_UUID}", of_type(Session), body=64 * KIB),
    _data("DELETE", rf"api/sessions/{_UUID}", NOTHING),
    _route("GET", r"api/events/subscribe", Kind.WEBSOCKET, Channel.EVENTS),
    _data("GET", r"api/terminals", of_type(list[Terminal]), feature=Feature.TERMINALS),
    _data("POST", r"api/terminals", of_type(Terminal), body=64 * KIB, feature=Feature.TERMINALS),
    _data("GET", r"api/terminals/\w+", of_type(Terminal), feature=Feature.TERMINALS),
    _data("DELETE", r"api/terminals/\w+", NOTHING, feature=Feature.TERMINALS),
    _route("GET", r"terminals/websocket/\w+", Kind.WEBSOCKET, Channel.TERMINAL, feature=Feature.TERMINALS),
    # Working together; the path of a document is one segment there, its slashes encoded.
    _data("PUT", r"api/collaboration/session/.+", of_type(RoomSession, 200, 201), body=64 * KIB, slash=True),
    _route("GET", r"api/collaboration/room/.+", Kind.WEBSOCKET, Channel.ROOM),
    # The platform's extensions inside the workspace.
    _data("POST", r"hdh-egress/check", of_type(Report), body=MIB, reply=8 * MIB),
    _data("POST", r"hdh-egress/remedies", of_type(Proposals), body=64 * KIB),
    _data("POST", r"hdh-egress/protect", of_type(ProtectedCopy, 201), body=64 * KIB),
    _data("POST", r"hdh-egress/stage", of_type(Staged, 201), body=MIB),
    _data("GET", r"hdh-catalogue/search", of_type(SearchResults), reply=4 * MIB),
    _data("GET", r"hdh-catalogue/suggest", of_type(Suggestions), reply=64 * KIB),
    _data("GET", r"hdh-catalogue/matrix", of_type(Matrix)),
    _data("GET", r"hdh-catalogue/openapi\.json", of_type(Description), reply=256 * KIB),
    _data("GET", rf"hdh-catalogue/datasets/{_NAME}", of_type(CataloguePage), reply=4 * MIB),
    _data("GET", rf"hdh-catalogue/datasets/{_NAME}/variables", of_type(TableVariables), reply=4 * MIB),
    _data("GET", rf"hdh-catalogue/datasets/{_NAME}/snippet", of_type(Snippet)),
    # The gateway's own.
    _route("GET", r"hdh/me", Kind.OWN),
    _route("POST", r"hdh/copied", Kind.OWN, body=4 * KIB),
    _route("GET POST", r"hdh/egress/drafts", Kind.OWN, body=64 * KIB),
    _route("GET POST", r"hdh/access-requests", Kind.OWN, body=64 * KIB),
    _route("GET", r"hdh/traffic", Kind.OWN),
    _route("GET", r"hdh/probe", Kind.OWN),
    _route("GET", r"hdh/usage", Kind.OWN),
    _route("POST", r"hdh/traffic/requests", Kind.OWN, body=64 * KIB),
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
