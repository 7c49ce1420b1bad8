"""Jupyter notebooks: sources, every representation of every output, attachments, widget state, metadata."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbformat.validator import normalize

from ..documents import Document, Hidden, Table, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import (
    charts,
    code,
    data_addresses,
    html_tables,
    jpeg,
    latex_tables,
    located,
    member_name,
    merged,
    nested,
    page,
    png,
    structured,
    svg,
    text_tables,
)

FORMAT: Any = nbformat
"""The library, which is not typed."""
LONG = 1000
"""Characters of metadata or widget state above which it can hold data that nobody sees."""
MANY = 30
"""Values in one list of a widget's state above which it can hold the data behind a figure."""
LITERALS = 80
"""Characters of a source from which it can hold a table."""
IMAGES = {"image/png": png.read_bytes, "image/jpeg": jpeg.read_bytes, "image/svg+xml": svg.read_bytes}
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
    return merged(kind, content.documents)


def joined(value: Any) -> str:
    """Return a multi-line value of the format, which may be a list of lines."""
    return "".join(str(line) for line in value) if isinstance(value, list) else str(value)


class _Content:
    """Collects what a notebook holds, with the place of each part."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.documents: list[Document] = []

    def cell(self, cell: Any, number: int) -> None:
        place = Place(part="source", cell=number)
        source = joined(cell.source)
        if cell.cell_type == "code":
            self._text(source, place, code=True)
            self._literals(source, place)
        else:
            self._text(source, place)
            self._read_tables(source, place)
            self._markup(source, place)
        self.metadata(cell.metadata, Place(part="metadata", cell=number))
        for name, bundle in cell.get("attachments", {}).items():
            for mime, data in bundle.items():
                self._attachment(str(name), mime, data, Place(part="attachment", cell=number))
        for index, output in enumerate(cell.get("outputs", []), start=1):
            self._output(output, Place(cell=number, output=index))

    def metadata(self, metadata: Mapping[str, Any], place: Place) -> None:
        """Look at metadata; what is released keeps the kernel's name and the language alone."""
        rest = {k: v for k, v in metadata.items() if k not in ("kernelspec", "language_info", "widgets")}
        self._text("\n".join(_strings(metadata)), place)
        self._add(tables=structured.tables(rest, place))
        if (size := len(json.dumps(rest))) > LONG:
            self._hide(place, "metadata", size, suspicious=True)
        state = metadata.get("widgets")
        if isinstance(state, Mapping) and state:
            self._widgets(state, Place(part="widgets"))

    def _widgets(self, state: Mapping[str, Any], place: Place) -> None:
        self._add(tables=structured.tables(state, place))
        for text in _strings(state):
            if text.lstrip()[:1] in ("{", "["):
                self._json(text, place)
        for raw in _buffers(state):
            self._text(raw.decode("utf-8", "replace"), place)
        suspicious = any(len(text) > LONG for text in _strings(state)) or any(len(v) > MANY for v in _lists(state))
        self._hide(place, "widgets", len(json.dumps(state)), suspicious=suspicious)

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
            self._add(tables=html_tables.tables(html, place))
            self._markup(html, place)
        elif mime in TABULAR_TEXT:
            self._text(joined(data), place)
            self._read_tables(joined(data), place)
        elif mime in IMAGES:
            self.documents.append(IMAGES[mime](image(mime, data), place, self.policy))
        elif mime in DERIVED:
            text = joined(data) if isinstance(data, (str, list)) else json.dumps(data)
            self._text(text, place)
            if mime == "application/javascript":
                self._markup(f"<script>{text}</script>", place)
        elif mime.endswith("json") and not isinstance(data, str):
            self._text("\n".join(charts.strings(data)), place)
            self._value(data, place)
            self._hide(place, "representation", len(json.dumps(data)), suspicious=False)
        else:
            self._file(f"output{data_addresses.EXTENSIONS.get(mime, '')}", mime, data, place)

    def _attachment(self, name: str, mime: str, data: Any, place: Place) -> None:
        self._text(name, place)
        if mime in IMAGES:
            raw = image(mime, data)
            self.documents.append(IMAGES[mime](raw, place, self.policy))
            self._hide(place, "attachment", len(raw), suspicious=False)
        else:
            self._file(
                name if "." in name else f"attachment{data_addresses.EXTENSIONS.get(mime, '')}", mime, data, place
            )
            self._hide(place, "attachment", len(str(data)), suspicious=True)

    def _file(self, name: str, mime: str, data: Any, place: Place) -> None:
        """Read a file that is written into the notebook, where there is a reader of its kind."""
        raw = joined(data).encode() if mime.startswith("text/") and not _is_base64(data) else _bytes(data)
        if raw is None:
            raw = (joined(data) if isinstance(data, (str, list)) else json.dumps(data)).encode()
        self._text(raw.decode("utf-8", "replace"), place)
        for known in dict.fromkeys((name, f"file{data_addresses.EXTENSIONS.get(mime, '')}")):
            try:
                inner = nested(raw, known, self.policy, Place(member=member_name(name)))
            except Unreadable:
                continue
            self.documents.append(located(inner, place))
            break
        else:
            self._hide(place, "representation", len(raw), suspicious=len(raw) > LONG)

    def _markup(self, html: str, place: Place) -> None:
        """Look at what HTML holds beside what shows: scripts with their data, hidden parts, embedded pictures."""
        if "<" not in html and "data:" not in html:
            return
        try:
            inner = page.embedded(html, place, self.policy)
        except Unreadable:
            self._hide(place, "representation", len(html), suspicious=True)
            return
        self.documents.append(inner)

    def _literals(self, source: str, place: Place) -> None:
        """Find the tables that a program is written with."""
        if len(source) < LITERALS:
            return
        with TemporaryDirectory() as folder:
            path = Path(folder) / "source.py"
            path.write_text(source, "utf-8", errors="replace")
            inner = code.read(path, "code", self.policy)
        self._add(tables=list(located(inner, place).tables))

    def _json(self, text: str, place: Place) -> None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return
        self._value(value, place)

    def _value(self, value: Any, place: Place) -> None:
        """Find the figure, or else the tables, that a JSON value holds."""
        chart = charts.read_json(value, place)
        self.documents.append(chart or Document("json", tables=tuple(structured.tables(value, place))))

    def _text(self, text: str, place: Place, *, code: bool = False) -> None:
        self.documents.append(Document("text", (Text(place, whole(normalised(text)), code=code),)))

    def _hide(self, place: Place, what: str, size: int, *, suspicious: bool) -> None:
        self.documents.append(Document("text", hidden=(Hidden(place, what, size, suspicious),)))

    def _add(self, tables: list[Table]) -> None:
        self.documents.append(Document("text", tables=tuple(tables)))

    def _read_tables(self, text: str, place: Place) -> None:
        latex = latex_tables.tables(text, place) if "\\begin" in text else []
        self._add(latex + text_tables.tables(latex_tables.without_tables(text) if latex else text, place))
        if "<table" in text.lower():
            self._add(html_tables.tables(text, place))


def image(mime: str, data: Any) -> bytes:
    """Return the bytes of an image of a notebook.

    Raises
    ------
    Unreadable
        It is not encoded as one.
    """
    raw = joined(data).encode() if mime == "image/svg+xml" and not _is_base64(data) else _bytes(data)
    if raw is None:
        raise Unreadable("unreadable", reason=mime)
    return raw


def _bytes(data: Any) -> bytes | None:
    try:
        return base64.b64decode(joined(data)) if isinstance(data, (str, list)) else None
    except (binascii.Error, ValueError):
        return None


def _is_base64(data: Any) -> bool:
    """Tell whether a text is nothing but base64, as attachments are written whatever their type."""
    try:
        text = "".join(joined(data).split())
        return len(text) > 8 and bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


def _buffers(state: Any) -> Iterator[bytes]:
    """Return the binary parts of a widget's state."""
    if isinstance(state, Mapping):
        data = state.get("data")
        if state.get("encoding") == "base64" and isinstance(data, str) and (raw := _bytes(data)) is not None:
            yield raw
    for child in state.values() if isinstance(state, Mapping) else state if isinstance(state, list) else ():
        yield from _buffers(child)


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
