"""JPEG images: they decode, what their segments carry, and what follows the end."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import pictures

START = b"\xff\xd8\xff"
END = 0xD9
SCAN = 0xDA
STANDALONE = frozenset((0x01, *range(0xD0, 0xDA)))
COMMENT = 0xFE
APPLICATION = frozenset(range(0xE0, 0xF0))
ORDINARY = {0xE0: 64, 0xEE: 64}
"""Segments that every program writes (JFIF, Adobe), and the bytes that they take at most."""
LONG = 1000
PROFILE = 1 << 16
PRINTED = re.compile(rb"[\x20-\x7e\xa0-\xff]{4,}")


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read an image file."""
    return read_bytes(path.read_bytes(), Place(), policy, kind)


def read_bytes(data: bytes, place: Place, policy: Policy, kind: str = "jpeg") -> Document:
    """Read an image.

    Raises
    ------
    Unreadable
        It is no JPEG, it is damaged, or it has too many pixels.
    """
    image = decode(data, policy)
    part = replace(place, part="metadata")
    texts: list[str] = []
    hidden: list[Hidden] = []
    size = 0
    for marker, content in segments(data):
        if marker == 0:
            hidden.append(Hidden(part, "trailing", len(content), suspicious=True))
            texts.append(normalised(content.decode("latin-1")))
        elif marker == COMMENT or (marker in APPLICATION and len(content) > ORDINARY.get(marker, 0)):
            texts.append(normalised(b"\n".join(PRINTED.findall(content)).decode("latin-1")))
            profile = content.startswith(b"ICC_PROFILE\0")
            size += 0 if profile and len(content) <= PROFILE else len(content)
    if size:
        hidden.append(Hidden(part, "metadata", size, suspicious=size > LONG))
    carried, seen = pictures.carried(image, place)
    return Document(
        kind,
        tuple(Text(part, whole(text)) for text in texts),
        (),
        (*hidden, *carried),
        (pictures.figure(image, place, seen, texts),),
    )


def decode(data: bytes, policy: Policy) -> Image.Image:
    """Return the decoded image.

    Raises
    ------
    Unreadable
        It is no JPEG, it is damaged, or it has too many pixels.
    """
    if not data.startswith(START):
        raise Unreadable("mismatch")
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG",))
        if image.width * image.height > policy.limits.pixels:
            raise Unreadable("too_many_pixels", pixels=image.width * image.height, limit=policy.limits.pixels)
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("unreadable", reason="jpeg") from error
    return image


def segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return the marker and content of each segment; what follows the end of the image has the marker 0.

    Raises
    ------
    Unreadable
        A segment is cut short.
    """
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            raise Unreadable("unreadable", reason="jpeg")
        marker = data[position + 1]
        position += 2
        if marker == 0xFF:
            position -= 1
            continue
        if marker == END:
            break
        if marker in STANDALONE:
            continue
        if position + 2 > len(data):
            raise Unreadable("unreadable", reason="jpeg")
        (length,) = struct.unpack(">H", data[position : position + 2])
        if length < 2 or position + length > len(data):
            raise Unreadable("unreadable", reason="jpeg")
        yield marker, data[position + 2 : position + length]
        position += length
        if marker == SCAN:
            position = _after_scan(data, position)
    if position < len(data):
        yield 0, data[position:]


def _after_scan(data: bytes, position: int) -> int:
    """Return where entropy-coded data end: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return len(data)
        if data[position + 1] != 0 and not 0xD0 <= data[position + 1] <= 0xD7:
            return position
        position += 2
