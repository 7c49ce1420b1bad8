"""Objects in memory are judged as the files that they would become, and leave nothing behind."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from hdh_jupyter.disclosure import check, engine
from hdh_jupyter.disclosure.objects.__main__ import main

matplotlib.use("agg")
DRAWN = np.random.default_rng(7)
SMALL = pd.DataFrame({"region": ["Nord", "Sud", "Est"], "effectif": [120, 4, 33]})
LARGE = pd.DataFrame({"region": ["Nord", "Sud", "Est"], "effectif": [120, 64, 33]})
CROSSED = pd.crosstab(DRAWN.choice(["F", "H"], 900), DRAWN.choice(["a", "b"], 900), margins=True)
FEATURES = DRAWN.normal(size=(300, 3))
CLASSES = (FEATURES[:, 0] + DRAWN.normal(size=300) > 0).astype(int)


def scattered() -> Figure:
    figure = Figure()
    figure.add_subplot().scatter(FEATURES[:, 0], FEATURES[:, 1])
    return figure


def bars() -> Any:
    axes = Figure().add_subplot()
    axes.bar(["Nord", "Sud"], [120, 64])
    return axes


CASES: list[tuple[str, Callable[[], Any], str, str]] = [
    ("00", lambda: SMALL, "block", "counts.small_cell"),
    ("01", lambda: LARGE, "pass", ""),
    ("02", lambda: SMALL.set_index("region")["effectif"], "block", "counts.small_cell"),
    ("03", lambda: CROSSED, "pass", ""),
    ("04", lambda: KNeighborsClassifier().fit(FEATURES, CLASSES), "block", "models.training_rows"),
    ("05", lambda: DecisionTreeClassifier().fit(FEATURES, CLASSES), "review", "models.small_leaf"),
    ("06", lambda: LogisticRegression().fit(FEATURES, CLASSES), "review", "models.executable"),
    ("07", bars, "pass", ""),
    ("08", lambda: {"petits": SMALL, "grands": LARGE}, "block", "counts.small_cell"),
    ("09", lambda: [LARGE, CROSSED], "pass", ""),
    ("10", lambda: FEATURES, "review", "models.untitled"),
]


@pytest.mark.parametrize(("thing", "verdict", "rule"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_an_object_is_judged_as_its_file(thing: Callable[[], Any], verdict: str, rule: str) -> None:
    report = check(thing())
    assert str(report.verdict) == verdict
    assert (rule in {finding.rule for finding in report.findings}) == bool(rule)


def test_points_of_individuals_are_seen_in_a_figure() -> None:
    assert "figures.individuals" in {finding.rule for finding in check(scattered()).findings}


def test_names_come_from_the_caller_or_say_what_it_is() -> None:
    assert [file.name for file in check({"petits": SMALL, "grands": LARGE}).files] == ["petits", "grands"]
    assert [file.name for file in check([SMALL, LARGE]).files] == ["table", "table 2"]
    report = check(SMALL, name="petits")
    assert {finding.file for finding in report.findings} == {"petits"}


def test_a_path_is_checked_as_before(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    SMALL.to_csv(path, index=False)
    assert check(path).to_stored() == check([path]).to_stored() == engine.check([path]).to_stored()


@pytest.mark.parametrize("thing", [object(), 3, {1, 2}, np.array([{}])], ids=["00", "01", "02", "03"])
def test_what_cannot_be_checked_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="check"):
        check(thing)


def test_two_things_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="name"):
        check([SMALL, LARGE], names=["t", "t"])


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    check([SMALL, scattered(), LogisticRegression().fit(FEATURES, CLASSES)])
    with pytest.raises(TypeError):
        check([SMALL, object()])
    assert list(tmp_path.iterdir()) == []


def test_the_program_for_r_writes_its_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "1.csv"
    SMALL.to_csv(path, index=False)
    assert main([str(tmp_path), f"table(d$sexe)={path}", "--language=en"]) == 0
    assert (tmp_path / "verdict").read_text() == "block"
    assert "table(d$sexe)" in (tmp_path / "report.txt").read_text()
    assert main(["--r-functions"]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()


def test_a_pickle_is_written_but_never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr("pickle.load", refuse)
    monkeypatch.setattr("pickle.loads", refuse)
    monkeypatch.setattr(io, "open_code", refuse)
    assert str(check(LogisticRegression().fit(FEATURES, CLASSES)).verdict) == "review"
