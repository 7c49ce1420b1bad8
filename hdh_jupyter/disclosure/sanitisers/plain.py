"""Texts re-written as plain UTF-8 with line feeds, without characters that show nothing."""

from __future__ import annotations

from pathlib import Path

from ..policy import Policy
from ..readers.encoding import decoded, encoding_of
from .delimited import INVISIBLE


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean text."""
    with out.open("w", encoding="utf-8", newline="") as stream:
        held = ""
        for text in decoded(path, encoding_of(path)):
            piece = held + text
            # A carriage return at the end may be the first half of a line's end.
            held = "\r" if piece.endswith("\r") else ""
            stream.write(clean(piece.removesuffix("\r") if held else piece))
        stream.write("\n" if held else "")
    return 0


def clean(text: str) -> str:
    """Return a text without invisible characters, its lines ended by line feeds."""
    return str(INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
