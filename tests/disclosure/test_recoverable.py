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
