"""Which categories cover which others, and what tables may mean."""

from __future__ import annotations

import pytest

from hdh_jupyter.disclosure.tables.hierarchy import ages, is_total, nests, readings

NESTED = {
    "00 codes": (["E10-E14", "E10", "E11", "E11.0", "E11.9", "Total"], {"E10-E14": "E10 E11", "E11": "E11.0 E11.9"}),
    "01 chapters": (["Chapitre IV", "E10", "E11", "IX", "I10", "I25"], {"Chapitre IV": "E10 E11", "IX": "I10 I25"}),
    "02 ATC": (["A10", "A10A", "A10B", "B01"], {"A10": "A10A A10B"}),
    "03 ages": (["0-17", "0-4", "5-17", "18-39", "40+"], {"0-17": "0-4 5-17"}),
    "04 places": (["Bretagne", "22", "Finistère", "Corse", "2A", "2B"], {"Bretagne": "22 Finistère", "Corse": "2A 2B"}),
    "05 totals of places": (["Total Corse", "2A", "2B", "Ensemble"], {"Total Corse": "2A 2B"}),
    "06 beginnings": (["Nord", "Nord/Urgences", "Nord/Soins", "Nord-Est"], {"Nord": "Nord/Urgences Nord/Soins"}),
    "07 periods": (["2023", "2023-01", "2023-02", "2024"], {"2023": "2023-01 2023-02"}),
    "08 nothing": (["Femmes", "Hommes", "Total"], {}),
    "09 classes that cross": (["0-17", "15-30", "16-17", "0-20"], {}),
}


@pytest.mark.parametrize(("categories", "expected"), NESTED.values(), ids=NESTED)
def test_nested_categories(categories: list[str], expected: dict[str, str]) -> None:
    found = [
        {categories[p]: " ".join(categories[i] for i in own) for p, own in tree.items()} for tree in nests(categories)
    ]
    assert found == ([expected] if expected else [])


AGES = {
    "18-39": (18, 39),
    "18 à 39 ans": (18, 39),
    "[18;40[": (18, 39),
    "75+": (75, float("inf")),
    "75 ans et plus": (75, float("inf")),
    "≥ 75": (75, float("inf")),
    "moins de 18 ans": (0, 17),
    "<18": (0, 17),
    "12 ans": (12, 12),
    "E10-E14": None,
    "2023": None,
    "F": None,
}


@pytest.mark.parametrize(("label", "expected"), AGES.items(), ids=AGES)
def test_classes_of_age(label: str, expected: tuple[float, float] | None) -> None:
    assert ages(label) == expected


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL général", "Ensemble", "Tous sexes", "total_2023", "Sous-total Nord", "All"]
)
def test_totals(label: str) -> None:
    assert is_total(label)


@pytest.mark.parametrize("label", ["Totalement", "Allier", "Sommeil", "Ensemblier", "Bothnia"])
def test_what_is_no_total(label: str) -> None:
    assert not is_total(label)


def test_a_total_by_its_name_is_believed_and_nesting_only_with_figures() -> None:
    found = {(reading.relations, reading.sure) for reading in readings([("E10",), ("E10.1",), ("E10.9",), ("Total",)])}
    assert (((0, 1, 2), 3),) in {relations for relations, sure in found if sure}
    assert {relations for relations, sure in found if not sure} == {(((1, 2), 0),)}
