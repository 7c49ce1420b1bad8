"""Small counts in sentences and log lines, and the numbers beside nouns that are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hdh_jupyter.disclosure import Report

Judge = Callable[[str, str | bytes], Report]

FOUND = {
    "00": "Au CH d'Ajaccio, 8 patients ont été hospitalisés en 2022.",
    "01": "On compte 4 décès parmi les patients suivis à Strasbourg.",
    "02": "INFO effectif du groupe BPCO : 3 patients",
    "03": "Corse (n = 4) et Bretagne (n = 1 204).",
    "04": "Trois patients sont décédés.",
    "05": "Nombre de décès : 7",
    "06": "  n= 228, number of events= 8 ",
    "07": "Of the 412 women included, 6 women died.",
    "08": "Parmi les 127 patients opérés, 3,9 % sont décédés à 30 jours.",
    "09": "Dans ce groupe (n = 60), 11,7 % ont été réhospitalisés.",
    "10": "Finistère : 5 séjours.",
    "11": "nb_patients=3\n",
    "12": "Parmi les 56 autres femmes, quatre ont eu une rupture utérine et 52 un accouchement prématuré.",
    "13": "Sur les 312 patients opérés, 298 sont rentrés à domicile. Les autres sont restés : 3 sont décédés.",
    "14": "We included 840 women. Of these, 832 gave birth at term and eight had a uterine rupture.",
    "15": "Les 214 résidents ont été suivis un an, dont 5 hospitalisés.",
    "18": "Au total, 2 104 enfants ont été vaccinés. Huit convulsions fébriles ont été signalées.",
    "19": "INFO cohorte initiale 41210\nINFO perdus de vue : 8\n",
    "20": "We followed 412 mothers; three uterine ruptures were reported.",
    "21": "- Inclus : 412\n- Refus : 6\n",
    "22": "Le suivi a porté sur 402 patientes : on dénombre 3 thromboses veineuses et un AVC.",
    "23": "La cohorte compte 88 malades de Pompe, dont 5 formes infantiles.",
    "24": "Of 1,204 residents vaccinated, we recorded seven anaphylactic reactions.",
    "16": "Among 96 recipients, 91 survived; five of them were lost to follow-up.",
    "17": "412 enfants vaccinés, dont trois d'entre eux dans le mois.",
}
CLEAN = {
    "00": "Au total 149 926 patients (âge moyen 63,2 ans ± 12,1) ont été inclus, suivis 4 ans en médiane [2 ; 7].",
    "01": "Les cellules de moins de 10 patients ne sont pas diffusées ; au moins 3 séjours par patient.",
    "02": "Trois patients sur 10 sont des femmes, soit 4 patients sur 10 en Corse.",
    "03": "Modèle à 3 variables, 5 classes d'âge, 10 jeux imputés, 4 analyses de sensibilité, n = 5 plis.",
    "04": "Le taux est de 8 cas pour 100 000 habitants, et de 9 décès pour 1 000 naissances.",
    "05": "Entrainement par lots de 10 patients, entre 5 et 10 patients par centre.",
    "06": "Parmi les 12 700 patients opérés, 3,9 % sont décédés (IC 95 % : 3,6-4,2).",
    "07": "Dans les deux cas, les deux femmes et hommes ; 1 204 patients ; 3,4 décès ; 2 séjours par an.",
    "08": "Étude de 127 patients : intervalle de confiance à 95 %, risque de 5 %.",
    "09": "étape 3/60 terminée en 2 s, worker 5 : 2 tentatives, 8 Go, n_jobs=4",
    "10": "Score\n  5\nDécès à 1 an    3384\n",
    "12": "Nous avons testé 12 modèles auprès des patients ; parmi ces modèles, quatre ont convergé.",
    "13": "Des 14 hôpitaux sollicités, huit ont répondu, deux ont refusé.",
    "14": "Les 1 204 patients ont été suivis 5 ans. Parmi les variables, 3 ont été retenues.",
    "16": "Les 2 410 patients ont été suivis ; deux pics ont été observés, trois tendances ont été constatées.",
    "17": "Refus : 212\nDécès : 0\nPerdus de vue : 61\n",
    "18": "Les 812 patients : 5 ans de suivi, dont 2 ans de traitement ; on observe 3 profils et on compte 4 centres.",
    "15": "Stade 3 : les patients de stade 3 ont une survie plus courte ; groupe 2 était plus âgé.",
    "11": "≥ 3 hospitalisations, < 5 patients, jusqu'à 4 personnes, plus de 2 cas.",
}


@pytest.mark.parametrize("case", FOUND)
def test_a_small_count_in_a_sentence_blocks(case: str, judged: Judge) -> None:
    report = judged("t.txt", "Rapport\n\n" + FOUND[case] + "\n")
    assert {"counts.in_text", "percentages.in_text"} & {f.rule for f in report.findings}, report.to_dict("en")
    assert report.findings[0].where.line == 3 + FOUND[case].startswith(("INFO cohorte", "- Inclus"))


@pytest.mark.parametrize("case", CLEAN)
def test_other_numbers_in_sentences_pass(case: str, judged: Judge) -> None:
    report = judged("t.txt", "Rapport\n\n" + CLEAN[case] + "\n")
    assert report.verdict == "pass", report.to_dict("en")["findings"]
