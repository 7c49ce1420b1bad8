"""The lines of a list of results: datasets and variables."""

from __future__ import annotations

from typing import Any

from hdh_jupyter.catalogue.model import Access, Dataset
from hdh_jupyter.catalogue.search import Hit
from hdh_jupyter.i18n import translate

from .coverage import coverage
from .rights import Right
from .rows import marked, value_of

TABLES_NAMED = 20
"""Tables of a variable that a line names; `table_count` has them all."""


def dataset_item(dataset: Dataset, right: Right, language: str) -> dict[str, Any]:
    """Return what a list says of a dataset."""
    return {
        "kind": "dataset",
        "id": dataset.id,
        "title": dataset.name,
        "long_title": dataset.long_name and dataset.long_name.value,
        "summary": dataset.summary and value_of(dataset.summary, language),
        "steward": value_of(dataset.steward, language),
        "coverage": coverage(dataset, language),
        "access": {"regime": dataset.access.regime.value.value, "label": regime(dataset.access, language)},
        "conditions": conditions(dataset, language),
        "usable": usable(right, language),
    }


def variable_item(hit: Hit, right: Right, language: str) -> dict[str, Any]:
    """Return what a list says of a variable, with all the tables of its dataset that have it."""
    return {
        "kind": "variable",
        "dataset": hit.dataset,
        "dataset_title": hit.dataset_name,
        "name": hit.name,
        "label": hit.label,
        "type": hit.type,
        "tables": list(hit.tables[:TABLES_NAMED]),
        "table_count": len(hit.tables),
        "years": _years(hit, language),
        "restricted": hit.restricted,
        "usable": usable(right, language),
    }


def usable(right: Right, language: str) -> dict[str, str]:
    """Return whether the project may use a dataset, as a code and as a sentence."""
    return {"code": right.usable.value, "message": right.sentence(language)}


def conditions(dataset: Dataset, language: str) -> str:
    """Return the conditions of access and the convention's open terms in one sentence."""
    access = dataset.access
    known = [*(p.label for p in access.procedures), *access.conditions, *([access.licence] if access.licence else [])]
    parts = [value_of(fact, language) for fact in known]
    open_terms = dataset.convention.terms_open
    if open_terms:
        names = ", ".join(translate(f"catalogue.field.{name}", language).lower() for name in open_terms)
        colon = " : " if language == "fr" else ": "
        parts.append(f"{names}{colon}{translate('catalogue.to_agree', language)}")
    return " ; ".join(parts) if language == "fr" else "; ".join(parts)


def regime(access: Access, language: str) -> str:
    """Return the access regime in words."""
    label = translate(f"catalogue.regime.{access.regime.value}", language)
    return marked(label, access.regime, language)


def _years(hit: Hit, language: str) -> str | None:
    first, last = hit.first_year, hit.last_year
    if first is not None and last is not None:
        return f"{first}–{last}" if first != last else str(first)
    if first is not None:
        return translate("catalogue.coverage.since", language, start=first)
    return None if last is None else translate("catalogue.coverage.until", language, end=last)
