"""Figures of plotly: traces, with arrays as lists or as base64 of typed arrays (`bdata`, from plotly 6 on)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2

from ..documents import Series
from .charts_arrays import Chart, Data, array, positions, text_of

RAW = frozenset({"histogram", "histogram2d", "histogram2dcontour", "violin", "splom", "densitymapbox", "densitymap"})
"""Traces that hold each observation, which the browser counts."""
POINTS = frozenset({"scatter", "scattergl", "scatter3d", "scatterpolar", "scatterpolargl", "scatterternary"})
POSITIONS = frozenset({"scattergeo", "scattermapbox", "scattermap"})
AREAS = frozenset({"choropleth", "choroplethmapbox", "choroplethmap"})
TRACES = RAW | POINTS | POSITIONS | AREAS | {"bar", "pie", "sankey", "heatmap", "box", "treemap", "sunburst", "funnel"}
COLUMNS = (
    "x",
    "y",
    "z",
    "lat",
    "lon",
    "locations",
    "values",
    "labels",
    "parents",
    "theta",
    "r",
    "a",
    "b",
    "c",
    "text",
    "hovertext",
    "ids",
    "open",
    "high",
    "low",
    "close",
    "q1",
    "median",
    "q3",
    "mean",
    "sd",
    "lowerfence",
    "upperfence",
    "base",
    "width",
)
CUSTOM = re2.compile(r"([^<>=]{1,80})=%\{customdata\[(\d{1,3})\]")
"""How a label names a column of `customdata`: `séjour=%{customdata[0]}`."""
FEW_POINTS = 20
"""Below this number of points plotly draws markers with its lines, unless told otherwise."""


def chart(value: Any) -> Chart | None:
    """Return what a figure holds, or None when a value is no figure of plotly."""
    if not isinstance(value, Mapping):
        return None
    if "data" not in value and isinstance(value.get("x"), Mapping) and isinstance(value["x"].get("data"), list):
        # htmlwidgets of R keep the figure one level deeper.
        value = value["x"]
    data, layout = value.get("data"), value.get("layout")
    if not isinstance(data, list) or not all(isinstance(trace, Mapping) for trace in data):
        return None
    if layout is None and data and all(trace.get("type") in TRACES for trace in data):
        # A figure without a title or axes, as `Plotly.newPlot` takes it.
        layout = {}
    if not isinstance(layout, Mapping):
        return None
    found = Chart()
    found.titles = [text_of(layout.get("title")), *(_axis(layout, name) for name in layout if _is_axis(name))]
    for trace in _traces(value):
        _trace(trace, layout, found)
    return found


def _traces(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the traces of a figure and of every frame of its animation."""
    frames = [frame for frame in value.get("frames") or () if isinstance(frame, Mapping)]
    for part in (value, *frames):
        yield from (trace for trace in part.get("data") or () if isinstance(trace, Mapping))


def _trace(trace: Mapping[str, Any], layout: Mapping[str, Any], found: Chart) -> None:
    kind = str(trace.get("type") or "scatter")
    name = text_of(trace.get("name"))
    columns = {column: values for column in COLUMNS if (values := array(trace.get(column))) is not None}
    if kind == "table":
        _table(trace, found)
    elif kind in ("sankey", "parcoords", "parcats", "splom"):
        _parts(trace, found)
    elif kind in ("heatmap", "heatmapgl", "contour", "surface") and isinstance(columns.get("z"), list):
        _matrix(columns, _axis(layout, _named(trace, "x")), found)
    elif columns:
        found.data.append(_data(trace, layout, name, columns))
    found.series.append(_series(kind, name, trace, columns))


def _data(trace: Mapping[str, Any], layout: Mapping[str, Any], name: str, columns: Mapping[str, list[Any]]) -> Data:
    data = Data()
    measure = "x" if trace.get("orientation") == "h" else "y"
    for column, values in columns.items():
        axis = _axis(layout, _named(trace, column)) if column in ("x", "y") else ""
        title = " ".join(filter(None, (axis, name if column == measure else ""))) or ("" if column in "xy" else column)
        data.add(title, [v for child in values for v in (child if isinstance(child, list) else [child])])
    _custom(trace, data)
    for bar in ("error_x", "error_y"):
        if isinstance(trace.get(bar), Mapping):
            for side in ("array", "arrayminus"):
                if (spread := array(trace[bar].get(side))) is not None:
                    data.add(f"{bar} sd", spread)
    for holder in ("marker", "line"):
        if isinstance(trace.get(holder), Mapping):
            for channel in ("color", "size"):
                shown = array(trace[holder].get(channel)) or []
                if shown and not all(isinstance(v, str) and v.startswith(("#", "rgb")) for v in shown):
                    data.add(channel, shown)
    return data


