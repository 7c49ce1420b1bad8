"""The forms of the convention's four themes: their fields, a proposal as what the form holds, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .convention import (
    Exclusivity,
    Price,
    Pricing,
    PricingModel,
    ScientificCredit,
    SimplifiedAccess,
    Step,
    Theme,
)
from .facts import Certainty, Fact
from .forms import TEXT, Field, Kind, Reader, Values
from .model import part_from_document, part_to_document

METHODOLOGIES = tuple(f"MR-00{number}" for number in range(1, 9))
"""The reference methodologies of the CNIL for research in health."""

CREDITS = ("citation", "doi", "acknowledgement", "authorship_rule", "scientific_lead", "results_return")


class Reserved(StrEnum):
    """Whether a dataset is reserved: that it is not is an answer too, and must be given."""

    NOBODY = "nobody"
    HOLDER = "holder"


def _question(name: str) -> Field:
    return Field(name, Kind.CHOICE, choices=("yes", "no"), words="catalogue.record.answer.")


FORMS: dict[Theme, tuple[Field, ...]] = {
    Theme.SCIENTIFIC_CREDIT: (
        Field("citation", Kind.TEXT),
        Field("doi", has_help=True),
        Field("acknowledgement", Kind.TEXT, has_help=True),
        Field("authorship_rule", Kind.TEXT, has_help=True),
        Field("scientific_lead"),
        Field("publications", Kind.LIST),
        Field("results_return", Kind.TEXT, has_help=True),
    ),
    Theme.EXCLUSIVITY: (
        Field("reserved", Kind.CHOICE, True, choices=tuple(Reserved), words="catalogue.record.reserved."),
        Field("holder", has_help=True),
        Field("scope", Kind.TEXT, has_help=True),
        Field("start", Kind.DAY),
        Field("end", Kind.DAY),
        Field("reason", Kind.TEXT),
        Field("waiver_contact", has_help=True),
    ),
    Theme.SIMPLIFIED_ACCESS: (
        Field("steps", Kind.ROWS, columns=(Field("step"), Field("delay")), has_help=True),
        _question("needs_cesrees"),
        _question("needs_cnil"),
        Field("reference_methodologies", Kind.LIST, has_help=True),
        Field("conditions", Kind.LIST),
        Field("lead_time_days", Kind.WHOLE, has_help=True),
    ),
    Theme.PRICING: (
        Field("model", Kind.CHOICE, True, choices=tuple(PricingModel), words="catalogue.record.pricing_model."),
        Field("prices", Kind.ROWS, columns=(Field("payer"), Field("amount")), has_help=True),
        Field("currency", has_help=True),
        Field("legal_basis", Kind.TEXT),
        Field("valid_from", Kind.DAY),
    ),
}
"""The fields of each theme's form."""


def parse(theme: Theme, values: Values) -> dict[str, Any]:
    """Return the proposal that a filled form describes, as a document.

    Raises
    ------
    InvalidForm
        Names what is wrong with each input.
    """
    reader = Reader(values)
    made = _PARSERS[theme](reader)
    reader.finish()
    return part_to_document(made)


def to_values(theme: Theme, proposal: Mapping[str, Any] | None) -> Values:
    """Return what the form holds of a proposal; an empty form for none."""
    empty: Values = {field.name: () if field.kind is Kind.ROWS else "" for field in FORMS[theme]}
    if proposal is None:
        return empty
    return {**empty, **_WRITERS[theme](dict(proposal))}


def _credit(reader: Reader) -> ScientificCredit:
    facts = {name: _agreed(reader.text(name, TEXT)) for name in CREDITS}
    publications = tuple(Fact(line, Certainty.OFFICIAL) for line in reader.list("publications"))
    if not publications and not any(facts.values()):
        reader.wrong("citation", "say_something")
    doi = facts["doi"]
    if doi is not None and not re.fullmatch(r"(https://doi\.org/)?10\.\d{4,9}/\S+", doi.value):
        reader.wrong("doi", "bad_doi")
    return ScientificCredit(publications=publications, **facts)


def _agreed(text: str | None) -> Fact[str] | None:
    # What both sides put into a convention is official by that.
    return None if text is None else Fact(text, Certainty.OFFICIAL)


def _exclusivity(reader: Reader) -> Exclusivity:
    reserved = reader.choice("reserved", Reserved)
    if reserved is None:
        reader.wrong("reserved", "needed")
    if reserved is not Reserved.HOLDER:
        return Exclusivity(reason=reader.text("reason", TEXT))
    start, end = reader.day("start"), reader.day("end")
    if start is not None and end is not None and end < start:
        reader.wrong("end", "days_reversed")
    return Exclusivity(
        holder=reader.needed("holder"),
        scope=reader.text("scope", TEXT),
        start=start,
        end=end,
        reason=reader.text("reason", TEXT),
        waiver_contact=reader.text("waiver_contact"),
    )


