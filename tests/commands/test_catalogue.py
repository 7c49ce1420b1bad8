"""`hdh-jupyter catalogue search`, `show`, `index` and `steward`, on a real state folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hdh_jupyter.catalogue.convention import Convention, Exclusivity, Price, Pricing, PricingModel
from hdh_jupyter.catalogue.search.generations import POINTER
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.catalogue.variables import Table, Variable

from .conftest import Terminal


def store(hdh: Terminal) -> CatalogueStore:
    return CatalogueStore(hdh.database)


@pytest.fixture
def indexed(hdh: Terminal) -> Terminal:
    assert hdh("catalogue", "index").status == 0
    return hdh


def test_hits_are_shown_with_their_places(indexed: Terminal) -> None:
    lines = indexed("catalogue", "search", "retours", "a", "domicile").out.splitlines()
    assert lines[0] == "2 result(s) for “retours a domicile”, 2 of them below."
    assert lines[3].split() == ["RESULT", "NAME", "LABEL", "DATASET", "TABLE", "YEARS"]
    row = "variable rad Retours à domicile, cumul sivic_open sivic_open -"
    assert " ".join(lines[4].split()) == row


def test_what_was_done_to_a_query_is_said(indexed: Terminal) -> None:
    relaxed = indexed("catalogue", "search", "urgences cardiologie toulouse")
    assert "at least half of them" in relaxed.out
    corrected = indexed("catalogue", "search", "urgencse")
    assert "Results for “urgences”" in corrected.out
    found = indexed.json("catalogue", "search", "urgencse", "--limit", "2")
    assert (found["corrected"], len(found["hits"])) == ("urgences", 2)
    assert found["total"] == sum(found["facets"]["result"].values()) > 2
    nothing = indexed("catalogue", "search", "zzzzzz")
    assert (nothing.status, nothing.out) == (0, "Nothing matches “zzzzzz”.\n")


def test_facets_narrow_and_are_counted(indexed: Terminal) -> None:
    counted = indexed("catalogue", "search", "urgences", "--facets").out
    assert "3  regime=open" in counted
    found = indexed.json("catalogue", "search", "urgences", "--facet", "regime=open", "--facet", "result=dataset")
    assert {hit["dataset"] for hit in found["hits"]} == {"sursaud_open"}
    either = indexed.json("catalogue", "search", "urgences", "--facet=regime=open", "--facet=regime=authorisation")
    assert either["total"] == indexed.json("catalogue", "search", "urgences")["total"]


def test_restricted_variables_are_not_found(indexed: Terminal) -> None:
    record = store(indexed).get("oscour")
    variables = (Variable("PLAIN_COD", "string"), Variable("STIGMA_COD", "string", "Stigmate", restricted=True))
    store(indexed).put(replace(record, tables=(Table("rpu", variables=variables),)))
    assert indexed("catalogue", "index").status == 0
    assert indexed.json("catalogue", "search", "PLAIN_COD")["hits"][0]["exact"]
    assert indexed.json("catalogue", "search", "stigmate STIGMA_COD")["hits"] == []


def test_the_index_is_built_anew_and_found_by_who_reads_it(indexed: Terminal) -> None:
    pointer = indexed.state.catalogue / POINTER
    before = pointer.read_text()
    store(indexed).put(replace(store(indexed).get("oscour"), name="Oscour renommé"))
    assert indexed.json("catalogue", "search", "renommé")["total"] == 0
    told = indexed("catalogue", "index").out
    assert told.startswith("Building the index: 31 datasets, 25 variables")
    assert pointer.read_text() != before
    assert indexed.json("catalogue", "search", "renommé")["total"] == 1


def test_a_record_is_shown_with_what_is_not_known(hdh: Terminal) -> None:
    shown = hdh("catalogue", "show", "sidep").out
    assert shown.startswith("SI-DEP\nsidep, version 1, published on ")
    assert "Data steward       Ministère chargé de la santé / AP-HP opérateur (to be confirmed)" in shown
    assert shown.count("to be agreed") == 4
    document = hdh.json("catalogue", "show", "sidep")
    assert document["version"] == 1
    assert document["record"]["steward"]["certainty"] == "C"


def test_a_convention_is_shown_in_words(hdh: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    convention = Convention(
        reference="C-12",
        exclusivity=Exclusivity("CHU", "cardiologie", end=date(2031, 1, 1)),
        pricing=Pricing(PricingModel.FEE, prices=(Price("public", "1500"),)),
    )
    store(hdh).put(replace(store(hdh).get("oscour"), convention=convention), author="ada", reason="x")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    lines = [" ".join(line.split()) for line in hdh("catalogue", "show", "oscour").out.splitlines()]
    wanted = ("Référence C-12", "Exclusivité › Bénéficiaire CHU", "Exclusivité › Fin 2031-01-01")
    assert [line for line in wanted if line not in lines] == []
    assert "Tarification › Modèle Redevance" in lines
    assert "Valorisation scientifique à convenir" in lines
    assert hdh("catalogue", "show", "oscour", "--number=1").out.count("à convenir") == 4


def test_the_variables_of_a_table_are_listed(hdh: Terminal) -> None:
    lines = hdh("catalogue", "show", "sursaud_open", "--table=sursaud_open").out.splitlines()
    assert lines[0].split() == ["NAME", "TYPE", "LABEL", "CODES", "YEARS"]
    assert len(lines) == 19
    assert "2 list(s)" in lines[3]


def test_what_is_shown_cannot_play_with_the_terminal(hdh: Terminal) -> None:
    store(hdh).put(replace(store(hdh).get("oscour"), name="a\x1b[2Jb\nfake", themes=("x\x07",)))
    shown = hdh("catalogue", "show", "oscour").out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "fake" in shown.splitlines()[0]


STEWARDS = {
    "00 no such person": ("assign", "oscour", "nix", "projects.unknown_person"),
    "01 without the role": ("assign", "oscour", "nadia", "catalogue.record.not_a_steward"),
    "02 an id that is none": ("assign", "../x", "sven", "catalogue.bad_id"),
    "03 already": ("assign", "oscour", "sven", "catalogue.record.already_steward"),
    "04 not theirs": ("remove", "elfe", "sven", "catalogue.record.no_such_steward"),
    "05 not an admin": ("remove", "oscour", "sven", "--as=nadia", "admin.not_an_admin"),
}


@pytest.fixture
def stewarded(peopled: Terminal) -> Terminal:
    added = peopled("person", "add", "sven", "--display-name=Sven", "--email=sven@example.org", "--role=steward")
    assert added.status == 0, added.err
    assert peopled("catalogue", "steward", "assign", "oscour", "sven", "--as=ada").status == 0
    return peopled


def test_stewards_are_assigned_listed_and_removed(stewarded: Terminal) -> None:
    assert stewarded.json("catalogue", "steward", "list") == {"oscour": ["sven"]}
    assert stewarded("catalogue", "steward", "list").out.splitlines()[1].split() == ["oscour", "sven"]
    assert stewarded("catalogue", "steward", "remove", "oscour", "sven").status == 0
    assert stewarded.json("catalogue", "steward", "list") == {}
    told = [event for event in stewarded.events() if event.action == "catalogue.steward_changed"]
    assert [(e.actor[:3], e.subject, e.detail["change"]) for e in told] == [
        ("ada", "oscour", "assigned"),
        ("os:", "oscour", "removed"),
    ]
    assert all(event.detail["account"] for event in told)


@pytest.mark.parametrize("case", STEWARDS.values(), ids=STEWARDS)
def test_what_cannot_be_a_steward_s_is_refused(stewarded: Terminal, case: tuple[str, ...]) -> None:
    *words, code = case
    outcome = stewarded("catalogue", "steward", *words)
    assert (outcome.status, outcome.code) == (1, code)
    assert stewarded.json("catalogue", "steward", "list") == {"oscour": ["sven"]}


REFUSED = {
    "00 no condition": (("search", "x", "--facet=open"), "catalogue.command.bad_condition"),
    "01 no such facet": (("search", "x", "--facet=colour=red"), "catalogue.search.bad_facet"),
    "02 a limit that is none": (("search", "x", "--limit=0"), "catalogue.bad_number"),
    "03 no word": (("search",), "admin.usage"),
    "04 no such record": (("show", "nix"), "catalogue.unknown_dataset"),
    "05 no such version": (("show", "oscour", "--number=7"), "catalogue.record.unknown_version"),
    "06 no such table": (("show", "oscour", "--table=nix"), "catalogue.command.unknown_table"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(indexed: Terminal, case: tuple[tuple[str, ...], str]) -> None:
    words, code = case
    outcome = indexed("catalogue", *words)
    assert (outcome.status, outcome.code, outcome.out) == (1, code, "")


def test_a_catalogue_without_an_index_says_how_to_make_one(hdh: Terminal) -> None:
    (hdh.state.catalogue / POINTER).unlink(missing_ok=True)
    outcome = hdh("catalogue", "search", "x")
    assert (outcome.status, outcome.code) == (1, "catalogue.command.no_index")
    assert "hdh-jupyter catalogue index" in outcome.err


def test_help_names_what_there_is(hdh: Terminal) -> None:
    shown = hdh("catalogue", "--help")
    assert shown.status == 0
    for name in ("search", "show", "import", "export", "validate", "push", "index", "steward"):
        assert f"\n    {name} " in shown.out
