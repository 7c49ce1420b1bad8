"""Pictures, told by their bytes: which of the few open types they are, from the first byte to the last.

Nothing is drawn or unpacked here. What follows the end of a picture, or stands between its parts, would be a file in
disguise, hence the walk over the parts and the look at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import splitext
from xml.parsers import expat

PNG_START = b"\x89PNG\r\n\x1a\n"
SVG = "http://www.w3.org/2000/svg"


def is_image(content: bytes, mimetype: str) -> bool:
    """Say whether the bytes are a whole picture of this type."""
    test = _TESTS.get(mimetype)
    return test is not None and test(content)


def image_type(path: str) -> str | None:
    """Return the open picture type that a file's name tells of, or None."""
    return _EXTENSIONS.get(splitext(path)[1].lower())


def _is_png(content: bytes) -> bool:
    if not content.startswith(PNG_START + b"\x00\x00\x00\rIHDR"):
        return False
    at = len(PNG_START)
    while at + 12 <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return length == 0 and at == len(content)
    return False


def _is_jpeg(content: bytes) -> bool:
    return content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")


def _is_gif(content: bytes) -> bool:
    return content.startswith((b"GIF87a", b"GIF89a")) and len(content) > 14 and content.endswith(b"\x3b")


def _is_webp(content: bytes) -> bool:
    head = content[:4] == b"RIFF" and content[8:15] == b"WEBPVP8"
    # The length is rounded up to an even number of bytes.
    return head and 0 <= len(content) - 8 - int.from_bytes(content[4:8], "little") <= 1


def _is_svg(content: bytes) -> bool:
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []

    def start(name: str, _: object) -> None:
        if not roots and name not in ("svg", f"{SVG} svg"):
            raise ValueError(name)
        roots[:] = [name]

    def refuse(*_: object) -> None:
        raise ValueError("entities")

    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        return False
    return True


_TESTS: Mapping[str, Callable[[bytes], bool]] = {
    "image/png": _is_png,
    "image/jpeg": _is_jpeg,
    "image/gif": _is_gif,
    "image/webp": _is_webp,
    "image/svg+xml": _is_svg,
}
_EXTENSIONS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
}