def _custom(trace: Mapping[str, Any], data: Data) -> None:
    """Add what a figure keeps for each point beside its place; an array of two dimensions is one column each."""
    values = array(trace.get("customdata"))
    if values is None:
        return
    template = trace.get("hovertemplate")
    names = {int(i): title for title, i in CUSTOM.findall(template)} if isinstance(template, str) else {}
    rows = [row if isinstance(row, list) else [row] for row in values]
    for index in range(max(map(len, rows), default=0)):
        title = names.get(index, f"customdata {index + 1}")
        data.add(title, [row[index] if index < len(row) else None for row in rows])


def _table(trace: Mapping[str, Any], found: Chart) -> None:
    titles = [text_of(title) for title in array(_part(trace, "header").get("values")) or []]
    data = Data()
    for index, values in enumerate(array(_part(trace, "cells").get("values")) or []):
        data.add(titles[index] if index < len(titles) else "", array(values) or [])
    found.data.append(data)


def _parts(trace: Mapping[str, Any], found: Chart) -> None:
    """Take the columns of traces that hold them in parts: nodes and links, dimensions."""
    for name in ("node", "link"):
        part = _part(trace, name)
        data = Data()
        for column in ("label", "source", "target", "value"):
            if (values := array(part.get(column))) is not None:
                data.add(column, values)
        if data.columns:
            found.data.append(data)
    data = Data()
    for dimension in (d for d in trace.get("dimensions") or () if isinstance(d, Mapping)):
        data.add(text_of(dimension.get("label")), array(dimension.get("values")) or [])
    if data.columns:
        found.data.append(data)


def _matrix(columns: Mapping[str, list[Any]], title: str, found: Chart) -> None:
    rows = columns["z"] if all(isinstance(row, (list, Mapping)) for row in columns["z"]) else [columns["z"]]
    decoded = [array(row) or [] for row in rows]
    width = max((len(row) for row in decoded), default=0)
    across, down = columns.get("x", []), columns.get("y", [])
    data = Data()
    data.add("", [down[i] if i < len(down) else i for i in range(len(decoded))])
    for index in range(width):
        label = str(across[index]) if index < len(across) else str(index)
        data.add(" ".join(filter(None, (title, label))), [r[index] if index < len(r) else None for r in decoded])
    found.data.append(data)


def _series(kind: str, name: str, trace: Mapping[str, Any], columns: Mapping[str, list[Any]]) -> Series:
    x, y = columns.get("x", columns.get("lon")), columns.get("y", columns.get("lat"))
    marks = max((len(values) for values in columns.values()), default=0)
    return Series(_mark(kind, trace, columns, marks), marks, name, positions(x), positions(y))


def _mark(kind: str, trace: Mapping[str, Any], columns: Mapping[str, list[Any]], marks: int) -> str:
    if kind in RAW:
        return "raw"
    if kind == "box":
        return "raw" if ("y" in columns or "x" in columns) and "median" not in columns else "box"
    if kind in POINTS or kind in POSITIONS:
        default = "lines+markers" if marks < FEW_POINTS and kind in POINTS else "lines"
        mode = str(trace.get("mode") or ("markers" if kind in POSITIONS else default))
        if "lines" in mode:
            return "step" if str(_part(trace, "line").get("shape", "")).startswith(("hv", "vh")) else "line"
        return "point" if "markers" in mode else "text"
    if kind in AREAS or kind in ("heatmap", "contour", "surface"):
        return "area"
    return "bar" if kind in ("bar", "waterfall", "funnel", "pie") else "unknown"


def _part(trace: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = trace.get(name)
    return part if isinstance(part, Mapping) else {}


def _named(trace: Mapping[str, Any], letter: str) -> str:
    """Return the name in the layout of the axis that a trace is drawn along: `x2` is `xaxis2`."""
    return f"{letter}axis{str(trace.get(f'{letter}axis') or letter)[1:]}"


def _axis(layout: Mapping[str, Any], name: str) -> str:
    axis = layout.get(name)
    return text_of(axis.get("title")) if isinstance(axis, Mapping) else ""


def _is_axis(name: str) -> bool:
    return name.startswith(("xaxis", "yaxis"))
