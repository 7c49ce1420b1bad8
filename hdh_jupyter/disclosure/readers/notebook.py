"""Jupyter notebooks: sources, every representation of every output, attachments, widget state, metadata."""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbformat.validator import normalize

from ..documents import Document, Hidden, Table, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import delimited, grid, html_tables, png, svg, text_tables
from .encoding import encoding_of, lines_of

FORMAT: Any = nbformat
"""The library, which is not typed."""
LONG = 1000
"""Characters of metadata or widget state above which it can hold data that nobody sees."""
MANY = 30
"""Values in one list of a widget's state above which it can hold the data behind a figure."""
IMAGES = ("image/png", "image/svg+xml")
TABULAR_TEXT = ("text/plain", "text/markdown", "text/latex")
DERIVED = ("application/javascript", "application/vnd.jupyter.widget-view+json")
"""Representations that show nothing by themselves."""


def load(path: Path) -> Any:
    """Read a notebook of any version as one of version 4.

    Raises
    ------
    Unreadable
        It is no valid notebook.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            notebook = FORMAT.from_dict(json.load(stream))
        if int(notebook["nbformat"]) != 4:
            notebook = FORMAT.convert(notebook, 4)
        _, notebook = normalize(notebook)
        FORMAT.validate(notebook)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, nbformat.ValidationError) as error:
        raise Unreadable("unreadable", reason="notebook") from error
    return notebook


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a notebook."""
    notebook = load(path)
    content = _Content(policy)
    content.metadata(notebook.metadata, Place(part="metadata"))
    for number, cell in enumerate(notebook.cells, start=1):
        content.cell(cell, number)
    return Document(kind, tuple(content.texts), tuple(content.tables), tuple(content.hidden))


def joined(value: Any) -> str:
    """Return a multi-line value of the format, which may be a list of lines."""
    return "".join(str(line) for line in value) if isinstance(value, list) else str(value)


