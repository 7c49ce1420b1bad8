"""What hits can be filtered and counted by, besides their words.

A facet is declared by a name and where its values come from: a path in the record's document (`steward`,
`access.regime`), whose facts and lists are looked into, or one of :data:`COMPUTED`. All hits of a dataset have the
dataset's values. What depends on the day is kept as a period, and put into today's words by who reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hdh_jupyter.errors import PublicError

from ..convention import Exclusivity
from ..model import Dataset, to_document
from .interface import Audience

DEFAULT_FACETS: Mapping[str, str] = {
    "steward": "steward",
    "themes": "themes",
    "regime": "access.regime",
    "exclusivity": "exclusivity",
    "pricing": "pricing",
    "years": "years",
    "population": "population",
    "granularity": "granularity",
    "kind": "kind",
    "membership": "membership",
    "usable": "usable",
}

FACET_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")

RESULT = "result"
"""The facet that is always there: whether a hit is a dataset or a variable."""

USABLE = "usable"
"""The source of the facet that depends on the project: `true` where it may use the dataset today."""

TO_AGREE = "to_agree"
"""The value of a term of the convention that is not agreed yet."""

YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Facet:
    """A declared facet."""

    name: str
    source: str

    def stored(self, dataset: Dataset, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what the index keeps for a record."""
        if self.source == USABLE:
            return ()
        if self.source in COMPUTED:
            return COMPUTED[self.source][0](dataset)
        return tuple(dict.fromkeys(filter(None, _leaves(document, self.source.split(".")))))

    def shown(self, stored: str, today: date) -> tuple[str, ...]:
        """Return the values that something kept in the index stands for today."""
        return COMPUTED[self.source][1](stored, today) if self.source in COMPUTED else (stored,)


@dataclass(frozen=True)
class Filter:
    """A selection in the terms of an index.

    Attributes
    ----------
    hidden
        Datasets whose restricted variables may not be seen.
    kind
        The kind of hits, None for both.
    only
        Datasets outside of which nothing is returned, None for no such limit.
    without
        Datasets of which nothing is returned.
    stored
        Accepted stored values by facet.
    """

    hidden: frozenset[str]
    kind: str | None = None
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    stored: tuple[tuple[str, frozenset[str]], ...] = ()


def declared(sources: Mapping[str, str]) -> tuple[Facet, ...]:
    """Return the facets that a configuration declares.

    Raises
    ------
    ValueError
        A name cannot be one.
    """
    for name in sources:
        if not FACET_NAME.fullmatch(name) or name == RESULT:
            raise ValueError(f"{name!r} cannot name a facet")
    return tuple(Facet(name, source) for name, source in sources.items())


def stored_values(facets: Iterable[Facet], dataset: Dataset) -> list[tuple[str, str]]:
    """Return all that the index keeps for a record, as pairs of a facet's name and a value."""
    document = to_document(dataset)
    return [(facet.name, value) for facet in facets for value in facet.stored(dataset, document)]


