"""Hidden cells that totals give away, in files as people write them; and tables that keep their secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

GIVEN_AWAY = {
    "00 one cell hidden in a row with its total": "region;F;H;Total\nBretagne;120;130;250\nCorse;c;25;31\n",
    "01 bounded mark, narrower than it says": "region;F;H;Total\nBretagne;120;130;250\nCorse;<11;25;31\n",
    "02 two of a row, but columns have totals": "region;0-17;18-39;40+;Total\nA;100;c;c;112\nB;90;60;70;220\n"
    "C;80;50;40;170\nTotal;270;115;117;502\n",
    "03 four cells, and no count is negative": "region;0-17;18-39;40-59;60-74;Total\n"
    "Corse;465;c;c;137;643\nNormandie;381;259;180;127;947\nOccitanie;1713;c;c;572;2337\nTotal;2559;260;272;836;3927\n",
    "04 long table": "region;sexe;n\nA;F;120\nA;H;*\nA;Ensemble;125\nB;F;80\nB;H;70\nB;Ensemble;150\n",
    "05 totals of rows and of all in a long table": "region;sexe;n\nA;F;120\nA;H;nd\nB;F;80\nB;H;70\nTotal;Total;275\n",
    "06 sub-totals": "service;n\nUrgences;120\nPédiatrie;c\nTotal Nord;126\n"
    "Urgences 2;90\nPédiatrie 2;80\nTotal Sud;170\n",
    "07 empty cell": "region;F;H;Total\nBretagne;120;130;250\nCorse;;25;29\n",
    "08 spaces in thousands": "region;F;H;Total\nBretagne;1 120;2 130;3 250\nCorse;c;1 025;1 031\n",
    "09 English": 'region,women,men,all\nKent,"1,120","2,130","3,250"\nRutland,<10,25,30\n',
    "11 sub-totals by codes alone": "diagnostic;n\nE10;40\nE10.1;25\nE10.9;15\nE11;60\nE11.0;c\nE11.9;56\n",
    "12 départements in régions": "zone;F;H\nBretagne;400;380\nCôtes-d'Armor;90;80\nFinistère;120;110\n"
    "Ille-et-Vilaine;130;120\nMorbihan;60;70\nCorse;47;60\nCorse-du-Sud;c;31\nHaute-Corse;40;29\n",
    "13 classes of age in classes of age": "age;n\n0-17;200\n0-4;80\n5-17;120\n18+;300\n18-64;296\n65+;*\n",
    "14 three ways": "region;sexe;age;n\n"
    + "".join(
        f"{r};{s};{a};{'c' if (r, s, a) == ('A', 'F', '0-17') else n}\n"
        for r, s, a, n in (
            (r, s, a, 40 * (1 + (r == "Total")) * (1 + (s == "Total")) * (1 + (a == "Total")))
            for r in ("A", "B", "Total")
            for s in ("F", "H", "Total")
            for a in ("0-17", "18+", "Total")
        )
    )
    .replace("A;F;Total;80", "A;F;Total;47")
    .replace("A;Total;Total;160", "A;Total;Total;127")
    .replace("Total;F;Total;160", "Total;F;Total;127")
    .replace("Total;Total;Total;320", "Total;Total;Total;287")
    .replace("A;Total;0-17;80", "A;Total;0-17;47")
    .replace("Total;F;0-17;80", "Total;F;0-17;47")
    .replace("Total;Total;0-17;160", "Total;Total;0-17;127")
    .replace("Total;Total;Total;287", "Total;Total;Total;287"),
    "15 the percentage is shown": "region;n;pourcentage\nA;500;50,0\nB;496;49,6\nC;c;0,4\nTotal;1000;100,0\n",
    "16 the percentage in the hidden cell": "region;cas (%)\nA;500 (50.0 %)\nB;496 (49.6 %)\nC;c (0.4 %)\n"
    "Total;1000 (100 %)\n",
    "17 columns of two words": "region;F_2023;F_2024;H_2023;H_2024;Total_2023;Total_2024\n"
    "A;120;130;110;140;230;270\nB;c;90;70;80;74;170\n",
    "18 the same label left out": "region;sexe;n\nA;F;120\n;H;*\n;Ensemble;125\nB;F;80\n;H;70\n;Ensemble;150\n",
    "19 a code and its name": "code;libelle;n\n75;Paris;420\n77;Seine-et-Marne;c\n;Total;424\n",
    "10 counts with shares": "region;F;H;Total\nBretagne;120 (48 %);130 (52 %);250 (100 %)\n"
    "Corse;c;25 (83 %);30 (100 %)\n",
}
KEPT = {
    "00 no totals": "region;F;H\nBretagne;120;c\nCorse;c;25\nNormandie;44;50\n",
    "01 hidden with a large one": "region;F;H;Total\nBretagne;120;130;250\nCorse;c;c;645\n",
    "02 the square of four": "region;F;H;Total\nA;c;c;150\nB;c;c;220\nC;80;50;130\nTotal;200;300;500\n",
    "03 bounded marks that say no more than they say": "region;F;H;Total\nA;<11;<11;c\nB;120;130;250\n",
    "04 the hidden one is large": "region;F;H;Total\nA;120;c;450\nB;90;80;170\n",
    "05 total of other things": "region;F;H;total_sejours\nA;120;c;9000\nB;90;80;7000\n",
    "07 rounded figures say little": "region;F;H;Total\nA;120;130;260\nB;90;80;160\nC;c;30;40\nTotal;220;240;450\n",
    "08 a percentage of something else": "region;n;vaccines\nA;500;71,0\nB;496;64,2\nC;c;55,3\nD;211;48,1\n",
    "09 codes that are not the whole": "diagnostic;n\nE10;140\nE10.1;25\nE10.9;15\nE11;260\nE11.0;c\nE11.9;56\n",
    "10 percentages too coarse": "region;n;pct\nA;49100;49\nB;c;51\nC;c;0\nTotal;100000;100\n",
    "06 complete": "region;F;H;Total\nA;120;130;250\nB;90;80;170\nTotal;210;210;420\n",
}


@pytest.mark.parametrize("table", GIVEN_AWAY.values(), ids=GIVEN_AWAY)
def test_a_cell_that_follows_from_totals_blocks(judged: Judge, table: str) -> None:
    report = judged("table.csv", table)
    assert "tables.recoverable" in {finding.rule for finding in report.findings}, report.to_dict()


@pytest.mark.parametrize("table", KEPT.values(), ids=KEPT)
def test_a_secret_that_is_kept_passes(judged: Judge, table: str) -> None:
    rules = {finding.rule for finding in judged("table.csv", table).findings}
    assert not any(rule.startswith("tables.") for rule in rules), rules


def test_the_cell_is_named_with_what_follows(judged: Judge) -> None:
    (finding,) = judged("table.csv", GIVEN_AWAY["00 one cell hidden in a row with its total"]).findings
    told = finding.to_dict("en")
    assert told["where"] == 'Row 3, column "F"'
    assert "exactly: it is 6." in told["message"]


def test_totals_that_contradict_themselves_are_for_a_person(judged: Judge) -> None:
    table = "region;F;H;Total\nA;c;c;100\nB;c;50;60\nC;130;70;200\nTotal;135;225;360\n"
    assert "tables.contradictory" in {finding.rule for finding in judged("table.csv", table).findings}


def test_a_large_table_with_hidden_cells_is_for_a_person(judged: Judge) -> None:
    rows = "".join(f"Z{i};{100 + i % 7};{50 + i % 5};{'c' if i % 9 else 170}\n" for i in range(70_000))
    assert [f.rule for f in judged("table.csv", f"zone;n_f;n_h;n_total\n{rows}").findings] == ["tables.not_audited"]
