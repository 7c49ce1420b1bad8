"""Documents that earlier versions of the platform stored are read after the upgrade."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

import hdh_jupyter
from hdh_jupyter.catalogue.convention import ScientificCredit, SimplifiedAccess
from hdh_jupyter.catalogue.model import from_document, to_document
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import Database

RECORDS = {record.id: record for record in first_records()}
FACT = {"value": "Convenu en 2025", "certainty": "A", "sources": ["S5"]}


def first_form(dataset: str) -> dict[str, Any]:
    """Return a record's document as the first version of the platform wrote it."""
    document = to_document(RECORDS[dataset])
    tables = document.pop("tables", [])
    variables = [
        {
            **variable,
            **(
                {"code_lists": [{"period": c.get("period"), "codes": c["codes"]} for c in variable["code_lists"]]}
                if "code_lists" in variable
                else {}
            ),
        }
        for table in tables
        for variable in table["variables"]
    ]
    return {**document, **({"variables": variables} if variables else {})}


@pytest.fixture
def earlier(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/hdh.sqlite")
    config = Config()
    config.set_main_option("script_location", str(Path(hdh_jupyter.__file__).parent / "migrations"))
    config.attributes["engine"] = database.engine
    command.upgrade(config, "0003")
    return database


def test_earlier_records_become_those_of_today(earlier: Database) -> None:
    terms = dict.fromkeys(("scientific_credit", "exclusivity", "simplified_access", "pricing"), FACT)
    with earlier.write() as session:
        for dataset in RECORDS:
            document = first_form(dataset)
            if dataset == "oscour":
                document["convention"] = terms
            session.execute(
                text("INSERT INTO catalogue_records VALUES (:dataset, 1, :document, 1, '2026-01-01 00:00:00')"),
                {"dataset": dataset, "document": json.dumps(document)},
            )
    earlier.upgrade()
    found = {record.id: record for record in CatalogueStore(earlier).all()}
    oscour = found.pop("oscour")
    assert found == {dataset: record for dataset, record in RECORDS.items() if dataset != "oscour"}
    assert isinstance(oscour.convention.scientific_credit, ScientificCredit)
    assert oscour.convention.simplified_access == SimplifiedAccess(conditions=("Convenu en 2025",))
    assert (oscour.convention.exclusivity, oscour.convention.pricing) == (None, None)
    assert [(remark.kind, remark.fact.note) for remark in oscour.remarks] == [
        ("history", "exclusivity"),
        ("history", "pricing"),
    ]


def test_documents_of_today_stay_as_they_are() -> None:
    upgraded = importlib.import_module("hdh_jupyter.migrations.versions.0004_catalogue").upgraded
    for record in RECORDS.values():
        document = to_document(replace(record, first_year=2004))
        assert upgraded(document) == document
        assert from_document(upgraded(document)).first_year == 2004
