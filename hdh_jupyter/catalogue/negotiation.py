"""How the two sides come to agree on a theme of the convention. Pure.

A term is what is proposed for a theme and who accepted exactly that. It is agreed when a person of each side did; a
proposal of anything else forgets every acceptance but the proposer's own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from hdh_jupyter.errors import PublicError

from .convention import Convention, ConventionStatus, Exclusivity, Pricing, ScientificCredit, SimplifiedAccess, Theme
from .model import part_from_document, part_to_document


class Side(StrEnum):
    """For whom a person speaks of a record; nobody speaks for both."""

    STEWARD = "steward"
    HDH = "hdh"


THEMES: dict[Theme, type[Any]] = {
    Theme.SCIENTIFIC_CREDIT: ScientificCredit,
    Theme.EXCLUSIVITY: Exclusivity,
    Theme.SIMPLIFIED_ACCESS: SimplifiedAccess,
    Theme.PRICING: Pricing,
}
"""What is agreed on each theme."""


@dataclass(frozen=True)
class Term:
    """What is proposed for a theme.

    Attributes
    ----------
    value
        The proposal as a document; None while there is none.
    accepted
        Who accepted it for each side.
    """

    value: Mapping[str, Any] | None = None
    accepted: Mapping[Side, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The proposal's name: whoever accepts names what they read."""
        text = json.dumps(self.value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def is_agreed(self) -> bool:
        """Whether a person of each side, and not the same one, accepted the proposal."""
        return self.value is not None and len(self.accepted) == len(Side) == len(set(self.accepted.values()))

    def waits_for(self, side: Side) -> bool:
        """Tell whether the proposal is this side's to accept or answer."""
        return self.value is not None and side not in self.accepted


def propose(term: Term, side: Side, person: str, value: Mapping[str, Any] | None) -> Term:
    """Return the term with a proposal that its side accepts; the same proposal again keeps the other's acceptance.

    Parameters
    ----------
    value
        None takes the proposal back: the theme is open again.
    """
    if value is None:
        return Term()
    proposed = Term(value)
    if proposed.digest == term.digest:
        return _accepted(term, side, person)
    return _accepted(proposed, side, person)


def accept(term: Term, side: Side, person: str, digest: str) -> Term:
    """Return the term, accepted for a side.

    Parameters
    ----------
    digest
        Of the proposal that the person read.

    Raises
    ------
    PublicError
        `catalogue.record.nothing_proposed`, or `catalogue.record.proposal_changed` (409): it is not the one they read.
    """
    if term.value is None:
        raise PublicError("catalogue.record.nothing_proposed", 409)
    if digest != term.digest:
        raise PublicError("catalogue.record.proposal_changed", 409)
    return _accepted(term, side, person)


def _accepted(term: Term, side: Side, person: str) -> Term:
    # Somebody who changed sides cannot agree with themselves.
    others = {each: name for each, name in term.accepted.items() if each is not side and name != person}
    return replace(term, accepted={**others, side: person})


def agreed(terms: Mapping[Theme, Term], convention: Convention) -> Convention:
    """Return the convention with the themes that are agreed and no other.

    A signature holds for what was signed: with any theme open, or another text, the convention is not signed.
    """
    themes: dict[str, Any] = {}
    for theme in Theme:
        term = terms.get(theme, Term())
        settled = term.value if term.is_agreed else None
        themes[theme.value] = None if settled is None else part_from_document(dict(settled), THEMES[theme])
    made = replace(convention, **themes)
    unchanged = all(getattr(made, theme.value) == getattr(convention, theme.value) for theme in Theme)
    if convention.signed is not None and unchanged and not made.terms_open:
        return replace(made, status=ConventionStatus.SIGNED)
    proposed = any(term.value is not None for term in terms.values())
    status = ConventionStatus.NEGOTIATION if proposed else ConventionStatus.DRAFT
    return replace(made, status=status, signed=None)


def terms_of(convention: Convention, agreements: Mapping[str, Any]) -> dict[Theme, Term]:
    """Return the terms that a draft begins with: what was published, agreed where the two sides had agreed on it.

    Parameters
    ----------
    agreements
        What :func:`agreements_of` kept with the version.
    """
    terms = {}
    for theme in Theme:
        value = getattr(convention, theme.value)
        if value is None:
            continue
        known = agreements.get(theme.value, {})
        term = Term(part_to_document(value))
        if known.get("digest") == term.digest:
            term = replace(term, accepted={side: known[side.value] for side in Side})
        terms[theme] = term
    return terms


def agreements_of(terms: Mapping[Theme, Term]) -> dict[str, Any]:
    """Return what is kept with a version: for each agreed theme, the digest of its text and who accepted it."""
    return {
        theme.value: {"digest": term.digest, **{side.value: term.accepted[side] for side in Side}}
        for theme, term in terms.items()
        if term.is_agreed
    }


def to_document(terms: Mapping[Theme, Term]) -> dict[str, Any]:
    """Return terms as a JSON document."""
    return {
        theme.value: {"value": term.value, "accepted": {side.value: name for side, name in term.accepted.items()}}
        for theme, term in terms.items()
    }


def from_document(document: Mapping[str, Any]) -> dict[Theme, Term]:
    """Return the terms that :func:`to_document` wrote."""
    return {
        Theme(name): Term(entry["value"], {Side(side): person for side, person in entry["accepted"].items()})
        for name, entry in document.items()
    }
