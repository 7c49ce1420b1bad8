"""Which projects are open on a day, and what the closed ones say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.i18n import LANGUAGES
from hdh_jupyter.projects import gate
from hdh_jupyter.projects.model import Authorisation, BasisKind, Grant, Opinion, Project

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
TODAY = date(2025, 6, 15)
CNIL = Authorisation(BasisKind.AUTHORISATION, Opinion.FAVOURABLE, date(2024, 9, 1), "924123", FIRST, LAST)
MR = Authorisation(BasisKind.REFERENCE_METHODOLOGY, reference="MR-004")
EXEMPT = Authorisation(BasisKind.EXEMPTION, reason="Données anonymes")


def project(basis: Authorisation | None, *grants: Grant) -> Project:
    return Project("vox", "Voix", authorisation=basis, grants=grants)


@pytest.mark.parametrize(
    ("basis", "on", "code"),
    [
        pytest.param(None, TODAY, "no_basis", id="00"),
        pytest.param(CNIL, TODAY, "open", id="01"),
        pytest.param(CNIL, FIRST, "open", id="02 first day"),
        pytest.param(CNIL, LAST, "open", id="03 last day"),
        pytest.param(CNIL, FIRST - timedelta(days=1), "not_yet_valid", id="04"),
        pytest.param(CNIL, LAST + timedelta(days=1), "expired", id="05"),
        pytest.param(replace(CNIL, opinion=None), TODAY, "awaiting_opinion", id="06"),
        pytest.param(replace(CNIL, opinion=Opinion.PENDING), TODAY, "awaiting_opinion", id="07"),
        pytest.param(replace(CNIL, opinion=Opinion.UNFAVOURABLE), TODAY, "refused", id="08"),
        pytest.param(replace(CNIL, cnil_number=""), TODAY, "awaiting_authorisation", id="09"),
        pytest.param(replace(CNIL, cnil_number="  "), TODAY, "awaiting_authorisation", id="10"),
        pytest.param(replace(CNIL, valid_from=None), TODAY, "awaiting_authorisation", id="11"),
        pytest.param(replace(CNIL, valid_until=None), TODAY, "awaiting_authorisation", id="12"),
        pytest.param(replace(CNIL, opinion=Opinion.PENDING), LAST + timedelta(days=1), "awaiting_opinion", id="13"),
        pytest.param(MR, TODAY, "open", id="14"),
        pytest.param(replace(MR, reference=" "), TODAY, "no_basis", id="15"),
        pytest.param(replace(MR, valid_until=LAST), LAST + timedelta(days=1), "expired", id="16"),
        pytest.param(replace(MR, valid_from=FIRST), FIRST - timedelta(days=1), "not_yet_valid", id="17"),
        pytest.param(replace(MR, reference="", cnil_number="924123"), TODAY, "no_basis", id="18"),
        pytest.param(EXEMPT, TODAY, "open", id="19"),
        pytest.param(replace(EXEMPT, reason=""), TODAY, "no_basis", id="20"),
        pytest.param(replace(EXEMPT, valid_until=LAST), LAST + timedelta(days=1), "expired", id="21"),
    ],
)
def test_state(basis: Authorisation | None, on: date, code: str) -> None:
    state = gate.state(project(basis), on)
    assert (state.open, state.code) == (code == "open", f"projects.state.{code}")
    # Every sentence finds its values, in every language.
    assert len({state.message(language) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("basis", "on", "language", "sentence"),
    [
        pytest.param(CNIL, TODAY, "fr", "Ouvert : autorisation CNIL n° 924123", id="00"),
        pytest.param(
            CNIL, date(2026, 1, 1), "fr", "Fermé : autorisation CNIL n° 924123 expirée le 31/12/2025", id="01"
        ),
        pytest.param(
            CNIL, date(2026, 1, 1), "en", "Closed: CNIL authorisation no. 924123 expired on 31/12/2025", id="02"
        ),
        pytest.param(
            CNIL, date(2024, 1, 1), "fr", "Fermé : autorisation CNIL n° 924123 valable à partir du 01/01/2025", id="03"
        ),
        pytest.param(replace(CNIL, opinion=None), TODAY, "fr", "Fermé : en attente de l'avis du CESREES", id="04"),
        pytest.param(
            replace(MR, valid_until=LAST),
            date(2026, 1, 1),
            "fr",
            "Fermé : méthodologie de référence MR-004 expirée le 31/12/2025",
            id="05",
        ),
        pytest.param(replace(CNIL, cnil_number="{x}"), TODAY, "fr", "Ouvert : autorisation CNIL n° {x}", id="06"),
    ],
)
def test_sentences(basis: Authorisation, on: date, language: str, sentence: str) -> None:
    assert gate.state(project(basis), on).message(language) == sentence


@given(
    st.builds(
        Authorisation,
        kind=st.sampled_from(BasisKind),
        opinion=st.none() | st.sampled_from(Opinion),
        cnil_number=st.sampled_from(["", " ", "924123"]),
        valid_from=st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        valid_until=st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        reference=st.sampled_from(["", "MR-004"]),
        reason=st.sampled_from(["", "Données anonymes"]),
    ),
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
)
def test_open_never_means_outside_the_dates_or_without_a_basis(basis: Authorisation, on: date) -> None:
    state = gate.state(project(basis), on)
    if state.open:
        assert basis.valid_from is None or basis.valid_from <= on
        assert basis.valid_until is None or on <= basis.valid_until
        assert basis.kind is not BasisKind.AUTHORISATION or basis.opinion is Opinion.FAVOURABLE
        assert basis.kind is not BasisKind.AUTHORISATION or (basis.cnil_number == "924123" and basis.valid_until)
        assert basis.kind is not BasisKind.REFERENCE_METHODOLOGY or basis.reference
        assert basis.kind is not BasisKind.EXEMPTION or basis.reason
    assert state.message("fr")


@pytest.mark.parametrize(
    ("grant", "basis", "in_force"),
    [
        pytest.param(Grant("oscour"), CNIL, True, id="00 without dates"),
        pytest.param(Grant("oscour", TODAY, TODAY), CNIL, True, id="01 that very day"),
        pytest.param(Grant("oscour", valid_from=TODAY + timedelta(days=1)), CNIL, False, id="02 from tomorrow"),
        pytest.param(Grant("oscour", valid_until=TODAY - timedelta(days=1)), CNIL, False, id="03 until yesterday"),
        pytest.param(Grant("oscour"), None, False, id="04 closed project"),
        pytest.param(Grant("oscour", FIRST, LAST), replace(CNIL, opinion=None), False, id="05 closed project"),
    ],
)
def test_grants_in_force(grant: Grant, basis: Authorisation | None, in_force: bool) -> None:
    assert gate.grants_in_force(project(basis, grant), TODAY) == ((grant,) if in_force else ())
