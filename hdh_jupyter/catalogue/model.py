"""What the catalogue says of a dataset: facts, each with the certainty of its evidence.

The four themes of a convention between a data steward and the platform (scientific credit, exclusivity, simplified
access, pricing) have fields of their own. A term that is not agreed is `None` and shows as open, never as a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

import cattrs

T = TypeVar("T")


class Certainty(StrEnum):
    """How well a fact is attested."""

    OFFICIAL = "A"
    """Stated by the publisher or by an official text."""
    SECONDARY = "B"
    """Stated by somebody else."""
    UNSOURCED = "C"
    """Background knowledge: must be confirmed before anybody relies on it."""


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A value with its evidence.

    Attributes
    ----------
    sources
        Identifiers of :class:`Source` in the record.
    """

    value: T
    certainty: Certainty
    sources: tuple[str, ...] = ()
    note: str | None = None

    @property
    def to_confirm(self) -> bool:
        return self.certainty is Certainty.UNSOURCED


@dataclass(frozen=True)
class Source:
    """Where facts were read."""

    id: str
    reference: str
    licence: str | None = None


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
class Convention:
    """The terms agreed with the data steward; `None` is a term not agreed."""

    scientific_credit: Fact[str] | None = None
    exclusivity: Fact[str] | None = None
    simplified_access: Fact[str] | None = None
    pricing: Fact[str] | None = None


@dataclass(frozen=True)
class Milestone:
    """A fact about the period covered: `kind` is `start`, `end`, `waves`, `hdh_copy_start`..."""

    kind: str
    fact: Fact[str]


@dataclass(frozen=True)
class CodeList:
    """The codes of a variable during a period, each with its label."""

    period: str | None
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Variable:
    """A column of the dataset."""

    name: str
    type: str
    label: str | None = None
    code_lists: tuple[CodeList, ...] = ()


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
    variables: tuple[Variable, ...] = ()
    citation: Fact[str] | None = None
    authorship_rule: Fact[str] | None = None
    remarks: tuple[Remark, ...] = ()
    certainty: Certainty = Certainty.UNSOURCED
    sources: tuple[Source, ...] = ()

    def milestone(self, kind: str) -> Fact[str] | None:
        """Return the fact about the period covered that is of this kind, if it is known."""
        return next((m.fact for m in self.coverage if m.kind == kind), None)


_CONVERTER = cattrs.Converter(omit_if_default=True, forbid_extra_keys=True)


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
