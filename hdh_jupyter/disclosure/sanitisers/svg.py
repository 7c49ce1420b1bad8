"""SVG rebuilt from the elements and attributes that draw; all else stays behind.

Kept: shapes, text, gradients, clip paths, markers, and references inside the drawing (`#name`). Gone: scripts, foreign
objects, images, links, animation, metadata, comments, titles that do not show, data and event attributes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import re2
import yaml

from ..policy import Policy, word_list
from ..readers import svg

XLINK = "{http://www.w3.org/1999/xlink}href"


ALLOWED = {name: frozenset(values) for name, values in yaml.safe_load(word_list("svg")).items()}
SAFE_VALUE = re2.compile(
    r"^(?:[^()\\<>@{}:;]|url\(\s*['\"]?#[\w.:\-]+['\"]?\s*\)"
    r"|(?:matrix|translate|scale|rotate|skewX|skewY|rgba?|hsla?)\([^()]*\))*$"
)
SAFE_NAME = re2.compile(r"^[\w.:\- ]{1,200}$")
STYLE_RULE = re2.compile(r"([\w\s.,#*>\-]{1,200})\{([^{}]*)\}")
LONG_TEXT = 5000

ElementTree.register_namespace("", svg.NAMESPACE[1:-1])
ElementTree.register_namespace("xlink", XLINK[1:-5])


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean drawing."""
    out.write_bytes(drawing(path.read_bytes()))
    return 0


def drawing(data: bytes) -> bytes:
    """Return the drawing rebuilt."""
    clean: bytes = ElementTree.tostring(_rebuilt(svg.parse(data)), encoding="utf-8", xml_declaration=True)
    return clean


def _rebuilt(element: Any) -> ElementTree.Element:
    name = svg.local_name(element)
    made = ElementTree.Element(svg.NAMESPACE + name, _attributes(element))
    if name in ("text", "tspan", "textPath"):
        made.text = (element.text or "")[:LONG_TEXT]
    elif name == "style":
        made.text = _stylesheet(element.text or "")
    for child in element:
        if isinstance(child.tag, str) and _is_svg(child) and svg.local_name(child) in ALLOWED["elements"]:
            kept = _rebuilt(child)
            if name in ("text", "tspan", "textPath"):
                kept.tail = (child.tail or "")[:LONG_TEXT]
            made.append(kept)
    return made


def _is_svg(element: Any) -> bool:
    return element.tag.startswith(svg.NAMESPACE) or not element.tag.startswith("{")


def _attributes(element: Any) -> dict[str, str]:
    kept = {}
    for name, value in element.attrib.items():
        if name in (XLINK, "href"):
            if re2.match(r"^#[\w.:\-]+$", value):
                kept[XLINK] = value
        elif name == "style":
            if declarations := _declarations(value):
                kept[name] = declarations
        elif name in ("id", "class"):
            if SAFE_NAME.match(value):
                kept[name] = value
        elif name in ALLOWED["presentation"] | ALLOWED["attributes"] and SAFE_VALUE.match(value):
            kept[name] = value
    return kept


def _declarations(text: str) -> str:
    kept = []
    for declaration in text.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in ALLOWED["presentation"] and SAFE_VALUE.match(value):
            kept.append(f"{name}: {value}")
    return "; ".join(kept)


def _stylesheet(text: str) -> str:
    rules = ((selector.strip(), _declarations(body)) for selector, body in STYLE_RULE.findall(text))
    return "\n".join(f"{selector} {{{body}}}" for selector, body in rules if body)
