"""SVG rebuilt from the elements and attributes that draw; all else stays behind.

Kept: shapes, text that shows, gradients, clip paths, markers, references inside the drawing (`#name`), and embedded PNG
and JPEG images, encoded anew. Gone: scripts, foreign objects, links, animation, metadata, comments, titles and texts
that do not show, data and event attributes. Names of elements and classes are given anew, in the order of the drawing.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import re2
import yaml

from ..documents import Unreadable
from ..policy import Policy, default_policy, word_list
from ..readers import svg, svg_drawn
from . import jpeg, png

XLINK = "{http://www.w3.org/1999/xlink}href"


ALLOWED = {name: frozenset(values) for name, values in yaml.safe_load(word_list("svg")).items()}
SAFE_VALUE = re2.compile(
    r"^(?:[^()\\<>@{}:;]|url\(\s*['\"]?#[\w.:\-]+['\"]?\s*\)"
    r"|(?:matrix|translate|scale|rotate|skewX|skewY|rgba?|hsla?)\([^()]*\))*$"
)
SAFE_NAME = re2.compile(r"^[\w.:\-]{1,200}$")
STYLE_RULE = re2.compile(r"([\w\s.,#*>\-]{1,200})\{([^{}]*)\}")
REFERENCE = re2.compile(r"url\(\s*['\"]?#([\w.:\-]+)['\"]?\s*\)")
SELECTED = re2.compile(r"([.#])([\w\-]+)")
LONG_TEXT = 5000
ENCODERS: dict[str, Callable[[bytes, Policy], bytes]] = {
    "data:image/png;base64": png.pixels,
    "data:image/jpeg;base64": jpeg.pixels,
}

ElementTree.register_namespace("", svg.NAMESPACE[1:-1])
ElementTree.register_namespace("xlink", XLINK[1:-5])


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean drawing."""
    out.write_bytes(drawing(path.read_bytes(), policy))
    return 0


def drawing(data: bytes, policy: Policy | None = None) -> bytes:
    """Return the drawing rebuilt."""
    root = svg.parse(data)
    rebuilt = _Rebuilding(root, policy or default_policy()).element(root)
    clean: bytes = ElementTree.tostring(rebuilt, encoding="utf-8", xml_declaration=True)
    return clean


class _Rebuilding:
    """Rebuilds one drawing: what it must leave out, and the new names of its elements and classes."""

    def __init__(self, root: Any, policy: Policy) -> None:
        self.policy = policy
        self.unseen = {id(element) for element in svg_drawn.unseen(root)}
        self.names: dict[str, dict[str, str]] = {"#": {}, ".": {}}
        for element in root.iter():
            if isinstance(element.tag, str) and SAFE_NAME.match(element.get("id", "")):
                self._renamed("#", element.get("id"))

    def element(self, element: Any) -> ElementTree.Element:
        name = svg.local_name(element)
        made = ElementTree.Element(svg.NAMESPACE + name, self._attributes(element, name))
        if name in ("text", "tspan", "textPath"):
            made.text = (element.text or "")[:LONG_TEXT]
        elif name == "style":
            made.text = self._stylesheet(element.text or "")
        for child in element:
            if self._is_kept(child):
                kept = self.element(child)
                if name in ("text", "tspan", "textPath"):
                    kept.tail = (child.tail or "")[:LONG_TEXT]
                made.append(kept)
        return made

    def _is_kept(self, child: Any) -> bool:
        if not isinstance(child.tag, str) or not _is_svg(child) or id(child) in self.unseen:
            return False
        return svg.local_name(child) in ALLOWED["elements"] or self._picture(child) is not None

    def _picture(self, element: Any) -> str | None:
        """Return the address of an embedded image, encoded anew."""
        address = element.get(XLINK) or element.get("href") or ""
        found = svg.picture(address) if svg.local_name(element) == "image" else None
        if found is None:
            return None
        start, raw = found
        try:
            return f"{start},{base64.b64encode(ENCODERS[start](raw, self.policy)).decode()}"
        except Unreadable:
            return None

    def _attributes(self, element: Any, tag: str) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in element.attrib.items():
            if name in (XLINK, "href"):
                if tag == "image":
                    kept[XLINK] = self._picture(element) or ""
                elif re2.match(r"^#[\w.:\-]+$", value):
                    kept[XLINK] = "#" + self._renamed("#", value[1:])
            elif name == "style":
                if declarations := self._declarations(value):
                    kept[name] = declarations
            elif name == "id":
                if SAFE_NAME.match(value):
                    kept[name] = self._renamed("#", value)
            elif name == "class":
                if classes := " ".join(self._renamed(".", c) for c in value.split() if SAFE_NAME.match(c)):
                    kept[name] = classes
            elif name in ALLOWED["presentation"] | ALLOWED["attributes"] and SAFE_VALUE.match(value):
                kept[name] = self._referring(value)
        return kept

    def _renamed(self, sort: str, name: str) -> str:
        """Return the new name of an element (`#`) or class (`.`): its number."""
        known = self.names[sort]
        return known.setdefault(name, f"{'i' if sort == '#' else 'c'}{len(known) + 1}")

    def _referring(self, value: str) -> str:
        for name in REFERENCE.findall(value):
            value = value.replace(f"#{name}", f"#{self._renamed('#', name)}")
        return value

    def _declarations(self, text: str) -> str:
        kept = []
        for declaration in text.split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name in ALLOWED["presentation"] and SAFE_VALUE.match(value):
                kept.append(f"{name}: {self._referring(value)}")
        return "; ".join(kept)

    def _stylesheet(self, text: str) -> str:
        rules = []
        for selector, body in STYLE_RULE.findall(text):
            chosen = selector.strip()
            for sort, name in sorted(set(SELECTED.findall(chosen)), key=lambda found: -len(found[1])):
                chosen = re2.sub(re2.escape(sort + name) + r"\b", sort + self._renamed(sort, name), chosen)
            if declarations := self._declarations(body):
                rules.append(f"{chosen} {{{declarations}}}")
        return "\n".join(rules)


def _is_svg(element: Any) -> bool:
    return bool(element.tag.startswith(svg.NAMESPACE) or not element.tag.startswith("{"))
