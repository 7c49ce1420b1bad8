"""Clean files that list codes, names of variables, places and dates: many small numbers, nobody counted."""

from __future__ import annotations

import io
import math
import tarfile
import zipfile

from .cases import Draw, Label, case
from .clean_statistics import odds_ratios
from .clean_tables import stays_by_age_and_sex
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, delimited, geojson

CLEAN = Label.CLEAN


@case(CLEAN, "clean.codes", "csv_fr", "csv", "xlsx", "parquet", "csv_excel", difficulty=3)
def icd_codes(draw: Draw) -> Sheet:
    """Two thousand lines of the ICD, with chapter and level."""
    chapters = "ABCDEFGHIJKLM"
    rows: list[list[Value]] = [
        [f"{letter}{number:02d}{sub}", f"{name}, forme {sub}", 1 + chapters.index(letter) % 9, 3 + (sub > 0)]
        for letter in chapters
        for number in range(0, 80, 4)
        for sub in range(8)
        for name in [draw.words.diseases[number % 10][1]]
    ]
    return Sheet(["code", "libelle", "chapitre", "niveau"], rows)


@case(CLEAN, "clean.codes", "csv_fr", "xlsx", "csv", "html")
def atc_codes(draw: Draw) -> Sheet:
    """Drugs with their defined daily dose, small numbers with units."""
    rows: list[list[Value]] = [
        [code, name, draw.between(1, 10, 0), "mg", draw.turn("O", "P")] for code, name in draw.words.drugs
    ]
    return Sheet(["code_atc", "libelle", "ddd", "unite", "voie"], rows)


@case(CLEAN, "clean.codes", "csv_fr", "csv", "parquet")
def procedure_codes(draw: Draw) -> Sheet:
    """Codes of the CCAM with activity, phase and tariff."""
    letters = "BCDEFGHJKLMNPQ"
    rows: list[list[Value]] = [
        [
            "".join(draw.random.choices(letters, k=4)) + f"{draw.random.randint(1, 900):03d}",
            1 + i % 4,
            i % 3,
            draw.between(10, 900, 2),
        ]
        for i in range(300)
    ]
    return Sheet(["code_ccam", "activite", "phase", "tarif_euros"], rows)


@case(CLEAN, "clean.codes", "csv_fr", "csv", "xlsx", "csv_bom", difficulty=4)
def communes(draw: Draw) -> Sheet:
    """Communes with postal code, legal population and centre: places, not persons."""
    rows: list[list[Value]] = [
        [
            f"{code[:2]}{n:03d}",
            f"{draw.random.choice(draw.words.places)}-sur-{name}",
            f"{code[:2]}{n % 9:03d}".replace("A", "0").replace("B", "0"),
            draw.count(2400, 90),
            draw.between(43, 50, 4),
            draw.between(-4, 7, 4),
        ]
        for code, name in DEPARTEMENTS
        for n in range(1, 12)
    ]
    return Sheet(["code_insee", "commune", "code_postal", "population_municipale", "latitude", "longitude"], rows)


@case(CLEAN, "clean.codes", "csv_fr", "csv", "xlsx", "md", "html", difficulty=3)
def variable_dictionary(draw: Draw) -> Sheet:
    """Names, types and lengths of variables of the SNDS, identifiers among them by name."""
    known = [
        ("BEN_NIR_PSA", "NIR pseudonymisé du bénéficiaire", "texte", 17),
        ("BEN_RNG_GEM", "Rang gémellaire", "numérique", 1),
        ("BEN_NAI_ANN", "Année de naissance", "texte", 4),
        ("BEN_SEX_COD", "Code sexe", "numérique", 1),
        ("BEN_RES_COM", "Commune de résidence", "texte", 3),
        ("PFS_EXE_NUM", "Numéro du professionnel exécutant, chiffré", "texte", 8),
        ("EXE_SOI_DTD", "Date de début des soins", "date", 8),
        ("DGN_PAL", "Diagnostic principal", "texte", 7),
        ("PSP_SPE_COD", "Spécialité du prescripteur", "numérique", 2),
    ]  # fmt: skip
    tables = draw.turn(("ER_PRS_F", "IR_BEN_R"), ("T_MCO22B", "T_MCO22C"))
    rows: list[list[Value]] = [[table, *line] for table in tables for line in known]
    return Sheet(["table", "variable", "libelle", "type", "longueur"], rows)


@case(CLEAN, "clean.codes", "csv_fr", "csv", "md")
def study_calendar(draw: Draw) -> Sheet:
    """Visits and dates of a protocol."""
    rows: list[list[Value]] = [
        [f"V{n}", n * 30, f"2024-{n:02d}-15", draw.turn("téléphone", "sur place")] for n in range(1, 11)
    ]
    return Sheet(["visite", "jour", "date_prevue", "mode"], rows)


