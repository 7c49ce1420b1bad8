"""Clean tables as they are published: surveillance, activity of hospitals, prevalence, first tables of articles."""

from __future__ import annotations

from .cases import Draw, Label, case
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, figure_of

CLEAN = Label.CLEAN


def with_margins(draw: Draw, rows: list[str], columns: list[str], first: str, typical: float = 900) -> Sheet:
    """Draw a crossed table of large counts with its totals."""
    total = draw.turn(*draw.words.total)
    cells = [[draw.count(typical, 60) for _ in columns] for _ in rows]
    body: list[list[Value]] = [[name, *line, sum(line)] for name, line in zip(rows, cells, strict=True)]
    sums = [sum(column) for column in zip(*cells, strict=True)]
    return Sheet([first, *columns, total], [*body, [total, *sums, sum(sums)]])


@case(CLEAN, "clean.surveillance", "csv_fr", "xlsx", "parquet", "ipynb", "csv_us")
def oscour_weekly(draw: Draw) -> Sheet:
    """Weekly visits to emergency departments by age group, all large, as in OSCOUR bulletins."""
    ages = list(draw.words.ages)
    year = draw.turn("2023", "2024")
    rows = [[f"{year}-S{week:02d}", *(draw.count(1800) for _ in ages)] for week in range(1, 53)]
    return Sheet([draw.turn("semaine", "Semaine ISO", "week"), *ages], rows)


