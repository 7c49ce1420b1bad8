"""Columns of identifiers, by the share of values that have the form and the key, or by their title.

One random number of nine digits in ten passes a Luhn key: a number alone says nothing. Of twenty, sixteen pass by
chance once in 3e12 columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import re2

from ..documents import Document
from ..identity import words
from ..identity.keys import compact, has_valid_key, is_finess, is_inside_network, is_ip, is_nir_body, is_rpps
from ..identity.patterns import STREETS
from ..masking import is_pseudonym, masked, normalised
from ..model import Finding
from ..policy import Policy
from . import vocabulary
from .columns import Profile, profiles, remembered
from .counts import count_columns
from .measures import is_series

RULES = (
    "identifiers.nir",
    "identifiers.professional",
    "identifiers.hospital_number",
    "identifiers.phone",
    "identifiers.address",
    "identifiers.birth_date",
    "identifiers.name",
    "identifiers.ip",
    "identifiers.coordinates",
    "identifiers.institution",
)
SHARE = 0.8
ENOUGH = 20
SAMPLE = 2000
FLOAT = re2.compile(r"^(\d{9,15})\.0$")
EXPONENT = re2.compile(r"^[1-8]\.\d{11,}[eE]\+?1[24]$")
YEAR = re2.compile(r"(?:19|20)\d\d")
PHONE = re2.compile(r"^(?:\+|00)?[\d .\-()]{8,20}$")
FULL_NAME = re2.compile(r"^[A-ZÀ-Þ][A-Za-zÀ-ÿ'’\-]+(?:[ ,]+[A-ZÀ-Þ][A-Za-zÀ-ÿ'’\-]+){1,3}$")
PRECISE = re2.compile(r"^-?\d{1,3}[.,]\d{4,}$")
NIR_WIDTHS = (1, 2, 2, 2, 3, 3, 2)


def identifier_columns(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find columns of identifiers in every table of a document."""
    for seen in profiles(document, policy.min_count):
        values = [_values(column.distinct) for column in seen.columns]
        for index in range(len(seen.columns)):
            if (kind := _kind(seen, index, values)) is not None:
                yield _finding(kind, seen, index, file, policy)
        split = _split_nir(seen)
        if split is not None:
            yield _finding("nir_split", seen, split, file, policy)
        position = _positions(seen, values)
        if position is not None:
            yield _finding("coordinates", seen, position, file, policy)


RULE_OF = {
    "nir_column": "nir",
    "nir_split": "nir",
    "rpps_column": "professional",
    "professional_column": "professional",
}


def _finding(kind: str, seen: Profile, index: int, file: str, policy: Policy) -> Finding:
    rule = f"identifiers.{RULE_OF.get(kind, kind.removesuffix('_column'))}"
    title = seen.table.titles[index].strip()
    place = replace(seen.table.place, column=masked(title) if title else str(index + 1))
    distinct = len(seen.columns[index].distinct)
    return Finding(
        rule, policy.severities[rule], file, place, f"persons.{kind}", {"rows": seen.rows, "distinct": distinct}
    )


def _values(distinct: Collection[str]) -> list[str]:
    """Return a sample of a column's values, numbers that a program made floats as they were."""
    return [_restored(normalised(value).strip()) for value in islice(distinct, SAMPLE)]


def _restored(value: str) -> str:
    # Most values are told by a character alone, without a pattern.
    if value.endswith(".0") and (match := FLOAT.match(value)) is not None:
        return str(match.group(1))
    return f"{float(value):.0f}" if len(value) > 14 and value[1] == "." and EXPONENT.match(value) else value


def _share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, values)) / len(values) if values else 0.0


def _mostly(values: Sequence[str], test: Callable[[str], bool], enough: int = ENOUGH, share: float = SHARE) -> bool:
    return len(values) >= enough and _any_of_first(values, test) and _share(values, test) >= share


def _any_of_first(values: Sequence[str], test: Callable[[str], bool]) -> bool:
    """Tell whether any of the first few values passes: most columns are told from identifiers by those."""
    return any(map(test, values[:8]))


def _kind(seen: Profile, index: int, values: Sequence[Sequence[str]]) -> str | None:
    title, here = seen.table.titles[index], values[index]
    if not here or vocabulary.is_counter(title):
        return None
    if words.names(title, "national_numbers") and _mostly(here, _is_nir, enough=1, share=0.5):
        return "nir_column"
    if _mostly(here, _is_nir):
        return "nir_column"
    if _names_professional(title, here):
        return "professional_column"
    if _mostly(here, lambda v: v[:2] == "10" and is_rpps(v)):
        return "rpps_column"
    of_hospital = words.names(title, "hospital_numbers") or (
        words.names(title, "files") and words.names(title, "numbers")
    )
    if of_hospital and _mostly(here, _is_long_code, enough=3):
        return "hospital_number_column"
    if words.names(title, "institutions") and _mostly(here, is_finess, enough=2):
        return "institution"
    if _mostly(here, is_finess):
        return "institution"
    institutional = _has_title(seen, "institution_rows")
    if not institutional and words.names(title, "phones") and _mostly(here, _is_phone, enough=1, share=0.5):
        return "phone_column"
    if words.names(title, "ip_addresses") and _mostly(here, is_ip, enough=3):
        return "ip_column"
    if _mostly(here, lambda v: is_ip(v) and not is_inside_network(v)):
        return "ip_column"
    return _particular(seen, index, here)


