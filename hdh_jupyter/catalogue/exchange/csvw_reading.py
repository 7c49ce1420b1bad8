"""Tables and variables out of a description in CSVW, as HealthDCAT-AP embeds it."""

from __future__ import annotations

from rdflib import DCTERMS, Graph, Literal, URIRef
from rdflib.term import Node

from ..variables import Table, Variable
from .csvw import DATATYPES
from .hostile import clean, is_safe_iri
from .vocabulary import CSVW, HEALTH

TYPES = {name: ours for ours, name in reversed(DATATYPES.items())}


def tables(graph: Graph, node: Node) -> tuple[Table, ...]:
    """Return the tables of a dataset by name; the columns in the order of their numbers, else by name."""
    groups = list(graph.objects(node, HEALTH.hasVariables))
    found = {_table(graph, table) for group in groups for table in graph.objects(group, CSVW.table)}
    return tuple(sorted(found, key=lambda table: (table.name, table.title or "")))


def _table(graph: Graph, node: Node) -> Table:
    title = _text(graph, node, DCTERMS.title)
    holders = [node, *graph.objects(node, CSVW.tableSchema)]
    columns = [column for holder in holders for column in graph.objects(holder, CSVW.column)]
    numbered = sorted((_number(graph, column), _variable(graph, column)) for column in columns)
    return Table(
        name=_text(graph, node, CSVW.name) or title or "table",
        title=title,
        description=_text(graph, node, DCTERMS.description),
        variables=tuple(dict.fromkeys(variable for _, variable in numbered)),
    )


def _variable(graph: Graph, node: Node) -> Variable:
    name = _text(graph, node, CSVW.name) or _text(graph, node, CSVW.titles) or "?"
    label, description = _text(graph, node, CSVW.titles), _text(graph, node, DCTERMS.description)
    concept = graph.value(node, CSVW.propertyUrl)
    return Variable(
        name=name,
        type=TYPES.get(_text(graph, node, CSVW.datatype) or "", "any"),
        label=None if label == name else label,
        description=None if description in (label, name) else description,
        required=_text(graph, node, CSVW.required) == "true",
        concept=str(concept) if isinstance(concept, URIRef) and is_safe_iri(str(concept)) else None,
    )


def _number(graph: Graph, node: Node) -> int:
    said = _text(graph, node, CSVW.number) or ""
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def _text(graph: Graph, node: Node, predicate: URIRef) -> str | None:
    """Return a text, the French one of several."""
    found = [v for v in graph.objects(node, predicate) if isinstance(v, Literal)]
    best = min(found, key=lambda v: (v.language != "fr", str(v)), default=None)
    return (clean(str(best)) or None) if best is not None else None
