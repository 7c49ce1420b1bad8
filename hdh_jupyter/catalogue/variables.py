"""What the tables of a dataset hold: variables, their validity in years, and their code lists with versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CodeListVersion:
    """The codes of a variable during a period, each with its label.

    Attributes
    ----------
    valid_from, valid_until
        First and last day of the period; None where it is open or not known.
    period
        The period in words, where its days are not known.
    """

    codes: tuple[tuple[str, str], ...]
    valid_from: date | None = None
    valid_until: date | None = None
    period: str | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the codes are those of a day, as far as the period is known."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True)
class Variable:
    """A column of a table.

    Attributes
    ----------
    type
        As Table Schema names it: `string`, `integer`, `number`, `date`, `year`, `boolean`...
    nomenclature
        Name of the code list that the variable uses, where its codes are not given here.
    first_year, last_year, missing_years
        When the column is filled; None where it is not known, or still filled.
    restricted
        Whether only people whose project holds a grant for the dataset may know of the variable.
    concept
        IRI of the concept that the variable measures.
    """

    name: str
    type: str
    label: str | None = None
    description: str | None = None
    format: str | None = None
    length: str | None = None
    unit: str | None = None
    nomenclature: str | None = None
    code_lists: tuple[CodeListVersion, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    missing_years: tuple[int, ...] = ()
    rule: str | None = None
    observation: str | None = None
    required: bool = False
    restricted: bool = False
    concept: str | None = None

    def codes_on(self, day: date) -> CodeListVersion | None:
        """Return the version of the code list that holds on a day."""
        return next((version for version in self.code_lists if version.holds_on(day)), None)


@dataclass(frozen=True)
class ForeignKey:
    """Variables of a table that point to those of another (of the same when `table` is empty)."""

    variables: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table (a file, a view) of a dataset."""

    name: str
    title: str | None = None
    description: str | None = None
    product: str | None = None
    variables: tuple[Variable, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
