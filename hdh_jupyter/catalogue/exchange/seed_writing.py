"""Records in the format that is kept by hand: short where the reader fills in what is left out, explicit elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from ..convention import Convention
from ..facts import Certainty, Fact, Source
from ..model import Dataset, Procedure, Remark, part_to_document
from ..variables import Table
from .seed_entries import REMARKS
from .seed_values import FACT

SHORT = {"steward": "rd", "long_name": "long_name_fr", "summary": "summary_fr", "membership": "catalogue"}
"""Fields that the format has other names for."""

FACTS = (
    *("steward", "kind", "long_name", "summary", "population", "geography", "frequency", "granularity", "records"),
    *("individuals", "contact", "objective", "provenance", "citation", "authorship_rule"),
)

LISTS = ("themes", "coding", "variable_groups")

MARKS = {name: short for short, name in FACT.items()}


def written_entries(datasets: Iterable[Dataset]) -> dict[str, Any]:
    """Return the parts of a file: procedures, databases, sources."""
    procedures: dict[str, Procedure] = {}
    sources: dict[str, Source] = {}
    entries = []
    for dataset in datasets:
        # The first one of an id is the file's; a record that means another one has it in itself.
        for known in dataset.access.procedures:
            procedures.setdefault(known.id, known)
        for source in dataset.sources:
            sources.setdefault(source.id, source)
        entries.append(dataset)
    return {
        "procedures": {name: _procedure(known) for name, known in procedures.items()},
        "databases": [_Writer(dataset, procedures, sources).entry() for dataset in entries],
        "sources": {name: _source(source) for name, source in sources.items()},
    }


class _Writer:
    """Writes one record.

    Attributes
    ----------
    cited
        The sources that a fact has when it says nothing: those that most facts of the record have.
    """

    def __init__(self, dataset: Dataset, procedures: Mapping[str, Procedure], sources: Mapping[str, Source]) -> None:
        self.dataset = dataset
        self.procedures = procedures
        self.sources = sources
        stated = (fact.sources for fact in _facts(dataset) if fact.certainty is not Certainty.UNSOURCED)
        self.cited = next((each for each, _ in Counter(stated).most_common(1)), ())

    def entry(self) -> dict[str, Any]:
        dataset = self.dataset
        made: dict[str, Any] = {"id": dataset.id, "name": dataset.name}
        for name in FACTS:
            fact = getattr(dataset, name)
            if fact is not None:
                made[SHORT.get(name, name)] = self.fact(fact)
        made |= self.kinds("coverage", [(m.kind, m.fact) for m in dataset.coverage])
        for name in ("first_year", "last_year"):
            if getattr(dataset, name) is not None:
                made[name] = getattr(dataset, name)
        made |= {name: list(getattr(dataset, name)) for name in LISTS if getattr(dataset, name)}
        made["access"] = self.access()
        made["catalogue"] = self.fact(_plain(dataset.membership))
        if dataset.convention != Convention():
            made["convention"] = compact(part_to_document(dataset.convention))
        if dataset.health is not None:
            made["health"] = compact(part_to_document(dataset.health))
        for name in ("distributions", "links"):
            if getattr(dataset, name):
                made[name] = [compact(part_to_document(each)) for each in getattr(dataset, name)]
        made |= self.tables()
        made |= self.remarks()
        made["certainty"] = dataset.certainty.value
        return made | self.listed()

    def fact(self, fact: Fact[Any]) -> Any:
        """Return a fact without what the reader takes from the record."""
        own: dict[str, Any] = {}
        if fact.certainty is not self.dataset.certainty:
            own["c"] = fact.certainty.value
        # Sources that are implied: none for what nobody stated, unless the record itself is so throughout.
        marked = fact.note is not None or bool(own)
        implied = () if marked and fact.certainty is Certainty.UNSOURCED else self.cited
        if fact.sources != implied:
            own["s"] = list(fact.sources)
        if fact.note is not None:
            own["note"] = fact.note
        return {"v": fact.value, **own} if own else fact.value

    def kinds(self, name: str, pairs: list[tuple[str, Fact[str]]]) -> dict[str, Any]:
        if not pairs:
            return {}
        if len({kind for kind, _ in pairs}) == len(pairs):
            return {name: {kind: self.fact(fact) for kind, fact in pairs}}
        return {name: [{"kind": kind, "fact": self.fact(fact)} for kind, fact in pairs]}

    def access(self) -> dict[str, Any]:
        access = self.dataset.access
        regime = self.fact(_plain(access.regime))
        made: dict[str, Any] = {"regime": regime}
        names = [known.id for known in access.procedures]
        if any(self.procedures[known.id] != known for known in access.procedures) or len(set(names)) < len(names):
            made["procedures"] = [{"id": known.id, **_procedure(known)} for known in access.procedures]
        elif names[:1] == [regime]:
            made |= {"via": names[1:]} if names[1:] else {}
        else:
            if isinstance(regime, str) and regime in self.procedures:
                # The word alone would name the procedure too.
                made["regime"] = {"v": regime} | self._sources_of(access.regime)
            made |= {"via": names} if names else {}
        if access.conditions:
            made["conditions"] = [self.fact(fact) for fact in access.conditions]
        if access.licence is not None:
            made["licence"] = self.fact(access.licence)
        return made

    def _sources_of(self, fact: Fact[Any]) -> dict[str, Any]:
        implied = () if fact.certainty is Certainty.UNSOURCED else self.cited
        return {} if fact.sources == implied else {"s": list(fact.sources)}

    def tables(self) -> dict[str, Any]:
        tables = self.dataset.tables
        if not tables:
            return {}
        # A table that says nothing but its variables needs no name.
        if len(tables) == 1 and tables[0] == Table(self.dataset.id, variables=tables[0].variables) != Table(
            tables[0].name
        ):
            return {"variables": _table(tables[0])["variables"]}
        return {"tables": [_table(table) for table in tables]}

    def remarks(self) -> dict[str, Any]:
        remarks = self.dataset.remarks
        by_key = {key: [r.fact for r in remarks if r.kind == kind] for key, kind in REMARKS.items()}
        ordered = tuple(Remark(REMARKS[key], fact) for key, facts in by_key.items() for fact in facts)
        if ordered != remarks:
            return {"remarks": [{"kind": r.kind, "fact": self.fact(r.fact)} for r in remarks]}
        short = {key: [self.fact(fact) for fact in facts] for key, facts in by_key.items() if facts}
        return {key: facts[0] if len(facts) == 1 else facts for key, facts in short.items()}

    def listed(self) -> dict[str, Any]:
        """Return the sources, without those that the reader finds by itself."""
        of_procedures = (s for p in self.dataset.access.procedures for s in p.label.sources)
        implied = tuple(self.sources.get(name) for name in dict.fromkeys((*self.cited, *of_procedures)))
        made: dict[str, Any] = {"sources": list(self.cited)}
        if implied != self.dataset.sources:
            made["listed"] = [
                source.id if self.sources[source.id] == source else {"id": source.id, **_source(source)}
                for source in self.dataset.sources
            ]
        return made


def compact(value: Any, key: str = "") -> Any:
    """Return a part of a document in the format's own terms."""
    if isinstance(value, Mapping):
        if "value" in value and "certainty" in value:
            return {MARKS[name]: compact(each) for name, each in value.items()}
        return {name: compact(each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        if key == "codes" and len({code for code, _ in value}) == len(value):
            return {str(code): str(label) for code, label in value}
        return [compact(each) for each in value]
    return value.value if isinstance(value, Enum) else value


def _facts(dataset: Dataset) -> Iterator[Fact[Any]]:
    """Return the facts that may be written short."""
    found = [getattr(dataset, name) for name in FACTS]
    found += [dataset.membership, dataset.access.regime, dataset.access.licence, *dataset.access.conditions]
    found += [*(m.fact for m in dataset.coverage), *(r.fact for r in dataset.remarks)]
    yield from (fact for fact in found if fact is not None)


def _plain(fact: Fact[Any]) -> Fact[str]:
    return replace(fact, value=str(fact.value))


def _procedure(known: Procedure) -> dict[str, Any]:
    made: dict[str, Any] = {"label_fr": known.label.value}
    made |= {name: list(getattr(known, name)) for name in ("steps", "delays") if getattr(known, name)}
    if known.label.note is not None:
        made["note"] = known.label.note
    return {**made, "certainty": known.label.certainty.value, "source": list(known.label.sources)}


def _source(source: Source) -> dict[str, str]:
    return {"url": source.reference} | ({} if source.licence is None else {"licence": source.licence})


def _table(table: Table) -> dict[str, Any]:
    made: dict[str, Any] = compact(part_to_document(table))
    if "variables" in made:
        made["variables"] = [_french(variable) for variable in made["variables"]]
    return made


def _french(variable: dict[str, Any]) -> dict[str, Any]:
    return {"label_fr" if name == "label" else name: value for name, value in variable.items()}
