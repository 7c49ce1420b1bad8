"""A record's versions side by side, and a preview of its draft as researchers will see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tornado import web

from ..catalogue import term_forms
from ..catalogue.convention import Theme
from ..catalogue.desk_views import RecordView
from ..catalogue.editing import SECTIONS
from ..catalogue.facts import Fact
from ..catalogue.forms import Field
from ..catalogue.model import Dataset, part_to_document
from ..catalogue.store import Version
from ..catalogue.versions import Change, diff
from ..errors import PublicError
from .catalogue import CatalogueHandler
from .services import Services, Viewer

MOST_CHANGES = 500
"""Changes that are listed."""


@dataclass(frozen=True)
class Comparison:
    """Two versions of a record; number 0 before the first, None for the draft."""

    found: RecordView
    versions: tuple[Version, ...]
    old: int
    new: int | None
    changes: tuple[Change, ...]


def compare(services: Services, viewer: Viewer, dataset: str, old: int | None, new: int | None) -> Comparison:
    """Return what changed from one version to another.

    Parameters
    ----------
    old, new
        Numbers of versions; without a new one the draft, or the newest where there is no draft; without an old one
        the one before.

    Raises
    ------
    PublicError
        `catalogue.unknown_dataset` or `catalogue.record.unknown_version` (404).
    """
    found = services.catalogue.views.record(viewer.actor, dataset)
    store = services.catalogue.store
    versions = store.versions(dataset)
    if new is None and found.draft is None:
        new = found.version
    if old is None:
        old = found.version if new is None else max(0, new - 1)
    if new is None:
        after = None if found.draft is None else found.draft.record
    else:
        after = store.version(dataset, new) if new else None
    before = store.version(dataset, old) if old else None
    return Comparison(found, versions, old, new, diff(before, after))


class VersionsHandler(CatalogueHandler):
    """`/hub/catalogue/records/<id>/versions`: two versions side by side."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        old, new = self.whole_number("old", None), self.whole_number("new", None)
        seen = await self.call(compare, self.platform, self.signed_in(), dataset, old, new)
        authors = {version.author for version in seen.versions}
        await self.show_catalogue(
            "catalogue_versions.html",
            seen=seen,
            found=seen.found,
            changes=seen.changes[:MOST_CHANGES],
            more=max(0, len(seen.changes) - MOST_CHANGES),
            people=await self.call(self.platform.display_names, authors),
        )


class PreviewHandler(CatalogueHandler):
    """`/hub/catalogue/records/<id>/preview`: the draft, or a version, as researchers see it."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        number = self.whole_number("version", None)
        found = await self.call(self.platform.catalogue.views.record, self.signed_in().actor, dataset)
        record = found.record
        if number is not None:
            record = await self.call(self.platform.catalogue.store.version, dataset, number)
        if record is None:
            raise PublicError("catalogue.unknown_dataset", 404, dataset=dataset)
        await self.show_catalogue(
            "catalogue_preview.html",
            found=found,
            record=record,
            version=number,
            sections=_sections(record),
            themes=_themes(record),
            kinds={field.name: field.columns[0] for field in SECTIONS["content"] if field.columns},
            today=date.today(),
        )


def _sections(record: Dataset) -> dict[str, list[tuple[Field, list[Fact[str]]]]]:
    """Return the fields of the form that say something, each with its facts; what is no fact has the record's."""
    places = {"regime": record.access.regime, "licence": record.access.licence, "conditions": record.access.conditions}
    found: dict[str, list[tuple[Field, list[Fact[str]]]]] = {}
    for section, fields in SECTIONS.items():
        for field in fields:
            value = places.get(field.name, getattr(record, field.name, None))
            facts = [fact for fact in _facts(value, record) if fact.value not in ("", None)]
            if facts and field.name not in ("name", "sources", "coverage", "remarks", "distributions", "links"):
                found.setdefault(section, []).append((field, facts))
    return found


def _facts(value: object, record: Dataset) -> list[Fact[str]]:
    if value is None:
        return []
    if isinstance(value, Fact):
        return [value]
    if isinstance(value, tuple):
        return [fact for each in value for fact in _facts(each, record)]
    return [Fact(str(value), record.certainty)]


def _themes(record: Dataset) -> dict[Theme, list[tuple[Field, object]] | None]:
    """Return what is agreed on each theme, None for what is not."""
    found: dict[Theme, list[tuple[Field, object]] | None] = {}
    for theme in Theme:
        value = getattr(record.convention, theme.value)
        if value is None:
            found[theme] = None
            continue
        values = term_forms.to_values(theme, part_to_document(value))
        found[theme] = [(field, values[field.name]) for field in term_forms.FORMS[theme] if values[field.name]]
    return found
