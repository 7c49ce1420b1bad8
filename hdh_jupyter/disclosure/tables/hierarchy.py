"""Which categories of a dimension are made up of which others.

Totals are told by their words (`Total`, `Ensemble`). Nested categories are told by what they cover: codes that begin
alike (`E11`, `E11.9`), ranges of codes (`E10-E14`, `A00-B99`, chapters of the CIM-10), classes of age, periods, régions
and départements, titles with a common beginning (`Nord`, `Nord / Urgences`). A reading is what a table may mean; the
figures must bear it out before anybody relies on it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import re2

from . import nomenclatures
from .nomenclatures import plain

TOTAL = re2.compile(
    r"^(?:(?:sous[ -]?)?total(?:e|es|s)?|sub[ -]?totals?|totaux|ensemble|tous|toutes|all|both|overall|sum|somme"
    r"|tous sexes|les deux|general total|grand total|france entiere|france)(?:$|[ _:.(-])"
)
AGES = re2.compile(
    r"^(?:de |age |ages )?[\[(]?(\d{1,3})(?: ?(?:ans|ans?|years|mois|y))? ?(?:-|a|to|;|,|–|_|et) ?(\d{1,3})"
    r" ?([\[\])]?) ?(?:ans|years|mois|y|y\.o\.)?$"
)
AGES_FROM = re2.compile(
    r"^(?:>=|≥|\[)? ?(\d{1,3}) ?(?:ans|years|y)? ?(?:\+|et \+|et plus|ou plus|and over|and more|or more|;? ?\+?inf.*)"
    r" ?(?:ans|years)?$|^(?:plus de|>=|≥) ?(\d{1,3}) ?(?:ans|years)?$"
)
AGES_BELOW = re2.compile(r"^(?:<|moins de|under|below) ?(\d{1,3}) ?(?:ans|years|y)?$")
AGE = re2.compile(r"^(\d{1,3}) ?(?:an|ans|years?)$")
CODE = re2.compile(r"^[a-z]{0,3}[0-9][0-9a-z]*(?:[.\-/][0-9a-z]+)*\+?$|^[a-z]{1,3}[0-9]*$")
CODES = re2.compile(r"^([a-z][0-9]{2}[0-9.]*) ?(?:-|–|a|to) ?([a-z][0-9]{2}[0-9.]*)$")
CHAPTER = re2.compile(r"^(?:(?:chapitre|chapter|chap\.?) ?)?([ivx]{1,5})(?:$|[ .:–-])")
BEYOND = "\U0010ffff"
WITHIN = "\x01"

Relation = tuple[tuple[int, ...], int]
"""Positions of categories, and the position of the one that they make up."""
Extent = tuple[float, float] | tuple[str, str]
"""What a category covers, from and to."""


@dataclass(frozen=True)
class Reading:
    """One thing that the categories of a table may mean.

    Attributes
    ----------
    sure
        Whether it holds unless figures speak against it; else figures must speak for it.
    """

    relations: tuple[Relation, ...]
    sure: bool


@lru_cache(maxsize=4096)
def is_total(label: str) -> bool:
    """Tell whether a title or a label names a total."""
    return TOTAL.match(plain(label)) is not None


def readings(labels: Sequence[Sequence[str]]) -> Iterator[Reading]:
    """Yield what categories that are told by one or several labels may be the sums of.

    Parameters
    ----------
    labels
        Of each row (or column) of a table, the same number of labels.
    """
    yield from _of_labels(_without_repetition(labels))
    if (filled := _filled_down(labels)) is not None:
        # An empty label may as well say nothing: only figures tell that it repeats the one above.
        yield from (replace(reading, sure=False) for reading in _of_labels(_without_repetition(filled)))


def nests(categories: Sequence[str]) -> tuple[dict[int, tuple[int, ...]], ...]:
    """Return the trees that categories may form: position of a category -> positions of those right below it."""
    return _nests(tuple(categories))


@lru_cache(maxsize=256)
def _nests(categories: tuple[str, ...]) -> tuple[dict[int, tuple[int, ...]], ...]:
    found: list[dict[int, tuple[int, ...]]] = []
    for extent in (_codes, ages, _places, _beginnings):
        tree = _tree([extent(own) if (own := _without_total(category)) else None for category in categories])
        if tree and tree not in found:
            found.append(tree)
    return tuple(found)


def _without_total(category: str) -> str:
    """Return what a total is of (`Total Bretagne`: `Bretagne`); nothing when it is of everything."""
    words = category.split()
    while words and is_total(words[0]):
        words = words[1:]
        while words and plain(words[0]) in ("de", "du", "des", "of", "la", "le", "-", ":"):
            words = words[1:]
        if not words:
            return ""
    return category if len(words) == len(category.split()) else " ".join(words)


def _of_labels(labels: Sequence[Sequence[str]]) -> Iterator[Reading]:
    width = len(labels[0]) if labels else 0
    whole = [i for i, cells in enumerate(labels) if all(is_total(c) or not c.strip() for c in cells)]
    if width > 1 and whole:
        # What is a total in every label it has: the sum of what is a total in none.
        inner = [i for i, cells in enumerate(labels) if not any(is_total(c) for c in cells) and i not in set(whole)]
        yield from _by_words(whole, inner)
    for position in range(width):
        groups: dict[tuple[str, ...], list[int]] = {}
        for i, cells in enumerate(labels):
            groups.setdefault((*cells[:position], *cells[position + 1 :]), []).append(i)
        several = {others: group for others, group in groups.items() if len(group) > 1}
        # Where other labels are empty, rows may belong together or not: only figures tell.
        told = all(cell.strip() for others in several for cell in others)
        for read in (_totals, _nested, _blanks):
            made = [list(read(group, [labels[i][position] for i in group])) for group in several.values()]
            for reading in itertools.zip_longest(*made, fillvalue=None):
                parts = [one for one in reading if one is not None]
                if parts:
                    sure = told and all(one.sure for one in parts)
                    yield Reading(tuple(r for one in parts for r in one.relations), sure)


def _totals(group: Sequence[int], labels: Sequence[str]) -> Iterator[Reading]:
    totals = [i for i, label in zip(group, labels, strict=True) if is_total(label)]
    parts = [i for i, label in zip(group, labels, strict=True) if not is_total(label)]
    yield from _by_words(totals, parts)
    if not totals:
        return
    for tree in nests(labels):
        # The total counts what is nested once: it is the sum of the uppermost.
        below = {group[i] for children in tree.values() for i in children}
        upper = tuple(i for i in parts if i not in below)
        if len(upper) > 1:
            yield Reading(tuple((upper, total) for total in totals), sure=False)


def _nested(group: Sequence[int], labels: Sequence[str]) -> Iterator[Reading]:
    for tree in nests(labels):
        yield Reading(
            tuple((tuple(group[i] for i in children), group[parent]) for parent, children in tree.items()), sure=False
        )


def _blanks(group: Sequence[int], labels: Sequence[str]) -> Iterator[Reading]:
    """Read an empty label as a total, where figures say so."""
    blank = [i for i, label in zip(group, labels, strict=True) if not label.strip()]
    parts = tuple(i for i, label in zip(group, labels, strict=True) if label.strip() and not is_total(label))
    if len(blank) == 1 and len(parts) > 1:
        yield Reading(((parts, blank[0]),), sure=False)


def _by_words(totals: Sequence[int], parts: Sequence[int]) -> Iterator[Reading]:
    """Yield what totals may be the sums of: everything else, or what stands between them and the total before."""
    if not totals or not parts:
        return
    yield Reading(tuple((tuple(parts), total) for total in totals), sure=True)
    since: list[Relation] = []
    for before, total in itertools.pairwise([-1, *totals]):
        if own := tuple(part for part in parts if before < part < total):
            since.append((own, total))
    if since and len(totals) > 1:
        yield Reading(tuple(since), sure=True)
    after: list[Relation] = []
    for total, following in itertools.pairwise([*totals, max(*parts, *totals) + 1]):
        if own := tuple(part for part in parts if total < part < following):
            after.append((own, total))
    if after:
        yield Reading(tuple(after), sure=False)


def _without_repetition(labels: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Drop labels that say the same as others do, as a code beside its name; the one that names totals stays."""
    width = len(labels[0]) if labels else 0
    columns = [[cells[i] for cells in labels] for i in range(width)]
    kept: list[int] = []
    for i in sorted(range(width), key=lambda i: (not any(map(is_total, columns[i])), i)):
        own = len(set(columns[i]))
        if own > 1 and any(
            own == len(set(columns[j])) == len(set(zip(columns[i], columns[j], strict=True))) for j in kept
        ):
            continue
        kept.append(i)
    return [tuple(cells[i] for i in sorted(kept)) for cells in labels]


