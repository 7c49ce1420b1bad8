"""Turtle and JSON-LD, in and out. Reading fetches nothing, and refuses what would have to be fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from rdflib import OWL, Graph, URIRef
from rdflib.plugins.parsers.jsonld import to_rdf

from hdh_jupyter.errors import PublicError

from .bounds import bounded_graph
from .hostile import MAX_BYTES, MAX_DEPTH, json_of, text_of
from .vocabulary import PREFIXES

BASE = "urn:hdh-jupyter:import:"
"""What relative references of a file are resolved against: never its place on the disk."""

MAX_LINES = 2_000
"""Lines of one text in Turtle; rdflib's time grows with their square."""

MAX_CONTEXT_WORK = 20_000_000
"""Terms of the contexts times the nodes of a JSON-LD document that changes its context on the way."""

_TURTLE_TOKEN = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'(?:[^'\\\n]++|\\.)*+'"
    r"|<[^>]*+>"
    r"|#[^\n]*+"
    r"|\\.",
    re.DOTALL,
)
"""What may hold quotes and the sign of a comment without meaning them, in Turtle as rdflib reads it."""


class Syntax(StrEnum):
    """How a graph is written."""

    TURTLE = "turtle"
    JSON_LD = "jsonld"


def parse(content: bytes, syntax: Syntax, path: str) -> Graph:
    """Return the graph that a file holds.

    Parameters
    ----------
    path
        Name of the file, for errors.

    Raises
    ------
    PublicError
        `catalogue.exchange.` with `not_rdf`, `not_json`, `too_large`, `too_deep`, `too_long`, `too_many_statements`,
        `too_many_prefixes`, `too_tangled`, `remote_context`, `imports_elsewhere`, `credentials`.
    """
    graph = parse_shapes(content, syntax, path)
    if (None, OWL.imports, None) in graph:
        raise PublicError("catalogue.exchange.imports_elsewhere", path=path)
    return graph


def parse_shapes(content: bytes, syntax: Syntax, path: str) -> Graph:
    """Return the graph of a file of shapes, which may name others to import: they are left where they are.

    Raises
    ------
    PublicError
        As :func:`parse`, but for `imports_elsewhere`.
    """
    if len(content) > MAX_BYTES:
        raise PublicError("catalogue.exchange.too_large", 413, path=path, most=MAX_BYTES // 2**20)
    graph = bounded_graph(path)
    try:
        if syntax is Syntax.TURTLE:
            text = text_of(content)
            _refuse_long_texts(text, path)
            graph.parse(data=text, format="turtle", publicID=BASE)
        else:
            document = json_of(content, path)
            _refuse_contexts(document, path)
            # What was looked at itself, not another reading of the same bytes.
            to_rdf(document, graph, BASE)
    except PublicError:
        raise
    except RecursionError as error:
        raise PublicError("catalogue.exchange.too_deep", path=path, most=MAX_DEPTH) from error
    except Exception as error:
        # The parsers raise whatever their code meets: KeyError, AssertionError, ... A file is what went wrong.
        reason = " ".join(str(error).split())[:200]
        raise PublicError("catalogue.exchange.not_rdf", path=path, reason=reason) from error
    _refuse_credentials(graph, path)
    return graph


def written(graph: Graph, syntax: Syntax) -> bytes:
    """Return the graph as a file; JSON-LD carries its context with it."""
    if syntax is Syntax.TURTLE:
        return graph.serialize(format="turtle", encoding="utf-8")
    context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
    # A context of its own, with every prefix: whether rdflib adds those of the graph besides must not matter.
    return graph.serialize(format="json-ld", context=context, indent=1, encoding="utf-8") + b"\n"


def _refuse_long_texts(text: str, path: str) -> None:
    for token in _TURTLE_TOKEN.finditer(text):
        if token[0][:3] in ('"""', "'''") and len(token[0].splitlines()) > MAX_LINES:
            raise PublicError("catalogue.exchange.too_long", 413, path=path)


def _refuse_contexts(document: Any, path: str) -> None:
    """Refuse contexts that are elsewhere, and those that cost more than what they explain."""
    nodes = terms = contexts = 0
    for node in _objects(document):
        nodes += 1
        if "@import" in node:
            raise PublicError("catalogue.exchange.remote_context", path=path)
        if "@context" in node:
            contexts += 1
            for context in _flat(node["@context"]):
                if isinstance(context, str):
                    raise PublicError("catalogue.exchange.remote_context", path=path)
                terms += len(context) if isinstance(context, dict) else 1
    if contexts > 1 and nodes * terms > MAX_CONTEXT_WORK:
        raise PublicError("catalogue.exchange.too_tangled", 413, path=path)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a document, however deep."""
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending += node.values()
        elif isinstance(node, list):
            pending += node


def _flat(value: Any) -> list[Any]:
    """Return the contexts of a list of lists of contexts."""
    found, pending = [], [value]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        else:
            found.append(each)
    return found


def _refuse_credentials(graph: Graph, path: str) -> None:
    for triple in graph:
        for term in triple:
            if isinstance(term, URIRef) and _has_credentials(str(term)):
                raise PublicError("catalogue.exchange.credentials", path=path)


def _has_credentials(iri: str) -> bool:
    if "@" not in iri or "//" not in iri:
        return False
    try:
        return "@" in urlsplit(iri).netloc
    except ValueError:
        return True
