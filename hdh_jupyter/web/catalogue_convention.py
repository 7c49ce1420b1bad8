"""The negotiation of a record's convention: four themes, what each side proposed, said and accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tornado import web

from ..catalogue import forms, term_forms
from ..catalogue.bargaining import SIGNATURE, TermEvent
from ..catalogue.convention import Theme
from ..catalogue.desk_views import RecordView
from ..catalogue.drafting import Action
from ..catalogue.drafts import Draft
from ..catalogue.forms import Field, InvalidForm, Values
from ..catalogue.negotiation import Side, Term, terms_of
from ..errors import PublicError
from .catalogue import CatalogueHandler
from .services import Services, Viewer


@dataclass(frozen=True)
class ThemePage:
    """A theme, as its part of the page shows it.

    Attributes
    ----------
    shown
        The proposal, field by field, without those that say nothing.
    """

    theme: Theme
    term: Term
    fields: tuple[Field, ...]
    values: Values
    shown: tuple[tuple[Field, Any], ...]
    events: tuple[TermEvent, ...]
    problems: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    is_open: bool = False


@dataclass(frozen=True)
class Refused:
    """What was typed for a theme and why it was not kept."""

    theme: Theme
    values: Values | None
    comment: str
    refusal: PublicError


def themes(services: Services, viewer: Viewer, dataset: str) -> tuple[RecordView, list[ThemePage]]:
    """Return a record with the themes of its convention; raises `catalogue.unknown_dataset` (404)."""
    found = services.catalogue.views.record(viewer.actor, dataset)
    events = services.catalogue.bargaining.events(dataset)
    terms = _terms(found.draft, found)
    pages = []
    for theme in Theme:
        term, fields = terms.get(theme, Term()), term_forms.FORMS[theme]
        values = term_forms.to_values(theme, term.value)
        shown = tuple((each, values[each.name]) for each in fields if term.value is not None and values[each.name])
        of_theme = tuple(event for event in events if event.theme is theme)
        pages.append(ThemePage(theme, term, fields, values, shown, of_theme))
    return found, pages


def _terms(draft: Draft | None, found: RecordView) -> Mapping[Theme, Term]:
    if draft is not None:
        return draft.terms
    return {} if found.published is None else terms_of(found.published.convention, {})


class ConventionHandler(CatalogueHandler):
    """`/hub/catalogue/records/<id>/convention`: propose, accept, comment, theme by theme."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        await self.show_convention(dataset)

    @web.authenticated
    async def post(self, dataset: str) -> None:
        theme, comment = self._theme(), self.get_body_argument("comment", "")
        arguments = {name: self.get_body_arguments(name, strip=False) for name in self.request.body_arguments}
        wanted = self.get_body_argument("do", "")
        values = forms.read(term_forms.FORMS[theme], arguments) if wanted == "propose" else None
        try:
            notice = await self._do(dataset, theme, wanted, values, comment)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self.show_convention(dataset, Refused(theme, values, comment, refusal))
        else:
            address = self.record_url(dataset, "convention", notice=notice)
            self.redirect(f"{address}#{theme.value}", status=303)

    async def show_convention(
        self,
        dataset: str,
        refused: Refused | None = None,
        signature: Values | None = None,
        refusal: PublicError | None = None,
    ) -> None:
        """Render the page, with what was typed and refused."""
        found, pages = await self.call(themes, self.platform, self.signed_in(), dataset)
        record = found.record
        people = {event.person for page in pages for event in page.events}
        people |= {person for page in pages for person in page.term.accepted.values()}
        cause = refusal if refused is None else refused.refusal
        await self.show_catalogue(
            "catalogue_convention.html",
            found=found,
            convention=None if record is None else record.convention,
            today=date.today(),
            pages=[_with_refused(page, refused, self.language) for page in pages],
            can={action.value for action in found.place.actions},
            can_act=bool(found.place.actions & {Action.PROPOSE, Action.ACCEPT, Action.COMMENT}),
            side=found.place.side,
            sides=tuple(Side),
            people=await self.call(self.platform.display_names, people),
            refusal=cause,
            signature_fields=SIGNATURE,
            signature=signature or _signature(found),
            problems=cause.by_field(self.language) if isinstance(cause, InvalidForm) else {},
        )

    async def _do(self, dataset: str, theme: Theme, wanted: str, values: Values | None, comment: str) -> str:
        desk, actor = self.platform.catalogue.bargaining, self.signed_in().actor
        seen = self.get_body_argument("seen", "")
        if values is not None:
            await self.call(desk.propose, actor, dataset, theme, seen, values, comment)
            return "proposed"
        if wanted == "accept":
            await self.call(desk.accept, actor, dataset, theme, seen, comment)
            return "accepted"
        if wanted == "retract":
            await self.call(desk.retract, actor, dataset, theme, seen, comment)
            return "retracted"
        if wanted == "comment":
            await self.call(desk.comment, actor, dataset, theme, comment)
            return "commented"
        raise PublicError("web.error.bad_form", 400)

    def _theme(self) -> Theme:
        named = self.get_body_argument("theme", "")
        if named not in tuple(Theme):
            raise PublicError("web.error.bad_form", 400)
        return Theme(named)


class SignatureHandler(ConventionHandler):
    """`/hub/catalogue/records/<id>/signature`: record that the convention was signed."""

    @web.authenticated
    async def get(self, dataset: str) -> None:
        self.redirect(self.record_url(dataset, "convention"))

    @web.authenticated
    async def post(self, dataset: str) -> None:
        arguments = {name: self.get_body_arguments(name, strip=False) for name in self.request.body_arguments}
        values = forms.read(SIGNATURE, arguments)
        try:
            await self.call(self.platform.catalogue.bargaining.sign, self.signed_in().actor, dataset, values)
        except PublicError as refusal:
            if refusal.status == 404:
                raise
            self.set_status(refusal.status)
            await self.show_convention(dataset, signature=values, refusal=refusal)
        else:
            self.go("catalogue", "records", dataset, "convention", notice="signed")


def _with_refused(page: ThemePage, refused: Refused | None, language: str) -> ThemePage:
    if refused is None or refused.theme is not page.theme:
        return page
    problems = refused.refusal.by_field(language) if isinstance(refused.refusal, InvalidForm) else {}
    values = page.values if refused.values is None else refused.values
    return ThemePage(
        page.theme, page.term, page.fields, values, page.shown, page.events, problems, refused.comment, is_open=True
    )


def _signature(found: RecordView) -> Values:
    if found.record is None:
        return forms.read(SIGNATURE, {})
    convention = found.record.convention
    return {
        "reference": convention.reference or "",
        "version": convention.version or "",
        "parties": "\n".join(convention.parties),
        "signed": "" if convention.signed is None else convention.signed.isoformat(),
        "valid_until": "" if convention.valid_until is None else convention.valid_until.isoformat(),
    }
