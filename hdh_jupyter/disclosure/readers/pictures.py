"""What every image of pixels gives to the rules: what its pixels carry, and what is known of the figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PIL import Image

from ..documents import Figure, Hidden, Series
from ..masking import masked
from ..model import Place
from . import pixels

MAKERS = (
    "matplotlib",
    "ggplot2",
    "r graphics",
    "cairo",
    "plotly",
    "kaleido",
    "ghostscript",
    "inkscape",
    "gimp",
    "seaborn",
)


def carried(image: Image.Image, place: Place) -> tuple[list[Hidden], pixels.Pixels]:
    """Return what an image's pixels hold beside a drawing, and the measures themselves."""
    seen = pixels.measure(image)
    area = image.width * image.height
    hidden = []
    if seen.low_bits:
        hidden.append(Hidden(place, "picture.low_bits", seen.low_bits, suspicious=True))
    if seen.values:
        hidden.append(Hidden(place, "picture.values", area, suspicious=True))
    if seen.photograph:
        hidden.append(Hidden(place, "picture.photograph", area, suspicious=True))
    return hidden, seen


def figure(image: Image.Image, place: Place, seen: pixels.Pixels, texts: Iterable[str]) -> Figure:
    """Return an image as a figure of which only the size, the program that drew it, and marks are known."""
    said = " ".join(texts).lower()
    maker = next((name for name in MAKERS if name in said), "")
    series = (Series("point", seen.markers),) if seen.markers else ()
    return Figure(replace(place), series, raster=True, titles=(f"{image.width} x {image.height}", masked(maker)))
