"""Merged categories hold no small count, follow their order or their codes, and are called what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure.tables.merging import ends_coded, is_ordered, name_of, partition

AGES = ["0-4", "5-17", "18-39", "40-64", "65-84", "85+"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 60), min_size=2, max_size=2), min_size=3, max_size=6), st.booleans())
def test_no_group_is_small_and_neighbours_go_together(counts: list[list[int]], ordered: bool) -> None:
    names = AGES[: len(counts)] if ordered else [f"Service {c}" for c in "ABCDEF"[: len(counts)]]
    cells = np.array(counts, float)
    for way in (partition, ends_coded):
        groups = way(names, cells, 11)
        if groups is None:
            continue
        assert sorted(i for group in groups for i in group) == list(range(len(names)))
        for group in groups:
            summed = cells[list(group)].sum(axis=0)
            assert not ((summed > 0) & (summed < 11)).any()
            assert not ordered or list(group) == list(range(group[0], group[-1] + 1))


def test_the_extremes_alone_are_merged() -> None:
    assert ends_coded(AGES, np.array([[90], [80], [70], [60], [8], [5]], float), 11) == [(0,), (1,), (2,), (3,), (4, 5)]
    assert ends_coded(AGES, np.array([[2], [80], [70], [60], [50], [40]], float), 11) == [
        (0, 1),
        (2,),
        (3,),
        (4,),
        (5,),
    ]
    assert ends_coded(["A", "B", "C"], np.array([[2], [80], [70]], float), 11) is None


def test_codes_go_with_those_that_begin_alike() -> None:
    assert partition(["E10", "E11", "I10", "I25"], np.array([[4], [90], [20], [30]], float), 11) == [(0, 1), (2,), (3,)]


NAMES = {
    "65+": ["65-84", "85+"],
    "5-39 ans": ["5-17 ans", "18-39 ans"],
    "2024-S01 – 2024-S03": ["2024-S01", "2024-S02", "2024-S03"],
    "E10 + E11": ["E10", "E11"],
    "Autres": ["Nord", "Sud", "Est"],
    "Nord": ["Nord"],
}


@pytest.mark.parametrize(("name", "categories"), NAMES.items(), ids=NAMES)
def test_what_merged_categories_are_called(name: str, categories: list[str]) -> None:
    assert name_of(categories) == name


def test_what_has_an_order() -> None:
    assert is_ordered(AGES)
    assert is_ordered(["2022", "2023", "2024"])
    assert not is_ordered(["5-17", "0-4"])
    assert not is_ordered(["Nord", "Sud"])
