"""Rows of persons, every kind of identifier, and text about one person."""

from __future__ import annotations

import json

import pandas as pd

from .cases import Draw, Label, case
from .clean_tables import stays_by_age_and_sex
from .people import finess, iban, people, person, rows_of, rpps
from .words import REGIONS
from .writers import Sheet, Value, geojson, notebook

BLOCK = Label.MUST_BLOCK
ROWS = ("rows.", "identifiers.", "persons.")

EVERYWHERE = ("csv_fr", "csv", "xlsx", "parquet", "feather", "stata", "spss", "json", "ndjson", "html", "csv_utf16")


@case(BLOCK, "rows", *EVERYWHERE, "json_columns", difficulty=1, rules=ROWS)
def rows_with_pseudonym(draw: Draw) -> Sheet:
    """One line for each patient with a pseudonym."""
    return rows_of(draw, draw.turn(60, 150, 400))


@case(BLOCK, "rows", "csv_fr", "csv", "xlsx", "parquet", "csv_excel", "txt", "md", difficulty=3, rules=ROWS)
def rows_without_identifier(draw: Draw) -> Sheet:
    """One line for each patient, told apart by birth, commune and dates."""
    return rows_of(draw, draw.turn(40, 120, 300), pseudonym=False)


@case(BLOCK, "rows", "csv", "csv_fr", "parquet", "xlsx", difficulty=4, rules=ROWS)
def rows_of_few_columns(draw: Draw) -> Sheet:
    """Age in years, sex, département and a diagnosis of each person: most combinations stand once."""
    rows: list[list[Value]] = [
        [draw.random.randint(18, 95), str(one.sex), one.code[:2], one.disease] for one in people(draw, 200)
    ]
    return Sheet(["age", "sexe", "dep", "diag"], rows)


@case(BLOCK, "rows", ".csv", ".csv", ".txt", difficulty=4, rules=ROWS)
def rows_without_titles(draw: Draw) -> bytes:
    """Figures of each person, without titles or words."""
    lines = []
    for one in people(draw, draw.turn(120, 600, 300)):
        cells = [one.sex, 2022 - one.birth.year, draw.random.randint(1, 95), draw.random.randint(0, 1),
                 draw.between(18, 41), draw.between(4.5, 12), draw.random.randint(0, 1)]  # fmt: skip
        lines.append(draw.turn(",", ";", "\t").join(map(str, cells)))
    return "\n".join(lines).encode()


@case(BLOCK, "rows", "csv_fr", "csv", "xlsx", "parquet", difficulty=5, rules=ROWS)
def rows_transposed(draw: Draw) -> Sheet:
    """One column for each patient."""
    sheet = rows_of(draw, 30, pseudonym=False)
    rows = [[title, *(str(row[index]) for row in sheet.rows)] for index, title in enumerate(sheet.titles)]
    return Sheet(["variable", *(f"P{index:03d}" for index in range(1, 31))], rows)


@case(BLOCK, "rows", "csv_fr", "csv", "xlsx", difficulty=4, rules=ROWS)
def rows_of_residuals(draw: Draw) -> Sheet:
    """Prediction and residual of each person, numbered."""
    rows: list[list[Value]] = []
    for index in range(250):
        predicted = draw.random.random()
        observed = draw.random.randint(0, 1)
        rows.append([index, observed, round(predicted, 6), round(observed - predicted, 6)])
    return Sheet([draw.turn("", "obs"), "deces", "y_pred", "residu"], rows)


@case(BLOCK, "rows", "csv_fr", "csv", "parquet", difficulty=5, rules=ROWS)
def rows_called_counts(draw: Draw) -> Sheet:
    """Rows of persons with a column `n` that is always 1."""
    sheet = rows_of(draw, 150, pseudonym=False)
    return Sheet([*sheet.titles, "n"], [[*row, 1] for row in sheet.rows])


@case(BLOCK, "rows", "csv_fr", "csv", "xlsx", "parquet", difficulty=4, rules=ROWS)
def rows_of_visits(draw: Draw) -> Sheet:
    """Several lines for each patient, one for each visit, with days."""
    rows: list[list[Value]] = []
    for index, one in enumerate(people(draw, 60)):
        for visit in range(draw.random.randint(1, 5)):
            rows.append(
                [
                    f"P{index:04d}",
                    f"2022-{1 + visit * 2:02d}-{draw.random.randint(1, 28):02d}",
                    one.disease,
                    draw.between(5, 11),
                ]
            )
    return Sheet(["patient", "date_visite", "diagnostic", "hba1c"], rows)


