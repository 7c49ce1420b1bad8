"""Which cells are small counts, in files as people write them; and which small numbers are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure import Report, check

Judge = Callable[[str, str | bytes], Report]

SMALL = {
    "00 named column": "region;n\nBretagne;120\nCorse;3\n",
    "01 visits by week": "annee,semaine,classe_age,passages\n2021,1,0-14,120\n2021,1,15-64,4\n"
    "2021,2,0-14,15\n2021,2,15-64,80\n",
    "02 years as titles": "region;2020;2021\nBretagne;120;130\nCorse;30;5\n",
    "03 age classes as titles": "region;0-17;18-64;65 et +\nBretagne;120;130;88\nCorse;30;25;7\n",
    "04 unexplained whole numbers": "region;vaccinés;non_vaccinés\nBretagne;120;130\nCorse;30;5\n",
    "05 counts made floats by missing ones": "region,cas\nBretagne,120.0\nCorse,3.0\nNormandie,\n",
    "06 scientific notation": "region,cas\nBretagne,1.200e+02\nCorse,3.000e+00\n",
    "07 spaces in thousands": "region;n\nBretagne;1\u00a0234\nNormandie;2\u202f500\nCorse;8\n",
    "08 article's first table": "Variable;Femmes;Hommes\nN;120;130\nÂge moyen (ET);54,2 (12,1);55,1 (11)\n"
    "Diabète;4 (3,3 %);22 (16,9 %)\n",
    "08b counts with their share": "classe,n (%)\n0-14,120 (12 %)\n15-44,4 (3 %)\n45-64,80 (40 %)\n",
    "09 mixed column, label says count": "indicateur;valeur\nEffectif;7\nÂge moyen;54,2\nTaux;12,5\n",
    "10 second table of a file": "Tableau 1\n\nregion;n\nBretagne;120\n\nTableau 2\nsexe;n\nF;100\nH;9\n",
    "11 count of identifiers, as grouping names it": "mois,patient_id\n2020-01,120\n2020-02,6\n2020-03,133\n",
    "12 severity levels as titles": "departement,1,2,3\n01,20,340,50\n13,22,9,61\n",
    "13 no titles": "Bretagne;120\nCorse;3\nNormandie;44\n",
    "14 extra title row": "sexe;F;F;H;H\nannée;2020;2021;2020;2021\nBretagne;120;88;99;4\nCorse;20;18;19;14\n",
    "15 number at risk": "temps;n_a_risque;survie\n12;100;0.99\n24;50;0.95\n36;5;0.90\n",
    "16 support of a category named by number": "ccmu,count\n1,120\n2,10\n",
    "18 a unit in the cell": "region;passages\nBretagne;120 patients\nCorse;4 patients\n",
    "19 n= in the cell": "région;résultat\nBretagne;n=120\nCorse;n=4\n",
    "20 a bound narrower than the policy's": "région;n\nBretagne;120\nCorse;<5\nNormandie;300\n",
    "21 only bounds": "région;n\nBretagne;<5\nCorse;<5\n",
    "22 a range of counts": "région;n\nBretagne;120\nCorse;1-4\nNormandie;300\n",
    "23 a number as a formula": 'région,n\nBretagne,"=""120"""\nCorse,"=""4"""\n',
    "24 an apostrophe before": "région;n\nBretagne;'120\nCorse;'4\n",
    "25 full-width digits": "région;n\nBretagne;120\nCorse;４\n",
    "26 Arabic-Indic digits": "région;n\nBretagne;120\nCorse;٤\n",
    "27 in words": "région;n\nBretagne;120\nCorse;quatre\nNormandie;80\n",
    "28 words with what they count": "région;effectif\nBretagne;douze patients\nCorse;quatre patients\n",
    "29 a negative count": "région;n\nBretagne;120\nCorse;-4\nNormandie;80\n",
    "30 frequency in whole numbers": "Var1,Freq\nBretagne,120\nCorse,3\nNormandie,450\n",
    "31 a rate that adds up": "région;taux\nBretagne;120\nCorse;3\nNormandie;44\nTotal;167\n",
    "32 years that are none": "région;annee\nBretagne;120\nCorse;3\nNormandie;4410\n",
    "33 codes with percentages of them": "région;code;pct\nBretagne;120;71,9\nCorse;3;1,8\nNormandie;44;26,3\n",
    "34 ranks that are none": "région;rang\nBretagne;1200\nCorse;3\nNormandie;441\n",
    "35 of a base": "région;guéris\nBretagne;45/120\nCorse;4/87\n",
    "36 share without its sign": "Variable;Total, n (%)\nDiabète;44 (36,7)\nAVC;4 (3,3)\n",
    "37 points in thousands": "région;n\nBretagne;1.234\nNormandie;12.500\nCorse;7\n",
    "38 transposed": "région;Bretagne;Corse\nn;120;4\ntaux;5;3\n",
    "39 footnotes": "région;n\nBretagne;120\nCorse;4*\nNormandie;300²\n",
    "40 bare carriage returns": "région;n\rBretagne;120\rCorse;4\r",
    "42 codes as titles": "DP;SEXE_1;SEXE_2\nE11;389;328\nN18;7;294\n",
    "43 a bracketed note": "région;n\nBretagne;120 (*)\nCorse;3 (*)\n",
    "44 points in time as titles": "Bras;0 mois;12 mois;24 mois;36 mois\nA;84;51;22;5\nB;79;44;19;13\n",
    "45 numbered points in time": "arm;Day 0;Day 30;Day 90\nA;84;51;22\nB;79;44;9\n",
    "46 deaths at a horizon": "Centre;Greffes;Décès à 30 jours\nLyon;112;4\nLille;134;12\n",
    "47 readmissions within a horizon": "hospital,stays,readmitted within 30 days\nA,812,64\nB,420,7\n",
    "48 survivors": "centre;survivants à 5 ans\nLyon;112\nNantes;8\n",
    "49 a horizon first": "hospital,n,30-day mortality\nA,812,64\nB,420,7\n",
    "50 events": "arm,events at 12 months,events at 24 months\nA,44,61\nB,6,48\n",
    "51 a class of a measure": "région;IMC < 25;IMC 25-30;IMC ≥ 30\nA;120;130;44\nB;200;61;5\n",
    "52 a class of length of stay": "service;durée 0-2 j;durée 3-7 j;durée > 7 j\nA;120;130;44\nB;200;61;5\n",
    "53 persons beyond a limit": "région;patients sous le seuil;effectif au-dessus du seuil\nA;120;440\nB;7;300\n",
    "54 label last, a count that nothing names first": "vaccinés;taux;région\n1;11,2;Bretagne\n1204;12,1;Corse\n",
    "41 label last": "n;région\n120;Bretagne\n4;Corse\n",
    "17 English thousands": 'region,visits\nBretagne,"1,234"\nCorse,7\n',
}
CLEAN = {
    "00 epidemic curve": "annee;semaine;classe_age;passages\n"
    + "".join(
        f"{y};{w};{a};{11 + (7 * w + y) % 300}\n" for y in (2020, 2021) for w in range(1, 53) for a in ("0-14", "15+")
    ),
    "01 regression coefficients": "terme,coef,se,z,p_value\n"
    "(Intercept),1.2,0.1,12,0\nage,-0.03,0.01,-3,0.003\nccmu3,3,1,3,0.004\n",
    "02 percentages without decimals": "region;pct_vaccines;part_femmes\nBretagne;5;1\nCorse;8;2\nNormandie;60;3\n",
    "03 codes": "ccmu;passages\n1;100\n2;200\n3;300\n4;40\n5;12\n",
    "04 months, twice": "mois;sexe;n\n" + "".join(f"{m};{s};{20 + m}\n" for s in "FH" for m in range(1, 13)),
    "05 departments without leading zero": "departement;deces\n1;120\n2;33\n3;55\n",
    "06 crossed by year": "region;2020;2021\nBretagne;120;130\nCorse;30;25\n",
    "07 suppressed cells": "region;0-17;18-64\nBretagne;120;c\nCorse;<11;25\nNormandie;*;44\n",
    "08 code list": "code;libelle\n"
    + "".join(f"J{i:02d};Maladie des voies respiratoires numéro {i}\n" for i in range(100)),
    "09 drugs": "cip13;nom;nb_boites\n"
    + "".join(f"{3400930000000 + 17 * i};Médicament {i} mg;{100 + i}\n" for i in range(50)),
    "10 amounts": "region;montant\nBretagne;123456789,12\nCorse;5\nNormandie;345678912\n",
    "11 rates": "region;n;taux_pour_100000;ic_bas;ic_haut\nBretagne;2841;6,1;5;7\nCorse;3038;4;3;5\n",
    "12 article's first table": "Variable;Femmes;Hommes\nN;120;130\nÂge moyen (ET);54,2 (12,1);55,1 (11)\n"
    "Durée médiane;4;5\nDiabète;14 (3,3 %);22 (16,9 %)\n",
    "13 numbered rows": ",region,n\n0,Bretagne,120\n1,Corse,14\n2,Normandie,44\n",
    "14 zero is not small": "region;n\nBretagne;0\nCorse;14\n",
    "15 eleven is not small": "region;n\nBretagne;11\nCorse;14\n",
    "17 bounds of the policy": "région;n\nBretagne;120\nCorse;<11\nNormandie;≤10\nBFC;moins de 11\n",
    "18 frequency in per cent": "modalité;freq\nA;55\nB;40\nC;5\n",
    "19 frequency as a share": "modalité;frequence\nA;0.55\nB;0.40\nC;0.05\n",
    "20 transposed rates": "région;Bretagne;Corse\nn;120;44\ntaux;5;3\nmois;1;2\n",
    "21 ranks": "hôpital;rang;n\nA;1;400\nB;2;300\nC;3;120\n",
    "22 codes of a variable": "variable;code;libellé\nBEN_SEX_COD;1;Homme\nBEN_SEX_COD;2;Femme\n",
    "23 changes": "région;n;evolution\nBretagne;120;-4\nCorse;300;5\n",
    "24 confusion matrix": ",prédit 0,prédit 1\nvrai 0,5000,300\nvrai 1,412,6000\n",
    "25 rates per 100 000": "région;taux pour 100 000\nBretagne;5\nCorse;3\nNormandie;8\n",
    "26 age and length of stay": "région;n;âge moyen;durée médiane\nBretagne;120;54;4\nCorse;200;61;5\n",
    "27 shares in brackets": "Variable;Total, n (%)\nDiabète;44 (3,7)\nAVC;14 (3,3)\n",
    "28 ages of categories": "classe;n\n<5;120\n5-9;300\n10-14;44\n",
    "29 odds ratios": "variable;OR;IC 95 %;p\nAge;1,2;1,1-1,4;<0,001\nSexe;3;2-5;0,04\n",
    "30 dates": "date;n\n2021-01-01;120\n2021-01-02;33\n",
    "31 CIP13 and amounts": "cip13;montant_rembourse\n3400930000017;5\n3400930000034;120000000\n",
    "32 ICD codes": "code;libellé\nI10;Hypertension\nJ18;Pneumopathie\n",
    "34 attributes of codes": "code_ccam;activite;phase;tarif\nFNQC681;1;0;493,41\nFHMK453;2;1;275,61\n"
    "LPQM212;3;2;202,68\nQQJJ176;4;0;284,47\nKDLN289;1;1;248,83\nDJBJ594;2;2;740,39\n",
    "35 dictionary of variables": "variable;libellé;type;longueur\nBEN_SEX_COD;Sexe;num;1\nBEN_NAI_ANN;Année;num;4\n",
    "36 sizes in titles": "Variable;Exposés (N = 5793);p\nScore, médiane [IQR];2 [1-4];0,03\nFemmes;3703 (63,9);0,36\n",
    "37 hours and means": "service;n;durée (h);délai moyen à 30 jours\nA;120;5;4\nB;400;6;3\n",
    "38 percentages at points in time": "bras;n;12 mois (%);24 mois (%)\nA;120;85;8\nB;400;86;9\n",
    "39 person-time": "bras;n;personnes-années;suivi médian (mois)\nA;120;540;8\nB;400;1640;9\n",
    "40 ends of intervals": "région;taux pour 100 000;ic95_inf;ic95_sup;upper95\nA;8;7;9;9\nB;9;8;10;10\n",
    "41 limits of a stay": "code_ghm;libellé;borne_basse;seuil haut\nA1;Infarctus;1;10\nA2;AVC;3;18\nA3;BPCO;5;30\n",
    "42 settings with a minimum": "model;max_depth;min_child_weight;subsample\nxgb;4;3;0.8\n",
    "43 lengths of stay and limits": "GHM;DMS;borne basse;tarif (€)\n08C241;5;2;6120\n08C242;7;3;7402\n",
    "44 survival": "stade;survie_1an;survie_5ans\nI;98;91\nIII;84;38\nIV;41;6\n",
    "45 pills": "présentation;prix_eur;nb_comprimes\nParacétamol;1;8\nAmoxicilline;4;14\n",
    "46 points of a score": "variable;points\nÂge > 75 ans;2\nAntécédent d'AVC;3\nDiabète;1\n",
    "47 a median by its abbreviation": "variable;Cas (N=4120)\nNb de consultations, méd. [Q1-Q3];6 [3-9]\n"
    "HTA, n (%);2 101 (51)\n",
    "33 mean and spread": "Variable;Groupe A;Groupe B\nÂge;54 (4);55 (5)\nIMC;8 (2);9 (3)\n",
}


