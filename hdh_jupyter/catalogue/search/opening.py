"""Opening the catalogue in a folder with the engines that are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from .engine import Engine
from .folder_index import FolderIndex
from .sqlite_index import SqliteEngine

try:
    from .tantivy_index import TantivyEngine
except ImportError:
    # Its wheel is not there for every processor: SQLite, which comes with Python, answers the same.
    ENGINES: tuple[type[Engine], ...] = (SqliteEngine,)
else:
    ENGINES = (TantivyEngine, SqliteEngine)


def open_index(
    folder: Path, facets: Mapping[str, str] | None = None, today: Callable[[], date] = date.today
) -> FolderIndex:
    """Return the catalogue in a folder; the folder need not be there yet.

    Parameters
    ----------
    facets
        What a rebuild declares, each name with its source; None for what the folder has already.
    """
    return FolderIndex(folder, ENGINES, facets, today)
