"""Records put into words: the line of a list and the page of a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hdh_jupyter.catalogue.convention import Theme
from hdh_jupyter.catalogue.facts import Fact
from hdh_jupyter.catalogue.model import Access, Dataset
from hdh_jupyter.i18n import LANGUAGES, translate

from .rights import Right

NO_COVERAGE = "—"


def item(dataset: Dataset, right: Right, language: str) -> dict[str, Any]:
    """Return what a list of search results says of a dataset."""
    return {
        "id": dataset.id,
        "title": dataset.name,
        "long_title": dataset.long_name and dataset.long_name.value,
        "summary": dataset.summary and _value(dataset.summary, language),
        "steward": _value(dataset.steward, language),
        "coverage": coverage(dataset, language),
        "access": {"regime": dataset.access.regime.value.value, "label": _regime(dataset.access, language)},
        "conditions": conditions(dataset, language),
        "usable": {"code": right.usable.value, "message": right.sentence(language)},
    }


def page(dataset: Dataset, right: Right, language: str) -> dict[str, Any]:
    """Return the record's page: the list's line, and sections of rows, each with its label in both languages."""
    return {
        **item(dataset, right, language),
        "sections": [
            _section("identification", _identification(dataset, language)),
            _section("content", _content(dataset, language)),
            _section("access", _access(dataset.access, language)),
            _section("convention", _convention(dataset, language)),
        ],
        "variables": [
            {
                "name": variable.name,
                "type": variable.type,
                "label": variable.label,
                "code_lists": [
                    {"period": codes.period, "codes": [{"code": code, "label": label} for code, label in codes.codes]}
                    for codes in variable.code_lists
                ],
            }
            for variable in dataset.variables
        ],
        "sources": [{"id": s.id, "reference": s.reference, "licence": s.licence} for s in dataset.sources],
    }


def coverage(dataset: Dataset, language: str) -> str:
    """Return the period covered in a few words."""
    start = dataset.milestone("start") or dataset.milestone("source_start")
    end = dataset.milestone("end")
    if start and end:
        return translate("catalogue.coverage.range", language, start=_value(start, language), end=_value(end, language))
    if start:
        return translate("catalogue.coverage.since", language, start=_value(start, language))
    if end:
        return translate("catalogue.coverage.until", language, end=_value(end, language))
    for kind in ("waves", "editions", "schema_year"):
        if fact := dataset.milestone(kind):
            return translate(f"catalogue.coverage.{kind}", language, value=_value(fact, language))
    return NO_COVERAGE


def conditions(dataset: Dataset, language: str) -> str:
    """Return the conditions of access and the convention's open terms in one sentence."""
    access = dataset.access
    known = [*(p.label for p in access.procedures), *access.conditions, *([access.licence] if access.licence else [])]
    parts = [_value(fact, language) for fact in known]
    open_terms = dataset.convention.terms_open
    if open_terms:
        names = ", ".join(translate(f"catalogue.field.{name}", language).lower() for name in open_terms)
        colon = " : " if language == "fr" else ": "
        parts.append(f"{names}{colon}{translate('catalogue.to_agree', language)}")
    return " ; ".join(parts) if language == "fr" else "; ".join(parts)


Row = dict[str, Any]


def _identification(dataset: Dataset, language: str) -> Iterable[Row]:
    yield _row("field.name", dataset.name)
    yield from _facts(language, long_name=dataset.long_name, steward=dataset.steward, kind=dataset.kind)
    membership = dataset.membership
    worded = Fact(
        translate(f"catalogue.membership.{membership.value}", language),
        membership.certainty,
        membership.sources,
        membership.note,
    )
    yield from _facts(language, membership=worded, citation=dataset.citation, authorship_rule=dataset.authorship_rule)


def _content(dataset: Dataset, language: str) -> Iterable[Row]:
    yield from _facts(
        language,
        summary=dataset.summary,
        population=dataset.population,
        geography=dataset.geography,
        frequency=dataset.frequency,
        granularity=dataset.granularity,
    )
    for milestone in dataset.coverage:
        yield _fact_row(f"milestone.{milestone.kind}", milestone.fact, language)
    for name in ("themes", "coding", "variable_groups"):
        values: tuple[str, ...] = getattr(dataset, name)
        if values:
            yield _row(f"field.{name}", ", ".join(values))
    for remark in dataset.remarks:
        yield _fact_row(f"remark.{remark.kind}", remark.fact, language)


def _access(access: Access, language: str) -> Iterable[Row]:
    yield _row("field.regime", _regime(access, language), access.regime)
    for procedure in access.procedures:
        yield _fact_row("field.procedure", procedure.label, language)
        for name, values in (("steps", procedure.steps), ("delays", procedure.delays)):
            if values:
                yield _row(f"field.{name}", ", ".join(values), procedure.label)
    for condition in access.conditions:
        yield _fact_row("field.condition", condition, language)
    yield from _facts(language, licence=access.licence)


def _convention(dataset: Dataset, language: str) -> Iterable[Row]:
    for theme in Theme:
        if theme in dataset.convention.terms_open:
            yield {**_row(f"field.{theme}", translate("catalogue.to_agree", language)), "agreed": False}


def _section(name: str, rows: Iterable[Row]) -> dict[str, Any]:
    return {"key": name, "label": _label(f"section.{name}"), "rows": list(rows)}


def _facts(language: str, **facts: Fact[str] | None) -> Iterable[Row]:
    for name, fact in facts.items():
        if fact is not None:
            yield _fact_row(f"field.{name}", fact, language)


def _fact_row(key: str, fact: Fact[str], language: str) -> Row:
    return _row(key, _value(fact, language), fact)


def _row(key: str, value: str, evidence: Fact[Any] | None = None) -> Row:
    row: Row = {"key": key, "label": _label(key), "value": value}
    if evidence is not None:
        row |= {"certainty": evidence.certainty.value, "to_confirm": evidence.to_confirm}
        row |= {"sources": list(evidence.sources), "note": evidence.note}
    return row


def _label(key: str) -> dict[str, str]:
    return {language: translate(f"catalogue.{key}", language) for language in LANGUAGES}


def _regime(access: Access, language: str) -> str:
    label = translate(f"catalogue.regime.{access.regime.value}", language)
    return _marked(label, access.regime, language)


def _value(fact: Fact[str], language: str) -> str:
    return _marked(fact.value, fact, language)


def _marked(text: str, evidence: Fact[Any], language: str) -> str:
    return translate("catalogue.valued_to_confirm", language, value=text) if evidence.to_confirm else text