@pytest.mark.parametrize("case", SMALL)
def test_small_counts_block(case: str, judged: Judge) -> None:
    report = judged("table.csv", SMALL[case])
    assert [f.rule for f in report.findings if f.rule == "counts.small_cell"], report.to_dict("en")
    assert report.verdict == "block"
    assert not report.files[0].releasable


@pytest.mark.parametrize("case", CLEAN)
def test_clean_tables_pass(case: str, judged: Judge) -> None:
    report = judged("table.csv", CLEAN[case])
    assert report.findings == ()
    assert report.verdict == "pass"
    assert report.files[0].releasable


def test_the_finding_names_row_and_column(judged: Judge) -> None:
    report = judged("table.csv", SMALL["02 years as titles"])
    (told,) = report.to_dict("fr")["findings"]
    assert told["where"] == "Ligne 3, colonne « 2021 »"
    assert told["message"] == "Effectif de 5, inférieur à 11."


def test_many_small_cells_of_a_column_make_one_finding(judged: Judge) -> None:
    rows = "".join(f"{i:05d};{1 + i % 10}\n" for i in range(500))
    report = judged("table.csv", "commune;deces\n" + rows)
    (finding,) = [f for f in report.findings if f.rule == "counts.small_cell"]
    assert finding.params["total"] == 500
    assert finding.params["rows"] == "2, 3, 4, 5, 6…"


