"""Families that the second half alone has: results of other programs, other formats, other ways out."""

from __future__ import annotations

import base64
import gzip
import io
import json
from functools import partial

import openpyxl
import pandas as pd
import pikepdf
from openpyxl.styles import Font

from .block_cells import diseases
from .cases import Draw, Label, case
from .clean_tables import stays_by_age_and_sex
from .figures import epidemic_curve
from .people import people, person, rows_of
from .words import DEPARTEMENTS, REGIONS
from .writers import Sheet, Value, delimited, geojson, notebook, pdf, workbook

CLEAN, FLAG, BLOCK = Label.CLEAN, Label.MUST_FLAG, Label.MUST_BLOCK
held_out = partial(case, held_out=True, difficulty=4)


def _counts(draw: Draw, names: list[str], small: bool) -> list[list[int]]:
    cells = [[draw.count(300), draw.count(300)] for _ in names]
    if small:
        cells[1][0] = draw.random.randint(2, 9)
    return cells


def _tableone(draw: Draw, small: bool) -> bytes:
    n = draw.count(2400, 900)
    lines = [
        "                          Overall",
        f"  n                       {n:>7}",
        "  age (mean (SD))         63.20 (12.41)",
    ]
    for index, name in enumerate(diseases(draw, 6)):
        number = draw.random.randint(2, 9) if small and index == 3 else draw.count(300)
        lines.append(f"  {name[:16] + ' = 1 (%)':<24}{number:>7} ({100 * number / n:4.1f})")
    return ("> print(CreateTableOne(data = base))\n\n" + "\n".join(lines) + "\n").encode()


@held_out(CLEAN, "clean.programs", ".txt", ".log")
def tableone_large(draw: Draw) -> bytes:
    """R's tableone on many."""
    return _tableone(draw, small=False)


@held_out(BLOCK, "small_cells", ".txt", ".log")
def tableone_small(draw: Draw) -> bytes:
    """R's tableone with a small count."""
    return _tableone(draw, small=True)


def _stata(draw: Draw, small: bool) -> bytes:
    names = [code for code, _ in draw.words.diseases[:5]]
    cells = _counts(draw, names, small)
    lines = [
        ". tabulate diag sexe",
        "",
        "           |         sexe",
        "      diag |         1          2 |     Total",
        "-----------+----------------------+----------",
    ]
    lines += [f"{name:>10} | {a:>9} {b:>10} | {a + b:>9}" for name, (a, b) in zip(names, cells, strict=True)]
    first, second = (sum(column) for column in zip(*cells, strict=True))
    lines += [
        "-----------+----------------------+----------",
        f"     Total | {first:>9} {second:>10} | {first + second:>9}",
        "",
    ]
    return "\n".join(lines).encode()


@held_out(CLEAN, "clean.programs", ".log", ".txt")
def stata_tabulate_large(draw: Draw) -> bytes:
    """Stata's cross tabulation of many."""
    return _stata(draw, small=False)


@held_out(BLOCK, "small_cells", ".log", ".txt")
def stata_tabulate_small(draw: Draw) -> bytes:
    """Stata's cross tabulation with a small cell."""
    return _stata(draw, small=True)


def _sas(draw: Draw, small: bool) -> bytes:
    counts = [draw.count(900) for _ in range(5)]
    if small:
        counts[2] = draw.random.randint(2, 9)
    total, so_far, lines = sum(counts), 0, []
    for age, count in zip(draw.words.ages, counts, strict=True):
        so_far += count
        lines.append(f"{age:<16}{count:>10}{100 * count / total:>11.2f}{so_far:>14}{100 * so_far / total:>13.2f}")
    head = (
        "                      The FREQ Procedure\n\n                                     Cumulative    Cumulative\n"
        "classe           Frequency     Percent     Frequency      Percent\n"
    )
    return (head + "-" * 64 + "\n" + "\n".join(lines) + "\n").encode()


@held_out(CLEAN, "clean.programs", ".txt", ".log")
def sas_frequencies_large(draw: Draw) -> bytes:
    """SAS's frequencies of many."""
    return _sas(draw, small=False)


