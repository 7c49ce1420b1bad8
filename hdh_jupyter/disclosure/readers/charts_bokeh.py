"""Documents of Bokeh: column data sources, with arrays as lists or as base64 (compressed or not) of typed arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..documents import Series
from .charts_arrays import Chart, Data, array, positions

POINTS = frozenset(
    [
        "Circle",
        "Scatter",
        "Asterisk",
        "CircleCross",
        "CircleX",
        "Cross",
        "Dash",
        "Diamond",
        "Dot",
        "Hex",
        "InvertedTriangle",
        "Square",
        "Star",
        "Triangle",
        "X",
        "Y",
        "Plus",
        "Marker",
    ]
)
KINDS = {"Line": "line", "Step": "step", "VBar": "bar", "HBar": "bar", "Quad": "bar", "Patches": "area", "Wedge": "bar"}
DEPTH = 60


def chart(value: Any) -> Chart | None:
    """Return what documents hold, or None when a value is none of Bokeh."""
    if not isinstance(value, Mapping):
        return None
    documents = [v for v in (value, value.get("doc"), *value.values()) if isinstance(v, Mapping) and _is_document(v)]
    if not documents:
        return None
    found = Chart()
    objects = [item for document in documents for item in _objects(document, 0)]
    sources: dict[str, Data] = {}
    for item in objects:
        if _name(item) == "ColumnDataSource":
            data = _source(item)
            sources[str(item.get("id"))] = data
            if data.columns:
                found.data.append(data)
        if isinstance(_attributes(item).get("text"), str):
            found.titles.append(_attributes(item)["text"])
        if isinstance(_attributes(item).get("axis_label"), str):
            found.titles.append(_attributes(item)["axis_label"])
    glyphs = {str(item.get("id")): item for item in objects}
    for item in objects:
        if _name(item) == "GlyphRenderer":
            found.series.append(_series(_attributes(item), sources, glyphs))
    return found


def _is_document(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("roots"), (list, Mapping)) and "version" in value


def _series(renderer: Mapping[str, Any], sources: Mapping[str, Data], objects: Mapping[str, Any]) -> Series:
    source = renderer.get("data_source")
    data = sources.get(str(source.get("id")) if isinstance(source, Mapping) else "", Data())
    glyph = renderer.get("glyph")
    known = objects.get(str(glyph.get("id")), glyph) if isinstance(glyph, Mapping) else {}
    kind = _name(known)
    attributes = _attributes(known)
    columns = [_column(attributes.get(axis), data) for axis in ("x", "y")]
    marks = max((len(column) for column in data.columns.values()), default=0)
    return Series("point" if kind in POINTS else KINDS.get(kind, "unknown"), marks, "", *map(positions, columns))


def _column(reference: Any, data: Data) -> list[Any]:
    field = reference.get("field") if isinstance(reference, Mapping) else reference
    return list(data.columns.get(field, [])) if isinstance(field, str) else []


def _source(item: Mapping[str, Any]) -> Data:
    given = _attributes(item).get("data")
    if isinstance(given, Mapping) and given.get("type") == "map":
        pairs = [pair for pair in given.get("entries") or () if isinstance(pair, list) and len(pair) == 2]
    else:
        pairs = [[name, values] for name, values in given.items()] if isinstance(given, Mapping) else []
    data = Data()
    for name, values in pairs:
        if (decoded := array(values)) is not None:
            data.add(str(name), decoded)
    return data


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """Return every object of a document, those without attributes (references) left out."""
    if depth > DEPTH:
        return
    if isinstance(value, Mapping):
        if isinstance(value.get("attributes"), Mapping):
            yield value
        if array(value) is None:
            for child in value.values():
                yield from _objects(child, depth + 1)
    elif isinstance(value, list) and not (value and isinstance(value[0], (int, float, str))):
        for child in value:
            yield from _objects(child, depth + 1)


def _name(item: Any) -> str:
    """Return the class of an object, as version 3 or earlier versions write it."""
    if not isinstance(item, Mapping):
        return ""
    kind = str(item.get("type", ""))
    return str(item.get("name", "")) if kind == "object" else kind


def _attributes(item: Any) -> Mapping[str, Any]:
    attributes = item.get("attributes") if isinstance(item, Mapping) else None
    return attributes if isinstance(attributes, Mapping) else {}
