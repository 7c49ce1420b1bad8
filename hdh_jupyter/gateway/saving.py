"""What is carried out although a budget is spent: saving files, and stopping what runs. Pure.

A cut stops what goes out, never what somebody saves. What the browser is told of it, the gateway writes: names, paths
and types out of the request, and of the workspace's reply two moments to the millisecond, a size and whether the file
can be written, some 20 bytes that a hostile server could choose. Why something failed is not told.

JupyterLab looks at a file, without its content, before it saves it and after: that look is reduced in the same way.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import Meta, Struct

from ..errors import PublicError
from .shapes import Line, decoded

KEPT_OF_BODY = 64 * 1024
"""Bytes of a request's body that are kept for its reply."""

LARGEST = 2**40
"""Bytes; of a larger file no size is told."""

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far in the future a file may have been changed, when clocks differ."""


class Act(Enum):
    """What is carried out."""

    LOOK = auto()
    SAVE = auto()
    RENAME = auto()
    DELETE = auto()
    STOP = auto()
    RESTART = auto()


_FILE = re.compile(r"api/contents(?:/[^/]+)+")
_RUNNING = re.compile(r"api/(?:kernels|sessions|terminals)/[^/]+")
_OF_KERNEL = re.compile(r"api/kernels/[^/]+/(interrupt|restart)")
_OF_FILE = {"PUT": Act.SAVE, "PATCH": Act.RENAME, "DELETE": Act.DELETE}
_OF_KERNEL_BY_NAME = {"interrupt": Act.STOP, "restart": Act.RESTART}

# Plain members of an object before its type, as JupyterLab writes them; possessive, hence linear.
_STRING = rb'"(?:[^"\\]|\\.)*+"'
_MEMBER = rb"\s*+" + _STRING + rb"\s*+:\s*+(?:" + _STRING + rb"|null|true|false|[\d.eE+-]++)\s*+,"
_TYPE = re.compile(
    rb'\s*+\{(?:(?!\s*+"type")' + _MEMBER + rb')*+\s*+"type"\s*+:\s*+"(file|notebook|directory)"\s*+[,}]', re.DOTALL
)


class Renamed(Struct):
    """The body of a request to rename."""

    path: Line


class Figures(Struct):
    """What a page needs of the workspace's reply: when a file was changed, so as to notice a change by others."""

    created: Annotated[datetime, Meta(tz=True)]
    last_modified: Annotated[datetime, Meta(tz=True)]
    writable: bool
    size: Annotated[int, Meta(ge=0)] | None = None


def act_of(method: str, path: str, query: str) -> Act | None:
    """Return what an allowed request does that a spent budget does not stop, or None.

    Parameters
    ----------
    path
        The encoded path below the project's base URL.
    """
    if _FILE.fullmatch(path):
        if method == "GET":
            return Act.LOOK if dict(parse_qsl(query)).get("content") == "0" else None
        return _OF_FILE.get(method)
    if method == "DELETE" and _RUNNING.fullmatch(path):
        return Act.STOP
    found = _OF_KERNEL.fullmatch(path) if method == "POST" else None
    return found and _OF_KERNEL_BY_NAME[found[1]]


def reduced(act: Act, path: str, query: str, body: bytes, status: int, content: bytes, now: datetime) -> bytes:
    """Return the JSON that a browser is told, with status 200, of what was carried out.

    Parameters
    ----------
    body
        The beginning of the request's body.
    status, content
        The workspace's reply, of the shape that the route has.

    Raises
    ------
    PublicError
        `gateway.not_done`: it was not carried out, or the reply makes no sense.
    """
    if status >= 400:
        raise not_done()
    if act not in (Act.LOOK, Act.SAVE, Act.RENAME):
        return b"{}"
    try:
        return msgspec.json.encode(_document(act, path, query, body, decoded(Figures, content), now))
    except ValueError as error:
        raise not_done() from error


def not_done() -> PublicError:
    """Return the one error of whatever was not carried out, whatever the reason."""
    return PublicError("gateway.not_done", 502)


def _document(act: Act, path: str, query: str, body: bytes, figures: Figures, now: datetime) -> dict[str, Any]:
    asked = unquote(path).removeprefix("api/contents")
    if act is Act.RENAME:
        renamed: Renamed = decoded(Renamed, body)
        asked = renamed.path
    asked = asked.strip("/")
    name = asked.rpartition("/")[2]
    return {
        "name": name,
        "path": asked,
        "type": _type(act, name, query, body),
        "writable": figures.writable,
        "created": _moment(figures.created, now),
        "last_modified": _moment(figures.last_modified, now),
        "mimetype": None,
        "content": None,
        "format": None,
        "size": figures.size if figures.size is not None and figures.size <= LARGEST else None,
    }


def _type(act: Act, name: str, query: str, body: bytes) -> str:
    if act is Act.SAVE and (found := _TYPE.match(body)):
        return found[1].decode()
    asked = dict(parse_qsl(query)).get("type")
    if act is Act.LOOK and asked in ("file", "notebook", "directory"):
        return asked
    return "notebook" if name.endswith(".ipynb") else "file"


def _moment(moment: datetime, now: datetime) -> str:
    bounded = min(max(moment, EARLIEST), now + AHEAD).astimezone(UTC)
    return bounded.isoformat(timespec="milliseconds").replace("+00:00", "Z")
