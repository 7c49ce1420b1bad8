"""Tables of pandas and columns of Arrow within a followed pickle, rebuilt from their bytes alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..documents import Table, Text, Unreadable
from ..masking import normalised
from ..model import Place
from .models_pickle import Array, Made, Named, array_of, bytes_of, size_of

BATCH = 20_000
FRAMES = ("DataFrame", "Series")
TEXTS = ("U", "S")
MISSING = frozenset({"_unpickle_NA", "_nat_unpickle", "C_NA"})


def is_frame(value: Made) -> bool:
    """Tell whether a record is a table or column of pandas."""
    return value.family.startswith(("pandas.", "geopandas.")) and value.family.rpartition(".")[2] in FRAMES


def frame(value: Made) -> tuple[list[str], list[Any]]:
    """Return titles and columns (Arrow, of strings) of a table of pandas, its index before its columns.

    Raises
    ------
    Unreadable
        Some part of it cannot be told.
    """
    try:
        manager = value.state["_mgr"]
        blocks, axes = _parts(manager)
        index = axes[-1]
        rows, labels = _axis(index)
        titles: list[str] = []
        if len(axes) == 2:
            _, headings = _axis(axes[0])
            width = len(headings[0][1]) if headings else 0
            titles = [" ".join(str(heading[1][i].as_py()) for heading in headings) for i in range(width)]
        else:
            titles = [str(value.state.get("_name") or value.state.get("name") or "")]
        columns: list[Any] = [None] * len(titles)
        for values, placement in blocks:
            for position, column in _block(values, placement, rows, len(titles)):
                columns[position] = column
        if any(column is None or len(column) != rows for column in columns):
            raise Unreadable("model_damaged")
        return [name for name, _ in labels] + titles, [column for _, column in labels] + columns
    except (AttributeError, TypeError, KeyError, IndexError, ValueError, OverflowError) as error:
        raise Unreadable("model_damaged") from error


def table(place: Place, titles: Sequence[str], columns: Sequence[Any], *, titled: bool = True) -> Table:
    """Return the table of columns of strings."""
    names = [f"c{i}" for i in range(len(columns))]

    def batches() -> Iterator[Any]:
        rows = len(columns[0]) if columns else 0
        for start in range(0, rows, BATCH):
            yield pa.RecordBatch.from_arrays([c.slice(start, BATCH) for c in columns], names)

    return Table(place, tuple(titles), batches, 1, titled=titled)


def text_of(found: Table) -> Text:
    """Return the lines of a table as a text, in which identifiers are looked for."""

    def chunks() -> Iterator[str]:
        yield normalised("\t".join(found.titles)) + "\n"
        for batch in found.batches():
            rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            yield normalised("".join("\t".join(row) + "\n" for row in rows))

    return Text(found.place, chunks)


def strings(values: np.ndarray[Any, Any]) -> Any:
    """Return the items of an array in one dimension as an Arrow array of strings without missing values.

    numpy keeps text as characters of four bytes without separators, which no search of the file's bytes would find.
    """
    if values.dtype.kind == "S":
        return pa.array([item.decode("utf-8", "replace") for item in values.tolist()], pa.string())
    if values.dtype.kind == "U":
        return pa.array([item.replace("\0", "") for item in values.tolist()], pa.string())
    if values.dtype.kind in "mc" or values.dtype.names is not None:
        return pa.array([str(item) for item in values.tolist()], pa.string())
    plain = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("="), copy=False))
    if plain.dtype.kind == "f" and plain.dtype.itemsize in (2, 16):
        plain = plain.astype(np.float64)
    return pa.array(plain).cast(pa.string()).fill_null("")


def objects(items: Sequence[Any]) -> Any:
    """Return the items of an array of objects as an Arrow array of strings."""
    return pa.array([_word(item) for item in items], pa.string())


def arrow(value: Any) -> Any | None:
    """Return the Arrow array that a record stands for, as strings, else None.

    Raises
    ------
    Unreadable
        Its bytes do not make the array that it claims to be.
    """
    if not isinstance(value, Made):
        return None
    if value.family == "pyarrow.lib.chunked_array":
        chunks = [arrow(chunk) for chunk in value.arguments[0]]
        if any(chunk is None for chunk in chunks):
            raise Unreadable("model_damaged")
        return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())
    if value.family != "pyarrow.lib._restore_array":
        return None
    kind, length, nulls, offset, buffers, children, dictionary = value.arguments[0]
    if children or dictionary is not None or not isinstance(kind, Made) or not kind.family.endswith("type_for_alias"):
        raise Unreadable("model_damaged")
    try:
        wanted = pa.type_for_alias(kind.arguments[0])
        given = [None if b is None else pa.py_buffer(bytes_of(b.arguments[0])) for b in buffers]
        made = pa.Array.from_buffers(wanted, length, given, nulls, offset)
        # Offsets that lead out of the buffer would be read as they stand.
        made.validate(full=True)
        return made.cast(pa.large_string()).cast(pa.string()).fill_null("")
    except (pa.ArrowException, AttributeError, TypeError, ValueError, IndexError) as error:
        raise Unreadable("model_damaged") from error


def _axis(index: Made) -> tuple[int, list[tuple[str, Any]]]:
    """Return the length of an index, and its levels that say something, by name."""
    family, described = index.arguments[0], index.arguments[1]
    kind = family.name.rpartition(".")[2] if isinstance(family, Named) else ""
    name = str(described.get("name") or "")
    if kind == "RangeIndex":
        count = len(range(described["start"], described["stop"], described["step"]))
        if count > 50_000_000:
            raise Unreadable("model_damaged")
        return count, [] if count > BATCH or not name else [(name, pa.array(map(str, range(count)), pa.string()))]
    if kind == "MultiIndex":
        levels = []
        for level, codes, title in zip(described["levels"], described["codes"], described["names"] or [], strict=False):
            _, values = _axis(level) if isinstance(level, Made) and level.family.endswith("_new_Index") else (0, [])
            words = values[0][1] if values else _column(level)
            levels.append((str(title or ""), _taken(words, codes)))
        return len(levels[0][1]), levels
    column = _column(described["data"])
    return len(column), [(name, column)]


def _parts(manager: Made) -> tuple[list[tuple[Any, Any]], Any]:
    """Return the blocks of a table, as values and where they go, and its axes."""
    if manager.arguments:
        blocks, axes = manager.arguments[0], manager.arguments[1]
        return [(block.arguments[0], block.arguments[1]) for block in blocks], axes
    # A column alone keeps the form of older versions.
    described = manager.state[3]["0.14.1"]
    return [(block["values"], block["mgr_locs"]) for block in described["blocks"]], described["axes"]


def _block(values: Any, placement: Any, rows: int, width: int) -> Iterator[tuple[int, Any]]:
    positions = _positions(placement) if width > 1 else [0]
    found = array_of(values)
    if found is None:
        if len(positions) != 1:
            raise Unreadable("model_damaged")
        yield positions[0], _column(values)
    elif len(found.shape) == 1:
        yield positions[0], _column(found)
    elif found.objects is not None:
        if len(found.objects) != size_of(found.shape):
            raise Unreadable("model_damaged")
        width = found.shape[0]
        for i, position in enumerate(positions):
            # Column order: the items of one column stand `width` apart.
            part = found.objects[i::width] if found.fortran else found.objects[i * rows : (i + 1) * rows]
            yield position, objects(part)
    else:
        matrix = found.numbers()
        for i, position in enumerate(positions):
            yield position, strings(matrix[i])


def _positions(placement: Any) -> list[int]:
    if isinstance(placement, Made) and placement.family.endswith(".slice"):
        start, stop, step = placement.arguments
        return list(range(start, stop, step or 1))
    found = array_of(placement)
    if found is None:
        raise Unreadable("model_damaged")
    return [int(i) for i in found.numbers().tolist()]


def _column(value: Any) -> Any:
    """Return one column of any type as strings."""
    found = array_of(value)
    if found is not None:
        if found.objects is not None:
            return objects(found.objects)
        return strings(found.numbers().reshape(-1))
    if (column := arrow(value)) is not None:
        return column
    if not isinstance(value, Made):
        raise Unreadable("model_damaged")
    kind = value.family.rpartition(".")[2]
    state = _attributes(value)
    if kind == "_new_Index":
        return _axis(value)[1][0][1] if _axis(value)[1] else pa.array(map(str, range(_axis(value)[0])), pa.string())
    if "_dtype" in state and isinstance(state["_dtype"], Made) and "Categor" in state["_dtype"].family:
        categories = _attributes(state["_dtype"]).get("categories")
        if categories is None:
            categories = state["_dtype"].arguments[0]
        return _taken(_column(categories), state.get("_ndarray", state.get("_codes")))
    inner = next((state[n] for n in ("_pa_array", "_data", "_ndarray") if n in state), None)
    if inner is None or inner is value:
        raise Unreadable("model_damaged")
    column, missing = _column(inner), array_of(state.get("_mask"))
    if missing is not None and len(column) == missing.shape[0]:
        column = pc.if_else(pa.array(missing.numbers().reshape(-1).astype(bool)), "", column)
    return column


def _attributes(value: Made) -> dict[str, Any]:
    """Return the attributes of a record; compiled classes keep them in a tuple of type, array and dictionary."""
    state = value.state
    if isinstance(state, tuple):
        found: dict[str, Any] = {}
        for part in state:
            if isinstance(part, dict):
                found.update(part)
            elif isinstance(part, Made) and array_of(part) is not None:
                found["_ndarray"] = part
            elif isinstance(part, Made) and "Dtype" in part.family:
                found["_dtype"] = part
        return found
    return state if isinstance(state, dict) else {}


def _taken(words: Any, codes: Any) -> Any:
    found = array_of(codes)
    if found is None:
        raise Unreadable("model_damaged")
    numbers = found.numbers().reshape(-1)
    if len(numbers) and (int(numbers.max()) >= len(words) or int(numbers.min()) < -1):
        raise Unreadable("model_damaged")
    known = pa.array(numbers, pa.int64(), mask=numbers < 0)
    return words.take(known).fill_null("")


def _word(item: Any) -> str:
    if item is None:
        return ""
    if isinstance(item, (str, int, float)):
        return str(item).replace("\t", " ").replace("\n", " ")
    if isinstance(item, Made):
        if item.family.rpartition(".")[2] in MISSING:
            return ""
        scalar = array_of(item)
        if isinstance(scalar, Array) and scalar.shape == () and scalar.objects is None:
            return str(strings(scalar.numbers().reshape(-1))[0].as_py())
        if isinstance(item.arguments, tuple) and item.arguments and isinstance(item.arguments[0], (str, bytes)):
            return _date(item) or str(item.arguments[0])
    return "…"


def _date(item: Made) -> str:
    """Return the day of a date or time of Python, which its first four bytes hold."""
    raw = item.arguments[0]
    raw = raw.encode("latin-1", "replace") if isinstance(raw, str) else raw
    if item.family not in ("datetime.date", "datetime.datetime") or len(raw) < 4:
        return ""
    return f"{raw[0] * 256 + raw[1]:04d}-{raw[2]:02d}-{raw[3]:02d}"
