"""Cells that are hidden and can be computed, totals that one contributor holds, percentages that tell counts."""

from __future__ import annotations

from .block_cells import diseases
from .cases import Draw, Label, case
from .words import REGIONS
from .writers import Sheet, Value

BLOCK = Label.MUST_BLOCK
RULES = ("tables.", "counts.", "differences.", "percentages.", "linked.")
PERCENT = ("tables.", "counts.", "percentages.")
DOMINANCE = ("dominance.", "tables.", "concentration.")


def _margins(cells: list[list[int]]) -> tuple[list[int], list[int]]:
    return [sum(line) for line in cells], [sum(column) for column in zip(*cells, strict=True)]


def hidden(
    draw: Draw,
    rows: list[str],
    columns: list[str],
    first: str,
    marked: list[tuple[int, int]],
    small: dict[tuple[int, int], int],
) -> Sheet:
    """Draw a table with true totals, some cells of which are marked."""
    cells = [[draw.count(400, 60) for _ in columns] for _ in rows]
    for (line, column), value in small.items():
        cells[line][column] = value
    across, down = _margins(cells)
    mark = draw.turn(*draw.words.hidden)
    body: list[list[Value]] = [[name, *values, total] for name, values, total in zip(rows, cells, across, strict=True)]
    for line, column in marked:
        # "<11" is said of small cells alone; a large one that protects them bears another mark.
        body[line][column + 1] = mark if cells[line][column] < 11 or "11" not in mark else "c"
    total = draw.turn(*draw.words.total)
    body.append([total, *down, sum(down)])
    return Sheet([first, *columns, total], body)


@case(
    BLOCK,
    "recoverable",
    "csv_fr",
    "csv",
    "xlsx",
    "parquet",
    "html",
    "tex",
    "md",
    "ipynb",
    "csv_excel",
    "pdf",
    difficulty=2,
    rules=RULES,
)
def one_hidden(draw: Draw) -> Sheet:
    """One small cell hidden, its row and column summed up."""
    return hidden(
        draw, diseases(draw), list(draw.words.ages), "Pathologie", [(2, 1)], {(2, 1): draw.random.randint(1, 10)}
    )


@case(BLOCK, "recoverable", "csv_fr", "xlsx", "csv", "html", difficulty=3, rules=RULES)
def two_in_a_row(draw: Draw) -> Sheet:
    """Two hidden in one row, each alone in its column."""
    return hidden(
        draw,
        diseases(draw),
        list(draw.words.ages),
        "Pathologie",
        [(3, 0), (3, 2)],
        {(3, 0): 4, (3, 2): draw.random.randint(3, 9)},
    )


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", difficulty=5, rules=RULES)
def narrow_square(draw: Draw) -> Sheet:
    """Four hidden at the corners of a square, all so small that less than 11 follows for each."""
    small = {(1, 1): 3, (1, 3): 2, (4, 1): 1, (4, 3): draw.random.randint(2, 4)}
    return hidden(draw, diseases(draw), list(draw.words.ages), "Pathologie", list(small), small)


@case(BLOCK, "recoverable", "csv_fr", "csv", difficulty=5, rules=RULES)
def trap_of_six(draw: Draw) -> Sheet:
    """Two or more hidden in every line, and one of them follows all the same."""
    marked = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 2)]
    return hidden(
        draw,
        diseases(draw, 4),
        ["2019", "2020", "2021", "2022"],
        "Pathologie",
        marked,
        {(1, 2): draw.random.randint(2, 9), (0, 0): 5, (2, 2): 6},
    )


