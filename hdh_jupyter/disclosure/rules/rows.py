"""Row-level data: tables with one row per person, stay or visit.

Three signs. A column of identifiers or pseudonyms, by its title or by the shape of its values. Rows that several
attributes of a person (age or birth, sex, place, exact date, diagnosis) make nearly unique, without a count. Rows that
repeat: in a table of results the breakdown tells every row apart, so repeated rows are persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import pyarrow as pa
import re2

from ..documents import Document, Table
from ..identity import words
from ..masking import masked
from ..model import Finding, Place
from ..policy import Policy
from . import vocabulary
from .anonymity import anonymity
from .columns import Profile, profile, profiles
from .counts import count_columns, counts_identifiers
from .measures import measured, unexplained

Found = tuple[str, Place, dict[str, str | int], str | None]
"""The rule, the place, what the sentences name, and their key where it is not the rule's."""

RULES = (
    "rows.identifier_column",
    "rows.quasi_identifiers",
    "rows.measures",
    "rows.unexplained",
    "rows.small_groups",
    "rows.one_per_person",
    "rows.no_titles",
)
DENSITY = 0.25
"""Share of the possible combinations above which a table looks like a complete breakdown."""
ONCE, COMPLETE = 0.99, 0.9
"""Combinations per row, and share of the possible ones, of a table in which all of them are there."""
MIN_ROWS = 20
"""Rows from which repetition says something."""
FEW_VALUES = 30
NAMED, SAMPLE = 6, 200
SEXES = frozenset({"F", "H", "M", "FEMME", "HOMME", "FEMALE", "MALE", "FÉMININ", "MASCULIN"})


STATES = frozenset({"0", "1", "0.0", "1.0"})
YEAR = re2.compile(r"^(?:19|20)\d\d")
FILE_NAME = re2.compile(r"^[^\s@]+\.[A-Za-z][A-Za-z0-9]{0,7}$")
HEX = re2.compile(r"^(?:[0-9a-f]{8,64}|[0-9A-F]{8,64})$")
CODED = re2.compile(r"^[A-Za-z]{0,8}[-_ ]?\d{2,}[A-Za-z]?$")
"""Numbers that a study gives to persons: P0001, PAT-12."""
SAMPLE_CODE = re2.compile(r"^([A-Za-z]{1,8}[-_ ]?)(\d{2,12})$")
OF_THINGS = frozenset(
    {"rs", "ss", "cg", "ensg", "enst", "ensp", "nm", "nr", "go", "hp", "orpha", "cip", "ucd", "lpp", "loc"}
)
"""Prefixes of numbers of variants, genes, signs and products."""
MANY_SAMPLES = 20
ALLELES = ("0", "1", "2", ".", "A", "B")
GENOTYPES = frozenset({"", "NA", *(f"{a}{sign}{b}" for a in ALLELES for b in ALLELES for sign in ("/", "|", ""))})
DOSES = frozenset({"0", "1", "2", "0.0", "1.0", "2.0", "NA", ""})
"""What tables of genotypes hold: pairs of alleles (VCF 4.3), or how many are the other one."""
NUMBERED = re2.compile(r"^[A-Za-z]{1,8}[-_ ]?\d{1,12}$")
TRANSPOSED_ROWS, TRANSPOSED_COLUMNS = 60, 6


