"""PNG images: they decode, what they carry beside their pixels, and what the pixels themselves carry."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import pictures

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT pHYs bKGD tIME acTL fcTL fdAT cICP mDCV cLLI".split()
)
LARGEST = {b"PLTE": 768, b"tRNS": 256, b"bKGD": 6, b"pHYs": 9, b"tIME": 7, b"gAMA": 4, b"cHRM": 32, b"sBIT": 4}
"""Bytes that a chunk of the format may hold at most (PNG specification, third edition)."""
TEXT_CHUNKS = frozenset(b"tEXt zTXt iTXt".split())
LONG = 1000
INFLATED_LIMIT = 1 << 24
PROFILE = 1 << 16
"""Bytes of a colour profile above which it is longer than any that plotting libraries write."""
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PRINTED = re.compile(rb"[\x20-\x7e]{6,}")


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
    image = decode(data, policy)
    part = replace(place, part="metadata")
    texts: list[str] = []
    hidden: list[Hidden] = []
    compressed: list[bytes] = []
    frames = 0
    for name, content in chunks(data):
        if name in TEXT_CHUNKS or name in (b"eXIf", b"iCCP"):
            text = normalised(_text(name, content))
            texts.append(text)
            if len(text) > (PROFILE if name == b"iCCP" else LONG):
                what = "picture.profile" if name == b"iCCP" else "metadata"
                hidden.append(Hidden(part, what, len(content), suspicious=True))
        elif name == b"":
            hidden.append(Hidden(part, "trailing", len(content), suspicious=True))
            texts.append(content[:INFLATED_LIMIT].decode("latin-1"))
        elif name == b"IDAT":
            compressed.append(content)
        elif name == b"fcTL":
            frames += 1
        elif name not in PIXEL_CHUNKS or len(content) > LARGEST.get(name, len(content)):
            texts.append(content.decode("latin-1"))
            hidden.append(Hidden(part, "metadata", len(content), suspicious=len(content) > LONG or name in LARGEST))
    if surplus := _surplus(data, compressed):
        hidden.append(Hidden(part, "picture.surplus", len(surplus), suspicious=True))
        texts.append(surplus.decode("latin-1"))
    if frames > 1:
        hidden.append(Hidden(part, "picture.frames", frames, suspicious=True))
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


def _surplus(data: bytes, compressed: list[bytes]) -> bytes:
    """Return what the image data hold beyond the pixels: rows too many, and bytes after the compressed stream."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    bits = depth * CHANNELS.get(colour, 4)
    expected = (width * bits + 7) // 8 * height + height
    if interlaced:
        # Seven passes, each with a filter's byte per row (Adam7).
        steps = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
        expected = 0
        for left, top, across, down in steps:
            columns, rows = -(-(width - left) // across), -(-(height - top) // down)
            expected += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    inflating, size, extra = zlib.decompressobj(), 0, b""
    try:
        for content in compressed:
            while content and not inflating.eof:
                piece = inflating.decompress(content, 1 << 20)
                extra += piece[max(expected - size, 0) :][: LONG * LONG - len(extra)]
                size += len(piece)
                content = inflating.unconsumed_tail
            if inflating.eof and content:
                extra += content
    except zlib.error:
        return extra
    return extra + inflating.unused_data


def _text(name: bytes, content: bytes) -> str:
    keyword, _, rest = content.partition(b"\x00")
    if name == b"eXIf":
        return content.decode("latin-1")
    compressed = name in (b"zTXt", b"iCCP") or (name == b"iTXt" and rest[:1] == b"\x01")
    if name == b"iTXt":
        rest = rest[2:].split(b"\x00", 2)[-1]
    elif name in (b"zTXt", b"iCCP"):
        rest = rest[1:]
    if compressed:
        try:
            rest = zlib.decompressobj().decompress(rest, INFLATED_LIMIT)
        except zlib.error as error:
            raise Unreadable("unreadable", reason="png") from error
    if name == b"iCCP":
        # A profile is binary: what may be words of it.
        rest = b"\n".join(PRINTED.findall(rest)) if len(rest) <= PROFILE else rest
    return keyword.decode("latin-1") + "\n" + rest.decode("utf-8" if name == b"iTXt" else "latin-1", "replace")
