"""PNG re-encoded from its pixels: no text, no profile, nothing after the end, nothing under full transparency."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from ..policy import Policy
from ..readers import png

MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean image."""
    out.write_bytes(pixels(path.read_bytes(), policy))
    return 0


def pixels(data: bytes, policy: Policy) -> bytes:
    """Return the image with its pixels alone; a palette with transparency becomes plain colours."""
    image = png.decode(data, policy)
    if image.mode not in MODES or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode == "P":
        image = image.convert("RGB")
    bare = _without_unseen(Image.frombytes(image.mode, image.size, image.tobytes()))
    stream = io.BytesIO()
    bare.save(stream, format="PNG", optimize=False)
    return stream.getvalue()


def _without_unseen(image: Image.Image) -> Image.Image:
    """Return the image with one colour wherever it is wholly transparent."""
    if image.mode not in ("RGBA", "LA"):
        return image
    planes = np.array(image)
    planes[planes[:, :, -1] == 0] = 0
    return Image.fromarray(planes, image.mode)
