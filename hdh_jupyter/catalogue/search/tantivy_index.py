"""The index in tantivy's files: the fast engine, for catalogues of any size."""

from __future__ import annotations

import itertools
import json
import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import tantivy
from tantivy import Occur, Query

from .documents import from_stored, to_stored
from .entries import Entry
from .facets import RESULT, Filter
from .interface import Hit
from .query import Request, Term

FOLDER = "tantivy"

PROFILES = "profiles.json"
"""All the facet values that a dataset has, by a name for them together: counting by one field costs much less than by
each facet."""

MOST_PROFILES = 2_000
"""Beyond which putting them together costs more than it saves."""

MEMORY = 2_000_000_000
"""Bytes that the writer may fill before it starts another segment: in one segment, equal hits stand in the order in
which entries were added. It takes only what the entries need."""

WEIGHTS = {"title": 4.0, "body": 1.0, "code": 2.0}
"""What a word in each field counts for; its stem alone counts for half."""

EXACT, NAMED = 100_000.0, 30_000.0
"""Added to the score of an entry whose code, or label, is the query: more than words can give."""

EACH_TERM = 1_000.0
"""Added for each term, or group of terms, that is there when not all need to be, so that entries with more of them come
first."""

MOST_GROUPS = 20
"""Groups of terms that are looked for one by one when not all need to be there: entries with all of a group are found
several times faster than entries with so many of any terms are."""

MOST_TERMS = 1_024
"""Queries for a word that are kept."""

MOST_VALUES = 60_000
"""Of one facet that are counted."""


class TantivyWriter:
    """Writes an index."""

    def __init__(self, folder: Path, facets: Sequence[str]) -> None:
        builder = tantivy.SchemaBuilder()
        for name in ("title", "body", "code"):
            builder = builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
        for name in ("exact", "named", "hidden"):
            builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        for name in ("dataset", "profile", RESULT, *map(_field, facets)):
            builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder = builder.add_integer_field("place", fast=True)
        builder = builder.add_bytes_field("hit", stored=True)
        self._path = folder / FOLDER
        self._path.mkdir()
        self._index = tantivy.Index(builder.build(), path=str(self._path))
        self._writer = self._index.writer(MEMORY, 1)
        self._added = 0
        self._profiles: dict[tuple[tuple[str, str], ...], str] = {}
        self._profiles_path = folder / PROFILES

    def add(self, entry: Entry, stored: Sequence[tuple[str, str]]) -> None:
        """Add an entry, as :meth:`EngineWriter.add`."""
        fields: dict[str, Any] = {_field(name): [] for name, _ in stored}
        for name, value in stored:
            fields[_field(name)].append(value)
        hit = entry.hit
        document = tantivy.Document(
            title=" ".join(entry.title),
            body=" ".join(entry.body),
            code=" ".join(entry.code),
            exact=list(entry.exact),
            named=list(entry.named),
            hidden=[hit.dataset] if hit.restricted else [],
            dataset=hit.dataset,
            profile=self._profiles.setdefault(tuple(stored), str(len(self._profiles))),
            place=self._added,
            hit=to_stored(hit).encode(),
            **{RESULT: hit.kind.value},
            **fields,
        )
        self._writer.add_document(document)
        self._added += 1

    def close(self) -> None:
        """Finish the files, as :meth:`EngineWriter.close`."""
        profiles = {name: values for values, name in self._profiles.items()}
        self._profiles_path.write_text(json.dumps(profiles, ensure_ascii=False), "utf-8")
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._index.reload()
        for lock in self._path.glob(".*.lock"):
            lock.unlink()
        # The thread that writes can die with nothing said but at the next document.
        found = self._index.searcher().num_docs
        if found != self._added:
            raise RuntimeError(f"the index holds {found} entries of {self._added}")

    def abandon(self) -> None:
        """Let the files go: its threads write no more."""
        self._writer.rollback()
        self._writer.wait_merging_threads()


