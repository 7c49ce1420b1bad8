"""The first records, and the store that keeps them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.convention import Pricing, PricingModel
from hdh_jupyter.catalogue.facts import Certainty
from hdh_jupyter.catalogue.model import Dataset, Regime, from_document, to_document
from hdh_jupyter.catalogue.seed import first_records, seed
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import Base, Database
from hdh_jupyter.errors import PublicError


@pytest.fixture
def store(tmp_path: Path) -> CatalogueStore:
    database = Database(f"sqlite:///{tmp_path}/t.sqlite")
    Base.metadata.create_all(database.engine)
    return CatalogueStore(database)


@pytest.fixture(scope="module")
def records() -> dict[str, Dataset]:
    return {record.id: record for record in first_records()}


def test_the_facts_file_gives_31_records_that_cite_only_sources_they_list(records: dict[str, Dataset]) -> None:
    assert len(records) == 31
    for record in records.values():
        listed = {source.id for source in record.sources}
        assert set(record.steward.sources) | set(record.access.regime.sources) <= listed
        assert all(set(milestone.fact.sources) <= listed for milestone in record.coverage)


def test_a_record_comes_back_from_its_document_unchanged(records: dict[str, Dataset]) -> None:
    for record in records.values():
        assert from_document(to_document(record)) == record


def test_facts_keep_their_own_certainty(records: dict[str, Dataset]) -> None:
    sidep = records["sidep"]
    assert sidep.steward.to_confirm
    assert sidep.steward.sources == ()
    assert sidep.summary is not None
    assert sidep.summary.certainty is Certainty.SECONDARY
    copy_start = records["oscour"].milestone("hdh_copy_start")
    assert copy_start is not None
    assert (copy_start.value, copy_start.certainty) == ("2020-01-01", Certainty.OFFICIAL)


def test_no_convention_term_is_made_up(records: dict[str, Dataset]) -> None:
    for record in records.values():
        terms = (record.convention.scientific_credit, record.convention.exclusivity, record.convention.pricing)
        assert (*terms, record.convention.simplified_access) == (None,) * 4


def test_access_names_the_procedures_that_apply(records: dict[str, Dataset]) -> None:
    oscour = records["oscour"].access
    assert oscour.regime.value is Regime.AUTHORISATION
    assert [procedure.id for procedure in oscour.procedures] == ["authorisation"]
    pmsi = records["pmsi"].access
    assert [procedure.id for procedure in pmsi.procedures] == ["permanent", "authorisation"]
    assert [condition.value for condition in pmsi.conditions] == ["MR-005 / MR-006 sur la plateforme ATIH"]


def test_a_recoded_variable_has_one_code_list_per_period(records: dict[str, Dataset]) -> None:
    [variable] = [v for v in records["sursaud_open"].variables if v.name == "sursaud_cl_age_corona"]
    assert [(codes.period, len(codes.codes)) for codes in variable.code_lists] == [
        ("depuis le 4 novembre 2021", 7),
        ("avant le 4 novembre 2021", 6),
    ]
    days = (date(2021, 11, 3), date(2021, 11, 4))
    assert [variable.codes_on(day) for day in days] == [variable.code_lists[1], variable.code_lists[0]]


def test_seeding_fills_an_empty_catalogue_once(store: CatalogueStore, records: dict[str, Dataset]) -> None:
    assert seed(store)
    assert {record.id: record for record in store.all()} == records
    store.put(replace(records["oscour"], name="OSCOUR (révisée)"))
    assert not seed(store)
    assert store.get("oscour").name == "OSCOUR (révisée)"
    assert len(store.all()) == 31


def test_a_new_version_replaces_and_an_equal_one_does_not_count(
    store: CatalogueStore, records: dict[str, Dataset], versions: Callable[[str], list[int]]
) -> None:
    record = records["oscour"]
    agreed = replace(record.convention, pricing=Pricing(PricingModel.FREE, valid_from=date(2026, 1, 1)))
    store.put(record)
    store.put(record)
    assert versions("oscour") == [1]
    store.put(replace(record, convention=agreed))
    assert versions("oscour") == [1, 2]
    assert store.get("oscour").convention == agreed


def test_a_batch_with_a_bad_id_changes_nothing(store: CatalogueStore, records: dict[str, Dataset]) -> None:
    with pytest.raises(PublicError, match=r"\.\./etc") as refusal:
        store.put(records["oscour"], replace(records["oscour"], id="../etc"))
    assert refusal.value.code == "catalogue.bad_id"
    assert store.all() == []


def test_an_unknown_dataset_is_said_so(store: CatalogueStore) -> None:
    with pytest.raises(PublicError) as refusal:
        store.get("nothing")
    assert (refusal.value.code, refusal.value.status) == ("catalogue.unknown_dataset", 404)


@pytest.fixture
def versions(store: CatalogueStore, tmp_path: Path) -> Callable[[str], list[int]]:
    from sqlalchemy import select

    from hdh_jupyter.catalogue.tables import CatalogueRecord

    database = Database(f"sqlite:///{tmp_path}/t.sqlite")

    def of(dataset: str) -> list[int]:
        query = select(CatalogueRecord.version).where(CatalogueRecord.dataset == dataset).order_by("version")
        with database.read() as session:
            return list(session.scalars(query))

    return of
