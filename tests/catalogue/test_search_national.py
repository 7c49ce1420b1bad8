"""Searches in the labels of the national schema, when `HDH_SHARED_DATA` names a folder that holds it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.exchange.table_schema import read_folder
from hdh_jupyter.catalogue.search import HitKind, Selection
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine
from hdh_jupyter.catalogue.seed import first_records

SCHEMA = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent")) / "schema-snds"

pytestmark = pytest.mark.skipif(not SCHEMA.is_dir(), reason="HDH_SHARED_DATA names no folder with schema-snds")

NATIONAL = Selection(kind=HitKind.VARIABLE, only=["snds_dcir"])


@pytest.fixture(
    scope="module", params=[pytest.param(TantivyEngine, id="tantivy"), pytest.param(SqliteEngine, id="sqlite")]
)
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    tables = read_folder(SCHEMA).tables
    index = FolderIndex(tmp_path_factory.mktemp("national") / "c", [request.param])
    index.rebuild(replace(r, tables=(*r.tables, *tables)) if r.id == "snds_dcir" else r for r in first_records())
    return index


@pytest.mark.parametrize(
    ("query", "right"),
    [
        pytest.param("diagnostic principal", {"DGN_PAL"}, id="00"),
        pytest.param("sexe", {"COD_SEX", "BEN_SEX_COD", "BEN_SEX", "IPP_SEX_COD"}, id="01"),
        pytest.param("durée du séjour", {"SEJ_NBJ", "SEJ_DUR"}, id="02"),
        pytest.param("duree du sejour", {"SEJ_NBJ", "SEJ_DUR"}, id="03"),
        pytest.param("BEN_SEX_COD", {"BEN_SEX_COD", "ben_sex_cod"}, id="04"),
        pytest.param("ben_nir_ano", {"BEN_NIR_ANO", "ben_nir_ano"}, id="05"),
        pytest.param("diagnostc principal", {"DGN_PAL"}, id="06"),
    ],
)
def test_the_right_column_comes_first(index: FolderIndex, query: str, right: set[str]) -> None:
    results = index.search(query, NATIONAL)
    assert results.hits[0].name in right
    assert not results.relaxed


def test_a_stem_is_no_fragment_of_a_code(index: FolderIndex) -> None:
    for query in ("deces", "décès", "deces "):
        hits = index.search(query, limit=100).hits
        assert hits[0].name != "PHA_DEC_TOP"
        assert "PHA_DEC_TOP" not in [hit.name for hit in hits]
        assert "cepidc" in [hit.dataset for hit in hits]


@pytest.mark.parametrize("query", ["spécialité médecin", "code commune residence"])
def test_what_no_column_has_whole_is_relaxed_and_said(index: FolderIndex, query: str) -> None:
    results = index.search(query)
    assert results.relaxed
    assert results.corrected is None
    assert results.total >= 5


def test_a_variable_of_many_tables_is_one_hit(index: FolderIndex) -> None:
    [hit] = [hit for hit in index.search("BEN_NIR_ANO", NATIONAL).hits if hit.name == "BEN_NIR_ANO"]
    assert hit.exact
    assert len(hit.tables) == len(set(hit.tables)) >= 7
