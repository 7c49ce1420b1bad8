"""What a column's title says of its content, in French and English research usage and SNDS variable names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2
import yaml

from ..policy import word_list

WORDS: dict[str, Any] = yaml.safe_load(word_list("vocabulary"))
COUNTERS, COUNTED, STATISTICS, MEASURES, DIMENSIONS, PERSONS, IDENTIFIES, IDENTIFIERS = (
    frozenset(WORDS[name])
    for name in (
        "counters",
        "counted",
        "statistics",
        "measures",
        "dimensions",
        "persons",
        "identifies",
        "identifiers",
    )
)
QUASI_IDENTIFIERS = {kind: frozenset(names) for kind, names in WORDS["quasi_identifiers"].items()}

STATISTIC_ROWS = re2.compile(
    r"(?i)\b(?:taux|rate|pct|pourcent\w*|percent\w*|prop\w*|ratio|moyenne|mean|avg|m[ée]diane?|[ée]cart|std|sd|se"
    r"|variance|min|max|iqr|ic|ci|coef\w*|p[- ]?val\w*|aic|bic|df|ddl|df\s?model|residuals?|iterations?|log[- ]?lik\w*"
    r"|r-squared|auc|dur[ée]e|version|\d+\s?%)\b|%"
)
"""Labels of rows whose numbers are statistics, in a table that mixes counts and statistics."""

COUNT_ROWS = re2.compile(
    r"(?i)^\s*(?:n|nb|nombre|effectifs?|count|counts|no\.? observations|total|cas|d[ée]c[èe]s)\b|\bn\s*\(\s*%\s*\)"
)
"""Labels of rows whose numbers are counts."""

CATEGORY = re2.compile(
    r"(?i)^(?:"
    r"\d{1,3}\s*(?:-|–|à|a|to|_)\s*\d{1,3}(?:\s*(?:ans|years))?"
    r"|[\[(]?\s*[<>≥≤+]?=?\s*\d+\s*(?:[,;]\s*\d+\s*[\])])?\s*(?:\+|ans|et \+|et plus|and over)*"
    r"|(?:19|20)\d\d(?:[-/ ]?[WSTQM]?\d{1,2})?(?:-\d\d)?"
    r"|[A-TV-Z]\d{2}(?:\.\d+)?|2[AB]|[SWTQ]\d{1,2}"
    r"|true|false|oui|non|yes|no|[FHMU]"
    r"|janv\w*|f[ée]vr\w*|mars|avr\w*|mai|juin|juil\w*|ao[ûu]t|sept\w*|oct\w*|nov\w*|d[ée]c\w*"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*"
    r")$"
)
"""A title that is itself a category: a crossed table, whose cells are counts."""


@lru_cache(maxsize=4096)
def words(title: str) -> frozenset[str]:
    """Return the words of a title, lower case, without accents: `nbPassages_J2` is nb, passages, j2."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    plain = re2.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    return frozenset(re2.split(r"[^a-z0-9]+", plain.lower())) - {""}


def is_statistic(title: str) -> bool:
    """Tell whether a title names a rate, a mean, a test: a number that is no count (`n (%)` is one, with its share)."""
    named = words(title)
    if named & (COUNTERS | COUNTED):
        title = re2.sub(r"\(\s*%\s*\)", "", title)
    return "%" in title or "‰" in title or bool(named & STATISTICS)


def is_counter(title: str) -> bool:
    """Tell whether a title says that the column counts."""
    return bool(words(title) & COUNTERS) and not is_statistic(title)


def is_measure_or_dimension(title: str) -> bool:
    """Tell whether a title names a quantity, or what a table is broken down by."""
    return bool(words(title) & (MEASURES | DIMENSIONS))


def is_counted(title: str) -> bool:
    """Tell whether a title names what is counted (passages, patients)."""
    return bool(words(title) & COUNTED)


def is_category(title: str) -> bool:
    """Tell whether a title is a category."""
    return CATEGORY.match(title.strip()) is not None


def names_identifier(title: str) -> bool:
    """Tell whether a title names an identifier of persons or stays."""
    found = words(title)
    if found & COUNTERS or found & COUNTED:
        return False
    return bool(found & IDENTIFIERS) or (bool(found & PERSONS) and bool(found & IDENTIFIES)) or found == {"ben"}


def quasi_identifier(title: str) -> str | None:
    """Return which attribute of a person a title names, if any."""
    found = words(title)
    return next((kind for kind, names in QUASI_IDENTIFIERS.items() if found & names), None)


def quasi_identifiers(titles: Iterable[str]) -> dict[int, str]:
    """Return the columns that describe a person: index -> attribute."""
    return {i: kind for i, title in enumerate(titles) if (kind := quasi_identifier(title)) is not None}
