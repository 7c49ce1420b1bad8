"""Files that are harmless alone and not together: in one request, or after an earlier release."""

from __future__ import annotations

from .block_cells import diseases
from .cases import Draw, Label, group
from .words import REGIONS
from .writers import Sheet, Value, delimited, html, parquet_bytes, workbook

BLOCK, CLEAN = Label.MUST_BLOCK, Label.CLEAN

Cells = dict[tuple[str, str], int]


def _cells(draw: Draw, rows: list[str], columns: list[str]) -> Cells:
    return {(row, column): draw.count(300, 60) for row in rows for column in columns}


def _sheet(
    draw: Draw, cells: Cells, first: str, hidden: set[tuple[str, str]] = frozenset(), totals: bool = True
) -> Sheet:  # type: ignore[assignment]
    rows, columns = list(dict.fromkeys(row for row, _ in cells)), list(dict.fromkeys(column for _, column in cells))
    mark, total = draw.words.hidden[0], draw.words.total[0]
    body: list[list[Value]] = []
    for row in rows:
        line: list[Value] = [mark if (row, column) in hidden else cells[row, column] for column in columns]
        body.append([row, *line, *([sum(cells[row, column] for column in columns)] if totals else [])])
    if totals:
        sums = [sum(cells[row, column] for row in rows) for column in columns]
        body.append([total, *sums, sum(sums)])
    return Sheet([first, *columns, *([total] if totals else [])], body)


def _written(draw: Draw, sheet: Sheet) -> tuple[str, bytes]:
    """Write in the format of this variant."""
    return draw.turn(
        (".csv", delimited(sheet)),
        (".xlsx", workbook(sheet)),
        (".csv", delimited(sheet, ",")),
        (".parquet", parquet_bytes(_plain(sheet))),
    )


def _plain(sheet: Sheet) -> Sheet:
    return Sheet(sheet.titles, [[str(cell) for cell in row] for row in sheet.rows])


def _files(draw: Draw, **sheets: Sheet) -> dict[str, bytes]:
    made = {}
    for name, sheet in sheets.items():
        extension, content = _written(draw, sheet)
        made[name + extension] = content
    return made


@group(BLOCK, "differencing", "sequential", variants=4, difficulty=3)
def withdrawn_patients(draw: Draw) -> dict[str, bytes]:
    """The same table again after a few patients withdrew: the difference is them."""
    rows, columns = diseases(draw, 7), list(draw.words.ages)
    before = _cells(draw, rows, columns)
    after = dict(before)
    for cell in draw.random.sample(sorted(after), 2):
        after[cell] -= draw.random.randint(1, 4)
    return _files(
        draw,
        effectifs_2025_01=_sheet(draw, before, "Pathologie"),
        effectifs_2025_02=_sheet(draw, after, "Pathologie"),
    )


@group(BLOCK, "differencing", "together", variants=2, difficulty=4)
def two_definitions(draw: Draw) -> dict[str, bytes]:
    """One population with and without a few, in one request."""
    rows = list(REGIONS[:9])
    everybody = {(region, "n"): draw.count(900, 300) for region in rows}
    less = {
        cell: number - (draw.random.randint(2, 8) if index % 4 == 1 else 0)
        for index, (cell, number) in enumerate(everybody.items())
    }
    return _files(
        draw,
        tous=_sheet(draw, everybody, "region", totals=False),
        hors_emigres=_sheet(draw, less, "region", totals=False),
    )


@group(BLOCK, "linked", "together", variants=4, difficulty=4)
def men_women_everybody(draw: Draw) -> dict[str, bytes]:
    """A hidden cell for women follows from the tables of men and of everybody."""
    rows, columns = list(REGIONS[:9]), list(draw.words.ages[:3])
    women, men = _cells(draw, rows, columns), _cells(draw, rows, columns)
    target = (rows[4], columns[1])
    women[target] = draw.random.randint(2, 9)
    both = {cell: women[cell] + men[cell] for cell in women}
    return _files(
        draw,
        femmes=_sheet(draw, women, "region", {target}, totals=False),
        hommes=_sheet(draw, men, "region", totals=False),
        ensemble=_sheet(draw, both, "region", totals=False),
    )


