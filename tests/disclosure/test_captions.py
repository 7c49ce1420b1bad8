"""What stands above a table tells what its numbers are; records of settings count nobody."""

# ruff: noqa: E501 -- a file of the numbered tables stands on one line

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

ROWS = "<tr><td>Chirurgie</td><td>84</td><td>51</td><td>5</td></tr><tr><td>Dialyse</td><td>79</td><td>44</td><td>3</td></tr>"
PAGE = "<html><body><h1>{heading}</h1><table>{caption}<thead><tr><th>Bras</th>{titles}</tr></thead>" + ROWS
POINTS = "<th>0 mois</th><th>12 mois</th><th>24 mois</th>"
STAYS = "<th>courte durée</th><th>moyenne durée (jours)</th><th>longue durée</th>"
LATEX = (
    "\\begin{{table}}\\caption{{{caption}}}\\begin{{tabular}}{{lrr}}\\hline Centre & courte durée & longue durée \\\\ \\hline "
    "Lyon & 112 & 4 \\\\ Lille & 134 & 12 \\\\ \\hline\\end{{tabular}}\\end{{table}}"
)

DANGEROUS = {
    "00 heading": ("t.html", PAGE.format(heading="Effectifs à risque", caption="", titles=POINTS)),
    "01 caption": ("t.html", PAGE.format(heading="Survie", caption="<caption>Number at risk</caption>", titles=POINTS)),
    "02 caption of measures": ("t.html", PAGE.format(heading="Nombre de séjours", caption="", titles=STAYS)),
    "06 a dimension beside its categories": (
        "t.html",
        "<table><thead><tr><th></th><th></th><th>Domicile</th><th>Transfert</th></tr></thead><tbody>"
        "<tr><th rowspan='2'>CCMU</th><th>4</th><td>88</td><td>31</td></tr><tr><th>5</th><td>41</td><td>6</td></tr></table>",
    ),
    "03 LaTeX": ("t.tex", LATEX.format(caption="Nombre de séjours par centre")),
    "04 Markdown": (
        "t.md",
        "## Nombre de séjours\n\n| Centre | courte durée | longue durée |\n|---|--:|--:|\n| A | 84 | 4 |\n| B | 79 | 44 |\n",
    ),
    "05 CSV": ("t.csv", "Nombre de séjours\n\ncentre;courte durée;longue durée\nA;84;4\nB;79;44\n"),
}
CLEAN = {
    "00 percentages": ("t.html", PAGE.format(heading="Survie globale (%)", caption="", titles=POINTS)),
    "01 caption": ("t.html", PAGE.format(heading="Suivi", caption="<caption>Taux de survie</caption>", titles=POINTS)),
    "02 what is counted has a column": (
        "t.md",
        "## Nombre de séjours\n\n| Centre | séjours | durée |\n|---|--:|--:|\n| A | 84 | 4 |\n| B | 79 | 5 |\n",
    ),
    "03 settings": ("t.json", json.dumps({"learning_rate": 0.05, "max_depth": 6, "early_stopping_rounds": 10})),
    "04 settings within": (
        "t.json",
        json.dumps({"model": "lgbm", "params": {"num_leaves": 8, "min_child_samples": 5, "bagging_freq": 3}}),
    ),
    "05 settings by row": ("t.csv", "paramètre;valeur\nmax_depth;6\nn_estimators;400\nsubsample;0,8\nseed;3\n"),
}


@pytest.mark.parametrize("case", DANGEROUS)
def test_a_caption_that_counts_makes_a_table_of_counts(case: str, judged: Judge) -> None:
    report = judged(*DANGEROUS[case])
    assert "counts.small_cell" in {f.rule for f in report.findings}, report.to_dict("en")


@pytest.mark.parametrize("case", CLEAN)
def test_a_caption_of_shares_and_settings_pass(case: str, judged: Judge) -> None:
    report = judged(*CLEAN[case])
    assert report.verdict == "pass", report.to_dict("en")["findings"]


def test_settings_do_not_hide_a_count_beside(judged: Judge) -> None:
    report = judged("t.json", json.dumps({"max_depth": 6, "learning_rate": 0.1, "nb_patients": 4}))
    assert report.verdict == "block"
