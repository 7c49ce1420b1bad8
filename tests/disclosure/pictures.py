"""Pictures, drawings and documents as programs write them, without a plotting library."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pikepdf
from PIL import Image, ImageDraw


def chart(mode: str = "RGB", size: tuple[int, int] = (480, 320)) -> Image.Image:
    """Draw bars with a frame and some letters."""
    image = Image.new(mode, size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 20, size[0] - 20, size[1] - 40), outline="black")
    for index, height in enumerate((180, 90, 210, 60, 140) if size[1] > 300 else (5,)):
        left = 60 + 75 * index
        draw.rectangle((left, size[1] - 40 - height, left + 50, size[1] - 40), fill=(40, 90, 160))
        draw.text((left, size[1] - 30), f"groupe {index}", fill="black")
    return image


def scatter(points: int, seed: int = 1) -> Image.Image:
    """Draw points at random places."""
    image, drawn = chart(size=(640, 480)), random.Random(seed)
    image.paste("white", (0, 0, 640, 480))
    draw = ImageDraw.Draw(image)
    for _ in range(points):
        x, y = drawn.randrange(50, 620), drawn.randrange(20, 440)
        draw.ellipse((x, y, x + 5, y + 5), fill=(30, 120, 180))
    return image


def series_over_time(points: int) -> Image.Image:
    """Draw one point per step of time."""
    image, drawn = Image.new("RGB", (900, 400), "white"), random.Random(2)
    draw = ImageDraw.Draw(image)
    for index in range(points):
        x, y = 20 + 5 * index, drawn.randrange(20, 380)
        draw.ellipse((x, y, x + 3, y + 3), fill=(30, 120, 180))
    return image


def with_low_bits(image: Image.Image, length: int, seed: int = 3) -> Image.Image:
    """Write random bits into the lowest bits of the first values."""
    pixels = np.array(image)
    flat = pixels.reshape(-1)
    flat[:length] = (flat[:length] & 254) | np.random.default_rng(seed).integers(0, 2, length, np.uint8)
    return Image.fromarray(pixels)


def pixel_per_person(people: int = 2500) -> Image.Image:
    """Write age, sex and département of each person as the colour of a pixel."""
    drawn = np.random.default_rng(4)
    values = [drawn.integers(low, high, people, np.uint8) for low, high in ((0, 100), (1, 3), (1, 96))]
    side = int(people**0.5)
    return Image.fromarray(np.stack(values, axis=1).reshape(side, side, 3))


def photograph() -> Image.Image:
    """Draw soft shapes with the noise of a sensor."""
    down, across = np.mgrid[0:300, 0:300]
    soft = 128 + 60 * np.sin(across / 40) + 40 * np.cos(down / 60)
    return Image.fromarray((soft + np.random.default_rng(5).normal(0, 5, soft.shape)).clip(0, 255).astype(np.uint8))


def as_png(image: Image.Image) -> bytes:
    """Return an image as PNG."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def animated(*images: Image.Image) -> bytes:
    """Return images as the frames of one PNG."""
    stream = io.BytesIO()
    images[0].save(stream, "PNG", save_all=True, append_images=images[1:], duration=100)
    return stream.getvalue()


def as_jpeg(image: Image.Image, **more: object) -> bytes:
    """Return an image as JPEG."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=85, **more)
    return stream.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def before_end(png: bytes, added: bytes) -> bytes:
    """Put something before the end of a PNG."""
    end = png.rindex(b"IEND") - 4
    return png[:end] + added + png[end:]


def with_surplus(image: Image.Image, surplus: bytes) -> bytes:
    """Write a grey image whose compressed rows are followed by more."""
    grey = image.convert("L")
    rows = b"".join(b"\0" + grey.tobytes()[i * grey.width : (i + 1) * grey.width] for i in range(grey.height))
    head = struct.pack(">IIBBBBB", grey.width, grey.height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows + surplus)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def document(lines: Sequence[tuple[float, float, str]] = (), content: str = "", **keys: object) -> pikepdf.Pdf:
    """Make a PDF of one page with texts at places, in Helvetica of ten points, and more content."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[0]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    texts = "".join(f"BT /F1 10 Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n" for x, y, text in lines)
    page.Contents = pdf.make_stream((texts + content).encode("latin-1"))
    for key, value in keys.items():
        page[f"/{key}"] = value
    return pdf


def as_bytes(pdf: pikepdf.Pdf) -> bytes:
    """Return a document as it is saved."""
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


def table_lines(rows: Sequence[Sequence[str]]) -> list[tuple[float, float, str]]:
    """Return the places of cells in columns of 110 points."""
    return [(60 + 110 * c, 780 - 16 * r, cell) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell]
