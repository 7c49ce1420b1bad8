"""The variables of a record as CSV on the Web describes tables, in RDF and as a metadata document of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rdflib import DCTERMS, RDF, XSD, BNode, Graph, Literal, URIRef

from ..model import Dataset
from ..variables import Table, Variable
from .hostile import is_safe_iri
from .publication import Publication
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


def document(dataset: Dataset, publication: Publication) -> dict[str, Any]:
    """Return the tables of a dataset as a CSVW metadata document (W3C, Metadata Vocabulary for Tabular Data)."""
    page = publication.page(dataset.id)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "@id": page,
        "@type": "TableGroup",
        "dc:title": dataset.name,
        "tables": [_table(table, page) for table in dataset.tables if table.variables],
    }


def _table(table: Table, page: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_column(variable) for variable in table.variables]}
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.foreign_keys:
        schema["foreignKeys"] = [
            {
                "columnReference": list(key.variables),
                "reference": {"resource": f"{key.table or table.name}.csv", "columnReference": list(key.targets)},
            }
            for key in table.foreign_keys
        ]
    described_table = {"dc:description": table.description} if table.description else {}
    return {"url": f"{table.name}.csv", "dc:title": table.title or table.name, **described_table, "tableSchema": schema}


def _column(variable: Variable) -> dict[str, Any]:
    form: dict[str, Any] = {"base": datatype(variable)}
    if variable.format:
        form["format"] = variable.format
    if variable.length and variable.length.isdigit() and form["base"] == "string":
        form["maxLength"] = int(variable.length)
    column: dict[str, Any] = {
        "name": variable.name,
        "titles": variable.label or variable.name,
        "datatype": form if len(form) > 1 else form["base"],
        "dc:description": described(variable),
    }
    if variable.required:
        column["required"] = True
    if variable.concept and is_safe_iri(variable.concept):
        column["propertyUrl"] = variable.concept
    return column | dict(_notes(variable))


def _notes(variable: Variable) -> Iterator[tuple[str, Any]]:
    """Yield what CSVW has no term for, in the common properties that it allows."""
    if variable.nomenclature:
        yield "dc:conformsTo", variable.nomenclature
    if variable.first_year is not None or variable.last_year is not None:
        yield "dc:valid", f"{variable.first_year or ''}/{variable.last_year or ''}"
    codes = [f"{code} = {label}" for version in variable.code_lists for code, label in version.codes]
    if codes:
        yield "dc:format", "; ".join(codes)