@case(BLOCK, "rows", ".geojson", ".geojson", ".json", difficulty=3, rules=(*ROWS, "figures."))
def homes(draw: Draw) -> bytes:
    """A point for each patient's home, to the metre."""
    features: list[tuple[object, dict[str, Value]]] = [
        (
            {"type": "Point", "coordinates": [draw.between(-1, 6, 5), draw.between(43, 49, 5)]},
            {"diag": one.disease, "sexe": one.sex},
        )
        for one in people(draw, 80)
    ]
    return geojson(features)


@case(BLOCK, "rows", ".ipynb", ".ipynb", ".ipynb", difficulty=2, rules=ROWS)
def preview_of_rows(draw: Draw) -> bytes:
    """`base.head()` in a notebook between aggregates."""
    frame = rows_of(draw, draw.turn(5, 10, 60), pseudonym=draw.variant != 1).frame()
    shown: object = repr(frame) if draw.variant == 2 else frame
    return notebook("# Exploration", ("base.head()", [shown]), ("tableau", [stays_by_age_and_sex(draw)]))


@case(BLOCK, "rows", ".log", ".txt", ".log", ".md", difficulty=3, rules=ROWS)
def rows_in_log(draw: Draw) -> bytes:
    """A log that prints records."""
    lines = ["INFO chargement terminé"]
    sheet = rows_of(draw, 25)
    for row in sheet.rows:
        record = dict(zip(sheet.titles, row, strict=True))
        lines.append(
            draw.turn(
                f"DEBUG ligne {record}", "DEBUG " + json.dumps(record), " ".join(f"{k}={v}" for k, v in record.items())
            )
        )
    return "\n".join(lines).encode()


@case(BLOCK, "rows", ".ipynb", ".ipynb", difficulty=4, rules=ROWS)
def one_record_printed(draw: Draw) -> bytes:
    """One patient's record printed as a series."""
    frame = rows_of(draw, 3, pseudonym=draw.variant == 0).frame()
    return notebook("# Contrôle", ("base.iloc[0]", [repr(frame.iloc[0])]), ("tableau", [stays_by_age_and_sex(draw)]))


@case(
    BLOCK,
    "extremes",
    "csv_fr",
    "csv",
    "xlsx",
    "ipynb",
    difficulty=4,
    rules=("rows.", "extremes.", "statistics.", "tables.", "counts."),
)
def extremes_of_small_groups(draw: Draw) -> Sheet:
    """Smallest and largest value in groups, some of which have few members."""
    rows: list[list[Value]] = [
        [
            region,
            draw.random.randint(3, 9) if i % 5 == 2 else draw.count(70),
            draw.between(18, 22, 0),
            draw.between(93, 109, 0),
        ]
        for i, region in enumerate(REGIONS)
    ]
    return Sheet(["region", "n", draw.turn("age_min", "min"), draw.turn("age_max", "max")], rows)


IDENTIFIERS = ("csv_fr", "csv", "xlsx", "parquet", "json", "stata")


@case(BLOCK, "identifiers", *IDENTIFIERS, "html", "feather", "spss", difficulty=1, rules=ROWS)
def nir_column(draw: Draw) -> Sheet:
    """A column of NIR with their keys."""
    return Sheet(
        [draw.turn("nir", "num_secu", "BEN_NIR"), "montant"],
        [[one.nir, draw.between(10, 900)] for one in people(draw, 30)],
    )


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", "parquet", difficulty=3, rules=ROWS)
def nir_without_key(draw: Draw) -> Sheet:
    """Thirteen figures, titled."""
    return Sheet(["nir", "age_moyen"], [[one.nir[:13], draw.between(30, 90)] for one in people(draw, 30)])


@case(BLOCK, "identifiers", "csv", "csv_fr", "parquet", difficulty=3, rules=ROWS)
def nir_as_float(draw: Draw) -> Sheet:
    """NIR that pandas turned to floats."""
    numbers = [one.nir for one in people(draw, 40) if one.nir.isdigit()]
    return Sheet(
        [draw.turn("nir", "id", "numero"), "valeur"], [[float(number), draw.between(1, 9)] for number in numbers]
    )


