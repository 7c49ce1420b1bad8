"""The variables of a record as CSV on the Web describes tables, in RDF, as HealthDCAT-AP embeds it."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import DCAT, DCTERMS, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef

from ..variables import CodeListVersion, Table, Variable
from .hostile import is_safe_iri
from .vocabulary import CSVW, HEALTH

DATATYPES = {
    "string": "string", "integer": "integer", "number": "decimal", "boolean": "boolean", "date": "date",
    "datetime": "dateTime", "time": "time", "year": "gYear", "yearmonth": "gYearMonth", "duration": "duration",
    "any": "any", "object": "json", "array": "json",
}  # fmt: skip
"""Types of Table Schema and their names in CSVW; a type that is not here is text."""


def datatype(variable: Variable) -> str:
    """Return the type of a variable by its name in CSVW."""
    return DATATYPES.get(variable.type, "string")


def described(variable: Variable) -> str:
    """Return what is known of a variable in words; release 5 of HealthDCAT-AP demands a description."""
    return variable.description or variable.label or variable.name


def add_tables(graph: Graph, node: URIRef, tables: Iterable[Table]) -> None:
    """Add the tables that have variables to the description of a dataset."""
    known = [table for table in tables if table.variables]
    if not known:
        return
    graph.add((node, HEALTH.hasStructuredData, Literal("true", datatype=XSD.boolean)))
    group = BNode()
    graph.add((node, HEALTH.hasVariables, group))
    graph.add((group, RDF.type, CSVW.TableGroup))
    for table in known:
        made = BNode()
        graph.add((group, CSVW.table, made))
        graph.add((made, RDF.type, CSVW.Table))
        graph.add((made, CSVW.name, Literal(table.name)))
        graph.add((made, DCTERMS.title, Literal(table.title or table.name, lang="fr")))
        if table.description:
            graph.add((made, DCTERMS.description, Literal(table.description, lang="fr")))
        for number, variable in enumerate(table.variables, 1):
            _add_column(graph, made, number, variable)


def _add_column(graph: Graph, table: BNode, number: int, variable: Variable) -> None:
    column = BNode()
    graph.add((table, CSVW.column, column))
    graph.add((column, RDF.type, CSVW.Column))
    graph.add((column, CSVW.number, Literal(number)))
    graph.add((column, CSVW.name, Literal(variable.name)))
    graph.add((column, CSVW.titles, Literal(variable.label or variable.name, lang="fr")))
    graph.add((column, CSVW.datatype, Literal(datatype(variable))))
    graph.add((column, DCTERMS.description, Literal(described(variable), lang="fr")))
    if variable.required:
        graph.add((column, CSVW.required, Literal("true", datatype=XSD.boolean)))
    if variable.concept and is_safe_iri(variable.concept):
        graph.add((column, CSVW.propertyUrl, URIRef(variable.concept)))
    for version in variable.code_lists:
        _add_code_list(graph, column, variable, version)


def _add_code_list(graph: Graph, column: BNode, variable: Variable, version: CodeListVersion) -> None:
    scheme = BNode()
    graph.add((column, DCTERMS.conformsTo, scheme))
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, DCTERMS.title, Literal(variable.nomenclature or variable.name)))
    for code, label in version.codes:
        concept = BNode()
        graph.add((scheme, SKOS.hasTopConcept, concept))
        graph.add((concept, RDF.type, SKOS.Concept))
        graph.add((concept, SKOS.notation, Literal(code)))
        graph.add((concept, SKOS.prefLabel, Literal(label, lang="fr")))
    if version.valid_from or version.valid_until or version.period:
        period = BNode()
        graph.add((scheme, DCTERMS.temporal, period))
        graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
        for predicate, day in ((DCAT.startDate, version.valid_from), (DCAT.endDate, version.valid_until)):
            if day:
                graph.add((period, predicate, Literal(day.isoformat(), datatype=XSD.date)))
        if version.period:
            graph.add((period, RDFS.label, Literal(version.period, lang="fr")))
