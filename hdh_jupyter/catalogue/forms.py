"""Forms of the catalogue: what fields there are, reading what was typed, saying beside each field what is wrong. Pure.

What was typed is kept as text until everything of it is right, so that a refused form comes back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import DEFAULT_LANGUAGE, translate

from .facts import Certainty, Fact

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

Rows = tuple[tuple[str, ...], ...]
Values = dict[str, str | Rows]
"""What a form holds: a text for each input, rows of texts for a repeated one."""

LINE, TEXT, MOST_ROWS = 500, 10_000, 200
"""Longest line and text, in characters; most rows of a repeated field."""

EVIDENCE = ("certainty", "sources", "note")
"""What is typed of a fact beside its value."""

DECLARED = "declaration"
"""The source of what a steward states without naming one."""


class Kind(StrEnum):
    """How a field is typed."""

    LINE = "line"
    TEXT = "text"
    LIST = "list"
    """One entry on each line."""
    CHOICE = "choice"
    DAY = "day"
    WHOLE = "whole"
    ROWS = "rows"


@dataclass(frozen=True)
class Field:
    """A field of a form; its sentence is `catalogue.record.field.<name>`.

    Attributes
    ----------
    required
        Whether a record must say it before it is published.
    choices, words
        The values of a choice, and the beginning of the keys of their sentences.
    columns
        The columns of rows.
    is_fact
        Whether certainty, sources and a note go with it.
    has_help
        Whether `catalogue.record.help.<name>` explains it.
    """

    name: str
    kind: Kind = Kind.LINE
    required: bool = False
    choices: tuple[str, ...] = ()
    words: str = ""
    columns: tuple[Field, ...] = ()
    is_fact: bool = False
    has_help: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs."""
        return (self.name, *(f"{self.name}.{each}" for each in EVIDENCE)) if self.is_fact else (self.name,)


class InvalidForm(PublicError):
    """What was typed cannot be kept yet.

    Parameters
    ----------
    problems
        Input -> what is wrong with it.
    """

    def __init__(self, problems: Mapping[str, PublicError]) -> None:
        super().__init__("catalogue.record.form_invalid", 422, count=len(problems))
        self.problems = dict(problems)

    def by_field(self, language: str = DEFAULT_LANGUAGE) -> dict[str, str]:
        """Return the sentence for each input at fault."""
        return {name: problem.message(language) for name, problem in self.problems.items()}

    def message(self, language: str = DEFAULT_LANGUAGE) -> str:
        return " ".join((translate(self.code, language, **self.params), *self.by_field(language).values()))


def read(fields: tuple[Field, ...], typed: Mapping[str, list[str]]) -> Values:
    """Return what was typed into a form, cleaned of what no keyboard types; an input that was not sent is empty.

    Parameters
    ----------
    typed
        Every value sent, by the name of its input; the cells of rows as `<field>.<column>`, row by row.
    """
    values: Values = {}
    for field in fields:
        if field.kind is Kind.ROWS:
            columns = [[_clean(text) for text in typed.get(f"{field.name}.{c.name}", [])] for c in field.columns]
            values[field.name] = _rows(columns)
        else:
            for name in field.inputs:
                values[name] = _clean((typed.get(name) or [""])[0])
    return values


def merge(base: Values, mine: Values, theirs: Values) -> tuple[Values, tuple[str, ...]]:
    """Join two edits of the same form, and name the inputs that both changed, differently; there `mine` stands."""
    merged, conflicts = {}, []
    for name in mine:
        was, here, there = base.get(name), mine[name], theirs.get(name, "")
        merged[name] = there if here == was else here
        if here != was and there not in (was, here):
            conflicts.append(name)
    return merged, tuple(conflicts)


