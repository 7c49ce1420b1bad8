"""The catalogue's routes in a running server."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hdh_catalogue.rights import ProjectRights
from hdh_catalogue.snippets import snippet
from hdh_jupyter.catalogue.search import open_index
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.errors import PublicError
from tests.extensions.conftest import Serve, Served

PATH = ":".join(filter(None, sys.path))
TODAY = date.today()
YEAR = timedelta(days=365)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "oscour"
    folder.mkdir(parents=True)
    (folder / "visits.parquet").write_bytes(b"")
    (folder / "visits.csv").write_text("day,department\n2020-01-01,01\n")
    fields = [{"name": "day", "type": "date"}, {"name": "department", "type": "string"}]
    package = {"resources": [{"path": "visits.csv", "schema": {"fields": fields}}]}
    (folder / "datapackage.json").write_text(json.dumps(package))
    return folder


@pytest.fixture
async def served(tmp_path: Path, serve: Serve, data: Path) -> Served:
    folder = tmp_path / "catalogue"
    folder.mkdir()
    open_index(folder).rebuild(first_records())
    grants = [
        grant("oscour", data, TODAY - YEAR, TODAY),
        grant("sidep", data, TODAY - YEAR, TODAY - timedelta(days=1)),
        grant("pmsi", data, TODAY + timedelta(days=1), None),
    ]
    (folder / "project.json").write_text(json.dumps({"project": "demo", "grants": grants}))
    files = {"catalogue_folder": str(folder), "project_file": str(folder / "project.json")}
    return await serve("hdh_catalogue", CatalogueExtension=files)


def grant(dataset: str, path: Path, start: date, end: date | None) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "path": str(path),
        "valid_from": start.isoformat(),
        "valid_until": end and end.isoformat(),
    }


async def answer(served: Served, path: str, language: str = "fr") -> tuple[int, Any]:
    response = await served.fetch(path, language=language)
    assert response.headers["Content-Type"].startswith("application/json")
    return response.code, json.loads(response.body)


async def test_a_search_tells_what_a_researcher_must_know(served: Served) -> None:
    status, found = await answer(served, "hdh-catalogue/search?q=oscour&kind=dataset&limit=1")
    assert status == 200
    assert found["total"] == 2
    assert not found["relaxed"]
    [item] = found["items"]
    assert item["id"] == "oscour"
    assert item["steward"] == "Santé publique France"
    assert item["coverage"] == "depuis 2004"
    assert item["access"] == {"regime": "authorisation", "label": "Autorisation"}
    assert item["conditions"].startswith("Autorisation CESREES + CNIL ; HDH")
    assert item["conditions"].endswith("exclusivité, accès simplifié, tarification : à convenir")
    assert item["usable"]["code"] == "granted"
    assert item["usable"]["message"] == f"Accordée à ce projet jusqu’au {TODAY:%d/%m/%Y}."


@pytest.mark.parametrize(
    ("dataset", "usable", "refusal"),
    [
        pytest.param("oscour", "granted", None, id="00-last-day"),
        pytest.param("sidep", "expired", "catalogue.grant_expired", id="01-day-after"),
        pytest.param("pmsi", "not_granted", "catalogue.grant_not_started", id="02-day-before"),
        pytest.param("cepidc", "not_granted", "catalogue.not_granted", id="03-no-grant"),
    ],
)
async def test_rights_decide_what_is_said_and_which_code_is_given(
    served: Served, dataset: str, usable: str, refusal: str | None
) -> None:
    _, record = await answer(served, f"hdh-catalogue/datasets/{dataset}")
    assert record["usable"]["code"] == usable
    status, reply = await answer(served, f"hdh-catalogue/datasets/{dataset}/snippet?language=python")
    if refusal is None:
        assert status == 200
        assert "read_parquet" in reply["code"]
    else:
        assert (status, reply["code"]) == (403, refusal)


async def test_only_usable_datasets_can_be_asked_for(served: Served) -> None:
    _, found = await answer(served, "hdh-catalogue/search?usable=true&kind=dataset")
    assert [item["id"] for item in found["items"]] == ["oscour"]
    assert found["total"] == 1


async def test_a_record_has_labels_in_both_languages_and_marks_what_is_not_sure(served: Served) -> None:
    _, record = await answer(served, "hdh-catalogue/datasets/sidep")
    rows = {row["key"]: row for section in record["sections"] for row in section["rows"]}
    assert rows["field.steward"]["label"] == {"fr": "Responsable de données", "en": "Data steward"}
    assert rows["field.steward"]["to_confirm"]
    assert rows["field.steward"]["value"].endswith("(à confirmer)")
    assert record["sources"]


async def test_every_record_can_be_shown_in_both_languages(served: Served) -> None:
    for dataset in first_records():
        for language in ("fr", "en"):
            status, record = await answer(served, f"hdh-catalogue/datasets/{dataset.id}", language)
            assert (status, record["title"]) == (200, dataset.name)


async def test_sentences_follow_the_browser_language(served: Served) -> None:
    _, found = await answer(served, "hdh-catalogue/search?q=cancer+zzzz+&kind=dataset", "en-GB,en;q=0.9,fr;q=0.5")
    assert found["relaxed"]
    assert found["message"] == "Few results have all of these words: here are those with at least half of them, too."
    assert found["items"][0]["usable"]["message"] == "Not granted to this project."


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("search?limit=0", 400, "catalogue.bad_number", id="00"),
        pytest.param("search?limit=101", 400, "catalogue.bad_number", id="01"),
        pytest.param("search?offset=-1", 400, "catalogue.bad_number", id="02"),
        pytest.param("search?offset=1e3", 400, "catalogue.bad_number", id="03"),
        pytest.param("search?usable=maybe", 400, "catalogue.bad_usable", id="04"),
        pytest.param("search?q=" + "a" * 201, 400, "catalogue.query_too_long", id="05"),
        pytest.param("datasets/nothing", 404, "catalogue.unknown_dataset", id="06"),
        pytest.param("datasets/oscour/snippet?language=cobol", 400, "catalogue.bad_language", id="07"),
    ],
)
async def test_a_bad_request_gets_a_sentence(served: Served, path: str, status: int, code: str) -> None:
    seen, reply = await answer(served, f"hdh-catalogue/{path}")
    assert (seen, reply["code"]) == (status, code)
    assert reply["message"]


@pytest.mark.parametrize("path", ["search", "datasets/oscour", "datasets/oscour/snippet"])
async def test_nobody_reads_it_without_signing_in(served: Served, path: str) -> None:
    response = await served.fetch(f"hdh-catalogue/{path}", token=None)
    assert response.code == 403
    assert json.loads(response.body)["code"] == "catalogue.refused"


async def test_a_workspace_without_a_catalogue_says_so(tmp_path: Path, serve: Serve) -> None:
    files = {"catalogue_folder": str(tmp_path / "none"), "project_file": str(tmp_path / "none.json")}
    served = await serve("hdh_catalogue", CatalogueExtension=files)
    assert (await answer(served, "hdh-catalogue/search"))[0] == 503


@pytest.mark.parametrize("text", ["", "[]", '{"grants": [{"dataset": "oscour"}]}', '{"grants": null}', "\xff"])
def test_a_damaged_project_document_grants_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "project.json"
    path.write_bytes(text.encode("latin-1"))
    assert ProjectRights(path, logging.getLogger("test")).on(TODAY) == {}


def test_code_is_given_in_three_languages(data: Path) -> None:
    assert snippet("oscour", "OSCOUR", data, "python") == (
        f'import pandas as pd\n\noscour = pd.read_parquet("{data}/visits.parquet")\n'
    )
    r = snippet("oscour", "OSCOUR", data, "r")
    assert f'arrow::read_parquet("{data}/visits.parquet")' in r
    assert f'read.csv("{data}/visits.csv", colClasses = c("department" = "character"))' in r
    julia = snippet("oscour", "OSCOUR", data, "Julia")
    assert f'CSV.read("{data}/visits.csv", DataFrame; types = Dict("department" => String))' in julia


def test_several_tables_get_a_name_each(tmp_path: Path) -> None:
    for name in ("a.csv", "b-2.csv", "notes.txt"):
        (tmp_path / name).write_text("x\n")
    code = snippet("two-tables", "Deux", tmp_path, "python")
    assert "two_tables_a = " in code
    assert "two_tables_b_2 = " in code
    assert "notes" not in code


def test_file_names_cannot_break_out_of_their_quotes(tmp_path: Path) -> None:
    (tmp_path / 'x"; $(run).csv').write_text("x\n")
    compile(snippet("d", "D", tmp_path, "python"), "snippet", "exec")
    assert "\\$(run)" in snippet("d", "D", tmp_path, "julia")


def test_a_dataset_without_a_known_file_is_said_so(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(PublicError) as refusal:
            snippet("d", "D", folder, "R")
        assert refusal.value.code == "catalogue.no_file"


def test_the_hub_zone_is_not_loaded_in_a_workspace() -> None:
    program = "import sys, hdh_catalogue; print(sorted(m for m in sys.modules if m in {'sqlalchemy', 'jupyterhub'}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONPATH": PATH})
    assert loaded.stdout == "[]\n", loaded.stderr
