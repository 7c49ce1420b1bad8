"""One record of a file kept by hand, read part by part: what is faulty is reported and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import cattrs

from ..convention import Convention
from ..facts import Certainty, Fact, Source
from ..health import HealthDescription
from ..model import (
    Access,
    Dataset,
    Distribution,
    Link,
    Membership,
    Milestone,
    Procedure,
    Regime,
    Remark,
    part_from_document,
)
from ..store import DATASET_ID
from ..variables import Table, Variable
from .problems import Problem
from .seed_values import FACT, each_of, expanded, text, texts

REMARKS = {
    "absent_fr": "absent",
    "exclusions": "exclusion",
    "quality_note_fr": "quality",
    "history_event": "history",
    "dictionary": "dictionary",
    "ddi": "exchange",
    "identifiers": "identifiers",
}
"""Short forms of remarks, with the remark's kind."""

ACCESS_CONDITIONS = ("note", "individual", "open")

ACCESS = frozenset({"regime", "via", "procedures", "conditions", "licence", *ACCESS_CONDITIONS})

KEYS = frozenset(
    {"id", "name", "rd", "kind", "catalogue", "catalogue_certainty", "access", "convention", "long_name_fr"}
    | {"summary_fr", "population", "geography", "frequency", "granularity", "coverage", "themes", "coding"}
    | {"variable_groups", "variables", "tables", "distributions", "links", "first_year", "last_year", "records"}
    | {"individuals", "contact", "objective", "provenance", "citation", "authorship_rule", "remarks", "health"}
    | {"certainty", "sources", "listed", *REMARKS}
)
"""What an entry may say."""

NOT_KNOWN = "à préciser"

T = TypeVar("T")

FAULTS = (cattrs.BaseValidationError, KeyError, TypeError, ValueError, AttributeError)


