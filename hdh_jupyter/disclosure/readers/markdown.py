"""Markdown: the text and its tables, HTML within it, and pictures written into it."""

from __future__ import annotations

from pathlib import Path

from ..documents import Document, Text, whole
from ..model import Place
from ..policy import Policy
from . import merged, page, text_tables
from .encoding import encoding_of, lines_of


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a Markdown text.

    Raises
    ------
    Unreadable
        It is no text, or what it embeds cannot be read.
    """
    text = "".join(lines_of(path, encoding_of(path)))
    own = Document(kind, (Text(Place(), whole(text)),), tuple(text_tables.tables(text, Place())))
    return merged(kind, [own, page.embedded(text, Place(), policy)])
