"""Search: what is found, in what order, and what is said of it, by both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config

from hdh_jupyter.catalogue.convention import Convention, Exclusivity, Pricing, PricingModel
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import Audience, HitKind, Selection, tantivy_index
from hdh_jupyter.catalogue.search.configuration import CatalogueSearch
from hdh_jupyter.catalogue.search.engine import Engine
from hdh_jupyter.catalogue.search.facets import DEFAULT_FACETS
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.query import one_error
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError

ENGINES = [pytest.param(TantivyEngine, id="tantivy"), pytest.param(SqliteEngine, id="sqlite")]
DAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def records() -> list[Dataset]:
    return first_records()


@pytest.fixture(scope="module", params=ENGINES)
def index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, records: list[Dataset]
) -> FolderIndex:
    index = FolderIndex(tmp_path_factory.mktemp("catalogue"), [request.param], today=lambda: DAY)
    index.rebuild(records)
    return index


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> type[Engine]:
    kind: type[Engine] = request.param
    return kind


def built(folder: Path, engine: type[Engine], *records: Dataset) -> FolderIndex:
    index = FolderIndex(folder / "catalogue", [engine], today=lambda: DAY)
    index.rebuild(records)
    return index


def with_variables(record: Dataset, *names: str, label: str | None = None, table: str = "T") -> Dataset:
    variables = tuple(Variable(name, "string", label=label) for name in names)
    return replace(record, tables=(*record.tables, Table(table, variables=variables)))


def found(index: FolderIndex, query: str, within: Selection | None = None) -> list[str]:
    return [hit.name for hit in index.search(query, within or Selection(), limit=2000).hits]


DATASETS = Selection(kind=HitKind.DATASET)


@pytest.mark.parametrize(
    ("query", "kind", "first"),
    [
        pytest.param("OSCOUR", "dataset", "oscour", id="00-name"),
        pytest.param("e-must", "dataset", "emust", id="01-name-with-hyphen"),
        pytest.param("nbre_pass_tot", "variable", "nbre_pass_tot", id="02-variable"),
        pytest.param("NBRE PASS TOT", "variable", "nbre_pass_tot", id="03-variable-as-words"),
        pytest.param("maladies rares", "dataset", "bndmr", id="04-words"),
        pytest.param("maladie rare ", "dataset", "bndmr", id="05-singular"),
        pytest.param("cohorte d’enfants", "dataset", "elfe", id="06-elision"),
        pytest.param("sursaud_open", "dataset", "sursaud_open", id="07-id"),
    ],
)
def test_the_right_hit_comes_first(index: FolderIndex, query: str, kind: str, first: str) -> None:
    hit = index.search(query).hits[0]
    assert (hit.kind, hit.dataset if kind == "dataset" else hit.name) == (kind, first)


def test_accents_and_case_do_not_count(index: FolderIndex) -> None:
    plain = found(index, "deces ")
    assert "CépiDc (causes médicales de décès)" in plain
    assert found(index, "DÉCÈS ") == found(index, "Décès ") == plain


def test_the_last_word_may_still_be_being_typed(index: FolderIndex) -> None:
    assert any(hit.dataset == "oscour" for hit in index.search("osco").hits)
    assert index.search("osco ").total == 0
    assert index.search("o").total == index.search("o ").total


def test_an_exact_code_stands_before_better_text_and_is_marked(index: FolderIndex) -> None:
    hits = index.search("hosp").hits
    assert (hits[0].name, hits[0].exact) == ("hosp", True)
    assert len(hits) > 1
    assert not any(hit.exact for hit in hits[1:])


def test_an_exact_code_is_not_relaxed(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    index = built(tmp_path, engine, with_variables(records[0], "BEN_SEX_COD", "PRS_SEX_COD", "BEN_NIR_ANO"))
    assert found(index, "BEN_SEX_COD") == ["BEN_SEX_COD"]
    relaxed = index.search("BEN_SEX_COD_X ")
    assert (relaxed.relaxed, relaxed.total) == (True, 2)


def test_the_stem_of_a_word_is_no_code_fragment(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    index = built(tmp_path, engine, *records[1:], with_variables(records[0], "PHA_DEC_TOP"))
    assert "PHA_DEC_TOP" not in found(index, "décès")
    assert found(index, "PHA_DEC_TOP")[0] == "PHA_DEC_TOP"
    assert "PHA_DEC_TOP" in found(index, "dec")


def test_a_label_that_is_the_query_comes_before_a_better_rank(
    tmp_path: Path, engine: type[Engine], records: list[Dataset]
) -> None:
    record = with_variables(records[0], "DUREE_SEJOUR_DUREE", label="Durée séjour partielle, durée du séjour : durée")
    index = built(tmp_path, engine, with_variables(record, "SEJ_NBJ", label="Durée du séjour", table="U"))
    assert found(index, "durée du séjour")[0] == "SEJ_NBJ"


def test_all_words_are_asked_for_first_then_half_of_them_and_it_is_said(index: FolderIndex) -> None:
    strict = index.search("cancer imagerie ", DATASETS, 100)
    assert (strict.relaxed, strict.corrected) == (True, None)
    both, loose = found(index, "cancer imagerie ", DATASETS), found(index, "cancer ", DATASETS)
    assert strict.total == len(both) > 2
    assert set(loose) < set(both)
    nothing = index.search("zzzz")
    assert (nothing.total, nothing.relaxed, nothing.corrected, nothing.hits) == (0, False, None, ())


def test_hits_with_more_of_the_words_come_first(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    record = records[0]
    for number, label in enumerate(("rouge", "rouge vert", "vert", "bleu", "rouge vert bleu noir", "noir")):
        record = with_variables(record, f"V{number}", label=label, table=f"T{number}")
    index = built(tmp_path, engine, record)
    results = index.search("rouge vert bleu ")
    assert [hit.name for hit in results.hits] == ["V4", "V1"]
    assert results.relaxed


def test_one_typing_error_is_forgiven_and_said(index: FolderIndex) -> None:
    for typed in ("cancr ", "cancre ", "acncer ", "canccer ", "vancer "):
        results = index.search(typed, limit=100)
        assert results.corrected == "cancer"
        assert results.hits == index.search("cancer ", limit=100).hits
    assert index.search("maladies rarse ").corrected == "maladies rares"
    assert index.search("xancre ").corrected is None
    assert index.search("cancer ").corrected is None


def test_words_that_are_being_typed_and_codes_are_not_corrected(index: FolderIndex) -> None:
    typing = index.search("epidemiolo")
    assert typing.total > 0
    assert typing.corrected is None
    assert index.search("pms ").total == 0
    assert index.search("icd10 ").corrected is None


def test_without_words_everything_comes_in_the_stated_order(index: FolderIndex, records: list[Dataset]) -> None:
    results = index.search("", limit=2000)
    datasets = [hit.dataset for hit in results.hits if hit.kind is HitKind.DATASET]
    assert datasets[:4] == ["apriorics", "apsoren", "arac", "bndmr"]
    assert len(datasets) == len(records)
    variables = [(hit.dataset, hit.name) for hit in results.hits[len(datasets) :]]
    assert variables == sorted(variables, key=lambda v: (datasets.index(v[0]), v[1].lower()))
    assert results.total == len(results.hits)


def test_equal_hits_stand_in_the_stated_order(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    index = built(tmp_path, engine, *(with_variables(r, "b_same", "a_same", label="pareil") for r in records[:9]))
    hits = [(hit.dataset, hit.name) for hit in index.search("pareil", limit=100).hits]
    assert len(hits) == 18
    order = [hit.dataset for hit in index.search("", DATASETS, 100).hits]
    assert hits == [(d, name) for d in order for name in ("a_same", "b_same")]


def test_pages_join_without_gap_or_repeat(index: FolderIndex) -> None:
    pages = [index.search("données", limit=3, offset=offset) for offset in range(0, 12, 3)]
    joined = [hit for page in pages for hit in page.hits]
    assert joined == list(index.search("données", limit=12).hits)
    assert len({page.total for page in pages}) == 1


def test_a_variable_of_several_tables_is_one_hit(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    record = records[0]
    for number in range(7):
        years = {"first_year": 2006 + number, "last_year": 2015 + number}
        variable = Variable("BEN_NIR_ANO", "string", label="NIR", **years)
        record = replace(record, tables=(*record.tables, Table(f"T{number}", variables=(variable,))))
    [hit] = built(tmp_path, engine, record).search("ben_nir_ano").hits
    assert hit.tables == tuple(f"T{number}" for number in range(7))
    assert (hit.first_year, hit.last_year, hit.label) == (2006, 2021, "NIR")


def test_a_selection_limits_hits_counts_and_facets_alike(index: FolderIndex, records: list[Dataset]) -> None:
    opened = Selection(facets={"regime": ["open"]}, kind=HitKind.DATASET)
    expected = {r.name for r in records if r.access.regime.value == "open"}
    assert set(found(index, "", opened)) == expected
    assert index.count("", opened) == len(expected)
    assert index.facets("", opened)["regime"] == {"open": len(expected)}
    assert found(index, "", Selection(only=["oscour", "not-there"], kind=HitKind.DATASET)) == ["OSCOUR"]
    assert found(index, "", Selection(only=[])) == []
    both = Selection(facets={"regime": ["open", "committee"], "themes": ["covid-19"]})
    assert 0 < index.count("", both) < index.count("", Selection(facets={"regime": ["open", "committee"]}))
    assert index.count("", Selection(facets={"result": ["variable"]})) == index.facets("")["result"]["variable"]
    assert index.count("", Selection(facets={"result": ["nothing"]})) == 0
    with pytest.raises(PublicError) as refusal:
        index.count("", Selection(facets={"colour": ["red"]}))
    assert refusal.value.code == "catalogue.search.bad_facet"


@pytest.mark.parametrize("query", ["", "cancer", "deces", "covid imagerie ", "sexe", "cancr "])
def test_each_count_of_a_facet_is_that_of_the_list(index: FolderIndex, query: str) -> None:
    within = Selection(audience=Audience(frozenset({"oscour", "sursaud_open"})))
    counted = index.facets(query, within)
    assert list(counted) == ["result", *DEFAULT_FACETS]
    for name, values in counted.items():
        for value, many in values.items():
            chosen = replace(within, facets={name: [value]})
            results = index.search(query, chosen, limit=2000)
            assert index.count(query, chosen) == results.total == len(results.hits) == many, (name, value)
    assert sum(counted["result"].values()) == sum(counted["usable"].values()) == index.count(query, within)
    assert sum(index.by_dataset(query, within).values()) == index.count(query, within)


def test_facets_are_counted_alike_one_by_one_and_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: list[Dataset]
) -> None:
    index = built(tmp_path, TantivyEngine, *records)
    together = [index.facets(query) for query in ("", "cancer", "deces", "zzzz")]
    monkeypatch.setattr(tantivy_index, "MOST_PROFILES", 0)
    assert [index.facets(query) for query in ("", "cancer", "deces", "zzzz")] == together


def test_what_depends_on_the_day_is_looked_at_on_the_day(
    tmp_path: Path, engine: type[Engine], records: list[Dataset]
) -> None:
    agreed = Exclusivity("Équipe A", start=date(2026, 1, 1), end=date(2026, 12, 31))
    reserved = replace(
        records[0], convention=Convention(exclusivity=agreed, pricing=Pricing(PricingModel.FEE)), first_year=2024
    )
    free = replace(records[1], convention=Convention(exclusivity=Exclusivity()))
    day = DAY
    index = FolderIndex(tmp_path / "c", [engine], today=lambda: day)
    index.rebuild([reserved, free, records[2]])
    datasets = Selection(kind=HitKind.DATASET)
    assert index.facets("", datasets)["exclusivity"] == {"exclusive": 1, "free": 1, "to_agree": 1}
    assert index.facets("", datasets)["pricing"] == {"to_agree": 2, "fee": 1}
    assert found(index, "", replace(datasets, facets={"exclusivity": ["exclusive"]})) == [reserved.name]
    assert found(index, "", replace(datasets, facets={"pricing": ["fee"], "years": ["2026"]})) == [reserved.name]
    day = date(2027, 1, 1)
    assert index.facets("", datasets)["exclusivity"] == {"free": 2, "to_agree": 1}
    assert found(index, "", replace(datasets, facets={"exclusivity": ["exclusive"]})) == []
    assert found(index, "", replace(datasets, facets={"years": ["2027"], "pricing": ["fee"]})) == [reserved.name]


def test_what_the_project_may_use_is_a_facet(index: FolderIndex) -> None:
    granted = Audience(frozenset({"oscour", "pmsi"}))
    mine = Selection(facets={"usable": ["true"]}, audience=granted, kind=HitKind.DATASET)
    assert sorted(hit.dataset for hit in index.search("", mine).hits) == ["oscour", "pmsi"]
    assert index.count("", replace(mine, facets={"usable": ["false"]})) == 29
    assert index.count("", replace(mine, facets={"usable": ["true", "false"]})) == 31
    assert index.count("", Selection(facets={"usable": ["true"]})) == 0
    assert index.facets("", replace(mine, facets={}))["usable"] == {"false": 29, "true": 2}


def test_a_deployment_declares_its_facets(tmp_path: Path, engine: type[Engine], records: list[Dataset]) -> None:
    section = CatalogueSearch(config=Config(CatalogueSearch={"facets": {"codes": "coding", "who": "steward"}}))
    index = FolderIndex(tmp_path / "c", [engine], section.facets)
    index.rebuild(records)
    facets = FolderIndex(tmp_path / "c", [engine]).facets("", DATASETS)
    assert list(facets) == ["result", "codes", "who"]
    expected = sum("CIM-10" in record.coding for record in records)
    assert facets["codes"].get("CIM-10", 0) == expected
    assert facets["who"]["Santé publique France"] > 1
    again = FolderIndex(tmp_path / "c", [engine])
    again.rebuild(records)
    assert list(again.facets("")) == ["result", "codes", "who"]
    for name in ("Two words", "result", ""):
        with pytest.raises(TraitError):
            CatalogueSearch(facets={name: "steward"})


def test_suggestions_begin_at_any_word(index: FolderIndex) -> None:
    assert "SOS Médecins (SurSaUD)" in index.suggest("medec")
    assert set(index.suggest("nbre_pass_tot")) >= {"nbre_pass_tot", "nbre_pass_tot_f", "nbre_pass_tot_h"}
    assert index.suggest("  ") == index.suggest("zzzz") == []
    assert len(index.suggest("a", limit=3)) <= 3


def test_a_heading_is_the_record_without_its_tables(index: FolderIndex, records: list[Dataset]) -> None:
    headings = index.headings(["sursaud_open", "oscour", "not-there"])
    by_id = {record.id: record for record in records}
    assert headings == {name: replace(by_id[name], tables=()) for name in ("sursaud_open", "oscour")}
    assert index.headings(["oscour"]) == {"oscour": headings["oscour"]}
    assert index.dataset("sursaud_open") == by_id["sursaud_open"]
    with pytest.raises(PublicError) as refusal:
        index.dataset("not-there")
    assert (refusal.value.code, refusal.value.status) == ("catalogue.unknown_dataset", 404)


def test_one_error_is_a_letter_left_out_added_replaced_or_exchanged() -> None:
    near = set(one_error("mot"))
    assert {"mt", "mots", "mut", "omt", "mto", "zmot"} <= near
    assert not {"tom", "m", "motsa", "zzt"} & near
