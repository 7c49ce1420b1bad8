"""What labels of tables say: the same category however it is written, and what a title says of who is counted.

A category becomes a code that is the same for `65 ans et plus`, `65+` and `≥ 65`, for `Femmes` and `F`, for `2A` and
`2A Corse-du-Sud`; whatever is not recognised is its label without case and accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import re2

from ..tables.hierarchy import ages, is_total
from ..tables.nomenclatures import REGIONS, plain, region

AGE, SEX, PLACE, TIME, OTHER = "age", "sex", "place", "time", ""

WOMEN = frozenset(
    {"f", "femme", "femmes", "fille", "filles", "women", "woman", "female", "females", "feminin", "girls"}
)
MEN = frozenset({"h", "homme", "hommes", "garcon", "garcons", "men", "man", "male", "males", "masculin", "boys"})
MONTHS = (
    ("janvier", "january", "janv", "jan"), ("fevrier", "february", "fevr", "feb", "fev"), ("mars", "march", "mar"),
    ("avril", "april", "avr", "apr"), ("mai", "may"), ("juin", "june", "jun"), ("juillet", "july", "juil", "jul"),
    ("aout", "august", "aug", "aou"), ("septembre", "september", "sept", "sep"), ("octobre", "october", "oct"),
    ("novembre", "november", "nov"), ("decembre", "december", "dec"),
)  # fmt: skip
MONTH = {word: number for number, words in enumerate(MONTHS, 1) for word in words}
GENERIC = frozenset(
    {"modalite", "modalites", "categorie", "category", "variable", "caracteristique", "characteristic", "groupe",
     "group", "classe", "libelle", "label", "index", "level", "niveau", "type", "ligne"}
)  # fmt: skip
"""Titles of columns that do not say what their categories are of."""

YEAR = re2.compile(r"^(?:annee |year |an )?((?:19|20)\d\d)$")
YEAR_MONTH = re2.compile(r"^((?:19|20)\d\d)[-/ _m]+(0?[1-9]|1[0-2])$|^(0?[1-9]|1[0-2])[/-]((?:19|20)\d\d)$")
YEAR_WEEK = re2.compile(r"^((?:19|20)\d\d)[- ]?[sw](\d{1,2})$|^[sw](\d{1,2})[- /]((?:19|20)\d\d)$")
YEAR_QUARTER = re2.compile(r"^((?:19|20)\d\d)[- ]?[tq]([1-4])$|^[tq]([1-4])[- /]((?:19|20)\d\d)$")
DAY = re2.compile(r"^((?:19|20)\d\d)-(\d\d)-(\d\d)(?:[t ]00:00:00.*)?$")
AGE_FROM = re2.compile(r"\b(\d{1,3}) ?(?:ans )?(?:et plus|ou plus|plus|\+|and over|and more|years and over|ans et \+)")
AGE_RANGE = re2.compile(r"\b(\d{1,2}) ?(?:ans )?(?:a|to|-| ) ?(\d{1,3}) ?(?:ans|years|y)\b")
AGE_BELOW = re2.compile(r"\b(?:moins de|under|below|<) ?(\d{1,3})(?: ans| years)?\b")
WORD = re2.compile(r"[a-z0-9]+")
STATED = re2.compile(r"(?im)^\s*(?:population|filtre|filter|champ|scope)\s*[:=]\s*(.+)$")

Kind = str


@lru_cache(maxsize=65536)
def category(label: str) -> tuple[Kind, str] | None:
    """Return the kind and the code of a category; None for a total."""
    text = plain(label)
    if is_total(label):
        return None
    if text in WOMEN or text in MEN:
        return SEX, "f" if text in WOMEN else "h"
    if span := ages(label):
        low, high = span
        return AGE, f"{low:g}+" if high == float("inf") else f"{low:g}-{high:g}"
    if moment := _moment(label.strip().lower(), text):
        return TIME, moment
    if known := region(label):
        return PLACE, known
    if code := _departments().get(text):
        return PLACE, code
    return OTHER, text


def axis(labels: Iterable[str], title: str) -> tuple[Kind, dict[str, str | None]]:
    """Return what the categories of a dimension are, and the code of each; None stands for the total.

    Parameters
    ----------
    title
        Of the column that holds them, empty for categories that are titles.
    """
    found = {label: category(label) for label in labels}
    kinds = [kind_code[0] for kind_code in found.values() if kind_code is not None]
    best = max(set(kinds), key=kinds.count, default=OTHER)
    words = set(plain(title).split())
    if _numbered(found, kinds) and words & {"dep", "dept", "departement", "departements", "dpt", "department"}:
        return PLACE, {label: None if got is None else _department(label) for label, got in found.items()}
    if best == OTHER or kinds.count(best) * 2 <= len(kinds) or (best == SEX and len(set(kinds)) > 2):
        name = "" if not words or words <= GENERIC else " ".join(sorted(words - {"code", "cod", "libelle", "label"}))
        return name, {label: None if got is None else plain(label) for label, got in found.items()}
    return best, {label: None if got is None else got[1] for label, got in found.items()}


def filters(text: str) -> dict[Kind, str]:
    """Return what a title, a file's name or a statement says of who is counted: dimension -> code."""
    said = plain(text.replace(".", " "))
    words = set(WORD.findall(said))
    found = {}
    if (words & WOMEN and not words & MEN) or (words & MEN and not words & WOMEN):
        found[SEX] = "f" if words & WOMEN else "h"
    if match := AGE_FROM.search(said):
        found[AGE] = f"{int(match[1])}+"
    elif match := AGE_RANGE.search(said):
        if int(match[1]) < int(match[2]):
            found[AGE] = f"{int(match[1])}-{int(match[2])}"
    elif match := AGE_BELOW.search(said):
        found[AGE] = f"0-{int(match[1]) - 1}"
    years = set(re2.findall(r"\b((?:19|20)\d\d)\b", said))
    if len(years) == 1:
        found[TIME] = years.pop()
    return found


