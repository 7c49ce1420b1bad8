"""One request to each steward; stewards of every dataset of it answer, and nobody else."""

from __future__ import annotations

import pytest

from hdh_jupyter.catalogue.access_requests import RequestState
from hdh_jupyter.catalogue.drafting import Actor
from hdh_jupyter.errors import PublicError

from .conftest import ADA, ROSA, STELLA, SVEN, Office

PURPOSE = "Mesurer le recours aux urgences pendant les vagues de chaleur."


def test_a_basket_makes_one_request_for_each_steward(office: Office) -> None:
    made = office.requests.create("flu", "rosa", ["oscour", "elfe", "sursaud_open", "oscour"], PURPOSE)
    assert sorted(each.datasets for each in made) == [("elfe",), ("oscour",), ("sursaud_open",)]
    office.stewardship.assign("sursaud_open", "sven", "ada")
    (joined,) = office.requests.create("heat", "rosa", ["oscour", "sursaud_open"], PURPOSE)
    assert (joined.steward, joined.datasets) == ("Santé publique France", ("oscour", "sursaud_open"))
    assert {each.id for each in office.requests.visible(SVEN)} == {
        joined.id,
        *(each.id for each in made if each.datasets != ("elfe",)),
    }
    assert len(office.requests.visible(ADA)) == 4
    assert office.requests.visible(ROSA) == ()
    assert [event.subject for event in office.audit.tail(1)] == [str(joined.id)]


@pytest.mark.parametrize(
    ("datasets", "purpose", "code"),
    [
        ([], PURPOSE, "catalogue.request.bad_basket"),
        (["oscour"], "test", "catalogue.request.bad_purpose"),
        (["oscour"], "x" * 5000, "catalogue.request.too_long"),
        (["oscour", "no_such"], PURPOSE, "catalogue.unknown_dataset"),
        (["pmsi", "oscour"], PURPOSE, "catalogue.request.already_asked"),
        ([f"d{n}" for n in range(60)], PURPOSE, "catalogue.request.bad_basket"),
    ],
)
def test_a_bad_basket_asks_nobody(office: Office, datasets: list[str], purpose: str, code: str) -> None:
    office.requests.create("flu", "rosa", ["pmsi"], PURPOSE)
    with pytest.raises(PublicError) as refusal:
        office.requests.create("flu", "rosa", datasets, purpose)
    assert refusal.value.code == code
    assert len(office.requests.of_project("flu")) == 1


ANSWERS = {
    "00": (SVEN, 200),
    "01": (ADA, 200),
    "02": (STELLA, 404),
    "03": (ROSA, 404),
    "04": (Actor("sven"), 404),
    "05": (Actor("rosa", is_admin=True), 403),
}


@pytest.mark.parametrize("number", ANSWERS)
def test_who_answers(office: Office, number: str) -> None:
    actor, expected = ANSWERS[number]
    (request,) = office.requests.create("flu", "rosa", ["oscour"], PURPOSE)
    if expected == 200:
        assert office.requests.answer(actor, request.id, RequestState.GRANTED, "").state is RequestState.GRANTED
    else:
        with pytest.raises(PublicError) as refusal:
            office.requests.answer(actor, request.id, RequestState.GRANTED, "")
        assert refusal.value.status == expected


def test_an_answer_leaves_a_request_open_and_a_decision_ends_it(office: Office) -> None:
    (request,) = office.requests.create("flu", "rosa", ["oscour"], PURPOSE)
    for state in (RequestState.ANSWERED, RequestState.REFUSED):
        with pytest.raises(PublicError, match="answer"):
            office.requests.answer(SVEN, request.id, state, " ")
    assert office.requests.answer(SVEN, request.id, RequestState.ANSWERED, "Quelle période ?").is_open
    ended = office.requests.answer(SVEN, request.id, RequestState.REFUSED, "Hors du périmètre.")
    assert ended.to_dict()["comment"] == "Hors du périmètre."
    with pytest.raises(PublicError) as refusal:
        office.requests.answer(SVEN, request.id, RequestState.GRANTED, "")
    assert refusal.value.code == "catalogue.request.over"
    office.requests.create("flu", "rosa", ["oscour"], PURPOSE)
