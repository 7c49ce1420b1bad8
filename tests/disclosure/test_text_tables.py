"""Tables printed in texts, logs and pages, however they are laid out, and the lists that are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

FOUND = {
    "title line": (
        "a.txt",
        "Effectifs par région\nregion      n\nBretagne  120\nCorse       3\nSource : SNDS, exploitation de l'auteur\n",
    ),
    "log prefix": (
        "a.log",
        "2024-01-01 12:00:00,123 INFO region      n\n2024-01-01 12:00:00,124 INFO Bretagne  120\n"
        "2024-01-01 12:00:00,125 INFO Corse       3\n",
    ),
    "logger": ("a.log", "INFO:root:region    n\nINFO:root:Bretagne  120\nINFO:root:Corse  3\n"),
    "key value": ("a.txt", "Nombre de décès par région\nBretagne : 120\nCorse : 3\nNormandie : 44\n"),
    "key dots": ("a.txt", "Décès par région\nBretagne ........ 120\nCorse ........... 3\nNormandie ....... 44\n"),
    "dict": ("a.txt", "décès: {'Bretagne': 120, 'Corse': 3, 'Normandie': 44}\n"),
    "stata": (
        "a.log",
        """     region |      Freq.     Percent        Cum.
------------+-----------------------------------
   Bretagne |        120       97.56       97.56
      Corse |          3        2.44      100.00
------------+-----------------------------------
      Total |        123      100.00
""",
    ),
    "sas": (
        "a.txt",
        """                    region    Frequency     Percent
                    --------------------------------
                    Bretagne         120       97.56
                    Corse              3        2.44
""",
    ),
    "R table 2d": (
        "a.txt",
        """           sexe
region        F   H
  Bretagne  120 130
  Corse       3  30
""",
    ),
    "grid": (
        "a.txt",
        "+----------+-----+\n| region   |   n |\n+==========+=====+\n| Bretagne | 120 |\n"
        "+----------+-----+\n| Corse    |   3 |\n+----------+-----+\n",
    ),
    "stata name over two columns": (
        "a.log",
        """. tab cim10 issue, row

           |         issue
     cim10 |    Décès     Sortie |     Total
-----------+----------------------+----------
       I21 |        31        402 |       433
           |      7.16      92.84 |    100.00
-----------+----------------------+----------
       I60 |         6         88 |        94
           |      6.38      93.62 |    100.00
