"""What the hub zone writes for workspaces."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.search import SearchIndex
from hdh_jupyter.catalogue.seed import seed
from hdh_jupyter.catalogue.snapshot import project_document, refresh
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import Base, Database


@pytest.fixture
def store(tmp_path: Path) -> CatalogueStore:
    database = Database(f"sqlite:///{tmp_path}/t.sqlite")
    Base.metadata.create_all(database.engine)
    store = CatalogueStore(database)
    seed(store)
    return store


@dataclass(frozen=True)
class Granted:
    dataset: str
    valid_from: date | None
    valid_until: date | None


def test_the_snapshot_is_written_when_the_records_changed_and_only_then(store: CatalogueStore, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    index = SearchIndex(folder / "catalogue.sqlite")
    assert refresh(store, folder)
    assert not refresh(store, folder)
    store.put(replace(store.get("oscour"), name="OSCOUR révisée"))
    assert refresh(store, folder)
    assert index.dataset("oscour").name == "OSCOUR révisée"
    index.path.write_bytes(b"damaged")
    assert refresh(store, folder)
    assert index.count("") == 31


def test_the_shared_folder_itself_grants_nothing(store: CatalogueStore, tmp_path: Path) -> None:
    refresh(store, tmp_path)
    assert json.loads((tmp_path / "project.json").read_text()) == {"project": "", "grants": []}


def test_a_project_document_names_each_grant_with_its_path_and_days() -> None:
    grants = [Granted("pmsi", None, None), Granted("oscour", date(2025, 1, 2), date(2026, 12, 31))]
    assert json.loads(project_document("urgences", grants)) == {
        "project": "urgences",
        "grants": [
            {"dataset": "oscour", "path": "/data/oscour", "valid_from": "2025-01-02", "valid_until": "2026-12-31"},
            {"dataset": "pmsi", "path": "/data/pmsi", "valid_from": None, "valid_until": None},
        ],
    }
