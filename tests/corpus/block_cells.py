"""Small cells, in every way that they are laid out and written."""

from __future__ import annotations

import dataclasses

from .cases import Draw, Label, case
from .clean_tables import with_margins
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, figure_of, notebook

BLOCK = Label.MUST_BLOCK
RULES = ("counts.", "tables.")


def _with_small(draw: Draw, rows: list[str], columns: list[str], first: str) -> tuple[list[list[int]], int, int, int]:
    cells = [[draw.count(500, 60) for _ in columns] for _ in rows]
    line, column, small = (
        draw.random.randrange(len(rows)),
        draw.random.randrange(len(columns)),
        draw.random.randint(1, 10),
    )
    cells[line][column] = small
    return cells, line, column, small


def crossed(draw: Draw, rows: list[str], columns: list[str], first: str, totals: bool = True) -> Sheet:
    """Draw a crossed table with one small cell, shown."""
    cells, _, _, _ = _with_small(draw, rows, columns, first)
    body: list[list[Value]] = [
        [name, *line, *([sum(line)] if totals else [])] for name, line in zip(rows, cells, strict=True)
    ]
    if totals:
        sums = [sum(column) for column in zip(*cells, strict=True)]
        body.append([draw.turn(*draw.words.total), *sums, sum(sums)])
    return Sheet([first, *columns, *([draw.turn(*draw.words.total)] if totals else [])], body)


def diseases(draw: Draw, number: int = 7) -> list[str]:
    """Return names of diseases."""
    return [name for _, name in draw.some(draw.words.diseases, number)]


EVERY = (
    "csv_fr",
    "csv",
    "xlsx",
    "parquet",
    "html",
    "tex",
    "md",
    "ipynb",
    "csv_excel",
    "csv_utf16",
    "csv_quoted",
    "pdf",
)


@case(
    BLOCK,
    "small_cells",
    *EVERY,
    "r_txt",
    "txt",
    "xlsx_presented",
    "stata",
    "spss",
    "feather",
    difficulty=1,
    rules=RULES,
)
def small_in_crossed(draw: Draw) -> Sheet:
    """A crossed table with one cell from 1 to 10 shown, totals included."""
    return crossed(draw, diseases(draw), list(draw.words.ages), "Pathologie")


@case(BLOCK, "small_cells", "csv_fr", "csv", "xlsx", "tsv", "csv_bom", "json", "md", "json_columns", rules=RULES)
def small_without_totals(draw: Draw) -> Sheet:
    """A crossed table without totals and one small cell, columns titled by sex, age or year alone."""
    columns = draw.turn(list(draw.words.sexes), ["2020", "2021", "2022", "2023"], list(draw.words.ages))
    return crossed(draw, draw.some(REGIONS, 10), columns, "Région", totals=False)


@case(BLOCK, "small_cells", "csv", "csv_fr", "parquet", "ndjson", "xlsx", "feather", difficulty=2, rules=RULES)
def small_in_long(draw: Draw) -> Sheet:
    """A long table of aggregates, one line a combination, of which three count few."""
    rows: list[list[Value]] = [
        [code, age, sex, draw.count(300)]
        for code, _ in DEPARTEMENTS
        for age in draw.words.ages
        for sex in draw.words.sexes
    ]
    for index in draw.random.sample(range(len(rows)), 3):
        rows[index][3] = draw.random.randint(1, 10)
    return Sheet(["dep", "age", "sexe", draw.turn(*draw.words.count)], rows)


@case(BLOCK, "small_cells", "csv_fr", "xlsx", "csv", difficulty=2, rules=RULES)
def small_transposed(draw: Draw) -> Sheet:
    """Indicators in rows, of which one counts patients and is small in one year."""
    years = ["2018", "2019", "2020", "2021", "2022"]
    stays: list[Value] = [draw.count(4000) for _ in years]
    deaths: list[Value] = [draw.count(60) for _ in years]
    deaths[draw.random.randrange(5)] = draw.random.randint(2, 9)
    rows: list[list[Value]] = [
        [draw.turn("Nombre de séjours", "Nombre de patients"), *stays],
        ["Âge moyen (ans)", *(draw.between(60, 70) for _ in years)],
        [draw.turn("Nombre de décès", "Patients décédés"), *deaths],
        ["Part de femmes (%)", *(draw.between(40, 60) for _ in years)],
    ]
    return Sheet(["Indicateur", *years], rows)


@case(BLOCK, "small_cells.written", "csv_fr", "csv", "xlsx", "md", "html", "tex", "txt", difficulty=2, rules=RULES)
def small_with_percent(draw: Draw) -> Sheet:
    """Table 1 with n (%), one n small."""
    base = draw.count(300, 150)
    rows: list[list[Value]] = []
    for index, name in enumerate(diseases(draw)):
        number = draw.random.randint(2, 9) if index == 3 else max(20, round(base * draw.random.uniform(0.1, 0.5)))
        share = f"{100 * number / base:.1f}"
        rows.append(
            [name, draw.turn(f"{number} ({share} %)", f"{number} ({share})", f"{number} ({share.replace('.', ',')}%)")]
        )
    return Sheet(["Comorbidité", draw.turn(f"N = {base}", "n (%)", f"Cohorte (N = {base})")], rows)


