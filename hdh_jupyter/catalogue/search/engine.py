"""What an engine does: finding the entries that a request asks for, among those that it was given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from .entries import Entry
from .interface import Hit
from .query import Request


class EngineWriter(Protocol):
    """Writes the files of an engine."""

    def add(self, entry: Entry, stored: Sequence[tuple[str, str]]) -> None:
        """Add an entry with its dataset's stored facet values; entries come in the order in which equal hits stand."""

    def close(self) -> None:
        """Finish the files.

        Raises
        ------
        RuntimeError
            They do not hold all that was added.
        """

    def abandon(self) -> None:
        """Let the files go, which nobody will read."""


class Engine(Protocol):
    """Reads the files of an engine, from any thread."""

    name: ClassVar[str]

    def __init__(self, folder: Path) -> None: ...

    @classmethod
    def writer(cls, folder: Path, facets: Sequence[str]) -> EngineWriter:
        """Return what writes a new index with these facets into a folder."""

    def page(self, request: Request, limit: int, offset: int) -> tuple[int, list[Hit]]:
        """Return how many entries there are, and some of them, the best first."""

    def total(self, request: Request) -> int:
        """Return how many entries there are."""

    def facet_counts(self, request: Request, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return how many of the entries have each stored value, by facet."""

    def by_dataset(self, request: Request) -> dict[str, int]:
        """Return how many of the entries each dataset has."""
