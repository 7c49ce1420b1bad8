"""The fictitious visits: the same at each run, and like emergency visits."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.csv
import pyarrow.parquet
import pytest

from hdh_jupyter.demo.epidemics import departments, diagnoses
from hdh_jupyter.demo.oscour import VISITS, generate, write_dataset


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    frame: pd.DataFrame = generate(120_000).to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert write_dataset(tmp_path / name, 5_000)
    for file in ("visits.parquet", "visits.csv", "README.md", "datapackage.json"):
        first, second = (hashlib.sha256((tmp_path / name / file).read_bytes()).digest() for name in ("a", "b"))
        assert first == second, file


def test_both_files_hold_the_same_visits(tmp_path: Path) -> None:
    write_dataset(tmp_path / "oscour", 5_000)
    parquet = pyarrow.parquet.read_table(tmp_path / "oscour" / "visits.parquet").to_pandas()
    text = pd.read_csv(tmp_path / "oscour" / "visits.csv", dtype=str, keep_default_na=False)
    as_text = parquet.astype(object).where(parquet.notna(), "").astype(str)
    pd.testing.assert_frame_equal(as_text, text, check_dtype=False)
    assert len(text) == 5_000


def test_the_description_names_the_columns_in_order(tmp_path: Path) -> None:
    write_dataset(tmp_path / "oscour", 100)
    package = json.loads((tmp_path / "oscour" / "datapackage.json").read_text())
    header = (tmp_path / "oscour" / "visits.csv").read_text().splitlines()[0].replace('"', "")
    for resource in package["resources"]:
        assert [field["name"] for field in resource["schema"]["fields"]] == header.split(",")
    assert "fictives" in (tmp_path / "oscour" / "README.md").read_text()


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "oscour"
    folder.mkdir()
    (folder / "own.csv").write_text("x")
    assert not write_dataset(folder, 100)
    assert [path.name for path in folder.iterdir()] == ["own.csv"]


def test_a_failed_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pyarrow.csv, "write_csv", full)
    with pytest.raises(OSError, match="No space"):
        write_dataset(tmp_path / "oscour", 100)
    assert list(tmp_path.iterdir()) == []


def test_the_usual_size_is_large_enough() -> None:
    assert VISITS >= 300_000


def test_days_departments_and_codes_are_those_of_france(visits: pd.DataFrame) -> None:
    assert visits["day"].min().date() == date(2020, 1, 1)
    assert visits["day"].max().date() == date(2025, 12, 31)
    assert visits["day"].is_monotonic_increasing
    codes = set(visits["department"])
    assert len(departments()) == 101
    assert codes == {place.code for place in departments()}
    assert {"01", "2A", "2B", "971", "972", "973", "974", "976"} <= codes
    assert set(visits["ccmu"]) == {"1", "2", "3", "4", "5", "D", "P"}
    assert set(visits["diagnosis"].dropna()) <= {reason.code for reason in diagnoses()}
    assert visits["age"].between(0, 104).all()


def test_the_first_lockdown_empties_emergency_rooms_and_covid_comes_in_waves(visits: pd.DataFrame) -> None:
    monthly = visits.groupby(visits["day"].dt.to_period("M")).size()
    assert monthly["2020-04"] < 0.75 * monthly["2020-02"]
    covid = visits[visits["diagnosis"] == "U07.1"]
    waves = covid.groupby(covid["day"].dt.to_period("M")).size()
    assert waves.index.min() >= pd.Period("2020-02", "M")
    assert waves["2022-01"] > 5 * waves["2022-05"]


def test_mondays_are_busier_than_wednesdays(visits: pd.DataFrame) -> None:
    by_day = visits.groupby(visits["day"].dt.day_of_week).size()
    assert by_day[0] > 1.08 * by_day[2]


def test_diagnoses_have_their_ages_and_seasons(visits: pd.DataFrame) -> None:
    bronchiolitis = visits[visits["diagnosis"] == "J21.0"]
    assert (bronchiolitis["age"] < 5).all()
    assert bronchiolitis["day"].dt.month.isin([11, 12, 1]).mean() > 0.5
    assert visits.loc[visits["diagnosis"] == "S72.0", "age"].median() > 75
    assert (visits.loc[visits["diagnosis"] == "O20.9", "sex"] == "F").all()
    assert visits.loc[visits["ccmu"] == "P", "diagnosis"].dropna().isin(["F32.9", "F41.9"]).all()


def test_a_patient_who_returns_is_the_same_person(visits: pd.DataFrame) -> None:
    assert visits["patient"].str.fullmatch("[0-9a-f]{32}").all()
    assert 0.7 < visits["patient"].nunique() / len(visits) < 0.9
    visits = visits.assign(born=visits["day"].dt.year - visits["age"])
    same = visits.groupby("patient", observed=True)[["department", "sex", "born"]].nunique()
    assert (same == 1).all().all()
