"""Images as data URIs, for `img` elements alone."""

from __future__ import annotations

import base64

from .view import Image, Unavailable

SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}


def image(kind: str, data: bytes, most: int) -> Image | Unavailable:
    """Return an image of kind `png`, `jpeg` or `svg` (which must have been sanitised), at most `most` bytes large."""
    if len(data) > most:
        return Unavailable("too_large")
    if kind == "svg":
        return Image(data_uri("image/svg+xml", data))
    return Image(data_uri(f"image/{kind}", data)) if data.startswith(SIGNATURES[kind]) else Unavailable("unreadable")


def data_uri(media_type: str, data: bytes) -> str:
    """Return bytes as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
