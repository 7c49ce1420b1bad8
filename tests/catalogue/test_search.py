"""Search: what is found, in what order, and what is said of it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import SearchIndex, Selection
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError


@pytest.fixture(scope="module")
def records() -> list[Dataset]:
    return first_records()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, records: list[Dataset]) -> SearchIndex:
    index = SearchIndex(tmp_path_factory.mktemp("catalogue") / "catalogue.sqlite")
    index.rebuild(records)
    return index


def found(index: SearchIndex, query: str, within: Selection | None = None) -> list[str]:
    return [d.id for d in index.search(query, within or Selection(), limit=100).datasets]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        pytest.param("OSCOUR", "oscour", id="00-name"),
        pytest.param("e-must", "emust", id="01-name-with-hyphen"),
        pytest.param("nbre_pass_tot", "sursaud_open", id="02-variable"),
        pytest.param("maladies rares", "bndmr", id="03-words"),
        pytest.param("maladie rare ", "bndmr", id="04-singular"),
        pytest.param("deces", "cepidc", id="05-without-accent"),
        pytest.param("DÉCÈS", "cepidc", id="06-capitals-with-accents"),
        pytest.param("cohorte d’enfants", "elfe", id="07-elision"),
        pytest.param("cohor enfan", "elfe", id="08-two-beginnings-relax"),
    ],
)
def test_the_right_record_comes_first(index: SearchIndex, query: str, first: str) -> None:
    assert found(index, query)[0] == first


def test_the_last_word_may_still_be_being_typed(index: SearchIndex) -> None:
    assert "oscour" in found(index, "osco")
    assert "oscour" not in found(index, "osco ")


def test_an_exact_code_stands_before_better_text(index: SearchIndex) -> None:
    assert found(index, "pmsi")[0] == "pmsi" or found(index, "PMSI")[0].startswith("pmsi")
    assert found(index, "hosp")[0] == "sivic_open"


def test_the_stem_of_a_word_is_no_code_fragment(tmp_path: Path, records: list[Dataset]) -> None:
    other = replace(
        records[0],
        id="pharmacy",
        name="Pharmacie",
        tables=(Table("PHA", variables=(Variable("PHA_DEC_TOP", "string"),)),),
    )
    index = SearchIndex(tmp_path / "c.sqlite")
    index.rebuild([*records, other])
    assert "pharmacy" not in found(index, "décès")
    assert found(index, "PHA_DEC_TOP") == ["pharmacy"]


def test_all_words_are_asked_for_first_then_half_of_them_and_it_is_said(index: SearchIndex) -> None:
    strict = index.search("cancer imagerie")
    assert (strict.total, strict.relaxed) == (2, False)
    relaxed = index.search("cancer imagerie zzzz")
    assert (relaxed.total, relaxed.relaxed) == (2, True)
    assert {d.id for d in relaxed.datasets} == {d.id for d in strict.datasets}
    nothing = index.search("zzzz")
    assert (nothing.total, nothing.relaxed, nothing.datasets) == (0, False, ())


def test_without_words_everything_comes_by_name(index: SearchIndex, records: list[Dataset]) -> None:
    everything = found(index, "")
    assert len(everything) == len(records)
    assert everything[:4] == ["apriorics", "apsoren", "arac", "bndmr"]


def test_pages_join_without_gap_or_repeat(index: SearchIndex) -> None:
    pages = [index.search("données", limit=3, offset=offset) for offset in range(0, 12, 3)]
    joined = [d.id for page in pages for d in page.datasets]
    assert joined == found(index, "données")[:12]
    assert len({page.total for page in pages}) == 1


def test_a_selection_limits_results_counts_and_facets_alike(index: SearchIndex, records: list[Dataset]) -> None:
    opened = Selection(facets={"regime": ["open"]})
    expected = {r.id for r in records if r.access.regime.value == "open"}
    assert set(found(index, "", opened)) == expected
    assert index.count("", opened) == len(expected)
    assert index.facets("", opened)["regime"] == {"open": len(expected)}
    only = Selection(only=["oscour", "not-there"])
    assert found(index, "", only) == ["oscour"]
    assert found(index, "", Selection(only=[])) == []
    assert found(index, "", Selection(facets={"regime": ["open", "committee"], "themes": ["covid-19"]})) != []


def test_suggestions_begin_at_any_word(index: SearchIndex) -> None:
    assert "SOS Médecins (SurSaUD)" in index.suggest("medec")
    assert index.suggest("nbre_pass_tot") == ["nbre_pass_tot", "nbre_pass_tot_f", "nbre_pass_tot_h"]
    assert index.suggest("  ") == []


@given(query=st.text(max_size=80))
def test_any_text_is_a_query_and_the_counts_agree(index: SearchIndex, query: str) -> None:
    results = index.search(query, limit=100)
    assert results.total == len(results.datasets) == index.count(query)
    assert sum(index.facets(query)["regime"].values()) == results.total
    assert index.search(query, limit=100) == results


def test_a_rebuild_replaces_the_file_whole(tmp_path: Path, records: list[Dataset]) -> None:
    index = SearchIndex(tmp_path / "catalogue.sqlite")
    index.rebuild(records)
    before = index.path.stat().st_ino

    def broken() -> list[Dataset]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        index.rebuild(broken())
    with pytest.raises(sqlite3.IntegrityError):
        index.rebuild([records[0], records[0]])
    assert index.path.stat().st_ino == before
    assert index.count("") == 31
    index.rebuild(records[:2])
    assert index.count("") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.sqlite"]


def test_it_reads_where_nothing_can_be_written(index: SearchIndex) -> None:
    folder = index.path.parent
    folder.chmod(0o500)
    try:
        assert index.count("") == 31
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("content", [None, b"", b"no database at all, and long enough to be looked at" * 20])
def test_a_missing_or_damaged_file_is_said_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "catalogue.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PublicError) as refusal:
        SearchIndex(path).search("oscour")
    assert (refusal.value.code, refusal.value.status) == ("catalogue.unavailable", 503)
