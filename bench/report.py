"""How figures are printed."""

from __future__ import annotations

from collections.abc import Sequence


def title(text: str) -> None:
    """Print the heading of a part."""
    print(f"\n{text}\n", flush=True)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of cells below their headings, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for first, *others in (headings, *rows):
        line = first.ljust(widths[0]) + "".join(
            "  " + cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)
        )
        print("  " + line.rstrip(), flush=True)
