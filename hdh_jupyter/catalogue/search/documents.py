"""Hits as the engines keep them: a JSON list of their fields."""

from __future__ import annotations

import json

from .interface import Hit, HitKind


def to_stored(hit: Hit) -> str:
    """Return a hit as a text."""
    fields = (hit.kind, hit.dataset, hit.dataset_name, hit.name, hit.label, hit.tables, hit.type)
    return json.dumps([*fields, hit.first_year, hit.last_year, hit.restricted], ensure_ascii=False)


def from_stored(text: str | bytes) -> Hit:
    """Return the hit that :func:`to_stored` wrote."""
    kind, dataset, dataset_name, name, label, tables, *others = json.loads(text)
    return Hit(HitKind(kind), dataset, dataset_name, name, label, tuple(tables), *others)