class FacetTable:
    """The facets of an index, with the values that its records have.

    Parameters
    ----------
    values
        Stored values by facet.

    Attributes
    ----------
    stored_names
        Facets that the index counts by itself.
    has_usable
        Whether what the project may use is a facet.
    """

    def __init__(self, facets: tuple[Facet, ...], values: Mapping[str, Collection[str]]) -> None:
        self.facets = facets
        self._values = values
        self._by_name = {facet.name: facet for facet in facets}
        self.stored_names = (RESULT, *(facet.name for facet in facets if facet.source != USABLE))
        self.has_usable = any(facet.source == USABLE for facet in facets)

    def narrowed(self, chosen: Mapping[str, Collection[str]], base: Filter, audience: Audience, today: date) -> Filter:
        """Return a filter that also keeps to the chosen values.

        Raises
        ------
        PublicError
            `catalogue.search.bad_facet`: there is no such facet.
        """
        only, without, kind, stored = base.only, base.without, base.kind, list(base.stored)
        for name, values in sorted(chosen.items()):
            if name == RESULT:
                kinds = {value for value in values if kind in (None, value)}
                # A filter has one kind: both is no limit, and none of them can be met by no dataset.
                if not kinds & {"dataset", "variable"}:
                    only = frozenset()
                elif not kinds >= {"dataset", "variable"}:
                    [kind] = kinds & {"dataset", "variable"}
            elif name not in self._by_name:
                raise PublicError("catalogue.search.bad_facet", name=name)
            elif self._by_name[name].source == USABLE:
                if "true" not in values:
                    without |= audience.granted
                if "false" not in values:
                    only = audience.granted if only is None else only & audience.granted
            else:
                facet = self._by_name[name]
                kept = (
                    raw for raw in self._values.get(name, ()) if not set(values).isdisjoint(facet.shown(raw, today))
                )
                stored.append((name, frozenset(kept)))
        return Filter(base.hidden, kind, only, without, tuple(stored))

    def counts(self, stored: Mapping[str, Mapping[str, int]], usable: int, today: date) -> dict[str, dict[str, int]]:
        """Return how many hits each shown value has, the most frequent first; years in their order.

        Parameters
        ----------
        stored
            Hits by facet and stored value.
        usable
            Hits of datasets that the project may use.
        """
        shown = {RESULT: dict(stored[RESULT])}
        total = sum(stored[RESULT].values())
        for facet in self.facets:
            found: dict[str, int] = {}
            if facet.source == USABLE:
                found = {value: many for value, many in (("true", usable), ("false", total - usable)) if many}
            for raw, many in stored.get(facet.name, {}).items():
                for value in facet.shown(raw, today):
                    found[value] = found.get(value, 0) + many
            shown[facet.name] = found
        return {name: _sorted(found, by_value=name == "years") for name, found in shown.items()}


def _sorted(found: Mapping[str, int], *, by_value: bool) -> dict[str, int]:
    return dict(sorted(found.items(), key=lambda item: (0 if by_value else -item[1], item[0])))


def _leaves(document: Any, path: list[str]) -> Iterator[str]:
    """Return the texts at a path of a document, looking into lists and into the values of facts."""
    if isinstance(document, list | tuple):
        for part in document:
            yield from _leaves(part, path)
    elif isinstance(document, dict):
        if path:
            yield from _leaves(document.get(path[0]), path[1:])
        elif "value" in document:
            yield from _leaves(document["value"], [])
    elif document is not None and not path:
        yield str(document)


def _stored_exclusivity(dataset: Dataset) -> tuple[str, ...]:
    agreed = dataset.convention.exclusivity
    if agreed is None:
        return (TO_AGREE,)
    if agreed.holder is None:
        return ("free",)
    return (f"{agreed.start or ''}/{agreed.end or ''}",)


def _shown_exclusivity(stored: str, today: date) -> tuple[str, ...]:
    if "/" not in stored:
        return (stored,)
    start, end = (date.fromisoformat(day) if day else None for day in stored.split("/"))
    return ("exclusive" if Exclusivity("", start=start, end=end).is_exclusive_on(today) else "free",)


def _stored_pricing(dataset: Dataset) -> tuple[str, ...]:
    agreed = dataset.convention.pricing
    return (TO_AGREE if agreed is None else agreed.model.value,)


def _stored_years(dataset: Dataset) -> tuple[str, ...]:
    """Return the period covered; where the record has it in words alone, the first year of its start and end."""
    first = dataset.first_year or _year(dataset, "start")
    last = dataset.last_year or _year(dataset, "end")
    return () if first is None else (f"{first}/{last or ''}",)


def _year(dataset: Dataset, kind: str) -> int | None:
    milestone = dataset.milestone(kind)
    found = YEAR.search(milestone.value) if milestone else None
    return int(found.group()) if found else None


def _shown_years(stored: str, today: date) -> tuple[str, ...]:
    first, last = stored.split("/")
    return tuple(map(str, range(int(first), min(int(last or today.year), today.year) + 1)))


def _as_stored(stored: str, today: date) -> tuple[str, ...]:
    return (stored,)


COMPUTED: Mapping[str, tuple[Callable[[Dataset], tuple[str, ...]], Callable[[str, date], tuple[str, ...]]]] = {
    "exclusivity": (_stored_exclusivity, _shown_exclusivity),
    "pricing": (_stored_pricing, _as_stored),
    "years": (_stored_years, _shown_years),
}
"""Sources of values that are no path: what a record gives to keep, and what that stands for on a day."""
