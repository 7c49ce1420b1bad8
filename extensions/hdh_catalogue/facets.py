"""Facets with their counts, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hdh_jupyter.catalogue.search import CatalogueIndex
from hdh_jupyter.i18n import sentences

from .requests import Asked
from .rights import Right

MOST_VALUES = 50
"""Values of a facet, the most frequent; those that are chosen are always there."""


def facet_groups(index: CatalogueIndex, question: Asked, rights: Mapping[str, Right], language: str) -> dict[str, Any]:
    """Return `facets`, the counts by facet and value, and `facet_labels`, the facets' names.

    The counts are those of the very query of the list. Of a facet with a condition on it, the other values tell how
    many hits they would have in its place, so that a second value can be chosen.
    """
    counts = dict(index.facets(question.words, question.within(rights)))
    for name in question.facets:
        counts[name] = index.facets(question.words, question.within(rights, without=name)).get(name, {})
    words = sentences(language)
    facets = {}
    for name, values in counts.items():
        chosen = question.facets.get(name, ())
        shown = [*values.items()][:MOST_VALUES]
        listed = {value for value, _ in shown}
        shown += [(value, values.get(value, 0)) for value in dict.fromkeys(chosen) if value not in listed]
        facets[name] = [{"value": value, "label": _value(words, name, value), "count": count} for value, count in shown]
    labels = {name: words.get(f"catalogue.panel.facet.{name}", name) for name in facets}
    return {"facets": facets, "facet_labels": labels}


def _value(words: Mapping[str, str], name: str, value: str) -> str:
    """Return a value in words; values that are words already have no sentence."""
    keys = (f"catalogue.panel.facet_value.{name}.{value}", f"catalogue.{name}.{value}")
    return next((words[key] for key in keys if key in words), value)
