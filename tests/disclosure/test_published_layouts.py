"""Tables as programs print them and as French health statistics are published: which block, and which pass."""

# ruff: noqa: E501 -- a file of the numbered tables stands on one line

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

CUBE = {
    "version": "2.0",
    "class": "dataset",
    "label": "Nombre de patients",
    "id": ["annee", "sexe"],
    "size": [3, 2],
    "dimension": {
        "annee": {"category": {"index": {"2020": 0, "2021": 1, "2022": 2}}},
        "sexe": {"category": {"index": ["1", "2"], "label": {"1": "Hommes", "2": "Femmes"}}},
    },
}
SAS = """                  sexe(Sexe)       stade(Stade)

                   Fréquence|
                   Pourcent |
                            |I       |II      |IV      | Total
                   ---------+--------+--------+--------+
                   Homme    |    112 |     84 | {small:>6} |    {first}
                            |  23.53 |  17.65 |   1.89 |  50.00
                   ---------+--------+--------+--------+
                   Femme    |    118 |     79 |     12 |    209
                            |  24.79 |  16.60 |   2.52 |  50.00
                   ---------+--------+--------+--------+
                   Total         230      163       {last}      414
"""
STATA = """. tabulate diag sexe

           |         sexe
      diag |         1          2 |     Total
-----------+----------------------+----------
       J45 |       531        319 |       850
       I48 |       632   {small:>8} |     {total:>5}
"""
TABLEONE = """> print(CreateTableOne(data = base))

                          Overall
  n                          4093
  age (mean (SD))         63.20 (12.41)
  Asthme = 1 (%)              218 ( 5.3)
  BPCO = 1 (%)                265 ( 6.5)
  Lupus = 1 (%)             {small:>5} ({share:4.1f})
  Psoriasis = 1 (%)           597 (14.6)
"""
FLOW = "- Patients éligibles : 2310\n- Exclus : {total}\n  - Refus : 301\n  - Données manquantes : 104\n  - Retrait : {left}\n"
LONG = "region,finess_et,nb_sejours,recettes\nCorse,2A0000014,8120,{one}\nCorse,2B0000020,910,410000\n"
LONG += "Corse,2B0000038,890,398000\nBretagne,290000017,31020,982000\nBretagne,350000022,34110,912000\n"
LONG += "Bretagne,560000127,20110,841000\n"

HELD = {
    "00 flat values of a cube": ("a.json", json.dumps(CUBE | {"value": [120, 133, 98, 4, 151, 140]}), "counts."),
    "01 values of a cube by position": ("a.json", json.dumps(CUBE | {"value": {"0": 120, "3": 4}}), "counts."),
    "02 cells of two lines": ("a.txt", SAS.format(small=9, first=205, last=21), "counts."),
    "03 categories below their variable": ("a.log", STATA.format(small=3, total=635), "counts."),
    "04 padded brackets": ("a.txt", TABLEONE.format(small=2, share=0.0), "counts."),
    "05 the flow of a study": ("a.md", FLOW.format(total=412, left=7), "counts."),
    "06 who is not among them": ("a.csv", "service;répondants;satisfaits (%)\nA;412;91,0\nB;37;97,3\n", "percentages."),
    "07 an amount of one hospital": ("a.csv", "région;nb_etablissements;montant\nA;29;51972\nB;1;29967\n", "concentr"),
    "08 stays of two hospitals": ("a.csv", "région;nombre d'hôpitaux;séjours\nA;29;51972\nB;2;29967\n", "counts.few"),
    "09 a row for each contributor": ("a.csv", LONG.format(one=31_200_000), "concentration."),
    "10 a base in a sentence": ("a.md", "Parmi les 218 résidents :\n\n| Avis | % |\n|--|--|\n| a | 98,2 |\n| b | 1,8 |\n", "percent"),
    "11 brackets that are shares of one base": (
        "a.csv", "Pathologie;Cas\nHTA;412 (40,1)\nAVC;88 (8,6)\nBehçet;3 (0,3)\nBPCO;121 (11,8)\n", "counts."),
}  # fmt: skip
CLEAN = {
    "00 cells of two lines": ("a.txt", SAS.format(small=13, first=209, last=25)),
    "01 categories below their variable": ("a.log", STATA.format(small=300, total=932)),
    "02 padded brackets": ("a.txt", TABLEONE.format(small=82, share=2.0)),
    "03 prompts part what R prints": ("a.txt", "> table(base$sexe)\n\n   1    2\n6501 9836\n> quantile(base$x, c(.25, .5))\n25% 50%\n  2   5\n"),
    "04 things are counted": ("a.csv", "Source;Nombre de tables;Nombre de variables;Nombre d'années;Nombre de lignes\nDCIR;6;18;8;10027938\nCauses de décès;2;5;3;923051\n"),
    "05 hospitals are counted": ("a.csv", "Catégorie;Nombre d'établissements;Nombre de séjours\nCHU;6;46395\nCLCC;3;55931\n"),
    "06 a count that numbers the rows": ("a.csv", "nb_comorbidites,effectif\n0,8120\n1,3201\n2,1412\n3,621\n4+,211\n"),
    "07 an attribute of categories": ("a.csv", "patho;tri_x;sexe;Ntop\n" + "".join(f"P{p};{p};{s};{500 + 7 * p + s}\n" for p in range(1, 6) for s in (1, 2, 9))),
    "08 percentiles": ("a.csv", "Indicateur;P5;P10;Médiane;P90;P95\nDurée (jours);1;2;5;16;23\nÂge;24;31;63;84;88\n"),
    "09 units of measure": ("a.md", "| Base | Lignes | Volume (Go) |\n|---|--:|--:|\n| SNDS | 81200 | 812 |\n| EGB | 9120 | 4 |\n"),
    "10 scores of studies": ("a.csv", "etude,n,OR,IC95_bas,IC95_haut,NOS\nDurand,1204,1.42,1.10,1.83,7\nSmith,3120,1.21,1.02,1.44,8\n"),
    "11 contributors of one size": ("a.csv", LONG.format(one=420_000)),
    "12 variables above their coefficients": ("a.txt", "            Df Sum Sq Mean Sq F value Pr(>F)\nsexe         1   2.36   2.361   1.607  0.218\nResiduals   96  32.32   1.469\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", HELD)
def test_what_is_told_of_few_is_held(case: str, judged: Judge) -> None:
    name, content, rule = HELD[case]
    report = judged(name, content)
    assert report.verdict != "pass"
    assert any(f.rule.startswith(rule) for f in report.findings if f.severity != "info"), report.to_dict("en")


@pytest.mark.parametrize("case", CLEAN)
def test_ordinary_layouts_pass(case: str, judged: Judge) -> None:
    report = judged(*CLEAN[case])
    assert report.verdict == "pass", report.to_dict("en")
