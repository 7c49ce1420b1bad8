"""Markdown re-written without what does not show: comments, HTML elements, pictures and addresses to fetch.

Links keep their words alone.
"""

from __future__ import annotations

from pathlib import Path

import re2

from ..policy import Policy
from ..readers.encoding import decoded, encoding_of
from .plain import clean

SCRIPTS = re2.compile(r"(?is)<(?:script|style|template|iframe|svg)\b.*?(?:</(?:script|style|template|iframe|svg)>|\z)")
REMARKS = re2.compile(r"(?s)<!--.*?(?:-->|\z)|<!\[CDATA\[.*?(?:\]\]>|\z)|<\?.*?(?:\?>|\z)")
ELEMENTS = re2.compile(r"(?s)</?[A-Za-z][^<>]*>")
PICTURES = re2.compile(r"!\[([^\]\n]*)\](?:\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)|\[[^\]\n]*\])")
LINKS = re2.compile(r"\[([^\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
DEFINITIONS = re2.compile(r"(?m)^ {0,3}\[[^\]\n]+\]:[^\n]*$")
ADDRESSES = re2.compile(r"(?i)\bdata:[\w.+\-]*/?[\w.+\-]*(?:;[\w.+\-=]*)*,[^\s)\"'>]*")
ROUNDS = 20
"""How often what a removal puts together is looked at again."""


def sanitise(path: Path, out: Path, kind: str, policy: Policy) -> int:
    """Write the clean text."""
    text = clean("".join(decoded(path, encoding_of(path))))
    for _ in range(ROUNDS):
        before = text
        for pattern in (SCRIPTS, REMARKS, ELEMENTS, ADDRESSES, DEFINITIONS):
            text = str(pattern.sub("", text))
        text = str(LINKS.sub(r"\1", PICTURES.sub(r"\1", text)))
        if text == before:
            break
    out.write_text(text, "utf-8", newline="\n")
    return 0