WRITTEN = (
    "{n} patients",
    "n={n}",
    "n = {n}",
    '="{n}"',
    "'{n}",
    "{wide}",
    "{arabic}",
    "{n} cas",
    "{n}.0",
    "{n} (*)",
    "≈ {n}",
)


@case(BLOCK, "small_cells.written", *["csv_fr"] * len(WRITTEN), difficulty=4, rules=RULES)
def small_written_otherwise(draw: Draw) -> Sheet:
    """Small counts written with a unit, a sign, as Excel's text, in other digits."""
    form = WRITTEN[draw.variant]

    def cell(number: int) -> str:
        wide = str(number).translate({ord("0") + d: 0xFF10 + d for d in range(10)})
        arabic = str(number).translate({ord("0") + d: 0x0660 + d for d in range(10)})
        return form.format(n=number, wide=wide, arabic=arabic)

    rows: list[list[Value]] = [[name, cell(draw.count(160))] for name in diseases(draw, 8)]
    rows[4][1] = cell(draw.random.randint(3, 8))
    return Sheet(["Pathologie", draw.turn("Patients", "Effectif")], rows)


@case(BLOCK, "small_cells.written", "csv", "md", "html", difficulty=5, rules=RULES)
def small_in_words(draw: Draw) -> Sheet:
    """A small count in letters among figures."""
    rows: list[list[Value]] = [[name, str(draw.count(160))] for name in diseases(draw, 8)]
    rows[2][1] = draw.turn("quatre", "trois", "sept")
    return Sheet(["Pathologie", "Nombre de patients"], rows)


@case(BLOCK, "small_cells.written", "csv_fr", "xlsx", "csv", difficulty=4, rules=RULES)
def small_as_bound(draw: Draw) -> Sheet:
    """A cell that says less than 5, 6 or 8 where 11 is asked: the bound itself tells too much."""
    rows: list[list[Value]] = [[name, draw.count(160), draw.count(160)] for name in diseases(draw, 8)]
    rows[5][1] = draw.turn("<5", "≤ 5", "< 6")
    return Sheet(["Pathologie", *draw.words.sexes], rows)


@case(BLOCK, "small_cells", ".txt", ".md", ".ipynb", ".log", difficulty=4, rules=RULES)
def small_in_sentence(draw: Draw) -> bytes:
    """A sentence of a report that counts few patients."""
    number, (_, disease) = draw.random.randint(2, 9), draw.random.choice(draw.words.diseases)
    place = draw.random.choice(draw.words.places)
    text = draw.turn(
        f"Au CH de {place}, {number} patients ont été hospitalisés pour {disease.lower()} en 2022.",
        f"On compte {number} décès parmi les patients suivis pour {disease.lower()} à {place}.",
        f"Seuls {number} patients (sur {draw.count(800)}) présentaient : {disease.lower()}.",
        f"INFO effectif du groupe {disease} : {number} patients",
    )
    if draw.variant == 2:
        return notebook("# Résultats", text)
    return f"# Résultats\n\nL'étude porte sur {draw.count(9000)} patients. {text}\n".encode()


@case(BLOCK, "small_cells", ".csv", ".csv", ".txt", difficulty=3, rules=RULES)
def small_in_second_table(draw: Draw) -> bytes:
    """Several tables in one file; the small cell stands in the second."""
    first = with_margins(draw, list(draw.some(REGIONS, 5)), list(draw.words.ages), "Région")
    second = crossed(draw, diseases(draw, 5), list(draw.words.sexes), "Pathologie")
    parts = []
    for title, sheet in (("Tableau 1. Passages par région", first), ("Tableau 2. Passages par pathologie", second)):
        lines = [";".join(map(figure_of, row)) for row in (sheet.titles, *sheet.rows)]
        parts.append("\n".join([title, "", *lines, "", "Source : OSCOUR, Santé publique France", ""]))
    text = "\n".join(parts)
    return text.replace(";", "\t").encode() if draw.variant == 2 else text.encode()


@case(BLOCK, "small_cells", "csv_fr", "xlsx_presented", "csv_excel", "html", difficulty=3, rules=RULES)
def small_under_heading(draw: Draw) -> Sheet:
    """Lines of title above, notes below, and a small cell between."""
    sheet = crossed(draw, diseases(draw), list(draw.words.ages), "Pathologie")
    heading = ["Tableau 3 - Patients pris en charge selon la pathologie", "Champ : France entière, 2022"]
    return dataclasses.replace(sheet, heading=heading, notes=["Source : SNDS. Exploitation de l'auteur."])


