"""What differs between two versions, in words of both languages; completeness; the form and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hdh_jupyter.catalogue import editing
from hdh_jupyter.catalogue.completeness import MANDATORY, score
from hdh_jupyter.catalogue.convention import Convention, Pricing, PricingModel
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.forms import merge
from hdh_jupyter.catalogue.model import Dataset, Regime
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.catalogue.versions import ChangeKind, diff

RECORDS = {record.id: record for record in first_records()}


def test_changes_are_named_in_both_languages() -> None:
    old = RECORDS["oscour"]
    new = replace(
        old,
        access=replace(old.access, regime=replace(old.access.regime, value=Regime.PERMANENT)),
        convention=Convention(pricing=Pricing(PricingModel.FREE)),
        themes=("urgences", "canicule"),
        tables=(Table("rpu", variables=(Variable("age", "integer"),)),),
    )
    changes = diff(old, new)
    told = [(c.label("fr"), c.before("fr"), c.after("fr")) for c in changes]
    assert ("Accès › Régime d’accès", "Autorisation", "Accès permanent") in told
    assert ("Convention › Tarification › Modèle", None, "Gratuit") in told
    assert {("Thèmes", "covid-19", None), ("Thèmes", None, "canicule")} <= set(told)
    assert [c.kind for c in changes if c.path[0] == "tables"] == [ChangeKind.ADDED]
    assert ("Access › Access regime", "Authorisation", "Permanent access") in [
        (c.label("en"), c.before("en"), c.after("en")) for c in changes
    ]


def test_entries_are_compared_with_their_namesakes() -> None:
    def of(*variables: Variable) -> Dataset:
        return replace(RECORDS["oscour"], tables=(Table("rpu", variables=variables),))

    age, sex = Variable("age", "integer", "Âge"), Variable("sexe", "string")
    (change,) = diff(of(age, sex), of(sex, replace(age, label="Âge en années")))
    assert change.path == ("tables", "rpu", "variables", "age", "label")
    assert (change.old, change.new) == ("Âge", "Âge en années")
    (gone,) = diff(of(age, sex), of(sex))
    assert (gone.path[-1], gone.kind) == ("age", ChangeKind.REMOVED)


def test_evidence_that_changes_is_a_change() -> None:
    old = RECORDS["sidep"]
    new = replace(old, steward=Fact(old.steward.value, Certainty.OFFICIAL, ("S1",)))
    assert [(c.path, c.old, c.new) for c in diff(old, new)] == [
        (("steward", "certainty"), "C", "A"),
        (("steward", "sources"), None, "S1"),
    ]


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_form_opened_and_saved_changes_nothing(record: Dataset) -> None:
    assert editing.apply(record, editing.to_values(record)) == record
    assert diff(record, record) == ()


def test_edits_join_where_they_do_not_meet() -> None:
    base = {"a": "1", "b": "1", "c": "1", "d": "1"}
    mine, theirs = {**base, "a": "2", "c": "2", "d": "3"}, {**base, "b": "2", "c": "3", "d": "3"}
    assert merge(base, mine, theirs) == ({"a": "2", "b": "2", "c": "2", "d": "3"}, ("c",))


def test_completeness_grows_with_each_field_and_names_the_mandatory_ones_first() -> None:
    record = RECORDS["oscour"]
    before = score(record)
    assert before.missing[0] == "contact"
    assert before.blocking == ("contact",)
    after = score(replace(record, contact=Fact("a@example.org", Certainty.OFFICIAL)))
    assert after.share > before.share
    assert set(before.missing) - set(after.missing) == {"contact"}
    assert all(0 <= score(each).share < 1 for each in RECORDS.values())
    assert set(score(RECORDS["apriorics"]).blocking) <= MANDATORY.keys()
