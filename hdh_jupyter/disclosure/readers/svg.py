"""SVG drawings: well-formed, without entities; every text in them, shown or not, and what they draw."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, TreeBuilder

import re2
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ..documents import Document, Figure, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import data_addresses, jpeg, merged, plotted, png, svg_drawn

NAMESPACE = "{http://www.w3.org/2000/svg}"
ACTIVE = frozenset({"script", "foreignObject", "iframe", "object", "embed", "handler", "audio", "video"})
LONG = 1000
UNSEEN = 40
"""Letters of texts that nobody sees from which they can hold data."""
LONG_NAME = 80
"""Letters of a name (`id`, `class`) that no plotting library gives."""
DEPTH = 500
EMBEDDED = re2.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*")
PICTURES = {"data:image/png;base64": png.read_bytes, "data:image/jpeg;base64": jpeg.read_bytes}


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a drawing."""
    return read_bytes(path.read_bytes(), Place(), policy, kind)


def read_bytes(data: bytes, place: Place, policy: Policy, kind: str = "svg") -> Document:
    """Read a drawing.

    The texts are the file's own, comments and metadata included, and again those of each element put together, so that
    an identifier cut by tags is seen whole.
    """
    root = parse(data)
    part = replace(place, part="text")
    texts = [Text(part, whole(normalised("".join(element.itertext())))) for element in _texts(root)]
    # Embedded pictures are read as pictures.
    words = EMBEDDED.sub("", data.decode("utf-8", "replace"))
    texts.append(Text(place, whole(normalised(words))))
    labels = svg_drawn.labels(root)
    texts.append(Text(part, whole(normalised("\n".join(label.text for label in labels)))))
    # What shows when the mouse rests on a mark, one after the other: a list of persons, as a rule.
    tips = [" ".join("".join(e.itertext()).split()) for e in root.iter() if local_name(e) in ("title", "desc")]
    texts.append(Text(part, whole(normalised("\n".join(tips)))))
    hidden = _hidden(root, place)
    tables = [table for table in (plotted.written_values(labels, part),) if table is not None]
    figures = [Figure(place, tuple(svg_drawn.series(root)), titles=tuple(_titles(labels)))]
    carried = []
    for address in _addresses(root):
        embedded = picture(address)
        if embedded is None:
            hidden.append(Hidden(place, "embedded", len(address), suspicious=False))
            carried.append(data_addresses.carried(address, place, policy))
            continue
        start, raw = embedded
        inner = PICTURES[start](raw, place, policy)
        texts.extend(inner.texts)
        hidden.extend(inner.hidden)
        figures.extend(inner.figures)
    own = Document(kind, tuple(texts), tuple(tables), tuple(hidden), tuple(figures))
    return merged(kind, [own, *carried])


def picture(address: str) -> tuple[str, bytes] | None:
    """Return the kind and bytes of a picture that an address holds, None when it holds none that is read."""
    start, _, encoded = address.strip().partition(",")
    try:
        return (start, base64.b64decode(encoded)) if start in PICTURES and encoded else None
    except (binascii.Error, ValueError):
        return None


def parse(data: bytes) -> Any:
    """Return the root element, comments kept.

    Raises
    ------
    Unreadable
        It is not well-formed XML, declares entities, is nested without end, or is no SVG.
    """
    try:
        parser = ElementTree.DefusedXMLParser(target=TreeBuilder(insert_comments=True))
        parser.feed(data)
        root = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("unreadable", reason="svg") from error
    if root.tag not in (f"{NAMESPACE}svg", "svg"):
        raise Unreadable("mismatch")
    if _is_deeper(root, DEPTH):
        raise Unreadable("unreadable", reason="svg")
    return root


def local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    return svg_drawn.name_of(element)


def _hidden(root: Any, place: Place) -> list[Hidden]:
    hidden = []
    notes = names = attributes = 0
    for element in root.iter():
        name = local_name(element)
        if not name:
            notes += len(element.text or "")
            continue
        if name in ACTIVE:
            hidden.append(Hidden(place, "script", len(ElementTree.tostring(element)), suspicious=True))
        if name == "metadata" and (size := len("".join(element.itertext()).strip())) > LONG:
            hidden.append(Hidden(place, "metadata", size, suspicious=True))
        names += sum(len(n) for a in ("id", "class") for n in element.get(a, "").split() if len(n) > LONG_NAME)
        attributes += sum(len(v) for k, v in element.attrib.items() if k.startswith("data-"))
    # matplotlib notes each text that it draws as outlines.
    known = sum(len(label.text) + 2 for label in svg_drawn.labels(root))
    if notes - known > LONG:
        hidden.append(Hidden(place, "svg.notes", notes, suspicious=True))
    if names:
        hidden.append(Hidden(place, "svg.names", names, suspicious=True))
    if attributes:
        hidden.append(Hidden(place, "metadata", attributes, suspicious=attributes > LONG))
    if unseen := sum(len("".join(element.itertext()).strip()) for element in svg_drawn.unseen(root)):
        hidden.append(Hidden(replace(place, part="text"), "svg.unseen", unseen, suspicious=unseen >= UNSEEN))
    return hidden


def _titles(labels: list[plotted.Label]) -> list[str]:
    """Return the texts of a drawing that are no numbers: titles, names of axes, legends."""
    return [label.text for label in labels if any(c.isalpha() for c in label.text)][:50]


def _addresses(root: Any) -> list[str]:
    return [
        value
        for element in root.iter()
        if isinstance(element.tag, str)
        for value in element.attrib.values()
        if value.strip().lower().startswith("data:")
    ]


def _texts(root: Any) -> list[Any]:
    return [e for e in root.iter() if local_name(e) in ("text", "metadata", "style", "script")]


def _is_deeper(root: Any, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True
