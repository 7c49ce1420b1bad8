"""What commands print: aligned tables for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..i18n import translate
from .base import terminal_language


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their headings, each column as wide as its widest value.

    Parameters
    ----------
    headings
        Keys below `admin.heading`.
    """
    titles = [translate(f"admin.heading.{name}", terminal_language()).upper() for name in headings]
    cells = [titles, *([_shown(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        print("  ".join(map(str.ljust, row, widths)).rstrip())


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print one line for each heading and its value."""
    named = [(translate(f"admin.heading.{name}", terminal_language()), _shown(value)) for name, value in fields]
    width = max(len(name) for name, _ in named)
    for name, value in named:
        print(f"{name:<{width}}  {value}")


def print_json(document: Any) -> None:
    """Print a document whose dates and roles have become texts already."""
    print(json.dumps(document, ensure_ascii=False, indent=2))


def printable(text: str) -> str:
    """Return a text on one line, without what a terminal would take for a command."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _shown(value: object) -> str:
    # Older entries of the register were not checked: line breaks and terminal escapes would forge lines on a screen.
    return "-" if value is None or value == "" else printable(str(value))
