"""The forms in which records come and go: which there are, which one a file is, and one way into and out of each.

A format is said, or recognised by a file's suffix, or else by how its content begins. Table Schema, data packages and
dictionaries in CSV describe tables without saying of which dataset: whoever reads them says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hdh_jupyter.errors import PublicError

from .. import dictionary_csv
from ..editing import MILESTONES, REMARKS
from ..model import Dataset
from ..search import PUBLIC
from ..search.entries import visible
from ..variables import Table
from . import csvw_document, dcat_files, ddi, seed_yaml, table_schema
from .hostile import json_of, read_bytes, text_of
from .kinds import READ, WRITTEN, Format
from .problems import Problem
from .publication import Publication
from .rdf_files import Syntax

SUFFIXES: Mapping[str, Format] = {
    ".ttl": Format.TURTLE,
    ".turtle": Format.TURTLE,
    ".jsonld": Format.JSON_LD,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".xml": Format.DDI,
    ".csv": Format.CSV,
}
"""`.json` is none of them: what it is, its content says."""

BEGINNINGS: Mapping[Format, re.Pattern[str]] = {
    Format.DDI: re.compile(r"\s*<\?xml|\s*<(?:\w+:)?codeBook"),
    Format.TURTLE: re.compile(r"\s*(?:#[^\n]*\n\s*)*@?(?:prefix|base)\s", re.IGNORECASE),
    Format.YAML: re.compile(r"(?:[^{<]*\n)?(?:databases|procedures):"),
}

CSVW_CONTEXT = "http://www.w3.org/ns/csvw"

MAX_FILES = table_schema.MAX_FILES

BEGINNING = 4096
"""Characters by which a format is recognised."""


@dataclass(frozen=True)
class Found:
    """What a file or a folder holds: records, tables of no dataset in particular, and what was faulty."""

    datasets: tuple[Dataset, ...] = ()
    tables: tuple[Table, ...] = ()
    problems: tuple[Problem, ...] = ()


_RECORDS: Mapping[Format, Callable[[bytes, str], Any]] = {
    Format.TURTLE: lambda content, path: dcat_files.read(content, Syntax.TURTLE, path),
    Format.JSON_LD: lambda content, path: dcat_files.read(content, Syntax.JSON_LD, path),
    Format.YAML: seed_yaml.read,
    Format.DDI: ddi.read,
}


def read(path: Path, form: Format | None = None, tell: Callable[[str], None] = lambda name: None) -> Found:
    """Return what a file or a folder with all its files holds.

    Parameters
    ----------
    form
        The format; of a folder, the one to keep to. None to recognise it.
    tell
        Told the name of each file before it is read.

    Raises
    ------
    PublicError
        `catalogue.exchange.file.unknown_format`, `catalogue.exchange.file.not_read`,
        `catalogue.exchange.too_many_files`, and what the formats raise. In a folder, a file that cannot be read is a
        problem, and one of an unknown kind is passed over.
    """
    if form is not None and form not in READ:
        raise PublicError("catalogue.exchange.file.not_read", format=form.value)
    if path.is_dir():
        return _folder(path, form, tell)
    tell(path.name)
    content = read_bytes(path)
    known = form or recognised(content, path.name)
    if known is None or known not in READ:
        raise PublicError("catalogue.exchange.file.unknown_format", path=str(path), formats=_listed(READ))
    if known is Format.TABLE_SCHEMA:
        found = table_schema.read_file(path)
        return Found(tables=found.tables, problems=found.problems)
    if known is Format.CSV:
        return Found(tables=dictionary_csv.read(content, path.stem))
    return _records(content, known, path.name)


def recognised(content: bytes, name: str) -> Format | None:
    """Return the format of a file, None for one that is not known here.

    Parameters
    ----------
    name
        Its name, whose suffix counts first.
    """
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    beginning = text_of(content[:BEGINNING])
    if beginning.lstrip()[:1] in ("{", "["):
        return _kind_of_json(content, name)
    return next((form for form, pattern in BEGINNINGS.items() if pattern.match(beginning)), None)


def write(datasets: Sequence[Dataset], form: Format, publication: Publication) -> bytes:
    """Return records whole, with their restricted variables and the state of their conventions.

    In CSVW, which describes tables alone, it is what anybody may know.

    Raises
    ------
    PublicError
        `catalogue.exchange.file.not_written`, `catalogue.exchange.file.one_at_a_time`.
    """
    if form is Format.CSVW:
        if len(datasets) != 1:
            raise PublicError("catalogue.exchange.file.one_at_a_time", format=form.value)
        return csvw_document.write(datasets[0], publication)
    if form is Format.YAML:
        return seed_yaml.written(datasets).encode()
    if form not in WRITTEN:
        raise PublicError("catalogue.exchange.file.not_written", format=form.value, formats=_listed(WRITTEN))
    return dcat_files.write(datasets, publication, Syntax(form.value))


def describe(datasets: Sequence[Dataset], form: Format, publication: Publication) -> bytes:
    """Return what anybody may know of records; RDF in the terms of the standards alone. Raises as :func:`write`."""
    if form in (Format.TURTLE, Format.JSON_LD):
        return dcat_files.describe(datasets, publication, Syntax(form.value))
    return write([visible(dataset, PUBLIC) for dataset in datasets], form, publication)


def _folder(folder: Path, form: Format | None, tell: Callable[[str], None]) -> Found:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if len(paths) > MAX_FILES:
        raise PublicError("catalogue.exchange.too_many_files", path=str(folder), most=MAX_FILES)
    problems: list[Problem] = []
    datasets: dict[str, Dataset] = {}
    schemas: list[Path] = []
    tables: list[Table] = []
    for path in paths:
        shown = str(path.relative_to(folder))
        tell(shown)
        try:
            known = form or _of_suffix(path)
            if known is Format.TABLE_SCHEMA:
                schemas.append(path)
            elif known is Format.CSV:
                tables += dictionary_csv.read(read_bytes(path), path.stem)
            elif known is not None:
                found = _records(read_bytes(path), known, shown)
                problems += found.problems
                problems += [Problem("entry.repeated", f"{shown} {d.id}") for d in found.datasets if d.id in datasets]
                datasets = {**{d.id: d for d in found.datasets}, **datasets}
        except PublicError as error:
            problems.append(Problem("file", shown, {"reason": error}))
    described = table_schema.read_files(folder, schemas)
    return Found(
        tuple(datasets[name] for name in sorted(datasets)),
        (*described.tables, *tables),
        (*problems, *described.problems),
    )


def _of_suffix(path: Path) -> Format | None:
    """Return the format of a file of a folder, where a file with another suffix is none of ours."""
    if path.suffix.lower() == ".json":
        known = _kind_of_json(read_bytes(path), path.name)
        return known if known in READ else None
    return SUFFIXES.get(path.suffix.lower())


def _kind_of_json(content: bytes, name: str) -> Format | None:
    document = json_of(content, name)
    if table_schema.is_table_schema(document):
        return Format.TABLE_SCHEMA
    parts = document if isinstance(document, list) else [document]
    context = parts[0].get("@context") if parts and isinstance(parts[0], Mapping) else None
    if CSVW_CONTEXT in (context if isinstance(context, list) else [context]):
        return Format.CSVW
    linked = ("@context", "@graph", "@id", "@type")
    return Format.JSON_LD if any(isinstance(p, Mapping) and any(key in p for key in linked) for p in parts) else None


def _records(content: bytes, form: Format, shown: str) -> Found:
    found = _RECORDS[form](content, shown)
    problems = list(found.problems)
    return Found(tuple(_with_known_kinds(d, shown, problems) for d in found.datasets), (), tuple(problems))


def _with_known_kinds(dataset: Dataset, shown: str, problems: list[Problem]) -> Dataset:
    """Return a record without milestones and remarks of kinds that pages have no words for."""
    unknown = [
        *(milestone.kind for milestone in dataset.coverage if milestone.kind not in MILESTONES.split()),
        *(remark.kind for remark in dataset.remarks if remark.kind not in REMARKS.split()),
    ]
    if not unknown:
        return dataset
    problems += [Problem("entry.unknown_key", f"{shown} {dataset.id}", {"key": kind[:80]}) for kind in unknown]
    return replace(
        dataset,
        coverage=tuple(m for m in dataset.coverage if m.kind not in unknown),
        remarks=tuple(r for r in dataset.remarks if r.kind not in unknown),
    )


def _listed(formats: Iterable[Format]) -> str:
    return ", ".join(form.value for form in formats)
