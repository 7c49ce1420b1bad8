"""What a page shows of files that the sealed check turned into tables, texts and pages."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.disclosure.model import Place
from hdh_jupyter.disclosure.previewing import Part, Preview
from hdh_jupyter.web.parts import parts
from hdh_jupyter.web.previews import preview
from hdh_jupyter.web.view import CHECKER, MEMBER, Image, Parts, Table, Text, Unavailable

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
SHEET = Part(
    "table", Place(member="Feuil1"), ("dept", "n"), (("01", "12"), ("02", "4"), ("2A", "30")), first_row=2, clipped=True
)


def shown(*made: Part, places: tuple[Place, ...] = ()) -> Parts:
    found = parts(Preview(made), places, MEMBER)
    assert isinstance(found, Parts)
    return found


def test_a_sheet_is_a_table_with_the_cells_of_findings_marked() -> None:
    (piece,) = shown(SHEET, places=(Place(member="Feuil1", row=3, column="n"),)).pieces
    assert piece.flagged
    assert isinstance(piece.block, Table)
    assert [row.number for row in piece.block.rows] == [2, 3, 4]
    assert [[cell.flagged for cell in row.cells] for row in piece.block.rows] == [
        [False] * 2,
        [False, True],
        [False] * 2,
    ]
    assert piece.block.clipped


@pytest.mark.parametrize("place", [Place(row=3, column="n"), Place(member="Feuil2", row=3, column="n")])
def test_another_part_has_no_mark_of_it(place: Place) -> None:
    (piece,) = shown(SHEET, places=(place,)).pieces
    assert not piece.flagged
    assert isinstance(piece.block, Table)
    assert piece.block.flagged == 0


def test_texts_and_pages() -> None:
    text, page = shown(Part("text", Place(), text="n = 12"), Part("page", Place(page=1), picture=PNG)).pieces
    assert text.block == Text("n = 12")
    assert page.block == Image(f"data:image/png;base64,{PNG}")


@pytest.mark.parametrize("picture", ["<script>", base64.b64encode(b"<svg onload=alert(1)>").decode(), ""])
def test_a_picture_that_is_none_is_not_shown(picture: str) -> None:
    (piece,) = shown(Part("page", Place(page=1), picture=picture)).pieces
    assert piece.block == Text("", True)


def test_no_more_is_shown_than_the_limits_say() -> None:
    many = replace(SHEET, rows=(("01", "12"),) * 150)
    found = shown(many, many, many, Part("text", Place(), text="x" * 300_000), Part("text", Place(page=2), text="more"))
    assert [len(p.block.rows) if isinstance(p.block, Table) else len(p.block.text) for p in found.pieces] == [
        150,
        50,
        MEMBER.text,
    ]
    assert found.clipped
    assert len(parts(Preview((many, many, many)), (), CHECKER).pieces) == 3  # type: ignore[union-attr]


def test_without_anything_made_there_is_no_preview(tmp_path: Path) -> None:
    options = {"sanitised": True, "places": (), "limits": CHECKER}
    assert preview("parquet", tmp_path, **options) == Unavailable("unknown")
    assert preview("parquet", tmp_path, made=Preview(), **options) == Unavailable("nothing_to_show")
    assert isinstance(preview("parquet", tmp_path, made=Preview((SHEET,)), **options), Parts)