def row_level(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
    """Find row-level data in every table of a document."""
    for seen in profiles(document, policy.min_count):
        finding = judged(seen, policy)
        if finding is not None:
            yield _finding(finding, file, policy)


def judged(seen: Profile, policy: Policy) -> Found | None:
    """Return the sign that the rows of a table, or its columns, are persons."""
    found = _identifier_column(seen) or _columns_of_persons(seen) or _persons(seen, policy)
    if found is None and (turned := _transposed(seen)) is not None:
        found = _persons(profile(turned, policy.min_count), policy)
    return found


def _columns_of_persons(seen: Profile) -> Found | None:
    """Return the sign that each column is a person or a sample, as in tables of genotypes and of expressions."""
    codes: dict[str, list[int]] = {}
    for index, title in enumerate(seen.table.titles):
        match = SAMPLE_CODE.match(title.strip())
        if match is not None and match.group(1).strip("-_ ").lower() not in OF_THINGS:
            codes.setdefault(match.group(1), []).append(index)
    many = max(codes.values(), key=len, default=[])
    if len(many) < MANY_SAMPLES or seen.rows < MANY_SAMPLES or len(many) < 0.5 * len(seen.columns):
        return None
    numbers = [int(SAMPLE_CODE.match(seen.table.titles[i].strip()).group(2)) for i in many]
    values = set().union(*(seen.columns[i].distinct for i in many))
    if values <= GENOTYPES or (values <= DOSES and values & {"2"}) or not _is_run(numbers):
        params: dict[str, str | int] = {"columns": len(many)}
        return "rows.identifier_column", seen.table.place, params, "rows.columns_are_persons"
    return None


def _is_run(numbers: Sequence[int]) -> bool:
    """Tell whether numbers of columns follow one another, as weeks, items and classes do, or are short."""
    return max(numbers) < 1000 or max(numbers) - min(numbers) < 2 * len(numbers)


def _finding(found: Found, file: str, policy: Policy) -> Finding:
    rule, where, params, key = found
    return Finding(rule, policy.severities[rule], file, where, key or rule.partition(".")[2], params)


def _transposed(seen: Profile) -> Table | None:
    """Return a small table with its rows for columns, when its first column names attributes of persons."""
    named = seen.table.titles[1:]
    results = any(vocabulary.is_counter(t) or vocabulary.is_statistic(t) or YEAR.match(t) for t in named)
    # P1 to P30 are persons, though P5 or P10 alone is a percentile.
    results = results and not all(NUMBERED.match(t) for t in named)
    if results or seen.rows > TRANSPOSED_ROWS or len(seen.columns) < TRANSPOSED_COLUMNS:
        return None
    rows = [row for batch in seen.table.batches() for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]
    titles = tuple(str(row[0] or "") for row in rows)
    if len(vocabulary.quasi_identifiers(titles)) < 3:
        return None
    columns = [pa.array([cell or "" for cell in row[1:]], pa.string()) for row in rows]
    batch = pa.RecordBatch.from_arrays(columns, [f"c{i}" for i in range(len(columns))])
    return Table(seen.table.place, titles, lambda: iter((batch,)), first_row=1)


def _identifier_column(seen: Profile) -> Found | None:
    for index, column in enumerate(seen.columns):
        title = seen.table.titles[index]
        if not column.filled:
            continue
        shaped = (column.sampled > 0 and column.pseudonyms >= 0.8 * column.sampled) or _is_hexadecimal(seen, index)
        named = vocabulary.names_identifier(title) and not counts_identifiers(seen, index)
        coded = _is_coded(seen, index)
        if (named and column.decimals == 0 and (shaped or _differs(seen, index))) or coded:
            return "rows.identifier_column", _place(seen, index), {"rows": seen.rows}, None
        alone = seen.rows == 1 and vocabulary.quasi_identifiers(seen.table.titles)
        if shaped and _is_checksum(seen, index):
            continue
        if shaped and (alone or (seen.rows > 1 and column.distinct_share >= 0.3)) and not _is_code_list(seen, index):
            return "rows.identifier_column", _place(seen, index), {"rows": seen.rows}, None
    return None


def _is_checksum(seen: Profile, index: int) -> bool:
    """Tell whether a column holds checksums of the files that another one names."""
    return words.names(seen.table.titles[index], "checksums") and any(
        column.filled and all(FILE_NAME.search(value) for _, value in zip(range(SAMPLE), column.distinct, strict=False))
        for column in seen.columns
    )


def _is_hexadecimal(seen: Profile, index: int) -> bool:
    """Tell whether values are drawn in hexadecimal: of one length, most of them with letters and digits."""
    values = [value for _, value in zip(range(SAMPLE), seen.columns[index].distinct, strict=False)]
    if len(values) < MIN_ROWS or len({len(value) for value in values}) > 1:
        return False
    mixed = sum(any(c.isdigit() for c in value) and any(c.isalpha() for c in value) for value in values)
    return mixed >= 0.5 * len(values) and all(HEX.match(value) for value in values)


def _is_coded(seen: Profile, index: int) -> bool:
    """Tell whether a column titled after persons holds numbers given to them, with letters or leading zeros."""
    column, title = seen.columns[index], seen.table.titles[index]
    if len(column.distinct) < 3:
        return False
    if words.names(title, "persons_short") and words.names(title, "numbers"):
        return column.distinct_share >= 0.3
    if not vocabulary.words(title) & vocabulary.PERSONS:
        return False
    values = [value for _, value in zip(range(SAMPLE), column.distinct, strict=False)]
    coded = sum(CODED.match(value) is not None and (value[0] == "0" or not value.isdecimal()) for value in values)
    return coded >= 0.8 * len(values)


def _differs(seen: Profile, index: int) -> bool:
    """Tell whether values can tell persons apart: not the two or three categories of a breakdown."""
    return seen.rows < 3 or len(seen.columns[index].distinct) >= 3


def _is_code_list(seen: Profile, index: int) -> bool:
    """Tell whether a column of codes keys a list of labels rather than of persons."""
    texts = [c for i, c in enumerate(seen.columns) if i != index and c.numbers == 0 and c.filled]
    described = any(max(map(len, c.distinct), default=0) > 25 and c.distinct_share > 0.9 for c in texts)
    lengths = {len(value) for value in seen.columns[index].distinct}
    return described and len(seen.columns) <= 3 and max(lengths) <= 15


def _persons(seen: Profile, policy: Policy) -> Found | None:
    if _is_counted(seen):
        return None
    titles = seen.table.titles
    quasi = {i: k for i, k in vocabulary.quasi_identifiers(titles).items() if _describes_one(seen, i, k)}
    quasi |= {
        i: "date" for i, c in enumerate(seen.columns) if c.filled and c.dates >= 0.8 * c.filled and i not in quasi
    }
    kinds = set(quasi.values())
    exact = "date" in kinds or any(_is_exact_age(seen, i) for i, k in quasi.items() if k == "age")
    windows = [_Window(batch, seen, quasi) for batch in _windows(seen)] if quasi or seen.rows >= MIN_ROWS else []
    if seen.rows == 1 and not _is_record(seen, quasi):
        return None
    for window in windows:
        if (len(kinds) >= 3 or (len(kinds) == 2 and exact and seen.rows >= MIN_ROWS)) and window.nearly_unique:
            return _unique(seen, sorted(quasi), policy)
    if columns := measured(seen):
        return "rows.measures", seen.table.place, _listed(seen, columns), "rows.measures"
    repeated = [w for w in windows if w.repeats]
    if repeated:
        params: dict[str, str | int] = {"rows": seen.rows, "threshold": policy.min_count}
        if not seen.table.titled or min(w.smallest for w in repeated) < policy.min_count:
            return "rows.small_groups", seen.table.place, params, None
        if own := _own_values(seen):
            return "rows.measures", seen.table.place, _listed(seen, own), "rows.measures"
        return "rows.one_per_person", seen.table.place, params, None
    if columns := unexplained(seen):
        return "rows.unexplained", seen.table.place, _listed(seen, columns), "rows.unexplained"
    if not seen.table.titled and seen.rows >= MIN_ROWS and seen.table.place == Place():
        return "rows.no_titles", seen.table.place, {"rows": seen.rows}, None
    return None


def _own_values(seen: Profile) -> tuple[int, ...]:
    """Return the columns of which each row has a value of its own, where the breakdown does not tell rows apart."""
    return tuple(
        i
        for i, (title, column) in enumerate(zip(seen.table.titles, seen.columns, strict=True))
        if column.decimals >= 0.5 * column.filled > 0
        and column.distinct_share >= 0.5
        and not vocabulary.is_statistic(title)
    )


def _is_counted(seen: Profile) -> bool:
    """Tell whether a column says how many persons a row is; one of 0 and 1, or that numbers the rows, does not."""
    titles = seen.table.titles
    return any(
        (vocabulary.is_counter(titles[i]) or vocabulary.is_counted(titles[i]))
        and not seen.columns[i].is_sequence
        and not (seen.rows > 1 and seen.columns[i].distinct <= STATES)
        for i in count_columns(seen)
    )


def _unique(seen: Profile, quasi: Sequence[int], policy: Policy) -> Found:
    """Tell how far attributes of a person tell rows apart, and what those of a group have in common."""
    sensitive = next((i for i in quasi if vocabulary.quasi_identifier(seen.table.titles[i]) == "diagnosis"), None)
    keys = [i for i in quasi if i != sensitive]
    figures = anonymity(seen.table, keys or quasi, sensitive if keys else None, policy.min_count)
    params = {
        **_listed(seen, keys or quasi),
        "k": figures.k,
        "unique": figures.unique,
        "below": figures.below,
        "threshold": policy.min_count,
        "l": figures.l,
        "sensitive": masked(seen.table.titles[sensitive]) if sensitive is not None else "",
    }
    key = "rows.quasi_identifiers" if sensitive is None or not keys else "rows.quasi_identifiers_diverse"
    return "rows.quasi_identifiers", seen.table.place, params, key


def _listed(seen: Profile, columns: Sequence[int]) -> dict[str, str | int]:
    shown = [masked(seen.table.titles[i]) or str(i + 1) for i in columns[:NAMED]]
    return {"rows": seen.rows, "attributes": ", ".join(shown) + (", …" if len(columns) > NAMED else "")}


def _describes_one(seen: Profile, index: int, kind: str) -> bool:
    """Tell whether a column holds one person's attribute, not a rate or a measure that borrows its name."""
    column, title = seen.columns[index], seen.table.titles[index]
    return column.filled > 0 and not vocabulary.is_statistic(title) and column.decimals <= 0.2 * column.filled


def _is_record(seen: Profile, quasi: dict[int, str]) -> bool:
    """Tell whether a single row is one person's: a date, or a sex in letters, not the types or totals of columns."""
    return any(
        column.dates or (kind == "sex" and {value.upper() for value in column.distinct} <= SEXES)
        for column, kind in ((seen.columns[i], kind) for i, kind in quasi.items())
    )


def _is_exact_age(seen: Profile, index: int) -> bool:
    column = seen.columns[index]
    return column.integers >= 0.8 * column.filled and len(column.distinct) > 10


def _windows(seen: Profile) -> Iterator[Any]:
    for batch in seen.table.batches():
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


class _Window:
    """The rows of one batch: how far the breakdown tells them apart.

    A batch at a time bounds memory, and shows persons that come after thousands of rows of results.
    """

    def __init__(self, rows: Any, seen: Profile, quasi: dict[int, str]) -> None:
        self.rows = rows.num_rows
        names = [f"c{i}" for i in sorted(quasi)]
        self.density, self.unique = _spread(rows, names) if names else (1.0, 0.0)
        self.measured = any(c.decimals for i, c in enumerate(seen.columns) if i not in quasi)
        breakdown = [
            f"c{i}"
            for i, c in enumerate(seen.columns)
            if i in quasi or (c.filled and c.decimals == 0 and (c.numbers == 0 or len(c.distinct) <= FEW_VALUES))
        ]
        self.codes = sum(c.filled > 0 and 2 <= len(c.distinct) <= FEW_VALUES for c in seen.columns)
        needed = 3 if seen.table.titled else 2
        self.described = bool(quasi) or (self.codes >= needed and len(seen.columns) >= 4)
        groups = rows.group_by(breakdown).aggregate([([], "count_all")])["count_all"] if breakdown else None
        self.groups = len(groups) if groups is not None else self.rows
        self.smallest = min(groups.to_pylist()) if groups is not None and len(groups) else self.rows

    @property
    def nearly_unique(self) -> bool:
        """Whether attributes of a person tell most rows apart, and do not form a complete breakdown."""
        # In a breakdown every combination stands once, or all of them stand once for each year or measure.
        broken_down = self.density >= (DENSITY if self.unique >= ONCE else COMPLETE)
        return (self.rows >= 2 and self.unique >= 0.5 and not broken_down) or (self.rows == 1 and not self.measured)

    @property
    def repeats(self) -> bool:
        """Whether the breakdown leaves rows that it does not tell apart."""
        return self.described and self.rows >= MIN_ROWS and self.groups < 0.9 * self.rows


def _spread(rows: Any, names: list[str]) -> tuple[float, float]:
    """Return the share of possible combinations that occur, and distinct combinations per row."""
    combinations = rows.group_by(names).aggregate([]).num_rows
    possible = prod(len(rows[name].unique()) for name in names)
    return combinations / possible, combinations / rows.num_rows


def _place(seen: Profile, index: int) -> Place:
    title = seen.table.titles[index].strip()
    return replace(seen.table.place, column=masked(title) if title else str(index + 1))
