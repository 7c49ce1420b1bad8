"""HTML pages: tables and words that show; scripts, comments, data in attributes, hidden elements, embedded documents.

A page is read alone, without what it links to. JSON in its scripts is parsed as JSON where a script holds an object or
array literal that is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import re2

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import charts, data_addresses, html_tables, merged, structured
from .encoding import encoding_of, lines_of

LONG = 1000
TRACE = frozenset({"type", "x", "y", "z", "values", "lat", "r", "mode"})
"""Names of which a series of Plotly has one."""
MANY = 20
"""Rows from which a list in a program can be data."""
MAX_LITERALS = 2000
MAX_NESTING = 1000
HIDING = re2.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$)|font-size\s*:\s*0"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}"
)
EMPTY = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
"""Elements without an end."""
TELLING = frozenset({"value", "srcdoc", "content", "alt", "title"})
"""Attributes that can hold a text, beside `data-*`."""
EXTERNAL = re2.compile(r"(?i)^\s*(?:https?:|//|ftp:|wss?:)")
FETCHES = re2.compile(r"\bfetch\s*\(|\b(?:XMLHttpRequest|sendBeacon|WebSocket|EventSource|importScripts)\b")
LIBRARY = 200_000
"""Characters from which a script is a library written into the page."""


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a page.

    Raises
    ------
    Unreadable
        It is no text, or what it embeds cannot be read.
    """
    html = "".join(lines_of(path, encoding_of(path)))
    shown = html_tables.plain_text(html)
    own = Document(
        kind,
        (Text(Place(), whole(html), code=True), Text(Place(), whole(normalised(shown)))),
        tuple(html_tables.tables(html, Place())),
    )
    return merged(kind, [own, embedded(html, Place(), policy)])


def embedded(html: str, place: Place, policy: Policy) -> Document:
    """Return what the markup of a text holds beside what shows: scripts, comments, hidden parts, embedded files."""
    found = _parsed(html)
    documents: list[Document] = []
    texts = [Text(place, whole(normalised(text))) for text in (*found.hidden, *found.comments) if text.strip()]
    hidden = []
    if (size := sum(map(len, found.comments))) > LONG:
        hidden.append(Hidden(place, "remark", size, suspicious=True))
    if (size := sum(map(len, found.attributes))) > LONG:
        hidden.append(Hidden(place, "attribute", size, suspicious=True))
    texts += [Text(place, whole(normalised(text))) for text in found.attributes]
    for text in found.hidden:
        if text.strip():
            documents.append(Document("html", tables=tuple(html_tables.tables(text, place))))
            hidden.append(Hidden(place, "element", len(text), suspicious=any(c.isdigit() for c in text)))
    for script in found.scripts:
        documents.extend(_script(script, place))
    size = sum(map(len, found.scripts))
    if size or found.handlers:
        documents.append(Document("html", hidden=(Hidden(place, "script", size + found.handlers, suspicious=False),)))
    for address in found.libraries:
        hidden.append(Hidden(place, "external", len(address), suspicious=False))
    if found.fetched:
        hidden.append(Hidden(place, "external", sum(map(len, found.fetched)), suspicious=True))
    documents.append(data_addresses.carried(html, place, policy))
    own = Document("html", tuple(texts), hidden=tuple(hidden))
    return merged("html", [own, *documents])


def literals(script: str) -> Iterator[Any]:
    """Return the JSON values that a script holds: its objects and arrays, outermost ones, that parse as JSON."""
    decoder = json.JSONDecoder()
    position, tried = 0, 0
    while tried < MAX_LITERALS:
        start = min((at for at in (script.find("{", position), script.find("[", position)) if at >= 0), default=-1)
        if start < 0:
            return
        tried += 1
        try:
            value, position = decoder.raw_decode(script, start)
            yield value
        except (ValueError, RecursionError):
            position = start + 1


def hides(tag: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether an element says of itself that it does not show."""
    return (
        "hidden" in attributes
        or HIDING.search(attributes.get("style", "")) is not None
        or tag in ("template", "noscript")
        or (tag == "input" and attributes.get("type", "").lower() == "hidden")
    )


@dataclass
class _Found:
    scripts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)
    handlers: int = 0


class _Parser(HTMLParser):
    """Collects what does not show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = _Found()
        self._script: list[str] | None = None
        self._hidden: list[str] = []
        self._depth: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "script":
            self._script = []
            if EXTERNAL.match(values.get("src", "")):
                self.found.libraries.append(values["src"])
        for name, value in values.items():
            if name.startswith("on"):
                self.found.handlers += len(value)
            elif (name.startswith("data-") or name in TELLING) and len(value) > 20:
                self.found.attributes.append(value)
            elif (
                name in ("src", "srcset", "action", "formaction", "poster", "background", "data", "ping")
                and tag != "script"
                and EXTERNAL.match(value)
            ):
                self.found.fetched.append(value)
        hidden = hides(tag, values)
        if tag in EMPTY:
            if hidden and values.get("value"):
                self.found.hidden.append(values["value"])
        elif (self._depth or hidden) and tag not in ("script", "style"):
            self._depth.append(tag)
            if len(self._depth) > MAX_NESTING:
                raise Unreadable("nested_deep", limit=MAX_NESTING)
        if self._depth and tag in ("table", "tr", "td", "th"):
            self._hidden.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.found.scripts.append("".join(self._script))
            self._script = None
        elif tag in self._depth:
            if tag in ("table", "tr", "td", "th"):
                self._hidden.append(f"</{tag}>")
            while self._depth and self._depth.pop() != tag:
                pass
            if not self._depth:
                self._finish()

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif self._depth:
            self._hidden.append(data)

    def handle_comment(self, data: str) -> None:
        self.found.comments.append(data)

    def close(self) -> None:
        super().close()
        if self._script is not None:
            self.found.scripts.append("".join(self._script))
        self._finish()

    def _finish(self) -> None:
        text = "".join(self._hidden)
        if text.strip():
            self.found.hidden.append(text)
        self._hidden = []


def _parsed(html: str) -> _Found:
    parser = _Parser()
    try:
        parser.feed(html)
        parser.close()
    except AssertionError as error:
        # The library's own word for markup that it does not understand.
        raise Unreadable("unreadable", reason="html") from error
    return parser.found


def _script(script: str, place: Place) -> Iterator[Document]:
    """Read what a script embeds; a program without data is mentioned, one that fetches as well."""
    yield Document("html", texts=(Text(place, whole(normalised(script)), code=True),))
    if FETCHES.search(script) is not None and len(script) < LIBRARY:
        yield Document("html", hidden=(Hidden(place, "external", len(script), suspicious=True),))
    values = list(literals(script))
    for number, value in enumerate(values):
        following = values[number + 1] if number + 1 < len(values) else None
        chart = charts.read_json(value, place)
        if chart is None and isinstance(following, dict) and _are_traces(value):
            # Plotly is called with the data, then the layout.
            chart = charts.read_json({"data": value, "layout": following}, place)
            if chart is not None:
                values[number + 1] = None
        if chart is None and isinstance(value, dict) and len(value) == 1:
            chart = charts.read_json(next(iter(value.values())), place)
        if chart is not None:
            yield chart
        elif _is_data(value):
            yield Document("html", tables=tuple(structured.tables(value, place)))


def _are_traces(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) and TRACE & one.keys() for one in value)


def _is_data(value: Any) -> bool:
    """Tell whether a value of a program can be data: objects, or many rows; libraries are full of short lists."""
    return isinstance(value, dict) or (
        isinstance(value, list) and len(value) > 1 and (isinstance(value[0], dict) or len(value) >= MANY)
    )
