"""JupyterLab's layouts (which documents and panels are open, and where): JupyterLab calls them workspaces."""

from __future__ import annotations

import json
from typing import Any

from ..errors import PublicError
from .lab_documents import Owner, PersonalDocuments

MOST = 50
"""Layouts of one person in one project."""

Layout = dict[str, Any]


class LabLayouts:
    """Everybody's layouts.

    The methods wait for files: call them in a thread.
    """

    def __init__(self, documents: PersonalDocuments) -> None:
        self._documents = documents

    def all(self, owner: Owner) -> list[Layout]:
        """Return every layout that a person kept."""
        entries, _ = self._documents.read(owner)
        return [_layout(name, entry) for name, entry in sorted(entries.items())]

    def one(self, owner: Owner, name: str) -> Layout:
        """Return a layout, an empty one when there is none of that name or it cannot be read."""
        entries, _ = self._documents.read(owner)
        return _layout(name, entries.get(name, {}))

    def save(self, owner: Owner, name: str, body: bytes) -> None:
        """Keep a layout.

        Raises
        ------
        PublicError
            `gateway.lab_bad_layout` or `gateway.lab_full`; nothing has changed.
        """
        try:
            content = json.loads(body)
            data, identifier = content["data"], content["metadata"]["id"]
        except (ValueError, RecursionError, KeyError, TypeError):
            data = identifier = None
        if not isinstance(data, dict) or not isinstance(identifier, str) or identifier.lstrip("/") != name:
            raise PublicError("gateway.lab_bad_layout", 400)
        entries, _ = self._documents.read(owner)
        if name not in entries and len(entries) >= MOST:
            raise PublicError("gateway.lab_too_many", 413, most=MOST)
        self._documents.put(owner, name, {"data": data, "id": identifier})

    def remove(self, owner: Owner, name: str) -> None:
        """Forget a layout, if there is one."""
        self._documents.remove(owner, name)


def _layout(name: str, entry: dict[str, Any]) -> Layout:
    data = entry.get("data")
    metadata = {"id": entry.get("id", f"/{name}")}
    metadata |= {key: entry[key] for key in ("created", "last_modified") if key in entry}
    return {"data": data if isinstance(data, dict) else {}, "metadata": metadata}
