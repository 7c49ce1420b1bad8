"""Search in the catalogue's snapshot, one SQLite file with a full-text index (FTS5).

The file is built whole by the hub zone and read in workspaces, where nothing can write to it. What a query does:
codes (dataset ids, names, variables) come first when they are typed exactly; then every word must be found, the last
one by its beginning since it may still be being typed; when no record has them all, records with at least half of the
words are returned and the answer says so.
"""

# Queries are put together from constant parts; every value that comes from outside is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hdh_jupyter.errors import PublicError

from ..model import Dataset, from_document, to_document
from ..words import fold, meaningful, stem, words

FORMAT = 1
"""Version of the file's tables, in `PRAGMA user_version`."""

MAX_WORDS = 16
"""Words of a query that count; the rest is left out."""

FACETS = ("themes", "steward", "kind", "regime", "membership")

SCHEMA = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE record (rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, sort TEXT, document TEXT);
CREATE TABLE code (code TEXT, record INTEGER);
CREATE INDEX code_code ON code (code);
CREATE TABLE facet (name TEXT, value TEXT, record INTEGER);
CREATE INDEX facet_name ON facet (name, value);
CREATE TABLE suggestion (start TEXT, text TEXT, rank INTEGER);
CREATE INDEX suggestion_start ON suggestion (start);
CREATE TABLE origin (digest TEXT);
CREATE VIRTUAL TABLE text USING fts5 (title, title_stems, body, body_stems, tokenize = 'ascii');
"""

WEIGHTS = "8.0, 4.0, 3.0, 1.0"
"""Of the four columns of `text`, for its BM25 rank."""


@dataclass(frozen=True)
class Results:
    """The answer to a query.

    Attributes
    ----------
    total
        How many records match, whatever the page asked for.
    relaxed
        No record has every word: these have at least half of them.
    """

    total: int
    relaxed: bool
    datasets: tuple[Dataset, ...]


@dataclass(frozen=True)
class Selection:
    """What a search is limited to, besides its words.

    Attributes
    ----------
    facets
        Accepted values by facet; one facet's values are alternatives, facets are cumulative.
    only
        Ids outside of which nothing is returned; None for no such limit.
    """

    facets: Mapping[str, Collection[str]] | None = None
    only: Collection[str] | None = None


EVERYTHING = Selection()


class SearchIndex:
    """The searchable snapshot of the catalogue.

    Parameters
    ----------
    path
        The SQLite file. Only :meth:`rebuild` writes it, and replaces it whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def rebuild(self, datasets: Iterable[Dataset]) -> None:
        """Write the file anew from the records; who reads it meanwhile goes on with the old one."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(draft)) as connection, connection:
                # The file is complete or it is not there: it needs no journal of its own.
                connection.execute("PRAGMA journal_mode = OFF")
                connection.executescript(SCHEMA)
                ordered = sorted(datasets, key=lambda d: (fold(d.name), d.id))
                for rowid, dataset in enumerate(ordered, 1):
                    _add(connection, rowid, dataset)
                connection.execute("INSERT INTO origin VALUES (?)", (digest(ordered),))
                connection.execute("INSERT INTO text (text) VALUES ('optimize')")
            # Workspaces read it under accounts of their own; whoever may not simply cannot enter its folder.
            draft.chmod(0o644)
            os.replace(draft, self.path)
        finally:
            draft.unlink(missing_ok=True)

    def search(self, query: str, within: Selection = EVERYTHING, *, limit: int = 20, offset: int = 0) -> Results:
        """Return the records that match, the best first and always in the same order."""
        with self._open() as connection:
            match = _Match(connection, query, within)
            rows = connection.execute(
                f"{match.sql} ORDER BY exact DESC, terms DESC, score, sort, id LIMIT ? OFFSET ?",
                (*match.parameters, limit, offset),
            )
            datasets = tuple(from_document(json.loads(row["document"])) for row in rows)
            return Results(match.total, match.relaxed, datasets)

    def facets(self, query: str, within: Selection = EVERYTHING) -> dict[str, dict[str, int]]:
        """Return, for each facet, how many of the matching records have each value, the most frequent first."""
        with self._open() as connection:
            match = _Match(connection, query, within)
            rows = connection.execute(
                "SELECT name, value, count(*) AS many FROM facet"
                f" JOIN ({match.sql}) AS found ON found.record = facet.record"
                " GROUP BY name, value ORDER BY many DESC, value",
                match.parameters,
            )
            counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
            for row in rows:
                counts[row["name"]][row["value"]] = row["many"]
            return counts

    def suggest(self, start: str, limit: int = 8) -> list[str]:
        """Return names, themes and variables in which a word begins like this."""
        key = " ".join(words(start))
        if not key:
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT text, min(rank) AS best FROM suggestion WHERE start >= ? AND start < ?"
                " GROUP BY text ORDER BY best, text LIMIT ?",
                (key, _after(key), limit),
            )
            return [row["text"] for row in rows]

    def count(self, query: str, within: Selection = EVERYTHING) -> int:
        """Return how many records match."""
        with self._open() as connection:
            return _Match(connection, query, within).total

    def dataset(self, dataset: str) -> Dataset:
        """Return one record.

        Raises
        ------
        PublicError
            The catalogue has no such record.
        """
        with self._open() as connection:
            row = connection.execute("SELECT document FROM record WHERE id = ?", (dataset,)).fetchone()
        if row is None:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        return from_document(json.loads(row["document"]))

    def origin(self) -> str:
        """Return the :func:`digest` of the records that the file was built from."""
        with self._open() as connection:
            return str(connection.execute("SELECT digest FROM origin").fetchone()["digest"])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        # `immutable` lets SQLite read on a read-only mount, where it can take no lock.
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            connection = sqlite3.connect(uri, uri=True)
            connection.row_factory = sqlite3.Row
            with closing(connection):
                if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                    raise PublicError("catalogue.unavailable", 503)
                yield connection
        except sqlite3.DatabaseError as error:
            raise PublicError("catalogue.unavailable", 503) from error


class _Match:
    """A query turned into SQL: one row per matching record, with what it is ranked by."""

    def __init__(self, connection: sqlite3.Connection, query: str, within: Selection) -> None:
        found = list(dict.fromkeys(meaningful(words(query))))[:MAX_WORDS]
        typing = bool(query) and not query[-1].isspace()
        limits, limit_parameters = _limits(within)
        terms, term_parameters = _terms(found, typing)
        self.sql = (
            "SELECT record.rowid AS record, id, sort, document, terms, score,"
            " EXISTS (SELECT 1 FROM code WHERE code = ? AND code.record = record.rowid) AS exact"
            f" FROM record JOIN ({terms}) AS matched ON matched.record = record.rowid WHERE terms >= ?{limits}"
        )
        self._head = (" ".join(words(query)), *term_parameters)
        self._tail = limit_parameters
        self.relaxed = False
        self.total = self._use(connection, len(found))
        if self.total == 0 and len(found) > 1:
            self.total = self._use(connection, (len(found) + 1) // 2)
            self.relaxed = self.total > 0

    def _use(self, connection: sqlite3.Connection, least: int) -> int:
        self.parameters = (*self._head, least, *self._tail)
        row = connection.execute(f"SELECT count(*) FROM ({self.sql})", self.parameters).fetchone()
        return int(row[0])


def _terms(found: Sequence[str], typing: bool) -> tuple[str, tuple[object, ...]]:
    """Return a query for how many of the words each record has, and how well."""
    if not found:
        return "SELECT rowid AS record, 0 AS terms, 0.0 AS score FROM record", ()
    branches: list[str] = []
    parameters: list[object] = []
    for number, word in enumerate(found):
        last = typing and number == len(found) - 1
        # Words are only letters and digits here, so that quoting them is safe in FTS5's own language.
        match = f'{{title body}} : "{word}"{"*" if last else ""} OR {{title_stems body_stems}} : "{stem(word)}"'
        branches.append(
            f"SELECT rowid AS record, {number} AS term, bm25(text, {WEIGHTS}) AS score FROM text WHERE text MATCH ?"
        )
        branches.append(f"SELECT record, {number}, -20.0 FROM code WHERE code >= ? AND code < ?")
        parameters += [match, word, _after(word) if last else word + "\0"]
    union = " UNION ALL ".join(branches)
    best = f"SELECT record, term, min(score) AS score FROM ({union}) GROUP BY record, term"
    return (
        f"SELECT record, count(*) AS terms, sum(score) AS score FROM ({best}) GROUP BY record",
        tuple(parameters),
    )


def _limits(within: Selection) -> tuple[str, tuple[object, ...]]:
    sql = ""
    parameters: list[object] = []
    if within.only is not None:
        sql += " AND id IN (SELECT value FROM json_each(?))"
        parameters.append(json.dumps(sorted(within.only)))
    for name, values in (within.facets or {}).items():
        accepted = "SELECT record FROM facet WHERE name = ? AND value IN (SELECT value FROM json_each(?))"
        sql += f" AND record.rowid IN ({accepted})"
        parameters += [name, json.dumps(sorted(values))]
    return sql, tuple(parameters)


def _add(connection: sqlite3.Connection, rowid: int, dataset: Dataset) -> None:
    document = json.dumps(to_document(dataset), ensure_ascii=False, sort_keys=True)
    connection.execute("INSERT INTO record VALUES (?, ?, ?, ?)", (rowid, dataset.id, fold(dataset.name), document))
    codes = {" ".join(words(code)) for code in (dataset.id, dataset.name, *(v.name for v in dataset.variables))}
    connection.executemany("INSERT INTO code VALUES (?, ?)", [(code, rowid) for code in sorted(codes)])
    facets = facet_values(dataset)
    connection.executemany(
        "INSERT INTO facet VALUES (?, ?, ?)", [(name, value, rowid) for name in FACETS for value in facets[name]]
    )
    title = [*words(dataset.name), *words(dataset.long_name.value if dataset.long_name else "")]
    body = [word for text in _texts(dataset) for word in words(text)]
    # Names of variables have no stems: the stem of "décès" is a fragment of many codes.
    names = [word for variable in dataset.variables for word in words(variable.name)]
    columns = (title, [stem(w) for w in title], body + names, [stem(w) for w in body])
    connection.execute(
        "INSERT INTO text (rowid, title, title_stems, body, body_stems) VALUES (?, ?, ?, ?, ?)",
        (rowid, *(" ".join(column) for column in columns)),
    )
    offered = [(dataset.name, 0), *((theme, 1) for theme in dataset.themes), *((v.name, 2) for v in dataset.variables)]
    for text, rank in offered:
        parts = words(text)
        connection.executemany(
            "INSERT INTO suggestion VALUES (?, ?, ?)",
            [(" ".join(parts[first:]), text, rank + (first > 0)) for first in range(len(parts))],
        )


def facet_values(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Return the values by which a record can be filtered, for each of :data:`FACETS`."""
    return {
        "themes": dataset.themes,
        "steward": (dataset.steward.value,),
        "kind": (dataset.kind.value,),
        "regime": (dataset.access.regime.value.value,),
        "membership": (dataset.membership.value.value,),
    }


def digest(datasets: Iterable[Dataset]) -> str:
    """Return a SHA-256 of the records and of the file format, which tells whether a snapshot is up to date."""
    hashed = sha256(f"format {FORMAT}\n".encode())
    for dataset in sorted(datasets, key=lambda d: (fold(d.name), d.id)):
        hashed.update(json.dumps(to_document(dataset), sort_keys=True).encode() + b"\n")
    return hashed.hexdigest()


def _texts(dataset: Dataset) -> Iterator[str]:
    facts = (dataset.steward, dataset.kind, dataset.summary, dataset.population, dataset.geography)
    yield from (fact.value for fact in (*facts, dataset.granularity, dataset.frequency) if fact is not None)
    yield from (*dataset.themes, *dataset.coding, *dataset.variable_groups)
    yield from (variable.label for variable in dataset.variables if variable.label)
    yield from (remark.fact.value for remark in dataset.remarks)


def _after(start: str) -> str:
    """Return a text that sorts after every text beginning with `start`."""
    return start + "\U0010ffff"
