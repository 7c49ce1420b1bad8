"""Looking into elements of a codebook, whatever the version and namespace."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .hostile import clean

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

LONGEST_TEXT = 20_000


def local(element: Element) -> str:
    """Return the name of an element without its namespace; empty for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """Yield the elements at a path of names, as often as they stand there."""
    if element is None:
        return
    for each in element:
        if local(each) == names[0]:
            if len(names) == 1:
                yield each
            else:
                yield from children(each, *names[1:])


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first element at a path."""
    return next(children(element, *names), None)


def all_texts(element: Element | None, *names: str) -> list[str]:
    """Return the texts at a path, each once; of several languages the French ones alone."""
    found = [each for each in children(element, *names) if content(each)]
    french = [each for each in found if _language(each) == "fr"]
    other = found[0] if found else None
    kept = french or [each for each in found if _language(each) == _language(other)]
    return list(dict.fromkeys(map(content, kept)))


def text(element: Element | None, *names: str) -> str | None:
    """Return the first text at a path, the French one where there are several."""
    return next(iter(all_texts(element, *names)), None)


def content(element: Element) -> str:
    """Return what an element says with all that is in it: a line for each paragraph, however it was broken."""
    paragraphs = re.split(r"\n\s*\n", clean("".join(element.itertext())))
    lines = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n".join(line for line in lines if line)[:LONGEST_TEXT]


def _language(element: Element | None) -> str:
    return "" if element is None else (element.get(LANGUAGE) or element.get("xml-lang") or "")[:2].lower()
