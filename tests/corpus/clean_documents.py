"""Clean reports, logs and notebooks: sentences with numbers, none of which counts few persons."""

from __future__ import annotations

import json

from .cases import Draw, Label, case
from .clean_statistics import at_risk
from .clean_tables import stays_by_age_and_sex
from .figures import epidemic_curve
from .writers import markdown, notebook

CLEAN = Label.CLEAN


def _report(draw: Draw) -> str:
    n = draw.count(90000, 20000)
    disease = draw.random.choice(draw.words.diseases)[1].lower()
    return f"""# Rapport d'analyse

## Population

Au total {n:,} patients (âge moyen 63,2 ans ± 12,1) ont été inclus entre le 01/01/2015 et le 31/12/2022, suivis 4 ans
en médiane [2 ; 7]. Le diagnostic de {disease} a été recherché dans les 12 mois précédents.

## Méthodes

1. Modèle de Cox à 3 variables d'ajustement, stratifié sur 5 classes d'âge.
2. Imputation multiple (10 jeux), 4 analyses de sensibilité.
3. Seuil de signification : p < 0,05. Cellules de moins de 11 patients non diffusées.

## Résultats

Le score de Charlson ≥ 3 est associé à la réhospitalisation (OR 1,82 ; IC95 % 1,71-1,94 ; p < 0,001).
Parmi les femmes, {draw.between(12, 40)} % ont eu au moins 2 consultations dans les 6 mois. Le risque instantané
est multiplié par 2,4 au-delà de 75 ans. La mortalité à 1 an est de 8,4 %, soit {n // 12:,} décès.

Grade 3 ou 4 chez 18 % des patients ; palier 2 d'antalgique pour 31 %. 7 régions sur 13 dépassent la moyenne.
""".replace(",", " ", 1)


@case(CLEAN, "clean.report", ".md", ".txt", ".ipynb", ".md", ".html", difficulty=3)
def report(draw: Draw) -> bytes:
    """A report with ages, dates, scores, steps and percentages in its sentences."""
    text = _report(draw)
    if draw.variant == 2:
        return notebook(text)
    if draw.variant == 3:
        return text.encode() + b"\n" + markdown(stays_by_age_and_sex(draw))
    if draw.variant == 4:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><p>{text}</p></body></html>'.encode()
    return text.encode()


@case(CLEAN, "clean.log", ".log", ".txt", ".log", difficulty=3)
def pipeline_log(draw: Draw) -> bytes:
    """A log of a run: times, counts of lines, steps, durations, warnings."""
    lines, second = [], 0
    for step in range(1, 61):
        second += draw.random.randint(1, 50)
        clock = f"2024-03-04 10:{second // 60 % 60:02d}:{second % 60:02d},{draw.random.randint(100, 999)}"
        what = draw.random.choice(
            (
                f"étape {step}/60 terminée en {draw.random.randint(1, 9)} s",
                f"lecture de {draw.random.randint(10**5, 10**7)} lignes, 4 colonnes ignorées",
                f"worker {draw.random.randint(1, 8)} : 2 tentatives",
                f"mémoire {draw.between(1, 9)} Go, {draw.random.randint(2, 8)} threads",
                f"jointure sur {draw.random.randint(100_000_000, 999_999_999)} paires",
                "WARNING 3 valeurs manquantes dans la configuration",
            )
        )
        lines.append(f"{clock} INFO [{draw.random.randint(1000, 9999)}] {what}")
    return "\n".join(lines).encode()


@case(CLEAN, "clean.notebook", ".ipynb", ".ipynb", ".ipynb", difficulty=3)
def analysis_notebook(draw: Draw) -> bytes:
    """An analysis: code, aggregate table, picture, fitted model's name, versions."""
    crossed = stays_by_age_and_sex(draw)
    return notebook(
        "# Analyse\n\nVersion 3 du 12/04/2024.",
        ("import pandas as pd\nimport sklearn\nprint(sklearn.__version__)", ["1.5.2\n"]),
        ("base.shape", ["(48213, 12)\n"]),
        ("table", [crossed]),
        ("fig", [epidemic_curve(draw, "png")]),
        ("LogisticRegression(max_iter=500).fit(X, y)", [{"text/plain": "LogisticRegression(max_iter=500)"}]),
        ("%time fit()", ["CPU times: user 4.1 s, sys: 12 ms, total: 4.1 s\nWall time: 3.9 s\n"]),
    )


@case(CLEAN, "clean.notebook", ".ipynb", ".ipynb")
def notebook_without_outputs(draw: Draw) -> bytes:
    """Sources alone, among them example values that are nobody's."""
    return notebook(
        "# Préparation",
        ("seuil = 11\nages = [0, 18, 40, 60, 75, 120]\nexemple = {'classe': 3, 'n': 250}", []),
        ("base.groupby(['sexe', 'classe_age']).size()", []),
    )


@case(CLEAN, "clean.notebook", ".ipynb")
def describe_notebook(draw: Draw) -> bytes:
    """Quartiles and survival of many, in a notebook."""
    return notebook("# Survie", ("km", [at_risk(draw)]), ("print(km.median_)", ["6.2\n"]))


@case(CLEAN, "clean.figures.documents", ".json", ".json", ".json", difficulty=3)
def vega_of_aggregates(draw: Draw) -> bytes:
    """Vega-Lite bars over a dozen aggregates."""
    values = [{"classe": age, "patients": draw.count(3000, 300)} for age in draw.words.ages]
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "mark": draw.turn("bar", "line", "area"),
        "encoding": {"x": {"field": "classe", "type": "nominal"}, "y": {"field": "patients", "type": "quantitative"}},
    }
    return json.dumps(chart, ensure_ascii=False).encode()