class Reader:
    """Turns what was typed into values, and gathers what is wrong by input."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.problems: dict[str, PublicError] = {}

    def finish(self) -> None:
        """Refuse the form when anything is wrong: :class:`InvalidForm`."""
        if self.problems:
            raise InvalidForm(self.problems)

    def text(self, name: str, most: int = LINE) -> str | None:
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise TypeError(f"{name} holds rows")
        if len(value) > most:
            self.wrong(name, "too_long", most=most)
        return value or None

    def needed(self, name: str, most: int = LINE) -> str:
        found = self.text(name, most)
        if found is None:
            self.wrong(name, "needed")
        return found or ""

    def list(self, name: str) -> tuple[str, ...]:
        lines = [" ".join(line.split()) for line in (self.text(name, TEXT) or "").splitlines()]
        return tuple(dict.fromkeys(line for line in lines if line))

    def whole(self, name: str, least: int, most: int) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        # People write thousands apart.
        digits = re.sub(r"\s", "", text)
        if not re.fullmatch(r"[0-9]{1,15}", digits) or not least <= int(digits) <= most:
            self.wrong(name, "bad_number", least=least, most=most)
            return None
        return int(digits)

    def day(self, name: str) -> date | None:
        text = self.text(name)
        try:
            return None if text is None else date.fromisoformat(text)
        except ValueError:
            self.wrong(name, "bad_day")
            return None

    def choice(self, name: str, kind: type[E]) -> E | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return kind(text)
        except ValueError:
            self.wrong(name, "bad_choice")
            return None

    def yes_or_no(self, name: str) -> bool | None:
        return {"yes": True, "no": False}.get(self.text(name) or "")

    def rows(self, name: str) -> Rows:
        rows = self.values.get(name, ())
        if isinstance(rows, str):
            raise TypeError(f"{name} holds a text")
        if len(rows) > MOST_ROWS:
            self.wrong(name, "too_many", most=MOST_ROWS)
        if any(len(cell) > TEXT for row in rows for cell in row):
            self.wrong(name, "too_long", most=TEXT)
        return rows

    def fact(self, name: str, value: T | None, known: frozenset[str]) -> Fact[T] | None:
        """Return a value with the evidence typed beside it; `known` are the sources of the record."""
        if value is None or value == "":
            return None
        evidence = [self.text(f"{name}.{each}", TEXT) or "" for each in EVIDENCE]
        return self.evidence(name, value, known, *evidence)

    def evidence(
        self, name: str, value: T, known: frozenset[str], certainty: str = "", sources: str = "", note: str = ""
    ) -> Fact[T]:
        """Return a fact; what is stated and cites nothing was declared by the steward."""
        mark = Certainty(certainty) if certainty in tuple(Certainty) else Certainty.OFFICIAL
        cited = tuple(dict.fromkeys(re.split(r"[\s,;]+", sources.strip()))) if sources.strip() else ()
        missing = [each for each in cited if each not in known and each != DECLARED]
        if missing:
            self.wrong(name, "unknown_source", sources=", ".join(missing)[:100])
        if mark is Certainty.UNSOURCED:
            cited = ()
        elif not cited:
            cited = (DECLARED,)
        return Fact(value, mark, cited, note or None)

    def wrong(self, name: str, problem: str, **params: object) -> None:
        self.problems.setdefault(name, PublicError(f"catalogue.record.problem.{problem}", 422, **params))


def fact_values(name: str, fact: Fact[T] | None, write: Callable[[T], str] = str) -> Values:
    """Return what a form holds of a fact."""
    if fact is None:
        return {name: "", **{f"{name}.{each}": "" for each in EVIDENCE}}
    evidence = (fact.certainty.value, " ".join(fact.sources), fact.note or "")
    return {name: write(fact.value), **{f"{name}.{k}": text for k, text in zip(EVIDENCE, evidence, strict=True)}}


def _clean(text: str) -> str:
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in kept if c.isprintable() or c == "\n").strip()


def _rows(columns: list[list[str]]) -> Rows:
    length = max(map(len, columns), default=0)
    padded = [column + [""] * (length - len(column)) for column in columns]
    return tuple(row for row in zip(*padded, strict=True) if any(row))
