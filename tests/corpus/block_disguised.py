"""Dangers behind titles, codings and layouts that say something else: what wording alone does not find."""

from __future__ import annotations

import base64
import json

from .block_cells import crossed, diseases
from .cases import Draw, Label, case
from .people import nir_key, people, rows_of
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, delimited, notebook

BLOCK = Label.MUST_BLOCK
ROWS = ("rows.", "identifiers.", "persons.", "hidden.", "free_text.")


@case(BLOCK, "identifiers", "csv", "csv_fr", "xlsx", "parquet", difficulty=4, rules=ROWS)
def nir_untitled(draw: Draw) -> Sheet:
    """NIR with keys in a column called otherwise."""
    return Sheet([draw.turn("ref", "code", "x1"), "y"], [[one.nir, draw.between(1, 9)] for one in people(draw, 25)])


@case(BLOCK, "identifiers", "csv", "csv_fr", "xlsx", difficulty=5, rules=ROWS)
def nir_of_corsicans(draw: Draw) -> Sheet:
    """NIR of persons born in Corsica, whose département has a letter."""
    rows: list[list[Value]] = []
    for index in range(20):
        number = f"{1 + index % 2}{draw.random.randint(40, 99)}{draw.random.randint(1, 12):02d}{draw.turn('2A', '2B')}"
        number += f"{draw.random.randint(1, 300):03d}{draw.random.randint(1, 300):03d}"
        rows.append([number + nir_key(number), draw.between(1, 9)])
    return Sheet([draw.turn("assure", "identifiant"), "montant"], rows)


@case(BLOCK, "identifiers", "csv", "csv_fr", "xlsx", difficulty=4, rules=ROWS)
def masked_nir(draw: Draw) -> Sheet:
    """NIR of which the last figures alone are replaced."""
    return Sheet(
        ["nir_masque", "montant"],
        [[one.nir[:10] + "XXX" + one.nir[13:], draw.between(9, 90)] for one in people(draw, 30)],
    )


@case(BLOCK, "rows", "csv", "csv_fr", "parquet", "xlsx", difficulty=5, rules=ROWS)
def rows_in_english(draw: Draw) -> Sheet:
    """One line for each patient, titles in English and abbreviated."""
    rows = [
        [f"{i + 1:04d}", "MF"[one.sex % 2], 2022 - one.birth.year, one.code, one.disease, draw.between(18, 41)]
        for i, one in enumerate(people(draw, 120))
    ]
    return Sheet([draw.turn("subj", "pid", "usubjid"), "sex", "age", "zip", "dx", "bmi"], rows)


@case(BLOCK, "rows", "csv", "csv_fr", "parquet", difficulty=5, rules=ROWS)
def rows_sorted_and_binned(draw: Draw) -> Sheet:
    """Persons by age in classes, département and rare diagnosis: most combinations stand once or twice."""
    rows: list[list[Value]] = [
        [draw.random.choice(draw.words.ages), str(one.sex), one.code[:2], one.disease] for one in people(draw, 300)
    ]
    return Sheet(["classe_age", "sexe", "dep", "diagnostic"], sorted(rows, key=str))


@case(BLOCK, "rows", ".ipynb", ".md", ".html", ".txt", difficulty=5, rules=ROWS)
def rows_in_base64(draw: Draw) -> bytes:
    """A file of patients in a link's data."""
    data = base64.b64encode(delimited(rows_of(draw, 60))).decode()
    if draw.variant == 2:
        return f'<!DOCTYPE html><html><body><a href="data:text/csv;base64,{data}">base</a></body></html>'.encode()
    text = f"# Résultats\n\n[base](data:text/csv;base64,{data})\n"
    return notebook(text) if draw.variant == 0 else text.encode()


@case(BLOCK, "rows", ".json", ".json", difficulty=4, rules=ROWS)
def nested_records(draw: Draw) -> bytes:
    """Patients with their stays, as nested objects."""
    made = [
        {"id": f"{draw.random.getrandbits(48):012x}", "naissance": one.birth.isoformat(), "sexe": one.sex,
         "sejours": [{"entree": f"2022-03-{draw.random.randint(1, 28):02d}", "dp": one.disease}]}
        for one in people(draw, 40)
    ]  # fmt: skip
    return json.dumps({"patients": made} if draw.variant else made).encode()