@case(BLOCK, "small_cells", "csv", "csv_fr", "xlsx", difficulty=3, rules=RULES)
def small_by_codes(draw: Draw) -> Sheet:
    """Codes as labels of rows and columns, and a small cell."""
    codes = [code for code, _ in draw.words.diseases]
    table = crossed(draw, codes, ["1", "2"], "DP", totals=False)
    return Sheet(["DP", "SEXE_1", "SEXE_2"], table.rows)


@case(BLOCK, "small_cells", "csv_fr", "csv", "xlsx", difficulty=3, rules=RULES)
def small_by_hospital(draw: Draw) -> Sheet:
    """Acts by named hospital, few in two of them."""
    rows: list[list[Value]] = [[f"CH {place}", draw.count(140)] for place in draw.words.places]
    rows[2][1], rows[4][1] = draw.random.randint(2, 9), draw.random.randint(2, 9)
    return Sheet(["établissement", draw.turn("n_transplantations", "Nombre d'actes", "nb_sejours")], rows)


@case(BLOCK, "small_cells", "csv", "csv_fr", "xlsx", "ipynb", difficulty=3, rules=(*RULES, "figures."))
def survival_by_death(draw: Draw) -> Sheet:
    """Kaplan-Meier table with a line for each death: single events, few at risk at the end."""
    time, survival, rows = 0, 1.0, []
    start = draw.random.randint(40, 70)
    for risk in range(start, 4, -1):
        time += draw.random.randint(3, 70)
        survival *= 1 - 1 / risk
        rows.append([time, risk, 1, round(survival, 4)])
    titles = draw.turn(["temps_jours", "n_a_risque", "n_evenements", "survie"], ["time", "n.risk", "n.event", "surv"])
    return Sheet(titles, rows)


@case(BLOCK, "small_cells", ".txt", ".log", difficulty=3, rules=(*RULES, "figures.", "models."))
def r_survfit_small(draw: Draw) -> bytes:
    """What R prints of a survival curve in a small group."""
    lines = [" time n.risk n.event survival std.err lower 95% CI upper 95% CI"]
    survival, time = 1.0, 0
    for risk in range(draw.random.randint(18, 26), 6, -1):
        time += draw.random.randint(5, 60)
        survival *= 1 - 1 / risk
        lines.append(
            f"{time:>5}{risk:>7}{1:>8}{survival:>9.3f}{0.06:>8.4f}{survival * 0.8:>13.3f}{survival**0.5:>13.3f}"
        )
    return ("Call: survfit(formula = Surv(delai, deces) ~ 1, data = d)\n\n" + "\n".join(lines) + "\n").encode()


@case(BLOCK, "small_cells", "csv_fr", "xlsx", "csv", "parquet", difficulty=3, rules=RULES)
def epidemic_curve_small(draw: Draw) -> Sheet:
    """Cases by day in one town, most days below 11."""
    rows: list[list[Value]] = [
        [f"2022-03-{day:02d}", 1 + round(8 * abs(draw.random.gauss(0.5, 0.4)))] for day in range(1, 29)
    ]
    return Sheet(["date", draw.turn("nb_cas", "cas", "hospitalisations")], rows)


@case(BLOCK, "small_cells", ".txt", ".ipynb", ".md", difficulty=3, rules=(*RULES, "models."))
def confusion_small(draw: Draw) -> bytes:
    """A confusion matrix on few persons."""
    a, b, c, d = (
        draw.random.randint(30, 60),
        draw.random.randint(1, 5),
        draw.random.randint(2, 8),
        draw.random.randint(12, 20),
    )
    report = (
        "              precision    recall  f1-score   support\n\n"
        f"           0       0.91      0.94      0.92{a + b:>10}\n"
        f"           1       0.77      0.69      0.73{8:>10}\n\n"
        f"    accuracy                           0.88{a + b + 8:>10}\n"
    )
    text = f"{report}\n[[{a} {b}]\n [{c} {d}]]\n"
    if draw.variant == 1:
        return notebook("# Validation", ("print(rapport)", [text]))
    return (f"```\n{text}```\n" if draw.variant else text).encode()


@case(BLOCK, "small_cells", "csv_fr", "xlsx", "csv", "html", difficulty=2, rules=RULES)
def small_total_only(draw: Draw) -> Sheet:
    """One-way list of rare diagnoses with their numbers of patients."""
    rows: list[list[Value]] = [[code, name, draw.random.randint(1, 40)] for code, name in draw.words.diseases]
    rows[0][2] = 4
    return Sheet(["code", "libelle", draw.turn(*draw.words.count)], rows)


@case(BLOCK, "small_cells", "csv", "xlsx", "parquet", difficulty=3, rules=RULES)
def small_floats(draw: Draw) -> Sheet:
    """Counts that pandas turned to floats, one small."""
    table = crossed(draw, draw.some(REGIONS, 8), list(draw.words.sexes), "region", totals=False)
    return Sheet(table.titles, [[row[0], *(float(str(cell)) for cell in row[1:])] for row in table.rows])
