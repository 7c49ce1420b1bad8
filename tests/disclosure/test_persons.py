"""Rows of persons by their shape, crossed potential identifiers, extremes, remarks, stories, listed records."""

# ruff: noqa: E501 -- a file of the numbered tables stands on one line
from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure import Report
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.readers import read
from hdh_jupyter.disclosure.rules.anonymity import anonymity

Judge = Callable[[str, str | bytes], Report]
DRAW = random.Random(11)


def people(count: int = 120) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": [DRAW.randrange(18, 95) for _ in range(count)],
            "sexe": DRAW.choices("FH", k=count),
            "poids": [round(DRAW.gauss(70, 12), 1) for _ in range(count)],
            "taille": [DRAW.randrange(150, 195) for _ in range(count)],
            "imc": [round(DRAW.gauss(26, 4), 1) for _ in range(count)],
            "hba1c": [round(DRAW.gauss(7, 1), 1) for _ in range(count)],
        }
    )


def csv(frame: pd.DataFrame, **options: object) -> str:
    return str(frame.to_csv(**{"index": False, **options}))


REMARKS = [
    f"Mme {name} vue le {i + 1:02d}/03/2022, {what}, fille à rappeler"
    for i, (name, what) in enumerate(
        zip(
            ["Durand", "Roy", "Petit", "Noir", "Blanc", "Leroy", "Morel", "Simon"],
            ["toux", "chute", "HTA"] * 3,
            strict=False,
        )
    )
]
VERBATIM = [
    "J'ai attendu six heures aux urgences avec mon mari",
    "Ma fille a été bien soignée mais on ne m'a rien dit",
    "Je ne reviendrai pas, elle a crié toute la nuit",
    "Mon médecin est parti à la retraite, je n'en trouve plus",
    "Le patient refuse le traitement et vit seul au 3e étage",
    "Hospitalisée pour une chute dans l'escalier, 84 ans",
]
ROWS = {
    "00 measures without sex or date": ("a.csv", csv(people()[["poids", "taille", "imc"]]), "rows.measures"),
    "01 age and one blood value": ("a.csv", csv(people()[["age", "hba1c"]]), "rows.measures"),
    "02 with numbered rows": ("a.csv", csv(people()[["poids", "imc", "hba1c"]], index=True), "rows.measures"),
    "03 a preview of five": ("a.csv", csv(people(5)[["poids", "imc", "hba1c"]], index=True), "rows.measures"),
    "04 predictions of persons": ("a.csv", csv(pd.DataFrame({"id": range(80), "deces": DRAW.choices([0, 1], k=80), "y_pred": [round(DRAW.random(), 6) for _ in range(80)], "residu": [round(DRAW.random(), 6) for _ in range(80)]})), ""),
    "05 with a column n of ones": ("a.csv", csv(people().assign(departement=DRAW.choices(["01", "13", "75"], k=120), n=1)), "rows."),
    "06 with a death of 0 or 1": ("a.csv", csv(people().assign(deces=DRAW.choices([0, 1], k=120))), "rows."),
    "07 one column for each person": ("a.csv", csv(people(30).assign(dep=DRAW.choices(["01", "59", "75"], k=30), date_entree=[f"2022-0{i % 9 + 1}-{i % 28 + 1:02d}" for i in range(30)]).T.reset_index().rename(columns=lambda c: "variable" if c == "index" else f"P{c}")), "rows."),
    "08 patients numbered with letters": ("a.csv", "patient;hba1c\n" + "".join(f"P{i // 3:04d};{6 + i % 9 / 3:.1f}\n" for i in range(60)), "rows.identifier_column"),
    "09 pseudonyms of eight characters": ("a.csv", "x;v\n" + "".join(f"{DRAW.getrandbits(32):08x};{i % 7}.5\n" for i in range(60)), "rows.identifier_column"),
    "10 commune, month of birth, day of care": ("a.csv", "commune_residence;mois_naissance;date_soins;n\n" + "".join(f"{75000 + i};19{50 + i % 40}-0{i % 9 + 1};2022-03-{i % 28 + 1:02d};{20 + i}\n" for i in range(60)), "rows.potential_identifiers"),
    "11 SNDS names of birth and death": ("a.csv", "BEN_NAI_ANN;BEN_DCD_DTE;nb\n" + "".join(f"{1930 + i};2020-01-{i % 28 + 1:02d};{20 + i}\n" for i in range(40)), "rows.potential_identifiers"),
    "12 remarks": ("a.csv", "numero;observation\n" + "".join(f"{i};{r}\n" for i, r in enumerate(REMARKS)), "free_text.column"),
    "13 answers in people's own words": ("a.csv", "repondant;reponse\n" + "".join(f'{i};"{r}"\n' for i, r in enumerate(VERBATIM)), "free_text.column"),
    "14 a story with its day": ("a.md", "Patiente de 84 ans, hospitalisée le 12/03/2021 pour une fracture du col.", "free_text.vignette_dated"),
    "15 a name and a birth in a report": ("a.txt", "CR - M. Durand Paul, 12/03/1950. Motif : toux.", "free_text.vignette_dated"),
    "16 somebody who says their name": ("a.txt", "« Je m'appelle Jeanne Petit, et on m'a mal reçue »", "free_text.vignette_dated"),
    "17 a log of dictionaries": ("a.log", "".join(f"DEBUG ligne {{'id': 'p{i}', 'age': {30 + i}, 'sexe': 'F', 'dep': '75', 'date': '2022-03-{i + 1:02d}', 'diag': 'J1{i % 9}'}}\n" for i in range(20)), "rows.listing"),
    "18 a log of JSON": ("a.log", "".join("INFO " + json.dumps({"age": 30 + i, "sexe": "H", "dep": "2A", "date": f"2022-03-{i + 1:02d}", "diag": "I21"}) + "\n" for i in range(20)), "rows.listing"),
    "20 attributes that occur twice, without a gap": ("a.csv", "ID_PAT,AGE,SEXE,GHM,DUREE\n" + "".join(f"{1000 + i},{DRAW.randrange(20, 90)},{DRAW.choice('12')},{DRAW.choice(['05K10', '08C48'])},{DRAW.randrange(1, 20)}\n" for i in range(100)), "rows."),
    "21 the same without a number": ("a.csv", "AGE,SEXE,GHM,DUREE\n" + "".join(f"{DRAW.randrange(20, 90)},{DRAW.choice('12')},{DRAW.choice(['05K10', '08C48'])},{DRAW.randrange(1, 20)}\n" for i in range(100)), "rows."),
    "19 a log of pairs": ("a.log", "".join(f"10:0{i % 10} age={30 + i} sexe=F dep=75 date=2022-03-{i + 1:02d} diag=J11\n" for i in range(20)), "rows.listing"),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_rows_and_stories_of_persons_block(case: str, judged: Judge) -> None:
    name, content, rule = ROWS[case]
    report = judged(name, content)
    assert any(f.rule.startswith(rule) and f.severity == "block" for f in report.findings), report.to_dict("en")


REVIEWED = {
    "00 smallest and largest age": ("a.csv", "Variable;n;Moyenne;min;max\nÂge (ans);4000;54,2;18;103\nIMC;3900;26,1;14;61\n", "rows.extremes"),
    "01 describe": ("a.csv", csv(people(4000).describe(), index=True), "rows.extremes"),
    "02 a title with its measure": ("a.csv", "region;n;age_max\nBretagne;500;101\nCorse;400;99\n", "rows.extremes"),
    "03 a story without a day": ("a.md", "Un homme de 54 ans adressé par son médecin pour une toux.", "free_text.vignette"),
    "04 vectors that nothing explains": ("a.csv", csv(pd.DataFrame({f"v{j}": [round(DRAW.gauss(0, 1), 5) for _ in range(300)] for j in range(16)})), "rows.unexplained"),
}  # fmt: skip


@pytest.mark.parametrize("case", REVIEWED)
def test_what_may_be_a_person_is_looked_at(case: str, judged: Judge) -> None:
    name, content, rule = REVIEWED[case]
    report = judged(name, content)
    assert rule in {f.rule for f in report.findings}, report.to_dict("en")


def survival() -> str:
    alive, lines = 1.0, []
    for month in range(60):
        lines.append(f"{month};{12000 - 150 * month};{alive:.4f};{alive - 0.01:.4f};{alive + 0.01:.4f}\n")
        alive *= 0.995
    return "mois;n_a_risque;survie;ic_bas;ic_haut\n" + "".join(lines)


CLEAN = {
    "00 means by région": ("a.csv", "region;age;imc;poids\n" + "".join(f"Region{i};{50 + i / 7:.1f};{25 + i / 9:.1f};{70 + i / 11:.1f}\n" for i in range(30))),
    "01 means by sex and class": ("a.csv", "sexe;classe;age;imc\n" + "".join(f"{s};{c};{40 + i * 2.3:.1f};{24 + i / 3:.1f}\n" for i, (s, c) in enumerate((s, c) for s in "FH" for c in ("0-17", "18-39", "40-59", "60-74", "75+") for _ in range(1)))),
    "02 a curve ROC": ("a.csv", "fpr;tpr;seuil\n" + "".join(f"{i / 100:.2f};{(i / 100) ** 0.4:.4f};{1 - i / 100:.2f}\n" for i in range(101))),
    "03 a survival curve of many": ("a.csv", survival()),
    "04 a simulated grid": ("a.csv", "dose;age;proba\n" + "".join(f"{d};{a};{(d * a % 97) / 97:.4f}\n" for d in range(1, 11) for a in range(20, 90, 5))),
    "05 a daily series of measures": ("a.csv", "date;temperature;pm25\n" + "".join(f"{d:%Y-%m-%d};{12 + (i * 7) % 13 / 3:.1f};{(i * 11) % 37 / 2:.1f}\n" for i, d in enumerate(pd.date_range("2020-01-01", periods=300)))),
    "06 coefficients": ("a.csv", "terme;coef;se;p\n" + "".join(f"x{i};{DRAW.gauss(0, 1):.4f};{DRAW.random():.4f};{DRAW.random():.4f}\n" for i in range(40))),
    "07 draws of a posterior": ("a.csv", csv(pd.DataFrame({"chain": [1 + i % 4 for i in range(400)], "iteration": [i // 4 for i in range(400)], **{f"beta_{j}": [round(DRAW.gauss(0, 1), 5) for _ in range(400)] for j in range(6)}}))),
    "08 losses by epoch": ("a.csv", "epoch;loss;val_loss;auc\n" + "".join(f"{i};{1 / (i + 1):.5f};{1.1 / (i + 1):.5f};{0.5 + i / 300:.4f}\n" for i in range(100))),
    "09 département, week, age with counts": ("a.csv", "dep;semaine;age;n\n" + "".join(f"{d:02d};2022-W{w:02d};{a};{20 + (d * w) % 80}\n" for d in range(1, 30) for w in range(1, 20) for a in ("0-17", "18-64", "65+"))),
    "10 codes with their labels": ("a.csv", "code;libelle\n" + "".join(f"Z{i:03d};Antécédents personnels de maladie du système numéro {i}\n" for i in range(200))),
    "11 counts by commune and year of care": ("a.csv", "commune;annee;n\n" + "".join(f"{75000 + i};20{10 + i % 9};{30 + i}\n" for i in range(60))),
    "12 deaths by day": ("a.csv", "date_deces;nb_deces\n" + "".join(f"{d:%Y-%m-%d};{1500 + i}\n" for i, d in enumerate(pd.date_range("2020-01-01", periods=60)))),
    "13 quartiles of many": ("a.csv", "Variable;n;Q1;Médiane;Q3\nÂge (ans);4000;40;54;71\nIMC;3900;22,1;25,3;29,0\n"),
    "14 hyper-parameters": ("a.csv", "max_depth;min_samples_leaf;auc\n3;50;0,71\n5;50;0,74\n8;20;0,75\n"),
    "15 largest weekly number": ("a.csv", "region;max_hebdomadaire_nb_passages\nBretagne;5120\nCorse;1190\n"),
    "16 a report of many": ("a.md", "Les patients de 65 ans et plus sont hospitalisés plus souvent (OR 1,8). L'âge moyen des femmes de 54 ans et plus a été recalculé. Inclusion du 01/01/2015 au 31/12/2022."),
    "17 a log of steps": ("a.log", "".join(f"INFO etape={i} lignes={100000 + i} duree={i / 3:.1f} memoire=512\n" for i in range(30))),
    "18 settings in a log": ("a.log", "INFO {'seuil': 11, 'annee': 2022, 'region': 'IDF', 'graine': 42}\nINFO {'seuil': 11, 'annee': 2023, 'region': 'IDF', 'graine': 43}\n"),
    "19 comments on results": ("a.csv", "indicateur;valeur;commentaire\n" + "".join(f"I{i};{i}.5;Différence non significative entre les deux périodes de l'étude {i}\n" for i in range(20))),
    "20 a correlation matrix": ("a.csv", "variable;age;imc;poids\nage;1.00;0.21;0.18\nimc;0.21;1.00;0.83\npoids;0.18;0.83;1.00\n"),
    "21 components of variables": ("a.csv", "variable," + ",".join(f"PC{j}" for j in range(8)) + "\n" + "".join(f"v{i}," + ",".join(f"{DRAW.gauss(0, 1):.4f}" for _ in range(8)) + "\n" for i in range(150))),
}  # fmt: skip
MINE = ("rows.", "free_text.", "identifiers.")


@pytest.mark.parametrize("case", CLEAN)
def test_results_are_not_taken_for_persons(case: str, judged: Judge) -> None:
    name, content = CLEAN[case]
    report = judged(name, content)
    told = [f for f in report.findings if f.rule.startswith(MINE) and f.severity != "info"]
    assert told == [], report.to_dict("en")


def test_the_sentence_gives_k_l_and_how_many_are_unique(judged: Judge) -> None:
    rows = [("F", "1950-01-02", "75001", "C91")] * 2 + [
        ("H", f"19{i}-01-02", f"{i:05d}", f"C{i}") for i in range(50, 90)
    ]
    report = judged("a.csv", csv(pd.DataFrame(rows, columns=["sexe", "naissance", "commune", "diagnostic"])))
    finding = next(f for f in report.findings if f.rule == "rows.quasi_identifiers")
    assert (finding.params["k"], finding.params["unique"], finding.params["below"], finding.params["l"]) == (
        1,
        40,
        42,
        1,
    )
    assert "k = 1" in finding.to_dict("en")["message"]


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("FH"), st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=60
    )
)
def test_anonymity_equals_counting(rows: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.mktemp("k") / "a.csv"
    frame = pd.DataFrame(rows, columns=["s", "z", "d"])
    frame.to_csv(path, index=False)
    table = read(path, "csv", default_policy()).tables[0]
    figures = anonymity(table, (0, 1), 2, 11)
    sizes = frame.groupby(["s", "z"]).size()
    assert (figures.k, figures.unique) == (sizes.min(), (sizes == 1).sum())
    assert figures.below == sizes[sizes < 11].sum()
    assert figures.l == frame.groupby(["s", "z"])["d"].nunique().min()
