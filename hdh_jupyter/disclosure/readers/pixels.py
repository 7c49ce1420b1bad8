"""What the pixels of an image say without being understood: whether they carry data, and whether they show points.

A chart is made of flat colours: its lowest bits compress to almost nothing, and it takes less than half a bit per
pixel. A message in the lowest bits, or a table written as colours, does not; nor does a photograph or a medical image,
which neighbouring pixels tell from a table.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

STRIP = 1 << 14
"""Pixels looked at together: a message in a corner of a large image is not drowned in the rest."""
LEAST = 256
"""Pixels from which an image can hold data worth looking for."""
NOISY = 0.3
"""Compressed to raw size of a plane of lowest bits above which it is no chart's (charts: up to 0.09)."""
FLIPPED = 0.1
"""Share of neighbours that differ in the lowest bit alone above which that bit is not the drawing's."""
DENSE = 2.0
"""Bits per pixel, compressed, above which an image is no chart (charts: 0.08 to 0.45)."""
TEXTURED = 0.1
"""Share of pixels whose five upper bits differ from those to the left and above, from which a surface is a
photograph's; what JPEG leaves around lines and the steps of smooth colour scales stay below."""
PAPER, BLANK = 240, 0.35
"""Brightness of paper, and the share of it that a chart leaves at least."""
SINGLE = 30
"""Isolated marks of one size from which those that touch are counted by their area."""
UNLIKE = 0.6
"""How much neighbours differ, compared with pixels far apart, above which there is no picture."""
MARKER_AREA = 1 << 23
COLOURS = 6
LARGEST = 40
RUNS = 300_000


@dataclass(frozen=True)
class Pixels:
    """What an image's pixels are.

    Attributes
    ----------
    low_bits
        Bytes of lowest bits that carry something else than the drawing.
    values
        Whether each pixel looks like a value: dense, without likeness between neighbours.
    photograph
        Whether they are dense and alike: a photograph, a medical image, a painted surface.
    markers
        Isolated marks of one size, as of a scatter plot.
    """

    low_bits: int
    values: bool
    photograph: bool
    markers: int


def measure(image: Image.Image) -> Pixels:
    """Look at the pixels of a decoded image."""
    if image.width * image.height < LEAST:
        return Pixels(0, values=False, photograph=False, markers=0)
    planes = _planes(image)
    low_bits = compressed = 0
    for strip in _strips(planes):
        compressed += _compressed(strip)
        low_bits += sum(_strange(strip[:, :, channel]) for channel in range(strip.shape[2]))
    area = image.width * image.height
    dense = compressed * 8 / area > DENSE
    values = dense and _unlike(planes)
    # JPEG leaves traces around every line; where paper is white, they are those of a chart.
    painted = image.format != "JPEG" or np.mean((planes > PAPER).all(axis=2)) < BLANK
    photograph = bool(dense and not values and painted and _texture(planes) > TEXTURED)
    drawn = not (values or photograph)
    # What JPEG does to the lowest bits is its own.
    hidden = low_bits if drawn and image.format != "JPEG" else 0
    return Pixels(hidden, values, photograph, count_markers(image) if drawn else 0)


def count_markers(image: Image.Image) -> int:
    """Count the isolated marks of one size and colour that stand without order, as points of a scatter plot do."""
    if image.width * image.height > MARKER_AREA:
        step = int((image.width * image.height / MARKER_AREA) ** 0.5) + 1
        image = image.resize((max(image.width // step, 1), max(image.height // step, 1)), Image.Resampling.NEAREST)
    plain = np.asarray(_flattened(image)).astype(np.uint32)
    colours = (plain[:, :, 0] >> 3 << 10) | (plain[:, :, 1] >> 3 << 5) | (plain[:, :, 2] >> 3)
    known, counts = np.unique(colours, return_counts=True)
    order = np.argsort(counts)[::-1]
    chosen = [known[i] for i in order[: COLOURS + 2] if counts[i] < 0.3 * colours.size][:COLOURS]
    ground = [known[i] for i in order[:2] if counts[i] > 0.1 * colours.size]
    unordered, ordered = _alike(_components(~np.isin(colours, ground)), merged=False)
    for colour in chosen:
        more, lined_up = _alike(_components(colours == colour), merged=True)
        unordered, ordered = max(unordered, more), max(ordered, lined_up)
    # A series over time, seen whole in one colour, may fall apart in another.
    return unordered if ordered < unordered / 2 else 0


def _planes(image: Image.Image) -> Any:
    """Return the image as height x width x channels of bytes; sixteen bits are two channels."""
    if image.mode in ("I;16", "I", "I;16B", "F"):
        wide = np.asarray(image).astype(np.uint32)
        return np.stack([wide >> 8 & 255, wide & 255], axis=2).astype(np.uint8)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))[:, :, None]
    if image.mode == "LA":
        return np.asarray(image)
    transparent = image.mode == "RGBA" or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if transparent else "RGB"))


