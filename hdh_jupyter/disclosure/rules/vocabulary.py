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
COUNTERS, COUNTED, FREQUENCIES, STATISTICS, MEASURES, DIMENSIONS, PERSONS, IDENTIFIES, IDENTIFIERS = (
    frozenset(WORDS[name])
    for name in (
        "counters",
        "counted",
        "frequencies",
        "statistics",
        "measures",
        "dimensions",
        "persons",
        "identifies",
        "identifiers",
    )
)
BASES, TOTALS, WEIGHTS, WEIGHTED = (frozenset(WORDS[name]) for name in ("bases", "totals", "weights", "weighted"))
PERCENTS, RATES, MEANS, AMOUNTS, COORDINATES, CODES = (
    frozenset(WORDS[name]) for name in ("percents", "rates", "means", "amounts", "coordinates", "code_words")
)
THINGS, UNITS, STAFF = (frozenset(WORDS[name]) for name in ("things", "units", "staff"))
SETTINGS, SURVIVAL, LIMITS, ENDS = (frozenset(WORDS[name]) for name in ("settings", "survival", "limits", "ends"))
TREATED = COUNTED - frozenset({"total", "totaux", "ensemble", "size", "support", "all", "tous"})
ESTIMATES = frozenset(WORDS["estimates"])
SENSITIVE = tuple(WORDS["sensitive"])
DENIALS = frozenset(WORDS["denials"])
CHANGES = frozenset(WORDS["changes"])
LINKS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "en", "of", "the", "in", "a", "et", "and"})
QUASI_IDENTIFIERS = {kind: frozenset(names) for kind, names in WORDS["quasi_identifiers"].items()}

STATISTIC_ROWS = re2.compile(
    r"(?i)\b(?:taux|rate|pct|pourcent\w*|percent\w*|prop\w*|ratio|moyenne|mean|avg|m[ée]diane?|[ée]cart|std|sd|se"
    r"|variance|min|max|iqr|ic|ci|coef\w*|p[- ]?val\w*|aic|bic|df|ddl|df\s?model|residuals?|iterations?|log[- ]?lik\w*"
    r"|r-squared|auc|dur[ée]e|version|\d+\s?%)\b|%"
)
"""Labels of rows whose numbers are statistics, in a table that mixes counts and statistics."""

COUNT_ROWS = re2.compile(
    r"(?i)^\s*(?:n|nb|nombre|effectifs?|count|counts|no\.? (?:of )?(?:observations|events)|total|cas|d[ée]c[èe]s)\b"
    r"|\bn\s*\(\s*%\s*\)|\bn\s*$|\bnumber (?:of|at)\b"
)
"""Labels of rows whose numbers are counts."""

CATEGORY = re2.compile(
    r"(?i)^(?:"
    r"\d{1,3}\s*(?:-|–|à|a|to|_)\s*\d{1,3}(?:\s*(?:ans|years))?"
    r"|[\[(]?\s*[<>≥≤+]?=?\s*\d+\s*(?:[,;]\s*\d+\s*[\])])?\s*(?:\+|ans|et \+|et plus|and over)*"
    r"|(?:19|20)\d\d(?:[-/ ]?[WSTQM]?\d{1,2})?(?:-\d\d)?"
    r"|[A-TV-Z]\d{2}(?:\.\d+)?|2[AB]|[SWTQ]\d{1,2}"
    r"|(?:(?:jour|mois|semaine|ann[ée]e|an|day|month|week|year|temps|time|visite?|[JDMSWATV])[ _+]?)?[ ]?\d{1,3}"
    r"|\d{1,3}(?:[.,]\d)?[ \x{a0}\x{202f}_]?(?:j|d|jours?|days?|sem|semaines?|weeks?|mois|months?|mo|m|ans?|ann[ée]es?"
    r"|years?|yrs?|y|h|heures?|hours?)"
    r"|true|false|oui|non|yes|no|[FHMU]"
    r"|janv\w*|f[ée]vr\w*|mars|avr\w*|mai|juin|juil\w*|ao[ûu]t|sept\w*|oct\w*|nov\w*|d[ée]c\w*"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*"
    r")$"
)
"""A title that is itself a category: a crossed table, whose cells are counts."""