def _particular(seen: Profile, index: int, here: Sequence[str]) -> str | None:
    titles = seen.table.titles
    title, column = titles[index], seen.columns[index]
    institutional = _has_title(seen, "institutions")
    dated = column.dates >= SHARE * column.filled and not _counted(seen)
    if dated and (words.names(title, "births") or (_spans_lives(here) and not is_series(seen, index))):
        return "birth_date_column"
    if not institutional and _mostly(here, lambda v: STREETS.match(v) is not None, enough=5, share=0.5):
        return "address_column"
    if institutional or _has_title(seen, "authors"):
        return None
    if _mostly(here, _is_full_name, enough=5, share=0.6) and column.distinct_share >= 0.5 and not _counted(seen):
        return "name_column"
    found = words.title_words(title)
    named = bool(found & words.WORDS["full_names"]) or words.names_person(title)
    if (
        (named or (words.names(title, "family_names") and _stands_beside(titles, index)))
        and column.numbers == 0
        and column.filled
    ):
        return "name_column"
    return None


@remembered
def _has_title(seen: Profile, kind: str) -> bool:
    """Tell whether any title has a word of a list."""
    return any(words.names(title, kind) for title in seen.table.titles)


def _stands_beside(titles: Sequence[str], index: int) -> bool:
    """Tell whether another column is titled after what stands beside a family name."""
    return any(
        words.names(other, kind)
        for i, other in enumerate(titles)
        if i != index
        for kind in ("given_names", "births", "national_numbers")
    )


def _is_nir(value: str) -> bool:
    plain = compact(value)
    return has_valid_key(plain) if len(plain) == 15 else len(plain) == 13 and is_nir_body(plain)


def _spans_lives(here: Sequence[str]) -> bool:
    """Tell whether a few days of many years are there, as births are, rather than those of a series."""
    years = [int(match.group()) for value in here if (match := YEAR.search(value)) is not None]
    return len(years) >= ENOUGH and len(set(years)) >= ENOUGH and max(years) - min(years) >= 40


def _is_long_code(value: str) -> bool:
    return value.isalnum() and sum(c.isdigit() for c in value) >= 6


def _is_phone(value: str) -> bool:
    return PHONE.match(value) is not None and 8 <= sum(c.isdigit() for c in value) <= 15


def _is_full_name(value: str) -> bool:
    if FULL_NAME.match(value) is None:
        return False
    parts = value.replace(",", " ").split()
    return words.is_first_name(parts[0]) or words.is_first_name(parts[-1])


def _names_professional(title: str, here: Sequence[str]) -> bool:
    """Tell whether a column holds professionals' numbers, even encrypted: no count of them, no code of a specialty."""
    if not (words.names_professional(title) or words.names(title, "professionals")):
        return False
    shaped = _share(here, lambda v: is_pseudonym(v) or is_rpps(v)) >= SHARE
    long = _share(here, lambda v: len(v) >= 6 and any(c.isdigit() for c in v) and "." not in v) >= SHARE
    return shaped or (words.names_professional(title) and long)


@remembered
def _counted(seen: Profile) -> bool:
    return any(
        vocabulary.is_counter(seen.table.titles[i]) or vocabulary.is_counted(seen.table.titles[i])
        for i in count_columns(seen)
    )


def _split_nir(seen: Profile) -> int | None:
    """Return the first of neighbouring columns that make a NIR with its key when put one behind the other."""
    if len(seen.columns) < 2 or not any(len(c.distinct) >= 2 or seen.rows < 3 for c in seen.columns):
        return None
    batch = next(iter(seen.table.batches()), None)
    if batch is None or batch.num_rows < 2:
        return None
    rows = [
        [_restored((cell or "").strip()) for cell in row]
        for row in zip(*(batch.column(i).slice(0, 50).to_pylist() for i in range(len(seen.columns))), strict=True)
    ]
    for first in range(len(seen.columns) - 1):
        if rows[0][first][:1] not in set("12") or not rows[0][first].isalnum():
            continue
        for width in range(2, min(len(NIR_WIDTHS), len(seen.columns) - first) + 1):
            numbers = {n for n in (_joined(row[first : first + width]) for row in rows) if has_valid_key(n)}
            if len(numbers) >= max(2, SHARE * len(rows)) and all(is_nir_body(n[:13]) for n in numbers):
                return first
    return None


def _joined(cells: Sequence[str]) -> str:
    if len(cells) == len(NIR_WIDTHS):
        cells = [cell.zfill(width) for cell, width in zip(cells, NIR_WIDTHS, strict=True)]
    elif len(cells) == 2 and len(cells[0]) == 13:
        cells = [cells[0], cells[1].zfill(2)]
    return "".join(cells)


def _positions(seen: Profile, values: Sequence[Sequence[str]]) -> int | None:
    """Return the column of latitudes when rows stand at points of their own that no name of a place explains."""
    titles = seen.table.titles
    latitudes = [
        i for i, t in enumerate(titles) if words.title_words(t) & words.WORDS["latitudes"] and _precise(values[i])
    ]
    longitudes = [
        i for i, t in enumerate(titles) if words.title_words(t) & words.WORDS["longitudes"] and _precise(values[i])
    ]
    if not latitudes or not longitudes or seen.rows < 5 or _counted(seen):
        return None
    column = seen.columns[latitudes[0]]
    # The points of a grid share their latitudes.
    if column.distinct_share < SHARE or not all(-90 <= v <= 90 for v in (column.minimum, column.maximum)):
        return None
    named = any(
        (
            words.names(titles[i], "places")
            or words.names(titles[i], "institutions")
            or words.names(titles[i], "family_names")
        )
        and c.distinct_share >= 0.9
        for i, c in enumerate(seen.columns)
    )
    return None if named else latitudes[0]


def _precise(values: Sequence[str]) -> bool:
    return _share(values, lambda v: PRECISE.match(v) is not None) >= 0.5
