"""What every import goes through first: bounds on size and depth, and text put right.

Files come from elsewhere: a steward's disk, another catalogue. None may exhaust the memory, and none may have
anything fetched.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from hdh_jupyter.errors import PublicError

MAX_BYTES = 32 * 2**20
"""Size of one file, in bytes: a description of 50,000 variables takes about 20 MB."""

MAX_DEPTH = 64
"""Levels of nesting in a document; the deepest of a real one are below 20."""

MAX_IRI = 2048
"""Characters of an IRI."""

_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """Return the content of a regular file of at most `most` bytes.

    Raises
    ------
    PublicError
        `catalogue.exchange.unreadable`, `catalogue.exchange.too_large`.
    """
    try:
        # Asked before opening: opening a pipe would wait for somebody to write to it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise PublicError("catalogue.exchange.unreadable", path=str(path))
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise PublicError("catalogue.exchange.unreadable", path=str(path)) from error
    if len(content) > most:
        raise PublicError("catalogue.exchange.too_large", 413, path=str(path), most=most // 2**20)
    return content


def text_of(content: bytes) -> str:
    """Return the text of UTF-8 bytes; a byte that is not UTF-8 is read as Windows-1252."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Lone bytes become surrogates at U+DC80..U+DCFF, each of which stands for its byte.
        escaped = content.decode("utf-8-sig", "surrogateescape")
        return "".join(
            bytes([ord(c) - 0xDC00]).decode("cp1252", "replace") if 0xDC80 <= ord(c) <= 0xDCFF else c for c in escaped
        )


def clean(text: str) -> str:
    """Return a text without the traces of Windows-1252 taken for Latin-1, and without what no screen shows.

    `l\\x92ensemble` becomes `l’ensemble`: the control characters U+0080 to U+009F have no use in a text, and are what
    bytes of Windows-1252 become when somebody reads them as Latin-1.
    """
    if text.isprintable():
        return text.strip()
    put_right = text.replace("\r\n", "\n").translate(_WINDOWS_1252)
    shown = (c if c.isprintable() or c == "\n" else " " if c.isspace() else "" for c in put_right)
    return "".join(shown).strip()


def json_of(content: bytes, path: str) -> Any:
    """Return the value of a JSON document.

    Raises
    ------
    PublicError
        `catalogue.exchange.not_json`, `catalogue.exchange.too_deep`.
    """
    try:
        value = json.loads(text_of(content), parse_constant=_no_constant)
    except RecursionError as error:
        raise PublicError("catalogue.exchange.too_deep", path=path, most=MAX_DEPTH) from error
    except ValueError as error:
        raise PublicError("catalogue.exchange.not_json", path=path, reason=str(error)[:200]) from error
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return value
    raise PublicError("catalogue.exchange.too_deep", path=path, most=MAX_DEPTH)


def is_safe_iri(iri: str) -> bool:
    """Tell whether an IRI may be kept: http, https, mailto or urn, without credentials, of a reasonable length."""
    if len(iri) > MAX_IRI or not iri.isprintable() or any(c in iri for c in ' <>"{}|\\^`'):
        return False
    try:
        parts = urlsplit(iri)
        return parts.scheme in ("http", "https", "mailto", "urn") and not (parts.username or parts.password)
    except ValueError:
        return False


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
