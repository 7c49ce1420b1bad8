"""Shapes to validate descriptions with: the project's own, or files in SHACL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from rdflib import OWL, RDF, SH, Graph, URIRef
from rdflib.term import Node

from hdh_jupyter.errors import PublicError

from .hostile import read_bytes
from .problems import Problem
from .rdf_files import Syntax, parse_shapes
from .vocabulary import new_graph

CODE = frozenset(
    URIRef(f"{SH}{name}")
    for name in (
        *("sparql", "select", "ask", "construct", "update", "target", "rule", "expression", "values"),
        *("js", "jsFunctionName", "jsLibrary", "jsLibraryURL"),
    )
)
"""What makes shapes run queries and scripts, which could read other files and open connections."""


@dataclass(frozen=True)
class Shapes:
    """Shapes that are ready for use, and what had to be left out of their files."""

    graph: Graph
    problems: tuple[Problem, ...] = ()


@cache
def own_shapes() -> Shapes:
    """Return the project's own: DCAT-AP 3.0.1, and HealthDCAT-AP release 5 for data that are not public."""
    file = resources.files(__package__) / "shapes" / "health_data.ttl"
    return Shapes(parse_shapes(file.read_bytes(), Syntax.TURTLE, file.name))


def read_shapes(paths: Sequence[Path]) -> Shapes:
    """Return the shapes of files together, in Turtle, or in JSON-LD by the file's suffix (`.jsonld`, `.json`).

    What the files import is not fetched; a reference to a shape that no file defines is left out. Both are problems.

    Raises
    ------
    PublicError
        As :func:`.rdf_files.parse_shapes`; `catalogue.exchange.shapes_with_code`, `catalogue.exchange.no_shapes`.
    """
    graph = new_graph()
    problems: list[Problem] = []
    for path in paths:
        syntax = Syntax.JSON_LD if path.suffix.lower() in (".jsonld", ".json") else Syntax.TURTLE
        found = parse_shapes(read_bytes(path), syntax, path.name)
        if any(predicate in CODE for predicate in found.predicates(unique=True)):
            raise PublicError("catalogue.exchange.shapes_with_code", path=path.name)
        for imported in sorted(map(str, found.objects(None, OWL.imports))):
            problems.append(Problem("shapes_imported", path.name, {"iri": imported[:200]}))
        found.remove((None, OWL.imports, None))
        for triple in found:
            graph.add(triple)
    if (None, RDF.type, SH.NodeShape) not in graph and not set(graph.subjects(SH.property)):
        raise PublicError("catalogue.exchange.no_shapes", path=", ".join(path.name for path in paths))
    problems += _without_dangling(graph)
    return Shapes(graph, tuple(problems))


def _without_dangling(graph: Graph) -> list[Problem]:
    """Take out references to shapes that are not there: whoever validates with them finds a fault in the shapes."""
    problems = []
    for predicate in (SH.node, SH.property):
        for subject, shape in sorted(graph.subject_objects(predicate), key=str):
            undefined = (shape, None, None) not in graph
            if undefined or (predicate == SH.property and (shape, SH.path, None) not in graph):
                graph.remove((subject, predicate, shape))
                problems.append(Problem("shape_left_out", _name(shape)))
    return problems


def _name(shape: Node) -> str:
    return str(shape).rstrip("/#").replace("#", "/").rsplit("/", 1)[-1][:200]
