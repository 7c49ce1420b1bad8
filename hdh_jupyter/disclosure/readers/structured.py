"""JSON: records, columns and crossed values as tables, wherever in the document they stand; NDJSON as a stream.

Nested objects become columns (`name.family`), lists of plain values one cell. Documents of figures are read by
:mod:`.charts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..documents import Document, Table, Text, Unreadable
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import charts, grid, json_stat, merged
from .encoding import decoded, encoding_of, lines_of

MAX_DEPTH = 100
MAX_CELL = 4096
BATCH = 20_000
LINE_LIMIT = 16 << 20
SCALARS = (str, int, float, bool, type(None))


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a document, or one per line.

    Raises
    ------
    Unreadable
        It is no JSON, is nested too deep, or has too many columns.
    """
    encoding = encoding_of(path)
    text = Text(Place(), lambda: _unescaped(lines_of(path, encoding)))
    if is_lines(path, encoding):
        return Document(kind, (text,), tuple(_streamed(path, encoding, policy)))
    value = parsed("".join(decoded(path, encoding)))
    chart = charts.read_json(value, Place())
    found = tables(value, Place()) if chart is None else chart.tables
    for table in found:
        if len(table.titles) > policy.limits.columns:
            raise Unreadable("too_many_columns", columns=len(table.titles), limit=policy.limits.columns)
    if chart is not None:
        return merged(kind, [Document(kind, (text,)), chart])
    return Document(kind, (text,), tuple(found))


