"""Table Schema, data packages and schema-snds."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.catalogue.exchange.table_schema import read_file, read_folder
from hdh_jupyter.catalogue.variables import ForeignKey

SNDS = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent")) / "schema-snds"

FIELD = {
    "name": "BEN_SEX_COD",
    "description": "Sexe du bénéficiaire",
    "type": "integer",
    "format": "default",
    "length": "11,2",
    "nomenclature": "IR_SEX_V",
    "dateCreated": "2006",
    "dateDeleted": "2015",
    "dateMissing": ["2008", "2007"],
    "regle_gestion": "Règle",
    "observation": "-",
    "constraints": {"required": True, "enum": ["1", "2"]},
}


def written(folder: Path, schema: Any, name: str = "IR_BEN_R.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(schema), "utf-8")
    return path


@pytest.mark.skipif(not SNDS.is_dir(), reason="HDH_SHARED_DATA names no folder with schema-snds")
def test_schema_snds_comes_in_whole() -> None:
    found = read_folder(SNDS)
    variables = [v for table in found.tables for v in table.variables]
    assert (len(found.tables), len(variables), len({v.name for v in variables})) == (188, 4815, 1791)
    assert sum(v.first_year is not None for v in variables) == 3129
    assert sum(v.last_year is not None for v in variables) == 440
    assert sum(bool(v.missing_years) for v in variables) == 26
    assert sum(v.nomenclature is not None for v in variables) == 957
    assert sum(bool(t.foreign_keys) for t in found.tables) == 163
    assert all(v.label for v in variables)
    assert Counter(t.product for t in found.tables)["PMSI MCO"] == 56
    assert not any("\x80" <= c <= "\x9f" for v in variables for c in f"{v.label}{v.rule}{v.observation}")
    assert {problem.code for problem in found.problems} == {"cleaned"}


def test_the_french_extensions_are_read(tmp_path: Path) -> None:
    found = read_file(written(tmp_path, {"name": "IR_BEN_R", "produit": "DCIR", "fields": [FIELD]}))
    [table] = found.tables
    [variable] = table.variables
    assert (table.name, table.product) == ("IR_BEN_R", "DCIR")
    assert (variable.label, variable.description, variable.format) == ("Sexe du bénéficiaire", None, None)
    assert (variable.length, variable.nomenclature) == ("11,2", "IR_SEX_V")
    assert (variable.first_year, variable.last_year, variable.missing_years) == (2006, 2015, (2007, 2008))
    assert (variable.rule, variable.observation, variable.required) == ("Règle", None, True)
    assert variable.code_lists[0].codes == (("1", "1"), ("2", "2"))
    assert not found.problems


def test_a_byte_of_windows_1252_and_a_null_description_cost_nothing_else(tmp_path: Path) -> None:
    null = {**FIELD, "name": "A", "description": None}
    text = json.dumps({"fields": [null, {**FIELD, "description": "l'BYTEensemble"}]}).encode()
    path = tmp_path / "T.json"
    path.write_bytes(text.replace(b"'BYTE", b"\x92"))
    found = read_file(path)
    assert [v.label for v in found.tables[0].variables] == [None, "l’ensemble"]
    assert [(p.code, p.params["key"]) for p in found.problems] == [("not_a_text", "description")]
    assert "A" in found.problems[0].message("en")
    doubly = read_file(written(tmp_path, {"fields": [{**FIELD, "description": "l\x92ensemble\xa0de"}]}))
    assert doubly.tables[0].variables[0].label == "l’ensemble de"
    assert [p.code for p in doubly.problems] == ["cleaned"]


FAULTS: dict[str, tuple[Any, list[str], int]] = {
    "00 no object": ([1], ["not_a_table_schema"], 0),
    "01 nameless": ({"fields": [{"type": "string"}, FIELD]}, ["nameless_variable"], 1),
    "02 no mapping": ({"fields": ["x", FIELD]}, ["nameless_variable"], 1),
    "03 repeated": ({"fields": [FIELD, {**FIELD, "type": "string"}]}, ["repeated_variable"], 1),
    "04 no year": ({"fields": [{**FIELD, "dateCreated": "bientôt"}]}, ["not_a_year"], 1),
    "05 impossible year": ({"fields": [{**FIELD, "dateDeleted": "20155"[::-1]}]}, ["not_a_year"], 1),
    "06 missing years": ({"fields": [{**FIELD, "dateMissing": "2008"}]}, ["not_a_year"], 1),
    "07 primary key": ({"fields": [FIELD], "primaryKey": ["NOT"]}, ["unknown_key_variable"], 1),
    "08 key of no list": ({"fields": [FIELD], "primaryKey": 3}, ["bad_key"], 1),
    "09 foreign table": (
        {"fields": [FIELD], "foreignKeys": [{"fields": "BEN_SEX_COD", "reference": {"resource": "X", "fields": "Y"}}]},
        ["unknown_target_table"],
        1,
    ),
    "10 uneven key": (
        {"fields": [FIELD], "foreignKeys": [{"fields": ["A", "B"], "reference": {"resource": "X", "fields": "Y"}}]},
        ["bad_key"],
        1,
    ),
    "11 no constraints": ({"fields": [{**FIELD, "constraints": "none"}]}, [], 1),
}


@pytest.mark.parametrize("case", FAULTS.values(), ids=FAULTS)
def test_faults_are_told_and_the_rest_is_kept(tmp_path: Path, case: tuple[Any, list[str], int]) -> None:
    schema, codes, kept = case
    found = read_file(written(tmp_path, schema))
    assert [p.code for p in found.problems] == codes
    assert sum(len(t.variables) for t in found.tables) == kept
    assert all(p.message("fr") != p.message("en") for p in found.problems)


def test_a_data_package_reads_schemas_inside_its_folder_alone(tmp_path: Path) -> None:
    written(tmp_path, {"fields": [FIELD]}, "inside.json")
    package = tmp_path / "package"
    package.mkdir()
    written(package, {"fields": [FIELD], "primaryKey": "BEN_SEX_COD"}, "schema.json")
    (package / "link.json").symlink_to(tmp_path / "inside.json")
    schemas: list[Any] = ["schema.json", "../inside.json", "https://example.org/s.json", "link.json", "missing.json"]
    resources = [{"name": f"t{n}", "title": "T", "schema": schema} for n, schema in enumerate(schemas)]
    resources.append({"name": "own", "schema": {"fields": [FIELD]}})
    found = read_file(written(package, {"name": "p", "resources": resources}, "datapackage.json"))
    assert [(t.name, t.title) for t in found.tables] == [("t0", "T"), ("own", None)]
    codes = [p.code for p in found.problems]
    assert codes.count("reference_outside") == 3
    assert codes.count("file") == 1


def test_a_folder_goes_on_after_a_faulty_file(tmp_path: Path) -> None:
    key = {"fields": "BEN_SEX_COD", "reference": {"resource": "A", "fields": "BEN_SEX_COD"}}
    written(tmp_path, {"name": "A", "fields": [FIELD]}, "a.json")
    written(tmp_path, {"name": "B", "fields": [FIELD], "foreignKeys": [key]}, "b.json")
    written(tmp_path, {"name": "A", "fields": []}, "c.json")
    (tmp_path / "d.json").write_text("{")
    os.mkfifo(tmp_path / "e.json")
    found = read_folder(tmp_path)
    assert [t.name for t in found.tables] == ["A", "B"]
    assert found.tables[1].foreign_keys == (ForeignKey(("BEN_SEX_COD",), "A", ("BEN_SEX_COD",)),)
    assert sorted(p.code for p in found.problems) == ["file", "repeated_table"]
