"""What records are put into: terms, years, citations and code for chosen variables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hdh_catalogue.citation import citation
from hdh_catalogue.coverage import years
from hdh_catalogue.snippets import snippet
from hdh_catalogue.terms import exclusivity_on, terms
from hdh_jupyter.catalogue.convention import Convention, Exclusivity, Price, Pricing, PricingModel, Theme
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError

TODAY = date(2026, 6, 15)


@pytest.fixture
def oscour() -> Dataset:
    return next(dataset for dataset in first_records() if dataset.id == "oscour")


def test_what_is_not_agreed_is_never_a_default() -> None:
    said = {
        theme["key"]: theme for theme in terms(Convention(pricing=Pricing(PricingModel.FREE)), TODAY, "fr")["themes"]
    }
    assert list(said) == [theme.value for theme in Theme]
    assert said["pricing"]["summary"] == "Gratuit"
    assert {key for key, theme in said.items() if theme["summary"] == "à convenir" and not theme["agreed"]} == {
        "scientific_credit",
        "exclusivity",
        "simplified_access",
    }


@pytest.mark.parametrize(
    ("exclusivity", "sentence"),
    [
        pytest.param(Exclusivity(), "No exclusivity.", id="00"),
        pytest.param(Exclusivity("A"), "Exclusive today.", id="01"),
        pytest.param(Exclusivity("A", end=TODAY), "Exclusive today, and until 2026-06-15.", id="02-last-day"),
        pytest.param(
            Exclusivity("A", end=date(2026, 6, 14)),
            "Not exclusive today: the exclusivity ended on 2026-06-14.",
            id="03-day-after",
        ),
        pytest.param(
            Exclusivity("A", start=date(2026, 6, 16)),
            "Not exclusive today: an exclusivity begins on 2026-06-16.",
            id="04-day-before",
        ),
    ],
)
def test_exclusivity_is_told_for_the_day(exclusivity: Exclusivity, sentence: str) -> None:
    assert exclusivity_on(exclusivity, TODAY, "en") == sentence


@pytest.mark.parametrize(
    ("language", "shown"), [("fr", "12\u202f500,50\u00a0€"), ("en", "12,500.50\u00a0€")], ids=["fr", "en"]
)
def test_prices_are_written_for_people(language: str, shown: str) -> None:
    convention = Convention(pricing=Pricing(PricingModel.FEE, prices=(Price("Industry", "12500.50"),)))
    assert terms(convention, TODAY, language)["themes"][3]["prices"] == [{"payer": "Industry", "amount": shown}]


def test_years_count_the_variables_that_are_filled(oscour: Dataset) -> None:
    variables = (
        Variable("a", "string", first_year=2020),
        Variable("b", "string", first_year=2020, last_year=2022, missing_years=(2021, 1990)),
        Variable("c", "string"),
    )
    found = years(
        replace(oscour, coverage=(), first_year=2020, last_year=2023, tables=(Table("t", variables=variables),)),
        TODAY,
        "en",
    )
    assert found is not None
    assert [year["variables"] for year in found["years"]] == [3, 2, 3, 2]
    assert not found["goes_on"]


def test_years_that_nobody_knows_make_no_chart(oscour: Dataset) -> None:
    assert years(replace(oscour, coverage=()), TODAY, "en") is None


def test_bibtex_cannot_be_broken_by_a_name(oscour: Dataset) -> None:
    hostile = replace(oscour, name="A} & 50 % \\input{x}", citation=Fact("x doi:10.5281/zenodo.1.", Certainty.OFFICIAL))
    entry = citation(hostile, TODAY)["bibtex"]
    assert r"A\} \& 50 \% \textbackslash{}input\{x\}" in entry
    assert "doi = {10.5281/zenodo.1}" in entry
    assert entry.replace(r"\{", "").replace(r"\}", "").count("{") == entry.replace(r"\{", "").replace(r"\}", "").count(
        "}"
    )


def test_code_reads_the_chosen_variables_of_the_files_that_have_them(tmp_path: Path) -> None:
    pq.write_table(pa.table({"DAY": [1], "age": [2]}), tmp_path / "visits.parquet")
    (tmp_path / "visits.csv").write_text("DAY,age\n1,2\n")
    (tmp_path / "other.csv").write_text("x,y\n")
    assert snippet("d", "D", tmp_path, "python", ["day"]) == (
        f'import pandas as pd\n\nd = pd.read_parquet("{tmp_path}/visits.parquet", columns=["DAY"])\n'
    )
    assert '[, c("DAY"), drop = FALSE]' in snippet("d", "D", tmp_path, "R", ["day"])
    assert 'select = ["y"]' in snippet("d", "D", tmp_path, "julia", ["y"])
    with pytest.raises(PublicError) as refusal:
        snippet("d", "D", tmp_path, "python", ["nothing"])
    assert refusal.value.code == "catalogue.panel.no_such_columns"
