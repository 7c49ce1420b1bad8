"""The tables of a record as a CSVW metadata document (W3C, Metadata Vocabulary for Tabular Data).

The tables themselves stay where they are: their addresses are what their files would be called. What CSVW has no term
for, such as code lists with their versions, is in the common properties that it allows everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from hdh_jupyter.errors import PublicError

from ..model import Dataset
from ..search import PUBLIC
from ..search.entries import visible
from ..variables import CodeListVersion, Table, Variable
from .csvw import datatype, described
from .hostile import is_safe_iri
from .publication import Publication


def write(dataset: Dataset, publication: Publication) -> bytes:
    """Return what anybody may know of the variables of a dataset, as a file; restricted variables are left out.

    Raises
    ------
    PublicError
        `catalogue.exchange.no_variables`: the standard has no document without a table.
    """
    return json.dumps(document(dataset, publication), ensure_ascii=False, indent=1).encode() + b"\n"


def document(dataset: Dataset, publication: Publication) -> dict[str, Any]:
    """Return the metadata document that :func:`write` writes; raises as it does."""
    tables = {t.name: t for t in visible(dataset, PUBLIC).tables if t.variables}
    if not tables:
        raise PublicError("catalogue.exchange.no_variables", dataset=dataset.id)
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "@id": publication.page(dataset.id),
        "dc:title": dataset.name,
        "tables": [_table(table, tables) for table in tables.values()],
    }


def _table(table: Table, tables: Mapping[str, Table]) -> dict[str, Any]:
    schema: dict[str, Any] = {"columns": [_column(variable) for variable in table.variables]}
    if table.primary_key and _has(table, table.primary_key):
        schema["primaryKey"] = [column_name(name) for name in table.primary_key]
    keys = list(_foreign_keys(table, tables))
    if keys:
        schema["foreignKeys"] = keys
    told = {"dc:description": table.description} if table.description else {}
    return {"url": _address(table), "dc:title": table.title or table.name, **told, "tableSchema": schema}


def _foreign_keys(table: Table, tables: Mapping[str, Table]) -> Iterator[dict[str, Any]]:
    """Yield the keys whose both ends are described: others would make the document invalid."""
    for key in table.foreign_keys:
        target = tables.get(key.table or table.name)
        if target is not None and _has(table, key.variables) and _has(target, key.targets):
            yield {
                "columnReference": [column_name(name) for name in key.variables],
                "reference": {
                    "resource": _address(target),
                    "columnReference": [column_name(name) for name in key.targets],
                },
            }


def _has(table: Table, names: Iterable[str]) -> bool:
    return set(names) <= {variable.name for variable in table.variables}


def _address(table: Table) -> str:
    return quote(table.name, safe="") + ".csv"


def column_name(name: str) -> str:
    """Return the name of a variable as CSVW allows it: letters, digits and `_`, not first; the rest by its code."""
    quoted = "".join(c if c.isascii() and (c.isalnum() or c == "_") else _coded(c) for c in name)
    return _coded("_") + quoted[1:] if quoted.startswith("_") else quoted


def _coded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _column(variable: Variable) -> dict[str, Any]:
    kind: Any = datatype(variable)
    if kind == "string" and variable.length and variable.length.isdecimal():
        kind = {"base": kind, "maxLength": int(variable.length[:9])}
    return {
        "name": column_name(variable.name),
        "titles": variable.label or variable.name,
        "datatype": kind,
        "dc:description": described(variable),
        **({"required": True} if variable.required else {}),
        **({"propertyUrl": variable.concept} if variable.concept and is_safe_iri(variable.concept) else {}),
        **dict(_notes(variable)),
    }


def _notes(variable: Variable) -> Iterator[tuple[str, Any]]:
    """Yield what CSVW has no term for."""
    period = _period(variable.first_year, variable.last_year, "xsd:gYear")
    if period:
        yield "dc:temporal", period
    if variable.format:
        yield "dc:format", variable.format
    if variable.unit:
        yield "schema:unitText", variable.unit
    if variable.code_lists:
        yield "dc:conformsTo", [_code_list(variable, version) for version in variable.code_lists]
    elif variable.nomenclature:
        yield "dc:conformsTo", variable.nomenclature
    missing = ", ".join(map(str, variable.missing_years))
    comments = [variable.rule, variable.observation, f"Non renseignée : {missing}" if missing else None]
    said = [comment for comment in comments if comment]
    if said:
        yield "rdfs:comment", said


def _code_list(variable: Variable, version: CodeListVersion) -> dict[str, Any]:
    period = _period(version.valid_from, version.valid_until, "xsd:date")
    if version.period:
        period = {"@type": "dc:PeriodOfTime", **period, "rdfs:label": version.period}
    return {
        "@type": "skos:ConceptScheme",
        "dc:title": variable.nomenclature or variable.name,
        **({"dc:temporal": period} if period else {}),
        "skos:hasTopConcept": [
            {"@type": "skos:Concept", "skos:notation": code, "skos:prefLabel": label} for code, label in version.codes
        ],
    }


def _period(start: object, end: object, kind: str) -> dict[str, Any]:
    """Return a period, empty when neither its start nor its end is known."""
    known = {"dcat:startDate": start, "dcat:endDate": end}
    ends = {name: {"@value": str(day), "@type": kind} for name, day in known.items() if day is not None}
    return {"@type": "dc:PeriodOfTime", **ends} if ends else {}
