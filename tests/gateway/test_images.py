"""Pictures told by their bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from hdh_jupyter.gateway.images import image_type, is_image


def drawn(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (7, 5), "red").save(out, kind)
    return out.getvalue()


SVG = b"<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/x.dtd'><!-- a -->" + (
    b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>"
)
BOMB = b"<!DOCTYPE svg [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><svg>&b;</svg>"


@pytest.mark.parametrize(
    ("case", "content", "mimetype", "expected"),
    [
        ("00", drawn("PNG"), "image/png", True),
        ("01", drawn("JPEG"), "image/jpeg", True),
        ("02", drawn("GIF"), "image/gif", True),
        ("03", drawn("WEBP"), "image/webp", True),
        ("04", SVG, "image/svg+xml", True),
        ("05", b"<svg/>", "image/svg+xml", True),
        # another type, or a piece
        ("10", drawn("PNG"), "image/jpeg", False),
        ("11", drawn("PNG")[:-1], "image/png", False),
        ("12", drawn("WEBP")[:-2], "image/webp", False),
        ("13", drawn("PNG"), "application/pdf", False),
        ("14", b"", "image/png", False),
        # something behind it
        ("20", drawn("PNG") + b"PK\x03\x04", "image/png", False),
        ("21", drawn("JPEG") + b"patient;1", "image/jpeg", False),
        ("22", drawn("GIF") + b"patient;1", "image/gif", False),
        ("23", drawn("WEBP") + b"patient;1", "image/webp", False),
        ("24", SVG + b"patient;1", "image/svg+xml", False),
        # what is no drawing
        ("30", b"<html xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", False),
        ("31", b"<x:svg xmlns:x='urn:other'/>", "image/svg+xml", False),
        ("32", b"<svg><a></svg>", "image/svg+xml", False),
        ("33", BOMB, "image/svg+xml", False),
        ("34", b"a;b\n1;2\n", "image/svg+xml", False),
    ],
)
def test_what_is_a_picture(case: str, content: bytes, mimetype: str, expected: bool) -> None:
    assert is_image(content, mimetype) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.PNG", "image/png"),
        ("x.jpeg", "image/jpeg"),
        ("x.svg", "image/svg+xml"),
        ("x.svgz", None),
        ("x.png.gz", None),
        ("png", None),
        ("a.csv", None),
        ("a.pdf", None),
    ],
)
def test_which_names_are_pictures(path: str, expected: str | None) -> None:
    assert image_type(path) == expected


def test_many_parts_take_linear_time() -> None:
    chunk = b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00"
    start = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17
    assert is_image(start + chunk * 100_000 + b"\x00\x00\x00\x00IEND\x00\x00\x00\x00", "image/png")
