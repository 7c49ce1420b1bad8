"""The five « identifiants potentiels » of the SNDS: how many of them a table crosses, even with counts.

Commune of residence, year or month of birth, day of care, date of death, commune of death (CNAM, guides pédagogiques
SNDS, 2021: one at a time).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..documents import Document
from ..identity.words import WORDS, title_words
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from .columns import Column, Profile, profiles

RULES = ("rows.potential_identifiers",)
DATES = 0.8
NOT_OF_BIRTH = frozenset({"poids", "weight", "terme", "lieu", "taille"})


def potential_identifiers(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find tables that cross more of the five than the policy allows."""
    allowed = int(policy.thresholds["potential_identifiers"].value)
    for seen in profiles(document, policy.min_count):
        found = crossed(seen)
        if len(set(found.values())) > allowed:
            titles = ", ".join(masked(seen.table.titles[i]) for i in sorted(found))
            params: dict[str, str | int] = {"attributes": titles, "total": len(set(found.values())), "allowed": allowed}
            rule = RULES[0]
            yield Finding(rule, policy.severities[rule], file, seen.table.place, "rows.potential_identifiers", params)


def crossed(seen: Profile) -> dict[int, str]:
    """Return the columns that hold one of the five: index -> which."""
    found = {}
    for index, (title, column) in enumerate(zip(seen.table.titles, seen.columns, strict=True)):
        if len(column.distinct) > 1 and (kind := _kind(title, column)) is not None:
            found[index] = kind
    return found


def _kind(title: str, column: Column) -> str | None:
    words = title_words(title)
    dated = column.dates >= DATES * column.filled
    commune = bool(words & WORDS["communes"]) and not words & WORDS["institutions"]
    if words & WORDS["deaths"]:
        return "death_date" if dated else "death_commune" if commune else None
    if commune and (words & WORDS["residence"] or len(words - WORDS["numbers"] - {"code"}) == 1):
        return "residence"
    if words & WORDS["births_of_one"] and not words & NOT_OF_BIRTH:
        exact = dated or bool(words & WORDS["birth_parts"]) or words <= {"ddn", "dob", "naissance", "birth"}
        return "birth" if exact and column.decimals == 0 else None
    return "care" if dated and words & WORDS["care"] else None