@group(BLOCK, "linked", "together", variants=3, difficulty=4)
def margins_elsewhere(draw: Draw) -> dict[str, bytes]:
    """A cell hidden in the crossed table without totals; two one-way tables give the totals."""
    rows, columns = diseases(draw, 6), list(draw.words.ages[:4])
    cells = _cells(draw, rows, columns)
    target = (rows[2], columns[1])
    cells[target] = draw.random.randint(2, 9)
    count = draw.words.count[0]
    by_row: list[list[Value]] = [[row, sum(cells[row, column] for column in columns)] for row in rows]
    by_column: list[list[Value]] = [[column, sum(cells[row, column] for row in rows)] for column in columns]
    return _files(
        draw,
        croise=_sheet(draw, cells, "pathologie", {target}, totals=False),
        par_pathologie=Sheet(["pathologie", count], by_row),
        par_age=Sheet(["classe_age", count], by_column),
    )


@group(BLOCK, "linked", "sequential", variants=3, difficulty=4)
def hidden_then_shown_total(draw: Draw) -> dict[str, bytes]:
    """A cell hidden in what was released follows from the totals that are asked out now."""
    rows, columns = list(REGIONS[:8]), list(draw.words.sexes)
    cells = _cells(draw, rows, columns)
    target = (rows[3], columns[0])
    cells[target] = draw.random.randint(2, 9)
    totals: list[list[Value]] = [[row, sum(cells[row, column] for column in columns)] for row in rows]
    return _files(
        draw, croise=_sheet(draw, cells, "region", {target}, totals=False), totaux=Sheet(["region", "total"], totals)
    )


@group(BLOCK, "linked", "together", variants=2, difficulty=5)
def coarse_and_fine_ages(draw: Draw) -> dict[str, bytes]:
    """Ages 0-17 hidden among fine groups; minors and adults in another table."""
    fine = ["0-17", "18-39", "40-59", "60 et plus"]
    rows = list(REGIONS[:7])
    cells = _cells(draw, rows, fine)
    target = (rows[1], fine[1])
    cells[target] = draw.random.randint(2, 9)
    coarse = {(row, "0-39"): cells[row, fine[0]] + cells[row, fine[1]] for row in rows}
    coarse |= {(row, "40 et plus"): cells[row, fine[2]] + cells[row, fine[3]] for row in rows}
    ordered = {(row, column): coarse[row, column] for row in rows for column in ("0-39", "40 et plus")}
    return _files(
        draw,
        fin=_sheet(draw, cells, "region", {target}, totals=False),
        large=_sheet(draw, ordered, "region", totals=False),
    )


@group(CLEAN, "clean.groups", "together", variants=3, difficulty=3)
def unrelated_tables(draw: Draw) -> dict[str, bytes]:
    """Three large tables on different things."""
    ages = list(draw.words.ages)
    return _files(
        draw,
        passages=_sheet(draw, _cells(draw, list(REGIONS[:8]), ages), "region"),
        pathologies=_sheet(draw, _cells(draw, diseases(draw, 6), list(draw.words.sexes)), "pathologie"),
        annees=_sheet(draw, _cells(draw, ["2019", "2020", "2021"], ages), "annee", totals=False),
    )


@group(CLEAN, "clean.groups", "sequential", variants=3, difficulty=3)
def next_year(draw: Draw) -> dict[str, bytes]:
    """The same table of another year, far from the first."""
    rows, columns = diseases(draw, 7), list(draw.words.ages)
    return _files(
        draw,
        activite_2022=_sheet(draw, _cells(draw, rows, columns), "Pathologie"),
        activite_2023=_sheet(draw, _cells(draw, rows, columns), "Pathologie"),
    )


@group(CLEAN, "clean.groups", "together", variants=2, difficulty=4)
def parts_and_whole(draw: Draw) -> dict[str, bytes]:
    """Women, men and everybody, all shown and large, and the same again as a page."""
    rows, columns = list(REGIONS[:9]), list(draw.words.ages[:3])
    women, men = _cells(draw, rows, columns), _cells(draw, rows, columns)
    both = {cell: women[cell] + men[cell] for cell in women}
    files = _files(
        draw,
        femmes=_sheet(draw, women, "region", totals=False),
        hommes=_sheet(draw, men, "region", totals=False),
        ensemble=_sheet(draw, both, "region", totals=False),
    )
    return files | {"ensemble.html": html(_sheet(draw, both, "region", totals=False))}


@group(CLEAN, "clean.groups", "sequential", variants=2, difficulty=4)
def same_table_again(draw: Draw) -> dict[str, bytes]:
    """What was released is asked out once more, in another format."""
    sheet = _sheet(draw, _cells(draw, diseases(draw, 7), list(draw.words.ages)), "Pathologie")
    return {"resultats.csv": delimited(sheet), "resultats_v2.csv": delimited(sheet, ",")}
