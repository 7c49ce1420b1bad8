"""SVG drawings: well-formed, without entities; every text in them, shown or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy

NAMESPACE = "{http://www.w3.org/2000/svg}"
ACTIVE = frozenset({"script", "foreignObject", "iframe", "object", "embed", "handler", "audio", "video"})
EMBEDDED_LIMIT = 1000


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a drawing."""
    return read_bytes(path.read_bytes(), Place(), policy, kind)


def read_bytes(data: bytes, place: Place, policy: Policy, kind: str = "svg") -> Document:
    """Read a drawing.

    The texts are the file's own, comments and metadata included, and again those of each element put together, so that
    an identifier cut by tags is seen whole.
    """
    root = parse(data)
    part = Place(part="text", cell=place.cell, output=place.output)
    texts = [Text(part, whole(normalised("".join(element.itertext())))) for element in _texts(root)]
    texts.append(Text(place, whole(normalised(data.decode("utf-8", "replace")))))
    hidden = []
    for element in root.iter():
        name = local_name(element)
        if name in ACTIVE:
            hidden.append(Hidden(place, "script", len(ElementTree.tostring(element)), suspicious=True))
        embedded = sum(len(v) for v in element.attrib.values() if v.strip().lower().startswith("data:"))
        if embedded:
            hidden.append(Hidden(place, "embedded", embedded, suspicious=False))
        long = [v for k, v in element.attrib.items() if k.startswith("data-") and len(v) > EMBEDDED_LIMIT]
        if (name == "metadata" and len("".join(element.itertext())) > EMBEDDED_LIMIT) or long:
            hidden.append(Hidden(place, "metadata", sum(map(len, long)), suspicious=True))
    return Document(kind, tuple(texts), (), tuple(hidden))


def parse(data: bytes) -> Any:
    """Return the root element.

    Raises
    ------
    Unreadable
        It is not well-formed XML, declares entities, or is no SVG.
    """
    try:
        root = ElementTree.fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("unreadable", reason="svg") from error
    if root.tag not in (f"{NAMESPACE}svg", "svg"):
        raise Unreadable("mismatch")
    return root


def local_name(element: Any) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _texts(root: Any) -> list[Any]:
    return [e for e in root.iter() if local_name(e) in ("text", "title", "desc", "metadata", "style", "script")]