@case(BLOCK, "recoverable", "csv_fr", "xlsx", "csv", difficulty=3, rules=RULES)
def hidden_by_sex(draw: Draw) -> Sheet:
    """Women hidden, men and both shown."""
    rows: list[list[Value]] = []
    mark = draw.turn(*draw.words.hidden)
    for index, region in enumerate(REGIONS):
        women, men = draw.count(200), draw.count(200)
        rows.append([region, mark if index == 4 else women, men, men + (7 if index == 4 else women)])
    return Sheet(["Région", *draw.words.sexes, draw.turn(*draw.words.total)], rows)


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", "parquet", difficulty=4, rules=RULES)
def long_with_totals(draw: Draw) -> Sheet:
    """A long table whose totals are lines like the others; one small cell is hidden."""
    rows: list[list[Value]] = []
    ages, sexes, total = draw.words.ages[:3], draw.words.sexes, draw.turn(*draw.words.total)
    cells = {(a, s): draw.count(300) for a in ages for s in sexes}
    cells[ages[1], sexes[0]] = draw.random.randint(2, 9)
    for age in (*ages, total):
        for sex in (*sexes, total):
            value = sum(n for (a, s), n in cells.items() if age in (a, total) and sex in (s, total))
            rows.append([age, sex, draw.words.hidden[0] if (age, sex) == (ages[1], sexes[0]) else value])
    return Sheet(["age", "sexe", draw.turn("n", "effectif")], [[r[0], r[1], str(r[2])] for r in rows])


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", difficulty=5, rules=RULES)
def long_three_ways(draw: Draw) -> Sheet:
    """Three dimensions in a long table, all their margins shown: one hidden cell follows."""
    total = draw.turn(*draw.words.total)
    first, second, third = REGIONS[:3], draw.words.ages[:3], draw.words.sexes
    cells = {(r, a, s): draw.count(300) for r in first for a in second for s in third}
    target = (first[1], second[2], third[0])
    cells[target] = draw.random.randint(2, 9)
    hide = {target, (first[1], second[2], third[1])}
    rows: list[list[Value]] = []
    for r in (*first, total):
        for a in (*second, total):
            for s in (*third, total):
                value = sum(
                    n for (x, y, z), n in cells.items() if r in (x, total) and a in (y, total) and s in (z, total)
                )
                rows.append([r, a, s, draw.words.hidden[0] if (r, a, s) in hide else str(value)])
    return Sheet(["region", "age", "sexe", "n"], rows)


@case(BLOCK, "recoverable", "csv_fr", "xlsx", "csv", "html", difficulty=4, rules=RULES)
def hidden_in_hierarchy(draw: Draw) -> Sheet:
    """A département hidden, the others and their région shown."""
    parts = {
        "Bretagne": ("22 Côtes-d'Armor", "29 Finistère", "35 Ille-et-Vilaine", "56 Morbihan"),
        "Corse": ("2A Corse-du-Sud", "2B Haute-Corse"),
    }
    rows: list[list[Value]] = []
    everything = 0
    for region, members in parts.items():
        counts = [draw.count(200) for _ in members]
        if region == "Bretagne":
            counts[2] = draw.random.randint(2, 9)
        everything += sum(counts)
        rows.append([f"Total {region}" if draw.variant % 2 else region, sum(counts)])
        rows += [
            [f"  {name}", draw.words.hidden[0] if count < 11 else count]
            for name, count in zip(members, counts, strict=True)
        ]
    rows.append([draw.turn(*draw.words.total), everything])
    return Sheet(["Territoire", draw.turn("Patients", "Effectif")], [[row[0], str(row[1])] for row in rows])


@case(BLOCK, "recoverable", "csv_fr", "csv", "xlsx", difficulty=4, rules=RULES)
def hidden_beside_total(draw: Draw) -> Sheet:
    """Women of one region marked as below 11, men and both shown: how many follows."""
    rows: list[list[Value]] = []
    for index, region in enumerate(REGIONS[:8]):
        men, women = draw.count(200), draw.random.randint(3, 7) if index == 3 else draw.count(200)
        rows.append([region, men, "<11" if women < 11 else women, men + women])
    return Sheet(["Région", "Hommes", "Femmes", "Total"], rows)


@case(BLOCK, "percent_to_count", "csv_fr", "csv", "xlsx", "html", "md", "tex", difficulty=4, rules=PERCENT)
def percent_with_base(draw: Draw) -> Sheet:
    """Percentages with one decimal and their base: a count below 11 follows."""
    rows: list[list[Value]] = []
    for index, name in enumerate(diseases(draw, 8)):
        base = draw.random.randint(90, 190)
        number = draw.random.randint(2, 8) if index == 5 else round(base * draw.random.uniform(0.2, 0.6))
        rows.append([name, base, round(100 * number / base, 1)])
    return Sheet(
        ["Pathologie", draw.turn("Effectif", "N"), draw.turn("% décès", "Décès (%)", "Part décédés (%)")], rows
    )


