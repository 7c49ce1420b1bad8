"""What a page shows of files that nobody vouches for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdh_jupyter.disclosure.model import Place
from hdh_jupyter.web.html_blocks import MOST_ROWS, blocks
from hdh_jupyter.web.notebooks import notebook
from hdh_jupyter.web.previews import kind_of, preview
from hdh_jupyter.web.tables import page_of
from hdh_jupyter.web.view import CHECKER, MEMBER, HtmlTable, Image, Notebook, Table, Text, Unavailable

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def shown(folder: Path, content: bytes, kind: str = "csv", places: Iterable[Place] = (), **options: Any) -> Any:
    path = folder / "file"
    path.write_bytes(content)
    given_options = {"sanitised": False, "limits": MEMBER, **options}
    return preview(kind, path, places=tuple(places), **given_options)


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def code_cells(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": "x", **cell} for cell in cells]}).encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(b"a,b\n1,2\n3,4\n", "csv", id="00 comma"),
        pytest.param(b"a;b\r\n1;2\r\n3;4\r\n", "csv", id="01 semicolon, line ends of Windows"),
        pytest.param(b"a\tb\n1\t2\n3\t4\n", "tsv", id="02 tab"),
        pytest.param("\ufeffa;b\n1;2\n3;4\n".encode(), "csv", id="03 byte order mark"),
        pytest.param("a;b\n1;2\n3;4\n".encode("utf-16"), "csv", id="04 UTF-16"),
        pytest.param(b'"a","b"\n"1","2"\n"3","4"', "csv", id="05 quotes, no last line end"),
    ],
)
def test_a_table_is_read_as_it_was_written(tmp_path: Path, content: bytes, kind: str) -> None:
    table = shown(tmp_path, content, kind)

    assert [cell.text for cell in table.header] == ["a", "b"]
    assert texts(table) == [["1", "2"], ["3", "4"]]
    assert [row.number for row in table.rows] == [2, 3]
    assert all(cell.numeric for row in table.rows for cell in row.cells)


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        pytest.param(b"", "csv", "empty", id="00 empty table"),
        pytest.param(PNG, "csv", "unreadable", id="01 an image called a table"),
        pytest.param(b"a,b\n" + b"x" * (2 << 20), "csv", "unreadable", id="02 an endless line"),
        pytest.param(b"not an image", "png", "unreadable", id="03 no image"),
        pytest.param(PNG + b"0" * MEMBER.image, "png", "too_large", id="04 a large image"),
        pytest.param(b"<svg onload='alert(1)'/>", "svg", "svg_original", id="05 an SVG as it came"),
        pytest.param(b"{}", "notebook", "unreadable", id="06 no cells"),
        pytest.param(b"[" * 100_000, "notebook", "unreadable", id="07 endless nesting"),
        pytest.param(b'{"cells": 3}', "notebook", "unreadable", id="08 cells that are none"),
        pytest.param(b" " * (MEMBER.notebook + 1), "notebook", "too_large", id="09 a large notebook"),
        pytest.param(b"PK\x03\x04", "unknown", "unknown", id="10 another kind"),
    ],
)
def test_what_cannot_be_shown_says_why(tmp_path: Path, content: bytes, kind: str, reason: str) -> None:
    assert shown(tmp_path, content, kind) == Unavailable(reason)


def test_a_table_is_shown_page_by_page_up_to_a_limit(tmp_path: Path) -> None:
    limits = replace(MEMBER, page=10, rows=25)
    content = b"n\n" + b"".join(b"%d\n" % number for number in range(100))
    pages = [shown(tmp_path, content, limits=limits, page=page) for page in (1, 2, 3)]

    assert [(page.first, page.last) for page in pages] == [(2, 11), (12, 21), (22, 31)]
    assert [page.more for page in pages] == [True, True, False]
    assert pages[2].clipped
    assert shown(tmp_path, content, limits=limits, page=99) == pages[2]
    assert shown(tmp_path, content, limits=limits, page=-1) == pages[0]
    assert [page_of(row, limits) for row in (1, 2, 11, 12, 26, 27)] == [1, 1, 1, 2, 3, None]


def test_a_member_reaches_less_than_a_checker(tmp_path: Path) -> None:
    content = b"n\n" + b"1\n" * 5_000
    reached = {}
    for limits in (MEMBER, CHECKER):
        page, rows = shown(tmp_path, content, limits=limits), 0
        while page is not None:
            rows += len(page.rows)
            page = shown(tmp_path, content, limits=limits, page=page.page + 1) if page.more else None
        reached[limits] = rows

    assert reached == {MEMBER: 1_000, CHECKER: 5_000}


def test_long_cells_and_wide_tables_are_clipped(tmp_path: Path) -> None:
    table = shown(tmp_path, b"a,b\n" + b"x" * 600 + b",1\n")
    assert len(table.rows[0].cells[0].text) == 501
    assert table.clipped

    wide = shown(tmp_path, b",".join([b"c"] * 300) + b"\n" + b",".join([b"1"] * 300) + b"\n")
    assert (len(wide.header), len(wide.rows[0].cells), wide.clipped) == (200, 200, True)


@pytest.mark.parametrize(
    ("place", "flagged"),
    [
        pytest.param(Place(row=3, column="n"), {(3, 1)}, id="00 a cell"),
        pytest.param(Place(row=3), {(3, 0), (3, 1)}, id="01 a row"),
        pytest.param(Place(row=3, column="******"), {(3, 0), (3, 1)}, id="02 a column whose title is masked"),
        pytest.param(Place(row=9, column="n"), set(), id="03 a row that is not there"),
        pytest.param(Place(), set(), id="04 the file"),
    ],
)
def test_cells_of_findings_are_marked(tmp_path: Path, place: Place, flagged: set[tuple[int, int]]) -> None:
    table = shown(tmp_path, b"age,n\n0-14,120\n15-64,3\n", places=[place])

    assert {(row.number, at) for row in table.rows for at, cell in enumerate(row.cells) if cell.flagged} == flagged
    assert table.flagged == len(flagged)


def test_a_column_of_a_finding_is_marked_in_the_header(tmp_path: Path) -> None:
    table = shown(tmp_path, b"patient,n\nx,120\n", places=[Place(column="patient")])

    assert [cell.flagged for cell in table.header] == [True, False]


def test_a_sanitised_svg_is_an_image_and_nothing_else(tmp_path: Path) -> None:
    picture = shown(tmp_path, b"<svg/>", "svg", sanitised=True)

    assert picture == Image("data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/b.CSV", "csv"),
        ("t.tsv", "tsv"),
        ("f.png", "png"),
        ("f.svg", "svg"),
        ("n.ipynb", "notebook"),
        ("csv", "unknown"),
    ],
)
def test_the_kind_by_the_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_a_notebook_is_texts_tables_and_images() -> None:
    data = code_cells(
        {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["a", "b\n"]}]},
        {
            "outputs": [
                {
                    "output_type": "display_data",
                    "data": {"image/png": base64.b64encode(PNG).decode(), "text/plain": "x"},
                }
            ]
        },
        {"outputs": [{"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mred\x1b[0m"]}]},
    )
    found = notebook(data, [], MEMBER)

    assert isinstance(found, Notebook)
    stream, figure, error = (cell.outputs[0] for cell in found.cells)
    assert stream.blocks == (Text("ab\n"),)
    assert [type(block) for block in figure.blocks] == [Image]
    assert [other.name for other in figure.other_forms] == ["text/plain"]
    assert error.blocks == (Text("red"),)


def test_everything_that_an_output_holds_can_be_read() -> None:
    data = {"text/html": "<p>vu</p><!-- caché -->", "application/x-secret": {"rows": [1, 2]}, "text/plain": "t"}
    output = notebook(code_cells({"outputs": [{"data": data}]}), [], MEMBER).cells[0].outputs[0]

    sources = {other.name: other.text.text for other in output.other_forms}
    assert sources["text/html"] == data["text/html"]
    assert json.loads(sources["application/x-secret"]) == data["application/x-secret"]
    assert sources["text/plain"] == "t"


def test_cells_and_outputs_of_findings_are_marked() -> None:
    data = code_cells({}, {"outputs": [{"data": {"text/plain": "a"}}, {"data": {"text/plain": "b"}}]})
    found = notebook(data, [Place(part="source", cell=1), Place(cell=2, output=2, row=4)], MEMBER)

    assert [cell.flagged for cell in found.cells] == [True, False]
    assert [output.flagged for output in found.cells[1].outputs] == [False, True]


def test_a_notebook_shows_no_more_than_its_limits() -> None:
    limits = replace(MEMBER, text=10, image=len(PNG))
    picture = {"data": {"image/png": base64.b64encode(PNG).decode()}}
    found = notebook(code_cells({"source": "12345678901234", "outputs": [picture, picture]}), [], limits)

    assert found.cells[0].source == Text("1234567890", clipped=True)
    assert [len(output.blocks) for output in found.cells[0].outputs] == [1, 0]
    assert notebook(code_cells(*[{}] * 600), [], MEMBER).clipped


def test_html_becomes_texts_and_tables() -> None:
    found = blocks("<p>Avant</p><table><tr><th colspan=2>a</th></tr><tr><td>1</td><td>2<br>3</td></tr></table>après")

    before, table, after = found
    assert (before, after) == (Text("Avant"), Text("après"))
    assert isinstance(table, HtmlTable)
    assert [[(cell.text, cell.header, cell.columns) for cell in row] for row in table.rows] == [
        [("a", True, 2)],
        [("1", False, 1), ("2 3", False, 1)],
    ]


def test_large_html_tables_are_clipped() -> None:
    (table,) = blocks("<table>" + "<tr><td>1</td></tr>" * (MOST_ROWS + 5) + "</table>")

    assert isinstance(table, HtmlTable)
    assert (len(table.rows), table.clipped) == (MOST_ROWS, True)


@given(st.text(alphabet="<>/tablerdhscip ='\"!-x\n", max_size=300))
def test_no_html_breaks_the_reader(html: str) -> None:
    for block in blocks(html):
        assert isinstance(block, Text | HtmlTable)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["cells", "outputs", "data", "text", "source", "cell_type", "output_type", "traceback", "text/html"]
                ),
                inner,
            )
        ),
    )
)
def test_no_json_breaks_the_reader(value: object) -> None:
    found = notebook(json.dumps({"cells": [value, {"outputs": [value]}, value]}).encode(), [], MEMBER)

    assert isinstance(found, Notebook | Unavailable)