@case(CLEAN, "clean.maps", ".geojson", ".geojson", ".json", difficulty=4)
def map_of_areas(draw: Draw) -> bytes:
    """Polygons of départements with rates and large counts."""
    features = []
    for index, (code, name) in enumerate(DEPARTEMENTS):
        x, y = 2 + index % 6, 43 + index // 6
        ring = [[round(x + 0.4 * math.cos(a / 8), 3), round(y + 0.4 * math.sin(a / 8), 3)] for a in range(50)]
        values: dict[str, Value] = {
            "code": code,
            "nom": name,
            "patients": draw.count(4000, 200),
            "taux_1000": draw.between(4, 90),
        }
        features.append(({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, values))
    return geojson(features)


@case(CLEAN, "clean.maps", "csv_fr", "csv")
def rates_for_a_map(draw: Draw) -> Sheet:
    """Rates by région, integers below 11 among them."""
    rows: list[list[Value]] = [[f"{11 + i * 3}", name, draw.random.randint(2, 19)] for i, name in enumerate(REGIONS)]
    return Sheet(["code_region", "region", "taux_incidence_100000"], rows)


CODE = {
    ".py": '''"""Cohorte : patients avec au moins 2 remboursements."""
import pandas as pd

SEUIL = 11
ALD = {8: "Diabète", 30: "Tumeur", 5: "Insuffisance cardiaque"}


def effectifs(con):
    q = "select BEN_NIR_PSA, BEN_SEX_COD, BEN_NAI_ANN from IR_BEN_R where BEN_NAI_ANN < 2005"
    base = pd.read_sql(q, con).drop_duplicates("BEN_NIR_PSA")
    assert base.BEN_NIR_PSA.str.len().eq(17).all()
    n = base.groupby("BEN_SEX_COD").size()
    return n[n >= SEUIL]
''',
    ".R": """library(survival)
# 3 modèles, 5 imputations
base <- read.csv2("base.csv")
fit <- coxph(Surv(delai, deces) ~ groupe + age + strata(centre), data = base)
slot(fit, "n"); fit@call
tab <- table(base$sexe, cut(base$age, c(0, 18, 40, 60, 75, 120)))
tab[tab < 11] <- NA
write.csv2(tab, "tab.csv")
""",
    ".sql": """-- séjours 2022 avec DP parmi 10 codes
create table cohorte as
select b.NIR_ANO_17, b.EXE_SOI_DTD, b.DGN_PAL, count(*) as n
from T_MCO22B b join T_MCO22C c on b.ETA_NUM = c.ETA_NUM and b.RSA_NUM = c.RSA_NUM
where b.DGN_PAL like 'I50%' and c.NIR_RET = '0' and c.SEJ_RET = '0'
group by 1, 2, 3 having count(distinct b.NIR_ANO_17) >= 11;
""",
    ".sh": """#!/bin/sh
set -eu
for annee in 2019 2020 2021; do
  python preparation.py --annee "$annee" --seuil 11 > "journal_$annee.log" 2>&1
done
""",
    ".jl": """using DataFrames, CSV
base = CSV.read("base.csv", DataFrame; delim=';', decimal=',')
g = combine(groupby(base, [:sexe, :classe_age]), nrow => :n)
filter!(r -> r.n >= 11, g)
""",
    ".do": """use "base.dta", clear
logit deces i.sexe c.age i.ald, or vce(robust)
tabulate ald sexe, chi2
margins, at(age=(20(10)80))
""",
}


@case(CLEAN, "clean.code", ".py", ".R", ".sql", ".sh", ".jl", ".do")
def program(draw: Draw) -> bytes:
    """A program that computes results, without data."""
    return list(CODE.values())[draw.variant].encode()


@case(CLEAN, "clean.archive", ".zip", ".zip", ".tar.gz")
def archive_of_results(draw: Draw) -> bytes:
    """An archive of clean tables and the program that made them."""
    members = {
        "resultats/tableau1.csv": delimited(stays_by_age_and_sex(draw), decimal=","),
        "resultats/modele.csv": delimited(odds_ratios(draw)),
        "LISEZMOI.md": b"# Contenu\n\nDeux tableaux et le programme qui les produit.\n",
        "programme.R": CODE[".R"].encode(),
    }
    out = io.BytesIO()
    if draw.variant == 2:
        with tarfile.open(fileobj=out, mode="w:gz") as packed:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                packed.addfile(entry, io.BytesIO(content))
    else:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, content in members.items():
                zipped.writestr(zipfile.ZipInfo(name, (2024, 3, 4, 10, 0, 0)), content)
    return out.getvalue()
