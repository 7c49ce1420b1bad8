"""Drafts from the first word to publication and withdrawal, and what nobody may do on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hdh_jupyter.catalogue import editing
from hdh_jupyter.catalogue.convention import ConventionStatus, Theme
from hdh_jupyter.catalogue.desk import EditConflict
from hdh_jupyter.catalogue.drafting import Action, Actor, Stage, Standing
from hdh_jupyter.catalogue.forms import InvalidForm, Values
from hdh_jupyter.catalogue.negotiation import Term
from hdh_jupyter.catalogue.term_forms import to_values
from hdh_jupyter.errors import PublicError

from .conftest import ADA, AMIR, ROSA, STELLA, SVEN, Office

EMPTY = Term().digest


def form(office: Office, actor: Actor = SVEN, dataset: str = "oscour") -> tuple[int, Values]:
    _, draft = office.views.draft(actor, dataset)
    return draft.revision, editing.to_values(draft.record)


def started(office: Office) -> None:
    office.desk.start(SVEN, "oscour")
    revision, values = form(office)
    office.desk.save(SVEN, "oscour", revision, {**values, "contact": "oscour@example.org"})


def settled(office: Office, theme: Theme, values: Values) -> None:
    office.bargaining.propose(SVEN, "oscour", theme, EMPTY, {**to_values(theme, None), **values})
    _, draft = office.views.draft(ADA, "oscour")
    office.bargaining.accept(ADA, "oscour", theme, draft.term(theme).digest)


def refused(call: Callable[[], object]) -> tuple[str, int]:
    with pytest.raises(PublicError) as refusal:
        call()
    return refusal.value.code, refusal.value.status


def test_a_draft_leaves_the_published_version_alone(office: Office) -> None:
    before = office.store.get("oscour")
    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    assert office.store.get("oscour") == before
    assert {record.id for record in office.store.all()} >= {"oscour"}
    office.desk.move(SVEN, "oscour", Action.FINISH)
    assert office.desk.publish(SVEN, "oscour", 1, "Contact") == (2, True)
    assert office.refreshed == [1]
    assert office.store.version("oscour", 1) == before
    assert [(v.number, v.author, v.reason) for v in office.store.versions("oscour")] == [
        (2, "sven", "Contact"),
        (1, "system", ""),
    ]
    view = office.views.record(SVEN, "oscour")
    assert (view.place.stage, view.place.standing, view.draft) == (Stage.NONE, Standing.PUBLISHED, None)
    assert [edit.fields for edit in view.edits] == [("contact", "sources"), ()]
    assert [event.action for event in office.audit.tail(5)] == [
        "catalogue.draft_started",
        "catalogue.draft_saved",
        "catalogue.draft_moved",
        "catalogue.draft_moved",
        "catalogue.record_published",
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE catalogue_records SET document = '{}' WHERE dataset = 'oscour'",
        "UPDATE catalogue_records SET published = 0",
        "DELETE FROM catalogue_records WHERE dataset = 'oscour'",
        "INSERT OR REPLACE INTO catalogue_records (dataset, version, document, published, created_at)"
        " VALUES ('oscour', 1, '{}', 1, '2026-01-01')",
    ],
)
def test_a_published_version_is_immutable_even_to_the_database(office: Office, attack: str) -> None:
    with pytest.raises(DBAPIError, match="immutable"), office.database.write() as session:
        session.execute(text(attack))


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        pytest.param(STELLA, 404, id="00-steward-of-another"),
        pytest.param(ROSA, 404, id="01-researcher"),
        pytest.param(Actor("sven"), 404, id="02-role-taken-away"),
        pytest.param(ADA, 409, id="03-hdh-does-not-write"),
    ],
)
def test_nobody_but_its_stewards_writes_a_record(office: Office, actor: Actor, expected: int) -> None:
    started(office)
    revision, values = form(office)
    calls: list[Callable[[], object]] = [
        lambda: office.desk.save(actor, "oscour", revision, values),
        lambda: office.desk.set_tables(actor, "oscour", (), "x.json"),
        lambda: office.desk.start(actor, "oscour"),
        lambda: office.bargaining.propose(
            actor, "oscour", Theme.PRICING, EMPTY, {**to_values(Theme.PRICING, None), "model": "free"}
        ),
        lambda: office.bargaining.comment(actor, "oscour", Theme.PRICING, "Bonjour"),
        *(lambda action=action: office.desk.move(actor, "oscour", action) for action in (Action.SEND, Action.DISCARD)),
        lambda: office.desk.publish(actor, "oscour", 1, "x"),
    ]
    assert [refused(call)[1] for call in calls] == [expected] * len(calls)
    if expected == 404:
        assert refused(lambda: office.views.record(actor, "oscour"))[1] == 404
        assert refused(lambda: office.desk.withdraw(actor, "oscour", "x"))[1] == 404
        assert "oscour" not in {each.dataset for each in office.views.records(actor)}


def test_the_later_saver_is_told_and_loses_nothing(office: Office) -> None:
    office.stewardship.assign("oscour", "stella", "ada")
    started(office)
    revision, values = form(office)
    office.desk.save(SVEN, "oscour", revision, {**values, "population": "de Sven", "frequency": "de Sven"})
    with pytest.raises(EditConflict) as conflict:
        office.desk.save(STELLA, "oscour", revision, {**values, "population": "de Stella", "geography": "de Stella"})
    held = conflict.value
    assert held.theirs == {"population": "de Sven"}
    assert [held.values[name] for name in ("population", "geography", "frequency")] == [
        "de Stella",
        "de Stella",
        "de Sven",
    ]
    assert office.desk.save(STELLA, "oscour", held.revision, held.values).joined_with is None
    joined = office.desk.save(SVEN, "oscour", revision, {**values, "granularity": "un passage"})
    assert joined.joined_with == "stella"
    _, now = form(office)
    assert [now[name] for name in ("population", "geography", "frequency", "granularity")] == [
        *("de Stella", "de Stella", "de Sven", "un passage")
    ]


def test_a_form_of_an_earlier_draft_is_known_to_be_old(office: Office) -> None:
    started(office)
    revision, values = form(office)
    office.desk.move(SVEN, "oscour", Action.DISCARD)
    office.desk.start(SVEN, "oscour")
    again, _ = form(office)
    assert again > revision
    with pytest.raises(EditConflict):
        # What the discarded draft had said of the contact is not what this one says.
        office.desk.save(SVEN, "oscour", 10**6, {**values, "name": "Autre"})


def test_faults_stand_beside_their_fields_and_nothing_is_saved(office: Office) -> None:
    started(office)
    revision, values = form(office)
    wrong = {**values, "first_year": "jadis", "summary.sources": "S99", "name": "", "links": (("", "pmsi", ""),)}
    with pytest.raises(InvalidForm) as refusal:
        office.desk.save(SVEN, "oscour", revision, wrong)
    assert refusal.value.problems.keys() == {"first_year", "summary", "name", "links"}
    assert form(office) == (revision, values)


def test_terms_agreed_are_published_and_stay_agreed_in_the_next_draft(office: Office) -> None:
    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    settled(office, Theme.PRICING, {"model": "free"})
    settled(office, Theme.EXCLUSIVITY, {"reserved": "nobody"})
    office.bargaining.propose(
        AMIR, "oscour", Theme.SIMPLIFIED_ACCESS, EMPTY, {**to_values(Theme.SIMPLIFIED_ACCESS, None), "needs_cnil": "no"}
    )
    office.desk.move(SVEN, "oscour", Action.FINISH)
    assert refused(lambda: settled(office, Theme.SCIENTIFIC_CREDIT, {"doi": "10.1234/x"}))[1] == 409
    office.desk.publish(ADA, "oscour", 1, "Tarif")
    convention = office.store.get("oscour").convention
    assert convention.terms_open == (Theme.SCIENTIFIC_CREDIT, Theme.SIMPLIFIED_ACCESS)
    office.desk.start(SVEN, "oscour")
    _, draft = office.views.draft(SVEN, "oscour")
    assert draft.term(Theme.PRICING).is_agreed
    office.bargaining.propose(
        SVEN,
        "oscour",
        Theme.PRICING,
        draft.term(Theme.PRICING).digest,
        {**to_values(Theme.PRICING, None), "model": "on_request"},
    )
    _, draft = office.views.draft(SVEN, "oscour")
    assert (draft.record.convention.pricing, draft.term(Theme.PRICING).is_agreed) == (None, False)
    assert office.store.get("oscour").convention.pricing is not None


def test_what_was_only_imported_is_not_agreed(office: Office) -> None:
    from dataclasses import replace

    from hdh_jupyter.catalogue.convention import Pricing, PricingModel

    record = office.store.get("oscour")
    office.store.put(replace(record, convention=replace(record.convention, pricing=Pricing(PricingModel.FREE))))
    office.desk.start(SVEN, "oscour")
    _, draft = office.views.draft(SVEN, "oscour")
    assert draft.term(Theme.PRICING).value == {"model": "free"}
    assert draft.record.convention.pricing is None


def test_a_proposal_that_changed_meanwhile_is_not_accepted_unread(office: Office) -> None:
    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    pricing = to_values(Theme.PRICING, None)
    office.bargaining.propose(SVEN, "oscour", Theme.PRICING, EMPTY, {**pricing, "model": "free"})
    _, draft = office.views.draft(ADA, "oscour")
    read = draft.term(Theme.PRICING).digest
    office.bargaining.propose(SVEN, "oscour", Theme.PRICING, read, {**pricing, "model": "on_request"})
    assert refused(lambda: office.bargaining.accept(ADA, "oscour", Theme.PRICING, read)) == (
        "catalogue.record.proposal_changed",
        409,
    )
    assert (
        refused(lambda: office.bargaining.propose(ADA, "oscour", Theme.PRICING, read, {**pricing, "model": "free"}))[1]
        == 409
    )
    said = [(event.action, event.person) for event in office.bargaining.events("oscour")]
    assert said == [("propose", "sven"), ("propose", "sven")]


def test_a_convention_is_signed_once_everything_is_agreed(office: Office) -> None:
    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    signature: Values = {
        "reference": "C-2026-1",
        "version": "1",
        "parties": "HDH\nSpF",
        "signed": "2026-01-05",
        "valid_until": "2026-06-30",
    }
    assert refused(lambda: office.bargaining.sign(ADA, "oscour", signature))[0] == "catalogue.record.terms_open"
    settled(office, Theme.SCIENTIFIC_CREDIT, {"citation": "OSCOUR, Santé publique France"})
    settled(
        office, Theme.EXCLUSIVITY, {"reserved": "holder", "holder": "SpF", "start": "2026-01-01", "end": "2026-12-31"}
    )
    settled(office, Theme.SIMPLIFIED_ACCESS, {"steps": (("Dépôt", "1 semaine"),), "reference_methodologies": "mr-004"})
    settled(office, Theme.PRICING, {"model": "fee", "prices": (("Entreprises", "1 500,50"),)})
    assert refused(lambda: office.bargaining.sign(SVEN, "oscour", signature))[1] == 409
    office.bargaining.sign(ADA, "oscour", signature)
    _, draft = office.views.draft(SVEN, "oscour")
    convention = draft.record.convention
    assert (convention.status, convention.reference, convention.parties) == (
        ConventionStatus.SIGNED,
        "C-2026-1",
        ("HDH", "SpF"),
    )
    assert convention.pricing is not None
    assert convention.pricing.prices[0].amount == "1500.50"
    office.bargaining.retract(SVEN, "oscour", Theme.PRICING, draft.term(Theme.PRICING).digest)
    _, draft = office.views.draft(SVEN, "oscour")
    assert (draft.record.convention.status, draft.record.convention.signed) == (ConventionStatus.NEGOTIATION, None)


def test_a_withdrawn_record_leaves_the_catalogue_and_can_come_back(office: Office) -> None:
    assert office.desk.withdraw(SVEN, "oscour", "Reprise des données")
    assert refused(lambda: office.store.get("oscour")) == ("catalogue.unknown_dataset", 404)
    assert len(office.store.versions("oscour")) == 1
    assert refused(lambda: office.desk.withdraw(ADA, "oscour", "Encore"))[1] == 409
    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    office.desk.move(SVEN, "oscour", Action.FINISH)
    office.desk.publish(SVEN, "oscour", 1, "Retour")
    assert office.store.get("oscour").contact is not None


def test_a_version_from_elsewhere_is_not_covered_unseen(office: Office) -> None:
    from dataclasses import replace

    started(office)
    office.desk.move(SVEN, "oscour", Action.SEND)
    office.desk.move(SVEN, "oscour", Action.FINISH)
    office.store.put(replace(office.store.get("oscour"), name="OSCOUR (import)"), author="os:root")
    assert office.views.record(SVEN, "oscour").is_outdated
    assert refused(lambda: office.desk.publish(SVEN, "oscour", 1, "x"))[0] == "catalogue.record.newer_version"
    assert office.desk.publish(SVEN, "oscour", 2, "x")[0] == 3


def test_a_record_without_its_mandatory_fields_is_never_ready(office: Office) -> None:
    office.desk.start(SVEN, "oscour")
    office.desk.move(SVEN, "oscour", Action.SEND)
    assert refused(lambda: office.desk.move(SVEN, "oscour", Action.FINISH)) == ("catalogue.record.incomplete", 409)
    view = office.views.record(SVEN, "oscour")
    assert view.place.stage is Stage.NEGOTIATION
    assert view.completeness is not None
    assert view.completeness.blocking == ("contact",)


def test_a_snapshot_that_fails_does_not_undo_a_publication(office: Office) -> None:
    def fails() -> None:
        raise OSError("disk full")

    office.desk._refresh = fails
    assert office.desk.withdraw(SVEN, "oscour", "Reprise") is False
    assert "oscour" not in {record.id for record in office.store.all()}
