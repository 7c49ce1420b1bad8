"""What workspaces see of the catalogue, written by the hub zone into the folder that shows as `/catalogue`.

Code in a workspace reads the snapshot's files as it likes, past any search: what it may not know is not in them. The
folder that is shared by all has no restricted variable. A project with a grant for datasets that have some gets a
folder of its own audience instead, beside the shared one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from hdh_jupyter.errors import PublicError

from .model import Dataset
from .search import PUBLIC, Audience, digest, open_index
from .search.entries import has_restricted, visible
from .search.generations import POINTER
from .store import CatalogueStore

PROJECT_FILE = "project.json"
RESTRICTED_FILE = "restricted.json"
"""Ids of the datasets with restricted variables, where no workspace sees it."""


class DatasetGrant(Protocol):
    """A project's right to a dataset, first and last day included; a missing day is no limit."""

    @property
    def dataset(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_until(self) -> date | None: ...


def refresh(store: CatalogueStore, folder: Path, facets: Mapping[str, str] | None = None) -> bool:
    """Bring every snapshot up to date, the shared one in `folder` and those of audiences; running workspaces see it.

    Parameters
    ----------
    facets
        As `CatalogueSearch.facets`; None for those that the snapshot has.

    Returns
    -------
    bool
        Whether the shared snapshot had to be written.
    """
    datasets = store.all()
    changed = _bring_up_to_date(folder, datasets, PUBLIC, facets)
    private = _private(folder)
    _write(private / RESTRICTED_FILE, json.dumps(sorted(d.id for d in datasets if has_restricted(d))))
    for noted in private.glob("audience-*.json"):
        audience = Audience(frozenset(json.loads(noted.read_text("utf-8"))))
        _bring_up_to_date(noted.with_suffix(""), datasets, audience, facets)
    return changed


def folder_for(store: CatalogueStore, folder: Path, granted: Iterable[str]) -> Path:
    """Return the folder that shows as `/catalogue` in the workspace of a project, beside the shared one or itself.

    Parameters
    ----------
    folder
        The shared one.
    granted
        Ids of the datasets that the project may use today.
    """
    private = _private(folder)
    try:
        restricted = json.loads((private / RESTRICTED_FILE).read_text("utf-8"))
    except FileNotFoundError:
        restricted = []
    mine = json.dumps(sorted(set(granted) & set(restricted)))
    if mine == "[]":
        _write_project_file(folder)
        return folder
    name = f"audience-{sha256(mine.encode()).hexdigest()[:16]}"
    # Noted first: a publication meanwhile finds it and brings it up to date too.
    _write(private / f"{name}.json", mine)
    _bring_up_to_date(private / name, store.all(), Audience(frozenset(json.loads(mine))), open_index(folder).sources())
    return private / name


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


def _bring_up_to_date(
    folder: Path, datasets: list[Dataset], audience: Audience, facets: Mapping[str, str] | None
) -> bool:
    seen = [visible(dataset, audience) for dataset in datasets]
    index = open_index(folder, facets)
    expected = digest(seen)
    changed = True
    if (folder / POINTER).exists():
        # One that is damaged cannot be read: it is written anew.
        with suppress(PublicError):
            changed = index.origin() != expected or index.declared() != index.sources()
    if changed:
        index.rebuild(seen)
    _write_project_file(folder)
    return changed


def _write_project_file(folder: Path) -> None:
    """Put a document that grants nothing: the spawner covers it with the project's own, and a file must be there."""
    if not (folder / PROJECT_FILE).exists():
        _write(folder / PROJECT_FILE, project_document("", ()))


def _private(folder: Path) -> Path:
    private = folder.with_name(f"{folder.name}-restricted")
    private.mkdir(mode=0o700, exist_ok=True)
    return private


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, "utf-8")
    draft.replace(path)