class TantivyEngine:
    """Reads an index."""

    name: ClassVar[str] = "tantivy"

    def __init__(self, folder: Path) -> None:
        profiles: dict[str, list[tuple[str, str]]] = json.loads((folder / PROFILES).read_text("utf-8"))
        self._many_profiles = len(profiles)
        self._terms: dict[tuple[Term, tuple[str, ...]], Query] = {}
        self._having = _having(profiles) if len(profiles) <= MOST_PROFILES else {}
        # It takes a lock file beside the index, even to read: in a workspace nothing can be written there. So it opens
        # links to the files, from a folder that it needs no longer once the files are mapped into memory.
        # It may still be looking at them from a thread of its own when they go: what is left then is links to nothing.
        with tempfile.TemporaryDirectory(prefix="hdh-catalogue-", ignore_cleanup_errors=True) as links:
            for file in (folder / FOLDER).absolute().iterdir():
                Path(links, file.name).symlink_to(file)
            index = tantivy.Index.open(links)
            index.config_reader("manual")
            self._schema = index.schema
            self._searcher = index.searcher()

    @classmethod
    def writer(cls, folder: Path, facets: Sequence[str]) -> TantivyWriter:
        return TantivyWriter(folder, facets)

    def page(self, request: Request, limit: int, offset: int) -> tuple[int, list[Hit]]:
        """Return a page, as :meth:`Engine.page`."""
        query = self.query(request)
        if _scored(request):
            found = self._searcher.search(query, limit, offset=offset)
        else:
            found = self._searcher.search(query, limit, offset=offset, order_by_field="place", order=tantivy.Order.Asc)
        hits = [from_stored(self._searcher.doc(address).get_first("hit")) for _, address in found.hits]
        return found.count, hits

    def total(self, request: Request) -> int:
        """Return how many entries there are, as :meth:`Engine.total`."""
        count: int = self._searcher.search(self.matching(request), 1).count
        return count

    def facet_counts(self, request: Request, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return counts by stored value, as :meth:`Engine.facet_counts`."""
        if self._many_profiles > MOST_PROFILES:
            return self._counts(request, {name: RESULT if name == RESULT else _field(name) for name in facets})
        found = self._counts(request, {"profile": "profile", RESULT: RESULT})
        counts = [0] * self._many_profiles
        for profile, many in found["profile"].items():
            counts[int(profile)] = many
        told: dict[str, dict[str, int]] = {}
        for name in facets:
            # A thousand profiles with a dozen values each are met at each letter that is typed.
            summed = ((value, sum(map(counts.__getitem__, having))) for value, having in self._having.get(name, ()))
            told[name] = found[RESULT] if name == RESULT else {value: many for value, many in summed if many}
        return told

    def by_dataset(self, request: Request) -> dict[str, int]:
        """Return counts by dataset, as :meth:`Engine.by_dataset`."""
        return self._counts(request, {"dataset": "dataset"})["dataset"]

    def query(self, request: Request) -> Query:
        """Return a request in tantivy's terms, which also says how good each entry is."""
        terms = [self._term(term, request.fields) for term in request.terms]
        required = terms
        if request.least < len(terms):
            if math.comb(len(terms), request.least) <= MOST_GROUPS:
                groups = _groups(terms, request.least)
                counted = [Query.const_score_query(group, EACH_TERM) for group in groups]
                required = [Query.boolean_query([(Occur.Should, clause) for clause in (*groups, *counted)])]
            else:
                # Each term that is there is counted twice: once for how well, once for being there.
                counted = [Query.const_score_query(term, EACH_TERM) for term in terms]
                loose = [(Occur.Should, clause) for clause in (*terms, *counted)]
                required = [Query.boolean_query(loose, 2 * request.least)]
        clauses = [(Occur.Must, clause) for clause in required or [Query.all_query()]]
        if request.exact:
            named = Query.const_score_query(Query.term_query(self._schema, "named", request.exact), NAMED)
            clauses += [(Occur.Must if request.coded else Occur.Should, self._exact(request)), (Occur.Should, named)]
        return Query.boolean_query([*clauses, *self._limits(request.filter)])

    def matching(self, request: Request) -> Query:
        """Return what finds the entries of :meth:`query`, without a word on how good they are."""
        required = [self._term(term, request.fields) for term in request.terms]
        if request.least < len(required):
            if math.comb(len(required), request.least) <= MOST_GROUPS:
                groups = _groups(required, request.least)
                required = [Query.boolean_query([(Occur.Should, group) for group in groups])]
            else:
                required = [Query.boolean_query([(Occur.Should, term) for term in required], request.least)]
        if request.coded:
            required.append(self._exact(request))
        clauses = [(Occur.Must, clause) for clause in required or [Query.all_query()]]
        return Query.boolean_query([*clauses, *self._limits(request.filter)])

    def _exact(self, request: Request) -> Query:
        return Query.const_score_query(Query.term_query(self._schema, "exact", request.exact), EXACT)

    def _term(self, term: Term, fields: tuple[str, ...]) -> Query:
        """Return the query for a word, that of an earlier request where there was one: beginnings take long to make."""
        made = self._terms.get((term, fields))
        if made is None:
            if len(self._terms) >= MOST_TERMS:
                self._terms.clear()
            made = self._terms[term, fields] = self._made(term, fields)
        return made

    def _made(self, term: Term, fields: tuple[str, ...]) -> Query:
        clauses = [self._word(field, term.word, WEIGHTS[field]) for field in fields]
        if term.stem != term.word:
            # Codes have no stems.
            clauses += [self._word(field, term.stem, WEIGHTS[field] / 2) for field in fields if field != "code"]
        if term.prefix:
            # Words are letters and digits here: none of them means anything in a regular expression.
            clauses += [
                Query.boost_query(Query.regex_query(self._schema, field, f"{term.word}.*"), WEIGHTS[field])
                for field in fields
            ]
        return Query.boolean_query([(Occur.Should, clause) for clause in clauses])

    def _word(self, field: str, word: str, boost: float) -> Query:
        return Query.boost_query(Query.term_query(self._schema, field, word, index_option="freq"), boost)

    def _limits(self, within: Filter) -> Iterable[tuple[Occur, Query]]:
        if within.hidden:
            yield Occur.MustNot, self._any("hidden", within.hidden)
        if within.kind is not None:
            yield Occur.Must, self._any(RESULT, [within.kind])
        if within.only is not None:
            yield Occur.Must, self._any("dataset", within.only)
        if within.without:
            yield Occur.MustNot, self._any("dataset", within.without)
        for name, values in within.stored:
            yield Occur.Must, self._any(_field(name), values)

    def _any(self, field: str, values: Iterable[str]) -> Query:
        # A limit says nothing of how good an entry is.
        return Query.const_score_query(Query.term_set_query(self._schema, field, sorted(values)), 0.0)

    def _counts(self, request: Request, fields: dict[str, str]) -> dict[str, dict[str, int]]:
        wanted = {name: {"terms": {"field": field, "size": MOST_VALUES}} for name, field in fields.items()}
        found = self._searcher.aggregate(self.matching(request), wanted)
        return {name: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[name]["buckets"]} for name in fields}


def _groups(terms: Sequence[Query], least: int) -> list[Query]:
    """Return the queries for all of every group of so many terms."""
    if least == 1:
        return list(terms)
    groups = itertools.combinations(terms, least)
    return [Query.boolean_query([(Occur.Must, term) for term in group]) for group in groups]


def _having(profiles: Mapping[str, Iterable[tuple[str, str]]]) -> dict[str, list[tuple[str, list[int]]]]:
    """Return the values of each facet, each with the numbers of the profiles that have it."""
    found: dict[str, dict[str, list[int]]] = {}
    for profile, stored in profiles.items():
        for name, value in stored:
            found.setdefault(name, {}).setdefault(value, []).append(int(profile))
    return {name: list(values.items()) for name, values in found.items()}


def _field(facet: str) -> str:
    """Return the field of a facet; its name stands apart from the index's own fields."""
    return f"facet_{facet}"


def _scored(request: Request) -> bool:
    return bool(request.terms or request.exact)