def stated(statement: str) -> str:
    """Return what a statement says of the population: its lines `Population : …`, `Filtre : …`, in one."""
    return " ; ".join(match.strip() for match in STATED.findall(statement))


def measure(title: str, told: dict[Kind, str], counters: frozenset[str]) -> str:
    """Return what is counted, by a column's title without what `told` says of whom."""
    said = plain(title)
    for pattern in (AGE_FROM, AGE_RANGE, AGE_BELOW) if AGE in told else ():
        said = pattern.sub(" ", said)
    dropped = counters | {"de", "des", "du", "le", "la", "les", "of", "par", "ans", "year", "years", "en", "age"}
    if SEX in told:
        dropped = dropped | WOMEN | MEN
    if TIME in told:
        dropped = dropped | {told[TIME]}
    return " ".join(word for word in WORD.findall(said) if word not in dropped)


def _moment(label: str, text: str) -> str | None:
    if match := DAY.match(label):
        return f"{match[1]}-{match[2]}-{match[3]}"
    if match := YEAR_WEEK.match(label) or YEAR_WEEK.match(text):
        return f"{match[1] or match[4]}-w{int(match[2] or match[3]):02}"
    if match := YEAR_QUARTER.match(label) or YEAR_QUARTER.match(text):
        return f"{match[1] or match[4]}-t{match[2] or match[3]}"
    if match := YEAR_MONTH.match(label):
        return f"{match[1] or match[4]}-{int(match[2] or match[3]):02}"
    if match := YEAR.match(text):
        return str(match[1])
    words = text.split()
    if words and words[0] in MONTH and len(words) <= 2:
        if len(words) == 1:
            return f"m{MONTH[words[0]]:02}"
        if YEAR.match(words[1]):
            return f"{words[1]}-{MONTH[words[0]]:02}"
    return None


def _numbered(found: dict[str, tuple[Kind, str] | None], kinds: Sequence[Kind]) -> bool:
    return any(label.strip().isdigit() for label in found) or PLACE in kinds


@lru_cache(maxsize=1)
def _departments() -> dict[str, str]:
    """Return names of départements, and `code name`, by their codes; codes alone would be any number."""
    codes = {}
    for departments in REGIONS.values():
        for department in departments.split("|"):
            code, _, name = department.partition(" ")
            codes[plain(name)] = codes[plain(department)] = codes[plain(f"{name} ({code})")] = code.lower()
    return codes | {"2a": "2a", "2b": "2b", "paris": "75"}


def _department(label: str) -> str:
    text = plain(label)
    return _departments().get(text, text.zfill(2) if text.isdigit() else text)