class Missing(Exception):
    """A record without what tells it from others."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def procedure(name: str, entry: Mapping[str, Any]) -> Procedure:
    """Return a procedure; raises KeyError, TypeError or ValueError for what is none."""
    label = Fact(text(entry["label_fr"]), Certainty(entry["certainty"]), texts(entry.get("source")), entry.get("note"))
    return Procedure(name, label, texts(entry.get("steps")), texts(entry.get("delays")))


class EntryReader:
    """Reads one record: what carries no mark of its own has the record's certainty and sources.

    Parameters
    ----------
    procedures, sources
        Those of the file, by id.
    path
        Name of the file, for problems.

    Raises
    ------
    Missing
        There is no id or no name.
    """

    def __init__(
        self,
        entry: Any,
        procedures: Mapping[str, Procedure],
        sources: Mapping[str, Any],
        path: str,
        problems: list[Problem],
    ) -> None:
        if not isinstance(entry, Mapping) or not DATASET_ID.fullmatch(str(entry.get("id"))):
            raise Missing("id")
        if not str(entry.get("name") or "").strip():
            raise Missing("name")
        self.entry = entry
        self.procedures = procedures
        self.sources = sources
        self.where = f"{path} {entry['id']}"
        self.problems = problems
        self.certainty = self.part("certainty", lambda value: Certainty(value), Certainty.UNSOURCED)
        self.cited: tuple[str, ...] = self.part("sources", _source_ids, ())

    def dataset(self) -> Dataset:
        """Return the record."""
        for key in self.entry:
            if key not in KEYS:
                self.problems.append(Problem("entry.unknown_key", self.where, {"key": str(key)[:80]}))
        access = self.part("access", self.access, Access(Fact(Regime.AUTHORISATION, Certainty.UNSOURCED)))
        return Dataset(
            id=self.entry["id"],
            name=text(self.entry["name"]),
            steward=self.optional("rd") or Fact(NOT_KNOWN, Certainty.UNSOURCED),
            kind=self.optional("kind") or Fact(NOT_KNOWN, Certainty.UNSOURCED),
            membership=self.part("catalogue", self.membership, Fact(Membership.UNKNOWN, Certainty.UNSOURCED)),
            access=access,
            convention=self.structured("convention", Convention) or Convention(),
            long_name=self.optional("long_name_fr"),
            summary=self.optional("summary_fr"),
            population=self.optional("population"),
            geography=self.optional("geography"),
            frequency=self.optional("frequency"),
            granularity=self.optional("granularity"),
            coverage=tuple(Milestone(kind, fact) for kind, fact in self.kinds("coverage")),
            themes=self.part("themes", texts, ()),
            coding=self.part("coding", texts, ()),
            variable_groups=self.part("variable_groups", texts, ()),
            tables=self.part("tables", self.tables, ()) or self.part("variables", self.one_table, ()),
            distributions=self.each("distributions", Distribution),
            links=self.each("links", Link),
            first_year=self.part("first_year", int, None),
            last_year=self.part("last_year", int, None),
            records=self.part("records", self.number, None),
            individuals=self.part("individuals", self.number, None),
            contact=self.optional("contact"),
            objective=self.optional("objective"),
            provenance=self.optional("provenance"),
            citation=self.optional("citation"),
            authorship_rule=self.optional("authorship_rule"),
            remarks=self.remarks(),
            health=self.structured("health", HealthDescription),
            certainty=self.certainty,
            sources=self.all_sources(access),
        )

    def part(self, key: str, read: Callable[[Any], T], otherwise: T) -> T:
        """Return what `read` makes of a part; a faulty one is a problem, and `otherwise` takes its place."""
        if self.entry.get(key) is None:
            return otherwise
        try:
            return read(self.entry[key])
        except FAULTS as error:
            self.fault(key, error)
            return otherwise

    def fault(self, place: str, error: Exception) -> None:
        if isinstance(error, cattrs.BaseValidationError):
            reason = "; ".join(cattrs.transform_error(error, path=place))
        else:
            reason = f"{type(error).__name__}: {error}"
        self.problems.append(Problem("entry.bad", f"{self.where} {place}", {"reason": reason[:200]}))

    def optional(self, key: str) -> Fact[str] | None:
        return self.part(key, self.fact, None)

    def fact(self, value: Any) -> Fact[str]:
        found: Fact[Any] = self.marked(value)
        return Fact(text(found.value), found.certainty, found.sources, found.note)

    def number(self, value: Any) -> Fact[int]:
        found: Fact[Any] = self.marked(value)
        return Fact(int(found.value), found.certainty, found.sources, found.note)

    def marked(self, value: Any) -> Fact[Any]:
        """Return a value with its own certainty and sources, or the record's."""
        if not isinstance(value, Mapping) or "v" not in value:
            if isinstance(value, Mapping):
                raise ValueError("no value")
            return Fact(value, self.certainty, self.cited)
        if set(value) - set(FACT):
            raise ValueError(f"unknown {', '.join(sorted(map(str, set(value) - set(FACT))))}")
        own = Certainty(value.get("c", self.certainty))
        # A value nobody stated must not borrow the record's sources.
        cited = () if own is Certainty.UNSOURCED else self.cited
        note = value.get("note")
        own_sources = texts(value["s"]) if "s" in value else cited
        return Fact(value["v"], own, own_sources, None if note is None else text(note))

    def membership(self, value: Any) -> Fact[Membership]:
        fact = self.fact(value)
        mark = self.entry.get("catalogue_certainty")
        if isinstance(mark, Mapping):
            fact = Fact(fact.value, Certainty(mark["c"]), self.cited, text(mark["v"]))
        return Fact(Membership(fact.value), fact.certainty, fact.sources, fact.note)

    def access(self, entry: Mapping[str, Any]) -> Access:
        for key in entry.keys() - ACCESS:
            self.problems.append(Problem("entry.unknown_key", f"{self.where} access", {"key": str(key)[:80]}))
        regime, via = self.fact(entry["regime"]), each_of(entry.get("via"))
        ways = dict.fromkeys(w for w in (entry["regime"], *via) if isinstance(w, str) and w in self.procedures)
        if entry.get("procedures") is not None:
            procedures = tuple(procedure(text(own["id"]), own) for own in each_of(entry["procedures"]))
        else:
            procedures = tuple(self.procedures[name] for name in ways)
        others = (w for w in via if not isinstance(w, str) or w not in self.procedures)
        noted = (entry[key] for key in ACCESS_CONDITIONS if entry.get(key) is not None)
        return Access(
            regime=Fact(Regime(regime.value), regime.certainty, regime.sources, regime.note),
            procedures=procedures,
            conditions=tuple(map(self.fact, (*others, *noted, *each_of(entry.get("conditions"))))),
            licence=None if entry.get("licence") is None else self.fact(entry["licence"]),
        )

    def remarks(self) -> tuple[Remark, ...]:
        found = [Remark(kind, fact) for kind, fact in self.kinds("remarks")]
        for key, kind in REMARKS.items():
            for value in each_of(self.entry.get(key)):
                try:
                    found.append(Remark(kind, self.fact(value)))
                except FAULTS as error:
                    self.fault(key, error)
        return tuple(found)

    def kinds(self, key: str) -> Iterator[tuple[str, Fact[str]]]:
        """Return facts by kind: `{start: 2004}`, or a list of `{kind: start, fact: 2004}` where a kind comes twice."""
        value = self.entry.get(key) or ()
        pairs: Iterable[Any] = value.items() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for pair in pairs:
            try:
                kind, fact = (pair["kind"], pair["fact"]) if isinstance(pair, Mapping) else pair
                yield text(kind), self.fact(fact)
            except FAULTS as error:
                self.fault(key, error)

    def structured(self, key: str, kind: type[T]) -> T | None:
        return self.part(key, lambda value: part_from_document(expanded(value), kind), None)

    def each(self, key: str, kind: type[T], entries: Any = None) -> tuple[T, ...]:
        """Return the parts of a list, those aside that are faulty."""
        found = []
        for number, value in enumerate(each_of(self.entry.get(key) if entries is None else entries), 1):
            try:
                found.append(part_from_document(expanded(value), kind))
            except FAULTS as error:
                self.fault(f"{key} {number}", error)
        return tuple(found)

    def tables(self, entries: Any) -> tuple[Table, ...]:
        found = []
        for number, entry in enumerate(each_of(entries), 1):
            try:
                variables = self.each(f"tables {entry['name']}", Variable, entry.get("variables", []))
                rest = {key: value for key, value in entry.items() if key != "variables"}
                table = part_from_document(expanded(rest), Table)
                found.append(replace(table, variables=variables))
            except FAULTS as error:
                self.fault(f"tables {number}", error)
        return tuple(found)

    def one_table(self, entries: Any) -> tuple[Table, ...]:
        variables = self.each("variables", Variable, entries)
        return (Table(self.entry["id"], variables=variables),) if variables else ()

    def listed(self, entries: Any) -> tuple[Source, ...]:
        return tuple(self.source(each) for each in each_of(entries))

    def all_sources(self, access: Access) -> tuple[Source, ...]:
        listed = self.part("listed", self.listed, None)
        return tuple(self.implied(access)) if listed is None else listed

    def implied(self, access: Access) -> Iterator[Source]:
        """Return the sources that the record and its procedures name."""
        # What is cited is empty where the list itself is faulty.
        own = dict(zip(self.cited, each_of(self.entry.get("sources")), strict=False))
        of_procedures = (s for p in access.procedures for s in p.label.sources)
        for name in dict.fromkeys((*self.cited, *of_procedures)):
            try:
                yield self.source(own.get(name, name))
            except FAULTS:
                self.problems.append(Problem("entry.unknown_source", self.where, {"source": name}))

    def source(self, each: Any) -> Source:
        told = each if isinstance(each, Mapping) else self.sources[str(each)]
        licence = told.get("licence")
        return Source(_source_id(each), text(told["url"]), None if licence is None else text(licence))


def _source_ids(value: Any) -> tuple[str, ...]:
    return tuple(map(_source_id, each_of(value)))


def _source_id(each: Any) -> str:
    return text(each["id"] if isinstance(each, Mapping) else each)
