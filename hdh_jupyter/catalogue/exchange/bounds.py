"""Bounds on what reading a graph may cost, however small the file that says it.

A prefix may be long and used often, a node may be shared by many others: what a file of a few megabytes stands for has
no bound of itself.
"""

from __future__ import annotations

import logging
import re
from decimal import Decimal
from typing import Any

from rdflib import XSD, Graph, Literal, URIRef
from rdflib.plugins.stores.memory import Memory
from rdflib.term import Node, bind

from hdh_jupyter.errors import PublicError

from .hostile import MAX_IRI

MAX_STATEMENTS = 500_000
"""Statements of a file, which take 1 GB: a description of 30,000 variables has about 460,000."""

MAX_LITERAL = 2**20
"""Characters of a text."""

MAX_PREFIXES = 1_000
"""Prefixes of a file; rdflib looks through all of them at each new one."""

MAX_LANGUAGE = 64

MAX_EFFORT = 100_000_000
"""Characters and values looked at, each value as :data:`VALUE_EFFORT`; 30,000 variables take about 26 millions."""

VALUE_EFFORT = 16

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)


def _decimal(written: str) -> Decimal:
    if not _DECIMAL.fullmatch(written):
        raise ValueError("not a decimal number")
    return Decimal(written)


# What a file says wrongly is for its reader and for validators to tell: rdflib logs each value with a traceback.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
# XML Schema knows no exponent in a decimal number; rdflib takes `1E999999999` for one, and writes all its zeros out.
bind(XSD.decimal, Decimal, constructor=_decimal)


class Budget:
    """What is left to spend on one import: whatever is read is paid for, as often as it is read.

    Raises
    ------
    PublicError
        `catalogue.exchange.too_tangled`, from :meth:`spend`.
    """

    def __init__(self, path: str, most: int = MAX_EFFORT) -> None:
        self.path = path
        self.left = most

    def spend(self, effort: int) -> None:
        self.left -= effort
        if self.left < 0:
            raise PublicError("catalogue.exchange.too_tangled", 413, path=self.path)


class BoundedStore(Memory):
    """Keeps a graph that is being read; what is beyond the bounds ends the reading at once.

    Named graphs of a file are read as one.
    """

    def __init__(self, path: str, most: int = MAX_STATEMENTS) -> None:
        super().__init__()
        self.path = path
        self.left = most
        self.prefixes = MAX_PREFIXES

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        self.left -= 1
        if self.left < 0:
            raise PublicError("catalogue.exchange.too_many_statements", 413, path=self.path)
        if not all(map(_is_bounded, triple)):
            raise PublicError("catalogue.exchange.too_long", 413, path=self.path)
        super().add(triple, context, quoted)

    def bind(self, prefix: str, namespace: URIRef, override: bool = True) -> None:
        self.prefixes -= 1
        if self.prefixes < 0 or len(prefix) + len(namespace) > MAX_IRI:
            raise PublicError("catalogue.exchange.too_many_prefixes", 413, path=self.path)
        super().bind(prefix, namespace, override)


def bounded_graph(path: str) -> Graph:
    """Return an empty graph that what is read from a file goes into."""
    return Graph(store=BoundedStore(path), bind_namespaces="none")


def _is_bounded(term: Node) -> bool:
    if isinstance(term, Literal):
        said = len(term.datatype or ""), len(term.language or "")
        return len(term) <= MAX_LITERAL and said[0] <= MAX_IRI and said[1] <= MAX_LANGUAGE
    return len(str(term)) <= MAX_IRI
