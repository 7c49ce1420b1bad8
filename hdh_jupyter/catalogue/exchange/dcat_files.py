"""Records as files in DCAT-AP 3 and HealthDCAT-AP, and back.

What commands call::

    read(content, syntax, path) -> Records(datasets, problems)     a file of ours, or of any other catalogue
    write(records, publication, syntax) -> bytes                   whole records: read() gives them back
    describe(records, publication, syntax) -> bytes                what anybody may know, in the standards' terms alone
    csvw_document.write(dataset, publication) -> bytes             tables, variables and code lists, as CSV on the Web
    shapes_files.read_shapes(paths) -> Shapes                      files of shapes; own_shapes() where none are given
    validation.validate(rdf_files.parse(content, syntax, path), shapes) -> tuple[Violation, ...]
    await push.push(dataset, publication, target) -> Pushed        to a national catalogue
    await push.withdraw(pushed_id, target) -> None

All raise :class:`hdh_jupyter.errors.PublicError`. Reading, writing and validating take as long as the file is large:
never call them in an event loop.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Dataset
from .publication import Publication
from .rdf import description_of, graph_of, read_graph
from .rdf_files import Syntax, parse, written
from .records import Records


def read(content: bytes, syntax: Syntax, path: str) -> Records:
    """Return the records of a file, and what was faulty in it.

    A record of ours comes back exactly as it was. Where somebody changed its description in the standards' terms, the
    changed fields have the new value, and a problem names them.

    Parameters
    ----------
    path
        Name of the file, for errors and problems.

    Raises
    ------
    PublicError
        As :func:`.rdf_files.parse`.
    """
    return read_graph(parse(content, syntax, path), path)


def write(records: Iterable[Dataset], publication: Publication, syntax: Syntax) -> bytes:
    """Return records whole, restricted variables and the state of their conventions too: not for just anybody."""
    return written(graph_of(records, publication), syntax)


def describe(records: Iterable[Dataset], publication: Publication, syntax: Syntax) -> bytes:
    """Return what anybody may know of records, in the terms of the standards alone."""
    return written(description_of(records, publication), syntax)
