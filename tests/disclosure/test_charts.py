"""Interactive figures: what they embed is read as tables and series, however it is encoded."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hdh_jupyter.disclosure import Place, Report
from hdh_jupyter.disclosure.documents import Document, Series, Table, Unreadable
from hdh_jupyter.disclosure.readers.charts import read_json
from hdh_jupyter.disclosure.rules.figures import at_risk, has_single_steps, is_aggregate

Judge = Callable[[str, str | bytes], Report]
DRAWN = random.Random(1)
AGES = [DRAWN.randrange(20, 95) for _ in range(200)]
COSTS = [round(DRAWN.uniform(100, 9000), 2) for _ in range(200)]
LAYOUT = {"xaxis": {"title": {"text": "age"}}, "yaxis": {"title": {"text": "dépense"}}}


def typed(values: list[float], kind: str) -> dict[str, str]:
    return {"dtype": kind, "bdata": base64.b64encode(np.array(values, kind).tobytes()).decode()}


def bokeh(values: list[float], *, packed: bool) -> dict[str, Any]:
    raw = np.array(values, "float64").tobytes()
    data = base64.b64encode(gzip.compress(raw) if packed else raw).decode()
    return {
        "type": "ndarray",
        "array": {"type": "bytes", "data": data},
        "shape": [len(values)],
        "dtype": "float64",
        "order": "little",
    }


def plotly(*traces: dict[str, Any], layout: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"data": list(traces), "layout": LAYOUT if layout is None else layout}


def source(columns: dict[str, Any], glyph: str = "Scatter") -> dict[str, Any]:
    data = {"type": "map", "entries": [[name, values] for name, values in columns.items()]}
    held = {"type": "object", "name": "ColumnDataSource", "id": "p1", "attributes": {"data": data}}
    drawn = {"type": "object", "name": glyph, "id": "p2", "attributes": {"x": {"field": "age"}, "y": {"field": "cout"}}}
    renderer = {
        "type": "object",
        "name": "GlyphRenderer",
        "id": "p3",
        "attributes": {"data_source": held, "glyph": drawn},
    }
    return {"d": {"version": "3.9", "roots": [renderer]}}


def rows(table: Table) -> list[list[str]]:
    return [list(row.values()) for batch in table.batches() for row in batch.to_pylist()]


def read(value: Any) -> Document:
    document = read_json(value, Place(cell=1, output=2))
    assert document is not None
    assert all(t.place == Place(cell=1, output=2) for t in document.tables)
    return document


def records(count: int = 200) -> list[dict[str, Any]]:
    return [{"age": a, "cout": c, "sexe": "FH"[a % 2]} for a, c in zip(AGES[:count], COSTS, strict=False)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(plotly({"type": "scatter", "mode": "markers", "x": AGES, "y": COSTS}), id="00"),
        pytest.param(
            plotly({"type": "scatter", "mode": "markers", "x": typed(AGES, "i1"), "y": typed(COSTS, "f8")}), id="01"
        ),
        pytest.param({"x": plotly({"type": "scatter", "mode": "markers", "x": AGES, "y": COSTS})}, id="02"),
        pytest.param(
            {
                "mark": "point",
                "encoding": {"x": {"field": "age"}, "y": {"field": "cout"}},
                "data": {"values": records()},
            },
            id="03",
        ),
        pytest.param(
            {
                "layer": [{"mark": {"type": "circle"}, "encoding": {"x": {"field": "age"}, "y": {"field": "cout"}}}],
                "data": {"name": "d"},
                "datasets": {"d": records()},
            },
            id="04",
        ),
        pytest.param(source({"age": AGES, "cout": bokeh(COSTS, packed=True)}), id="05"),
        pytest.param(source({"age": bokeh(AGES, packed=False), "cout": bokeh(COSTS, packed=False)}), id="06"),
    ],
)
def test_points_of_individuals_are_seen_in_every_form(value: Any, judged: Judge) -> None:
    document = read(value)
    (series,) = (s for figure in document.figures for s in figure.series)
    assert (series.mark, series.marks, series.y[:3]) == ("point", 200, tuple(COSTS[:3]))
    assert [row[1] for row in rows(document.tables[0])][:3] == [str(cost) for cost in COSTS[:3]]
    assert "figures.individuals" in {f.rule for f in judged("a.json", json.dumps(value)).findings}


@pytest.mark.parametrize(
    ("value", "mark"),
    [
        pytest.param(plotly({"type": "histogram", "x": AGES}), "raw", id="00"),
        pytest.param(plotly({"type": "box", "y": typed(COSTS, "f8")}), "raw", id="01"),
        pytest.param(plotly({"type": "violin", "y": COSTS}), "raw", id="02"),
        pytest.param(
            {
                "mark": "bar",
                "encoding": {"x": {"field": "age", "bin": True}, "y": {"aggregate": "count"}},
                "data": {"values": records()},
            },
            "raw",
            id="03",
        ),
        pytest.param(plotly({"type": "box", "q1": [1], "median": [2], "q3": [3]}), "box", id="04"),
        pytest.param(plotly({"type": "bar", "x": ["a", "b"], "y": [120, 340]}), "bar", id="05"),
        pytest.param(plotly({"type": "scatter", "x": AGES, "y": COSTS}), "line", id="06"),
        pytest.param(plotly({"x": [1, 2, 3], "y": [1, 2, 3]}), "line", id="07"),
        pytest.param(plotly({"x": [1, 2], "y": [1, 0.5], "line": {"shape": "hv"}}), "step", id="08"),
        pytest.param(plotly({"type": "choropleth", "locations": ["01"], "z": [4.5]}), "area", id="09"),
    ],
)
def test_what_a_trace_draws_is_told(value: Any, mark: str) -> None:
    assert [s.mark for s in read(value).figures[0].series] == [mark]


def test_what_a_figure_keeps_for_each_point_is_a_column_with_its_name() -> None:
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [1, 2],
        "y": [3, 4],
        "customdata": [["S1", 2019], ["S2", 2020]],
        "hovertemplate": "séjour=%{customdata[0]}<br>an=%{customdata[1]}",
    }
    (table,) = read(plotly(trace)).tables
    assert table.titles == ("age", "dépense", "séjour", "an")
    assert rows(table)[1] == ["2", "4", "S2", "2020"]


def test_tables_and_matrices_of_a_figure_are_tables() -> None:
    made = {"type": "table", "header": {"values": ["région", "n"]}, "cells": {"values": [["A", "B"], [120, 4]]}}
    heat = {"type": "heatmap", "x": ["2019", "2020"], "y": ["A", "B"], "z": [[120, 4], [33, 51]]}
    first, second = read(plotly(made, heat, layout={})).tables
    assert (first.titles, rows(first)) == (("région", "n"), [["A", "120"], ["B", "4"]])
    assert (second.titles, rows(second)) == (("", "2019", "2020"), [["A", "120", "4"], ["B", "33", "51"]])


def test_encoded_identifiers_are_in_the_text_of_a_figure(judged: Judge) -> None:
    value = plotly({"type": "scatter", "x": typed([295109912611193, 1], "i8"), "y": [1, 2]})
    assert "identifiers.nir" in {f.rule for f in judged("a.json", json.dumps(value)).findings}


def test_data_fetched_from_elsewhere_are_told(judged: Judge) -> None:
    value = {"mark": "bar", "encoding": {}, "data": {"url": "https://example.org/base.csv"}}
    assert "figures.reference" in {f.key for f in judged("a.json", json.dumps(value)).findings}


@pytest.mark.parametrize("value", [{}, [], 1, None, {"data": []}, {"data": {}, "layout": {}}, {"version": "1"}])
def test_other_documents_are_no_figures(value: Any) -> None:
    assert read_json(value, Place()) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"dtype": "f8", "bdata": "AAA"},
        {"dtype": "f8", "bdata": "AAAA"},
        {"dtype": "O", "bdata": "AAAA"},
        {"type": "ndarray", "dtype": "float64", "array": {"type": "bytes", "data": "H4sIAAAA"}},
    ],
)
def test_an_array_that_cannot_be_decoded_is_refused(broken: Any) -> None:
    with pytest.raises(Unreadable):
        read_json(plotly({"x": broken}), Place())


WEEKS = tuple(f"2023-{1 + i // 4:02d}-{1 + 7 * (i % 4):02d}" for i in range(48))
ROC = tuple(sorted(DRAWN.random() for _ in range(60)))
NOISE = tuple(DRAWN.uniform(0, 100) for _ in range(60))
AREAS = tuple(f"{a}{b}{c}" for a in ("Haut", "Bas", "Val") for b in ("-Rhin", "-Loire", "-Oise") for c in "abcd")


@pytest.mark.parametrize(
    ("series", "titles", "aggregate"),
    [
        pytest.param(Series("point", 48, x=WEEKS, y=NOISE[:48]), (), True, id="00"),
        pytest.param(Series("point", 60, x=tuple(range(60)), y=NOISE), (), True, id="01"),
        pytest.param(Series("point", 60, x=ROC, y=tuple(v**0.5 for v in ROC)), (), True, id="02"),
        pytest.param(Series("point", 36, x=AREAS, y=NOISE[:36]), (), True, id="03"),
        pytest.param(Series("point", 60, x=NOISE, y=NOISE[::-1]), ("Taux par département",), True, id="04"),
        pytest.param(Series("point", 60, x=NOISE, y=NOISE[::-1]), ("Coût selon l'âge",), False, id="05"),
        pytest.param(Series("point", 60, x=("F", "H") * 30, y=NOISE), (), False, id="06"),
        pytest.param(Series("point", 60, x=tuple(f"K7X{i}QZ84M2" for i in range(60)), y=NOISE), (), False, id="07"),
        pytest.param(Series("point", 60), (), False, id="08"),
    ],
)
def test_aggregates_drawn_as_points_are_told_from_individuals(
    series: Series, titles: tuple[str, ...], aggregate: bool
) -> None:
    assert is_aggregate(series, titles) is aggregate


def kaplan_meier(people: int, deaths: int) -> tuple[float, ...]:
    alive, curve = 1.0, [1.0]
    for index in range(deaths):
        alive *= 1 - 1 / (people - index - index // 6)
        curve.append(alive)
    return tuple(curve)


def test_a_survival_curve_gives_away_how_many_were_at_risk() -> None:
    times = tuple(float(i * i % 97 + 10 * i) for i in range(41))
    curve = Series("line", 41, x=times, y=kaplan_meier(60, 40))
    assert at_risk(curve) == 60 - 39 - 39 // 6
    assert at_risk(Series("line", 41, x=times, y=tuple(100 * v for v in curve.y))) == 60 - 39 - 39 // 6
    assert has_single_steps(Series("step", 41, x=tuple(sorted(times)), y=curve.y))


def test_a_rounded_or_monthly_curve_of_a_cohort_passes() -> None:
    monthly = tuple(1 - 0.004 * i - 0.0007 * (i % 5) for i in range(40))
    assert at_risk(Series("line", 40, y=monthly)) is None
    assert not has_single_steps(Series("step", 40, x=tuple(map(float, range(40))), y=monthly))
