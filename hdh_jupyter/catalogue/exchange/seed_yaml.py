"""YAML kept by hand: the format of the facts file that comes with the package, in and out.

A file has `databases`, and beside them the `procedures` and `sources` that they name. A fact is its value alone where
it has the certainty and the sources of its record, else `{v: value, c: A, s: [S1], note: ...}`. What the facts file
has no short form for is written under the model's names. `read(written(x))` equals `x`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from hdh_jupyter.errors import PublicError

from ..model import Dataset, Procedure
from .hostile import MAX_DEPTH, text_of
from .problems import Problem
from .records import Records
from .seed_entries import EntryReader, Missing, procedure
from .seed_writing import written_entries

# The parser in C is ten times faster, where the library came with it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
# Writes what is the same twice each time: the reader takes no aliases.
DUMPER: Any = type("Dumper", (_SAFE_DUMPER,), {"ignore_aliases": lambda self, data: True})

WIDTH = 120


def read(content: bytes, path: str) -> Records:
    """Return the records of a file; a faulty part is a problem and is left out.

    Raises
    ------
    PublicError
        `catalogue.exchange.not_yaml`, `too_deep`, `yaml_alias` or `not_records` below `catalogue.exchange.file`.
    """
    document = _document(text_of(content), path)
    if not is_seed(document):
        raise PublicError("catalogue.exchange.file.not_records", path=path)
    problems: list[Problem] = []
    procedures = dict(_procedures(document.get("procedures"), path, problems))
    sources = document.get("sources")
    found: dict[str, Dataset] = {}
    for number, entry in enumerate(document["databases"], 1):
        try:
            reader = EntryReader(entry, procedures, sources if isinstance(sources, Mapping) else {}, path, problems)
            dataset = reader.dataset()
        except Missing as missing:
            told = {"number": number, "name": missing.field}
            problems.append(Problem("entry.missing", path, told))
            continue
        if dataset.id in found:
            problems.append(Problem("entry.repeated", f"{path} {dataset.id}"))
        found.setdefault(dataset.id, dataset)
    return Records(tuple(found.values()), tuple(problems))


def written(datasets: Iterable[Dataset]) -> str:
    """Return records as a file."""
    text: str = yaml.dump(
        {"version": 1, **written_entries(datasets)}, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=WIDTH
    )
    return text


def is_seed(document: Any) -> bool:
    """Tell whether a document is a list of records in this format."""
    return isinstance(document, Mapping) and isinstance(document.get("databases"), list)


def _procedures(entries: Any, path: str, problems: list[Problem]) -> Iterator[tuple[str, Procedure]]:
    for name, entry in entries.items() if isinstance(entries, Mapping) else ():
        try:
            yield str(name), procedure(str(name), entry)
        except (KeyError, TypeError, ValueError) as error:
            told = {"reason": f"{type(error).__name__}: {error}"[:200]}
            problems.append(Problem("entry.bad", f"{path} procedures {name}", told))


def _document(text: str, path: str) -> Any:
    try:
        _refuse_hostile(text, path)
        return yaml.load(text, Loader=LOADER)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())[:200]
        raise PublicError("catalogue.exchange.file.not_yaml", path=path, reason=reason) from error
    except (ValueError, RecursionError) as error:
        # 2021-13-45 has the form of a date.
        raise PublicError("catalogue.exchange.file.not_yaml", path=path, reason=str(error)[:200]) from error


def _refuse_hostile(text: str, path: str) -> None:
    """Refuse aliases, by which a few lines stand for millions of values, and nesting, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise PublicError("catalogue.exchange.file.yaml_alias", path=path)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise PublicError("catalogue.exchange.too_deep", path=path, most=MAX_DEPTH)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