@case(BLOCK, "identifiers", ".md", ".txt", ".ipynb", ".log", ".html", ".tex", difficulty=3, rules=ROWS)
def nir_in_text(draw: Draw) -> bytes:
    """One NIR in a sentence, spaced as people write it."""
    one = person(draw)
    parts = (one.nir[:1], one.nir[1:3], one.nir[3:5], one.nir[5:7], one.nir[7:10], one.nir[10:13], one.nir[13:])
    written = draw.turn(" ", "\N{NO-BREAK SPACE}", "", ".", "-", "\N{NARROW NO-BREAK SPACE}").join(parts)
    text = f"Note de travail. Dossier à revoir : assuré {written}, sorti le 07/06/2022."
    return notebook("# Note", text) if draw.variant == 2 else text.encode()


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", "json", "html", difficulty=2, rules=ROWS)
def contacts(draw: Draw) -> Sheet:
    """Telephone numbers or addresses of e-mail of persons."""
    listed = people(draw, 25)
    if draw.variant % 2:
        return Sheet(["contact", "n"], [[one.email, draw.count(50)] for one in listed])
    spaced = [" ".join(one.phone[i : i + 2] for i in range(0, 10, 2)) for one in listed]
    return Sheet([draw.turn("telephone", "Tél."), "n"], [[number, draw.count(50)] for number in spaced])


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", "parquet", "md", difficulty=2, rules=ROWS)
def names_and_births(draw: Draw) -> Sheet:
    """Names with dates of birth."""
    titles = draw.turn(
        ["nom", "prenom", "date_naissance"], ["Nom", "Prénom", "Né(e) le"], ["NOM_PAT", "PRENOM_PAT", "DDN"]
    )
    return Sheet(titles, [[one.last, one.first, f"{one.birth:%d/%m/%Y}"] for one in people(draw, 30)])


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", "txt", difficulty=3, rules=ROWS)
def postal_addresses(draw: Draw) -> Sheet:
    """Postal addresses."""
    return Sheet(
        [draw.turn("adresse", "domicile"), "distance_km"],
        [[one.address, draw.between(0.5, 40)] for one in people(draw, 30)],
    )


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", "parquet", difficulty=3, rules=ROWS)
def professionals(draw: Draw) -> Sheet:
    """Numbers of professionals with their activity: not to be exported, even encrypted."""
    return Sheet(
        [draw.turn("rpps", "PFS_NUM_RPPS", "num_ps"), "nb_actes"], [[rpps(draw), draw.count(400)] for _ in range(40)]
    )


@case(BLOCK, "identifiers", "csv_fr", "csv", "parquet", difficulty=4, rules=ROWS)
def encrypted_professionals(draw: Draw) -> Sheet:
    """Encrypted numbers of professionals, as the SNDS holds them."""
    rows: list[list[Value]] = [[f"{draw.random.getrandbits(32):08X}", draw.count(400)] for _ in range(60)]
    return Sheet([draw.turn("PFS_EXE_NUM", "PFS_PRE_NUM"), "nb_actes"], rows)


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", difficulty=3, rules=ROWS)
def hospital_numbers(draw: Draw) -> Sheet:
    """Permanent numbers of patients in one hospital."""
    rows: list[list[Value]] = [[f"{draw.random.randint(10**8, 10**9 - 1)}", draw.between(1, 30)] for _ in range(50)]
    return Sheet([draw.turn("IPP", "NIP", "num_dossier"), "duree"], rows)


@case(BLOCK, "identifiers", "csv_fr", "csv", "txt", difficulty=3, rules=ROWS)
def accounts(draw: Draw) -> Sheet:
    """Bank accounts."""
    return Sheet([draw.turn("iban", "compte"), "montant"], [[iban(draw), draw.between(10, 900, 2)] for _ in range(20)])


@case(BLOCK, "identifiers", ".log", ".txt", difficulty=4, rules=ROWS)
def machine_addresses(draw: Draw) -> bytes:
    """Connections of persons with their IP addresses and accounts."""
    lines = [
        f"2024-03-04T10:{i:02d}:00 connexion de {one.first.lower()}.{one.last.lower().replace(' ', '')} "
        f"depuis 82.64.{draw.random.randint(1, 250)}.{draw.random.randint(1, 250)}"
        for i, one in enumerate(people(draw, 40))
    ]
    return "\n".join(lines).encode()


