"""Whether descriptions conform to shapes, and what they lack, in words.

`validate(rdf_files.parse(content, syntax, path), own_shapes())` is all it takes. One record takes some 15 ms, so ten
thousand take minutes: never in an event loop, never in a page.
"""

from __future__ import annotations

import pyshacl
from pyshacl.errors import ReportableRuntimeError, ShapeLoadError, ValidationFailure
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef
from rdflib.term import Node

from hdh_jupyter.errors import PublicError

from .shapes_files import Shapes
from .violations import Violation, read_report
from .vocabulary import ACCESS_RIGHT, HDH


def validate(graph: Graph, shapes: Shapes) -> tuple[Violation, ...]:
    """Return what a description lacks, record by record; nothing when it conforms.

    Parameters
    ----------
    graph
        As :func:`.rdf_files.parse` or :func:`.rdf.description_of` returns it; no other thread may use it meanwhile.

    Raises
    ------
    PublicError
        `catalogue.exchange.bad_shapes`.
    """
    levels = _levels(graph)
    for triple in levels:
        graph.add(triple)
    try:
        _, report, text = pyshacl.validate(
            graph,
            shacl_graph=shapes.graph,
            inference="none",
            advanced=False,
            js=False,
            allow_warnings=True,
            do_owl_imports=False,
            meta_shacl=False,
        )
    except (ShapeLoadError, ReportableRuntimeError, RecursionError) as error:
        raise PublicError("catalogue.exchange.bad_shapes", reason=" ".join(str(error).split())[:200]) from error
    finally:
        for triple in levels:
            graph.remove(triple)
    if isinstance(report, ValidationFailure | bytes | str) or not isinstance(report, Graph):
        raise PublicError("catalogue.exchange.bad_shapes", reason=" ".join(text.split())[:200])
    return read_report(report, graph, shapes.graph)


def _levels(graph: Graph) -> list[tuple[Node, URIRef, URIRef]]:
    """Return which datasets are not public: the own shapes have a list of their own for them."""
    open_ones = {ACCESS_RIGHT.PUBLIC, ACCESS_RIGHT.RESTRICTED}
    return [
        (dataset, RDF.type, HDH.NonPublicDataset)
        for dataset in graph.subjects(RDF.type, DCAT.Dataset, unique=True)
        if not open_ones & set(graph.objects(dataset, DCTERMS.accessRights))
    ]
