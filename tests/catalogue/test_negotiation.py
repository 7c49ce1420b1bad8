"""A theme is agreed when both sides accepted the same text, and never otherwise."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hdh_jupyter.catalogue import negotiation
from hdh_jupyter.catalogue.convention import Convention, ConventionStatus, Theme
from hdh_jupyter.catalogue.negotiation import Side, Term
from hdh_jupyter.errors import PublicError

PEOPLE = st.sampled_from(["sven", "stella", "ada", "amir"])
SIDES = st.sampled_from(tuple(Side))
TEXTS = st.sampled_from([{"model": "free"}, {"model": "fee"}, {"model": "on_request"}])


class Negotiation(RuleBasedStateMachine):
    """People of both sides, some of whom change sides, do whatever they can in any order.

    The model is the list of what everybody said: whoever proposed or accepted a text spoke for it; a proposal of
    another text, or taking it back, makes all that was said before count for nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.term = Term()
        self.text: dict[str, str] | None = None
        self.said: list[tuple[Side, str]] = []

    @rule(side=SIDES, person=PEOPLE, text=TEXTS)
    def propose(self, side: Side, person: str, text: dict[str, str]) -> None:
        if text != self.text:
            self.text, self.said = text, []
        self.said.append((side, person))
        self.term = negotiation.propose(self.term, side, person, text)

    @rule(side=SIDES, person=PEOPLE)
    def retract(self, side: Side, person: str) -> None:
        self.text, self.said = None, []
        self.term = negotiation.propose(self.term, side, person, None)

    @rule(side=SIDES, person=PEOPLE, text=TEXTS)
    def accept(self, side: Side, person: str, text: dict[str, str]) -> None:
        if text == self.text:
            self.said.append((side, person))
            self.term = negotiation.accept(self.term, side, person, Term(text).digest)
        else:
            with pytest.raises(PublicError):
                negotiation.accept(self.term, side, person, Term(text).digest)

    @invariant()
    def agreed_means_that_two_people_of_the_two_sides_accepted_this_text(self) -> None:
        assert self.term.value == self.text
        if self.term.is_agreed:
            steward, hdh = self.term.accepted[Side.STEWARD], self.term.accepted[Side.HDH]
            assert steward != hdh
            assert {(Side.STEWARD, steward), (Side.HDH, hdh)} <= set(self.said)

    @invariant()
    def who_spoke_last_for_each_side_is_agreed_when_they_are_two(self) -> None:
        last = dict(self.said)
        if len(last) == 2 and not {p for s, p in self.said if s is Side.HDH} & {
            p for s, p in self.said if s is Side.STEWARD
        }:
            assert self.term.is_agreed

    @invariant()
    def the_convention_shows_what_is_agreed_and_nothing_else(self) -> None:
        convention = negotiation.agreed({Theme.PRICING: self.term}, Convention())
        assert (convention.pricing is not None) == self.term.is_agreed
        assert convention.status is (ConventionStatus.DRAFT if self.text is None else ConventionStatus.NEGOTIATION)

    @invariant()
    def a_version_keeps_agreements_for_its_own_text_alone(self) -> None:
        terms = {Theme.PRICING: self.term}
        kept = negotiation.agreements_of(terms)
        convention = negotiation.agreed(terms, Convention())
        assert (negotiation.terms_of(convention, kept) == terms) == self.term.is_agreed
        assert not any(term.is_agreed for term in negotiation.terms_of(convention, {}).values())


TestNegotiation = Negotiation.TestCase
TestNegotiation.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)


def test_a_signature_ends_with_any_change() -> None:
    terms = {
        Theme.SCIENTIFIC_CREDIT: {"citation": {"value": "Citer", "certainty": "A"}},
        Theme.EXCLUSIVITY: {},
        Theme.SIMPLIFIED_ACCESS: {"needs_cnil": True},
        Theme.PRICING: {"model": "free"},
    }
    both = {Side.STEWARD: "sven", Side.HDH: "ada"}
    agreed = {theme: Term(value, both) for theme, value in terms.items()}
    settled = negotiation.agreed(agreed, Convention())
    assert settled.terms_open == ()
    assert settled.exclusivity is not None
    assert not settled.exclusivity.is_exclusive_on(date(2026, 1, 1))
    signed = Convention(**{**vars(settled), "signed": date(2026, 1, 1), "status": ConventionStatus.SIGNED})
    assert negotiation.agreed(agreed, signed).status is ConventionStatus.SIGNED
    changed = {**agreed, Theme.PRICING: Term({"model": "fee"}, both)}
    assert negotiation.agreed(changed, signed).signed is None
    reopened = negotiation.agreed({**agreed, Theme.PRICING: Term({"model": "fee"}, {Side.HDH: "ada"})}, signed)
    assert (reopened.status, reopened.pricing, reopened.signed) == (ConventionStatus.NEGOTIATION, None, None)