def _access(reader: Reader) -> SimplifiedAccess:
    rows = reader.rows("steps")
    if any(not name for name, _ in rows):
        reader.wrong("steps", "half_a_row")
    methodologies = tuple(each.upper() for each in reader.list("reference_methodologies"))
    if any(each not in METHODOLOGIES for each in methodologies):
        reader.wrong("reference_methodologies", "bad_methodology", known=", ".join(METHODOLOGIES))
    made = SimplifiedAccess(
        steps=tuple(Step(name, delay or None) for name, delay in rows if name),
        needs_cesrees=reader.yes_or_no("needs_cesrees"),
        needs_cnil=reader.yes_or_no("needs_cnil"),
        reference_methodologies=methodologies,
        conditions=reader.list("conditions"),
        lead_time_days=reader.whole("lead_time_days", 0, 3650),
    )
    if made == SimplifiedAccess() and not reader.problems:
        reader.wrong("steps", "say_something")
    return made


def _pricing(reader: Reader) -> Pricing:
    model = reader.choice("model", PricingModel)
    if model is None:
        reader.wrong("model", "needed")
    currency = (reader.text("currency") or "EUR").upper()
    if not re.fullmatch("[A-Z]{3}", currency):
        reader.wrong("currency", "bad_currency")
    prices = []
    for payer, amount in reader.rows("prices"):
        number = re.sub(r"\s", "", amount).replace(",", ".")
        if not payer or not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", number):
            reader.wrong("prices", "bad_price")
        else:
            prices.append(Price(payer, str(Decimal(number))))
    if model is PricingModel.FREE and prices:
        reader.wrong("prices", "free_has_no_price")
    if model is PricingModel.FEE and not prices:
        reader.wrong("prices", "fee_needs_a_price")
    return Pricing(
        model or PricingModel.FREE,
        currency,
        tuple(prices),
        reader.text("legal_basis", TEXT),
        reader.day("valid_from"),
    )


def _write_credit(proposal: dict[str, Any]) -> Values:
    made = part_from_document(proposal, ScientificCredit)
    facts: dict[str, Fact[str] | None] = {name: getattr(made, name) for name in CREDITS}
    return {
        **{name: "" if fact is None else fact.value for name, fact in facts.items()},
        "publications": "\n".join(fact.value for fact in made.publications),
    }


def _write_exclusivity(proposal: dict[str, Any]) -> Values:
    made = part_from_document(proposal, Exclusivity)
    return {
        "reserved": Reserved.NOBODY if made.holder is None else Reserved.HOLDER,
        "start": "" if made.start is None else made.start.isoformat(),
        "end": "" if made.end is None else made.end.isoformat(),
        **{name: getattr(made, name) or "" for name in ("holder", "scope", "reason", "waiver_contact")},
    }


def _write_access(proposal: dict[str, Any]) -> Values:
    made = part_from_document(proposal, SimplifiedAccess)
    words = {True: "yes", False: "no", None: ""}
    return {
        "steps": tuple((step.name, step.delay or "") for step in made.steps),
        "needs_cesrees": words[made.needs_cesrees],
        "needs_cnil": words[made.needs_cnil],
        "reference_methodologies": "\n".join(made.reference_methodologies),
        "conditions": "\n".join(made.conditions),
        "lead_time_days": "" if made.lead_time_days is None else str(made.lead_time_days),
    }


def _write_pricing(proposal: dict[str, Any]) -> Values:
    made = part_from_document(proposal, Pricing)
    return {
        "model": made.model.value,
        "prices": tuple((price.payer, price.amount) for price in made.prices),
        "currency": made.currency,
        "legal_basis": made.legal_basis or "",
        "valid_from": "" if made.valid_from is None else made.valid_from.isoformat(),
    }


_PARSERS: dict[Theme, Callable[[Reader], Any]] = {
    Theme.SCIENTIFIC_CREDIT: _credit,
    Theme.EXCLUSIVITY: _exclusivity,
    Theme.SIMPLIFIED_ACCESS: _access,
    Theme.PRICING: _pricing,
}
_WRITERS: dict[Theme, Callable[[dict[str, Any]], Values]] = {
    Theme.SCIENTIFIC_CREDIT: _write_credit,
    Theme.EXCLUSIVITY: _write_exclusivity,
    Theme.SIMPLIFIED_ACCESS: _write_access,
    Theme.PRICING: _write_pricing,
}