TOTAL = re2.compile(
    r"(?i)^\s*(?:(?:sous[ -]?)?total\w*|sub[ -]?total\w*|totaux|ensemble|toute?s?|tous|all|both|overall|sum|somme"
    r"|les deux|(?:grand|general) total|margins?|marge|france(?: enti[èe]re)?|cumul\w*)\b(?:$|[ _:.(\-])"
)
"""A row or column that holds the sum of the others."""
STATED = re2.compile(r"(?i)\bn\s*[=:]\s*(\d{1,3}(?:[ \x{a0}\x{202f},]\d{3})+|\d+)\b")
"""How many persons a title says that its column is about."""
BREAKDOWN = re2.compile(r"(?i)[ _](?:par|by|selon|according to)[ _]+\pL.*$")
"""What a title says that its column is broken down by: « Nombre de décès par région »."""
COUNTING = re2.compile(
    r"^(?:(?:le )?(?:nombre|nb|nbr|nbre|n|count|number|no|num)(?: total)?(?: (?:de|d|des|of|the|les|total))* )?"
    r"([a-z]+)(?: |$)(\d*)"
)
"""What is counted, after the words that say so: `variables` of « Nombre de variables »."""
TIME_UNIT = (
    r"(?:jours?|days?|j|d|semaines?|sem|weeks?|wks?|mois|months?|mths?|mo|m|ann[ée]es?|ans?|years?|yrs?|y|heures?|hours?"
    r"|hrs?|h|minutes?|min|trimestres?|quarters?)"
)
HORIZON = re2.compile(
    rf"(?i)(?:(?:^|[ _(,;:])(?:(?:à|a|at|within|in|dans(?: les)?|sous|en|apr[eè]s|after|by|avant|before|until)[ _])?)"
    rf"\d{{1,3}}(?:[.,]\d)?[ _\-\x{{a0}}\x{{202f}}]?{TIME_UNIT}(?:$|[ _),;:.\-])"
)
"""A point in time within a title, which is no duration: « Décès à 30 jours », « 30-day readmissions »."""
CLASS = re2.compile(
    r"(?i)[<>≥≤]\s*=?\s*\d|(?:^|[^(\[\d.,])\b\d+(?:[.,]\d+)?\s*(?:-|–|à|to)\s*\d+\b"
    r"|\d\s*\+|\d[^\d]{0,12}(?:et|ou|and|or) "
    r"(?:plus|moins|more|over|older|less)\b"
)
"""A class of a measure within a title, whose members are counted: « IMC ≥ 30 », « durée 3-7 jours »."""
IN_UNITS = re2.compile(
    r"(?i)[(\[,] ?(?:[kmgt]o|octets|[kmgt]i?b|[kmµuµn]?g|kg|[mcdµ]?l|[cmk]?m|m2|km2|km²|m²|h|min|mn|s|ms|sec|j|k?€|m€"
    r"|eur|mmhg|°c|ui|kcal|bpm|[mµ]mol|pts?|points?)(?:/[\w²³.]+)? ?[)\]]?$"
)
"""The unit of a measure at the end of a title: « Volume (Go) »."""
AT_RISK = re2.compile(
    r"(?i)\b(?:(?:patients|subjects|sujets|persons|personnes|n|numbers?) (?:still )?(?:at risk|à risque))\b"
)
PERSON_TIME = re2.compile(
    r"(?i)(?:personnes?|patients?|sujets?|persons?|subjects?)[- _/]*"
    r"(?:ann[ée]es?|mois|jours|years?|months?|days|time|temps)"
)
AVERAGED = re2.compile(
    r"(?i)\b(?:moyen(?:ne)?s?|m[ée]dianes?|mean|median|average|iqr|iiq|q1|p25)\b"
    r"|\b(?:moy|m[ée]d|mdn|avg)\.?(?:$|[ ,;()\[])"
)
NUMBERED = re2.compile(r"(?i)^p[ _]?\d{1,2}(?:[.,]5)?$")
PERCENTILE = re2.compile(r"(?i)^p[ _]?(?:1|2[.,]5|5|10|20|25|50|75|80|90|95|97[.,]5|99)$")
INTERVALS = frozenset({"ic", "ci", "icr", "cri", "std", "se", "inf", "sup", "lower", "upper", "lcl", "ucl", "ll", "ul"})
"""Words of intervals, which a level may follow: `ic95_inf`, `upper95`."""
PER = frozenset({"par", "pour", "per"})
PER_SO_MANY = re2.compile(r"(?i)\bp(?:our|er|ar)[ _]*1\s?0")
YEARS = frozenset({"annee", "annees", "an", "ann", "year", "years"})
RANKS = frozenset({"rang", "rank", "ordre", "order", "position"})


