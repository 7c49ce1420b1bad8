"""DDI-Codebook 2.5 (and its elder 1.2.2 and 2.1, whose elements have the same names) into records.

Most French studies are described so. A codebook is read as it comes, one file, variable and category at a time; the
statistics of variables in it are left out, since nobody checked them for disclosure.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from hdh_jupyter.errors import PublicError

from ..model import Dataset
from ..variables import Table, Variable
from .ddi_elements import all_texts, child, local, text
from .ddi_study import study_record
from .ddi_variables import variable
from .hostile import MAX_DEPTH
from .problems import Problem
from .records import Records

PARTS = frozenset({"docDscr", "stdyDscr", "fileDscr", "var", "varGrp", "nCube", "nCubeGrp", "otherMat"})
"""Elements that are looked at when they end, and then forgotten."""


def read(content: bytes, path: str) -> Records:
    """Return a record for each codebook of a file (a harvest may hold several), and what was faulty.

    Raises
    ------
    PublicError
        `catalogue.exchange.too_deep`; `not_xml`, `hostile_xml` or `not_ddi` below `catalogue.exchange.file`.
    """
    problems: list[Problem] = []
    found: dict[str, Dataset] = {}
    books = 0
    for book in _codebooks(content, path, problems):
        books += 1
        dataset = study_record(book.study, book.ids, book.tables(), book.cases, path, problems)
        if dataset is not None and dataset.id in found:
            problems.append(Problem("entry.repeated", f"{path} {dataset.id}"))
        elif dataset is not None:
            found[dataset.id] = dataset
    if not books:
        raise PublicError("catalogue.exchange.file.not_ddi", path=path)
    return Records(tuple(found.values()), tuple(problems))


class Codebook:
    """What was read of a codebook.

    Attributes
    ----------
    ids
        What the codebook is called by those who keep it, the best first.
    study
        The description of the study; empty when there is none.
    cases
        Rows of each file that says how many it has.
    """

    def __init__(self, root: Element, path: str, problems: list[Problem]) -> None:
        self.ids = [each for each in [root.get("ID")] if each]
        self.study = Element("stdyDscr")
        self.cases: list[int] = []
        self._path = path
        self._problems = problems
        self._files: dict[str, Table] = {}
        self._variables: dict[str, dict[str, Variable]] = {}
        self._count = 0

    def take(self, part: Element) -> None:
        """Read a part that has ended."""
        kind = local(part)
        if kind == "stdyDscr" and not len(self.study):
            self.study = part
            self.ids = [*all_texts(part, "citation", "titlStmt", "IDNo"), *self.ids]
        elif kind == "docDscr":
            self.ids += all_texts(part, "citation", "titlStmt", "IDNo")
        elif kind == "fileDscr":
            self._take_file(part)
        elif kind == "var":
            self._take_variable(part)

    def tables(self) -> tuple[Table, ...]:
        """Return the tables, those without variables too, in the order of the codebook."""
        only = next(iter(self._files)) if len(self._files) == 1 else ""
        for file in [file for file in self._variables if file not in self._files]:
            if file and self._files:
                self._problems.append(Problem("ddi.unknown_file", f"{self._path} {file}"))
            if not file and only:
                # Where there is but one file, variables need not name it.
                self._variables.setdefault(only, {}).update(self._variables.pop(file))
        names = dict.fromkeys((*self._files, *self._variables))
        made = [
            Table(**{**vars(self._table(file)), "variables": tuple(self._variables.get(file, {}).values())})
            for file in names
        ]
        kept = {table.name: table for table in reversed(made)}
        for table in made:
            if kept[table.name] is not table:
                self._problems.append(Problem("repeated_table", f"{self._path} {table.name}"))
        return tuple(table for table in made if kept[table.name] is table)

    def _table(self, file: str) -> Table:
        return self._files.get(file) or Table(file or (self.ids[0] if self.ids else "data"))

    def _take_file(self, part: Element) -> None:
        about = child(part, "fileTxt")
        name = text(about, "fileName") or text(part, "fileName") or part.get("ID") or f"file-{len(self._files) + 1}"
        cases = text(about, "dimensns", "caseQnty") or ""
        if cases.isdecimal() and len(cases) < 16:
            self.cases.append(int(cases))
        file = part.get("ID") or name
        if file in self._files:
            self._problems.append(Problem("repeated_table", f"{self._path} {name}"))
        self._files.setdefault(
            file, Table(name, text(about, "fileCitation", "titlStmt", "titl"), text(about, "fileCont"))
        )

    def _take_variable(self, part: Element) -> None:
        self._count += 1
        made = variable(part, self._count, self._path, self._problems)
        if made is None:
            return
        for file in (part.get("files") or part.get("file") or "").split() or [""]:
            group = self._variables.setdefault(file, {})
            if made.name in group:
                self._problems.append(Problem("repeated_variable", f"{self._path} {made.name}"))
            group.setdefault(made.name, made)


def _codebooks(content: bytes, path: str, problems: list[Problem]) -> Iterator[Codebook]:
    book: Codebook | None = None
    for element, parent, has_ended in _elements(content, path):
        name = local(element)
        if name == "codeBook" and not has_ended:
            book = Codebook(element, path, problems)
        elif name == "codeBook" and book is not None:
            yield book
            book = None
        elif name in PARTS and has_ended:
            if book is not None:
                book.take(element)
            if parent is not None:
                parent.remove(element)


def _elements(content: bytes, path: str) -> Iterator[tuple[Element, Element | None, bool]]:
    """Yield every element with its parent, when it begins and when it ends."""
    parents: list[Element] = []
    try:
        events: Any = iterparse(BytesIO(content), ("start", "end"), forbid_dtd=True)
        for event, element in events:
            if event == "end":
                parents.pop()
            yield element, parents[-1] if parents else None, event == "end"
            if event == "start":
                parents.append(element)
                if len(parents) > MAX_DEPTH:
                    raise PublicError("catalogue.exchange.too_deep", path=path, most=MAX_DEPTH)
    except DefusedXmlException as error:
        raise PublicError("catalogue.exchange.file.hostile_xml", path=path) from error
    except (ParseError, LookupError, ValueError) as error:
        # An encoding that does not exist is a LookupError, one of several bytes a ValueError.
        raise PublicError("catalogue.exchange.file.not_xml", path=path, reason=str(error)[:200]) from error