def _flattened(image: Image.Image) -> Image.Image:
    """Return the image in colours, on white where it lets through."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return image.convert("RGB")


def _strips(planes: Any) -> Iterator[Any]:
    height = max(STRIP // planes.shape[1], 1)
    for top in range(0, planes.shape[0], height):
        yield planes[top : top + height]


def _compressed(strip: Any) -> int:
    """Return the size of a strip of which each pixel is told by its difference from the one to its left."""
    differences = np.diff(strip, axis=1, prepend=strip[:, :1])
    return len(zlib.compress(differences.tobytes(), 1))


def _strange(channel: Any) -> int:
    """Return how many bytes of lowest bits a strip of one channel carries, 0 for a drawing's own."""
    bits = np.packbits(channel & 1)
    size = len(zlib.compress(bits.tobytes(), 6))
    if size < NOISY * len(bits) or size < 64 or channel.shape[1] < 2:
        return 0
    changes = channel[:, 1:] ^ channel[:, :-1]
    return len(bits) if np.count_nonzero(changes == 1) > FLIPPED * changes.size else 0


def _texture(planes: Any) -> float:
    """Return the share of pixels that differ visibly from both the one to the left and the one above."""
    upper = planes[: 1 << 12] >> 3
    left = (upper[1:, 1:] != upper[1:, :-1]).any(axis=2)
    above = (upper[1:, 1:] != upper[:-1, 1:]).any(axis=2)
    return float(np.mean(left & above)) if left.size else 0.0


def _unlike(planes: Any) -> bool:
    """Tell whether some channel's neighbours differ as much as pixels drawn at random."""
    sample = planes[:: max(planes.shape[0] // 512, 1)].astype(np.int16)
    shuffled = np.random.default_rng(0).permutation(sample.reshape(-1, sample.shape[2]))
    near = np.abs(np.diff(sample, axis=1)).mean(axis=(0, 1)) if sample.shape[1] > 1 else np.zeros(sample.shape[2])
    far = np.abs(np.diff(shuffled, axis=0)).mean(axis=0)
    varied = far > 1
    return bool(np.any(near[varied] > UNLIKE * far[varied]))


def _components(mask: Any) -> Any:
    """Return left, top, right, bottom (excluded) and area of each connected part of a mask."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 2), np.int8)
    padded[:, 1:-1] = mask
    edges = np.diff(padded, axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if len(rows) > RUNS:
        return np.empty((0, 5), np.int64)
    parent = np.arange(len(rows))
    width = mask.shape[1] + 2
    # Runs of the row above that touch, diagonally too: they are neighbours in the order of row and column.
    low = np.searchsorted(rows * width + ends, (rows - 1) * width + starts, side="left")
    high = np.searchsorted(rows * width + starts, (rows - 1) * width + ends, side="right")
    for run in np.nonzero(low < high)[0].tolist():
        for above in range(low[run], high[run]):
            parent[_root(parent, run)] = _root(parent, above)
    roots = np.array([_root(parent, run) for run in range(len(rows))], np.int64)
    _, group = np.unique(roots, return_inverse=True)
    total = int(group.max()) + 1 if len(group) else 0
    boxes = np.zeros((total, 5), np.int64)
    boxes[:, :2] = 1 << 40
    np.minimum.at(boxes[:, 0], group, starts)
    np.minimum.at(boxes[:, 1], group, rows)
    np.maximum.at(boxes[:, 2], group, ends)
    np.maximum.at(boxes[:, 3], group, rows + 1)
    np.add.at(boxes[:, 4], group, ends - starts)
    return boxes


def _root(parent: Any, run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


def _alike(boxes: Any, *, merged: bool) -> tuple[int, int]:
    """Return how many parts are marks of one size, those without order first, then those in order.

    Parameters
    ----------
    merged
        Whether parts that are larger count as marks that touch, by their area.
    """
    widths, heights = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    square = (abs(widths - heights) <= 1) & (widths >= 2) & (heights >= 2) & (widths <= LARGEST)
    if not square.any():
        return 0, 0
    usual = int(np.bincount(widths[square]).argmax())
    marks = boxes[square & (abs(widths - usual) <= 1)]
    if len(marks) < 0.35 * len(boxes):
        return 0, 0
    if _in_order(marks):
        return 0, len(marks) if usual > 2 else 0
    if not merged or len(marks) < SINGLE:
        return len(marks), 0
    larger = boxes[(widths > usual) & (heights > usual) & (boxes[:, 4] > 0.3 * widths * heights)]
    return len(marks) + int(larger[:, 4].sum() / max(np.median(marks[:, 4]), 1)), 0


def _in_order(marks: Any) -> bool:
    """Tell dots of a line, cells of a grid and a series over time from points: equal steps, or one mark per step."""
    centres = np.stack([marks[:, 0] + marks[:, 2], marks[:, 1] + marks[:, 3]], axis=1)[:2000] / 2
    if len(centres) < 3:
        return True
    # A thousand marks at a time keep the table of distances small.
    nearest = []
    for part in np.array_split(centres, max(len(centres) // 500, 1)):
        distances = np.hypot(*(part[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
        distances[distances == 0] = np.inf
        nearest.append(distances.min(axis=1))
    steps = np.concatenate(nearest)
    usual = np.median(steps)
    if np.mean(abs(steps - usual) <= 0.2 * usual) > 0.6:
        return True
    # Positions drawn at random have gaps that spread as much as their mean; those of a calendar do not.
    gaps = np.diff(np.sort(centres[:, 0]))
    return bool(np.std(gaps) < 0.7 * np.mean(gaps))