@case(BLOCK, "rows", ".tex", ".md", ".pdf", difficulty=4, rules=ROWS)
def case_series(draw: Draw) -> Sheet | bytes:
    """A series of cases in an article: one line for each patient."""
    from .writers import latex, markdown, pdf

    rows: list[list[Value]] = [
        [
            f"P{i}",
            "F" if one.sex == 2 else "H",
            2022 - one.birth.year,
            one.disease,
            f"{draw.random.randint(1, 28)}/03/2022",
            draw.turn("décédé", "guéri"),
        ]
        for i, one in enumerate(people(draw, 9), 1)
    ]
    sheet = Sheet(["Patient", "Sexe", "Âge", "Diagnostic", "Date d'entrée", "Issue"], rows)
    return (latex, markdown, pdf)[draw.variant](sheet)


@case(BLOCK, "small_cells", "csv", "csv_fr", "xlsx", "parquet", difficulty=5, rules=("counts.", "tables."))
def small_under_odd_titles(draw: Draw) -> Sheet:
    """Counts under titles that do not say so: an event, a group, an acronym."""
    rows: list[list[Value]] = [[name, draw.count(90), draw.count(40)] for name in draw.some(REGIONS, 9)]
    rows[4][2] = draw.random.randint(2, 8)
    return Sheet(
        ["territoire", *draw.turn(("vivants", "décédés"), ("traités", "AVC"), ("cas", "témoins"), ("H", "F"))], rows
    )


@case(BLOCK, "small_cells", "csv", "csv_fr", "xlsx", difficulty=4, rules=("counts.", "tables."))
def small_among_statistics(draw: Draw) -> Sheet:
    """Odds ratios with the number of exposed cases, one of them small."""
    rows: list[list[Value]] = [
        [name, draw.count(90), draw.between(0.5, 3, 2), draw.between(0.1, 0.5, 2), draw.between(3, 5, 2)]
        for _, name in draw.words.drugs
    ]
    rows[3][1] = draw.random.randint(2, 8)
    return Sheet(["Exposition", draw.turn("Cas exposés", "n exposés", "Événements"), "OR", "IC inf", "IC sup"], rows)


@case(BLOCK, "small_cells", "csv_fr", "csv", "xlsx", difficulty=5, rules=("counts.", "tables."))
def small_in_many_columns(draw: Draw) -> Sheet:
    """A wide table of départements by diseases, hundreds of cells, one small."""
    return crossed(draw, [name for _, name in DEPARTEMENTS], diseases(draw, 9), "Département")


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", difficulty=4, rules=("tables.", "counts.", "percentages."))
def hidden_count_shown_share(draw: Draw) -> Sheet:
    """A small count hidden beside its share and the base."""
    rows: list[list[Value]] = []
    for index, name in enumerate(diseases(draw, 8)):
        base, number = draw.count(160, 100), draw.count(30, 20)
        if index == 3:
            number = draw.random.randint(2, 8)
        rows.append([name, base, "<11" if number < 11 else str(number), round(100 * number / base, 1)])
    return Sheet(["Pathologie", "N", draw.turn("Décès", "n"), draw.turn("% décès", "%")], rows)


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", difficulty=4, rules=("tables.", "counts.", "percentages."))
def hidden_count_all_shares(draw: Draw) -> Sheet:
    """A distribution with one count hidden, every share shown, and the total."""
    counts = [draw.count(200), draw.count(150), draw.random.randint(3, 9), draw.count(90)]
    total = sum(counts)
    rows: list[list[Value]] = [
        [age, "c" if n < 11 else str(n), round(100 * n / total, 2)]
        for age, n in zip(draw.words.ages, counts, strict=False)
    ]
    return Sheet(["Âge", "Effectif", "%"], [*rows, [draw.turn(*draw.words.total), str(total), 100.0]])


@case(BLOCK, "dominance", "csv_fr", "csv", "xlsx", difficulty=5, rules=("concentration.", "counts."))
def two_contributors(draw: Draw) -> Sheet:
    """A total of few contributors: fewer than three hospitals stand behind an amount."""
    rows: list[list[Value]] = [
        [region, draw.random.randint(4, 30), draw.between(10**6, 10**7, 0)] for region in REGIONS[:8]
    ]
    rows[2][1] = draw.turn(1, 2)
    return Sheet(["region", "nb_etablissements_declarants", "montant_total_euros"], rows)
