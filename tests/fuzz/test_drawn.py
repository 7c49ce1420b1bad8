"""Damaged pictures, drawings, documents, notebooks and figures, from richer files than one of each kind."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import v4

from hdh_jupyter.disclosure import Place
from hdh_jupyter.disclosure.documents import Unreadable
from hdh_jupyter.disclosure.readers import charts
from tests.disclosure import pictures as made

from .files import check, damaged
from .test_files import PIECES

PICTURE = made.as_png(made.chart(size=(80, 60)))
PHOTOGRAPH = made.as_jpeg(made.chart(size=(80, 60)), comment=b"x" * 40)
TRACE = {"type": "scatter", "mode": "markers", "x": {"dtype": "i1", "bdata": "AQID"}, "y": [1.5, None, "2020-01-01"]}
BOKEH = {
    "d": {
        "version": "3",
        "roots": [
            {
                "type": "object",
                "name": "ColumnDataSource",
                "id": "p1",
                "attributes": {"data": {"type": "map", "entries": [["x", [1, 2]]]}},
            }
        ],
    }
}
VEGA = {
    "layer": [{"mark": "point", "encoding": {"x": {"field": "a"}}}],
    "data": {"name": "d"},
    "datasets": {"d": [{"a": 1}]},
}
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
    '<style>.a{fill:#fff}</style><g transform="rotate(3 1 2) scale(2)"><text class="a" x="1" y="2">n = 4</text></g>'
    '<path d="M1 1H2V3h1v2C1 2 3 4 5 6Z"/><circle cx="1" cy="2" r="1"/><use xlink:href="#m" x="1" y="1"/>'
    f'<image xlink:href="data:image/png;base64,{base64.b64encode(PICTURE).decode()}"/></svg>'
).encode()


def document() -> bytes:
    pdf = made.document(
        made.table_lines([("a", "b"), ("x", "12"), ("y", "13")]), "1 0 0 rg 9 9 4 4 re f 1 1 m 2 3 l 4 5 6 7 8 9 c S"
    )
    pdf.attachments["t.csv"] = b"a,b\n1,2\n"
    pdf.docinfo["/Title"] = "t"
    return made.as_bytes(pdf)


def notebook() -> bytes:
    outputs = [
        v4.new_output("display_data", data={"image/png": base64.b64encode(PICTURE).decode(), "text/latex": "$x$"}),
        v4.new_output("display_data", data={"application/vnd.plotly.v1+json": {"data": [TRACE], "layout": {}}}),
        v4.new_output("error", ename="E", evalue="v", traceback=["a"]),
    ]
    note = v4.new_markdown_cell("[x](data:text/csv;base64,YTti)", attachments={"a.png": {"image/png": "AAAA"}})
    return json.dumps(v4.new_notebook(cells=[v4.new_code_cell("d = [1, 2]", outputs=outputs), note])).encode()


SEEDS = {
    "png": (PICTURE, made.with_surplus(made.chart(size=(80, 70)), b"x" * 99), made.animated(made.chart(size=(80, 60)))),
    "jpeg": (PHOTOGRAPH,),
    "svg": (DRAWING,),
    "pdf": (document(),),
    "notebook": (notebook(),),
    "json": tuple(json.dumps(value).encode() for value in ({"data": [TRACE], "layout": {}}, BOKEH, VEGA)),
}

values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just("AQID")),
    lambda child: st.one_of(
        st.lists(child, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("data", "layout", "type", "x", "y", "z", "mark", "encoding", "values", "datasets", "$schema"),
                    *("marks", "spec", "roots", "version", "attributes", "name", "bdata", "dtype", "shape", "array"),
                    *("features", "geometry", "coordinates", "properties", "customdata", "entries", "title", "frames"),
                ]
            ),
            child,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@pytest.mark.parametrize("kind", SEEDS)
def test_a_rich_file_is_read_and_sanitised(kind: str) -> None:
    for content in SEEDS[kind]:
        check(kind, content)


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_rich_file_is_refused_or_read(kind: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SEEDS[kind]))
    for _ in range(data.draw(st.integers(1, 3))):
        content = damaged(content, data.draw(PIECES), data.draw(st.integers(0, 100_000)), data.draw(st.integers(0, 40)))
    check(kind, content)


@settings(max_examples=150, deadline=None)
@given(value=values, layout=values)
def test_any_value_is_a_figure_that_can_be_read_or_none(value: object, layout: object) -> None:
    for document in (value, {"data": [value], "layout": layout if isinstance(layout, dict) else {}}):
        with suppress(Unreadable):
            charts.read_json(document, Place())
