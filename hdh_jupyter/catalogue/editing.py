"""The form of a record: its fields, a record as what the form holds, and back. Pure.

What the form has no field for (tables, procedures, the convention) stays as it is in the record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .convention import Convention
from .facts import Certainty, Fact, Source
from .forms import DECLARED, TEXT, Field, Kind, Reader, Rows, Values, fact_values
from .model import (
    Access,
    Dataset,
    Distribution,
    Link,
    LinkKind,
    Membership,
    Milestone,
    Regime,
    Remark,
)
from .store import DATASET_ID

EARLIEST, LATEST = 1800, 2200
"""Years that a period may name."""

MILESTONES = (
    "start end planned_end source_start mandatory_since hdh_copy_start warehouse_since legal_basis retention lag"
    " created waves editions authorised schema_year"
)
REMARKS = "absent exclusion quality history dictionary exchange identifiers"

_CERTAINTY = Field("certainty", Kind.CHOICE, choices=tuple(Certainty), words="catalogue.record.certainty_short.")
_EVIDENCE = (_CERTAINTY, Field("sources"), Field("note"))


def _fact(name: str, kind: Kind = Kind.LINE, required: bool = False, has_help: bool = False) -> Field:
    return Field(name, kind, required, is_fact=True, has_help=has_help)


REGIME = Field("regime", Kind.CHOICE, required=True, choices=tuple(Regime), words="catalogue.regime.", is_fact=True)

SECTIONS: dict[str, tuple[Field, ...]] = {
    "identification": (
        Field("name", required=True),
        _fact("long_name"),
        _fact("steward", required=True, has_help=True),
        _fact("kind", required=True, has_help=True),
        _fact("summary", Kind.TEXT, required=True, has_help=True),
        _fact("contact", required=True, has_help=True),
        Field("membership", Kind.CHOICE, choices=tuple(Membership), words="catalogue.membership.", is_fact=True),
    ),
    "content": (
        _fact("objective", Kind.TEXT),
        Field("themes", Kind.LIST, has_help=True),
        _fact("population", Kind.TEXT),
        _fact("geography"),
        _fact("granularity", has_help=True),
        _fact("frequency"),
        Field("first_year", Kind.WHOLE),
        Field("last_year", Kind.WHOLE, has_help=True),
        _fact("records", Kind.WHOLE),
        _fact("individuals", Kind.WHOLE),
        Field("coding", Kind.LIST, has_help=True),
        Field("variable_groups", Kind.LIST),
        _fact("provenance", Kind.TEXT, has_help=True),
        Field(
            "coverage",
            Kind.ROWS,
            columns=(
                Field("kind", Kind.CHOICE, choices=tuple(MILESTONES.split()), words="catalogue.milestone."),
                Field("value"),
                *_EVIDENCE,
            ),
        ),
        Field(
            "remarks",
            Kind.ROWS,
            columns=(
                Field("kind", Kind.CHOICE, choices=tuple(REMARKS.split()), words="catalogue.remark."),
                Field("value"),
                *_EVIDENCE,
            ),
        ),
    ),
    "access": (
        REGIME,
        Field("conditions", Kind.ROWS, columns=(Field("value"), *_EVIDENCE)),
        _fact("licence"),
        _fact("citation", Kind.TEXT),
        Field(
            "distributions",
            Kind.ROWS,
            columns=(Field("title"), Field("access_url"), Field("format"), Field("licence")),
        ),
        Field(
            "links",
            Kind.ROWS,
            columns=(
                Field("kind", Kind.CHOICE, choices=tuple(LinkKind), words="catalogue.record.link_kind."),
                Field("target"),
                Field("note"),
            ),
        ),
    ),
    "sources": (
        Field("sources", Kind.ROWS, columns=(Field("id"), Field("reference"), Field("licence")), has_help=True),
    ),
}
"""The fields of the form, section by section."""

FIELDS: tuple[Field, ...] = tuple(field for fields in SECTIONS.values() for field in fields)

_TEXT_FACTS = tuple(
    field.name for field in FIELDS if field.is_fact and field.kind in (Kind.LINE, Kind.TEXT) and field.name != "licence"
)
_WHOLE_FACTS = ("records", "individuals")


def to_values(dataset: Dataset) -> Values:
    """Return what the form holds of a record."""
    values: Values = {
        "name": dataset.name,
        **fact_values("membership", dataset.membership),
        **fact_values("regime", dataset.access.regime),
        **fact_values("licence", dataset.access.licence),
        "first_year": "" if dataset.first_year is None else str(dataset.first_year),
        "last_year": "" if dataset.last_year is None else str(dataset.last_year),
        "coverage": tuple((each.kind, *_cells(each.fact)) for each in dataset.coverage),
        "remarks": tuple((each.kind, *_cells(each.fact)) for each in dataset.remarks),
        "conditions": tuple(_cells(fact) for fact in dataset.access.conditions),
        "distributions": tuple(
            (each.title, each.access_url or "", each.format or "", each.licence or "") for each in dataset.distributions
        ),
        "links": tuple((each.kind.value, each.target, each.note or "") for each in dataset.links),
        "sources": tuple((each.id, each.reference, each.licence or "") for each in dataset.sources),
    }
    for name in (*_TEXT_FACTS, *_WHOLE_FACTS):
        values.update(fact_values(name, getattr(dataset, name)))
    for name in ("themes", "coding", "variable_groups"):
        values[name] = "\n".join(getattr(dataset, name))
    return values


def new_record(dataset: str, values: Values) -> Dataset:
    """Return the record that a filled form describes; raises as :func:`apply` does, for a bad id too."""
    reader = Reader(values)
    regime = reader.choice("regime", Regime)
    if not DATASET_ID.fullmatch(dataset):
        reader.wrong("id", "bad_id")
    blank = Dataset(
        id=dataset,
        name="",
        steward=Fact("", Certainty.UNSOURCED),
        kind=Fact("", Certainty.UNSOURCED),
        membership=Fact(Membership.UNKNOWN, Certainty.UNSOURCED),
        access=Access(Fact(regime or Regime.MIXED, Certainty.UNSOURCED)),
        convention=Convention(),
    )
    return _apply(blank, values, reader)


def apply(dataset: Dataset, values: Values) -> Dataset:
    """Return the record with what the form holds.

    Summary and contact may still be missing from a draft; what a record cannot be without may not.

    Raises
    ------
    InvalidForm
        Names what is wrong with each input.
    """
    return _apply(dataset, values, Reader(values))


def _apply(dataset: Dataset, values: Values, reader: Reader) -> Dataset:
    sources = _sources(reader)
    known = frozenset(source.id for source in sources)
    texts: dict[str, Any] = {name: reader.fact(name, reader.text(name, TEXT), known) for name in _TEXT_FACTS}
    steward, kind = texts.pop("steward"), texts.pop("kind")
    for name, found in {"name": values["name"], "steward": steward, "kind": kind}.items():
        if not found:
            reader.wrong(name, "needed")
    lists: dict[str, Any] = {name: reader.list(name) for name in ("themes", "coding", "variable_groups")}
    first, last = reader.whole("first_year", EARLIEST, LATEST), reader.whole("last_year", EARLIEST, LATEST)
    if first is not None and last is not None and last < first:
        reader.wrong("last_year", "years_reversed")
    regime = reader.fact("regime", reader.choice("regime", Regime), known)
    if regime is None:
        reader.wrong("regime", "needed")
    made = replace(
        dataset,
        name=reader.text("name") or dataset.name,
        steward=steward or dataset.steward,
        kind=kind or dataset.kind,
        membership=reader.fact("membership", reader.choice("membership", Membership), known)
        or Fact(Membership.UNKNOWN, Certainty.UNSOURCED),
        access=replace(
            dataset.access,
            regime=regime or dataset.access.regime,
            conditions=tuple(
                reader.evidence("conditions", row[0], known, *row[1:]) for row in _needed(reader, "conditions", (0,))
            ),
            licence=reader.fact("licence", reader.text("licence", TEXT), known),
        ),
        first_year=first,
        last_year=last,
        records=reader.fact("records", reader.whole("records", 0, 10**14), known),
        individuals=reader.fact("individuals", reader.whole("individuals", 0, 10**14), known),
        coverage=tuple(
            Milestone(row[0], reader.evidence("coverage", row[1], known, *row[2:]))
            for row in _needed(reader, "coverage", (0, 1))
        ),
        remarks=tuple(
            Remark(row[0], reader.evidence("remarks", row[1], known, *row[2:]))
            for row in _needed(reader, "remarks", (0, 1))
        ),
        distributions=_distributions(dataset, _needed(reader, "distributions", (0,))),
        links=_links(reader),
        **lists,
        **texts,
    )
    made = replace(made, sources=_with_declaration(made, sources))
    reader.finish()
    return made


def _needed(reader: Reader, name: str, columns: tuple[int, ...]) -> Rows:
    """Return the rows that have what a row needs, the others being at fault."""
    rows = reader.rows(name)
    whole = tuple(row for row in rows if all(row[column] for column in columns))
    if len(whole) < len(rows):
        reader.wrong(name, "half_a_row")
    return whole


def _sources(reader: Reader) -> tuple[Source, ...]:
    rows = _needed(reader, "sources", (0, 1))
    if len({row[0] for row in rows}) < len(rows):
        reader.wrong("sources", "same_source")
    if any(not row[0].isascii() or len(row[0].split()) != 1 or len(row[0]) > 32 for row in rows):
        reader.wrong("sources", "bad_source")
    return tuple(Source(row[0], row[1], row[2] or None) for row in rows)


def _with_declaration(dataset: Dataset, sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return the sources, with the steward's own word when a fact rests on it."""
    others = tuple(source for source in sources if source.id != DECLARED)
    facts = [getattr(dataset, name) for name in (*_TEXT_FACTS, *_WHOLE_FACTS, "membership")]
    facts += [dataset.access.regime, dataset.access.licence, *dataset.access.conditions]
    facts += [milestone.fact for milestone in dataset.coverage]
    facts += [remark.fact for remark in dataset.remarks]
    if not any(fact is not None and DECLARED in fact.sources for fact in facts):
        return others
    return (*others, Source(DECLARED, f"Déclaration du responsable de données ({dataset.steward.value})"))


def _distributions(dataset: Dataset, rows: Rows) -> tuple[Distribution, ...]:
    """Return the distributions; what the form does not ask of one stays as it is."""
    known = {each.title: each for each in dataset.distributions}
    return tuple(
        replace(
            known.get(title, Distribution(title)),
            access_url=url or None,
            format=form or None,
            licence=licence or None,
        )
        for title, url, form, licence in rows
    )


def _links(reader: Reader) -> tuple[Link, ...]:
    rows = _needed(reader, "links", (0, 1))
    if any(row[0] not in tuple(LinkKind) for row in rows):
        reader.wrong("links", "bad_choice")
        return ()
    return tuple(Link(LinkKind(kind), target, note or None) for kind, target, note in rows)


def _cells(fact: Fact[str]) -> tuple[str, str, str, str]:
    return fact.value, fact.certainty.value, " ".join(fact.sources), fact.note or ""
