"""`hdh-jupyter catalogue export` and `validate`: records in the forms of others, and what those ask of them."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from rdflib import Graph

from ..catalogue.exchange import formats, rdf
from ..catalogue.exchange.hostile import read_bytes
from ..catalogue.exchange.kinds import Format
from ..catalogue.exchange.publication import Publication
from ..catalogue.exchange.rdf_files import Syntax, parse
from ..catalogue.exchange.shapes_files import own_shapes, read_shapes
from ..catalogue.exchange.validation import validate as violations_of
from ..catalogue.exchange.violations import Severity, Violation
from ..catalogue.model import Dataset
from ..catalogue.search.entries import has_restricted
from ..catalogue.store import CatalogueStore
from ..errors import PublicError
from ..i18n import translate
from ..state import StateFolder
from .administration import open_platform
from .base import speak, terminal_language
from .catalogue import publication
from .catalogue_output import print_problems, progress
from .output import print_json, printable


def export(state: StateFolder, asked: Namespace) -> None:
    """Write records to a file, or to standard output."""
    datasets = chosen(CatalogueStore(open_platform(state)), asked.datasets)
    form = asked.format or Format.TURTLE
    write = formats.describe if asked.public else formats.write
    content = write(datasets, form, publication(asked))
    restricted = [dataset.id for dataset in datasets if has_restricted(dataset)]
    if restricted and not asked.public and form is not Format.CSVW:
        said = translate("catalogue.command.restricted", terminal_language(), datasets=", ".join(restricted))
        print(said, file=sys.stderr)
    if asked.out is None:
        sys.stdout.write(content.decode())
        return
    put(asked.out, content)
    speak("catalogue.command.exported", count=len(datasets), path=str(asked.out))


def validate(state: StateFolder, asked: Namespace) -> None:
    """Say what descriptions lack; the status is 1 where something is missing or wrong."""
    shapes = read_shapes(asked.shapes) if asked.shapes else own_shapes()
    if not asked.json:
        print_problems(shapes.problems)
    graph = _graph(state, asked)
    found = violations_of(graph, shapes)
    if asked.json:
        print_json([document(violation) for violation in found])
    else:
        print_violations(found)
    if any(violation.severity is Severity.VIOLATION for violation in found):
        raise SystemExit(1)


def chosen(store: CatalogueStore, names: Sequence[str]) -> list[Dataset]:
    """Return the records that were named, or all; raises `catalogue.unknown_dataset` (404)."""
    return [store.get(name) for name in dict.fromkeys(names)] if names else store.all()


def description(datasets: Sequence[Dataset], asked: Publication) -> Graph:
    """Return what is validated of records: what anybody may know of them."""
    return rdf.description_of(datasets, asked)


def print_violations(found: Sequence[Violation]) -> None:
    """Print violations in words, and how many there are."""
    language = terminal_language()
    for violation in found:
        print(printable(violation.message(language)))
    if found:
        records = len({violation.record for violation in found})
        speak("catalogue.command.violations", count=len(found), records=records)
    else:
        speak("catalogue.command.conforms")


def document(violation: Violation) -> dict[str, str]:
    """Return a violation as JSON."""
    return {
        "record": violation.record,
        "property": violation.property,
        "rule": violation.rule,
        "shacl": violation.shacl,
        "value": violation.value,
        "severity": violation.severity.value,
        "message": violation.message(terminal_language()),
    }


def put(path: Path, content: bytes) -> None:
    """Write a file in one step; raises `catalogue.command.unwritable`."""
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        raise PublicError("catalogue.command.unwritable", path=str(path)) from error


def _graph(state: StateFolder, asked: Namespace) -> Graph:
    """Return the graph to validate: that of a file in RDF, else the public description of records."""
    if asked.path is None:
        return description(CatalogueStore(open_platform(state)).all(), publication(asked))
    if asked.path.is_file():
        content = read_bytes(asked.path)
        form = asked.format or formats.recognised(content, asked.path.name)
        if form in (Format.TURTLE, Format.JSON_LD):
            return parse(content, Syntax(form.value), asked.path.name)
    tell = progress()
    found = formats.read(asked.path, asked.format, tell)
    tell("")
    if not asked.json:
        print_problems(found.problems)
    if not found.datasets:
        raise PublicError("catalogue.command.nothing_to_import", path=str(asked.path))
    return description(found.datasets, publication(asked))
