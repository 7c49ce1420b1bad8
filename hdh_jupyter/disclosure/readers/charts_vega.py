"""Specifications of Vega and Vega-Lite (Altair writes them): inline data, named data sets, what marks draw them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from ..documents import Series
from .charts_arrays import Chart, positions, text_of

VIEWS = ("layer", "hconcat", "vconcat", "concat")
POINTS = frozenset({"point", "circle", "square", "tick", "symbol"})
RAW = frozenset({"boxplot", "errorbar", "errorband"})
"""Marks that Vega-Lite computes from rows."""
DEPTH = 30


def chart(value: Any) -> Chart | None:
    """Return what a specification holds, or None when a value is none."""
    if not isinstance(value, Mapping):
        return None
    schema = str(value.get("$schema", ""))
    lite = any(name in value for name in ("mark", *VIEWS, "spec")) and ("data" in value or "datasets" in value)
    full = isinstance(value.get("marks"), list) and isinstance(value.get("data"), list)
    if "vega" not in schema and not lite and not full:
        return None
    found = Chart()
    sets = {str(name): _rows(rows) for name, rows in _mapping(value.get("datasets")).items()}
    for rows in sets.values():
        found.records(rows)
    if full:
        _full(value, found)
    else:
        _view(value, [], sets, found, 0)
    return found


def _view(
    view: Mapping[str, Any], rows: list[Mapping[str, Any]], sets: dict[str, Any], found: Chart, depth: int
) -> None:
    if depth > DEPTH:
        return
    data = view.get("data")
    if isinstance(data, Mapping):
        if isinstance(data.get("url"), str):
            found.references.append(data["url"])
        if "values" in data:
            rows = _rows(data["values"])
            found.records(rows)
        elif str(data.get("name")) in sets:
            rows = sets[str(data["name"])]
    found.titles.append(text_of(view.get("title")))
    if "mark" in view:
        _series(view, rows, found)
    for child in _children(view):
        inherited = {**view, **child, "encoding": {**_mapping(view.get("encoding")), **_mapping(child.get("encoding"))}}
        own = {k: v for k, v in inherited.items() if k in child or k == "encoding"}
        _view(own, rows, sets, found, depth + 1)


def _children(view: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in VIEWS:
        yield from (child for child in view.get(name) or () if isinstance(child, Mapping))
    if isinstance(view.get("spec"), Mapping):
        yield view["spec"]


def _series(view: Mapping[str, Any], rows: list[Mapping[str, Any]], found: Chart) -> None:
    mark = view["mark"]
    name = str(mark.get("type") if isinstance(mark, Mapping) else mark)
    channels = {str(k): v for k, v in _mapping(view.get("encoding")).items() if isinstance(v, Mapping)}
    found.titles.extend(text_of(c.get("title")) or text_of(c.get("field")) for c in channels.values())
    transforms = [t for t in view.get("transform") or () if isinstance(t, Mapping)]
    # Rows that are counted or binned are observations; those that are summed may be counts already.
    computed = any(c.get("aggregate") == "count" or c.get("bin") for c in channels.values()) or any(
        {"bin", "density", "regression", "loess", "quantile"} & t.keys() for t in transforms
    )
    x, y = (_column(rows, channels.get(axis)) for axis in ("x", "y"))
    if computed or name in RAW:
        kind = "raw"
    elif name in POINTS:
        kind = "point"
    elif name in ("line", "trail"):
        kind = "step" if isinstance(mark, Mapping) and str(mark.get("interpolate", "")).startswith("step") else "line"
    else:
        kind = {"bar": "bar", "arc": "bar", "area": "area", "geoshape": "area", "rect": "area"}.get(name, "unknown")
    found.series.append(Series(kind, len(rows), "", x, y))


def _full(value: Mapping[str, Any], found: Chart) -> None:
    sets: dict[str, list[Mapping[str, Any]]] = {}
    for data in (d for d in value["data"] if isinstance(d, Mapping)):
        if isinstance(data.get("url"), str):
            found.references.append(data["url"])
        rows = _rows(data.get("values", []))
        source = data.get("source")
        if not rows and isinstance(source, str) and not data.get("transform"):
            rows = sets.get(source, [])
        elif rows:
            found.records(rows)
        sets[str(data.get("name"))] = rows
    for mark in _marks(value["marks"], 0):
        rows = sets.get(str(_mapping(mark.get("from")).get("data")), [])
        kind = "point" if mark.get("type") == "symbol" else {"line": "line", "rect": "bar"}.get(str(mark.get("type")))
        found.series.append(Series(kind or "unknown", len(rows)))


def _marks(marks: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    for mark in marks if isinstance(marks, list) and depth < DEPTH else ():
        if isinstance(mark, Mapping):
            yield mark
            yield from _marks(mark.get("marks"), depth + 1)


def _column(rows: list[Mapping[str, Any]], channel: Mapping[str, Any] | None) -> tuple[float | str, ...]:
    name = channel.get("field") if channel else None
    return positions([row.get(name) for row in rows]) if isinstance(name, str) else ()


def _rows(values: Any) -> list[Mapping[str, Any]]:
    """Return inline data as records: objects, plain values, or delimited text."""
    if isinstance(values, str):
        return list(csv.DictReader(io.StringIO(values)))
    if isinstance(values, Mapping):
        if values.get("type") in ("FeatureCollection", "Topology"):
            return [_mapping(f.get("properties")) for f in values.get("features") or () if isinstance(f, Mapping)]
        return [values]
    return [v if isinstance(v, Mapping) else {"data": v} for v in values] if isinstance(values, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
