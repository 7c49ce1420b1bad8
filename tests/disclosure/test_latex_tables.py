"""Tables of LaTeX texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure import Place
from hdh_jupyter.disclosure.documents import Table
from hdh_jupyter.disclosure.readers import latex_tables, text_tables

TABLES = {
    "00 plain": (
        "\\begin{tabular}{lr}\nregion & n \\\\ \\hline\nCorse & 3 \\\\\n\\end{tabular}",
        (("region", "n"), [["Corse", "3"]]),
    ),
    "01 booktabs, spans and formats": (
        "\\begin{tabular}{@{}l|S[table-format=3.0]r@{}}\\toprule\n"
        " & \\multicolumn{2}{c}{Sexe}\\\\ \\cmidrule(lr){2-3}\n"
        "\\textbf{Région} & F & H \\\\ \\midrule\n\\multirow{2}{*}{Corse \\& co} & $120$ & 4 \\\\\n & 30 & 1~234 \\\\\n"
        "\\bottomrule\\end{tabular}",
        (("Région", "Sexe F", "Sexe H"), [["Corse & co", "120", "4"], ["", "30", "1 234"]]),
    ),
    "02 on one line, with a comment": (
        "\\begin{longtable}{lr} a & n \\\\[2pt] % b & 5 \\\\\n c & 5\\,\\% \\\\ \\end{longtable}",
        (("a", "n"), [["c", "5 %"]]),
    ),
    "03 not closed": ("\\begin{tabularx}{\\textwidth}{lX}\na & n \\\\\nb & 4", (("a", "n"), [["b", "4"]])),
    "04 no rule": (
        "\\begin{tabular}{lr}\n2020 & 4 \\\\\n21 & 5\n\\end{tabular}",
        (("", ""), [["2020", "4"], ["21", "5"]]),
    ),
}


def content(table: Table) -> tuple[tuple[str, ...], list[list[str]]]:
    return table.titles, [list(row.values()) for batch in table.batches() for row in batch.to_pylist()]


@pytest.mark.parametrize("case", TABLES)
def test_a_table_is_read_as_it_shows(case: str) -> None:
    text, expected = TABLES[case]
    (table,) = latex_tables.tables(text, Place())
    assert content(table) == expected
    assert [content(t) for t in text_tables.tables(text, Place())] == [expected]


def test_rows_have_the_number_of_their_line() -> None:
    (table,) = latex_tables.tables("Texte\n\n" + TABLES["00 plain"][0], Place())
    assert table.first_row == 5


@given(st.text("\\begin{tabular}{l} &%[]$end{array}\n12,", max_size=200))
def test_any_text_is_read(text: str) -> None:
    latex_tables.tables("\\begin{tabular}" + text, Place())
    latex_tables.without_tables("\\begin{tabular}" + text)
