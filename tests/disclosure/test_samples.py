"""Labelled result files, when `HDH_SHARED_DATA` names a folder that holds them (`egress-samples`)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.disclosure import check
from hdh_jupyter.disclosure.engine import examine
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.register.extract import extract

FOLDER = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent")) / "egress-samples"
VERDICTS = {"must_block": {"block"}, "must_flag": {"block", "review"}, "clean": {"pass"}}
ABSENT = [pytest.param(None, set(), id="none here")]


def labels() -> dict[str, Any]:
    path = FOLDER / "verdicts.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {"files": {}, "groups": []}


def files() -> list[Any]:
    return [
        pytest.param(
            name, VERDICTS[file["label"]] | ({"review"} if "flag" in file["tolerated"] else set()), id=file["case"]
        )
        for name, file in labels()["files"].items()
    ]


def groups() -> list[Any]:
    return [pytest.param(group, VERDICTS[group["label"]], id=group["category"]) for group in labels()["groups"]]


@pytest.mark.parametrize(("name", "verdicts"), files() or ABSENT)
def test_labelled_files_get_their_verdict(name: str | None, verdicts: set[str]) -> None:
    if name is None:
        assert not FOLDER.exists()
        return
    assert str(check([FOLDER / "files" / name]).verdict) in verdicts


@pytest.mark.parametrize(("group", "verdicts"), groups() or ABSENT)
def test_labelled_groups_get_their_verdict(group: dict[str, Any] | None, verdicts: set[str]) -> None:
    if group is None:
        assert not FOLDER.exists()
        return
    paths = [FOLDER / "files" / name for name in group["files"]]
    earlier = []
    if group["order"] == "sequential":
        for path in paths[:-1]:
            document, _ = examine(path, path.name, default_policy())
            assert document is not None
            earlier.append(extract({path.name: document}, path.name, default_policy()))
        paths = paths[-1:]
    assert str(check(paths, released=earlier).verdict) in verdicts
