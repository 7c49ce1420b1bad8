"""Labelled result files, when `HDH_SHARED_DATA` names a folder that holds them (`egress-samples`).

The rules that exist so far are held to the kinds they read; what asks for later rules (dominance, zero
cells, figures) is left out by category.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.disclosure import check

FOLDER = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent")) / "egress-samples"
LATER = {"class_disclosure", "dominance", "figure"}
VERDICTS = {"must_block": "block", "must_flag": "review", "clean": "pass"}


def samples() -> list[Any]:
    if not (FOLDER / "verdicts.json").exists():
        return []
    files = json.loads((FOLDER / "verdicts.json").read_text("utf-8"))["files"]
    kept = {
        n: f for n, f in files.items() if n.endswith((".csv", ".ipynb", ".png", ".svg")) and f["category"] not in LATER
    }
    return [pytest.param(name, VERDICTS[file["label"]], id=file["case"]) for name, file in kept.items()]


@pytest.mark.parametrize(("name", "verdict"), samples() or [pytest.param(None, None, id="none here")])
def test_labelled_files_get_their_verdict(name: str | None, verdict: str | None) -> None:
    if name is None:
        assert not FOLDER.exists()
        return
    assert str(check([FOLDER / "files" / name]).verdict) == verdict
