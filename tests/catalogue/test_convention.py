"""The convention: what is agreed, when it holds, and what is still open."""

from __future__ import annotations

from datetime import date

import pytest

from hdh_jupyter.catalogue.convention import (
    Convention,
    ConventionStatus,
    Exclusivity,
    Pricing,
    PricingModel,
    ScientificCredit,
    Theme,
)


@pytest.mark.parametrize(
    ("case", "exclusivity", "day", "expected"),
    [
        ("00 nobody", Exclusivity(), date(2026, 1, 1), False),
        ("01 nobody, with dates", Exclusivity(end=date(2030, 1, 1)), date(2026, 1, 1), False),
        ("02 without limit", Exclusivity("CHU"), date(2026, 1, 1), True),
        ("03 before", Exclusivity("CHU", start=date(2026, 1, 2)), date(2026, 1, 1), False),
        ("04 first day", Exclusivity("CHU", start=date(2026, 1, 1)), date(2026, 1, 1), True),
        ("05 last day", Exclusivity("CHU", end=date(2026, 1, 1)), date(2026, 1, 1), True),
        ("06 after", Exclusivity("CHU", end=date(2025, 12, 31)), date(2026, 1, 1), False),
    ],
)
def test_who_is_exclusive_when(case: str, exclusivity: Exclusivity, day: date, expected: bool) -> None:
    assert exclusivity.is_exclusive_on(day) is expected


def test_what_is_not_agreed_is_open_and_that_there_is_nothing_is_an_agreement() -> None:
    assert Convention().terms_open == tuple(Theme)
    agreed = Convention(
        scientific_credit=ScientificCredit(), exclusivity=Exclusivity(), pricing=Pricing(PricingModel.FREE)
    )
    assert agreed.terms_open == (Theme.SIMPLIFIED_ACCESS,)


def test_a_signed_convention_expires_by_itself() -> None:
    signed = Convention(ConventionStatus.SIGNED, valid_until=date(2026, 6, 30))
    assert signed.status_on(date(2026, 6, 30)) is ConventionStatus.SIGNED
    assert signed.status_on(date(2026, 7, 1)) is ConventionStatus.EXPIRED
    assert Convention(valid_until=date(2020, 1, 1)).status_on(date(2026, 7, 1)) is ConventionStatus.DRAFT
