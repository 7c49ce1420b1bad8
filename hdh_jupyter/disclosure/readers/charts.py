"""Documents of interactive figures, recognised by their content: what they embed becomes tables and series.

Plotly, Vega, Vega-Lite (Altair), Bokeh and GeoJSON. Such a figure often holds every row that it was drawn from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..documents import Document, Figure, Hidden, Series, Table, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from . import charts_bokeh, charts_plotly, charts_vega
from .charts_arrays import Chart, array

DEPTH = 60
"""Levels of a JSON document that are followed."""


def read_json(value: Any, place: Place) -> Document | None:
    """Return what the document of a figure embeds, or None when a JSON value is no figure's.

    Parameters
    ----------
    value
        What `json.loads` made.
    place
        Where it was found.
    """
    chart = _chart(value)
    if chart is None:
        return None
    tables: list[Table] = [made for data in chart.data if (made := data.table(place)) is not None]
    hidden = [Hidden(place, "figures.reference", len(url), suspicious=True) for url in chart.references]
    figure = Figure(place, tuple(chart.series), titles=tuple(filter(None, chart.titles)))
    text = normalised("\n".join(strings(value)))
    return Document("chart", (Text(place, whole(text)),), tuple(tables), tuple(hidden), (figure,))


def strings(value: Any, depth: int = 0) -> Iterator[str]:
    """Return every name, text and number of a JSON value, encoded arrays decoded."""
    if depth > DEPTH:
        raise Unreadable("unreadable", reason="json")
    if isinstance(value, Mapping):
        decoded = array(value)
        if decoded is not None:
            yield from map(str, decoded)
            return
        for name, child in value.items():
            yield str(name)
            yield from strings(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child, depth + 1)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _chart(value: Any) -> Chart | None:
    for reader in (charts_plotly.chart, charts_vega.chart, charts_bokeh.chart, _map):
        found = reader(value)
        if found is not None:
            return found
    return None


def _map(value: Any) -> Chart | None:
    """Return a GeoJSON document: the properties of its features, with the coordinates of those that are points."""
    features = (
        value.get("features") if isinstance(value, Mapping) and value.get("type") == "FeatureCollection" else None
    )
    if not isinstance(features, list):
        return None
    chart = Chart()
    records: list[Mapping[str, Any]] = []
    points = 0
    for feature in (f for f in features if isinstance(f, Mapping)):
        geometry, known = feature.get("geometry"), feature.get("properties")
        record = dict(known) if isinstance(known, Mapping) else {}
        if isinstance(geometry, Mapping) and geometry.get("type") == "Point":
            where = geometry.get("coordinates")
            if isinstance(where, list) and len(where) >= 2:
                points += 1
                record |= {"longitude": where[0], "latitude": where[1]}
        records.append(record)
    chart.records(records)
    if points:
        chart.series.append(Series("point", points, name="map"))
    return chart
