"""The convention with the steward, in words: four themes, each agreed or still "to be agreed"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from hdh_jupyter.catalogue.convention import (
    Convention,
    Exclusivity,
    Pricing,
    ScientificCredit,
    SimplifiedAccess,
    Theme,
)
from hdh_jupyter.i18n import translate

from .rows import Row, day, fact_row, fact_rows, label, row, text_rows


def terms(convention: Convention, today: date, language: str) -> dict[str, Any]:
    """Return what the convention says, as of a day.

    A theme that nobody agreed on has no rows: it says "to be agreed", never a default.
    """
    return {
        "status": translate(f"catalogue.panel.convention_status.{convention.status_on(today)}", language),
        "rows": list(_of_the_convention(convention, language)),
        "themes": [_theme(theme, convention, today, language) for theme in Theme],
    }


def exclusivity_on(exclusivity: Exclusivity, today: date, language: str) -> str:
    """Return in a sentence whether the dataset is reserved on a day, and until or from when."""
    if exclusivity.holder is None:
        return translate("catalogue.panel.exclusivity.none", language)
    if exclusivity.is_exclusive_on(today):
        name = "now_until" if exclusivity.end else "now"
        return translate(f"catalogue.panel.exclusivity.{name}", language, until=day(exclusivity.end, language))
    if exclusivity.start is not None and today < exclusivity.start:
        return translate("catalogue.panel.exclusivity.later", language, start=day(exclusivity.start, language))
    return translate("catalogue.panel.exclusivity.over", language, until=day(exclusivity.end, language))


def _of_the_convention(convention: Convention, language: str) -> Iterator[Row]:
    yield from text_rows(
        reference=convention.reference,
        version=convention.version,
        parties=", ".join(convention.parties),
        signed=day(convention.signed, language),
        valid_until=day(convention.valid_until, language),
    )


def _theme(theme: Theme, convention: Convention, today: date, language: str) -> dict[str, Any]:
    agreed = getattr(convention, theme.value)
    said: dict[str, Any] = {"key": theme.value, "label": label(f"field.{theme}"), "agreed": agreed is not None}
    said |= {"summary": None, "exclusive_today": None, "rows": [], "steps": [], "prices": []}
    match agreed:
        case None:
            said["summary"] = translate("catalogue.to_agree", language)
        case ScientificCredit():
            said["rows"] = list(_credit(agreed, language))
        case Exclusivity():
            said["summary"] = exclusivity_on(agreed, today, language)
            said["exclusive_today"] = agreed.is_exclusive_on(today)
            said["rows"] = list(_exclusivity(agreed, language))
        case SimplifiedAccess():
            said["rows"] = list(_access(agreed, language))
            said["steps"] = [{"name": step.name, "delay": step.delay} for step in agreed.steps]
        case Pricing():
            said["summary"] = translate(f"catalogue.panel.pricing.{agreed.model}", language)
            said["rows"] = list(_pricing(agreed, language))
            said["prices"] = [
                {"payer": price.payer, "amount": _amount(price.amount, agreed.currency, language)}
                for price in agreed.prices
            ]
    return said


def _credit(credit: ScientificCredit, language: str) -> Iterator[Row]:
    yield from fact_rows(language, citation=credit.citation, authorship_rule=credit.authorship_rule)
    for name in ("doi", "acknowledgement", "scientific_lead", "results_return"):
        if (fact := getattr(credit, name)) is not None:
            yield fact_row(f"panel.field.{name}", fact, language)
    for publication in credit.publications:
        yield fact_row("panel.field.publication", publication, language)


def _exclusivity(exclusivity: Exclusivity, language: str) -> Iterator[Row]:
    yield from text_rows(
        holder=exclusivity.holder,
        scope=exclusivity.scope,
        exclusive_from=day(exclusivity.start, language),
        exclusive_until=day(exclusivity.end, language),
        reason=exclusivity.reason,
        waiver_contact=exclusivity.waiver_contact,
    )


def _access(access: SimplifiedAccess, language: str) -> Iterator[Row]:
    for name in ("needs_cesrees", "needs_cnil"):
        needed = getattr(access, name)
        if needed is not None:
            yield row(f"panel.field.{name}", translate(f"catalogue.panel.{'yes' if needed else 'no'}", language))
    days = access.lead_time_days
    yield from text_rows(
        reference_methodologies=", ".join(access.reference_methodologies),
        lead_time=None if days is None else translate("catalogue.panel.days", language, days=days),
    )
    for condition in access.conditions:
        yield row("field.condition", condition)


def _pricing(pricing: Pricing, language: str) -> Iterator[Row]:
    yield from text_rows(legal_basis=pricing.legal_basis, valid_from=day(pricing.valid_from, language))


def _amount(amount: str, currency: str, language: str) -> str:
    """Return an amount of money as people write it; what is no number as it is."""
    whole, _, cents = amount.partition(".")
    if not whole.isdecimal() or (cents and not cents.isdecimal()):
        return f"{amount} {currency}"
    unit = "€" if currency == "EUR" else currency
    separator, point = ("\u202f", ",") if language == "fr" else (",", ".")
    groups = f"{int(whole):,}".replace(",", separator)
    return f"{groups}{point + cents if cents else ''}\u00a0{unit}"
