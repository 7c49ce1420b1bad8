"""Sentences for people, in French and English, looked up by a stable key.

A key is `<area>.<name>[.<name>...]`; the area is a file `locale/<language>/<area>.yaml`. Keeping sentences out of the
code lets a finding, an error or an audit event carry its key and parameters, and be read in either language later.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import yaml

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"


def translate(key: str, language: str = DEFAULT_LANGUAGE, /, **params: object) -> str:
    """Return the sentence of `key` in `language`, its `{name}` fields filled from `params`.

    An unknown language falls back to French.

    Raises
    ------
    KeyError
        No file holds this key: a mistake of the programmer, which a test over all keys would show.
    """
    return sentences(language if language in LANGUAGES else DEFAULT_LANGUAGE)[key].format(**params)


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Return every key of a language with its sentence."""
    folder = resources.files("hdh_jupyter") / "locale" / language
    found: dict[str, str] = {}
    for file in folder.iterdir():
        if file.name.endswith(".yaml"):
            found.update(_flatten(file.name.removesuffix(".yaml"), yaml.safe_load(file.read_text("utf-8"))))
    return found


def preferred_language(accept_language: str, chosen: str | None = None) -> str:
    """Return the language to speak: what a person chose, else the first known one of an `Accept-Language` header."""
    if chosen in LANGUAGES:
        return chosen
    ranked = []
    for rank, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), rank, tag[:2].lower()))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(ranked) if tag in LANGUAGES), DEFAULT_LANGUAGE)


def _flatten(prefix: str, node: Any) -> dict[str, str]:
    if isinstance(node, Mapping):
        return {k: v for name, child in node.items() for k, v in _flatten(f"{prefix}.{name}", child).items()}
    return {} if node is None else {prefix: str(node)}
