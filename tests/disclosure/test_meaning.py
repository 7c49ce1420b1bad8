"""What each column of a table is."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdh_jupyter.disclosure import default_policy
from hdh_jupyter.disclosure.readers import read
from hdh_jupyter.disclosure.rules.columns import profiles
from hdh_jupyter.disclosure.rules.meaning import meanings

TABLES = {
    "00": ("région;n;pct;âge moyen\nA;120;5,1;54,2\nB;300;7,2;55,1\n", "category count percent mean"),
    "01": (
        "année;montant;taux pour 100 000;lat\n2020;12,5;3,1;48,1\n2021;13,1;2,9;47,2\n",
        "year amount rate coordinate",
    ),
    "02": ("date;code;p;freq\n2021-01-01;75001;0,04;0,5\n2021-01-02;75002;0,05;0,4\n", "date code statistic percent"),
    "03": ("id_patient;imc;x1\nA1;22,1;\nB2;31,4;\n", "identifier measure unknown"),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_column_means_what_its_title_and_cells_say(case: str, tmp_path: Path) -> None:
    text, expected = TABLES[case]
    path = tmp_path / "t.csv"
    path.write_text(text)
    (seen,) = profiles(read(path, "csv", default_policy()), 11)
    assert " ".join(meanings(seen)) == expected
