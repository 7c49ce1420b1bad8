"""Records turned into what is searched: one entry for each dataset and for each variable of a dataset.

An entry has three lists of words. `title` and `body` have every word folded and its stem; `code` has the parts of
codes, which are never stemmed: the stem of "décès" is a fragment of many of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..model import Dataset
from ..variables import Table, Variable
from ..words import STOP_WORDS, fold, stem, words
from .interface import Audience, Hit, HitKind

MOST_LABELS = 50
"""A code list with more codes is known by its name alone."""


@dataclass(frozen=True)
class Entry:
    """What is searched, and the hit that it gives.

    Attributes
    ----------
    exact, named
        Queries, folded and without punctuation, that are the code itself, or a label from end to end.
    vocabulary
        Its folded words without their stems.
    """

    hit: Hit
    title: tuple[str, ...]
    body: tuple[str, ...]
    code: tuple[str, ...]
    exact: tuple[str, ...]
    named: tuple[str, ...]
    vocabulary: frozenset[str]


def ordered(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return records in the order in which equal hits stand."""
    return sorted(datasets, key=lambda d: (fold(d.name), d.id))


def entries(datasets: list[Dataset]) -> Iterator[Entry]:
    """Return the entries of records that stand in order, in the order in which equal hits stand."""
    yield from map(_dataset, datasets)
    for dataset in datasets:
        groups = sorted(_grouped(dataset).items(), key=lambda group: (fold(group[0][0]), group[0]))
        for _, variables in groups:
            yield _variable(dataset, variables)


def key(query: str) -> str:
    """Return a query in the form of :attr:`Entry.exact`."""
    return " ".join(words(query))


def keys(hit: Hit) -> tuple[str, ...]:
    """Return the queries, in the form of :func:`key`, that are the code of a hit."""
    return _keys((hit.name, hit.dataset) if hit.kind is HitKind.DATASET else (hit.name,))


def visible(dataset: Dataset, audience: Audience) -> Dataset:
    """Return the record without what the audience may not see; keys that name a hidden variable go too."""
    if dataset.id in audience.granted:
        return dataset
    hidden = {(table.name, v.name) for table in dataset.tables for v in table.variables if v.restricted}
    if not hidden:
        return dataset
    return replace(dataset, tables=tuple(_visible(table, hidden) for table in dataset.tables))


def has_restricted(dataset: Dataset) -> bool:
    """Tell whether some variables of the record are for projects with a grant alone."""
    return any(variable.restricted for variable in dataset.variables)


def _visible(table: Table, hidden: set[tuple[str, str]]) -> Table:
    def seen(name: str, names: Iterable[str]) -> bool:
        return not any((name, variable) in hidden for variable in names)

    return replace(
        table,
        variables=tuple(v for v in table.variables if not v.restricted),
        primary_key=table.primary_key if seen(table.name, table.primary_key) else (),
        foreign_keys=tuple(
            k for k in table.foreign_keys if seen(table.name, k.variables) and seen(k.table or table.name, k.targets)
        ),
    )


def _grouped(dataset: Dataset) -> dict[tuple[str, bool], list[tuple[Table, Variable]]]:
    """Return the variables of a record by code; a restricted one never shares an entry with one that is not."""
    groups: dict[tuple[str, bool], list[tuple[Table, Variable]]] = {}
    for table in dataset.tables:
        for variable in table.variables:
            groups.setdefault((variable.name, variable.restricted), []).append((table, variable))
    return groups


def _dataset(dataset: Dataset) -> Entry:
    label = dataset.long_name.value if dataset.long_name else None
    hit = Hit(
        HitKind.DATASET,
        dataset.id,
        dataset.name,
        dataset.name,
        label,
        first_year=dataset.first_year,
        last_year=dataset.last_year,
    )
    return _entry(hit, (dataset.name, *([label] if label else [])), _dataset_texts(dataset), (dataset.id,))


def _variable(dataset: Dataset, group: list[tuple[Table, Variable]]) -> Entry:
    variables = [variable for _, variable in group]
    first = variables[0]
    labels = tuple(dict.fromkeys(v.label for v in variables if v.label))
    hit = Hit(
        HitKind.VARIABLE,
        dataset.id,
        dataset.name,
        first.name,
        labels[0] if labels else None,
        tuple(dict.fromkeys(table.name for table, _ in group)),
        first.type,
        _least([v.first_year for v in variables]),
        _greatest([v.last_year for v in variables]),
        first.restricted,
    )
    texts = dict.fromkeys(text for variable in variables for text in _variable_texts(variable))
    return _entry(hit, labels, texts, (first.name,))


def _entry(hit: Hit, titles: tuple[str, ...], bodies: Iterable[str], codes: tuple[str, ...]) -> Entry:
    title = [word for text in titles for word in _words(text)]
    body = [word for text in bodies for word in _words(text)]
    code = [word for text in codes for word in words(text)]
    return Entry(
        hit, _stemmed(title), _stemmed(body), tuple(code), keys(hit), _keys(titles), frozenset((*title, *body, *code))
    )


def _keys(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(key, texts))))


def _words(text: str) -> list[str]:
    return [word for word in words(text) if word not in STOP_WORDS]


def _stemmed(found: list[str]) -> tuple[str, ...]:
    """Return the words, each followed by its stem where that is another word."""
    return tuple(part for word in found for part in ((word,) if stem(word) == word else (word, stem(word))))


def _dataset_texts(dataset: Dataset) -> Iterator[str]:
    facts = (dataset.steward, dataset.kind, dataset.summary, dataset.objective, dataset.population, dataset.geography)
    yield from (fact.value for fact in (*facts, dataset.granularity, dataset.frequency) if fact is not None)
    yield from (*dataset.themes, *dataset.coding, *dataset.variable_groups)
    yield from (remark.fact.value for remark in dataset.remarks)
    for table in dataset.tables:
        yield from (text for text in (table.name, table.title, table.description, table.product) if text)


def _variable_texts(variable: Variable) -> Iterator[str]:
    texts = (variable.description, variable.nomenclature, variable.rule, variable.observation)
    yield from (text for text in texts if text)
    for codes in variable.code_lists:
        if len(codes.codes) <= MOST_LABELS:
            yield from (label for _, label in codes.codes)


def _least(years: list[int | None]) -> int | None:
    known = [year for year in years if year is not None]
    return min(known) if len(known) == len(years) else None


def _greatest(years: list[int | None]) -> int | None:
    known = [year for year in years if year is not None]
    return max(known) if len(known) == len(years) else None
