"""What a page shows of a file that nobody vouches for.

Nothing is passed on as markup: a table becomes cells, a notebook becomes texts, tables and images, and an image a data
URI for an `img` element, in which no script runs.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..disclosure.model import Place
from ..disclosure.previewing import Preview as Made
from .images import image
from .notebooks import notebook
from .parts import parts
from .tables import table
from .view import Image, Limits, Notebook, Parts, Table, Unavailable

KINDS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".svg": "svg",
    ".ipynb": "notebook",
}
"""Kinds by the end of a name, until a check has said what the file is."""

Preview = Table | Image | Notebook | Parts | Unavailable


def preview(
    kind: str,
    path: Path,
    *,
    sanitised: bool,
    places: Collection[Place],
    limits: Limits,
    page: int = 1,
    made: Made | None = None,
) -> Preview:
    """Return what to show of the file at `path`.

    Parameters
    ----------
    kind
        As the check says it: `csv`, `notebook`, ..., or `unknown`.
    sanitised
        Whether these are the bytes that would be released; an SVG is shown in no other form.
    places
        Where findings are, to be marked.
    page
        Of a table, from 1.
    made
        What the check made to be shown of a file of a kind that cannot be looked at here.
    """
    if kind in ("csv", "tsv"):
        return table(path, kind, places, limits, page)
    if kind == "notebook":
        return notebook(_start(path, limits.notebook), places, limits)
    if kind == "svg" and not sanitised:
        return Unavailable("svg_original")
    if kind in ("png", "jpeg", "svg"):
        return image(kind, _start(path, limits.image), limits.image)
    if made is None:
        return Unavailable("unknown")
    return parts(made, places, limits)


def kind_of(name: str) -> str:
    """Return what a file seems to be by its name."""
    return KINDS.get(Path(name).suffix.lower(), "unknown")


def _start(path: Path, most: int) -> bytes:
    """Return the file, or one byte more than `most` of it."""
    with path.open("rb") as file:
        return file.read(most + 1)