PRINTED = {
    "00 pandas": (
        "text/plain",
        "         region    n\n0      Bretagne  120\n1         Corse    3\n2  Île-de-France   44",
    ),
    "01 pandas series": ("text/plain", "ccmu\n1    1200\n2     340\n3       4\nName: count, dtype: int64"),
    "02 R data frame": (
        "text/plain",
        "         region   n\n1      Bretagne 120\n2 Île-de-France  14\n3         Corse   3",
    ),
    "03 R table": ("text/plain", "\n  F   H \n120   4 \n"),
    "04 tibble": (
        "text/plain",
        "# A tibble: 2 × 2\n  region            n\n  <chr>         <int>\n1 Bretagne        120\n2 Corse             3",
    ),
    "05 confusion matrix": ("text/plain", "array([[50,  3],\n       [ 4, 60]])"),
    "06 Markdown": ("text/markdown", "| region | n |\n|---|---|\n| Bretagne | 120 |\n| Corse | 3 |"),
    "07 LaTeX": (
        "text/latex",
        "\\begin{tabular}{lr}\nregion & n \\\\\n\\hline\nBretagne & 120 \\\\\nCorse & 3 \\\\\n\\end{tabular}",
    ),
    "08 delimited": ("text/plain", "region;n\nBretagne;120\nCorse;3"),
    "09 HTML": (
        "text/html",
        "<table><tr><th>region</th><th>n</th></tr><tr><td>Bretagne</td><td>120</td></tr><tr><td>Corse</td><td>3</td></tr></table>",
    ),
    "10 HTML of several levels": (
        "text/html",
        "<table><thead><tr><th></th><th colspan=2>2021</th></tr><tr><th>sexe</th><th>F</th><th>H</th></tr></thead>"
        "<tbody><tr><th rowspan=2>Corse</th><td>20</td><td>30</td></tr><tr><td>8</td><td>40</td></tr></tbody></table>",
    ),
    "11 crossed table": (
        "text/plain",
        "classe_age  0-17  18-64\nccmu                   \n1             20    340\n2              9    120",
    ),
}


