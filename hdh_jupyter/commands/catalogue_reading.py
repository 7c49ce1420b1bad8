"""`hdh-jupyter catalogue search`, `show` and `index`."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict, replace

from ..catalogue import snapshot
from ..catalogue.model import to_document
from ..catalogue.search import PUBLIC, Hit, Results, Selection, open_index
from ..catalogue.search.entries import visible
from ..catalogue.search.generations import POINTER
from ..catalogue.store import CatalogueStore
from ..errors import PublicError
from ..i18n import translate
from ..state import StateFolder
from .administration import open_platform
from .base import speak, terminal_language
from .catalogue_output import cell, facet_lines, print_record, print_variables, years
from .output import print_json, print_table

HIT = ("catalogue.kind", "catalogue.name", "catalogue.label", "dataset", "catalogue.tables", "catalogue.years")


def search(state: StateFolder, asked: Namespace) -> None:
    """Print the hits in what everybody may see."""
    open_platform(state)
    if not (state.catalogue / POINTER).exists():
        raise PublicError("catalogue.command.no_index", 404)
    index, query = open_index(state.catalogue), " ".join(asked.query)
    chosen: dict[str, list[str]] = {}
    for name, value in asked.facet:
        chosen.setdefault(name, []).append(value)
    within = Selection(facets=chosen)
    found = index.search(query, within, asked.limit)
    counts = index.facets(query, within) if asked.facets or asked.json else {}
    if asked.json:
        hits = [{**asdict(hit), "exact": hit.exact} for hit in found.hits]
        told = {"total": found.total, "relaxed": found.relaxed, "corrected": found.corrected}
        print_json({**told, "hits": hits, "facets": counts})
        return
    _say(query, found)
    if found.hits:
        print_table(
            ("catalogue.kind", "catalogue.name", "catalogue.label", "dataset", "catalogue.tables", "catalogue.years"),
            map(_row, found.hits),
        )
    if asked.facets:
        print()
        print("\n".join(facet_lines(counts, terminal_language())))


def show(state: StateFolder, asked: Namespace) -> None:
    """Print a record, or the variables of one of its tables."""
    store = CatalogueStore(open_platform(state))
    record = store.get(asked.dataset) if asked.number is None else store.version(asked.dataset, asked.number)
    versions = store.versions(asked.dataset)
    version = versions[0] if asked.number is None else next(v for v in versions if v.number == asked.number)
    if asked.table is not None:
        tables = tuple(table for table in record.tables if table.name == asked.table)
        if not tables:
            raise PublicError("catalogue.command.unknown_table", 404, dataset=record.id, table=asked.table)
        record = replace(record, tables=tables)
    if asked.json:
        published = version.published_at.isoformat(timespec="seconds")
        print_json({"version": version.number, "published_at": published, "record": to_document(record)})
    elif asked.table is not None:
        print_variables(record.tables[0])
    else:
        print_record(record, version, terminal_language())


def index(state: StateFolder, asked: Namespace) -> None:
    """Build the shared index anew, bring those of projects with restricted variables up to date, and swap them."""
    store = CatalogueStore(open_platform(state))
    datasets = [visible(dataset, PUBLIC) for dataset in store.all()]
    variables = sum(len(dataset.variables) for dataset in datasets)
    speak("catalogue.command.indexing", datasets=len(datasets), variables=variables)
    begun = time.monotonic()
    open_index(state.catalogue).rebuild(datasets)
    snapshot.refresh(store, state.catalogue)
    speak("catalogue.command.indexed", seconds=f"{time.monotonic() - begun:.1f}")


def _say(query: str, found: Results) -> None:
    if not found.total:
        speak("catalogue.command.nothing", query=query)
        return
    speak("catalogue.command.total", query=query, total=found.total, shown=len(found.hits))
    if found.corrected is not None:
        speak("catalogue.panel.corrected", query=found.corrected)
    if found.relaxed:
        speak("catalogue.panel.relaxed")
    print()


def _row(hit: Hit) -> tuple[object, ...]:
    kind = translate(f"catalogue.command.kind.{hit.kind}", terminal_language())
    many = len(hit.tables)
    several = translate("catalogue.command.in", terminal_language(), count=many)
    where = hit.tables[0] if many == 1 else several if many else ""
    return kind, cell(hit.name), cell(hit.label), hit.dataset, where, years(hit.first_year, hit.last_year)
