"""Clean results in the layouts of those who publish them: Insee, DREES, ATIH, CNAM, Santé publique France, journals."""

from __future__ import annotations

import hashlib
import json

from .cases import Draw, Label, case
from .people import finess
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, delimited, notebook

CLEAN = Label.CLEAN


@case(CLEAN, "clean.published", "csv_fr", "csv", "parquet", "xlsx", difficulty=4)
def ameli_pathologies(draw: Draw) -> Sheet:
    """CNAM's « data pathologies »: numbers rounded to ten, codes 9 and 99 for everybody, levels of priority."""
    titles = [
        "annee",
        "patho_niv1",
        "patho_niv2",
        "top",
        "cla_age_5",
        "sexe",
        "region",
        "dept",
        "Ntop",
        "Npop",
        "prev",
        "Niveau prioritaire",
        "tri",
    ]
    rows: list[list[Value]] = []
    for index, (code, disease) in enumerate(draw.words.diseases):
        for age in ("00-04", "45-49", "75-79", "tsage"):
            for sex in ("1", "2", "9"):
                people = 10 * draw.random.randint(900, 90000)
                ill = 10 * draw.random.randint(5, people // 40)
                rows.append(
                    [
                        "2022",
                        "Maladies",
                        disease,
                        f"TOP_{code}",
                        age,
                        sex,
                        "99",
                        "999",
                        ill,
                        people,
                        round(100 * ill / people, 3),
                        "1,2,3",
                        index,
                    ]
                )
    return Sheet(titles, rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=4)
def open_medic(draw: Draw) -> Sheet:
    """Open Medic: codes of age, sex, region and prescriber that are small whole numbers."""
    rows: list[list[Value]] = [
        [code, name, age, sex, region, speciality, draw.count(9000, 200), draw.between(900, 90000, 2)]
        for code, name in draw.words.drugs
        for age in (0, 20, 60, 99)
        for sex in (1, 2, 9)
        for region, speciality in ((5, 1), (11, 90), (93, 22))
    ]
    return Sheet(["ATC5", "L_ATC5", "AGE", "sexe", "BEN_REG", "PSP_SPE", "BOITES", "REM"], rows)


@case(CLEAN, "clean.published", ".csv", ".csv", difficulty=4)
def two_rows_of_titles(draw: Draw) -> bytes:
    """Insee's way: titles in two rows, years over sexes, units in brackets, notes below."""
    lines = [
        ["Tableau 4 - Bénéficiaires de soins selon la région"],
        [],
        ["", "2021", "", "2022", ""],
        ["Région", "Femmes", "Hommes", "Femmes", "Hommes"],
    ]
    lines += [[region, *(f"{draw.count(40000):,}".replace(",", " ") for _ in range(4))] for region in REGIONS]
    lines += [[], ["Champ : France entière, bénéficiaires de 18 ans ou plus."], ["Source : DREES."]]
    return "\n".join(";".join(line) for line in lines).encode(draw.turn("utf-8-sig", "cp1252"))


@case(CLEAN, "clean.published", "csv_fr", "xlsx", "html", difficulty=4)
def estimates_with_intervals(draw: Draw) -> Sheet:
    """Survey estimates written with their intervals."""
    rows: list[list[Value]] = []
    for name in (*draw.words.ages, *draw.words.sexes):
        value = draw.between(3, 30)
        rows.append(
            [name, f"{value:.1f} [{value - 1.2:.1f}-{value + 1.3:.1f}]".replace(".", ","), draw.count(1500, 500)]
        )
    return Sheet(["", draw.turn("Prévalence (%) [IC95 %]", "% [IC 95 %]"), "Effectif non pondéré"], rows)


@case(CLEAN, "clean.published", "csv", "csv_fr", "xlsx", "md", difficulty=4)
def analysis_of_variance(draw: Draw) -> Sheet:
    """Tests with small degrees of freedom of the factors, which count nobody."""
    rows: list[list[Value]] = [
        [name, df, draw.between(4, 200, 2), draw.turn("<0.001", "0.012")]
        for name, df in (("age", 4), ("sexe", 1), ("region", 12), ("age:sexe", 4), ("ald", 1))
    ]
    return Sheet(["Effet", draw.turn("ddl", "Df"), "Chi2", "p"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", "html", difficulty=4)
def stages_and_scores(draw: Draw) -> Sheet:
    """Numbers of patients by stage, score or class, written as numbers."""
    scale = draw.turn(("GIR", 6), ("Classe ASA", 5), ("nb_comorbidites", 9), ("Stade NYHA", 4))
    rows: list[list[Value]] = [[level, draw.count(1500), draw.between(2, 40)] for level in range(1, scale[1] + 1)]
    return Sheet([scale[0], draw.turn(*draw.words.count), "%"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "parquet", difficulty=3)
def by_hour(draw: Draw) -> Sheet:
    """Visits by hour and day of the week."""
    rows: list[list[Value]] = [[hour, *(draw.count(700) for _ in range(7))] for hour in range(24)]
    return Sheet(["heure", "lun", "mar", "mer", "jeu", "ven", "sam", "dim"], rows)


@case(CLEAN, "clean.published", "csv_fr", "xlsx", "md", difficulty=5)
def sources_of_data(draw: Draw) -> Sheet:
    """What data were used: few tables, years and variables, many lines."""
    rows: list[list[Value]] = [
        [name, draw.random.randint(2, 9), draw.random.randint(3, 60), draw.random.randint(3, 8), draw.count(9_000_000)]
        for name in ("DCIR", "PMSI MCO", "PMSI SSR", "Causes de décès", "OSCOUR")
    ]
    return Sheet(["Source", "Nombre de tables", "Nombre de variables", "Nombre d'années", "Nombre de lignes"], rows)


@case(CLEAN, "clean.published", "csv_fr", "xlsx", difficulty=5)
def numbers_of_hospitals(draw: Draw) -> Sheet:
    """Hospitals by kind, a few of some: the rule is for persons and stays, and Insee's asks for three units."""
    rows: list[list[Value]] = [
        [kind, draw.random.randint(4, 60), draw.count(90000)] for kind in ("CHU", "CH", "CLCC", "Privé", "ESPIC")
    ]
    return Sheet(["Catégorie", "Nombre d'établissements", "Nombre de séjours"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=4)
def quality_indicators(draw: Draw) -> Sheet:
    """Scores of hospitals named by FINESS, on hundreds of records each: the hospital is public."""
    rows: list[list[Value]] = [
        [finess(draw), f"CH {place}", draw.between(60, 98, 0), draw.turn("A", "B"), draw.count(300, 80)]
        for place in draw.words.places
    ]
    return Sheet(["finess", "nom", "score", "classe", "nb_dossiers"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=4)
def observed_and_expected(draw: Draw) -> Sheet:
    """Standardised mortality ratios."""
    rows: list[list[Value]] = []
    for code, name in draw.words.diseases:
        observed = draw.count(800)
        rows.append([code, name, observed, round(observed * draw.between(0.8, 1.2, 2), 1), draw.between(0.8, 1.2, 2)])
    return Sheet(["cim10", "cause", "observes", "attendus", "SMR"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=4)
def missing_values(draw: Draw) -> Sheet:
    """Missing values by variable, numbers of lines large."""
    rows: list[list[Value]] = [
        [name, draw.count(4000), draw.between(1, 30)] for name in ("imc", "tabac", "hba1c", "profession", "commune")
    ]
    return Sheet(["variable", "n_manquants", "pct_manquants"], rows)


@case(CLEAN, "clean.published", "csv_fr", "xlsx", "tex", difficulty=4)
def cost_effectiveness(draw: Draw) -> Sheet:
    """Costs, years and ratios of strategies."""
    rows: list[list[Value]] = [
        [name, draw.between(9000, 40000, 0), draw.between(5, 9, 2), draw.between(4000, 60000, 0)]
        for name in ("Standard", "Dépistage", "Nouveau")
    ]
    return Sheet(["Stratégie", "Coût moyen (€)", "QALY", "RDCR (€/QALY)"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "parquet", difficulty=4)
def coverage_by_day(draw: Draw) -> Sheet:
    """Vaccination by département and day: cumulated numbers that grow by hundreds."""
    rows: list[list[Value]] = []
    for code, _ in DEPARTEMENTS[:12]:
        total = draw.count(20000, 5000)
        for day in range(1, 20):
            dose = draw.count(400, 90)
            total += dose
            rows.append([code, f"2021-05-{day:02d}", dose, total, round(total / 9000, 2)])
    return Sheet(["dep", "jour", "n_dose1", "n_cum_dose1", "couv_dose1"], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=4)
def top_codes(draw: Draw) -> Sheet:
    """The ten most frequent diagnoses, with their rank."""
    counts = sorted((draw.count(9000, 500) for _ in draw.words.diseases), reverse=True)
    rows: list[list[Value]] = [
        [rank, code, name, n] for rank, ((code, name), n) in enumerate(zip(draw.words.diseases, counts, strict=True), 1)
    ]
    return Sheet([draw.turn("Rang", "#"), "Code", "Libellé", "Séjours"], rows)


@case(CLEAN, "clean.published", "csv", "csv_fr", difficulty=4)
def transitions(draw: Draw) -> Sheet:
    """Probabilities of going from state to state."""
    states = ["Domicile", "MCO", "SSR", "EHPAD", "Décès"]
    rows: list[list[Value]] = [[state, *draw.numpy.dirichlet([4] * 5).round(3).tolist()] for state in states]
    return Sheet(["de\\vers", *states], rows)


@case(CLEAN, "clean.published", "csv", "csv_fr", "txt", difficulty=5)
def checksums(draw: Draw) -> Sheet:
    """A manifest of files with their checksums: hexadecimal, unique, and nobody's."""
    rows: list[list[Value]] = [
        [f"resultats/tableau_{i}.csv", hashlib.sha256(f"{draw.half}{i}".encode()).hexdigest(), draw.count(9000, 300)]
        for i in range(1, 25)
    ]
    return Sheet(["fichier", "sha256", "octets"], rows)


REFERENCES = """# Références

1. Martin P, Dupont J, Le Goff A, et al. Mortality after hip fracture. Lancet 2019;393:1120-9. doi:10.1016/S0140
2. Charlson ME, Pompei P, Ales KL, MacKenzie CR. A method of classifying comorbidity. J Chronic Dis 1987;40:373-83.
3. Bernard C, Nguyen T. Le SNDS en 10 questions. Rev Epidemiol Sante Publique 2021;69(4):201-10. ISSN 0398-7620.

Les tests de Wilcoxon, de Kruskal-Wallis et de Cochran-Armitage ont été utilisés. La maladie de {a} et le syndrome de
Guillain-Barré ont été repérés par les codes {b} et G61.0. Étude menée au CHU Henri-Mondor et à l'hôpital Robert-Debré.
Version du programme : commit 9fceb02d0ae598e95dc970b74767f19372d61af8, image sha256:{c}, numpy 1.26.4, R 4.2.2.
"""


@case(CLEAN, "clean.report", ".md", ".txt", ".ipynb", difficulty=5)
def bibliography(draw: Draw) -> bytes:
    """References with authors, eponyms, hospitals that bear names, commits."""
    digest = hashlib.sha256(str(draw.half).encode()).hexdigest()
    text = REFERENCES.format(a=draw.turn("Crohn", "Parkinson"), b=draw.words.diseases[0][0], c=digest)
    return notebook(text) if draw.variant == 2 else text.encode()


PROTOCOL = """# Protocole

## Critères d'inclusion

- au moins 2 délivrances d'un médicament de la classe {a} en 6 mois, ou 1 hospitalisation pour {b} ;
- âge de 18 ans ou plus, affiliation depuis 3 ans ; 5 classes d'âge.

## Plan

Essai en 3 bras, 2 comprimés par jour, visites à 1, 3, 6 et 12 mois ; 4 comités. Un effectif de {n} patients par bras
donne une puissance de 90 %. Avis du CESREES n° 2023-114 du 12/05/2023, autorisation CNIL n° 923145 du 04/09/2023.
Taux attendu : 8 pour 1 000 personnes-années. Les effectifs inférieurs à 11 ne sont pas montrés (« < 11 »).
"""


@case(CLEAN, "clean.report", ".md", ".txt", ".html", difficulty=5)
def protocol(draw: Draw) -> bytes:
    """A protocol: numbers of arms, visits, tablets, permits."""
    text = PROTOCOL.format(a=draw.words.drugs[0][0], b=draw.words.diseases[1][1].lower(), n=draw.count(600, 300))
    if draw.variant == 2:
        return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><pre>{text}</pre></body></html>'.encode()
    return text.encode()


@case(CLEAN, "clean.codes", ".json", ".json", difficulty=4)
def table_schema(draw: Draw) -> bytes:
    """A Table Schema: names, types and lengths of variables, identifiers among them by name."""
    fields = [
        {"name": name, "type": kind, "description": said, "length": length, "nomenclature": "-"}
        for name, kind, said, length in (
            ("BEN_NIR_PSA", "string", "NIR pseudonymisé", 17), ("BEN_NAI_MOI", "string", "Mois de naissance", 2),
            ("BEN_SEX_COD", "integer", "Sexe", 1), ("EXE_SOI_DTD", "date", "Début des soins", 8),
            ("PRS_ACT_QTE", "number", "Quantité", 4),
        )
    ]  # fmt: skip
    table = {"name": draw.turn("ER_PRS_F", "ER_PHA_F"), "fields": fields, "primaryKey": "BEN_NIR_PSA"}
    return json.dumps(table, ensure_ascii=False, indent=1).encode()


@case(CLEAN, "clean.published", ".csv", ".txt", difficulty=5)
def several_blocks(draw: Draw) -> bytes:
    """Three clean tables in one file with titles and sources between."""
    parts = []
    for number, columns in enumerate((draw.words.sexes, ("2021", "2022"), draw.words.ages[:3]), 1):
        rows: list[list[Value]] = [[region, *(draw.count(900) for _ in columns)] for region in REGIONS[:6]]
        parts.append(
            f"Tableau {number} - Patients pris en charge\n\n".encode()
            + delimited(Sheet(["Région", *columns], rows))
            + b"Source : SNDS\n\n"
        )
    return b"".join(parts)


@case(CLEAN, "clean.published", "csv_fr", "xlsx", "csv_quoted", difficulty=4)
def counts_and_shares(draw: Draw) -> Sheet:
    """Numbers and shares in one cell, by sex, large."""
    rows: list[list[Value]] = []
    for name in (n for _, n in draw.words.diseases):
        number, base = draw.count(500, 100), draw.count(9000, 5000)
        rows.append(
            [
                name,
                f"{number} ({100 * number / base:.1f} %)".replace(".", ","),
                f"{number + 77} ({100 * (number + 77) / base:.1f} %)".replace(".", ","),
            ]
        )
    return Sheet(["Pathologie", *(f"{sex}, n (%)" for sex in draw.words.sexes)], rows)


@case(CLEAN, "clean.published", "csv_fr", "csv", "xlsx", difficulty=5)
def subgroup_effects(draw: Draw) -> Sheet:
    """Effects by subgroup, with events over persons, large."""
    rows: list[list[Value]] = []
    for name in (*draw.words.ages, *draw.words.sexes):
        a, b = draw.count(900, 300), draw.count(900, 300)
        rows.append(
            [name, f"{a // 5}/{a}", f"{b // 6}/{b}", draw.between(0.6, 1.3, 2), "0,71-1,02", draw.between(0.01, 0.9, 2)]
        )
    return Sheet(["Sous-groupe", "Traités (évén./n)", "Témoins (évén./n)", "RR", "IC95 %", "p interaction"], rows)