class _Content:
    """Collects what a notebook holds, with the place of each part."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.texts: list[Text] = []
        self.tables: list[Table] = []
        self.hidden: list[Hidden] = []

    def cell(self, cell: Any, number: int) -> None:
        place = Place(part="source", cell=number)
        source = joined(cell.source)
        self._text(source, place, code=cell.cell_type == "code")
        if cell.cell_type != "code":
            self._read_tables(source, place)
        self.metadata(cell.metadata, Place(part="metadata", cell=number))
        for name, bundle in cell.get("attachments", {}).items():
            self._text(str(name), Place(part="attachment", cell=number))
            for mime, data in bundle.items():
                self._attachment(mime, data, Place(part="attachment", cell=number))
        for index, output in enumerate(cell.get("outputs", []), start=1):
            self._output(output, Place(cell=number, output=index))

    def metadata(self, metadata: Mapping[str, Any], place: Place) -> None:
        """Look at metadata; what is released keeps the kernel's name and the language alone."""
        rest = {k: v for k, v in metadata.items() if k not in ("kernelspec", "language_info", "widgets")}
        self._text("\n".join(_strings(metadata)), place)
        size = len(json.dumps(rest))
        if size > LONG:
            self.hidden.append(Hidden(place, "metadata", size, suspicious=True))
        state = metadata.get("widgets")
        if isinstance(state, Mapping) and state:
            self._data(state, Place(part="widgets"))
            suspicious = any(len(text) > LONG for text in _strings(state)) or any(len(v) > MANY for v in _lists(state))
            self.hidden.append(Hidden(Place(part="widgets"), "widgets", len(json.dumps(state)), suspicious))

    def _output(self, output: Any, place: Place) -> None:
        if output.output_type == "stream":
            self._text(joined(output.text), place)
            self._read_tables(joined(output.text), place)
            return
        if output.output_type == "error":
            trace = "\n".join(
                [str(output.get("ename", "")), str(output.get("evalue", "")), *output.get("traceback", [])]
            )
            self._text(text_tables.COLOURS.sub("", trace), place)
            self._read_tables(trace, place)
            return
        self.metadata(output.get("metadata", {}), place)
        for mime, data in output.data.items():
            self._representation(mime, data, place)

    def _representation(self, mime: str, data: Any, place: Place) -> None:
        if mime == "text/html":
            html = joined(data)
            self._text(html, place)
            self._text(html_tables.plain_text(html), place)
            self.tables.extend(html_tables.tables(html, place))
            if "<script" in html.lower() and len(html) > LONG:
                self.hidden.append(Hidden(place, "script", len(html), suspicious=_holds_many_numbers(html)))
        elif mime in TABULAR_TEXT:
            self._text(joined(data), place)
            self._read_tables(joined(data), place)
        elif mime in IMAGES:
            self._image(mime, data, place)
        elif mime in DERIVED:
            text = joined(data) if mime.startswith("text") or isinstance(data, (str, list)) else json.dumps(data)
            self._text(text, place)
            if _holds_many_numbers(text):
                self.hidden.append(Hidden(place, "script", len(text), suspicious=True))
        else:
            self._text("\n".join(_strings(data)) if not isinstance(data, str) else data, place)
            self._data(data, place)
            size = len(json.dumps(data))
            self.hidden.append(Hidden(place, "representation", size, suspicious=size > LONG))

    def _attachment(self, mime: str, data: Any, place: Place) -> None:
        raw = _bytes(data)
        if mime == "image/png":
            self._image(mime, data, place)
        elif raw is not None and (mime.startswith("text/") or mime == "application/json"):
            self._delimited(raw, place)
        size = len(raw) if raw is not None else len(str(data))
        self.hidden.append(Hidden(place, "attachment", size, suspicious=mime != "image/png"))

    def _image(self, mime: str, data: Any, place: Place) -> None:
        raw = _bytes(data) if mime == "image/png" else joined(data).encode()
        if raw is None:
            raise Unreadable("unreadable", reason=mime)
        reader = png if mime == "image/png" else svg
        document = reader.read_bytes(raw, place, self.policy)
        self.texts.extend(document.texts)
        self.hidden.extend(document.hidden)

    def _delimited(self, raw: bytes, place: Place) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "attachment"
            path.write_bytes(raw)
            encoding = encoding_of(path)
            text = "".join(lines_of(path, encoding))
            self._text(text, place)
            for table in delimited.read(path, "csv", self.policy).tables:
                batches = list(table.batches())
                self.tables.append(Table(place, table.titles, partial(iter, batches), table.first_row, table.titled))

    def _data(self, data: Any, place: Place) -> None:
        """Find tables in JSON: lists of records, at any depth, in strings of JSON too."""
        for records in _record_lists(data):
            titles = list(dict.fromkeys(str(k) for record in records for k in record))
            rows = [[_cell(record.get(title)) for title in titles] for record in records]
            made = grid.table(place, rows, titles=titles)
            if made is not None:
                self.tables.append(made)

    def _text(self, text: str, place: Place, *, code: bool = False) -> None:
        self.texts.append(Text(place, whole(normalised(text)), code=code))

    def _read_tables(self, text: str, place: Place) -> None:
        self.tables.extend(text_tables.tables(text, place))
        if "<table" in text.lower():
            self.tables.extend(html_tables.tables(text, place))


def _bytes(data: Any) -> bytes | None:
    try:
        return base64.b64decode(joined(data))
    except (binascii.Error, ValueError):
        return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield str(name)
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for child in children:
        yield from _lists(child)


def _record_lists(value: Any) -> Iterator[list[Mapping[str, Any]]]:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return
    if isinstance(value, list) and value and all(isinstance(child, Mapping) for child in value):
        yield value
        return
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for child in children:
        yield from _record_lists(child)


def _cell(value: Any) -> str:
    return "" if value is None else str(value) if not isinstance(value, (Mapping, list)) else json.dumps(value)


def _holds_many_numbers(text: str) -> bool:
    return sum(text.count(mark) for mark in ('":[', '": [', "base64,", "bdata")) > 0 and len(text) > LONG
