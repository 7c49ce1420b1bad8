"""PDF built anew from what its pages draw.

Kept: pages with their window, the operators of their contents, and the fonts, images, colours and forms that these use;
JPEG images are encoded anew. Gone: attachments, scripts, annotations, form fields, metadata, layers, structure, notes
within the contents, earlier versions, and every key of a page or image that draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from ..documents import Unreadable
from ..policy import Policy
from ..readers import pdf as reader
from . import jpeg

PAGE_KEYS = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group")
RESOURCES = ("/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading")
IDLE = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/AF",
    "/OC",
    "/StructParent",
    "/StructParents",
    "/OPI",
    "/Measure",
    "/PtData",
    "/Alt",
    "/ActualText",
    "/Ref",
    "/Thumb",
    "/Alternates",
    "/ID",
    "/Name",
    "/Private",
)
"""Keys that draw nothing (ISO 32000-2, tables 87 to 93)."""
MARKS = frozenset({"BMC", "BDC", "EMC", "MP", "DP", "BX", "EX"})
"""Operators that draw nothing: marked content can hold texts that nobody sees."""
DEPTH = 12


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean document.

    Raises
    ------
    Unreadable
        Its contents cannot be parsed.
    """
    with reader.opened(path) as source, pikepdf.new() as clean:
        for page in source.pages:
            made = clean.copy_foreign(clean_page(source, page.obj))
            clean.pages.append(pikepdf.Page(made))
        _bare(clean, policy)
        clean.remove_unreferenced_resources()
        clean.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=True,
            recompress_flate=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
        )
    return 0


def clean_page(source: pikepdf.Pdf, page: Any) -> Any:
    """Return a page with what it draws alone."""
    made = pikepdf.Dictionary(Type=pikepdf.Name.Page)
    for key in PAGE_KEYS:
        value = _inherited(page, key)
        if value is not None:
            made[key] = value
    made["/Resources"] = _resources(_inherited(page, "/Resources"))
    made["/Contents"] = source.make_stream(_drawing(pikepdf.Page(page)))
    return source.make_indirect(made)


def _bare(clean: pikepdf.Pdf, policy: Policy) -> None:
    """Take what draws nothing from every object that the pages lead to, forms and images included."""
    for item in list(clean.objects):
        if not isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            continue
        for key in IDLE:
            if key in item and not (key == "/ID" and item.get("/Type") == "/Encrypt"):
                del item[key]
        if isinstance(item, pikepdf.Stream):
            _bare_stream(item, policy)


def _bare_stream(item: pikepdf.Stream, policy: Policy) -> None:
    kind = item.get("/Subtype")
    if kind == "/Form":
        item["/Resources"] = _resources(item.get("/Resources"))
        item.write(_drawing(item))
    elif kind == "/Image" and item.get("/Filter") == "/DCTDecode":
        encoded = jpeg.pixels(item.read_raw_bytes(), policy)
        channels = jpeg.channels(encoded)
        if channels == 3 and item.get("/ColorSpace") == "/DeviceCMYK":
            item["/ColorSpace"] = pikepdf.Name.DeviceRGB
        if "/Decode" in item and channels == 3:
            del item["/Decode"]
        item.write(encoded, filter=pikepdf.Name.DCTDecode)


def _drawing(content: Any) -> bytes:
    """Return the operators that draw; notes and marks of the structure go."""
    try:
        operators = [
            instruction
            for instruction in pikepdf.parse_content_stream(content)
            if isinstance(instruction, pikepdf.ContentStreamInlineImage) or str(instruction.operator) not in MARKS
        ]
        return pikepdf.unparse_content_stream(operators)
    except (pikepdf.PdfError, pikepdf.PdfParsingError, ValueError, TypeError) as error:
        raise Unreadable("unreadable", reason="pdf") from error


def _resources(resources: Any) -> Any:
    """Return the resources that contents draw with."""
    kept = pikepdf.Dictionary()
    if isinstance(resources, pikepdf.Dictionary):
        for key in RESOURCES:
            if key in resources:
                kept[key] = resources[key]
    return kept


def _inherited(page: Any, key: str) -> Any:
    """Return a page's value, or that of the node above that gives it."""
    for node in _upwards(page):
        if key in node:
            return node[key]
    return None


def _upwards(page: Any) -> Iterator[Any]:
    node = page
    for _ in range(DEPTH):
        if not isinstance(node, pikepdf.Dictionary):
            return
        yield node
        node = node.get("/Parent")
