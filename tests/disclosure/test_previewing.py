"""What is shown of a file: bounded, and read again from its stored form."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from hdh_jupyter.disclosure.documents import Document, Figure, FittedModel, Series, Text, whole
from hdh_jupyter.disclosure.model import Place
from hdh_jupyter.disclosure.previewing import ALL_TEXT, COLUMNS, PARTS, ROWS, TEXT, Preview, preview_of
from hdh_jupyter.disclosure.readers.grid import table

NOWHERE = Path("/nonexistent")


def sheet(name: str, rows: int, width: int = 2) -> Any:
    return table(Place(member=name), [[str(r)] * width for r in range(rows)], titles=["a"] * width, first_row=2)


def test_tables_and_texts_with_their_places() -> None:
    text = Text(Place(page=1), whole("n = 12"))
    again = Text(Place(member="one"), whole("the cells of the first table again"))
    document = Document("workbook", (text, again), (sheet("one", 2), sheet("two", ROWS + 5)))
    one, two, three = preview_of(document, NOWHERE).parts
    assert (one.place.member, one.titles, one.rows, one.first_row, one.clipped) == (
        "one",
        ("a", "a"),
        (("0", "0"), ("1", "1")),
        2,
        False,
    )
    assert (len(two.rows), two.clipped) == (ROWS, True)
    assert (three.text, three.place.page) == ("n = 12", 1)


def test_what_is_large_is_cut() -> None:
    (wide,) = preview_of(Document("csv", (), (sheet("wide", 3, COLUMNS + 10),)), NOWHERE).parts
    assert (len(wide.titles), len(wide.rows[0]), wide.clipped) == (COLUMNS, COLUMNS, True)
    lines = Text(Place(), lambda: iter(["x" * 1000] * 1000))
    (text,) = preview_of(Document("text", (lines,)), NOWHERE).parts
    assert (len(text.text or ""), text.clipped) == (TEXT, True)
    many = tuple(Text(Place(line=n), whole("x" * TEXT)) for n in range(2 * ALL_TEXT // TEXT))
    found = preview_of(Document("text", many), NOWHERE)
    assert sum(len(part.text or "") for part in found.parts) == ALL_TEXT
    assert found.clipped
    short = tuple(Text(Place(line=n), whole("x")) for n in range(PARTS + 1))
    assert (len(preview_of(Document("text", short), NOWHERE).parts), found.clipped) == (PARTS, True)


def test_figures_and_models_are_told_by_their_numbers() -> None:
    figure = Figure(Place(cell=1), (Series("point", 40, "women"),))
    model = FittedModel(Place(), ("sklearn.linear_model.LogisticRegression",), {"coef_": 12})
    one, two = preview_of(Document("notebook", figures=(figure,), models=(model,)), NOWHERE).parts
    assert (one.form, one.rows) == ("figure", (("women", "point", "40"),))
    assert (two.form, two.rows) == ("model", (("", "sklearn.linear_model.LogisticRegression"), ("coef_", "12")))


def test_the_pages_of_a_pdf_are_pictures(tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    red, blue = (Image.new("RGB", (200, 100), colour) for colour in ("red", "blue"))
    red.save(path, save_all=True, append_images=[blue])
    pages = preview_of(Document("pdf"), path).parts
    assert [part.place.page for part in pages] == [1, 2]
    assert all(base64.b64decode(part.picture or "").startswith(b"\x89PNG") for part in pages)


def test_the_stored_form_is_the_same_again() -> None:
    made = preview_of(Document("workbook", (Text(Place(), whole("x")),), (sheet("one", 2),)), NOWHERE)
    assert Preview.from_stored(json.loads(json.dumps(made.to_stored()))) == made


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {"parts": [{"form": "script", "place": {}}]},
        {"parts": [{"form": "text", "place": {"row": "x"}}]},
        {"parts": 3},
        {"parts": [], "other": 1},
    ],
)
def test_anything_else_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="not a preview"):
        Preview.from_stored(stored)