@held_out(BLOCK, "small_cells", ".txt", ".log")
def sas_frequencies_small(draw: Draw) -> bytes:
    """SAS's frequencies with a small one."""
    return _sas(draw, small=True)


def _eurostat(draw: Draw, small: bool) -> bytes:
    lines = ["freq,unit,sex,icd10,geo\\TIME_PERIOD\t2019 \t2020 \t2021 "]
    for index, (code, _) in enumerate(draw.words.diseases):
        values = [f"{draw.count(2000)} " for _ in range(3)]
        if index == 4:
            values[1] = f"{draw.random.randint(2, 9)} " if small else ": "
        lines.append(f"A,NR,T,{code},FR\t" + "\t".join(values))
    return "\n".join(lines).encode()


@held_out(CLEAN, "clean.published", ".tsv", ".tsv")
def eurostat_large(draw: Draw) -> bytes:
    """Eurostat's layout, keys joined by commas, a colon where nothing is known."""
    return _eurostat(draw, small=False)


@held_out(BLOCK, "small_cells", ".tsv", ".tsv")
def eurostat_small(draw: Draw) -> bytes:
    """Eurostat's layout with a small number of persons."""
    return _eurostat(draw, small=True)


def _json_stat(draw: Draw, small: bool) -> bytes:
    values = [draw.count(900) for _ in range(26)]
    if small:
        values[7] = draw.random.randint(2, 9)
    made = {
        "version": "2.0",
        "class": "dataset",
        "label": "Patients par région et sexe",
        "id": ["region", "sexe"],
        "size": [13, 2],
        "dimension": {
            "region": {"category": {"index": list(REGIONS)}},
            "sexe": {"category": {"index": ["F", "H"]}},
        },
        "value": values,
    }
    return json.dumps(made, ensure_ascii=False).encode()


@held_out(CLEAN, "clean.published", ".json")
def json_stat_large(draw: Draw) -> bytes:
    """JSON-stat of many."""
    return _json_stat(draw, small=False)


@held_out(BLOCK, "small_cells", ".json", ".json")
def json_stat_small(draw: Draw) -> bytes:
    """JSON-stat with a small value."""
    return _json_stat(draw, small=True)


@held_out(CLEAN, "clean.article", "csv", "csv_fr", "xlsx", "md")
def balance_of_groups(draw: Draw) -> Sheet:
    """Standardised differences before and after weighting."""
    rows: list[list[Value]] = [
        [name, draw.between(-0.4, 0.4, 3), draw.between(-0.08, 0.08, 3)] for name in ("âge", *diseases(draw, 6))
    ]
    return Sheet(["Covariable", "SMD avant", "SMD après"], rows)


@held_out(CLEAN, "clean.description", "csv_fr", "xlsx", "csv")
def schedule(draw: Draw) -> Sheet:
    """Tasks with dates and durations in days."""
    rows: list[list[Value]] = [
        [task, f"{1 + i:02d}/03/2024", f"{4 + 2 * i:02d}/04/2024", draw.random.randint(2, 30)]
        for i, task in enumerate(("Extraction", "Nettoyage", "Analyse", "Relecture"))
    ]
    return Sheet(["Tâche", "Début", "Fin", "Durée (j)"], rows)


@held_out(CLEAN, "clean.maps", ".geojson", ".json")
def hospitals_on_a_map(draw: Draw) -> bytes:
    """Public hospitals as points, with hundreds of stays each."""
    features: list[tuple[object, dict[str, Value]]] = []
    for _, name in DEPARTEMENTS[:24]:
        place = {"type": "Point", "coordinates": [draw.between(-1, 6, 3), draw.between(43, 49, 3)]}
        features.append((place, {"etablissement": f"CH {name}", "nb_sejours": draw.count(4000, 300)}))
    return geojson(features)


