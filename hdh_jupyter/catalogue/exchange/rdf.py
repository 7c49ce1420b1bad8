"""Records as graphs, and back: `import(export(x)) == x`, and what others changed on the way counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from rdflib import Graph
from rdflib.term import Node

from ..model import Dataset
from ..search import PUBLIC
from ..search.entries import visible
from .dcat import add_dataset
from .description import Description, datasets
from .healthdcat import add_health
from .own_terms import DamagedRecord, add_record, read_record
from .problems import Problem
from .publication import Publication
from .vocabulary import new_graph


@dataclass(frozen=True)
class Records:
    """What an import found: records, and what was faulty."""

    datasets: tuple[Dataset, ...]
    problems: tuple[Problem, ...] = ()


def description_of(records: Iterable[Dataset], publication: Publication) -> Graph:
    """Return what anybody may know of records, in the terms of the standards alone; this is what is sent elsewhere."""
    graph = new_graph()
    for dataset in records:
        shown = visible(dataset, PUBLIC)
        add_health(graph, add_dataset(graph, shown, publication), shown, publication)
    return graph


def graph_of(records: Iterable[Dataset], publication: Publication) -> Graph:
    """Return records whole: the standards' terms, and our own for what they have no terms for."""
    graph = new_graph()
    for dataset in records:
        node = add_dataset(graph, dataset, publication)
        add_health(graph, node, dataset, publication)
        add_record(graph, node, dataset, publication)
    return graph


def read(graph: Graph, path: str) -> Records:
    """Return the records of a graph.

    A record of ours comes back exactly as it was. Where somebody changed its description in the standards' terms, the
    changed fields have the new value, and a problem names them.
    """
    found: dict[str, Dataset] = {}
    problems: list[Problem] = []
    for node in datasets(graph):
        dataset = _record(graph, node, problems)
        if dataset.id in found:
            problems.append(Problem("repeated_record", f"{path} {dataset.id}"))
        found.setdefault(dataset.id, dataset)
    if not found:
        problems.append(Problem("no_dataset", path))
    return Records(tuple(found.values()), tuple(problems))


def _record(graph: Graph, node: Node, problems: list[Problem]) -> Dataset:
    told = Description(graph, node).dataset()
    try:
        own = read_record(graph, node)
    except DamagedRecord:
        problems.append(Problem("damaged_record", told.id))
        return told
    if own is None:
        return told
    record, publication = own
    # What our own description of the record reads as: whatever differs from it was changed by somebody.
    again = new_graph()
    written = add_dataset(again, record, publication)
    add_health(again, written, record, publication)
    expected = Description(again, written).dataset()
    changed = {
        field.name: getattr(told, field.name)
        for field in fields(Dataset)
        if field.name != "id" and getattr(told, field.name) != getattr(expected, field.name)
    }
    if changed:
        problems.append(Problem("changed_elsewhere", record.id, {"fields": ", ".join(sorted(changed))}))
        record = replace(record, **changed)
    return record