@case(CLEAN, "clean.surveillance", "csv", "csv_fr", "feather", "json", "ndjson")
def sursaud_long(draw: Draw) -> Sheet:
    """SurSaUD indicators, long form: one line a week, region and age group, with rates per 10,000 visits."""
    titles = ["annee", "semaine", "region", "classe_age", "nb_passages", "nb_hospitalisations", "taux_passages_10000"]
    rows: list[list[Value]] = []
    for week in range(1, 27):
        for region in draw.some(REGIONS, 5):
            for age in draw.words.ages[1:4]:
                visits = draw.count(900, 150)
                rows.append(["2024", str(week), region, age, visits, max(30, visits // 7), draw.between(20, 900)])
    return Sheet(titles, rows)


@case(CLEAN, "clean.activity", "csv_fr", "xlsx_presented", "parquet", "html", "csv_excel")
def pmsi_groups(draw: Draw) -> Sheet:
    """Stays by group of stays with small figures that count nobody: length of stay, shares, level."""
    titles = ["GHM", "Libellé", "Niveau", "Nombre de séjours", "DMS (jours)", "Âge moyen", "% femmes", "% décès"]
    rows = [
        [
            code,
            label,
            str(1 + i % 4),
            draw.count(6000),
            draw.between(1, 9),
            draw.between(35, 82),
            draw.between(30, 70),
            draw.between(0.5, 7),
        ]
        for i, (code, label) in enumerate(draw.words.groups)
    ]
    return Sheet(titles, rows, ["Activité MCO 2023 par GHM"], ["Source : PMSI MCO, ATIH. Champ : France entière."])


@case(CLEAN, "clean.activity", "csv_fr", "xlsx", "tex", "md", "ipynb", "spss")
def stays_by_age_and_sex(draw: Draw) -> Sheet:
    """Crossed table with totals, all large and shown."""
    names = [name for _, name in draw.some(draw.words.diseases, 7)]
    return with_margins(draw, names, list(draw.words.ages), "Pathologie")


@case(CLEAN, "clean.activity", "csv", "xlsx_presented", "csv_quoted", "pdf", "r_txt")
def totals_first(draw: Draw) -> Sheet:
    """Crossed table whose totals stand in the first row and column."""
    table = with_margins(draw, list(draw.some(REGIONS, 9)), ["2019", "2020", "2021", "2022"], "Région")
    rows = [table.rows[-1], *table.rows[:-1]]
    turned = [[row[0], row[-1], *row[1:-1]] for row in rows]
    return Sheet([table.titles[0], table.titles[-1], *table.titles[1:-1]], turned)


@case(CLEAN, "clean.activity", "csv_fr", "html", "csv_bom")
def transposed_activity(draw: Draw) -> Sheet:
    """Indicators in rows, years in columns: counts, shares, ages and rates one above the other."""
    years = ["2018", "2019", "2020", "2021", "2022"]
    rows: list[list[Value]] = [
        ["Nombre de patients", *(draw.count(45000) for _ in years)],
        ["Âge moyen (ans)", *(draw.between(61, 70) for _ in years)],
        ["Part de femmes (%)", *(draw.between(44, 56) for _ in years)],
        ["Durée médiane de séjour (jours)", *(draw.random.randint(3, 8) for _ in years)],
        ["Nombre de décès à 30 jours", *(draw.count(2100) for _ in years)],
        ["Taux de réhospitalisation (%)", *(draw.between(4, 14) for _ in years)],
    ]
    return Sheet(["Indicateur", *years], rows)


@case(CLEAN, "clean.prevalence", "csv_fr", "xlsx", "parquet", "stata", "csv_excel")
def long_term_illness(draw: Draw) -> Sheet:
    """Long-term illnesses by département, with rates and their intervals."""
    titles = [
        "code_departement",
        "departement",
        draw.turn(*draw.words.count),
        "taux_brut",
        "taux_standardise",
        "ic_inf",
        "ic_sup",
    ]
    rows: list[list[Value]] = []
    for code, name in DEPARTEMENTS:
        rate = draw.between(8, 220)
        rows.append(
            [
                code,
                name,
                draw.count(9000, 200),
                draw.between(8, 220),
                rate,
                round(rate * 0.93, 1),
                round(rate * 1.07, 1),
            ]
        )
    return Sheet(titles, rows)


@case(CLEAN, "clean.prevalence", "csv", "parquet", "feather", "csv_us")
def large_aggregate(draw: Draw) -> Sheet:
    """Two thousand lines of département, age, sex and year, each counting many: looks like rows of persons."""
    rows: list[list[Value]] = [
        [code, age, sex, year, draw.count(700, 30)]
        for code, _ in DEPARTEMENTS
        for age in draw.words.ages
        for sex in draw.turn(("F", "H"), ("1", "2"))
        for year in ("2019", "2020", "2021", "2022", "2023", "2024")
    ]
    return Sheet(["dep", "classe_age", "sexe", "annee", draw.turn("effectif", "n", "nb_beneficiaires")], rows)


def _n_percent(draw: Draw, base: int, low: float = 0.04) -> str:
    number = max(40, round(base * draw.random.uniform(low, 0.7)))
    share = f"{100 * number / base:.1f}"
    return draw.turn(
        f"{number} ({share})",
        f"{figure_of(number, thousands=' ')} ({share.replace('.', ',')} %)",
        f"{number} ({share}%)",
    )


@case(CLEAN, "clean.article", "csv", "xlsx", "tex", "md", "html", "txt")
def first_table(draw: Draw) -> Sheet:
    """Table 1 of an article: n (%), mean ± SD, median [IQR], p value."""
    first, second = draw.count(5200, 1500), draw.count(4800, 1500)

    def share(title: str) -> list[Value]:
        return [title, _n_percent(draw, first), _n_percent(draw, second), f"{draw.between(0.001, 0.9, 3)}"]

    rows = [
        [
            "Âge, moyenne ± ET",
            f"{draw.between(58, 70)} ± {draw.between(9, 14)}",
            f"{draw.between(58, 70)} ± 11.8",
            "<0.001",
        ],
        share(draw.words.sexes[0]),
        ["Score de Charlson, médiane [IQR]", "2 [1-4]", "3 [1-5]", "0.03"],
        ["IMC, moyenne ± ET", "27.1 ± 5.2", "26.8 ± 4.9", "0.12"],
        *(share(name) for _, name in draw.some(draw.words.diseases, 5)),
        ["Durée de séjour (jours), médiane [IQR]", "5 [3-9]", "6 [3-10]", "0.004"],
        share("Décès à 1 an"),
    ]
    return Sheet(["Caractéristique", f"Exposés (N = {first})", f"Non exposés (N = {second})", "p"], rows)


@case(CLEAN, "clean.article", "csv_fr", "xlsx", "md")
def flow_chart(draw: Draw) -> Sheet:
    """Numbers of a flow chart: each step far from the next."""
    numbers = sorted((draw.count(200000, 500) for _ in range(5)), reverse=True)
    steps = ["Bénéficiaires 2019-2022", "Éligibles", "Avec une ALD", "Suivis deux ans", "Analysés"]
    rows: list[list[Value]] = []
    for step, number in zip(steps, numbers, strict=True):
        rows.append([step, number])
    return Sheet(["Étape", draw.turn("n", "Patients")], rows)


@case(CLEAN, "clean.prevalence", "csv_fr", "xlsx_presented", "csv", "html")
def percentages_of_large_bases(draw: Draw) -> Sheet:
    """Shares of large groups, with the number of answers: no share gives back a small count."""
    groups = [*draw.words.ages, *draw.words.sexes]
    rows: list[list[Value]] = []
    for group in groups:
        shares = [draw.between(12, 30) for _ in range(3)]
        rows.append([group, draw.count(1900, 800), *shares, round(100 - sum(shares), 1)])
    titles = ["Groupe", "Nombre de répondants", "Jamais (%)", "Parfois (%)", "Souvent (%)", "Toujours (%)"]
    return Sheet(titles, rows, ["Recours aux soins, Baromètre 2021"], ["Lecture : données pondérées."])


@case(CLEAN, "clean.mortality", "csv_fr", "xlsx", "csv", "parquet", difficulty=3)
def life_table(draw: Draw) -> Sheet:
    """Life table: probabilities, survivors of 100,000, life expectancy; these count no real person."""
    rows: list[list[Value]] = []
    alive = 100000.0
    for age in range(100):
        risk = 0.0035 if age == 0 else 0.00005 + 0.00003 * 1.1**age
        rows.append([str(age), round(risk * 1e5, 1), round(alive), round(max(2.0, 82.5 - age * 0.93), 2)])
        alive *= 1 - risk
    return Sheet([draw.turn("age", "Âge (x)"), "qx pour 100 000", "lx (survivants pour 100 000)", "ex (années)"], rows)


@case(CLEAN, "clean.mortality", "csv_fr", "tsv", "xlsx", "ipynb")
def deaths_by_cause(draw: Draw) -> Sheet:
    """Deaths by cause and sex with standardised rates."""
    titles = ["Code CIM-10", "Cause", "Décès hommes", "Décès femmes", "Taux H", "Taux F", "Rapport H/F"]
    rows: list[list[Value]] = [
        [
            code,
            name,
            draw.count(4000),
            draw.count(4000),
            draw.between(2, 90),
            draw.between(2, 90),
            draw.between(0.5, 3, 2),
        ]
        for code, name in draw.words.diseases
    ]
    return Sheet(titles, rows)


@case(CLEAN, "clean.budget", "csv_excel", "csv_fr", "xlsx_presented", "csv_us", difficulty=3)
def euros(draw: Draw) -> Sheet:
    """Amounts in euros, some of nine digits, which are no identifiers."""
    items = [
        "Soins hospitaliers",
        "Soins de ville",
        "Médicaments",
        "Dispositifs médicaux",
        "Transports",
        "Indemnités journalières",
    ]
    rows: list[list[Value]] = [
        [
            item,
            draw.random.randint(100_000_000, 999_999_999),
            draw.random.randint(100_000_000, 999_999_999),
            draw.between(-4, 9),
        ]
        for item in items
    ]
    return Sheet(["Poste", "Montant remboursé 2022 (€)", "Montant remboursé 2023 (€)", "Évolution (%)"], rows)


@case(CLEAN, "clean.budget", "csv_fr", "parquet", "xlsx")
def mean_costs(draw: Draw) -> Sheet:
    """Mean cost per patient, with how many there are."""
    rows: list[list[Value]] = [
        [region, draw.count(20000), draw.between(800, 4200, 2), draw.between(1, 9, 2)] for region in REGIONS
    ]
    return Sheet(["region", "patients", "depense_moyenne_euros", "part_depense_nationale_pct"], rows)


@case(CLEAN, "clean.drugs", "csv", "csv_fr", "xlsx", "html", "json")
def reimbursed_boxes(draw: Draw) -> Sheet:
    """Boxes and beneficiaries by drug, as in Open Medic: CIP13 codes are thirteen digits and no identifiers."""
    rows: list[list[Value]] = [
        [
            code,
            name,
            f"34009{draw.random.randint(10**7, 10**8 - 1)}",
            draw.count(250000),
            draw.count(60000),
            draw.between(10000, 9e6, 2),
        ]
        for code, name in draw.words.drugs
    ]
    return Sheet(["ATC5", "L_ATC5", "CIP13", "BOITES", "NB_CONSOMMANTS", "REM"], rows)


@case(CLEAN, "clean.suppressed", "csv_fr", "xlsx", "html", "parquet", difficulty=4)
def suppressed_well(draw: Draw) -> Sheet:
    """A small cell hidden with three others, so that all that follows is at most 1 to at least 11."""
    rows = [name for _, name in draw.some(draw.words.diseases, 6)]
    table = with_margins(draw, rows, list(draw.words.ages[:4]), "Pathologie", 300)
    cells = [list(row) for row in table.rows]
    small = draw.random.randint(2, 9)
    change = small - int(str(cells[1][2]))
    for line in (1, len(cells) - 1):
        for column in (2, len(cells[0]) - 1):
            cells[line][column] = int(str(cells[line][column])) + change
    mark = draw.turn("c", "*", "s")
    for line in (1, 3):
        for column in (2, 4):
            cells[line][column] = mark
    return Sheet(
        table.titles, cells, (), (f"{mark} : secret statistique (primaire ou secondaire)",) if draw.variant < 2 else ()
    )


@case(CLEAN, "clean.suppressed", "csv_fr", "xlsx", "csv", difficulty=3)
def suppressed_without_totals(draw: Draw) -> Sheet:
    """Small cells marked, and nothing from which they follow."""
    mark = draw.turn(*draw.words.hidden)
    rows: list[list[Value]] = [[region, *(draw.count(160) for _ in range(3))] for region in REGIONS]
    for line, column in ((1, 2), (4, 1), (8, 3)):
        rows[line][column] = mark
    return Sheet(["Région", *draw.words.ages[1:4]], rows)


@case(CLEAN, "clean.suppressed", "csv_fr", "xlsx", "parquet", difficulty=3)
def rounded_to_ten(draw: Draw) -> Sheet:
    """Every count rounded to 10, margins rounded on their own, none below 40."""
    table = with_margins(draw, list(draw.some(REGIONS, 8)), list(draw.words.ages), "Région", 400)
    rows = [[cell if isinstance(cell, str) else int(round(float(cell or 0), -1)) for cell in row] for row in table.rows]
    return Sheet(table.titles, rows, (), ("Effectifs arrondis à la dizaine.",) if draw.variant == 1 else ())


@case(CLEAN, "clean.hierarchy", "csv_fr", "xlsx", "csv", "html", difficulty=3)
def nested_totals(draw: Draw) -> Sheet:
    """Regions over their départements, sub-totals included, all large."""
    parts = {
        "Bretagne": DEPARTEMENTS[7:8] + DEPARTEMENTS[13:14],
        "Corse": DEPARTEMENTS[8:10],
        "Hauts-de-France": DEPARTEMENTS[18:20],
    }
    rows: list[list[Value]] = []
    sums = [0, 0]
    for region, members in parts.items():
        lines = [[f"{code} - {name}", draw.count(800), draw.count(800)] for code, name in members]
        subtotal = [sum(int(line[1]) for line in lines), sum(int(line[2]) for line in lines)]
        rows += [[region, *subtotal], *lines]
        sums = [sums[0] + subtotal[0], sums[1] + subtotal[1]]
    rows.append([draw.turn(*draw.words.total), *sums])
    return Sheet(["Territoire", *draw.words.sexes], rows)


@case(CLEAN, "clean.article", "csv", "csv_fr", "xlsx")
def likert(draw: Draw) -> Sheet:
    """Answers on a scale from 1 to 5, scores as labels of rows."""
    rows: list[list[Value]] = [[str(score), draw.count(300), draw.count(300)] for score in range(1, 6)]
    return Sheet([draw.turn("score", "Réponse (1-5)"), *(f"n {sex}" for sex in draw.words.sexes)], rows)


@case(CLEAN, "clean.activity", "csv_fr", "csv", "xlsx", "parquet")
def by_single_year_of_age(draw: Draw) -> Sheet:
    """One line for each age from 0 to 89: ages of 1 to 10 are no counts."""
    rows: list[list[Value]] = [[age, draw.count(5000), draw.count(5000)] for age in range(90)]
    return Sheet([draw.turn("age", "Âge révolu"), *draw.words.sexes], rows)


@case(CLEAN, "clean.activity", "csv_fr", "csv", "html")
def monthly_counts(draw: Draw) -> Sheet:
    """One line for each month, the month a number from 1 to 12."""
    rows: list[list[Value]] = [
        [2000 + 20 + year, month, draw.count(3000)] for year in range(3) for month in range(1, 13)
    ]
    return Sheet(
        [draw.turn("annee", "année"), "mois", draw.turn(*draw.words.count)], [[str(r[0]), *r[1:]] for r in rows]
    )
