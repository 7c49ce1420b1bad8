"""Table Schema and data packages (Frictionless) into tables, with the extensions of the French `schema-snds`.

`schema-snds` describes the national health data system in one Table Schema per table, where `produit` names the group
of tables, `nomenclature` a code list, `dateCreated` and `dateDeleted` the first year of a column and the last,
`dateMissing` the years in which it is not filled, `regle_gestion` a rule and `observation` a remark. What is faulty in
an entry is reported and left out; everything else is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from hdh_jupyter.errors import PublicError

from ..variables import CodeListVersion, ForeignKey, Table, Variable
from .hostile import clean, json_of, read_bytes
from .problems import Problem

PACKAGE_FILE = "datapackage.json"
MAX_FILES = 10_000
FIRST_POSSIBLE_YEAR, LAST_POSSIBLE_YEAR = 1800, 2200
NOTHING = frozenset({"", "-"})
"""What stands where an attribute does not apply."""


@dataclass(frozen=True)
class Tables:
    """What an import found: the tables, and what was faulty."""

    tables: tuple[Table, ...]
    problems: tuple[Problem, ...]


def read_folder(folder: Path) -> Tables:
    """Return the tables of every Table Schema and data package below a folder, in the order of their paths.

    Raises
    ------
    PublicError
        `catalogue.exchange.too_many_files`.
    """
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if len(paths) > MAX_FILES:
        raise PublicError("catalogue.exchange.too_many_files", path=str(folder), most=MAX_FILES)
    return read_files(folder, paths)


def read_files(folder: Path, paths: Iterable[Path]) -> Tables:
    """Return the tables of these files, which stand below a folder; keys may lead from one to the other."""
    problems: list[Problem] = []
    return _collected((table for path in paths for table in _file(path, path.relative_to(folder), problems)), problems)


def read_file(path: Path) -> Tables:
    """Return the tables of one Table Schema or data package; the faults of the file itself are problems too."""
    problems: list[Problem] = []
    return _collected(_file(path, Path(path.name), problems), problems)


def is_table_schema(document: Any) -> bool:
    """Tell whether a JSON document is a Table Schema or a data package."""
    return isinstance(document, Mapping) and (
        isinstance(document.get("fields"), list) or isinstance(document.get("resources"), list)
    )


def _collected(found: Iterable[Table], problems: list[Problem]) -> Tables:
    tables: dict[str, Table] = {}
    for table in found:
        if table.name in tables:
            problems.append(Problem("repeated_table", table.name))
        else:
            tables[table.name] = table
    for table in tables.values():
        problems += _dangling(table, tables)
    return Tables(tuple(tables.values()), tuple(problems))


def _dangling(table: Table, tables: Mapping[str, Table]) -> Iterator[Problem]:
    own = {variable.name for variable in table.variables}
    for name in table.primary_key:
        if name not in own:
            yield Problem("unknown_key_variable", table.name, {"name": name})
    for key in table.foreign_keys:
        target = tables.get(key.table or table.name)
        if target is None:
            yield Problem("unknown_target_table", table.name, {"name": key.table})
            continue
        there = {variable.name for variable in target.variables}
        missing = [*(n for n in key.variables if n not in own), *(n for n in key.targets if n not in there)]
        for name in missing:
            yield Problem("unknown_key_variable", table.name, {"name": name})


def _file(path: Path, shown: Path, problems: list[Problem]) -> Iterator[Table]:
    try:
        document = json_of(read_bytes(path), str(shown))
    except PublicError as error:
        problems.append(Problem("file", str(shown), {"reason": error}))
        return
    if not is_table_schema(document):
        problems.append(Problem("not_a_table_schema", str(shown)))
    elif isinstance(document.get("fields"), list):
        yield _Reader(document, str(shown), problems).table(path.stem)
    else:
        yield from _package(document, path.parent, shown, problems)


def _package(document: Mapping[str, Any], folder: Path, shown: Path, problems: list[Problem]) -> Iterator[Table]:
    for number, resource in enumerate(document["resources"], 1):
        where = f"{shown} resource {number}"
        schema = resource.get("schema") if isinstance(resource, Mapping) else None
        if isinstance(schema, str):
            schema = _referenced(schema, folder, where, problems)
        if not isinstance(schema, Mapping) or not isinstance(schema.get("fields"), list):
            problems.append(Problem("not_a_table_schema", where))
            continue
        # What the resource says of itself goes before what its schema says.
        told = {key: resource[key] for key in ("name", "title", "description") if resource.get(key)}
        yield _Reader({**schema, **told}, where, problems).table(f"table-{number}")


def _referenced(reference: str, folder: Path, where: str, problems: list[Problem]) -> Any:
    path = PurePosixPath(reference)
    # The specification forbids leaving the package's folder; addresses are not fetched here either.
    if "://" in reference or path.is_absolute() or ".." in path.parts or "\\" in reference:
        problems.append(Problem("reference_outside", where, {"reference": reference[:200]}))
        return None
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        problems.append(Problem("reference_outside", where, {"reference": reference[:200]}))
        return None
    try:
        return json_of(read_bytes(target), reference)
    except PublicError as error:
        problems.append(Problem("file", where, {"reason": error}))
        return None


class _Reader:
    """Reads one Table Schema."""

    def __init__(self, schema: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self.schema = schema
        self.where = where
        self.problems = problems

    def table(self, name: str) -> Table:
        """Return the table, called `name` when the schema says nothing better."""
        variables: dict[str, Variable] = {}
        for number, field in enumerate(self.schema["fields"], 1):
            variable = self.variable(field, number)
            if variable is None:
                continue
            if variable.name in variables:
                self.report("repeated_variable", variable.name)
            else:
                variables[variable.name] = variable
        return Table(
            name=self.text(self.schema, "name", self.where) or name,
            title=self.text(self.schema, "title", self.where),
            description=self.text(self.schema, "description", self.where)
            or self.text(self.schema, "observation", self.where),
            product=self.text(self.schema, "produit", self.where),
            variables=tuple(variables.values()),
            primary_key=self.names(self.schema.get("primaryKey"), "primaryKey"),
            foreign_keys=tuple(self.foreign_keys()),
        )

    def variable(self, field: Any, number: int) -> Variable | None:
        if not isinstance(field, Mapping) or not isinstance(field.get("name"), str) or not clean(field["name"]):
            self.report("nameless_variable", number=number)
            return None
        name = clean(field["name"])
        where = f"{self.where} {name}"
        title, description = self.text(field, "title", where), self.text(field, "description", where)
        constraints = field.get("constraints")
        constraints = constraints if isinstance(constraints, Mapping) else {}
        form = self.text(field, "format", where)
        return Variable(
            name=name,
            type=self.text(field, "type", where) or "any",
            label=title or description,
            description=description if title else None,
            format=None if form == "default" else form,
            length=self.length(field.get("length")),
            unit=self.text(field, "unit", where),
            nomenclature=self.text(field, "nomenclature", where),
            code_lists=_codes(field, constraints),
            first_year=self.year(field, "dateCreated", where),
            last_year=self.year(field, "dateDeleted", where),
            missing_years=self.missing_years(field.get("dateMissing"), where),
            rule=self.text(field, "regle_gestion", where),
            observation=self.text(field, "observation", where),
            required=constraints.get("required") is True,
            concept=self.text(field, "rdfType", where),
        )

    def text(self, entry: Mapping[str, Any], key: str, where: str) -> str | None:
        """Return an attribute cleaned, None where it says nothing; what is no text is a problem."""
        value = entry.get(key, "")
        if not isinstance(value, str):
            self.problems.append(Problem("not_a_text", where, {"key": key}))
            return None
        cleaned = clean(value)
        if any("\x80" <= c <= "\x9f" or c == "\ufffd" for c in value):
            self.problems.append(Problem("cleaned", where, {"key": key}))
        return None if cleaned in NOTHING else cleaned

    def length(self, value: Any) -> str | None:
        """Return the length as it is written (`"11,2"`); null is how schema-snds says that there is none."""
        return clean(str(value)) or None if isinstance(value, str | int) else None

    def year(self, field: Mapping[str, Any], key: str, where: str) -> int | None:
        value = field.get(key)
        if value in (None, ""):
            return None
        year = _year(value)
        if year is None:
            self.problems.append(Problem("not_a_year", where, {"key": key, "value": str(value)[:40]}))
        return year

    def missing_years(self, value: Any, where: str) -> tuple[int, ...]:
        found = [_year(each) for each in value] if isinstance(value, list) else []
        if None in found or not isinstance(value, list | None):
            told = {"key": "dateMissing", "value": str(value)[:40]}
            self.problems.append(Problem("not_a_year", where, told))
        return tuple(sorted({year for year in found if year is not None}))

    def names(self, value: Any, key: str) -> tuple[str, ...]:
        """Return the variables of a key, which Table Schema writes as a list or as one name."""
        values = [value] if isinstance(value, str) else value or []
        if not isinstance(values, list) or not all(isinstance(name, str) for name in values):
            self.problems.append(Problem("bad_key", self.where, {"key": key}))
            return ()
        return tuple(clean(name) for name in values)

    def foreign_keys(self) -> Iterator[ForeignKey]:
        keys = self.schema.get("foreignKeys")
        for key in keys if isinstance(keys, list) else ():
            reference = key.get("reference") if isinstance(key, Mapping) else None
            if not isinstance(reference, Mapping) or not isinstance(reference.get("resource", ""), str):
                self.problems.append(Problem("bad_key", self.where, {"key": "foreignKeys"}))
                continue
            own = self.names(key.get("fields"), "foreignKeys")
            targets = self.names(reference.get("fields"), "foreignKeys")
            if not own or len(own) != len(targets):
                self.problems.append(Problem("bad_key", self.where, {"key": "foreignKeys"}))
                continue
            yield ForeignKey(own, clean(reference.get("resource", "")), targets)

    def report(self, code: str, name: str | None = None, **params: object) -> None:
        self.problems.append(Problem(code, self.where if name is None else f"{self.where} {name}", params))


def _codes(field: Mapping[str, Any], constraints: Mapping[str, Any]) -> tuple[CodeListVersion, ...]:
    """Return the codes a field lists itself: categories with labels, or an enumeration, which has none."""
    categories = field.get("categories")
    if isinstance(categories, list):
        pairs = [(c.get("value"), c.get("label")) if isinstance(c, Mapping) else (c, c) for c in categories]
    else:
        listed = constraints.get("enum")
        pairs = [(code, code) for code in listed] if isinstance(listed, list) else []
    codes = tuple(
        (str(code), clean(str(code if label is None else label)))
        for code, label in pairs
        if isinstance(code, str | int | float)
    )
    return (CodeListVersion(codes),) if codes else ()


def _year(value: Any) -> int | None:
    try:
        year = int(str(value)[:4]) if isinstance(value, str | int) else 0
    except ValueError:
        return None
    return year if FIRST_POSSIBLE_YEAR <= year <= LAST_POSSIBLE_YEAR else None
