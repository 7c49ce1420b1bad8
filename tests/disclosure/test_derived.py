"""What figures give away beside the counts they show: tables that must be found, and clean ones next to them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

KM_DEATHS = "jours;survie\n" + "".join(f"{17 * i + i * i % 7};{(60 - i) / 60:.4f}\n" for i in range(1, 31))
KM_REGULAR = "mois;survie\n" + "".join(f"{3 * i};{0.985**i:.4f}\n" for i in range(1, 31))
DESCRIBED = "count,{n}\nmean,49.5\nstd,28.9\nmin,{low}\n25%,25.0\n50%,50.0\n75%,75.0\nmax,{high}\n"

FOUND = {
    "00 percentage and its base in the row": (
        "percentages.small_count",
        "région;n;pct_guéris\nBretagne;120;45,0\nCorse;37;8,1\nNormandie;80;27,5\n",
    ),
    "01 base in the title": (
        "percentages.small_count",
        "Variable;Corse (n=37);Bretagne (n=1200)\nDiabète, %;8,1;12,0\nTabac, %;43,2;30,1\n",
    ),
    "02 base in the row's label": ("percentages.small_count", "Groupe;Guéris (%)\nA (n=37);8,1\nB (n=1200);45,2\n"),
    "03 base in a row": ("percentages.small_count", "Variable;Valeur\nN;37\nDiabète (%);8,1\nÂge moyen;54,2\n"),
    "04 base above the table": (
        "percentages.small_count",
        "Réponse au traitement, n = 37\n\nréponse;pourcentage\nComplète;8,1\nPartielle;43,2\nAucune;48,6\n",
    ),
    "05 per cent in the cells": ("percentages.small_count", "groupe;n;guéris\nA;37;8,1 %\nB;1200;45,2 %\n"),
    "06 a share of one": ("percentages.small_count", "groupe;n;proportion\nA;37;0.081\nB;1200;0.452\n"),
    "07 a rate and its population": (
        "percentages.small_count",
        "commune;population;taux pour 100 000\nA;35000;11,4\nB;420000;95,0\n",
    ),
    "08 share beside a hidden count": (
        "percentages.hidden_count",
        "classe;n;pct\n0-14;120;40,0\n15-44;174;58,0\n45+;c;2,0\n",
    ),
    "09 total and mean": (
        "percentages.small_mean",
        "région;dépense totale;dépense moyenne\nBretagne;124000;1033,33\nCorse;5200;1300,00\n",
    ),
    "10 weighted total and mean weight": (
        "percentages.small_mean",
        "région;total pondéré;poids moyen\nBretagne;124000;103,33\nCorse;400;100,00\n",
    ),
    "11 a group in one category": (
        "categories.full_group",
        "commune;porteurs;non_porteurs;total\nA;25;0;25\nB;31;220;251\nC;44;190;234\n",
    ),
    "12 in a long table": (
        "categories.full_group",
        "commune;statut;n\nA;séropositif;25\nA;autre;0\nB;séropositif;31\nB;autre;220\nC;séropositif;44\nC;autre;190\n",
    ),
    "13 transposed": ("categories.full_group", "statut;A;B;C\nporteurs;25;31;44\nnon_porteurs;0;220;190\n"),
    "14 in per cent": ("categories.full_group", "commune;pct_porteurs\nA;100\nB;12\nC;19\n"),
    "15 nine in ten": ("categories.full_group", "service;décès;vivants\nA;190;12\nB;31;220\nC;44;190\n"),
    "16 dominance": (
        "concentration.dominance",
        "établissement;nb_patients;depense_totale;plus_gros_contributeur\nA;120;1000000;861000\nB;340;2140000;31000\n",
    ),
    **{
        f"17{letter} dominance in words": (
            "concentration.dominance",
            f"laboratoire;ventes (k€);{title}\nA;4512;91,2\nB;8820;44,0\n",
        )
        for letter, title in zip(
            "abcdefgh",
            (
                "part du premier (%)",
                "part du plus gros contributeur",
                "share of the largest supplier, %",
                "top1",
                "CR1 (%)",
                "leader share",
                "poids du premier laboratoire",
                "part de marché du leader (%)",
            ),
            strict=True,
        )
    },
    "17i a step that leaves few out": (
        "differences.nested",
        "étape;effectif\ninitial;1204\naprès âge;1101\naprès doublons;1095\n",
    ),
    "17 dominance as a share": (
        "concentration.dominance",
        "région;montant;part du plus gros établissement (%)\nA;1000000;91,2\nB;2140000;31,0\n",
    ),
    "18 p%": (
        "concentration.p_percent",
        "région;montant_total;plus_gros_contributeur;deuxieme_contributeur\n"
        "A;1000000;700000;250000\nB;2140000;310000;200000\n",
    ),
    "19 cumulative counts": (
        "differences.cumulative",
        "jour;cas_cumulés\n2021-01-01;120\n2021-01-02;123\n2021-01-03;150\n",
    ),
    "20 nested ages": ("differences.nested", "âge;n\n65+;420\n70+;416\n75+;200\n"),
    "21 nested ages in words": ("differences.nested", "âge;n\n65 ans et plus;420\n70 ans et plus;416\n"),
    "22 nested titles": ("differences.nested", "région;≥65;≥70\nBretagne;420;380\nCorse;120;117\n"),
    "23 more than its parts": ("differences.remainder", "sexe;n\nF;420\nH;380\nTotal;804\n"),
    "24 extremes of a small group": ("statistics.extremes", ",age\n" + DESCRIBED.format(n=40.0, low=3.0, high=97.0)),
    "25 extremes by group": ("statistics.extremes", "région;n;age_moyen;age_max\nA;120;54,2;103\nB;140;55,2;99\n"),
    "26 the maximum as a table": ("statistics.extremes", "région;cout_max\nA;120345,20\nB;98021,11\n"),
    "27 a mean beside a bound": ("statistics.hidden_group", "région;n;age_moyen\nA;120;54,2\nB;<11;87,5\n"),
    "28 a curve death by death": ("statistics.survival_steps", KM_DEATHS),
    "29 last percentiles": ("statistics.extremes", "groupe;n;mean;p1;p99\nA;240;54,2;19;93\nB;250;50,1;20;91\n"),
}
CLEAN = {
    "00 large base": "région;n;pct_guéris\nBretagne;1200;45,0\nCorse;370;8,1\nNormandie;800;27,5\n",
    "01 shares of the total": "caractéristique;n;pourcent\nEffectif;24310;100,0\nFemmes;12877;53,0\nDécès;312;1,3\n",
    "02 shares of a total not shown": "classe;n;pct\nA;64;1,3\nB;128;2,6\nC;640;13,0\n",
    "03 shares within a group": "sexe;réponse;n;pct\nF;oui;40;33,3\nF;non;80;66,7\nH;oui;20;20,0\nH;non;80;80,0\n",
    "04 numerator shown": "service;décès;séjours;pct_décès\nA;31;1240;2,5\nB;12;300;4,0\n",
    "05 rates of cases shown": "région;n;taux pour 100 000\nA;2841;126,1\nB;5392;171,2\nC;227;143,9\n",
    "06 base in large titles": "Variable;Corse (n=3700);Bretagne (n=12000)\nDiabète, %;8,1;12,0\nTabac, %;43,2;30,1\n",
    "07 hidden with its share": "classe;n;pct\n0-14;120;40,0\n15-44;168;56,0\n45+;c;c\n",
    "08 the usual category": "région;décès;vivants\nA;114;8120\nB;31;1330\nC;60;2400\n",
    "09 a structural zero": "sexe;grossesses;autres séjours\nF;420;8120\nH;0;7330\n",
    "10 no death anywhere": "région;décès;vivants\nA;0;8120\nB;0;1330\n",
    "11 drugs by age": "atc;0-17;18-64;65+\nJ07;950;30;20\nC09;20;400;900\nN02;400;700;800\n",
    "12b shares of other firsts": "centre;n;part du premier trimestre (%);part de la première dose (%)\n"
    "A;900;88;91\nB;800;90;96\n",
    "12d steps that leave many out": "étape;effectif\ninitial;1204\naprès âge;1101\naprès doublons;1001\n",
    "12c predictions": "model;top1;top5\nResNet;91.2;98.1\nViT;92.4;98.9\n",
    "12 no dominance": "établissement;nb_patients;depense_totale;plus_gros_contributeur\n"
    "A;120;1000000;61000\nB;340;2140000;31000\n",
    "13 cumulative counts": "jour;cas_cumulés\n2021-01-01;120\n2021-01-02;133\n2021-01-03;150\n",
    "14 cumulative by region": "région;mois;cumul\nA;M01;120\nA;M02;140\nB;M01;122\nB;M02;141\n",
    "15 age classes": "âge;n\n0-64;420\n65-74;416\n75+;413\n",
    "16 nested ages apart": "âge;n\n65+;420\n70+;316\n75+;200\n",
    "17 adds up": "sexe;n\nF;420\nH;380\nTotal;800\n",
    "19 quartiles": "région;n;mediane;q1;q3\nA;120;54;31;72\nB;140;55;30;71\n",
    "20 all hidden": "région;n;age_moyen\nA;120;54,2\nB;<11;c\n",
    "21 a curve at regular times": KM_REGULAR,
    "22 numbers at risk": "mois;à risque;survie\n0;420;1\n12;400;0,952\n24;371;0,883\n36;330;0,801\n",
    "23 amounts and means of many": "région;dépense totale;dépense moyenne\n"
    "Bretagne;124000;1033,33\nCorse;52000;1300,00\n",
    "24 sensitivity and specificity": "modèle;n;sensibilité (%);spécificité (%)\nA;1200;81,2;90,4\nB;1200;79,9;91,3\n",
    "25 two-year survival": "stade;n;survie à 2 ans (%)\nI;1200;91,2\nII;800;80,4\nIII;420;55,1\n",
    "26 hyperparameters": "modèle;max_depth;min_samples_leaf;auc\nA;5;20;0,81\nB;7;50;0,80\n",
    "27 occupancy": "hôpital;lits;taux_occupation\nA;420;91,2\nB;380;87,5\n",
    "28 Cox model": "variable;HR;IC bas;IC haut;p\nâge;1,02;1,01;1,03;<0,001\nsexe;1,2;0,9;1,6;0,21\n",
    "30 vaccination coverage": "département;population;vaccinés;couverture (%)\n"
    "01;652432;512345;78,5\n02;531345;401234;75,5\n",
}


@pytest.mark.parametrize("case", FOUND)
def test_what_figures_give_away_is_found(case: str, judged: Judge) -> None:
    rule, table = FOUND[case]
    report = judged("table.csv", table)
    assert rule in {f.rule for f in report.findings}, report.to_dict("en")
    assert report.verdict != "pass"


@pytest.mark.parametrize("case", CLEAN)
def test_ordinary_tables_say_no_more_than_they_show(case: str, judged: Judge) -> None:
    report = judged("table.csv", CLEAN[case])
    assert report.verdict == "pass", report.to_dict("en")["findings"]