@lru_cache(maxsize=1 << 14)
def is_total(label: str) -> bool:
    """Tell whether a title or a row's label names a total."""
    return TOTAL.match(label) is not None


def is_whole(title: str) -> bool:
    """Tell whether a title names everybody that a table's other counts are parts of."""
    named = words(title)
    return is_total(title) or bool(named & BASES) or named == {"n"}


@lru_cache(maxsize=4096)
def words(title: str) -> frozenset[str]:
    """Return the words of a title, lower case, without accents: `nbPassages_J2` is nb, passages, j2."""
    shown = BREAKDOWN.sub("", STATED.sub(" ", HORIZON.sub(" ", title)))
    plain = "".join(c for c in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(c))
    plain = re2.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    return frozenset(re2.split(r"[^a-z0-9]+", plain.lower())) - {""}


def is_statistic(title: str) -> bool:
    """Tell whether a title names a rate, a mean, a test: a number that is no count (`n (%)` is one, with its share)."""
    named = words(title)
    if named & (COUNTERS | COUNTED):
        title = re2.sub(r"\(\s*%\s*\)", "", title)
        # Deaths by region are counted; deaths per 1000 are a rate.
        named = named if PER_SO_MANY.search(title) else named - PER
    intervals = {word.rstrip("0123456789") for word in named if word[-1].isdigit()} & INTERVALS
    return "%" in title or "‰" in title or bool(named & STATISTICS or intervals or (named and named <= ENDS | {"95"}))


def is_percentile(title: str, titles: Iterable[str]) -> bool:
    """Tell whether a title is P5, P95 or the like, among titles of which no other number follows a P (patients)."""
    if PERCENTILE.match(title.strip()) is None:
        return False
    return all(PERCENTILE.match(t.strip()) for t in titles if NUMBERED.match(t.strip()))


def is_counter(title: str) -> bool:
    """Tell whether a title says that the column counts."""
    return bool(words(title) & COUNTERS) and not is_statistic(title)


@lru_cache(maxsize=1 << 14)
def row_counts(label: str) -> bool:
    """Tell whether a row's label says that the row's numbers are counts."""
    if AVERAGED.search(label) is not None or counts_things(label):
        return False
    if COUNT_ROWS.search(label) is not None:
        return True
    named = words(label)
    return bool(named & COUNTED) and not named & (STATISTICS | MEASURES) and STATISTIC_ROWS.search(label) is None


@lru_cache(maxsize=1 << 14)
def row_is_statistic(label: str) -> bool:
    """Tell whether a row's label says that the row's numbers are no counts: a statistic, or a variable of a table that
    stands on its side (`mois`, `montant`), but not a category that borrows its words (`65 ans et plus`)."""
    if STATISTIC_ROWS.search(label) is not None:
        return True
    named = words(label)
    if not named or named & (COUNTERS | COUNTED) or any(word.isdigit() for word in named):
        return False
    return (
        bool(named & MEASURES)
        or is_dimension(label)
        or (named <= STATISTICS | MEASURES | DIMENSIONS | LINKS and bool(named & STATISTICS))
    )


