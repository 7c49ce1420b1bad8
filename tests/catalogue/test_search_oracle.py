"""Both engines find the same in any catalogue; only the order within their own ranks may differ."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import Audience, HitKind, Selection
from hdh_jupyter.catalogue.search.folder_index import FolderIndex
from hdh_jupyter.catalogue.search.sqlite_index import SqliteEngine
from hdh_jupyter.catalogue.search.tantivy_index import TantivyEngine
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable

WORDS = ("sexe", "décès", "Durées", "séjour", "hôpital", "cœur", "dec", "BEN", "cod", "l'âge", "actes", "acte", "a1")
CODES = ("BEN_SEX_COD", "ben_sex_cod", "PHA_DEC_TOP", "dec", "SEX", "AGE_ANN", "x1_2", "__", "É")
TEMPLATE = first_records()[0]

texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
variables = st.builds(
    Variable,
    name=st.sampled_from(CODES),
    type=st.just("string"),
    label=st.none() | texts,
    description=st.none() | texts,
    restricted=st.booleans(),
)
tables = st.lists(st.lists(variables, max_size=4).map(tuple), max_size=3).map(
    lambda columns: tuple(Table(f"T{number}", variables=found) for number, found in enumerate(columns))
)


@st.composite
def catalogues(draw: st.DrawFn) -> list[Dataset]:
    ids = draw(st.lists(st.sampled_from(["aa", "bb", "cc", "dd-ee", "sexe"]), unique=True, max_size=4))
    return [
        replace(
            TEMPLATE,
            id=name,
            name=draw(texts) or name,
            summary=Fact(draw(texts) or "x", Certainty.OFFICIAL),
            themes=tuple(draw(st.lists(st.sampled_from(["urgences", "cancer", "l'âge"]), unique=True, max_size=2))),
            first_year=draw(st.none() | st.integers(2000, 2030)),
            tables=draw(tables),
        )
        for name in ids
    ]


queries = st.one_of(
    st.lists(st.sampled_from((*WORDS, *CODES, "sxee", "sejuor", "actez", "zzzz", "de")), max_size=4).map(" ".join),
    st.text(max_size=20),
)
selections = st.builds(
    Selection,
    facets=st.none()
    | st.dictionaries(
        st.sampled_from(["themes", "years", "usable", "result"]),
        st.sets(st.sampled_from(["urgences", "cancer", "2020", "true", "false", "dataset", "variable"]), max_size=3),
        max_size=2,
    ),
    only=st.none() | st.frozensets(st.sampled_from(["aa", "bb", "zz"])),
    audience=st.builds(Audience, st.frozensets(st.sampled_from(["aa", "bb", "cc", "zz"]))),
    kind=st.sampled_from([None, *HitKind]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(catalogue=catalogues(), asked=st.lists(st.tuples(queries, st.booleans(), selections), min_size=5, max_size=10))
def test_engines_agree_and_counts_are_those_of_the_list(
    catalogue: list[Dataset], asked: list[tuple[str, bool, Selection]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        indexes = [FolderIndex(Path(folder, kind.name), [kind]) for kind in (TantivyEngine, SqliteEngine)]
        for index in indexes:
            index.rebuild(catalogue)
        for query, whole, within in asked:
            typed = query + " " * whole
            fast, oracle = (index.search(typed, within, limit=1000) for index in indexes)
            assert (fast.total, fast.relaxed, fast.corrected) == (oracle.total, oracle.relaxed, oracle.corrected)
            assert len(fast.hits) == len(oracle.hits) == fast.total
            assert set(fast.hits) == set(oracle.hits)
            first = [{hit for hit in found.hits if hit.exact} for found in (fast, oracle)]
            assert first[0] == first[1] == set(fast.hits[: len(first[0])])
            counted = [index.facets(typed, within) for index in indexes]
            assert counted[0] == counted[1]
            assert sum(counted[0]["result"].values()) == fast.total
            assert indexes[0].count(typed, within) == indexes[1].count(typed, within) == fast.total
            in_list = {name: sum(hit.dataset == name for hit in fast.hits) for name in {h.dataset for h in fast.hits}}
            assert indexes[0].by_dataset(typed, within) == indexes[1].by_dataset(typed, within) == in_list
            assert all(h.dataset in within.audience.granted for h in fast.hits if h.restricted)
            for index, found in zip(indexes, (fast, oracle), strict=True):
                page = index.search(typed, within, limit=2, offset=1)
                assert page.hits == found.hits[1:3]


@pytest.mark.parametrize("record", first_records(), ids=lambda record: record.id)
def test_every_record_is_found_by_its_name_in_both(record: Dataset, both: tuple[FolderIndex, FolderIndex]) -> None:
    for index in both:
        assert index.search(record.name).hits[0].dataset == record.id


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[FolderIndex, FolderIndex]:
    folder = tmp_path_factory.mktemp("both")
    fast, oracle = FolderIndex(folder / "t", [TantivyEngine]), FolderIndex(folder / "s", [SqliteEngine])
    fast.rebuild(first_records())
    oracle.rebuild(first_records())
    return fast, oracle
