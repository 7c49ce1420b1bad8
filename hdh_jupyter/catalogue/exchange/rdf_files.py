"""Turtle and JSON-LD, in and out. Reading fetches nothing, and refuses what would have to be fetched."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from rdflib import OWL, Graph, URIRef

from hdh_jupyter.errors import PublicError

from .hostile import json_of, text_of
from .vocabulary import PREFIXES, new_graph


class Syntax(StrEnum):
    """How a graph is written."""

    TURTLE = "turtle"
    JSON_LD = "jsonld"


def parse(content: bytes, syntax: Syntax, path: str) -> Graph:
    """Return the graph that a file holds.

    Parameters
    ----------
    content
        At most :data:`.hostile.MAX_BYTES`.
    path
        Name of the file, for errors.

    Raises
    ------
    PublicError
        `catalogue.exchange.not_rdf`, `too_deep`, `remote_context`, `imports_elsewhere`, `credentials`.
    """
    graph = new_graph()
    try:
        if syntax is Syntax.TURTLE:
            graph.parse(data=text_of(content), format="turtle", publicID="urn:hdh-jupyter:import:")
        else:
            document = json_of(content, path)
            _refuse_remote_contexts(document, path)
            # Written again: the parser must see what was looked at, not another reading of the same bytes.
            graph.parse(data=json.dumps(document), format="json-ld", publicID="urn:hdh-jupyter:import:")
    except PublicError:
        raise
    except RecursionError as error:
        raise PublicError("catalogue.exchange.too_deep", path=path, most=64) from error
    except Exception as error:
        # The parsers raise whatever their code meets: KeyError, AssertionError, ... A file is what went wrong.
        reason = " ".join(str(error).split())[:200]
        raise PublicError("catalogue.exchange.not_rdf", path=path, reason=reason) from error
    _refuse_hostile_nodes(graph, path)
    return graph


def written(graph: Graph, syntax: Syntax) -> str:
    """Return the graph as text; JSON-LD carries its context with it."""
    if syntax is Syntax.TURTLE:
        return graph.serialize(format="turtle")
    context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
    return graph.serialize(format="json-ld", context=context, indent=1) + "\n"


def _refuse_remote_contexts(document: Any, path: str) -> None:
    pending = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if key == "@import" or (key == "@context" and any(isinstance(c, str) for c in _flat(value))):
                    raise PublicError("catalogue.exchange.remote_context", path=path)
                pending.append(value)


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


def _refuse_hostile_nodes(graph: Graph, path: str) -> None:
    if (None, OWL.imports, None) in graph:
        raise PublicError("catalogue.exchange.imports_elsewhere", path=path)
    for triple in graph:
        for term in triple:
            if isinstance(term, URIRef) and _has_credentials(str(term)):
                raise PublicError("catalogue.exchange.credentials", path=path)


def _has_credentials(iri: str) -> bool:
    if "@" not in iri or "//" not in iri:
        return False
    try:
        parts = urlsplit(iri)
    except ValueError:
        return True
    return "@" in parts.netloc
