"""Row-level data, in tables and in a notebook's previews."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]
ROW_RULES = {"rows.identifier_column", "rows.quasi_identifiers", "rows.small_groups"}


def persons(count: int = 400) -> pd.DataFrame:
    draw = random.Random(3)
    start = dt.date(2020, 1, 1)
    return pd.DataFrame(
        {
            "patient": [hashlib.sha256(f"{i // 2}".encode()).hexdigest()[:16] for i in range(count)],
            "date": [(start + dt.timedelta(days=draw.randrange(900))).isoformat() for _ in range(count)],
            "departement": draw.choices(["01", "13", "2A", "2B", "59", "75"], k=count),
            "age": [draw.randrange(100) for _ in range(count)],
            "sexe": draw.choices("FH", k=count),
            "ccmu": [draw.randrange(1, 6) for _ in range(count)],
            "diagnostic": draw.choices(["J11", "J44", "I21", "R07"], k=count),
        }
    )


def csv(frame: pd.DataFrame, **options: Any) -> str:
    return str(frame.to_csv(**{"index": False, **options}))


ROW_LEVEL = {
    "00b stays by number, ages all different": "id_sej,age,dp,duree\n"
    + "".join(f"S{i:05d},{20 + i},{'J18' if i % 2 else 'I21'},{i % 9}\n" for i in range(40)),
    "00 pseudonyms and attributes": csv(persons()),
    "01 attributes alone": csv(persons().drop(columns="patient")),
    "02 numbered patients": csv(persons().assign(patient=range(1, 401)).rename(columns={"patient": "id_patient"})),
    "03 pseudonyms under another title": csv(persons()[["patient", "ccmu"]].rename(columns={"patient": "x"})),
    "04 five rows": csv(persons().drop(columns="patient").head()),
    "05 dates written the French way": csv(
        persons().drop(columns="patient").assign(date=lambda d: pd.to_datetime(d.date).dt.strftime("%d/%m/%Y"))
    ),
    "06 after thousands of rows of results": csv(
        pd.concat(
            [
                pd.DataFrame({"date": "2020", "departement": "01", "age": "0-17", "sexe": "F"}, index=range(60_000)),
                persons()[["date", "departement", "age", "sexe"]],
            ]
        )
    ),
    "07 SNDS names": csv(
        persons().rename(
            columns={
                "patient": "BEN_NIR_PSA",
                "age": "BEN_NAI_ANN",
                "sexe": "BEN_SEX_COD",
                "departement": "BEN_RES_DPT",
            }
        )
    ),
    "08 13 characters without a key": "nir;annee;nb_boites\n2080323269471;2022;80\n"
    "1420523251402;2019;100\n246052A159374;2022;80\n",
    "09 numbers without titles": "".join(
        f"{1 + i % 2},{(i * 37) % 100},{(i * 11) % 90},{i % 2},{20 + i % 17}.{i % 10}\n" for i in range(300)
    ),
    "10 first names": "prenom;n\nMarie;120\nAnne;130\nLouis;140\n",
}


@pytest.mark.parametrize("case", ROW_LEVEL)
def test_row_level_data_block(case: str, judged: Judge) -> None:
    report = judged("table.csv", ROW_LEVEL[case])
    assert {f.rule for f in report.findings} & ROW_RULES, report.to_dict("en")
    assert report.verdict == "block"
    assert not report.files[0].releasable


def test_groups_of_eleven_and_more_need_a_person(judged: Judge) -> None:
    rows = [("FH"[i % 2], ["Nord", "Sud"][i // 2 % 2], ["0-17", "18+"][i // 4 % 2]) for i in range(400)]
    report = judged("k.csv", csv(pd.DataFrame(rows, columns=["sexe", "zone", "classe_age"])))
    assert [f.rule for f in report.findings] == ["rows.one_per_person"]
    assert report.verdict == "review"


def test_one_group_below_eleven_blocks(judged: Judge) -> None:
    rows = [("FH"[i % 2], ["Nord", "Sud"][i // 2 % 2]) for i in range(400)] + [("F", "Ouest")] * 3
    report = judged("k.csv", csv(pd.DataFrame(rows, columns=["sexe", "zone"])))
    assert [f.rule for f in report.findings] == ["rows.small_groups"]


AGGREGATED = {
    "00 complete breakdown with counts": csv(
        persons(4000).groupby(["departement", "sexe"]).size().reset_index(name="n")
    ),
    "01 rates of a complete breakdown": csv(
        persons(4000).groupby(["departement", "sexe"])["age"].mean().round(2).reset_index(name="age_moyen")
    ),
    "02 daily series": "date;passages\n"
    + "".join(f"{dt.date(2020, 1, 1) + dt.timedelta(days=i)};{50 + i % 40}\n" for i in range(700)),
    "03 distinct patients by month": "mois,patient\n" + "".join(f"2020-{m:02d},{100 + m}\n" for m in range(1, 13)),
    "04 dictionary of variables": "variable;type;libelle\nBEN_NIR_PSA;texte;Pseudonyme du bénéficiaire\n"
    "BEN_SEX_COD;code;Sexe du bénéficiaire\nEXE_SOI_DTD;date;Date de début des soins\n",
    "05 first rows of rates by region, sex and age": "region,sexe,classe_age,taux\nBretagne,F,0-17,1.2\n"
    "Bretagne,F,18-64,1.5\nBretagne,F,65+,3.2\nBretagne,H,0-17,1.1\nBretagne,H,18-64,1.9\n",
}


@pytest.mark.parametrize("case", AGGREGATED)
def test_results_are_not_persons(case: str, judged: Judge) -> None:
    report = judged("table.csv", AGGREGATED[case])
    assert report.findings == (), report.to_dict("en")


@pytest.mark.parametrize("show", ["html", "text"])
@pytest.mark.parametrize("identified", [True, False])
def test_previews_of_persons_lose_their_output(
    show: str, identified: bool, judged: Judge, notebook: Callable[..., bytes]
) -> None:
    frame = persons().head() if identified else persons().drop(columns="patient").head()
    data = {"text/html": frame.to_html()} if show == "html" else {"text/plain": frame.to_string()}
    report = judged("n.ipynb", notebook(data))
    assert {f.rule for f in report.findings} & ROW_RULES, report.to_dict("en")
    assert report.files[0].releasable


def test_the_printed_record_of_one_person_loses_its_output(judged: Judge, notebook: Callable[..., bytes]) -> None:
    report = judged(
        "n.ipynb", notebook({"text/plain": repr(persons().loc[5])}, str(persons().drop(columns="patient").loc[7]))
    )
    places = {(f.where.cell, f.where.output) for f in report.findings if f.rule in ROW_RULES}
    assert places == {(1, 1), (1, 2)}


def test_types_and_missing_values_of_columns_pass(judged: Judge, notebook: Callable[..., bytes]) -> None:
    frame = persons()
    report = judged(
        "n.ipynb", notebook(repr(frame.dtypes), repr(frame.isna().sum()), repr(frame.describe().loc[["mean", "std"]]))
    )
    assert report.verdict == "pass", report.to_dict("en")


def test_no_pseudonym_is_printed_whole(judged: Judge) -> None:
    frame = persons()
    wide = frame.pivot_table(index="date", columns="patient", values="age").fillna(0)
    for content in (csv(frame), wide.to_csv()):
        stored = str(judged("table.csv", content).to_stored())
        assert not [p for p in frame.patient if p in stored]
