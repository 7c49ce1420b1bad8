"""An index in a folder of generations, with the engine that suits the machine."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from hdh_jupyter.errors import PublicError

from ..model import Dataset
from ..words import words
from . import generations
from .engine import Engine
from .entries import entries, key, keys, ordered
from .facets import DEFAULT_FACETS, Filter, declared, stored_values
from .interface import EVERYTHING, PUBLIC, Audience, Hit, HitKind, Results, Selection
from .query import Plan, Request, planned, understood
from .records import Records, RecordsWriter, digest

MOST_ON_SQLITE = 200_000
"""Entries above which the fallback is left out beside tantivy: it would double the size and take a minute."""

MOST_PLANS = 256
"""Answers to "how is this query understood" that are kept: the facets of a search need it again."""

MOST_SUGGESTED = 40
"""Hits that suggestions are taken from."""

LONGEST_SUGGESTED = 60
"""Characters of a label that is suggested."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Generation:
    """One generation, open."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine
        self.records = Records(folder)
        self._plans: OrderedDict[tuple[str, frozenset[str]], Plan] = OrderedDict()

    def filter(self, within: Selection, today: date) -> Filter:
        """Return a selection in the index's own terms."""
        base = Filter(
            hidden=self.records.restricted - within.audience.granted,
            kind=within.kind and within.kind.value,
            only=None if within.only is None else frozenset(within.only),
        )
        return self.records.facets.narrowed(within.facets or {}, base, within.audience, today)

    def plan(self, query: str, hidden: frozenset[str], total: Callable[[Request], int] | None = None) -> Plan:
        """Return how a query is answered.

        It depends on the words and on what may be seen, on nothing that is chosen besides: what a facet counts is what
        the list has once its value is chosen.

        Parameters
        ----------
        total
            Tells how many entries a request finds, where somebody else needs to know too; by default, the engine.
        """
        plan = self._plans.get((query, hidden))
        if plan is None:
            plan = planned(
                query,
                Filter(hidden),
                total or self.engine.total,
                lambda words: self.records.frequencies(words, hidden),
            )
            self._plans[query, hidden] = plan
            while len(self._plans) > MOST_PLANS:
                with suppress(KeyError):
                    self._plans.popitem(last=False)
        return plan

    def request(self, query: str, within: Filter) -> Request:
        """Return what the engine is asked for a query."""
        return replace(self.plan(query, within.hidden).request, filter=within)

    def search(self, query: str, within: Filter, limit: int, offset: int) -> Results:
        """Return a page of hits."""
        pages: dict[Request, tuple[int, list[Hit]]] = {}

        def total(request: Request) -> int:
            # Whoever asks how many a query finds, not a single word of it, mostly wants to see them next.
            if request.filter != within or request.coded or not request.exact:
                return self.engine.total(request)
            if request not in pages:
                pages[request] = self.engine.page(request, limit, offset)
            return pages[request][0]

        plan = self.plan(query, within.hidden, total)
        request = replace(plan.request, filter=within)
        if request not in pages:
            pages[request] = self.engine.page(request, limit, offset)
        found, hits = pages[request]
        exact = request.exact
        # Hits with the code stand first: behind one without it there is none.
        coded = tuple(takewhile(lambda hit: exact in keys(hit), hits)) if exact else ()
        marked = (*(replace(hit, exact=True) for hit in coded), *hits[len(coded) :])
        return Results(found, plan.relaxed, plan.corrected, marked)

    def facets(self, query: str, within: Filter, audience: Audience, today: date) -> dict[str, dict[str, int]]:
        """Return how many of the hits have each value."""
        request, table = self.request(query, within), self.records.facets
        stored = self.engine.facet_counts(request, table.stored_names)
        usable = 0
        if table.has_usable and audience.granted:
            only = audience.granted if within.only is None else audience.granted & within.only
            usable = self.engine.total(replace(request, filter=replace(within, only=only)))
        return table.counts(stored, usable, today)

    def count(self, query: str, within: Filter) -> int:
        """Return how many hits there are."""
        plan = self.plan(query, within.hidden)
        unlimited = plan.request.filter == within
        return plan.total if unlimited else self.engine.total(replace(plan.request, filter=within))

    def suggest(self, start: str, within: Filter, limit: int) -> list[str]:
        """Return texts in which a word begins like this: names of datasets, themes, then variables."""
        begun = key(start)
        if not begun:
            return []
        request = replace(understood(start.rstrip(), within), exact="", fields=("title", "code"))
        _, hits = self.engine.page(request, MOST_SUGGESTED, 0)
        datasets = [hit.name for hit in hits if hit.kind is HitKind.DATASET]
        codes = [hit.name for hit in hits if hit.kind is HitKind.VARIABLE]
        labels = [hit.label for hit in hits if hit.label and len(hit.label) <= LONGEST_SUGGESTED]
        texts = dict.fromkeys((*datasets, *self.records.themes(), *codes, *labels))
        return [text for text in texts if _begins(text, begun)][:limit]


