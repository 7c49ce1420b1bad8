"""The catalogue's interface keeps to its OpenAPI description, whatever is asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from hdh_catalogue.handlers import description
from hdh_jupyter.catalogue.search import open_index
from hdh_jupyter.catalogue.seed import first_records
from tests.extensions.conftest import TOKEN, Serve, Served

OPERATIONS = sorted(path for path in description()["paths"])
EXAMPLES = 25
"""Requests by operation."""


@pytest.fixture
async def served(tmp_path: Path, serve: Serve) -> Served:
    folder = tmp_path / "catalogue"
    open_index(folder).rebuild(first_records())
    (folder / "project.json").write_text(json.dumps({"project": "demo", "grants": []}))
    files = {"catalogue_folder": str(folder), "project_file": str(folder / "project.json")}
    return await serve("hdh_catalogue", CatalogueExtension=files)


@pytest.mark.parametrize("path", OPERATIONS)
async def test_every_answer_is_as_described(served: Served, path: str) -> None:
    described = await served.fetch("hdh-catalogue/openapi.json")
    document = json.loads(described.body)
    # Which facets there are is a matter of configuration.
    document["components"]["parameters"]["facet"]["schema"]["items"]["pattern"] = "^(regime|themes|usable|years):.+$"
    schema = schemathesis.openapi.from_dict(document)
    base = served.origin + served.app.base_url.rstrip("/")
    operation: Any = schema[path]["GET"]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        response = case.call(base_url=base, headers={"Authorization": f"token {TOKEN}"})
        assert response.status_code < 500, response.text
        case.validate_response(response)

    await asyncio.to_thread(ask)
