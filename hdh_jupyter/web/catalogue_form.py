"""The form of a record, and the import of its tables from a file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tornado import web
from tornado.httputil import HTTPFile

from ..catalogue import dictionary_csv, editing, forms
from ..catalogue.desk import EditConflict
from ..catalogue.drafting import Action
from ..catalogue.exchange import table_schema
from ..catalogue.exchange.problems import Problem
from ..catalogue.forms import InvalidForm, Values
from ..catalogue.variables import Table
from ..errors import PublicError
from .catalogue import CatalogueHandler

MOST_BYTES = 20_000_000
"""Of the files of one import."""
PROBLEMS = 50
"""Faults of an imported file that are listed."""
VARIABLES = 500
"""Variables of one table that are listed."""


@dataclass(frozen=True)
class Typed:
    """What a form shows when it was not simply opened.

    Attributes
    ----------
    problems, theirs
        Input -> what is wrong with it; what somebody else has saved for it.
    """

    values: Values
    revision: int = 0
    dataset: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    theirs: Values = field(default_factory=dict)
    refusal: PublicError | None = None


class FormHandler(CatalogueHandler):
    """A page with the record's form."""

    def typed(self) -> Values:
        """Return what was sent."""
        arguments = {name: self.get_body_arguments(name, strip=False) for name in self.request.body_arguments}
        return forms.read(editing.FIELDS, arguments)


class NewRecordHandler(FormHandler):
    """`/hub/catalogue/new`: begin the record of a new dataset."""

    async def prepare(self) -> None:
        await super().prepare()
        if self.viewer is not None and not self.viewer.is_steward:
            raise web.HTTPError(404)

    @web.authenticated
    async def get(self) -> None:
        empty = forms.read(editing.FIELDS, {})
        await self._page(Typed(empty, dataset=self.get_query_argument("dataset", "")[:64]))

    @web.authenticated
    async def post(self) -> None:
        dataset, values = self.get_body_argument("id", ""), self.typed()
        try:
            await self.call(self.platform.catalogue.desk.create, self.signed_in().actor, dataset, values)
        except InvalidForm as refusal:
            self.set_status(refusal.status)
            problems = refusal.by_field(self.language)
            await self._page(Typed(values, dataset=dataset, problems=problems, refusal=refusal))
        except PublicError as refusal:
            self.set_status(refusal.status)
            problems = {"id": refusal.message(self.language)}
            await self._page(Typed(values, dataset=dataset, problems=problems, refusal=refusal))
        else:
            self.go("catalogue", "records", dataset, notice="created")

    async def _page(self, typed: Typed) -> None:
        await self.show_catalogue(
            "catalogue_form.html",
            found=None,
            title=None,
            sections={"identification": editing.SECTIONS["identification"], "access": (editing.REGIME,)},
            typed=typed,
            refusal=typed.refusal,
        )


class RecordFormHandler(FormHandler):
    """`/hub/catalogue/records/<id>/edit`: change the draft."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        _, draft = await self.call(self.platform.catalogue.views.draft, self.signed_in().actor, dataset)
        await self._page(dataset, Typed(editing.to_values(draft.record), draft.revision))

    @web.authenticated
    async def post(self, dataset: str) -> None:
        values, revision = self.typed(), self.form_number("revision")
        try:
            saved = await self.call(
                self.platform.catalogue.desk.save, self.signed_in().actor, dataset, revision, values
            )
        except EditConflict as refusal:
            self.set_status(refusal.status)
            names = await self.call(self.platform.display_names, [refusal.by])
            refusal.params["person"] = names[refusal.by]
            await self._page(dataset, Typed(refusal.values, refusal.revision, theirs=refusal.theirs, refusal=refusal))
        except InvalidForm as refusal:
            self.set_status(refusal.status)
            problems = refusal.by_field(self.language)
            await self._page(dataset, Typed(values, revision, problems=problems, refusal=refusal))
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self._page(dataset, Typed(values, revision, refusal=refusal))
        else:
            notice = "saved" if saved.joined_with is None else "joined"
            self.go("catalogue", "records", dataset, "edit", notice=notice)

    async def _page(self, dataset: str, typed: Typed) -> None:
        found, draft = await self.call(self.platform.catalogue.views.draft, self.signed_in().actor, dataset)
        await self.show_catalogue(
            "catalogue_form.html",
            found=found,
            title=draft.record.name,
            sections=editing.SECTIONS,
            typed=typed,
            refusal=typed.refusal,
            people=await self.call(self.platform.display_names, [draft.edited_by]),
        )


class TablesHandler(CatalogueHandler):
    """`/hub/catalogue/records/<id>/tables`: the tables of a draft, read from files rather than typed."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        await self._page(dataset)

    @web.authenticated
    async def post(self, dataset: str) -> None:
        files = self.request.files.get("file", [])
        try:
            tables, problems = await self.call(_read, files)
            names = ", ".join(Path(file.filename).name for file in files)[:255]
            await self.call(self.platform.catalogue.desk.set_tables, self.signed_in().actor, dataset, tables, names)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self._page(dataset, refusal=refusal)
        else:
            await self._page(dataset, problems, imported=True)

    async def _page(
        self,
        dataset: str,
        problems: tuple[Problem, ...] = (),
        imported: bool = False,
        refusal: PublicError | None = None,
    ) -> None:
        found = await self.call(self.platform.catalogue.views.record, self.signed_in().actor, dataset)
        await self.show_catalogue(
            "catalogue_tables.html",
            found=found,
            tables=() if found.record is None else found.record.tables,
            can_edit=Action.EDIT in found.place.actions,
            problems=problems[:PROBLEMS],
            more_problems=max(0, len(problems) - PROBLEMS),
            most=VARIABLES,
            refusal=refusal,
            notice="catalogue.desk.notice.imported" if imported else None,
        )


def _read(files: list[HTTPFile]) -> tuple[tuple[Table, ...], tuple[Problem, ...]]:
    """Return the tables of the files that a browser sent, and what was faulty in them.

    Raises
    ------
    PublicError
        `catalogue.record.no_file`, `catalogue.record.files_too_large` or `catalogue.record.no_table` (400), and what
        :func:`..catalogue.dictionary_csv.read` raises.
    """
    if not any(file.body for file in files):
        raise PublicError("catalogue.record.no_file", 400)
    if sum(len(file.body) for file in files) > MOST_BYTES:
        raise PublicError("catalogue.record.files_too_large", 413, most=MOST_BYTES // 1_000_000)
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for file in files:
        if file.filename.lower().endswith((".csv", ".tsv", ".txt")):
            named = dictionary_csv.read(file.body, Path(file.filename).stem or "table")
            tables.update({table.name: table for table in named})
            continue
        with tempfile.TemporaryDirectory(prefix="hdh-tables-") as folder:
            # Where a description names no table, its file does.
            path = Path(folder) / (Path(file.filename).name or "tables.json")
            path.write_bytes(file.body)
            found = table_schema.read_file(path)
        tables.update({table.name: table for table in found.tables})
        problems.extend(found.problems)
    if not tables:
        said = problems[0].message() if problems else ""
        raise PublicError("catalogue.record.no_table", 400, problem=said)
    return tuple(tables.values()), tuple(problems)
