"""What a search in the catalogue is asked and answers, whichever engine does the work."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ..model import Dataset


class HitKind(StrEnum):
    """What a hit stands for."""

    DATASET = "dataset"
    VARIABLE = "variable"


@dataclass(frozen=True)
class Audience:
    """For whom a search is made.

    Attributes
    ----------
    granted
        Ids of the datasets that the project may use today: their restricted variables may be seen, no others.
    """

    granted: frozenset[str] = frozenset()


PUBLIC = Audience()
"""Whoever may read the catalogue and holds no grant."""


@dataclass(frozen=True)
class Selection:
    """What a search is limited to, besides its words.

    Attributes
    ----------
    facets
        Accepted values by facet; one facet's values are alternatives, facets are cumulative.
    only
        Ids of the datasets outside of which nothing is returned; None for no such limit.
    audience
        For whom the search is made; what they may not see neither appears nor counts.
    kind
        Datasets alone, variables alone, or both.
    """

    facets: Mapping[str, Collection[str]] | None = None
    only: Collection[str] | None = None
    audience: Audience = PUBLIC
    kind: HitKind | None = None


EVERYTHING = Selection()


@dataclass(frozen=True)
class Hit:
    """A dataset, or a variable with all the tables of one dataset that it stands in.

    Attributes
    ----------
    dataset, dataset_name
        Id and name of the dataset; for a variable, of the one that it belongs to.
    name, label
        Name and long name of the dataset; code and label of the variable.
    tables
        Names of the tables that have the variable; empty for a dataset.
    type
        Of the variable, as Table Schema names it.
    first_year, last_year
        Of the period covered, or of the variable's validity over all its tables; None where it is open or not known.
    restricted
        Only projects with a grant for the dataset may know of the variable.
    exact
        The query is the code itself.
    """

    kind: HitKind
    dataset: str
    dataset_name: str
    name: str
    label: str | None = None
    tables: tuple[str, ...] = ()
    type: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    restricted: bool = False
    exact: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Results:
    """The answer to a query.

    Attributes
    ----------
    total
        How many hits there are, whatever the page asked for.
    relaxed
        Fewer than five entries of the catalogue have every word: these have at least half of them.
    corrected
        The query as it was understood, when nothing in the catalogue is as it was typed; None otherwise.
    hits
        The page asked for. The best comes first. Ties stand in this order: datasets before variables, then the
        dataset's name without accents, then its id, then the variable's code.
    """

    total: int
    relaxed: bool
    corrected: str | None
    hits: tuple[Hit, ...]


class Index(Protocol):
    """A searchable catalogue.

    Every question may be asked from any thread. A catalogue that is missing or damaged is
    `PublicError("catalogue.unavailable", 503)`; a facet that is not declared is `catalogue.search.bad_facet`.
    """

    def rebuild(self, datasets: Iterable[Dataset]) -> None:
        """Write the index anew; who reads it meanwhile goes on with the old one."""

    def search(self, query: str, within: Selection = EVERYTHING, limit: int = 20, offset: int = 0) -> Results:
        """Return the hits, the best first and always in the same order."""

    def facets(self, query: str, within: Selection = EVERYTHING) -> dict[str, dict[str, int]]:
        """Return, by facet and value, how many of the hits of :meth:`search` have it, the most frequent first."""

    def suggest(self, start: str, within: Selection = EVERYTHING, limit: int = 8) -> list[str]:
        """Return names, themes and variables in which a word begins like this."""

    def count(self, query: str, within: Selection = EVERYTHING) -> int:
        """Return the total of :meth:`search`."""


class CatalogueIndex(Index, Protocol):
    """A searchable catalogue with its records, which is what :func:`open_index` returns."""

    def dataset(self, dataset: str, audience: Audience = PUBLIC) -> Dataset:
        """Return one record with its tables, without what the audience may not see.

        Raises
        ------
        PublicError
            The catalogue has no such record.
        """

    def headings(self, datasets: Collection[str]) -> dict[str, Dataset]:
        """Return records without their tables, by id: what a list of hits shows of their datasets."""

    def by_dataset(self, query: str, within: Selection = EVERYTHING) -> dict[str, int]:
        """Return how many of the hits of :meth:`search` each dataset has, by id."""

    def origin(self) -> str:
        """Return the digest of the records that the index was built from."""
