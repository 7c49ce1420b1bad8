"""The tables of a record and their variables, with code lists in all their versions."""

from __future__ import annotations

from datetime import date
from typing import Any

from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.variables import CodeListVersion, Table, Variable
from hdh_jupyter.errors import PublicError


def table_line(table: Table) -> dict[str, Any]:
    """Return what a record's page says of a table."""
    return {
        "name": table.name,
        "title": table.title,
        "description": table.description,
        "product": table.product,
        "variables": len(table.variables),
        "primary_key": list(table.primary_key),
        "foreign_keys": [
            {"variables": list(key.variables), "table": key.table or table.name, "targets": list(key.targets)}
            for key in table.foreign_keys
        ],
    }


def variables_of(dataset: Dataset, name: str, today: date, limit: int, offset: int) -> dict[str, Any]:
    """Return some of a table's variables, and how many it has.

    Raises
    ------
    PublicError
        The dataset has no such table.
    """
    table = next((table for table in dataset.tables if table.name == name), None)
    if table is None:
        raise PublicError("catalogue.panel.unknown_table", 404, table=name, name=dataset.name)
    shown = table.variables[offset : offset + limit]
    return {
        "table": table.name,
        "total": len(table.variables),
        "variables": [_variable(variable, today) for variable in shown],
    }


def _variable(variable: Variable, today: date) -> dict[str, Any]:
    return {
        "name": variable.name,
        "type": variable.type,
        "label": variable.label,
        "description": variable.description,
        "format": variable.format,
        "length": variable.length,
        "unit": variable.unit,
        "nomenclature": variable.nomenclature,
        "first_year": variable.first_year,
        "last_year": variable.last_year,
        "missing_years": list(variable.missing_years),
        "rule": variable.rule,
        "observation": variable.observation,
        "restricted": variable.restricted,
        "code_lists": [_code_list(version, today) for version in variable.code_lists],
    }


def _code_list(version: CodeListVersion, today: date) -> dict[str, Any]:
    return {
        "period": version.period,
        "valid_from": version.valid_from and version.valid_from.isoformat(),
        "valid_until": version.valid_until and version.valid_until.isoformat(),
        "current": version.holds_on(today),
        "codes": [{"code": code, "label": text} for code, text in version.codes],
    }
