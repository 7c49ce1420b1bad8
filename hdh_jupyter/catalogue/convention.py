"""The convention between a data steward and the platform: four themes, each agreed by both sides or still open.

The themes are those of the platform's founding text: scientific credit, exclusivity, simplified access, pricing. A
theme that is not agreed is None, and shows as open; that there is no exclusivity, or no price, is an agreement too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .facts import Fact


class Theme(StrEnum):
    """What the two sides agree on."""

    SCIENTIFIC_CREDIT = "scientific_credit"
    EXCLUSIVITY = "exclusivity"
    SIMPLIFIED_ACCESS = "simplified_access"
    PRICING = "pricing"


class ConventionStatus(StrEnum):
    """How far a convention is."""

    DRAFT = "draft"
    NEGOTIATION = "negotiation"
    SIGNED = "signed"
    EXPIRED = "expired"


class PricingModel(StrEnum):
    """Who pays what for the use of a dataset."""

    FREE = "free"
    COST_RECOVERY = "cost_recovery"
    FEE = "fee"
    ON_REQUEST = "on_request"


@dataclass(frozen=True)
class ScientificCredit:
    """How the steward is credited.

    Attributes
    ----------
    citation, acknowledgement
        The reference to cite, the sentence to thank with.
    authorship_rule
        When the steward's people are authors (`ICMJE`...).
    """

    citation: Fact[str] | None = None
    doi: Fact[str] | None = None
    acknowledgement: Fact[str] | None = None
    authorship_rule: Fact[str] | None = None
    scientific_lead: Fact[str] | None = None
    publications: tuple[Fact[str], ...] = ()
    results_return: Fact[str] | None = None


@dataclass(frozen=True)
class Exclusivity:
    """Who alone may use the dataset, for what, and when; without a holder, it is agreed that nobody does.

    Attributes
    ----------
    start, end
        First and last day, included; None for no limit.
    waiver_contact
        Whom to ask for an exception.
    """

    holder: str | None = None
    scope: str | None = None
    start: date | None = None
    end: date | None = None
    reason: str | None = None
    waiver_contact: str | None = None

    def is_exclusive_on(self, day: date) -> bool:
        """Tell whether the dataset is reserved on a day."""
        return (
            self.holder is not None
            and (self.start is None or self.start <= day)
            and (self.end is None or day <= self.end)
        )


@dataclass(frozen=True)
class Step:
    """A step of a procedure, with its indicative delay in words."""

    name: str
    delay: str | None = None


@dataclass(frozen=True)
class SimplifiedAccess:
    """What a project goes through to use the dataset, in the way that was agreed.

    Attributes
    ----------
    needs_cesrees, needs_cnil
        Whether the committee's opinion, the authority's authorisation are needed; None when nobody said.
    reference_methodologies
        `MR-004`...
    lead_time_days
        Indicative time from the request to the data, in days.
    """

    steps: tuple[Step, ...] = ()
    needs_cesrees: bool | None = None
    needs_cnil: bool | None = None
    reference_methodologies: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    lead_time_days: int | None = None


@dataclass(frozen=True)
class Price:
    """What a class of payers pays, in the currency of the pricing; `amount` as a decimal number in text."""

    payer: str
    amount: str


@dataclass(frozen=True)
class Pricing:
    """What the use of the dataset costs."""

    model: PricingModel
    currency: str = "EUR"
    prices: tuple[Price, ...] = ()
    legal_basis: str | None = None
    valid_from: date | None = None


@dataclass(frozen=True)
class Convention:
    """The convention, with what is agreed of it."""

    status: ConventionStatus = ConventionStatus.DRAFT
    reference: str | None = None
    version: str | None = None
    parties: tuple[str, ...] = ()
    signed: date | None = None
    valid_until: date | None = None
    scientific_credit: ScientificCredit | None = None
    exclusivity: Exclusivity | None = None
    simplified_access: SimplifiedAccess | None = None
    pricing: Pricing | None = None

    @property
    def terms_open(self) -> tuple[Theme, ...]:
        """The themes that are not agreed yet."""
        return tuple(theme for theme in Theme if getattr(self, theme.value) is None)

    def status_on(self, day: date) -> ConventionStatus:
        """Return the status on a day: a signed convention expires by itself."""
        over = self.valid_until is not None and self.valid_until < day
        return ConventionStatus.EXPIRED if over and self.status is ConventionStatus.SIGNED else self.status