def _filled_down(labels: Sequence[Sequence[str]]) -> list[tuple[str, ...]] | None:
    """Return labels with those that are left out because they are the same as above, or None where none is."""
    if not labels or len(labels[0]) < 2 or all(cell.strip() for cells in labels for cell in cells[:-1]):
        return None
    above = [""] * len(labels[0])
    filled = []
    for cells in labels:
        above = [cell if cell.strip() or i == len(cells) - 1 else above[i] for i, cell in enumerate(cells)]
        filled.append(tuple(above))
    return filled


def _tree(extents: Sequence[Extent | None]) -> dict[int, tuple[int, ...]]:
    """Return which extents lie in which, at least two in each; extents that cross one another make no tree."""
    order = sorted(
        ((extent, i) for i, extent in enumerate(extents) if extent is not None),
        key=lambda one: (one[0][0], _Reversed(one[0][1])),
    )
    children: dict[int, list[int]] = {}
    above: list[tuple[Extent, int]] = []
    for extent, i in order:
        low, high = extent
        while above and (_before(above[-1][0][1], low) or above[-1][0] == extent):
            above.pop()
        if above:
            if _before(above[-1][0][1], high):
                return {}
            children.setdefault(above[-1][1], []).append(i)
        above.append((extent, i))
    return {parent: tuple(sorted(own)) for parent, own in children.items() if len(own) > 1}


