"""Facts, each with the certainty of its evidence and the sources that it was read in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

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
