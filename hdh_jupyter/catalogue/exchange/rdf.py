"""Records as graphs, and back: `read_graph(graph_of(x)) == x`, and what others changed on the way counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rdflib import Graph, URIRef
from rdflib.term import Node

from ..model import Dataset
from ..search import PUBLIC
from ..search.entries import visible
from .bounds import Budget
from .dcat import add_catalogue, add_dataset
from .description import Description, datasets
from .healthdcat import add_health
from .merging import changed_fields, merged
from .own_terms import DamagedRecord, add_record, read_record
from .problems import Problem
from .publication import Publication
from .records import Records
from .vocabulary import new_graph


def description_of(records: Iterable[Dataset], publication: Publication) -> Graph:
    """Return what anybody may know of records, in the terms of the standards alone."""
    graph = new_graph()
    shown = [visible(dataset, PUBLIC) for dataset in records]
    for dataset in shown:
        _describe(graph, dataset, publication)
    add_catalogue(graph, shown, publication)
    return graph


def record_of(dataset: Dataset, publication: Publication) -> Graph:
    """Return what anybody may know of one record, without the catalogue around it."""
    graph = new_graph()
    _describe(graph, visible(dataset, PUBLIC), publication)
    return graph


def graph_of(records: Iterable[Dataset], publication: Publication) -> Graph:
    """Return records whole: the standards' terms, and our own for what they have no terms for."""
    graph = new_graph()
    whole = list(records)
    for dataset in whole:
        add_record(graph, _describe(graph, dataset, publication), dataset, publication)
    add_catalogue(graph, whole, publication)
    return graph


def read_graph(graph: Graph, path: str) -> Records:
    """Return the records of a graph, as :func:`.dcat_files.read` does."""
    budget = Budget(path)
    found: dict[str, Dataset] = {}
    problems: list[Problem] = []
    for node in datasets(graph):
        dataset = _record(graph, node, budget, problems)
        if dataset.id in found:
            problems.append(Problem("repeated_record", f"{path} {dataset.id}"))
        found.setdefault(dataset.id, dataset)
    if not found:
        problems.append(Problem("no_dataset", path))
    return Records(tuple(found.values()), tuple(problems))


def _describe(graph: Graph, dataset: Dataset, publication: Publication) -> URIRef:
    node = add_dataset(graph, dataset, publication)
    add_health(graph, node, dataset, publication)
    return node


def _record(graph: Graph, node: Node, budget: Budget, problems: list[Problem]) -> Dataset:
    told = Description(graph, node, budget).dataset()
    try:
        own = read_record(graph, node, budget)
    except DamagedRecord:
        problems.append(Problem("damaged_record", told.id))
        return told
    if own is None:
        return told
    record, publication = own
    # What our own description of the record reads as: whatever differs from it was changed by somebody.
    again = new_graph()
    expected = Description(again, _describe(again, record, publication), budget).dataset()
    changed = changed_fields(expected, replace(told, id=expected.id, sources=expected.sources))
    if changed:
        problems.append(Problem("changed_elsewhere", record.id, {"fields": ", ".join(sorted(changed))}))
        parts = {name: _part(name, record, expected, told) for name in changed}
        known = {source.id for source in record.sources}
        cited = tuple(source for source in told.sources if source.id not in known)
        record = replace(record, **parts, sources=(*record.sources, *cited))
    return record


def _part(name: str, *versions: Dataset) -> Any:
    return merged(*(getattr(version, name) for version in versions))
