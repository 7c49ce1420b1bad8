"""What the catalogue says of a dataset: facts, its tables, how it is reached, and the convention with its steward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import cattrs

from .convention import Convention
from .facts import Certainty, Fact, Source
from .health import HealthDescription
from .variables import Table, Variable

P = TypeVar("P")


class Membership(StrEnum):
    """Where a dataset stands with regard to the national health data system (SNDS)."""

    MAIN_BASE = "base_principale"
    CATALOGUE = "snds_catalogue"
    CATALOGUE_2025 = "catalogue_2025"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Regime(StrEnum):
    """The way a project comes to use a dataset."""

    OPEN = "open"
    SIMPLIFIED = "simplified"
    AUTHORISATION = "authorisation"
    PERMANENT = "permanent"
    COMMITTEE = "committee"
    MIXED = "mixed"


@dataclass(frozen=True)
class Procedure:
    """A known procedure of access.

    Attributes
    ----------
    steps
        What a project goes through, in order.
    delays
        Indicative delays as sentences (`"avis du CESREES : 1 mois"`).
    """

    id: str
    label: Fact[str]
    steps: tuple[str, ...] = ()
    delays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Access:
    """How the dataset is reached, and under what conditions."""

    regime: Fact[Regime]
    procedures: tuple[Procedure, ...] = ()
    conditions: tuple[Fact[str], ...] = ()
    licence: Fact[str] | None = None


@dataclass(frozen=True)
class Milestone:
    """A fact about the period covered: `kind` is `start`, `end`, `waves`, `hdh_copy_start`..."""

    kind: str
    fact: Fact[str]


class LinkKind(StrEnum):
    """How a dataset relates to another."""

    DERIVED_FROM = "derived_from"
    LINKABLE_WITH = "linkable_with"
    REPLACES = "replaces"
    PART_OF = "part_of"


@dataclass(frozen=True)
class Link:
    """A relation to another dataset, by its id here or by an IRI elsewhere."""

    kind: LinkKind
    target: str
    note: str | None = None


@dataclass(frozen=True)
class Distribution:
    """A form in which the dataset is given.

    Attributes
    ----------
    access_url
        IRI of a page that says how to reach it.
    format
        Name of the format, or its IRI in the European list of file types.
    size
        In bytes.
    """

    title: str
    access_url: str | None = None
    format: str | None = None
    media_type: str | None = None
    size: int | None = None
    rights: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Remark:
    """Something a user should know: `kind` is `absent`, `exclusion`, `quality`, `history`, `dictionary`..."""

    kind: str
    fact: Fact[str]


@dataclass(frozen=True)
class Dataset:
    """A record of the catalogue.

    Attributes
    ----------
    id
        Stable identifier, the folder's name below `/data` when the dataset is granted.
    variable_groups
        What the columns are about, where the columns themselves are not described.
    first_year, last_year
        Of the period covered, where they are known as numbers; no last year when it goes on.
    records, individuals
        How many there are, about.
    contact
        Whom to ask: an e-mail address, or the IRI of a page.
    health
        What the European description of health datasets asks besides; None where nobody said.
    """

    id: str
    name: str
    steward: Fact[str]
    kind: Fact[str]
    membership: Fact[Membership]
    access: Access
    convention: Convention
    long_name: Fact[str] | None = None
    summary: Fact[str] | None = None
    population: Fact[str] | None = None
    geography: Fact[str] | None = None
    frequency: Fact[str] | None = None
    granularity: Fact[str] | None = None
    coverage: tuple[Milestone, ...] = ()
    themes: tuple[str, ...] = ()
    coding: tuple[str, ...] = ()
    variable_groups: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    links: tuple[Link, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    records: Fact[int] | None = None
    individuals: Fact[int] | None = None
    contact: Fact[str] | None = None
    objective: Fact[str] | None = None
    provenance: Fact[str] | None = None
    citation: Fact[str] | None = None
    authorship_rule: Fact[str] | None = None
    remarks: tuple[Remark, ...] = ()
    health: HealthDescription | None = None
    certainty: Certainty = Certainty.UNSOURCED
    sources: tuple[Source, ...] = ()

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of every table, table by table."""
        return tuple(variable for table in self.tables for variable in table.variables)

    def milestone(self, kind: str) -> Fact[str] | None:
        """Return the fact about the period covered that is of this kind, if it is known."""
        return next((m.fact for m in self.coverage if m.kind == kind), None)


_CONVERTER = cattrs.Converter(omit_if_default=True, forbid_extra_keys=True)
_CONVERTER.register_unstructure_hook(date, date.isoformat)
_CONVERTER.register_structure_hook(date, lambda text, _: date.fromisoformat(text))


def to_document(dataset: Dataset) -> dict[str, Any]:
    """Return the record as a JSON document, without the fields that say nothing."""
    document: dict[str, Any] = _CONVERTER.unstructure(dataset)
    return document


def from_document(document: dict[str, Any]) -> Dataset:
    """Return the record that :func:`to_document` wrote.

    Raises
    ------
    cattrs.BaseValidationError
        The document is not a record; the exception says which field.
    """
    return _CONVERTER.structure(document, Dataset)


def part_to_document(part: Any) -> dict[str, Any]:
    """Return a part of a record, such as a theme of its convention, as :func:`to_document` would write it."""
    document: dict[str, Any] = _CONVERTER.unstructure(part)
    return document


def part_from_document(document: dict[str, Any], kind: type[P]) -> P:
    """Return the part that :func:`part_to_document` wrote; raises as :func:`from_document` does."""
    return _CONVERTER.structure(document, kind)
