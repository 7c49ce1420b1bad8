"""A record whole, in terms of our own: certainty, sources, the convention's themes, code lists with their versions.

The record's document becomes a tree of nodes: a field is a property in our namespace, a list a collection.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import cattrs
from rdflib import RDF, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from hdh_jupyter.errors import PublicError

from ..model import Dataset, from_document, to_document
from .bounds import VALUE_EFFORT, Budget
from .hostile import MAX_DEPTH
from .publication import Publication
from .vocabulary import HDH

PUBLICATION, RECORD = HDH["published-as"], HDH.record


class DamagedRecord(Exception):
    """What is said in our terms is not a record."""


def add_record(graph: Graph, node: URIRef, dataset: Dataset, publication: Publication) -> None:
    """Add the record, and in whose name it was published, to the description of a dataset."""
    graph.add((node, RECORD, _encoded(graph, to_document(dataset))))
    graph.add((node, PUBLICATION, _encoded(graph, asdict(publication))))


def read_record(graph: Graph, node: Node, budget: Budget) -> tuple[Dataset, Publication] | None:
    """Return what :func:`add_record` added, None when nothing is said in our terms.

    Raises
    ------
    DamagedRecord
    PublicError
        `catalogue.exchange.too_tangled`.
    """
    record, published = graph.value(node, RECORD), graph.value(node, PUBLICATION)
    if record is None or published is None:
        return None
    reader = _Reader(graph, budget)
    try:
        return from_document(reader.value(record)), Publication(**reader.value(published))
    except (cattrs.BaseValidationError, TypeError, ValueError, AttributeError, PublicError) as error:
        raise DamagedRecord(str(error)) from error


def _encoded(graph: Graph, value: Any) -> Node:
    if isinstance(value, dict):
        node = BNode()
        for name, part in value.items():
            graph.add((node, HDH[name], _encoded(graph, part)))
        return node
    if isinstance(value, list | tuple):
        if not value:
            return RDF.nil
        head = BNode()
        Collection(graph, head, [_encoded(graph, part) for part in value])
        return head
    if isinstance(value, bool):
        return Literal("true" if value else "false", datatype=XSD.boolean)
    return Literal(str(value), datatype=XSD.integer) if isinstance(value, int) else Literal(value)


class _Reader:
    """Reads a tree of nodes, each at one place alone: one at two places would let a small file grow without end."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph = graph
        self.budget = budget
        self._seen: set[Node] = set()

    def value(self, node: Node, depth: int = 0) -> Any:
        self.budget.spend(VALUE_EFFORT + len(str(node)))
        if isinstance(node, Literal):
            return node.toPython() if node.datatype in (XSD.boolean, XSD.integer) else str(node)
        if node == RDF.nil:
            return []
        if node in self._seen or depth > MAX_DEPTH:
            raise DamagedRecord("a node comes twice, or too deep")
        self._seen.add(node)
        if (node, RDF.first, None) in self.graph:
            return self._members(node, depth)
        return {
            str(predicate).removeprefix(str(HDH)): self.value(part, depth + 1)
            for predicate, part in self.graph.predicate_objects(node)
            if str(predicate).startswith(str(HDH))
        }

    def _members(self, head: Node, depth: int) -> list[Any]:
        found: list[Any] = []
        rest: Node | None = head
        while rest is not None and rest != RDF.nil:
            if found and rest in self._seen:
                raise DamagedRecord("a list ends nowhere")
            self._seen.add(rest)
            member = self.graph.value(rest, RDF.first)
            if member is None:
                raise DamagedRecord("a list has a gap")
            found.append(self.value(member, depth + 1))
            rest = self.graph.value(rest, RDF.rest)
        return found