@case(BLOCK, "identifiers", "csv_fr", "csv", "xlsx", difficulty=3, rules=(*ROWS, "counts."))
def hospitals_small(draw: Draw) -> Sheet:
    """Few patients of hospitals named by FINESS."""
    rows: list[list[Value]] = [[finess(draw), f"CH {place}", draw.random.randint(2, 60)] for place in draw.words.places]
    rows[3][2] = 3
    return Sheet(["finess", "nom", "n_transplantes"], rows)


STORIES = (
    "{civil} {first} {last_upper}, né{e} le {birth}, demeurant {address}, au {phone}, est venu{e} pour {disease}.",
    "Le patient {last} {first} (DDN {birth}) a été vu en consultation le 12/03/2022 pour {disease}, puis traité.",
    "Verbatim 14 : « Je m'appelle {first} {last}, j'habite {address} depuis 2009 et on m'a trouvé {disease}. »",
    "CR d'hospitalisation - {civil} {last} {first}, {birth}. Motif : {disease}. Médecin traitant : Dr {other}.",
)


@case(BLOCK, "free_text", *[".md"] * 4, *[".txt"] * 4, *[".ipynb"] * 2, difficulty=3, rules=ROWS)
def story_of_one(draw: Draw) -> bytes:
    """A vignette that names a person."""
    one, other = person(draw), person(draw)
    text = STORIES[draw.variant % 4].format(
        civil="Mme" if one.sex == 2 else "M.", first=one.first, last=one.last, last_upper=one.last.upper(),
        e="e" if one.sex == 2 else "", birth=f"{one.birth:%d/%m/%Y}", address=one.address, phone=one.phone,
        disease=draw.random.choice(draw.words.diseases)[1].lower(), other=other.last,
    )  # fmt: skip
    return notebook("# Vignettes", text) if draw.variant > 7 else f"# Résultats qualitatifs\n\n{text}\n".encode()


@case(BLOCK, "free_text", "csv_fr", "csv", "xlsx", "parquet", "json", difficulty=4, rules=ROWS)
def comments_on_patients(draw: Draw) -> Sheet:
    """A column of remarks on patients, with names and dates."""
    rows: list[list[Value]] = []
    for index, one in enumerate(people(draw, 40)):
        civil = "Mme" if one.sex == 2 else "M."
        remark = f"{civil} {one.last} vu le {1 + index % 28:02d}/03/2022, {one.disease}, fille à rappeler"
        rows.append([index + 1, remark if index % 3 else f"RAS, suivi {one.first} {one.last}"])
    return Sheet(["numero", draw.turn("commentaire", "observation")], rows)


@case(BLOCK, "potential_identifiers", "csv_fr", "csv", "xlsx", "parquet", difficulty=4, rules=ROWS)
def crossed_potential_identifiers(draw: Draw) -> Sheet:
    """Counts by commune, month of birth and day of care: three of the five potential identifiers crossed."""
    rows: list[list[Value]] = [
        [
            f"{one.code[:2]}{draw.random.randint(1, 90):03d}",
            f"{one.birth:%Y-%m}",
            f"2022-03-{1 + i % 28:02d}",
            draw.count(30, 12),
        ]
        for i, one in enumerate(people(draw, 150))
    ]
    return Sheet(["commune_residence", "mois_naissance", "date_soins", "nb_beneficiaires"], rows)


@case(BLOCK, "rows", ".ipynb", difficulty=3, rules=ROWS)
def traceback_with_value(draw: Draw) -> bytes:
    """An error message that quotes a record."""
    one = person(draw)
    text = f"ValueError: conversion impossible: {{'nir': '{one.nir}', 'nom': '{one.last}', 'ddn': '{one.birth}'}}\n"
    return notebook("# Essai", ("convertir(base)", [text]))


@case(BLOCK, "rows", ".html", ".html", difficulty=3, rules=ROWS)
def rows_in_page(draw: Draw) -> bytes:
    """A profile report that shows first rows and frequent values."""
    frame: pd.DataFrame = rows_of(draw, 20).frame()
    return f"<!DOCTYPE html><html><body><h1>Profil</h1>{frame.to_html()}</body></html>".encode()