class FolderIndex:
    """The catalogue in a folder.

    Parameters
    ----------
    engines
        Those to write; the first of them that a generation has is asked.
    facets
        What :meth:`rebuild` declares, each name with its source; None for what the folder has already.
    today
        Tells the day, on which exclusivity depends.
    """

    def __init__(
        self,
        folder: Path,
        engines: Sequence[type[Engine]],
        facets: Mapping[str, str] | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.folder = folder
        self._engines = engines
        self._facets = facets
        self._today = today
        self._generation: Generation | None = None
        self._opening = threading.Lock()

    def rebuild(self, datasets: Iterable[Dataset]) -> None:
        """Write a new generation and make it the one that counts, as :meth:`Index.rebuild`."""
        records = ordered(datasets)
        many = len(records) + sum(len(table.variables) for dataset in records for table in dataset.tables)
        engines = self._engines[:1] if many > MOST_ON_SQLITE else self._engines
        sources = self.sources()
        facets = declared(sources)
        with generations.drafted(self.folder) as draft, ExitStack() as failing:
            writers = [engine.writer(draft, [facet.name for facet in facets]) for engine in engines]
            kept = RecordsWriter(draft, sources)
            failing.callback(kept.abandon)
            for writer in writers:
                failing.callback(writer.abandon)
            stored: dict[str, list[tuple[str, str]]] = {}
            for dataset in records:
                stored[dataset.id] = stored_values(facets, dataset)
                kept.add_record(dataset, stored[dataset.id])
            for entry in entries(records):
                kept.add_words(entry)
                for writer in writers:
                    writer.add(entry, stored[entry.hit.dataset])
            failing.pop_all()
            for writer in writers:
                writer.close()
            kept.close(digest(records))
            generations.note(draft, engines=[engine.name for engine in engines])

    def sources(self) -> dict[str, str]:
        """Return the facets that the next generation will have, each with its source."""
        if self._facets is not None:
            return dict(self._facets)
        if not (self.folder / generations.POINTER).exists():
            return dict(DEFAULT_FACETS)
        try:
            return self.declared()
        except PublicError:
            return dict(DEFAULT_FACETS)

    def declared(self) -> dict[str, str]:
        """Return the facets of the generation that counts, each with its source."""
        return {facet.name: facet.source for facet in self._current().records.facets.facets}

    def search(self, query: str, within: Selection = EVERYTHING, limit: int = 20, offset: int = 0) -> Results:
        """Return the hits, as :meth:`Index.search`."""
        today = self._today()
        return self._ask(lambda g: g.search(query, g.filter(within, today), limit, offset))

    def facets(self, query: str, within: Selection = EVERYTHING) -> dict[str, dict[str, int]]:
        """Return counts by value, as :meth:`Index.facets`."""
        today = self._today()
        return self._ask(lambda g: g.facets(query, g.filter(within, today), within.audience, today))

    def suggest(self, start: str, within: Selection = EVERYTHING, limit: int = 8) -> list[str]:
        """Return what a text may be the beginning of, as :meth:`Index.suggest`."""
        today = self._today()
        return self._ask(lambda g: g.suggest(start, g.filter(within, today), limit))

    def count(self, query: str, within: Selection = EVERYTHING) -> int:
        """Return the total, as :meth:`Index.count`."""
        today = self._today()
        return self._ask(lambda g: g.count(query, g.filter(within, today)))

    def by_dataset(self, query: str, within: Selection = EVERYTHING) -> dict[str, int]:
        """Return the hits of each dataset, as :meth:`CatalogueIndex.by_dataset`."""
        today = self._today()
        return self._ask(lambda g: g.engine.by_dataset(g.request(query, g.filter(within, today))))

    def dataset(self, dataset: str, audience: Audience = PUBLIC) -> Dataset:
        """Return one record, as :meth:`CatalogueIndex.dataset`."""
        return self._ask(lambda g: g.records.dataset(dataset, audience))

    def headings(self, datasets: Collection[str]) -> dict[str, Dataset]:
        """Return records without their tables, as :meth:`CatalogueIndex.headings`."""
        return self._ask(lambda g: g.records.headings(datasets))

    def origin(self) -> str:
        """Return the digest of the records that the index was built from."""
        return self._ask(lambda g: g.records.origin)

    def _ask(self, question: Callable[[Generation], T]) -> T:
        generation = self._current()
        try:
            return question(generation)
        except (sqlite3.Error, OSError) as error:
            # The one asked was two publications old and is gone, or the disk fails.
            self._generation = None
            newer = self._current()
            if newer.folder == generation.folder:
                log.warning("The catalogue in %s cannot be read: %s", generation.folder, error)
                raise PublicError("catalogue.unavailable", 503) from error
            return question(newer)

    def _current(self) -> Generation:
        try:
            folder = generations.current(self.folder)
            known = self._generation
            if known is not None and known.folder == folder:
                return known
            with self._opening:
                if self._generation is None or self._generation.folder != folder:
                    self._generation = self._opened(folder)
                return self._generation
        except generations.Damaged as error:
            log.warning("The catalogue cannot be read: %s", error)
            raise PublicError("catalogue.unavailable", 503) from error

    def _opened(self, folder: Path) -> Generation:
        written = generations.verified(folder).get("engines", [])
        for engine in self._engines:
            if engine.name in written:
                try:
                    return Generation(folder, engine(folder))
                except (sqlite3.Error, OSError, ValueError, KeyError) as error:
                    raise generations.Damaged(f"{folder} cannot be opened: {error}") from error
        raise generations.Damaged(f"{folder} has no engine that is installed here, only {written}")


def _begins(text: str, begun: str) -> bool:
    parts = words(text)
    return any(" ".join(parts[first:]).startswith(begun) for first in range(len(parts)))
