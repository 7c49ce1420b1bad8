"""Smallest and largest values of measures on persons: each is one person's own.

Told from a column titled so beside rows or a table that name a measure, and from rows labelled so under columns of
measures, as `describe()` prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..documents import Document
from ..identity.words import WORDS, plain, title_words
from ..masking import masked
from ..model import Finding
from ..policy import Policy
from .columns import Profile, profiles
from .counts import is_of_settings
from .vocabulary import is_setting

RULES = ("rows.extremes",)
ROWS = 500
AGGREGATED = frozenset(
    {"moyen", "moyenne", "mean", "taux", "rate", "nb", "n", "nombre", "auc", "score", "pas", "hebdomadaire"}
)
SETTINGS = frozenset({"depth", "samples", "iter", "features", "leaf", "df"})
PERSONAL = WORDS["measured"] - {"score", "proba", "prediction", "predicted", "sexe", "sex", "pred"} | {
    "duree",
    "delai",
    "cout",
    "patient",
    "montant",
}


def extremes(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find smallest and largest values of persons in every table of a document."""
    for seen in profiles(document, policy.min_count):
        found = _titled(seen)
        if found is None:
            found = _labelled(seen)
        if found is not None:
            column, shown = found
            place = replace(seen.table.place, column=masked(seen.table.titles[column]) or str(column + 1))
            params: dict[str, str | int] = {"measure": masked(shown)}
            yield Finding(RULES[0], policy.severities[RULES[0]], file, place, "rows.extremes", params)


def _titled(seen: Profile) -> tuple[int, str] | None:
    """Return a column titled min or max, and the measure that it is of."""
    if is_of_settings(seen, range(len(seen.columns))):
        return None
    for index, (title, column) in enumerate(zip(seen.table.titles, seen.columns, strict=True)):
        words = title_words(title)
        if (
            not words & WORDS["smallest_and_largest"]
            or not column.numbers
            or words & (AGGREGATED | SETTINGS)
            or is_setting(title)
        ):
            continue
        if words & PERSONAL:
            return index, title
        if words <= WORDS["smallest_and_largest"] and (label := _personal_label(seen)) is not None:
            return index, label
    return None


def _labelled(seen: Profile) -> tuple[int, str] | None:
    """Return a column of a measure in a table that has a row of smallest or largest values."""
    if not seen.columns or not 3 <= seen.rows <= ROWS:
        return None
    first = {plain(value).strip() for value in seen.columns[0].distinct}
    if not first & WORDS["smallest_and_largest"] or not first & {
        "mean",
        "moyenne",
        "std",
        "median",
        "mediane",
        "count",
        "50%",
        "n",
        "mean.",
        "3rd qu.",
    }:
        return None
    for index, title in enumerate(seen.table.titles[1:], start=1):
        words = title_words(title)
        if words & PERSONAL and not words & AGGREGATED and seen.columns[index].numbers:
            return index, title
    return None


def _personal_label(seen: Profile) -> str | None:
    texts = [c for c in seen.columns if c.filled and c.numbers == 0]
    for column in texts[:2]:
        for value in sorted(column.distinct)[:ROWS]:
            words = title_words(value)
            if words & PERSONAL and not words & AGGREGATED:
                return value
    return None