@case(BLOCK, "percent_to_count", ".md", ".txt", ".ipynb", difficulty=5, rules=PERCENT)
def percent_in_text(draw: Draw) -> bytes:
    """A sentence with a share and the number that it is of."""
    from .writers import notebook

    base = draw.random.randint(60, 130)
    number = draw.random.randint(2, 7)
    share = f"{100 * number / base:.1f}".replace(".", ",")
    place = draw.random.choice(draw.words.places)
    text = f"Parmi les {base} patients opérés à {place}, {share} % sont décédés à 30 jours."
    return notebook("# Résultats", text) if draw.variant == 2 else text.encode()


@case(BLOCK, "percent_to_count", "csv_fr", "csv", "xlsx", difficulty=5, rules=PERCENT)
def rate_with_population(draw: Draw) -> Sheet:
    """Rates per 1,000 with two decimals and the population: a count below 11 follows."""
    rows: list[list[Value]] = []
    for index, name in enumerate(draw.words.places):
        people_there = draw.random.randint(900, 2900)
        number = draw.random.randint(2, 6) if index == 3 else draw.random.randint(30, 90)
        rows.append([name, people_there, round(1000 * number / people_there, 2)])
    return Sheet(["Ville", "Population", draw.turn("taux_1000", "Taux (pour 1 000)")], rows)


@case(BLOCK, "percent_to_count", "csv_fr", "csv", "xlsx", difficulty=5, rules=PERCENT)
def mean_of_binary(draw: Draw) -> Sheet:
    """The mean of a yes-or-no variable by group with the group's size: the yeses follow."""
    rows: list[list[Value]] = []
    for index, name in enumerate(REGIONS[:9]):
        size = draw.random.randint(70, 160)
        yes = draw.random.randint(1, 7) if index == 2 else draw.random.randint(20, 50)
        rows.append([name, size, round(yes / size, 4)])
    return Sheet(["region", "n", draw.turn("moyenne_deces", "proportion_deces")], rows)


@case(
    BLOCK,
    "dominance",
    "csv_fr",
    "csv",
    "xlsx",
    "parquet",
    "html",
    difficulty=4,
    rules=DOMINANCE,
)
def dominant_contributor(draw: Draw) -> Sheet:
    """Totals beside their largest contributor, which holds more than 85 % of one."""
    rows: list[list[Value]] = []
    for index in range(7):
        total = draw.random.randint(400_000, 3_000_000)
        rows.append(
            [
                f"E{index:02d}",
                draw.count(120),
                total,
                round(total * (draw.between(0.86, 0.97, 2) if index == 2 else 0.08)),
            ]
        )
    titles = draw.turn(
        ["etablissement", "nb_patients", "depense_totale", "plus_gros_contributeur"],
        ["Établissement", "Patients", "Montant total (€)", "Montant maximal d'un patient (€)"],
        ["groupe", "n", "total", "max"],
    )  # fmt: skip
    return Sheet(titles, rows)


@case(BLOCK, "dominance", "csv_fr", "csv", "xlsx", difficulty=4, rules=DOMINANCE)
def dominant_share(draw: Draw) -> Sheet:
    """The share of the largest contributor itself, above 85 %."""
    rows: list[list[Value]] = [
        [region, draw.random.randint(10**6, 10**7), 91.3 if index == 3 else draw.between(4, 30)]
        for index, region in enumerate(REGIONS[:8])
    ]
    return Sheet(
        ["region", "depense_totale_euros", draw.turn("part_premier_contributeur_pct", "Part du 1er contributeur (%)")],
        rows,
    )


@case(BLOCK, "differencing", "csv_fr", "csv", "xlsx", difficulty=4, rules=RULES)
def cumulated(draw: Draw) -> Sheet:
    """Numbers cumulated by day: the day's own, below 11, follow by subtraction."""
    total, rows = draw.count(300), []
    for day in range(1, 25):
        total += draw.random.randint(1, 9)
        rows.append([f"2022-03-{day:02d}", total])
    return Sheet(["date", draw.turn("cas_cumules", "Nombre cumulé de décès")], rows)


@case(BLOCK, "differencing", "csv_fr", "csv", "xlsx", difficulty=5, rules=RULES)
def nested_thresholds(draw: Draw) -> Sheet:
    """Patients from 18, from 65, from 66 on: two differ by a few."""
    third = draw.count(2000, 900)
    rows: list[list[Value]] = [
        ["18 ans et plus", third * 4],
        ["65 ans et plus", third + draw.random.randint(2, 8)],
        ["66 ans et plus", third],
    ]
    return Sheet(["Population", draw.turn(*draw.words.count)], rows)
