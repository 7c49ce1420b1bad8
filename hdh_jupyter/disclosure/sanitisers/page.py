"""HTML pages rebuilt from the elements that structure a text; all else stays behind.

Kept: headings, paragraphs, lists, tables, emphasis, and PNG pictures written into the page, encoded anew. Gone:
scripts, styles, comments, links, forms, frames, attributes other than spans, and elements that are hidden.
"""

from __future__ import annotations

import base64
import binascii
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from ..documents import Unreadable
from ..policy import Policy
from ..readers.encoding import decoded, encoding_of
from ..readers.page import EMPTY, hides
from . import png
from .plain import clean

KEPT = frozenset(
    (
        *("h1", "h2", "h3", "h4", "h5", "h6", "p", "div", "span", "section", "article", "header", "footer", "main"),
        *("figure", "figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "ul", "ol", "li"),
        *("dl", "dt", "dd", "b", "i", "em", "strong", "u", "s", "sub", "sup", "small", "code", "pre", "blockquote"),
        *("br", "hr"),
    )
)
VOID = frozenset({"br", "hr"})
SILENT = frozenset(
    (
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "select",
        "textarea",
        "title",
        "head",
    )
)
"""Elements of which nothing is kept but the title's text."""
SPANS = ("colspan", "rowspan")
PNG = "data:image/png;base64,"


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean page."""
    rebuilt = _Rebuilt(policy)
    rebuilt.feed(clean("".join(decoded(path, encoding_of(path)))))
    rebuilt.close()
    title = escape(rebuilt.title.strip())
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>\n<body>\n'
    out.write_text(head + "".join(rebuilt.pieces).strip() + "\n</body></html>\n", "utf-8", newline="\n")
    return 0


class _Rebuilt(HTMLParser):
    """Writes what is kept of a page; what stands in a hidden or unknown silent element is left out."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title = ""
        self._policy = policy
        self._open: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "body":
            self._silent = []
            return
        if self._silent or tag in SILENT or hides(tag, values):
            if tag not in EMPTY:
                self._silent.append(tag)
            return
        if tag == "img" and values.get("src", "").startswith(PNG):
            self.pieces.append(f'<img src="{self._picture(values["src"][len(PNG) :])}">')
        elif tag in KEPT:
            spans = "".join(f' {name}="{values[name]}"' for name in SPANS if values.get(name, "").isdigit())
            self.pieces.append(f"<{tag}{spans}>")
            if tag not in VOID:
                self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
        elif tag in self._open:
            while (last := self._open.pop()) != tag:
                self.pieces.append(f"</{last}>")
            self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._silent[-1:] == ["title"] and not self.title:
            self.title = data
        elif not self._silent:
            self.pieces.append(escape(data, quote=False))

    def close(self) -> None:
        super().close()
        self.pieces.extend(f"</{tag}>" for tag in reversed(self._open))

    def _picture(self, text: str) -> str:
        try:
            content = base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError) as error:
            raise Unreadable("unreadable", reason="data") from error
        return PNG + base64.b64encode(png.pixels(content, self._policy)).decode()