def parsed(text: str) -> Any:
    """Return the value that a text of JSON holds.

    Raises
    ------
    Unreadable
        It is no JSON, gives a name twice in one object, or is nested too deep.
    """
    try:
        value = json.loads(text.lstrip("\ufeff"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unreadable("unreadable", reason="json") from error
    _bounded(value)
    return value


def records(path: Path, encoding: str) -> Iterator[Any]:
    """Return the values of a file of one JSON value per line."""
    rest = ""
    for chunk in _with_end(path, encoding):
        lines = (rest + chunk).split("\n")
        rest = lines.pop()
        if len(rest) > LINE_LIMIT:
            raise Unreadable("unreadable", reason="json")
        for line in lines:
            if line.strip(" \t\r\ufeff"):
                yield parsed(line)


def tables(value: Any, place: Place) -> list[Table]:
    """Return the tables of a JSON value."""
    found: list[Table] = []
    _collect(value, place, "", found)
    return found


def flattened(record: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the cells of a record by title."""
    cells: dict[str, str] = {}
    for name, child in record.items():
        title = f"{prefix}{name}"
        if isinstance(child, Mapping):
            cells |= flattened(child, f"{title}.")
        elif isinstance(child, list) and any(isinstance(one, Mapping) for one in child):
            for number, one in enumerate(child[:20]):
                if isinstance(one, Mapping):
                    cells |= flattened(one, f"{title}[{number}].")
        else:
            cells[title] = cell(child)
    return cells


def cell(value: Any) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (list, Mapping)):
        return json.dumps(value, ensure_ascii=False)[:MAX_CELL]
    return str(value)


def _collect(value: Any, place: Place, name: str, found: list[Table]) -> None:
    made: Table | None = None
    if isinstance(value, list):
        if value and all(isinstance(one, Mapping) for one in value):
            made = _of_records([flattened(one) for one in value], place)
            # What is deeper than a cell can tell is looked at by itself as well.
            for one in value[:1000]:
                for child in one.values():
                    if isinstance(child, list) and len(child) > 1:
                        _collect(child, place, name, found)
        elif value and all(isinstance(one, list) and len(one) > 1 for one in value) and _plain_rows(value):
            made = grid.table(place, [[cell(one) for one in row] for row in value])
        else:
            for one in value:
                if isinstance(one, (list, Mapping)):
                    _collect(one, place, name, found)
    elif isinstance(value, Mapping):
        made = _of_mapping(value, place, name)
        if made is None or not _is_whole(value):
            for key, child in value.items():
                if isinstance(child, (list, Mapping)):
                    _collect(child, place, str(key), found)
    if made is not None:
        found.append(made)


def _of_mapping(value: Mapping[str, Any], place: Place, name: str) -> Table | None:
    cube = json_stat.table(value, place)
    if cube is not None:
        return cube
    columns, data, index = value.get("columns"), value.get("data"), value.get("index")
    if isinstance(columns, list) and isinstance(data, list) and data and all(isinstance(row, list) for row in data):
        titles = [cell(column) for column in columns]
        if isinstance(index, list) and len(index) == len(data):
            return grid.table(
                place,
                [[cell(i), *map(cell, row)] for i, row in zip(index, data, strict=True)],
                titles=["", *titles],
                labels=1,
            )
        return grid.table(place, [[cell(one) for one in row] for row in data], titles=titles)
    children = list(value.values())
    lists = [child for child in children if isinstance(child, list)]
    if len(lists) > 1 and len(lists) == len(children) and len({len(child) for child in lists}) == 1 and lists[0]:
        if all(isinstance(one, SCALARS) for child in lists for one in child):
            rows = [[cell(one) for one in row] for row in zip(*lists, strict=True)]
            return grid.table(place, rows, titles=list(map(str, value)))
    elif children and all(isinstance(child, Mapping) and child for child in children):
        return _crossed(value, place)
    elif len(children) > 1 and all(isinstance(child, SCALARS) for child in children):
        if all(isinstance(child, int) and not isinstance(child, bool) for child in children):
            return grid.table(place, [[k, cell(v)] for k, v in value.items()], titles=["", name or ""], labels=1)
        return _of_records([flattened(value)], place)
    return None


def _crossed(value: Mapping[str, Any], place: Place) -> Table | None:
    """Return the table of objects with the same names: columns of rows, or rows of columns."""
    inner = [list(child) for child in value.values()]
    if any(names != inner[0] for names in inner) or not all(
        isinstance(one, SCALARS) for child in value.values() for one in child.values()
    ):
        return None
    by_number = all(name.isdigit() for name in inner[0])
    if by_number:
        rows = [[cell(child[name]) for child in value.values()] for name in inner[0]]
        return grid.table(place, rows, titles=list(map(str, value)))
    rows = [[str(name), *map(cell, child.values())] for name, child in value.items()]
    return grid.table(place, rows, titles=["", *inner[0]], labels=1)


def _is_whole(value: Mapping[str, Any]) -> bool:
    """Tell whether nothing of an object is left out of the table that it made."""
    return not any(isinstance(one, (list, Mapping)) for child in value.values() for one in _children(child))


def _children(value: Any) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def _of_records(rows: Sequence[Mapping[str, str]], place: Place) -> Table | None:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    return grid.table(place, [[row.get(title, "") for title in titles] for row in rows], titles=titles)


def _plain_rows(rows: Sequence[list[Any]]) -> bool:
    return len(rows) > 1 and all(isinstance(one, SCALARS) for row in rows for one in row)


def is_lines(path: Path, encoding: str) -> bool:
    """Tell whether the first line is a value by itself and more follow."""
    head = next(decoded(path, encoding), "").lstrip("\ufeff \r\n\t")
    first, _, rest = head.partition("\n")
    if not first.startswith(("{", "[")) or not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _streamed(path: Path, encoding: str, policy: Policy) -> Iterator[Table]:
    titles: dict[str, None] = {}
    for value in records(path, encoding):
        titles.update(dict.fromkeys(_row(value)))
        if len(titles) > policy.limits.columns:
            raise Unreadable("too_many_columns", columns=len(titles), limit=policy.limits.columns)
    if titles:
        yield Table(Place(), tuple(titles), partial(_batches, path, encoding, list(titles)), first_row=1)


def _row(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return flattened(value)
    return {str(n + 1): cell(one) for n, one in enumerate(value if isinstance(value, list) else [value])}


def _batches(path: Path, encoding: str, titles: Sequence[str]) -> Iterator[Any]:
    rows: list[dict[str, str]] = []
    for value in records(path, encoding):
        rows.append(_row(value))
        if len(rows) == BATCH:
            yield _batch(rows, titles)
            rows = []
    if rows:
        yield _batch(rows, titles)


def _batch(rows: Sequence[Mapping[str, str]], titles: Sequence[str]) -> Any:
    arrays = [pa.array([row.get(title, "") for row in rows], pa.string()) for title in titles]
    return pa.RecordBatch.from_arrays(arrays, [f"c{i}" for i in range(len(titles))])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


def _bounded(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for one in level for child in _children(one) if isinstance(child, (list, Mapping))]
        if not level:
            return
    raise Unreadable("nested_deep", limit=MAX_DEPTH)


def _with_end(path: Path, encoding: str) -> Iterator[str]:
    yield from decoded(path, encoding)
    yield "\n"


def _unescaped(chunks: Iterator[str]) -> Iterator[str]:
    r"""Write characters that are escaped (`\u0031`) as themselves, so that nothing hides behind them."""
    for chunk in chunks:
        yield normalised(_plain(chunk)) if "\\u" in chunk else chunk


def _plain(text: str) -> str:
    pieces = text.split("\\u")
    plain = [pieces[0]]
    for piece in pieces[1:]:
        digits = piece[:4]
        if len(digits) == 4 and all(c in "0123456789abcdefABCDEF" for c in digits):
            code = int(digits, 16)
            plain.append((" " if 0xD800 <= code < 0xE000 else chr(code)) + piece[4:])
        else:
            plain.append("\\u" + piece)
    return "".join(plain)
