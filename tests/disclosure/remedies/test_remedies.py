"""A remedy leads to a file that may leave, or is not offered; what it does not change stays as it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure import Verdict, check, default_policy
from hdh_jupyter.disclosure.remedies import apply, propose
from hdh_jupyter.disclosure.remedies.model import NotPossible

POLICY = default_policy()
SMALL = "age;F;H;Total\n0-17;1 120;130;1 250\n18-39;400;270;670\n40-64;60;70;130\n65-84;31;27;58\n85+;5;13;18\n"
SMALL += "Total;1 616;510;2 126\n"


def proposed(folder: Path, content: str, name: str = "t.csv") -> dict[str, str]:
    """Return what each proposal makes of a file, after checking that it is as it says."""
    path = folder / "in"
    path.write_text(content, "utf-8")
    findings = check([path], POLICY, [name]).findings
    made = {}
    for proposal in propose(path, name, findings, POLICY):
        out = folder / proposal.id
        report = apply(path, name, out, [proposal.id], POLICY, seconds=5)
        assert report.verdict is not Verdict.BLOCK
        assert check([out], POLICY, [name]).verdict is report.verdict
        assert proposal.cells_lost > 0
        assert 0 <= proposal.information_lost < 1
        for language in ("fr", "en"):
            assert str(proposal.cells_lost) in str(proposal.to_dict(language)["message"])
        made[proposal.id] = out.read_text("utf-8")
    return made


def test_every_option_on_a_table_with_totals(tmp_path: Path) -> None:
    made = proposed(tmp_path, SMALL)
    assert made.keys() == {"suppress", "round-10", "nearest-10", "merge", "top-code", "drop-columns"}
    first = "age;F;H;Total\n0-17;1 120;130;1 250\n18-39;400;270;670\n40-64;60;70;130\n"
    assert made["suppress"].startswith(first)
    assert "85+;c;" in made["suppress"]
    assert made["top-code"] == first + "65+;36;40;76\nTotal;1 616;510;2 126\n"
    assert made["merge"] == made["top-code"]
    assert made["round-10"].endswith("Total;1 620;510;2 130\n")
    assert "85+;<11;20;" in made["round-10"]
    assert made["nearest-10"].endswith("65-84;30;30;60\n85+;<11;20;20\nTotal;1 620;510;2 130\n")
    assert made["drop-columns"].startswith("age;H\n0-17;130\n")


def test_a_secret_that_is_given_away_is_kept(tmp_path: Path) -> None:
    made = proposed(tmp_path, "region;F;H;Total\nA;120;130;250\nB;c;27;31\nC;60;70;130\nTotal;184;227;411\n")
    assert "B;c;c;31" in made["suppress"]


def test_the_percentage_beside_a_hidden_count_is_hidden_too(tmp_path: Path) -> None:
    made = proposed(tmp_path, "region;n;pct\nA;500;50,0\nB;496;49,6\nC;4;0,4\nTotal;1000;100,0\n")
    assert made["suppress"] == "region;n;pct\nA;500;50,0\nB;c;c\nC;c;c\nTotal;1000;100,0\n"
    assert "merge" not in made


def test_what_stands_around_a_table_stays(tmp_path: Path) -> None:
    content = "Tableau 1\n\nregion\tF\tH\nA\t120\t4\nB\t90\t80\n\nSource : SNDS\n"
    made = proposed(tmp_path, content, "t.tsv")
    assert made["suppress"] == content.replace("\t4\n", "\tc\n")


def test_remedies_follow_one_another(tmp_path: Path) -> None:
    path, out = tmp_path / "in", tmp_path / "out"
    path.write_text(SMALL + "\nregion;n\nA;120\nB;4\n", "utf-8")
    with pytest.raises(NotPossible):
        apply(path, "t.csv", out, ["top-code"], POLICY)
    assert not out.exists()
    assert apply(path, "t.csv", out, ["suppress"], POLICY).verdict is Verdict.PASS
    assert out.read_text("utf-8").endswith("region;n\nA;120\nB;c\n")


REFUSED = {
    "00 one row per person": (
        "t.csv",
        "sexe;age;commune;diagnostic\n"
        + "".join(f"{'FH'[i % 2]};{i % 90};{35000 + i};E{i % 89:02}\n" for i in range(60)),
        "row_level",
    ),
    "01 an address": ("t.csv", "region;n;contact\nA;120;marie.durand@exemple.fr\nB;4;x\n", "row_level"),
    "02 a drawing": ("t.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
}


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_remedy(tmp_path: Path, name: str, content: str, reason: str) -> None:
    path, out = tmp_path / "in", tmp_path / "out"
    path.write_text(content, "utf-8")
    findings = check([path], POLICY, [name]).findings
    for attempt in (
        lambda: propose(path, name, findings, POLICY),
        lambda: apply(path, name, out, ["suppress"], POLICY),
    ):
        with pytest.raises(NotPossible) as told:
            attempt()
        assert told.value.code == f"disclosure.remedy.{reason}"
        assert told.value.message("fr") != told.value.message("en")
    assert not out.exists()


def test_an_unknown_remedy(tmp_path: Path) -> None:
    (tmp_path / "in").write_text(SMALL, "utf-8")
    with pytest.raises(NotPossible) as told:
        apply(tmp_path / "in", "t.csv", tmp_path / "out", ["../etc"], POLICY)
    assert told.value.code == "disclosure.remedy.unknown"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.integers(0, 90), min_size=3, max_size=4), min_size=3, max_size=5).filter(
        lambda rows: len({len(row) for row in rows}) == 1 and any(0 < n < 11 for row in rows for n in row)
    )
)
def test_whatever_the_table_suppression_ends_well_or_says_so(tmp_path: Path, rows: list[list[int]]) -> None:
    table = np.array(rows)
    table = np.vstack([table, table.sum(axis=0)])
    table = np.hstack([table, table.sum(axis=1, keepdims=True)])
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(["zone", *(f"n_{i}" for i in range(table.shape[1] - 1)), "n_total"])
    for i, row in enumerate(table.tolist()):
        writer.writerow([f"Z{i}" if i < len(table) - 1 else "Total", *row])
    path, out = tmp_path / "in", tmp_path / "out"
    path.write_text(stream.getvalue(), "utf-8")
    out.unlink(missing_ok=True)
    try:
        report = apply(path, "t.csv", out, ["suppress"], POLICY, seconds=1)
    except NotPossible:
        assert not out.exists()
        assert (table == 0).any()
        return
    assert report.verdict is not Verdict.BLOCK
    shown = [line.split(";")[1:] for line in out.read_text("utf-8").splitlines()[1:]]
    for own, true in zip(shown, table.tolist(), strict=True):
        for cell, count in zip(own, true, strict=True):
            assert cell == "c" or int(cell) == count
            assert cell == "c" or not 0 < count < 11
