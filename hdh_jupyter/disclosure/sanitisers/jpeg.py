"""JPEG decoded and encoded anew: no metadata, nothing after the end, and lowest bits that are the encoder's own."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from ..policy import Policy
from ..readers import jpeg

QUALITY = 90


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean image."""
    out.write_bytes(pixels(path.read_bytes(), policy))
    return 0


def pixels(data: bytes, policy: Policy) -> bytes:
    """Return the image with its pixels alone."""
    image = jpeg.decode(data, policy)
    plain = image if image.mode in ("L", "RGB") else image.convert("RGB")
    bare = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    stream = io.BytesIO()
    bare.save(stream, format="JPEG", quality=QUALITY)
    return stream.getvalue()


def channels(data: bytes) -> int:
    """Return how many colours an image that was encoded here has."""
    return len(Image.open(io.BytesIO(data), formats=("JPEG",)).getbands())