@dataclass(frozen=True)
class _Reversed:
    """Sorts the other way round."""

    end: float | str

    def __lt__(self, other: _Reversed) -> bool:
        return _before(other.end, self.end)


def _before(one: float | str, other: float | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return str(one) < str(other)
    return one < other


@lru_cache(maxsize=1 << 16)
def _codes(category: str) -> Extent | None:
    text = category.strip().lower()
    head = text.split(" ", 1)[0].rstrip(":")
    for form in (text, head):
        if match := CODES.match(form):
            return _code(match[1]), _code(match[2]) + BEYOND
    if match := CHAPTER.match(text):
        span = nomenclatures.CHAPTERS.get(match[1].upper())
        if span is not None and (len(match[1]) > 1 or "chap" in text):
            first, last = span.lower().split("-")
            return first, last + BEYOND
    if CODE.match(head):
        return _code(head), _code(head) + BEYOND
    return None


def _code(code: str) -> str:
    return "".join(c for c in code if c.isalnum())


@lru_cache(maxsize=1 << 16)
def ages(category: str) -> tuple[float, float] | None:
    """Return the first and the last age of a class of age (`18-39 ans`, `[18;40[`, `75+`), None for others."""
    text = plain_keeping_hyphens(category)
    if match := AGES.match(text):
        low, high = float(match[1]), float(match[2])
        high -= match[3] in ("[", ")")
        return (low, high) if low <= high else None
    if match := AGES_FROM.match(text):
        return float(match[1] or match[2]), float("inf")
    if match := AGES_BELOW.match(text):
        return 0.0, float(match[1]) - 1
    if match := AGE.match(text):
        return float(match[1]), float(match[1])
    return None


def plain_keeping_hyphens(label: str) -> str:
    """Return a label in lower case, without accents."""
    return plain(label.replace("-", "\x02").replace("–", "\x02")).replace("\x02", "-")


@lru_cache(maxsize=1 << 16)
def _places(category: str) -> Extent | None:
    if (region := nomenclatures.region(category)) is not None:
        return region, region + BEYOND
    if (region := nomenclatures.region_of().get(plain(category))) is not None:
        return region + WITHIN, region + WITHIN
    return None


@lru_cache(maxsize=1 << 16)
def _beginnings(category: str) -> Extent | None:
    text = plain_keeping_hyphens(category)
    for separator in (" - ", " / ", "/", " > ", ">", ": ", " : ", "|", "_"):
        text = text.replace(separator, WITHIN)
    return (text, text + WITHIN + BEYOND) if text else None
