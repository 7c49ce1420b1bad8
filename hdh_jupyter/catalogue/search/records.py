"""The records beside an index, with the words that typing errors are corrected to."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from hdh_jupyter.errors import PublicError

from ..model import Dataset, from_document, to_document
from .entries import Entry, has_restricted, ordered, visible
from .facets import FacetTable, declared
from .files import SqliteReader
from .interface import Audience

FORMAT = 2
"""Version of what a generation holds."""

FILE = "records.sqlite"

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE record (id TEXT PRIMARY KEY, heading TEXT, document TEXT);
CREATE TABLE facet (name TEXT, value TEXT, PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE TABLE word (word TEXT, hidden TEXT, many INTEGER, PRIMARY KEY (word, hidden)) WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT);
"""

MOST_HEADINGS = 4096
"""Headings that are kept in memory."""


class RecordsWriter:
    """Writes the file of records."""

    def __init__(self, folder: Path, facets: dict[str, str]) -> None:
        self._connection = sqlite3.connect(folder / FILE)
        self._connection.executescript(SCHEMA)
        self._words: Counter[tuple[str, str]] = Counter()
        self._public: Counter[str] = Counter()
        self._restricted: list[str] = []
        self._set("facets", facets)

    def add_record(self, dataset: Dataset, stored: Sequence[tuple[str, str]]) -> None:
        """Add a record with its stored facet values."""
        texts = [json.dumps(to_document(d), ensure_ascii=False) for d in (replace(dataset, tables=()), dataset)]
        self._connection.execute("INSERT INTO record VALUES (?, ?, ?)", (dataset.id, *texts))
        self._connection.executemany("INSERT OR IGNORE INTO facet VALUES (?, ?)", stored)
        if has_restricted(dataset):
            self._restricted.append(dataset.id)

    def add_words(self, entry: Entry) -> None:
        """Count the words of an entry."""
        if entry.hit.restricted:
            self._words.update((word, entry.hit.dataset) for word in entry.vocabulary)
        else:
            self._public.update(entry.vocabulary)

    def close(self, origin: str) -> None:
        """Finish the file, which was made of the records with this digest."""
        counted = [*((word, "", many) for word, many in self._public.items())]
        counted += [(word, hidden, many) for (word, hidden), many in self._words.items()]
        self._connection.executemany("INSERT INTO word VALUES (?, ?, ?)", sorted(counted))
        self._set("restricted", self._restricted)
        self._set("origin", origin)
        self._connection.commit()
        self._connection.close()

    def abandon(self) -> None:
        """Let the file go, which nobody will read."""
        self._connection.close()

    def _set(self, name: str, value: object) -> None:
        self._connection.execute("INSERT INTO setting VALUES (?, ?)", (name, json.dumps(value)))


class Records:
    """Reads the file of records.

    Attributes
    ----------
    restricted
        Ids of the datasets with variables for projects with a grant alone.
    origin
        The :func:`digest` of the records.
    """

    def __init__(self, folder: Path) -> None:
        self._file = SqliteReader(folder / FILE)
        settings = {name: json.loads(value) for name, value in self._file.rows("SELECT name, value FROM setting")}
        self.restricted: frozenset[str] = frozenset(settings["restricted"])
        self.origin: str = settings["origin"]
        values: dict[str, list[str]] = {}
        for name, value in self._file.rows("SELECT name, value FROM facet"):
            values.setdefault(name, []).append(value)
        self.facets = FacetTable(declared(settings["facets"]), values)
        self._headings: dict[str, Dataset] = {}

    def dataset(self, dataset: str, audience: Audience) -> Dataset:
        """Return one record as an audience may see it.

        Raises
        ------
        PublicError
            There is none.
        """
        rows = self._file.rows("SELECT document FROM record WHERE id = ?", (dataset,))
        if not rows:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        return visible(from_document(json.loads(rows[0][0])), audience)

    def headings(self, datasets: Collection[str]) -> dict[str, Dataset]:
        """Return records without their tables, by id."""
        known = {name: self._headings[name] for name in datasets if name in self._headings}
        missing = json.dumps(sorted(set(datasets) - known.keys()))
        sql = "SELECT id, heading FROM record WHERE id IN (SELECT value FROM json_each(?))"
        found = {}
        if len(known) < len(set(datasets)):
            found = {name: from_document(json.loads(text)) for name, text in self._file.rows(sql, (missing,))}
        if len(self._headings) + len(found) > MOST_HEADINGS:
            self._headings.clear()
        self._headings.update(found)
        return known | found

    def frequencies(self, words: Iterable[str], hidden: frozenset[str]) -> dict[str, int]:
        """Return how many entries have each word, those that stand in hidden ones alone left out."""
        return dict(
            self._file.rows(
                "SELECT word, sum(many) FROM word WHERE word IN (SELECT value FROM json_each(?))"
                " AND hidden NOT IN (SELECT value FROM json_each(?)) GROUP BY word",
                (json.dumps(list(words)), json.dumps(sorted(hidden))),
            )
        )

    def themes(self) -> list[str]:
        """Return the themes of all records."""
        return [value for (value,) in self._file.rows("SELECT value FROM facet WHERE name = 'themes' ORDER BY value")]


def digest(datasets: Iterable[Dataset]) -> str:
    """Return a SHA-256 of the records and of the format, which tells whether an index is up to date."""
    hashed = sha256(f"format {FORMAT}\n".encode())
    for dataset in ordered(datasets):
        hashed.update(json.dumps(to_document(dataset), sort_keys=True).encode() + b"\n")
    return hashed.hexdigest()
