"""The tables of counts of finished files, in a form that is kept and compared.

A table in long form (a column per dimension) and the same in wide form (categories as titles) give the same cells. What
a column's title, a file's name or its owner's statement say of who is counted becomes a dimension of one category.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..documents import Document
from ..policy import Policy
from ..rules.columns import Profile, profiles
from ..rules.counts import count_columns
from ..rules.meaning import Meaning, meanings
from ..rules.vocabulary import COUNTED, COUNTERS, is_category
from ..tables.hierarchy import is_total
from ..tables.margins import known
from . import categories
from .model import Release, ReleasedCell, ReleasedTable
from .stored import CELLS, LABEL, TABLES

LABELS = frozenset({Meaning.CODE, Meaning.YEAR, Meaning.DATE, Meaning.CATEGORY, Meaning.TEXT, Meaning.UNKNOWN})
"""What a column may be that tells rows apart."""
DIMENSIONS = 6


def extract(documents: Mapping[str, Document], name: str, policy: Policy) -> Release:
    """Return every table of counts of documents, by their file's name.

    A table of more cells than the policy's `audit_cells` is there without its cells.
    """
    found = [table for file, document in documents.items() for table in tables_of(document, file, policy)]
    kept: list[ReleasedTable] = []
    left = CELLS
    for table in found[:TABLES]:
        fits = len(table.cells) <= left
        kept.append(table if fits else ReleasedTable(table.file, table.population, table.dimensions, ()))
        left -= len(table.cells) if fits else 0
    return Release(name, tuple(kept))


def tables_of(document: Document, file: str, policy: Policy) -> Iterator[ReleasedTable]:
    """Yield the tables of counts of one document."""
    statement = categories.stated(document.statement)
    said = categories.filters(statement)
    population = {**categories.filters(PurePosixPath(file).stem), **said}
    if categories.TIME not in said:
        # A year in a file's name may be when it was made.
        population.pop(categories.TIME, None)
    for seen in profiles(document, policy.min_count):
        yield from _tables(seen, file, population, int(policy.thresholds["audit_cells"].value))


@dataclass(frozen=True)
class _Counted:
    """A column of counts.

    Attributes
    ----------
    position
        The column's.
    codes
        What its title says of who is counted: dimension -> code.
    """

    position: int
    measure: str
    codes: Mapping[str, str]


def _tables(seen: Profile, file: str, population: Mapping[str, str], largest: int) -> Iterator[ReleasedTable]:
    titles = seen.table.titles
    counts = sorted(count_columns(seen))
    what = meanings(seen)
    labels = [i for i in range(len(titles)) if i not in set(counts) and what[i] in LABELS and seen.columns[i].filled]
    if not counts or not labels or len(labels) > DIMENSIONS or seen.rows < 1:
        return
    if seen.rows * len(counts) > largest:
        names = {" ".join(sorted(titles[i].lower().split()))[:LABEL]: () for i in labels}
        yield ReleasedTable(file, "", names, ())
        return
    rows = _rows(seen, [*labels, *counts])
    axes: list[tuple[str, Mapping[str, str | None]]] = []
    for position, index in enumerate(labels):
        name, codes = categories.axis(dict.fromkeys(row[position] for row in rows), titles[index])
        axes.append((_distinct(name, [taken for taken, _ in axes], titles[index]), codes))
    for said, columns in _measures(titles, counts):
        table = _table(rows, axes, columns, len(labels), population, counts)
        if table is not None:
            dimensions, cells = table
            yield ReleasedTable(file, said, dimensions, cells)


def _rows(seen: Profile, columns: Sequence[int]) -> list[tuple[str, ...]]:
    batches = (zip(*(batch.column(i).to_pylist() for i in columns), strict=True) for batch in seen.table.batches())
    return [tuple(cell or "" for cell in row) for row in itertools.chain.from_iterable(batches)]


def _distinct(name: str, taken: Sequence[str], title: str) -> str:
    return name if name not in taken else f"{name} {title.strip().lower()}"[:LABEL]


def _measures(titles: Sequence[str], counts: Sequence[int]) -> list[tuple[str, list[_Counted]]]:
    """Return what is counted, with the columns that count it, each with what its title says of whom."""
    told: list[_Counted] = []
    free: list[int] = []
    for index in counts:
        title = titles[index]
        codes = categories.filters(title)
        if (got := categories.category(title)) is not None and got[0]:
            codes = {got[0]: got[1]}
            said = ""
        elif is_total(title):
            codes, said = {}, ""
        else:
            said = categories.measure(title, codes, COUNTERS)
            if said and not codes and not set(said.split()) <= COUNTED | {"total"}:
                free.append(index)
        told.append(_Counted(index, said, codes))
    if len(free) > 1 or any(is_category(titles[i]) for i in free):
        # Categories that are titles: diagnoses, wards.
        name, found = categories.axis([titles[i] for i in free], "")
        told = [
            _Counted(c.position, "", {name: found[titles[c.position]] or ""}) if c.position in free else c for c in told
        ]
    named = {c.measure for c in told if c.measure}
    if len(named) == 1:
        (only,) = named
        return [(only, told)]
    return [(said, [c for c in told if c.measure == said]) for said in dict.fromkeys(c.measure for c in told)]


def _table(
    rows: Sequence[tuple[str, ...]],
    axes: Sequence[tuple[str, Mapping[str, str | None]]],
    columns: Sequence[_Counted],
    width: int,
    population: Mapping[str, str],
    counts: Sequence[int],
) -> tuple[dict[str, tuple[str, ...]], tuple[ReleasedCell, ...]] | None:
    """Return the dimensions and cells, or None where rows are not told apart or a cell is no count."""
    place = {index: width + i for i, index in enumerate(counts)}
    dimensions: dict[str, dict[str, None]] = {name: {} for name, _ in axes}
    for counted in columns:
        for name in counted.codes:
            dimensions.setdefault(name, {})
    population = {name: code for name, code in population.items() if name not in dimensions}
    cells: dict[frozenset[tuple[str, str]], ReleasedCell] = {}
    for row in rows:
        codes = dict(population)
        for (name, of), label in zip(axes, row, strict=False):
            if (code := of[label]) is not None:
                codes[name] = code[:LABEL]
        for counted in columns:
            bounds = known(row[place[counted.position]])
            if bounds is None:
                continue
            whole = {**codes, **counted.codes}
            key = frozenset(whole.items())
            if key in cells:
                return None
            for name, code in whole.items():
                dimensions.setdefault(name, {})[code] = None
            cells[key] = ReleasedCell(whole, bounds[0], None if bounds[1] == float("inf") else bounds[1])
    if not cells:
        return None
    return {name: tuple(codes) for name, codes in dimensions.items() if codes}, tuple(cells.values())