def is_dimension(label: str) -> bool:
    """Tell whether a label is nothing but the name of a dimension (`CCMU`, `sexe`)."""
    named = words(label)
    return len(named) == 1 and bool(named & DIMENSIONS)


@lru_cache(maxsize=4096)
def counted_object(title: str) -> str | None:
    """Return what a title says to be counted: the noun after `nombre de`, or the first; None where a number follows."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))
    plain = re2.sub(r"([a-z])([A-Z])", r"\1 \2", plain)
    match = COUNTING.match(re2.sub(r"[^a-z0-9]+", " ", plain.lower()).strip())
    return match[1] if match and not match[2] else None


def counts_things(title: str) -> bool:
    """Tell whether a title counts what is no person: variables, years, models."""
    return counted_object(title) in THINGS


def counts_units(title: str) -> bool:
    """Tell whether a title counts establishments."""
    return counted_object(title) in UNITS


def is_setting(title: str) -> bool:
    """Tell whether a title names a setting of an algorithm (`max_depth`, `n_estimators`), and counts nobody."""
    named = words(title)
    return bool(named & SETTINGS) and not named & (COUNTED | (COUNTERS - {"n", "nb"}))


def says_counts(caption: str) -> bool | None:
    """Tell whether a caption says that a table's numbers are counts (True) or statistics (False), or neither (None)."""
    for line in reversed(caption.splitlines()):
        counts, named = is_counter(line), words(line)
        statistics = "%" in line or bool(named & (PERCENTS | RATES | MEANS | SURVIVAL))
        if counts or AT_RISK.search(line):
            return None if statistics else True
        if statistics:
            return False
    return None


def counts_staff(title: str) -> bool:
    """Tell whether a title counts those who work in establishments."""
    return counted_object(title) in STAFF


def is_rate(title: str) -> bool:
    """Tell whether a title names a rate per so many."""
    found = words(title)
    return (
        "‰" in title
        or bool(found & RATES and not found & PERCENTS)
        or bool(re2.search(r"(?i)p(?:ou)?r[_ ]?1\s?0", title))
    )


def is_percent(title: str) -> bool:
    """Tell whether a title names a share of a hundred."""
    return "%" in title or bool(words(title) & PERCENTS)


def is_mean(title: str) -> bool:
    """Tell whether a title names a mean."""
    return bool(words(title) & MEANS)


@lru_cache(maxsize=1 << 12)
def is_sensitive(title: str) -> bool:
    """Tell whether a title names a category that says something of a person's health or life, not its denial."""
    named = words(title)
    return not named & DENIALS and any(word.startswith(SENSITIVE) for word in named)


def is_change(title: str) -> bool:
    """Tell whether a title names a difference between counts, which may be negative."""
    return bool(words(title) & CHANGES)


def is_frequency(title: str) -> bool:
    """Tell whether a title says frequency: counts when its numbers are whole, else a share."""
    return bool(words(title) & FREQUENCIES)


def is_measure_or_dimension(title: str) -> bool:
    """Tell whether a title names a quantity, or what a table is broken down by."""
    if PERSON_TIME.search(title) is not None:
        return True
    if CLASS.search(title) is not None or is_category(title):
        return False
    named = words(title)
    if IN_UNITS.search(title) is not None or (named & (LIMITS | SURVIVAL) and not named & (COUNTED | COUNTERS)):
        return True
    return bool(named & (MEASURES | DIMENSIONS))


def is_counted(title: str) -> bool:
    """Tell whether a title names what is counted (passages, patients)."""
    return bool(words(title) & COUNTED)


def is_category(title: str) -> bool:
    """Tell whether a title is a category, alone or after the name of its dimension (`2020`, `sexe F`)."""
    return CATEGORY.match(title.strip()) is not None or is_named_category(title)


@lru_cache(maxsize=1 << 12)
def is_named_category(title: str) -> bool:
    """Tell whether a title is a category after the name of its dimension, as in the head of a crossed table."""
    dimension, _, category = title.strip().rpartition(" ")
    return bool(category) and CATEGORY.match(category) is not None and bool(words(dimension) & DIMENSIONS)


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
