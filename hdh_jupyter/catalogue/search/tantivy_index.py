"""The index in tantivy's files: the fast engine, for catalogues of any size."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
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
"""Added for each term that is there when not all need to be, so that entries with more of them come first."""

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
        self._profiles: dict[str, list[tuple[str, str]]] = json.loads((folder / PROFILES).read_text("utf-8"))
        # It takes a lock file beside the index, even to read: in a workspace nothing can be written there. So it opens
        # links to the files, from a folder that it needs no longer once the files are mapped into memory.
        with tempfile.TemporaryDirectory(prefix="hdh-catalogue-") as links:
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
        count: int = self._searcher.search(self.query(request), 1).count
        return count

    def facet_counts(self, request: Request, facets: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return counts by stored value, as :meth:`Engine.facet_counts`."""
        if len(self._profiles) > MOST_PROFILES:
            return self._counts(request, {name: RESULT if name == RESULT else _field(name) for name in facets})
        found = self._counts(request, {"profile": "profile", RESULT: RESULT})
        counts: dict[str, dict[str, int]] = {name: {} for name in facets}
        if RESULT in counts:
            counts[RESULT] = found[RESULT]
        for profile, many in found["profile"].items():
            for name, value in self._profiles[profile]:
                if name in counts:
                    counts[name][value] = counts[name].get(value, 0) + many
        return counts

    def by_dataset(self, request: Request) -> dict[str, int]:
        """Return counts by dataset, as :meth:`Engine.by_dataset`."""
        return self._counts(request, {"dataset": "dataset"})["dataset"]

    def query(self, request: Request) -> Query:
        """Return a request in tantivy's terms."""
        terms = [self._term(term, request.fields) for term in request.terms]
        if request.least == len(terms):
            clauses = [(Occur.Must, term) for term in terms]
        else:
            # Each term that is there is counted twice: once for how well, once for being there.
            counted = [Query.const_score_query(term, EACH_TERM) for term in terms]
            loose = [(Occur.Should, clause) for clause in (*terms, *counted)]
            clauses = [(Occur.Must, Query.boolean_query(loose, 2 * request.least))]
        if not clauses:
            clauses = [(Occur.Must, Query.all_query())]
        if request.exact:
            exact = Query.const_score_query(Query.term_query(self._schema, "exact", request.exact), EXACT)
            named = Query.const_score_query(Query.term_query(self._schema, "named", request.exact), NAMED)
            clauses += [(Occur.Must if request.coded else Occur.Should, exact), (Occur.Should, named)]
        return Query.boolean_query([*clauses, *self._limits(request.filter)])

    def _term(self, term: Term, fields: Sequence[str]) -> Query:
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
        found = self._searcher.aggregate(self.query(request), wanted)
        return {name: {bucket["key"]: int(bucket["doc_count"]) for bucket in found[name]["buckets"]} for name in fields}


def _field(facet: str) -> str:
    """Return the field of a facet; its name stands apart from the index's own fields."""
    return f"facet_{facet}"


def _scored(request: Request) -> bool:
    return bool(request.terms or request.exact)
