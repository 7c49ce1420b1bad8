"""Data dictionaries in CSV: one variable on each line, as many teams keep them in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata

from hdh_jupyter.errors import PublicError

from .variables import Table, Variable

MOST_VARIABLES = 100_000

COLUMNS = {
    "table": ("table", "fichier", "file"),
    "name": ("name", "nom", "variable", "colonne", "column"),
    "type": ("type",),
    "label": ("label", "libelle", "title", "titre"),
    "description": ("description", "definition"),
    "unit": ("unit", "unite"),
    "nomenclature": ("nomenclature", "code_list", "codes"),
    "first_year": ("first_year", "premiere_annee"),
    "last_year": ("last_year", "derniere_annee"),
}
"""What a column tells, and the headings by which it is known, without accents or capitals."""


def read(content: bytes, name: str) -> tuple[Table, ...]:
    """Return the tables of a dictionary; separators are found by themselves, UTF-8 and Windows-1252 are read.

    Parameters
    ----------
    name
        Of the table whose variables name none.

    Raises
    ------
    PublicError
        `catalogue.record.dictionary_without_name`, `catalogue.record.dictionary_too_long` or
        `catalogue.record.dictionary_unreadable` (400).
    """
    text = _text(content)
    heading = text.split("\n", 1)[0]
    separator = max(";,\t|", key=heading.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    tables: dict[str, dict[str, Variable]] = {}
    try:
        places = _places(next(rows, []))
        if "name" not in places:
            raise PublicError("catalogue.record.dictionary_without_name", 400)
        for number, row in enumerate(rows):
            if number >= MOST_VARIABLES:
                raise PublicError("catalogue.record.dictionary_too_long", 400, most=MOST_VARIABLES)
            cells = {column: row[place].strip() for column, place in places.items() if place < len(row)}
            if cells.get("name"):
                tables.setdefault(cells.get("table") or name, {})[cells["name"]] = _variable(cells)
    except csv.Error as error:
        raise PublicError("catalogue.record.dictionary_unreadable", 400) from error
    return tuple(Table(table, variables=tuple(found.values())) for table, found in tables.items())


def _variable(cells: dict[str, str]) -> Variable:
    return Variable(
        cells["name"],
        cells.get("type") or "string",
        label=cells.get("label") or None,
        description=cells.get("description") or None,
        unit=cells.get("unit") or None,
        nomenclature=cells.get("nomenclature") or None,
        first_year=_year(cells.get("first_year", "")),
        last_year=_year(cells.get("last_year", "")),
    )


def _year(text: str) -> int | None:
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() else None


def _places(headings: list[str]) -> dict[str, int]:
    known = {_folded(heading): place for place, heading in enumerate(headings)}
    return {
        column: next(known[name] for name in names if name in known)
        for column, names in COLUMNS.items()
        if any(name in known for name in names)
    }


def _folded(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace(" ", "_")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