@held_out(CLEAN, "clean.workbook", ".xlsx", ".xlsx")
def workbook_with_formats(draw: Draw) -> bytes:
    """Shares stored as fractions, dates as dates, totals as formulas with their values."""
    import datetime

    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, percent, day = (
            book.add_worksheet("Bilan"),
            book.add_format({"num_format": "0.0%"}),
            book.add_format({"num_format": "dd/mm/yyyy"}),
        )
        page.write_row(0, 0, ["Date", "Passages", "Part hospitalisés"])
        total = 0
        for index in range(1, 25):
            visits = draw.count(3000, 500)
            total += visits
            page.write_datetime(index, 0, datetime.datetime(2024, 3, index), day)
            page.write_number(index, 1, visits)
            page.write_number(index, 2, draw.between(0.05, 0.3, 3), percent)
        page.write(25, 0, "Total")
        page.write_formula(25, 1, "=SUM(B2:B25)", None, total)
    return out.getvalue()


@held_out(FLAG, "extremes", ".ipynb", ".txt", ".ipynb")
def described_frame(draw: Draw) -> bytes:
    """`describe()` shows the smallest and the largest value of a person."""
    frame = pd.DataFrame(
        {"age": draw.numpy.normal(63, 14, 4000).round(1), "imc": draw.numpy.normal(27, 5, 4000).round(1)}
    ).describe()
    return repr(frame).encode() if draw.variant == 1 else notebook("# Description", ("base.describe()", [frame]))


CODED = {
    ".sql": "insert into cohorte (nir, nom, naissance, diag) values\n{rows};\n",
    ".R": "base <- rbind(\n{rows})\n",
    ".py": "BASE = [\n{rows}]\n",
}


@held_out(BLOCK, "rows", *CODED, difficulty=4)
def rows_in_program(draw: Draw) -> bytes:
    """A program with the records of patients written into it."""
    rows = ",\n".join(f"('{one.nir}', '{one.last}', '{one.birth}', '{one.disease}')" for one in people(draw, 20))
    return list(CODED.values())[draw.variant].format(rows=rows).encode()


@held_out(BLOCK, "rows", ".md", ".txt", ".ipynb")
def listed_patients(draw: Draw) -> bytes:
    """A list of cases in prose, a line each."""
    lines = [
        f"- Patient {i} : {'femme' if one.sex == 2 else 'homme'} de {2022 - one.birth.year} ans, {one.disease}, "
        f"hospitalisation le {i:02d}/02/2022, sortie au domicile"
        for i, one in enumerate(people(draw, 15), 1)
    ]
    text = "# Série de cas\n\n" + "\n".join(lines) + "\n"
    return notebook(text) if draw.variant == 2 else text.encode()


@held_out(BLOCK, "rows", "tsv", "csv", "parquet")
def genotypes(draw: Draw) -> Sheet:
    """A column for each patient's genotype."""
    samples = [f"HG{draw.random.randint(10000, 99999)}" for _ in range(40)]
    rows: list[list[Value]] = [
        [
            "chr7",
            f"rs{draw.random.randint(10**5, 10**7)}",
            *(draw.random.choice(("0/0", "0/1", "1/1")) for _ in samples),
        ]
        for _ in range(60)
    ]
    return Sheet(["CHROM", "ID", *samples], rows)


@held_out(BLOCK, "rows", ".csv", ".csv", ".csv.gz")
def rows_after_aggregates(draw: Draw) -> bytes:
    """Rows of patients below a clean table."""
    content = (
        delimited(stays_by_age_and_sex(draw)) + b"\n\n" + delimited(rows_of(draw, 80, pseudonym=draw.variant == 0))
    )
    return gzip.compress(content, mtime=0) if draw.variant == 2 else content