""",
    ),
    "caret": (
        "a.txt",
        "          Reference\nPrediction Sepsis Non\n    Sepsis     48  21\n    Non         5 911\n",
    ),
    "two tables no blank": ("a.txt", "region n\nBretagne 120\nCorse 13\nsexe n\nF 100\nH 3\n"),
    "ragged spaces": ("a.txt", "region n\nBretagne 120\nPays de la Loire 300\nCorse 3\n"),
    "tabs": ("a.txt", "region\tn\nBretagne\t120\nCorse\t3\n"),
    "markdown no pipes ends": ("a.md", "region | n\n---|---\nBretagne | 120\nCorse | 3\n"),
    "md in text": ("a.md", "Voici :\n| region | n |\n|---|---|\n| Bretagne | 120 |\n| Corse | 3 |\nFin du tableau.\n"),
    "md bold": ("a.md", "| region | n |\n|:---|---:|\n| Bretagne | **120** |\n| Corse | **3** |\n"),
    "md list": ("a.md", "## Patients par région\n\n- Bretagne : 120\n- Corse : 3\n- Normandie : 88\n"),
    "box": (
        "a.txt",
        "┌──────────┬─────┐\n│ region   │   n │\n├──────────┼─────┤\n│ Bretagne │ 120 │\n"
        "│ Corse    │   3 │\n└──────────┴─────┘\n",
    ),
    "polars": (
        "a.txt",
        "shape: (2, 2)\n┌──────────┬─────┐\n│ region   ┆ n   │\n│ ---      ┆ --- │\n│ str      ┆ i64 │\n"
        "╞══════════╪═════╡\n│ Bretagne ┆ 120 │\n│ Corse    ┆ 3   │\n└──────────┴─────┘\n",
    ),
    "sql": ("a.txt", " region   | n   \n----------+-----\n Bretagne | 120\n Corse    |   3\n(2 rows)\n"),
    "div": (
        "a.html",
        "<div class=t><div class=r><span>region</span><span>n</span></div><div class=r>"
        "<span>Bretagne</span><span>120</span></div><div class=r><span>Corse</span><span>3</span></div>"
        "</div>",
    ),
    "dl": (
        "a.html",
        "<h2>Décès</h2><dl><dt>Bretagne</dt><dd>120</dd><dt>Corse</dt><dd>3</dd><dt>Normandie</dt><dd>44</dd></dl>",
    ),
    "ul": (
        "a.html",
        "<h2>Patients par région</h2><ul><li>Bretagne : 120</li><li>Corse : 3</li><li>Normandie : 88</li></ul>",
    ),
    "role": (
        "a.html",
        '<div role="table"><div role="row"><div role="columnheader">region</div>'
        '<div role="columnheader">n</div></div><div role="rowgroup"><div role="row">'
        '<div role="cell">Bretagne</div><div role="cell">120</div></div><div role="row">'
        '<div role="cell">Corse</div><div role="cell">3</div></div></div></div>',
    ),
    "grid css": (
        "a.html",
        '<div style="display:grid;grid-template-columns: 1fr 1fr"><div>region</div><div>n</div>'
        "<div>Bretagne</div><div>120</div><div>Corse</div><div>3</div></div>",
    ),
    "pre": ("a.html", "<pre>region      n\nBretagne  120\nCorse       3\n</pre>"),
    "cr csv": ("a.csv", "region;n\rBretagne;120\rCorse;3\r"),
    "cr quoted": ("a.csv", 'region,n\r"Bretagne, sud",120\rCorse,3\r'),
    "mixed ends": ("a.csv", "region,n\nBretagne,120\r\nCorse,3\rNormandie,5\n"),
    "cr in field": ("a.csv", 'region,n\n"Bret\ragne",120\nCorse,3\n'),
    "cr ragged": ("a.csv", "Titre\rregion,n\rBretagne,120\rCorse,3\r"),
    "cr in ragged unquoted": ("a.csv", "Titre\nregion,n\nBre\rtagne,120\nCorse,3\n"),
}
CLEAN = {
    "epochs": ("a.log", "Epoch 1/5 loss 0.3 acc 0.9\nEpoch 2/5 loss 0.2 acc 0.91\nEpoch 3/5 loss 0.1 acc 0.92\n"),
    "params": ("a.txt", "n_estimators: 100\nmax_depth: 5\nmin_samples_leaf: 20\nseed: 7\n"),
    "config": (
        "a.log",
        "2024-01-01 12:00:00 INFO threads 4\n2024-01-01 12:00:01 INFO version 2\n2024-01-01 12:00:05 INFO step 3\n",
    ),
    "toc": ("a.md", "1. Introduction\n2. Méthodes\n3. Résultats\n\n- item 1\n- item 2\n"),
    "toc dots": ("a.txt", "Sommaire\nIntroduction ........ 1\nMéthodes ............ 3\nRésultats ........... 5\n"),
    "nav": ("a.html", "<nav><ul><li>Page 1</li><li>Page 2</li><li>Page 3</li></ul></nav><p>Texte</p>"),
    "div clean": (
        "a.html",
        "<div><div><span>region</span><span>n</span></div><div><span>Bretagne</span><span>120</span>"
        "</div><div><span>Corse</span><span>31</span></div></div>",
    ),
    "r summary": (
        "a.txt",
        "Call:\nlm(formula = y ~ x)\n\nResiduals:\n   Min     1Q Median     3Q    Max \n"
        "-3.00 -1.00  0.00  1.00  3.00 \n\nCoefficients:\n"
        "            Estimate Std. Error t value Pr(>|t|)\n"
        "(Intercept)  2.00      0.10    20.0   <2e-16 ***\n"
        "x            3.00      0.50     6.0   1e-08 ***\n",
    ),
    "stats": ("a.txt", "Test du chi2\nX-squared = 12.3, df = 4, p-value = 0.01\n"),
    "session": (
        "a.txt",
        "R version 4.2.2\nattached base packages:\n[1] stats     graphics  grDevices utils    \n"
        "other attached packages:\n[1] dplyr_1.1.0 ggplot2_3.4.1\n",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_small_count_blocks_however_it_is_laid_out(case: str, judged: Judge) -> None:
    name, text = FOUND[case]
    report = judged(name, text)
    assert "counts.small_cell" in {f.rule for f in report.findings}, report.to_dict("en")
    assert report.verdict == "block"


@pytest.mark.parametrize("case", CLEAN)
def test_lists_and_settings_pass(case: str, judged: Judge) -> None:
    name, text = CLEAN[case]
    report = judged(name, text)
    assert report.verdict == "pass", report.to_dict("en")["findings"]


def test_numbered_rows_of_several_columns_are_no_list(judged: Judge) -> None:
    lines = ["  1.      A00831    71      F    I21      12", "  2.      A01022    34      H    S72       4"]
    text = "\n".join(["       id_anon~e   age   sexe   diag   duree", *lines])
    assert judged("a.log", text).verdict == "block"
