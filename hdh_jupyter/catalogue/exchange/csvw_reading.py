"""Tables and variables out of a description in CSVW, as HealthDCAT-AP embeds it."""

from __future__ import annotations

from datetime import date

from rdflib import DCAT, DCTERMS, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from ..variables import CodeListVersion, Table, Variable
from .bounds import VALUE_EFFORT, Budget
from .csvw import DATATYPES
from .hostile import clean, is_safe_iri
from .vocabulary import CSVW, HEALTH

TYPES = {name: ours for ours, name in reversed(DATATYPES.items())}


def tables(graph: Graph, node: Node, budget: Budget) -> tuple[Table, ...]:
    """Return the tables of a dataset by name; the columns in the order of their numbers, else by name."""
    reader = _Reader(graph, budget)
    groups = reader.values(node, HEALTH.hasVariables)
    found = {reader.table(table) for group in groups for table in reader.values(group, CSVW.table)}
    return tuple(sorted(found, key=lambda table: (table.name, table.title or "")))


class _Reader:
    """Reads tables; what many datasets share is paid for by each."""

    def __init__(self, graph: Graph, budget: Budget) -> None:
        self.graph = graph
        self.budget = budget

    def table(self, node: Node) -> Table:
        title = self.text(node, DCTERMS.title)
        holders = [node, *self.values(node, CSVW.tableSchema)]
        columns = [column for holder in holders for column in self.values(holder, CSVW.column)]
        numbered = [(self.number(column), self.variable(column)) for column in columns]
        numbered.sort(key=lambda column: (column[0], column[1].name, repr(column[1])))
        return Table(
            name=self.text(node, CSVW.name) or title or "table",
            title=title,
            description=self.text(node, DCTERMS.description),
            variables=tuple(dict.fromkeys(variable for _, variable in numbered)),
        )

    def variable(self, node: Node) -> Variable:
        name = self.text(node, CSVW.name) or self.text(node, CSVW.titles) or "?"
        label, description = self.text(node, CSVW.titles), self.text(node, DCTERMS.description)
        concepts = [str(iri) for iri in self.values(node, CSVW.propertyUrl) if isinstance(iri, URIRef)]
        return Variable(
            name=name,
            type=TYPES.get(self.text(node, CSVW.datatype) or "", "any"),
            label=None if label == name else label,
            description=None if description in (label, name) else description,
            code_lists=self.code_lists(node),
            required=self.text(node, CSVW.required) in ("true", "1"),
            concept=min(filter(is_safe_iri, concepts), default=None),
        )

    def code_lists(self, node: Node) -> tuple[CodeListVersion, ...]:
        found = [self.code_list(scheme) for scheme in self.values(node, DCTERMS.conformsTo)]
        return tuple(sorted((v for v in found if v.codes), key=lambda v: (v.valid_from or date.min, repr(v))))

    def code_list(self, node: Node) -> CodeListVersion:
        concepts = self.values(node, SKOS.hasTopConcept)
        codes = [(self.text(c, SKOS.notation), self.text(c, SKOS.prefLabel)) for c in concepts]
        periods = self.values(node, DCTERMS.temporal)
        return CodeListVersion(
            tuple(sorted((code, label or code) for code, label in codes if code)),
            next(filter(None, (self.day(period, DCAT.startDate) for period in periods)), None),
            next(filter(None, (self.day(period, DCAT.endDate) for period in periods)), None),
            next(filter(None, (self.text(period, RDFS.label) for period in periods)), None),
        )

    def day(self, node: Node, predicate: URIRef) -> date | None:
        try:
            return date.fromisoformat((self.text(node, predicate) or "")[:10])
        except ValueError:
            return None

    def number(self, node: Node) -> int:
        said = self.text(node, CSVW.number) or ""
        return int(said) if said.isdecimal() and len(said) < 10 else 0

    def values(self, node: Node, predicate: URIRef) -> list[Node]:
        found = list(self.graph.objects(node, predicate))
        self.budget.spend(VALUE_EFFORT * (1 + len(found)))
        return found

    def text(self, node: Node, predicate: URIRef) -> str | None:
        """Return a text, the French one of several."""
        found = [v for v in self.values(node, predicate) if isinstance(v, Literal)]
        best = min(found, key=lambda v: (v.language != "fr", str(v)), default=None)
        if best is None:
            return None
        self.budget.spend(len(best))
        return clean(str(best)) or None