@held_out(BLOCK, "hidden.workbook", ".xlsx", ".xlsx", ".xlsx")
def unseen_in_sheet(draw: Draw) -> bytes:
    """Persons in white letters, in the page's header, in the list of a validation."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(stays_by_age_and_sex(draw))))
    page, one = book.active, person(draw)
    assert page is not None
    said = f"{one.first} {one.last} {one.nir}"
    if draw.variant == 0:
        page["H40"] = said
        page["H40"].font = Font(color="FFFFFF", size=1)
    elif draw.variant == 1:
        page.oddHeader.center.text = said
    else:
        from openpyxl.worksheet.datavalidation import DataValidation

        check = DataValidation(type="list", formula1=f'"{said},autre"')
        page.add_data_validation(check)
        check.add("A1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@held_out(BLOCK, "embedded_source", ".html", ".html", ".html")
def unseen_in_page(draw: Draw) -> bytes:
    """Rows of patients in a table that does not show, a text area, hidden fields."""
    frame = rows_of(draw, 30).frame()
    hidden = draw.turn(
        f'<div style="display:none">{frame.to_html()}</div>',
        f"<textarea hidden>{frame.to_csv()}</textarea>",
        "".join(f'<input type="hidden" value="{one.nir}">' for one in people(draw, 12)),
    )  # fmt: skip
    return f"<!DOCTYPE html><html><body>{stays_by_age_and_sex(draw).frame().to_html()}{hidden}</body></html>".encode()


@held_out(BLOCK, "hidden.notebook", ".ipynb", ".ipynb", ".ipynb")
def pasted_in_notebook(draw: Draw) -> bytes:
    """Records pasted into a cell, shown as JSON, or as LaTeX."""
    sheet = rows_of(draw, 30)
    text = delimited(sheet).decode()
    if draw.variant == 0:
        return notebook("# Essai", (f'base = pd.read_csv(io.StringIO("""{text}"""), sep=";")', []))
    if draw.variant == 1:
        return notebook(
            "# Essai", ("JSON(base)", [{"application/json": sheet.frame().to_dict("records"), "text/plain": "<JSON>"}])
        )
    lines = " \\\\\n".join(" & ".join(map(str, row)) for row in sheet.rows)
    return notebook(
        "# Essai",
        (
            "Latex(t)",
            [{"text/latex": f"\\begin{{tabular}}{{lllllllll}}\n{lines}\n\\end{{tabular}}", "text/plain": "<Latex>"}],
        ),
    )


@held_out(BLOCK, "hidden.pdf", ".pdf", ".pdf")
def persons_in_pdf(draw: Draw) -> bytes:
    """A listing of patients in a report; a person in its XMP metadata."""
    if draw.variant == 0:
        return pdf(Sheet(rows_of(draw, 25).titles[:6], [row[:6] for row in rows_of(draw, 25).rows]))
    one, out = person(draw), io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(stays_by_age_and_sex(draw)))) as document:
        with document.open_metadata() as meta:
            meta["dc:description"] = f"Dossier de {one.first} {one.last}, NIR {one.nir}"
        document.save(out, deterministic_id=True)
    return out.getvalue()


@held_out(BLOCK, "hidden.picture", ".svg", ".svg", ".svg")
def persons_in_svg(draw: Draw) -> bytes:
    """Names in tooltips, rows in a foreign object or in a link's data."""
    rows = delimited(rows_of(draw, 30)).decode()
    tips = "".join(
        f'<circle cx="{i}" cy="9" r="1"><title>{one.first} {one.last} {one.birth:%d/%m/%Y}</title></circle>'
        for i, one in enumerate(people(draw, 20))
    )
    added = draw.turn(
        tips, f'<foreignObject width="1" height="1"><pre xmlns="http://www.w3.org/1999/xhtml">{rows}</pre></foreignObject>',
        f'<a href="data:text/csv;base64,{base64.b64encode(rows.encode()).decode()}"><text>base</text></a>',
    )  # fmt: skip
    return epidemic_curve(draw, "svg").decode().replace("</svg>", added + "</svg>").encode()


