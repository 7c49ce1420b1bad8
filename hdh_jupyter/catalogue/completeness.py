"""How complete a record is: few fields must be there, a score tells of the rest. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .convention import Theme
from .model import Dataset


def _is_agreed(theme: Theme, record: Dataset) -> bool:
    return getattr(record.convention, theme.value) is not None


def _to_confirm(record: Dataset) -> bool:
    facts = (record.steward, record.kind, record.membership, record.access.regime, record.summary, record.population)
    return any(fact is not None and fact.to_confirm for fact in facts)


MANDATORY: dict[str, Callable[[Dataset], object]] = {
    "name": lambda record: record.name.strip(),
    "steward": lambda record: record.steward.value.strip(),
    "kind": lambda record: record.kind.value.strip(),
    "summary": lambda record: record.summary is not None and record.summary.value.strip(),
    "regime": lambda record: record.access.regime.value,
    "contact": lambda record: record.contact is not None and record.contact.value.strip(),
}
"""What a record must say before it is published."""

EXPECTED: dict[str, Callable[[Dataset], object]] = {
    "long_name": lambda record: record.long_name,
    "objective": lambda record: record.objective,
    "population": lambda record: record.population,
    "geography": lambda record: record.geography,
    "granularity": lambda record: record.granularity,
    "frequency": lambda record: record.frequency,
    "period": lambda record: record.first_year is not None or record.coverage,
    "size": lambda record: record.records is not None or record.individuals is not None,
    "themes": lambda record: record.themes,
    "coding": lambda record: record.coding,
    "provenance": lambda record: record.provenance,
    "tables": lambda record: record.tables,
    "labels": lambda record: record.tables and all(v.label or v.description for v in record.variables),
    "procedures": lambda record: record.access.procedures or record.convention.simplified_access,
    "distributions": lambda record: record.distributions,
    "sources": lambda record: record.sources,
    "confirmed": lambda record: not _to_confirm(record),
    **{theme.value: partial(_is_agreed, theme) for theme in Theme},
}
"""What else a good record says, every field counting the same."""


@dataclass(frozen=True)
class Completeness:
    """How complete a record is.

    Attributes
    ----------
    share
        Of the fields that it has, from 0 to 1; a mandatory field counts twice.
    missing
        Names of the others, the mandatory ones first.
    """

    share: float
    missing: tuple[str, ...]

    @property
    def percent(self) -> int:
        """The share in whole percent, 100 only when nothing is missing."""
        return int(self.share * 100)

    @property
    def blocking(self) -> tuple[str, ...]:
        """The missing fields without which the record cannot be published."""
        return tuple(name for name in self.missing if name in MANDATORY)


def score(dataset: Dataset) -> Completeness:
    """Return how complete a record is."""
    missing = tuple(name for name, has in {**MANDATORY, **EXPECTED}.items() if not has(dataset))
    whole = 2 * len(MANDATORY) + len(EXPECTED)
    lost = sum(2 if name in MANDATORY else 1 for name in missing)
    return Completeness((whole - lost) / whole, missing)
