"""What a person changes in their JupyterLab, kept in the hub zone: a JSON document per project, person and kind.

Inside the workspace one member could change another's settings; here only the gateway writes, in the name of whoever
is signed in.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import PublicError

LOG = logging.getLogger(__name__)

Entries = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Owner:
    """Whose document it is."""

    project: str
    person: str


class PersonalDocuments:
    """Documents of one kind, each a table from names to entries.

    Parameters
    ----------
    root
        The folder of all projects' documents.
    kind
        The documents' file name, without its suffix.
    limit
        The largest document, bytes.
    """

    def __init__(self, root: Path, kind: str, limit: int) -> None:
        self._root = root
        self._kind = kind
        self._limit = limit
        self._lock = threading.Lock()

    def read(self, owner: Owner) -> tuple[Entries, bool]:
        """Return the entries, and whether they could be read: a broken document counts as an empty one."""
        path = self._path(owner)
        try:
            if path.stat().st_size > self._limit:
                raise ValueError("too large")
            content = json.loads(path.read_bytes())
            if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
                raise ValueError("not a table of entries")
        except FileNotFoundError:
            return {}, True
        except (OSError, ValueError, RecursionError):
            LOG.exception("The document %s cannot be read", path)
            return {}, False
        return content, True

    def put(self, owner: Owner, name: str, entry: dict[str, Any]) -> None:
        """Put an entry in place of the former one of its name, with its times.

        Raises
        ------
        PublicError
            `gateway.lab_full`: the document would be larger than the limit; nothing has changed.
        """
        now = datetime.now(UTC).isoformat()

        def change(entries: Entries) -> None:
            created = entries.get(name, {}).get("created", now)
            entries[name] = {**entry, "created": created, "last_modified": now}

        self._change(owner, change)

    def remove(self, owner: Owner, name: str) -> None:
        """Take an entry away, if there is one."""
        self._change(owner, lambda entries: entries.pop(name, None))

    def _change(self, owner: Owner, change: Callable[[Entries], Any]) -> None:
        path = self._path(owner)
        with self._lock:
            entries, sound = self.read(owner)
            change(entries)
            content = json.dumps(entries, ensure_ascii=False).encode()
            if len(content) > self._limit:
                raise PublicError("gateway.lab_full", 413, limit=self._limit)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not sound:
                os.replace(path, path.with_suffix(".broken"))
            _write(path, content)

    def _path(self, owner: Owner) -> Path:
        key = sha256(owner.person.encode()).hexdigest()[:32]
        return self._root / owner.project / key / f"{self._kind}.json"


def _write(path: Path, content: bytes) -> None:
    # mkstemp makes the file with mode 0600; whoever reads sees the old document or the new one.
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.stem}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
