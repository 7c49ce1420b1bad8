"""SQLite files that are written once and then only read, also where nothing can be written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


class SqliteReader:
    """Asks a file, from any thread.

    Parameters
    ----------
    path
        It must not change as long as it is read.
    """

    def __init__(self, path: Path) -> None:
        # `immutable` lets SQLite read on a read-only mount, where it can take no lock.
        self._uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._idle: list[sqlite3.Connection] = []

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            connection = self._idle.pop()
        except IndexError:
            # One thread at a time has a connection, not always the same.
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            self._idle.append(connection)

    def __del__(self) -> None:
        for connection in self._idle:
            connection.close()
