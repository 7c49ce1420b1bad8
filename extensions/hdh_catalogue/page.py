"""The page of a record: sections of rows, the convention, its tables, the chart of years, and how to cite it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from hdh_jupyter.catalogue.completeness import score
from hdh_jupyter.catalogue.facts import Fact
from hdh_jupyter.catalogue.model import Access, Dataset
from hdh_jupyter.i18n import translate

from .citation import citation
from .coverage import years
from .items import dataset_item, regime
from .rights import Right
from .rows import Row, fact_row, fact_rows, label, row
from .tables import table_line
from .terms import terms


def page(dataset: Dataset, right: Right, today: date, language: str) -> dict[str, Any]:
    """Return the record's page; its variables are asked for table by table."""
    return {
        **dataset_item(dataset, right, language),
        "sections": [
            _section("identification", _identification(dataset, language)),
            _section("content", _content(dataset, language)),
            _section("quality", _quality(dataset, language)),
            _section("access", _access(dataset.access, language)),
        ],
        "convention": terms(dataset.convention, today, language),
        "tables": [table_line(table) for table in dataset.tables],
        "links": [
            {
                "label": label(f"panel.link.{link.kind}"),
                "target": link.target,
                "note": link.note,
            }
            for link in dataset.links
        ],
        "years": years(dataset, today, language),
        "completeness": _completeness(dataset, language),
        "citation": citation(dataset, today),
        "sources": [{"id": s.id, "reference": s.reference, "licence": s.licence} for s in dataset.sources],
    }


def _identification(dataset: Dataset, language: str) -> Iterable[Row]:
    yield row("field.name", dataset.name)
    yield from fact_rows(language, long_name=dataset.long_name, steward=dataset.steward, kind=dataset.kind)
    membership = dataset.membership
    worded = Fact(
        translate(f"catalogue.membership.{membership.value}", language),
        membership.certainty,
        membership.sources,
        membership.note,
    )
    yield from fact_rows(
        language, membership=worded, citation=dataset.citation, authorship_rule=dataset.authorship_rule
    )
    if dataset.contact:
        yield fact_row("panel.field.contact", dataset.contact, language)


def _content(dataset: Dataset, language: str) -> Iterable[Row]:
    yield from fact_rows(language, summary=dataset.summary)
    for name in ("objective", "provenance", "records", "individuals"):
        if (fact := getattr(dataset, name)) is not None:
            yield fact_row(f"panel.field.{name}", fact, language)
    yield from fact_rows(
        language,
        population=dataset.population,
        geography=dataset.geography,
        frequency=dataset.frequency,
        granularity=dataset.granularity,
    )
    for milestone in dataset.coverage:
        yield fact_row(f"milestone.{milestone.kind}", milestone.fact, language)
    for name in ("themes", "coding", "variable_groups"):
        values: tuple[str, ...] = getattr(dataset, name)
        if values:
            yield row(f"field.{name}", ", ".join(values))


def _quality(dataset: Dataset, language: str) -> Iterable[Row]:
    for remark in dataset.remarks:
        yield fact_row(f"remark.{remark.kind}", remark.fact, language)


def _access(access: Access, language: str) -> Iterable[Row]:
    yield row("field.regime", regime(access, language), access.regime)
    for procedure in access.procedures:
        yield fact_row("field.procedure", procedure.label, language)
        for name, values in (("steps", procedure.steps), ("delays", procedure.delays)):
            if values:
                yield row(f"field.{name}", ", ".join(values), procedure.label)
    for condition in access.conditions:
        yield fact_row("field.condition", condition, language)
    yield from fact_rows(language, licence=access.licence)


def _completeness(dataset: Dataset, language: str) -> dict[str, Any]:
    found = score(dataset)
    missing = [translate(f"catalogue.panel.missing.{name}", language) for name in found.missing]
    return {"share": found.share, "missing": missing}


def _section(name: str, rows: Iterable[Row]) -> dict[str, Any]:
    key = "panel.section.quality" if name == "quality" else f"section.{name}"
    return {"key": name, "label": label(key), "rows": list(rows)}