@pytest.mark.parametrize("case", PRINTED)
def test_small_counts_in_a_notebook_lose_their_output(case: str, judged: Judge, notebook: Callable[..., bytes]) -> None:
    mime, text = PRINTED[case]
    report = judged("n.ipynb", notebook({mime: text}))
    found = [f for f in report.findings if f.rule == "counts.small_cell"]
    assert found, report.to_dict("en")
    assert (found[0].where.cell, found[0].where.output) == (1, 1)
    assert report.verdict == "block"
    assert report.files[0].releasable


@pytest.mark.parametrize(
    "text",
    [
        "Epoch 1/5\n10/10 - 1s - loss: 0.34\nEpoch 2/5\n10/10 - 0s - loss: 0.30\n",
        "            Estimate Std. Error z value Pr(>|z|)    \n"
        "age          0.03000    0.00200  15.000  < 2e-16 ***\n"
        "sexeH        0.20000    0.05000   4.000 6.33e-05 ***\n",
        "             precision    recall  f1-score   support\n\n"
        "           0       0.91      0.83      0.87       120\n"
        "           1       0.70      0.80      0.75        40\n",
        "(300000, 8)\nversion 2\n",
        "Number of Fisher Scoring iterations: 4\n",
    ],
)
def test_logs_and_models_pass(text: str, judged: Judge, notebook: Callable[..., bytes]) -> None:
    report = judged("n.ipynb", notebook(text))
    assert report.verdict == "pass", report.to_dict("en")


