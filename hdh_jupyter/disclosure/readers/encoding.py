"""Text files: which encoding, and their text in bounded chunks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from ..documents import Unreadable
from ..masking import normalised

CHUNK = 1 << 22
OVERLAP = 256
"""Characters seen twice where a line is longer than a chunk, so that nothing hides at the seam."""

SIGNATURES = (b"PK\x03\x04", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PAR1", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf")


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its mark, by its zero bytes (UTF-16), UTF-8 if valid, else Windows-1252.

    Raises
    ------
    Unreadable
        It is empty, or no text.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip():
        raise Unreadable("empty")
    if head.startswith(SIGNATURES):
        raise Unreadable("mismatch")
    if head.startswith(codecs.BOM_UTF8):
        return _verified(path, "utf-8-sig")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _verified(path, "utf-16")
    if b"\x00" in head:
        for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
            if zeros.count(0) > len(zeros) // 2:
                return _verified(path, encoding)
        raise Unreadable("mismatch")
    try:
        return _verified(path, "utf-8")
    except Unreadable:
        return _verified(path, "cp1252")


def decoded(path: Path, encoding: str) -> Iterator[str]:
    """Return the text as it is, in chunks that end anywhere."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as stream:
        while data := stream.read(CHUNK):
            yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """Return the text, normalised for scanning, in chunks that end at the end of a line where there is one."""
    rest = ""
    for chunk in decoded(path, encoding):
        text = rest + chunk
        cut = text.rfind("\n") + 1
        if cut:
            yield normalised(text[:cut])
            rest = text[cut:]
        elif len(text) > CHUNK:
            yield normalised(text)
            rest = text[-OVERLAP:]
        else:
            rest = text
    if rest:
        yield normalised(rest)


def _verified(path: Path, encoding: str) -> str:
    try:
        for text in decoded(path, encoding):
            if "\x00" in text:
                raise Unreadable("mismatch")
    except UnicodeDecodeError as error:
        raise Unreadable("unreadable", reason=encoding) from error
    return encoding
