"""What workspaces see of the catalogue, written by the hub zone into the folder that shows as `/catalogue`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Protocol

from hdh_jupyter.errors import PublicError

from .search.single_file import SearchIndex, digest
from .store import CatalogueStore

CATALOGUE_FILE = "catalogue.sqlite"
PROJECT_FILE = "project.json"


class DatasetGrant(Protocol):
    """A project's right to a dataset, first and last day included; a missing day is no limit."""

    @property
    def dataset(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...


def refresh(store: CatalogueStore, folder: Path) -> bool:
    """Bring the snapshot in `folder` up to date; return whether it had to be written.

    The folder also gets a project document that grants nothing: the spawner covers it with the project's own, and the
    mount point must exist below a read-only folder.
    """
    datasets = store.all()
    index = SearchIndex(folder / CATALOGUE_FILE)
    changed = not _is_current(index, digest(datasets))
    if changed:
        index.rebuild(datasets)
    if not (folder / PROJECT_FILE).exists():
        (folder / PROJECT_FILE).write_text(project_document("", ()), "utf-8")
    return changed


def project_document(project_id: str, grants: Iterable[DatasetGrant]) -> str:
    """Return what `/catalogue/project.json` says: the datasets granted to the project, and until when."""
    entries = [
        {
            "dataset": grant.dataset,
            "path": f"/data/{grant.dataset}",
            "valid_from": grant.valid_from and grant.valid_from.isoformat(),
            "valid_until": grant.valid_until and grant.valid_until.isoformat(),
        }
        for grant in sorted(grants, key=lambda g: g.dataset)
    ]
    return json.dumps({"project": project_id, "grants": entries}, ensure_ascii=False, indent=1)


def _is_current(index: SearchIndex, expected: str) -> bool:
    try:
        return index.origin() == expected
    except PublicError:
        # Missing, damaged or of another format: it is written anew.
        return False
