"""What a person is shown of a file that no browser shows as it is: its tables, texts and pages, cut to a bounded size.

Made by the process that may parse files nobody trusts, from the bytes that would leave; whoever renders it gets plain
rows, texts and pictures, and believes none of it.
"""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from .documents import Document, Figure, FittedModel, Table, Text
from .model import Place

SHOWN_ITSELF = frozenset({"csv", "tsv", "png", "jpeg", "svg", "notebook"})
"""Kinds that a page shows from the file."""

ROWS, COLUMNS, CELL = 1_000, 200, 500
"""Of one table; the last in characters."""
ALL_CELLS = 500_000
TEXT = 20_000
"""Characters of one text."""
ALL_TEXT = 400_000
PARTS = 200
PAGES = 30
PIXELS_WIDE = 1_000
PICTURES = 12 << 20
"""Bytes of all pages, as PNG."""


@dataclass(frozen=True)
class Part:
    """One thing that is shown.

    Attributes
    ----------
    form
        `table` (`titles`, `rows`), `text`, `page` (a `picture`: PNG in base64), `figure` (rows of a series' name, its
        mark and how many marks it has) or `model` (rows of a name and a fact).
    first_row
        Number of the first row, as findings count rows.
    clipped
        Whether more of it is in the file than here.
    """

    form: Literal["table", "text", "page", "figure", "model"]
    place: Place
    titles: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    first_row: int = 1
    text: str | None = None
    picture: str | None = None
    clipped: bool = False


@dataclass(frozen=True)
class Preview:
    """What is shown of a file; `clipped` when whole parts of it are not."""

    parts: tuple[Part, ...] = ()
    clipped: bool = False

    def to_stored(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)

    @classmethod
    def from_stored(cls, stored: object) -> Preview:
        """Read the JSON form, which an untrusted process may have written.

        Raises
        ------
        ValueError
            It is not one.
        """
        # Whoever only checks files has no use for it.
        import cattrs

        if not isinstance(stored, dict):
            raise ValueError("not a preview of this version")
        try:
            return cattrs.Converter(forbid_extra_keys=True).structure(stored, cls)
        except cattrs.BaseValidationError as error:
            raise ValueError("not a preview of this version") from error


def preview_of(document: Document, path: Path) -> Preview:
    """Return what is shown of a file that was read as `document`."""
    room = _Room()
    parts: Iterator[Part] = itertools.chain(
        _pages(path, room) if document.kind == "pdf" else (),
        (_table(table, room) for table in document.tables),
        (_figure(figure) for figure in document.figures if not figure.raster),
        (_model(model) for model in document.models),
        _texts(document, room),
    )
    shown = tuple(itertools.islice(parts, PARTS))
    return Preview(shown, room.short or next(parts, None) is not None)


@dataclass
class _Room:
    """How much may still be shown of one file."""

    cells: int = ALL_CELLS
    text: int = ALL_TEXT
    pictures: int = PICTURES
    short: bool = field(default=False)


def _table(table: Table, room: _Room) -> Part:
    titles = table.titles[:COLUMNS]
    most = min(ROWS, room.cells // max(1, len(titles)))
    rows: list[tuple[str, ...]] = []
    clipped = len(table.titles) > COLUMNS
    for batch in table.batches():
        taken = batch.slice(0, most - len(rows))
        columns = [taken.column(index).to_pylist() for index in range(len(titles))]
        rows += [tuple(_clipped(cell or "", CELL) for cell in row) for row in zip(*columns, strict=True)]
        if taken.num_rows < batch.num_rows:
            clipped = True
            break
    room.cells -= len(rows) * len(titles)
    shown = tuple(_clipped(title, CELL) for title in titles)
    return Part("table", table.place, titles=shown, rows=tuple(rows), first_row=table.first_row, clipped=clipped)


def _texts(document: Document, room: _Room) -> Iterator[Part]:
    """Yield texts that are no table's: those of a file that has tables in the same place are its cells again."""
    tables = {table.place for table in document.tables}
    for text in document.texts:
        if text.place in tables or room.text <= 0:
            room.short = room.short or room.text <= 0
            continue
        yield _text(text, room)


def _text(text: Text, room: _Room) -> Part:
    most = min(TEXT, room.text)
    found = ""
    for chunk in text.chunks():
        found += chunk
        if len(found) > most:
            break
    room.text -= min(len(found), most)
    return Part("text", text.place, text=found[:most], clipped=len(found) > most)


def _figure(figure: Figure) -> Part:
    rows = tuple((series.name, series.mark, str(series.marks)) for series in figure.series[:ROWS])
    return Part("figure", figure.place, rows=rows, clipped=len(figure.series) > ROWS)


def _model(model: FittedModel) -> Part:
    facts = [("", name) for name in model.families]
    facts += [(name, str(count)) for name, count in model.numbers.items()]
    return Part("model", model.place, rows=tuple(facts[:ROWS]), clipped=len(facts) > ROWS)


def _pages(path: Path, room: _Room) -> Iterator[Part]:
    """Yield the pages of a PDF as pictures."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        for number, page in enumerate(document, start=1):
            if number > PAGES or room.pictures <= 0:
                room.short = True
                return
            scale = min(3.0, PIXELS_WIDE / max(1.0, page.get_width(), page.get_height() / 1.5))
            stream = io.BytesIO()
            page.render(scale=scale).to_pil().save(stream, "PNG")
            room.pictures -= stream.tell()
            yield Part("page", Place(page=number), picture=base64.b64encode(stream.getvalue()).decode())
    finally:
        document.close()


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"