@held_out(BLOCK, "recoverable", ".xlsx", ".xlsx")
def across_sheets(draw: Draw) -> bytes:
    """Women with a hidden cell, men and everybody, on three sheets of one workbook."""
    rows, ages = REGIONS[:8], draw.words.ages[:3]
    women = {(r, a): draw.count(300) for r in rows for a in ages}
    men = {(r, a): draw.count(300) for r in rows for a in ages}
    target = (rows[2], ages[1])
    women[target] = draw.random.randint(2, 9)

    def sheet(name: str, cells: dict[tuple[str, str], int], hide: bool = False) -> Sheet:
        body: list[list[Value]] = [
            [r, *("c" if hide and (r, a) == target else cells[r, a] for a in ages)] for r in rows
        ]
        return Sheet(["Région", *ages], body, name=name)

    both = {key: women[key] + men[key] for key in women}
    return workbook(sheet("Femmes", women, hide=True), sheet("Hommes", men), sheet("Ensemble", both))


@held_out(BLOCK, "percent_to_count", "csv_fr", "xlsx", "md")
def shares_under_stated_base(draw: Draw) -> Sheet:
    """Shares alone, with the number of patients in the title of their column."""
    base = draw.random.randint(180, 420)
    rows: list[list[Value]] = [
        [name, round(100 * (draw.random.randint(2, 8) if i == 2 else draw.random.randint(30, 90)) / base, 1)]
        for i, name in enumerate(diseases(draw, 7))
    ]
    return Sheet(["Comorbidité", f"% (N = {base})"], rows)


@held_out(BLOCK, "small_cells.written", "csv_fr", "xlsx", "html")
def small_as_range(draw: Draw) -> Sheet:
    """A count given as a range that lies below 11."""
    rows: list[list[Value]] = [[name, str(draw.count(90))] for name in REGIONS[:8]]
    rows[3][1] = draw.turn("1-4", "3 à 5", "entre 2 et 4")
    return Sheet(["Région", "Nombre de patients"], rows)


@held_out(BLOCK, "small_cells", "csv", "parquet", "xlsx")
def median_of_few(draw: Draw) -> Sheet:
    """Medians of groups, one of three patients."""
    rows: list[list[Value]] = [
        [place, draw.count(60), draw.between(3, 20), draw.between(1, 5)] for place in draw.words.places
    ]
    rows[5][1] = 3
    return Sheet(["hopital", "n", "mediane_delai", "ecart_interquartile"], rows)


@held_out(BLOCK, "rows", ".txt", ".pdf", ".md")
def appointments(draw: Draw) -> bytes:
    """A list of appointments: a name and a date of birth on each line."""
    lines = [
        f"{8 + i // 4}h{15 * (i % 4):02d}  {one.last.upper()} {one.first} ({one.birth:%d/%m/%Y})"
        for i, one in enumerate(people(draw, 12))
    ]
    if draw.variant == 1:
        return pdf(Sheet(["heure", "rendez-vous"], [line.split("  ") for line in lines]))
    return ("Consultations du jour\n\n" + "\n".join(lines) + "\n").encode()


@held_out(BLOCK, "rows", ".sql", ".sql")
def inserts(draw: Draw) -> bytes:
    """A dump of a database, a statement for each row."""
    lines = [
        f"INSERT INTO patients VALUES ('{one.last}', '{one.birth}', '{one.code}', '{one.disease}');"  # noqa: S608
        for one in people(draw, 25)
    ]
    table = "CREATE TABLE patients (nom TEXT, naissance DATE, code_postal TEXT, diag TEXT);\n"
    return (table + "\n".join(lines) + "\n").encode()


@held_out(BLOCK, "rows", "tsv", "csv", "parquet")
def expressions(draw: Draw) -> Sheet:
    """Expressions of genes, with a column for each patient's sample."""
    samples = [f"GSM{draw.random.randint(10**5, 10**6)}" for _ in range(30)]
    rows: list[list[Value]] = [[f"GENE{i}", *(draw.between(2, 14, 3) for _ in samples)] for i in range(50)]
    return Sheet(["gene", *samples], rows)


@held_out(CLEAN, "clean.description", "csv", "tsv", "xlsx")
def weeks_across(draw: Draw) -> Sheet:
    """Stays by week, the weeks across."""
    weeks = [f"S{i:02d}" for i in range(1, 53)]
    return Sheet(["region", *weeks], [[region, *(draw.count(900, 120) for _ in weeks)] for region in REGIONS])


