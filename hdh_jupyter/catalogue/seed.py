"""The first records of the catalogue, read from the file of facts that comes with the package."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from .convention import Convention
from .facts import Certainty, Fact, Source
from .model import Access, Dataset, Membership, Milestone, Procedure, Regime, Remark
from .store import CatalogueStore
from .variables import CodeListVersion, Table, Variable

REMARKS = {
    "absent_fr": "absent",
    "exclusions": "exclusion",
    "quality_note_fr": "quality",
    "history_event": "history",
    "dictionary": "dictionary",
    "ddi": "exchange",
    "identifiers": "identifiers",
}
"""Fields of the facts file that become remarks, with the remark's kind."""

ACCESS_CONDITIONS = ("note", "individual", "open")


def seed(store: CatalogueStore) -> bool:
    """Put the first records into an empty catalogue; return whether it was empty."""
    return store.put_if_empty(first_records())


def first_records() -> list[Dataset]:
    """Return the records of the facts file."""
    text = (resources.files(__package__) / "data" / "french_health_databases.yaml").read_text("utf-8")
    facts = yaml.safe_load(text)
    procedures = {name: _procedure(name, entry) for name, entry in facts["procedures"].items()}
    return [_Reader(entry, procedures, facts["sources"]).dataset() for entry in facts["databases"]]


def _procedure(name: str, entry: Mapping[str, Any]) -> Procedure:
    sources = entry["source"] if isinstance(entry["source"], list) else [entry["source"]]
    label = Fact(entry["label_fr"], Certainty(entry["certainty"]), tuple(sources), entry.get("note"))
    return Procedure(name, label, tuple(entry.get("steps", ())), tuple(entry.get("delays", ())))


class _Reader:
    """Reads one record: what carries no mark of its own has the record's certainty and sources."""

    def __init__(
        self, entry: Mapping[str, Any], procedures: Mapping[str, Procedure], sources: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.entry = entry
        self.certainty = Certainty(entry["certainty"])
        self.cited = tuple(entry["sources"])
        self.procedures = procedures
        self.sources = sources

    def dataset(self) -> Dataset:
        entry = self.entry
        membership = self.fact(entry["catalogue"])
        if "catalogue_certainty" in entry:
            mark = entry["catalogue_certainty"]
            membership = Fact(membership.value, Certainty(mark["c"]), self.cited, mark["v"])
        access = self.access(entry["access"])
        cited = dict.fromkeys([*self.cited, *(s for p in access.procedures for s in p.label.sources)])
        return Dataset(
            id=entry["id"],
            name=entry["name"],
            steward=self.fact(entry["rd"]),
            kind=self.fact(entry["kind"]),
            membership=Fact(Membership(membership.value), membership.certainty, membership.sources, membership.note),
            access=access,
            convention=Convention(),
            long_name=self.optional("long_name_fr"),
            summary=self.optional("summary_fr"),
            population=self.optional("population"),
            geography=self.optional("geography"),
            frequency=self.optional("frequency"),
            granularity=self.optional("granularity"),
            coverage=tuple(Milestone(kind, self.fact(value)) for kind, value in entry.get("coverage", {}).items()),
            themes=tuple(entry.get("themes", ())),
            coding=tuple(entry.get("coding", ())),
            variable_groups=tuple(entry.get("variable_groups", ())),
            tables=self.tables(),
            citation=self.optional("citation"),
            authorship_rule=self.optional("authorship_rule"),
            remarks=tuple(
                Remark(kind, self.fact(value)) for key, kind in REMARKS.items() for value in _each(entry.get(key))
            ),
            certainty=self.certainty,
            sources=tuple(Source(s, self.sources[s]["url"], self.sources[s].get("licence")) for s in cited),
        )

    def tables(self) -> tuple[Table, ...]:
        variables = tuple(_variable(v) for v in self.entry.get("variables", ()))
        return (Table(self.entry["id"], variables=variables),) if variables else ()

    def access(self, entry: Mapping[str, Any]) -> Access:
        regime = self.fact(entry["regime"])
        ways = [entry["regime"], *_each(entry.get("via"))]
        known = dict.fromkeys(w for w in ways if isinstance(w, str) and w in self.procedures)
        others = [w for w in _each(entry.get("via")) if w not in self.procedures]
        conditions = [*others, *(entry[key] for key in ACCESS_CONDITIONS if key in entry)]
        return Access(
            regime=Fact(Regime(regime.value), regime.certainty, regime.sources),
            procedures=tuple(self.procedures[name] for name in known),
            conditions=tuple(self.fact(value) for value in conditions),
            licence=self.fact(entry["licence"]) if "licence" in entry else None,
        )

    def optional(self, key: str) -> Fact[str] | None:
        return self.fact(self.entry[key]) if key in self.entry else None

    def fact(self, value: Any) -> Fact[str]:
        if isinstance(value, Mapping) and "v" in value:
            own = Certainty(value.get("c", self.certainty))
            # A value nobody stated must not borrow the record's sources.
            cited = () if own is Certainty.UNSOURCED else self.cited
            return Fact(_text(value["v"]), own, cited, value.get("note"))
        return Fact(_text(value), self.certainty, self.cited)


def _each(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _variable(entry: Mapping[str, Any]) -> Variable:
    lists = tuple(
        CodeListVersion(
            tuple((str(code), str(label)) for code, label in codes["codes"].items()),
            codes.get("valid_from"),
            codes.get("valid_until"),
            codes.get("period"),
        )
        for codes in entry.get("code_lists", ())
    )
    return Variable(entry["name"], entry["type"], entry.get("label_fr"), code_lists=lists)
