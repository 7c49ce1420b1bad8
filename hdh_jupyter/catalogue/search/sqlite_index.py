"""The index in SQLite's full-text tables (FTS5): where tantivy is missing, and what it is checked against."""

# Queries are put together from constant parts; every value that comes from outside is a parameter.
# ruff: noqa: S608

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from .documents import from_stored, to_stored
from .entries import Entry
from .facets import RESULT, Filter
from .files import SqliteReader
from .interface import Hit
from .query import Request, Term

FILE = "entries.sqlite"

SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE entry (place INTEGER PRIMARY KEY, {RESULT} TEXT, dataset TEXT, hidden TEXT, hit TEXT);
CREATE INDEX entry_dataset ON entry (dataset);
CREATE TABLE exact (code TEXT, place INTEGER);
CREATE TABLE named (label TEXT, place INTEGER);
CREATE TABLE facet (dataset TEXT, name TEXT, value TEXT, PRIMARY KEY (dataset, name, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5 (title, body, code, content = '', tokenize = 'ascii');
"""

WEIGHTS = "4.0, 1.0, 2.0"
"""Of the three columns of `text`, for its BM25 rank."""


HAS_LABEL = "EXISTS (SELECT 1 FROM named WHERE label = ? AND named.place = entry.place)"
HAS_CODE = "EXISTS (SELECT 1 FROM exact WHERE code = ? AND exact.place = entry.place)"


class SqliteWriter:
    """Writes an index."""

    def __init__(self, folder: Path, facets: Sequence[str]) -> None:
        self._connection = sqlite3.connect(folder / FILE)
        self._connection.executescript(SCHEMA)
        self._added = 0

    def add(self, entry: Entry, stored: Sequence[tuple[str, str]]) -> None:
        """Add an entry, as :meth:`EngineWriter.add`."""
        self._added += 1
        place, hit, run = self._added, entry.hit, self._connection.execute
        hidden = hit.dataset if hit.restricted else None
        run("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", (place, hit.kind.value, hit.dataset, hidden, to_stored(hit)))
        columns = (" ".join(entry.title), " ".join(entry.body), " ".join(entry.code))
        run("INSERT INTO text (rowid, title, body, code) VALUES (?, ?, ?, ?)", (place, *columns))
        self._connection.executemany("INSERT INTO exact VALUES (?, ?)", [(code, place) for code in entry.exact])
        self._connection.executemany("INSERT INTO named VALUES (?, ?)", [(label, place) for label in entry.named])
        values = [(hit.dataset, name, value) for name, value in stored]
        self._connection.executemany("INSERT OR IGNORE INTO facet VALUES (?, ?, ?)", values)

    def close(self) -> None:
        """Finish the file, as :meth:`EngineWriter.close`."""
        self._connection.execute("CREATE INDEX exact_code ON exact (code)")
        self._connection.execute("CREATE INDEX named_label ON named (label)")
        self._connection.execute("INSERT INTO text (text) VALUES ('optimize')")
        self._connection.commit()
        found = self._connection.execute("SELECT count(*) FROM entry").fetchone()[0]
        self._connection.close()
        if found != self._added:
            raise RuntimeError(f"the index holds {found} entries of {self._added}")

    def abandon(self) -> None:
        """Let the file go."""
        self._connection.close()


class SqliteEngine:
    """Reads an index."""

    name: ClassVar[str] = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = SqliteReader(folder / FILE)

    @classmethod
    def writer(cls, folder: Path, facets: Sequence[str]) -> SqliteWriter:
        return SqliteWriter(folder, facets)

    def page(self, request: Request, limit: int, offset: int) -> tuple[int, list[Hit]]:
        """Return a page, as :meth:`Engine.page`."""
        sql, parameters = _matching(request)
        order = f"ORDER BY {HAS_CODE} DESC, {HAS_LABEL} DESC, terms DESC, score, entry.place LIMIT ? OFFSET ?"
        rows = self._file.rows(f"SELECT hit {sql} {order}", (*parameters, request.exact, request.exact, limit, offset))
        return self.total(request), [from_stored(hit) for (hit,) in rows]

    def total(self, request: Request) -> int:
        """Return how many entries there are, as :meth:`Engine.total`."""
        sql, parameters = _matching(request)
        [(total,)] = self._file.rows(f"SELECT count(*) {sql}", parameters)
        return int(total)

    def facet_counts(self, request: Request, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return counts by stored value, as :meth:`Engine.facet_counts`."""
        sql, parameters = _matching(request)
        counts: dict[str, dict[str, int]] = {name: {} for name in facets}
        if RESULT in counts:
            results = f"SELECT {RESULT}, count(*) {sql} GROUP BY {RESULT}"
            counts[RESULT] = dict(self._file.rows(results, parameters))
        rows = self._file.rows(
            f"WITH found AS (SELECT entry.dataset AS dataset, count(*) AS many {sql} GROUP BY entry.dataset)"
            " SELECT name, value, sum(many) FROM found JOIN facet USING (dataset) GROUP BY name, value",
            parameters,
        )
        for name, value, many in rows:
            if name in counts:
                counts[name][value] = many
        return counts

    def by_dataset(self, request: Request) -> dict[str, int]:
        """Return counts by dataset, as :meth:`Engine.by_dataset`."""
        sql, parameters = _matching(request)
        return dict(self._file.rows(f"SELECT entry.dataset, count(*) {sql} GROUP BY entry.dataset", parameters))


def _matching(request: Request) -> tuple[str, tuple[object, ...]]:
    """Return the part of a query that begins with FROM, and its parameters."""
    terms, term_parameters = _terms(request.terms, request.fields)
    limits, limit_parameters = _limits(request.filter)
    if request.coded:
        limits += f" AND {HAS_CODE}"
        limit_parameters = (*limit_parameters, request.exact)
    return (
        f"FROM entry JOIN ({terms}) AS matched ON matched.place = entry.place WHERE terms >= ?{limits}",
        (*term_parameters, request.least, *limit_parameters),
    )


def _terms(terms: Sequence[Term], fields: Sequence[str]) -> tuple[str, tuple[object, ...]]:
    """Return a query for how many of the terms each entry has, and how well."""
    if not terms:
        return "SELECT place, 0 AS terms, 0.0 AS score FROM entry", ()
    one = f"SELECT rowid AS place, bm25(text, {WEIGHTS}) AS score FROM text WHERE text MATCH ?"
    # With one part alone SQLite would compute the rank among groups, where it cannot.
    union = " UNION ALL ".join(["SELECT NULL AS place, 0.0 AS score WHERE 0", *[one] * len(terms)])
    # Codes have no stems. Words are letters and digits here: none of them means anything in FTS5's own language.
    looked, stems = " ".join(fields), " ".join(field for field in fields if field != "code")
    matches = tuple(
        f'{{{looked}}} : "{term.word}"{"*" if term.prefix else ""} OR {{{stems}}} : "{term.stem}"' for term in terms
    )
    return f"SELECT place, count(*) AS terms, sum(score) AS score FROM ({union}) GROUP BY place", matches


def _limits(within: Filter) -> tuple[str, tuple[object, ...]]:
    sql = ""
    parameters: list[object] = []
    member = "IN (SELECT value FROM json_each(?))"
    if within.hidden:
        sql += f" AND (hidden IS NULL OR hidden NOT {member})"
        parameters.append(_list(within.hidden))
    if within.kind is not None:
        sql += f" AND {RESULT} = ?"
        parameters.append(within.kind)
    if within.only is not None:
        sql += f" AND entry.dataset {member}"
        parameters.append(_list(within.only))
    if within.without:
        sql += f" AND entry.dataset NOT {member}"
        parameters.append(_list(within.without))
    for name, values in within.stored:
        sql += f" AND entry.dataset IN (SELECT dataset FROM facet WHERE name = ? AND value {member})"
        parameters += [name, _list(values)]
    return sql, tuple(parameters)


def _list(values: frozenset[str]) -> str:
    return json.dumps(sorted(values))