@held_out(CLEAN, "clean.log", ".txt", ".md")
def changes_by_author(draw: Draw) -> bytes:
    """Who changed a program on which day."""
    authors = people(draw, 3)
    lines = []
    for i in range(14):
        one = draw.random.choice(authors)
        lines.append(f"- 2024-{1 + i // 3:02d}-{3 + i:02d} {one.first} {one.last} : corrige le calcul du taux")
    return ("# Changements\n\n" + "\n".join(lines) + "\n").encode()


@held_out(CLEAN, "clean.published", "csv_fr", "xlsx", "md")
def hospitals_and_staff(draw: Draw) -> Sheet:
    """Few centres and investigators, many patients."""
    rows: list[list[Value]] = [
        [region, draw.random.randint(3, 9), draw.random.randint(4, 10), draw.count(900, 120)] for region in REGIONS
    ]
    return Sheet(["Région", "Nombre de centres", "Médecins investigateurs", "Patients inclus"], rows)


@held_out(CLEAN, "clean.description", "csv", "parquet", "md")
def percentiles(draw: Draw) -> Sheet:
    """Percentiles of large groups, without how large they are."""
    rows: list[list[Value]] = []
    for name in ("Âge (ans)", "Durée de séjour (jours)", "Délai (jours)"):
        steps = [draw.random.randint(1, 9) for _ in range(5)]
        rows.append([name, *(sum(steps[: i + 1]) for i in range(5))])
    return Sheet(["Indicateur", "P5", "P25", "Médiane", "P75", "P95"], rows)


@held_out(BLOCK, "percent_to_count", "csv_fr", "xlsx", "md")
def those_who_are_left(draw: Draw) -> Sheet:
    """A share so near a hundred that those who are left are few."""
    rows: list[list[Value]] = []
    for i in range(draw.random.randint(4, 7)):
        base = draw.random.randint(60, 160) if i == 1 else draw.count(900, 300)
        left = draw.random.randint(2, 5) if i == 1 else round(base * draw.between(10, 30) / 100)
        rows.append([f"Service {i + 1}", base, round(100 * (base - left) / base, 1)])
    return Sheet(["Service", "Répondants", "Satisfaits (%)"], rows)


def _frequencies_across(draw: Draw, small: bool) -> bytes:
    names = ["Homme", "Femme"]
    cells = [[draw.count(900, 90) for _ in range(4)] for _ in names]
    if small:
        cells[0][3] = draw.random.randint(2, 9)
    total = sum(map(sum, cells))
    rule = " " * 12 + "+".join(["-" * 9, *["-" * 8] * 5, ""])
    lines = [" " * 12 + "sexe       stade", ""]
    lines += [" " * 12 + f"{name:<9}|" for name in ("Fréquence", "Pourcent")]
    lines += [" " * 21 + "|" + "|".join(f"{title:<8}" for title in ("I", "II", "III", "IV")) + "|  Total", rule]
    for name, row in zip(names, cells, strict=True):
        figures = "|".join(f"{n:>7} " for n in row)
        shares = "|".join(f"{100 * n / total:>7.2f} " for n in row)
        lines += [
            " " * 12 + f"{name:<9}|{figures}|{sum(row):>7}",
            " " * 21 + f"|{shares}|{100 * sum(row) / total:>7.2f}",
            rule,
        ]
    lines.append(
        " " * 12 + f"{'Total':<10}" + " ".join(f"{a + b:>7} " for a, b in zip(*cells, strict=True)) + f"{total:>8}"
    )
    return ("La procédure FREQ\n\n" + "\n".join(lines) + "\n").encode()


@held_out(CLEAN, "clean.programs", ".txt", ".log")
def sas_crossed_large(draw: Draw) -> bytes:
    """SAS's crossed table, two lines for each cell, of many."""
    return _frequencies_across(draw, small=False)


@held_out(BLOCK, "small_cells", ".txt", ".log")
def sas_crossed_small(draw: Draw) -> bytes:
    """SAS's crossed table, two lines for each cell, with a small one."""
    return _frequencies_across(draw, small=True)
