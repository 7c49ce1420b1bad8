"""Topics by datasets: which databases speak of what, with how many variables."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hdh_jupyter.catalogue.search import CatalogueIndex, HitKind, Selection

MOST_TOPICS = 60
"""Topics of a matrix, the most frequent."""


def matrix(index: CatalogueIndex, query: str, within: Selection) -> dict[str, Any]:
    """Return the topics of the datasets that match, and for each dataset whether it has the topic and its variables.

    A cell is there when the dataset's record names the topic, or some of its variables match the topic's words.
    """
    datasets = replace(within, kind=HitKind.DATASET)
    columns = index.headings(index.by_dataset(query, datasets))
    named = Counter(theme for record in columns.values() for theme in dict.fromkeys(record.themes))
    topics: list[dict[str, Any]] = []
    used: set[str] = set()
    for topic, many in sorted(named.items(), key=lambda found: (-found[1], found[0]))[:MOST_TOPICS]:
        variables = index.by_dataset(
            topic, Selection(only=list(columns), audience=within.audience, kind=HitKind.VARIABLE)
        )
        cells = {
            dataset: {"named": topic in columns[dataset].themes, "variables": variables.get(dataset, 0)}
            for dataset in columns
            if dataset in variables or topic in columns[dataset].themes
        }
        topics.append({"topic": topic, "datasets": many, "cells": cells})
        used.update(cells)
    shown = sorted((columns[dataset] for dataset in used), key=lambda d: d.name.casefold())
    return {
        "columns": [{"id": d.id, "title": d.name, "steward": d.steward.value} for d in shown],
        "topics": topics,
    }
