"""Files within an address (`data:text/csv;base64,...`, RFC 2397), wherever a text or markup holds one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import re2

from ..documents import Document, Hidden, Unreadable
from ..model import Place
from ..policy import Policy
from . import merged, nested

ADDRESS = re2.compile(r"(?i)\bdata:([\w.+\-]+/[\w.+\-]+)?((?:;[\w.+\-]+=?[^;,\"'\s)]*)*),([^\"'\s)<>]*)")
EXTENSIONS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
STYLES = ("font/", "application/font", "application/x-font", "text/css", "image/gif", "image/x-icon", "image/webp")
"""What pages and drawings carry for their looks alone."""
STYLE_LIMIT = 200_000
"""Bytes up to which a font or an icon is taken for one."""


def carried(text: str, place: Place, policy: Policy) -> Document:
    """Return what the addresses in a text hold, each read by the reader of its own kind.

    Raises
    ------
    Unreadable
        Of no kind that is read, damaged, or more than a file may unpack to.
    """
    documents, hidden = [], []
    for mime, content in _decoded(text):
        if mime.startswith(STYLES):
            hidden.append(Hidden(place, "picture", len(content), suspicious=len(content) > STYLE_LIMIT))
        elif content:
            documents.append(nested(content, "data" + EXTENSIONS.get(mime, ".unknown"), policy, place))
    return merged("html", [Document("html", hidden=tuple(hidden)), *documents])


def _decoded(text: str) -> Iterator[tuple[str, bytes]]:
    for match in ADDRESS.finditer(text):
        mime, parameters, body = (group or "" for group in match.groups())
        content = unquote_to_bytes(body)
        if ";base64" in parameters.lower():
            try:
                content = base64.b64decode(content + b"=" * (-len(content) % 4))
            except (binascii.Error, ValueError) as error:
                raise Unreadable("unreadable", reason="data") from error
        elif not mime:
            # `data:,` stands in logs and programs as well.
            continue
        yield mime.lower() or "text/plain", content
