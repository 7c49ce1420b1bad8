"""PNG images: they decode, and what they carry beside their pixels."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT pHYs bKGD hIST sPLT tIME acTL fcTL fdAT cICP".split()
)
TEXT_CHUNKS = frozenset(b"tEXt zTXt iTXt".split())
LONG = 1000
INFLATED_LIMIT = 1 << 24


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read an image file."""
    return read_bytes(path.read_bytes(), Place(), policy, kind)


def read_bytes(data: bytes, place: Place, policy: Policy, kind: str = "png") -> Document:
    """Read an image.

    Raises
    ------
    Unreadable
        It is no PNG, it is damaged, or it has too many pixels.
    """
    decode(data, policy)
    part = Place(part="metadata", cell=place.cell, output=place.output)
    texts, hidden = [], []
    for name, content in chunks(data):
        if name in TEXT_CHUNKS or name == b"eXIf":
            text = normalised(_text(name, content))
            texts.append(Text(part, whole(text)))
            if len(text) > LONG:
                hidden.append(Hidden(part, "metadata", len(content), suspicious=True))
        elif name == b"":
            hidden.append(Hidden(part, "trailing", len(content), suspicious=True))
            texts.append(Text(part, whole(content[:INFLATED_LIMIT].decode("latin-1"))))
        elif name not in PIXEL_CHUNKS:
            texts.append(Text(part, whole(content.decode("latin-1"))))
            hidden.append(Hidden(part, "metadata", len(content), suspicious=len(content) > LONG))
    return Document(kind, tuple(texts), (), tuple(hidden))


def decode(data: bytes, policy: Policy) -> Image.Image:
    """Return the decoded image.

    Raises
    ------
    Unreadable
        It is no PNG, it is damaged, or it has too many pixels.
    """
    if not data.startswith(SIGNATURE):
        raise Unreadable("mismatch")
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG",))
        if image.width * image.height > policy.limits.pixels:
            raise Unreadable("too_many_pixels", pixels=image.width * image.height, limit=policy.limits.pixels)
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("unreadable", reason="png") from error
    return image


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return the name and content of each chunk; whatever follows the last one has an empty name.

    Raises
    ------
    Unreadable
        A chunk is cut short.
    """
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        name = data[position + 4 : position + 8]
        end = position + 8 + length
        if end + 4 > len(data):
            raise Unreadable("unreadable", reason="png")
        yield name, data[position + 8 : end]
        position = end + 4
        if name == b"IEND":
            break
    if position < len(data):
        yield b"", data[position:]


def _text(name: bytes, content: bytes) -> str:
    keyword, _, rest = content.partition(b"\x00")
    compressed = name == b"zTXt" or (name == b"iTXt" and rest[:1] == b"\x01")
    if name == b"iTXt":
        rest = rest[2:].split(b"\x00", 2)[-1]
    elif name == b"zTXt":
        rest = rest[1:]
    if compressed:
        try:
            rest = zlib.decompressobj().decompress(rest, INFLATED_LIMIT)
        except zlib.error as error:
            raise Unreadable("unreadable", reason="png") from error
    return keyword.decode("latin-1") + "\n" + rest.decode("utf-8" if name == b"iTXt" else "latin-1", "replace")