tables = st.lists(
    st.tuples(
        st.sampled_from(["Bretagne", "Corse", "Île-de-France", "Grand Est"]), st.integers(0, 40), st.integers(11, 900)
    ),
    min_size=2,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables, order=st.randoms(use_true_random=False))
def test_delimiter_encoding_and_order_change_nothing(
    rows: list[tuple[str, int, int]], order: Any, tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        [(f"{i:02d}", *row) for i, row in enumerate(rows)], columns=["zone", "région", "cas", "passages"]
    )
    shuffled = list(frame.itertuples(index=False))
    order.shuffle(shuffled)
    columns = list(frame.columns)
    order.shuffle(columns)
    variants = []
    for name, (data, sep, encoding) in {
        "a": (frame, ",", "utf-8"),
        "b": (frame, ";", "cp1252"),
        "c": (frame, "\t", "utf-16"),
        "d": (frame, "|", "utf-8-sig"),
        "e": (pd.DataFrame(shuffled, columns=frame.columns), ";", "utf-8"),
        "f": (frame[columns], ";", "utf-8"),
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(data.to_csv(index=False, sep=sep).encode(encoding))
        variants.append(check([path]).verdict)
    expected = "block" if any(1 <= cases <= 10 for _, cases, _ in rows) else "pass"
    assert [str(v) for v in variants] == [expected] * len(variants)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    counts=st.lists(st.lists(st.integers(0, 300), min_size=3, max_size=3), min_size=2, max_size=5),
    titles=st.sampled_from([
        ("0 mois", "12 mois", "24 mois"),
        ("J0", "J30", "J90"),
        ("durée 0-2 j", "durée 3-7 j", "durée > 7 j"),
        ("décès à 30 jours", "décès à 90 jours", "décès à 1 an"),
        ("2020", "2021", "2022"),
        ("IMC < 25", "IMC 25-30", "IMC ≥ 30"),
    ]),
)  # fmt: skip
def test_titles_layout_and_format_change_nothing(
    counts: list[list[int]], titles: tuple[str, ...], tmp_path: Path
) -> None:
    names = ["Brest", "Lille", "Lyon", "Nantes", "Reims"][: len(counts)]
    frame = pd.DataFrame(counts, columns=list(titles)).assign(centre=names)[["centre", *titles]]
    small = any(1 <= value <= 10 for row in counts for value in row)
    html = frame.to_html(index=False)
    turned = frame.set_index("centre").T.reset_index(names="période")
    for name, text in {
        "a.csv": frame.to_csv(index=False),
        "b.csv": turned.to_csv(index=False, sep=";"),
        "c.html": f"<h2>Effectifs</h2>{html}",
        "d.html": f"<p>Résultats par centre</p>{turned.to_html(index=False)}",
        "e.json": frame.to_json(orient="records"),
        "f.tex": frame.to_latex(index=False, caption="Nombre de patients", escape=True),
    }.items():
        path = tmp_path / name
        path.write_text(text, "utf-8")
        rules = {finding.rule for finding in check([path]).findings}
        assert ("counts.small_cell" in rules) is small, (name, text)
