"""Stata (.dta), SAS (.sas7bdat, .xpt) and SPSS (.sav, .por) files: columns in batches; labels and notes as texts.

Read by ReadStat. Values are told as they are stored, with the label of a value beside it where there is one. What
ReadStat does not tell (characteristics of Stata) is looked for in the bytes of the file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyreadstat

from ..documents import Document, Hidden, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import Policy
from . import arrow_cells

ROWS = 1 << 16
LONG = 1000
PER_COLUMN = 200
MAX_CELLS = 200_000_000
CHARACTERISTICS = (b"<characteristics>", b"</characteristics>")
STATA_VERSIONS = frozenset(bytes([version]) for version in (104, 105, 108, 110, 111, 113, 114, 115))
"""Of files before version 13 of Stata, whose first byte says so."""
SCRAP = 1 << 20
NUMBERS = frozenset({int, float, np.float64, np.float32, np.int64, np.int32, np.int16, np.int8, type(None)})

Parse = Callable[..., tuple[Mapping[str, Any], Any]]


@dataclass(frozen=True)
class Opened:
    """A file that could be read.

    Attributes
    ----------
    names
        Of the columns.
    about
        What the library tells beside the values.
    columns
        Starts the stream of the columns of these positions, batch by batch.
    """

    names: tuple[str, ...]
    schema: Any
    about: Any
    batches: arrow_cells.Batches


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a file of a statistical package.

    Raises
    ------
    Unreadable
        It is none, is damaged, or larger than can be looked at.
    """
    source = opened(path, kind)
    if len(source.names) > policy.limits.columns:
        raise Unreadable("too_many_columns", columns=len(source.names), limit=policy.limits.columns)
    if not source.names:
        raise Unreadable("empty")
    place = Place(part="metadata")
    told = "\n".join(_labels(source.about))
    texts = [Text(place, whole(normalised(told))), Text(Place(), whole(normalised("\n".join(source.names))))]
    hidden = [Hidden(place, "labels", len(told), len(told) > 5 * LONG + PER_COLUMN * len(source.names))]
    notes = "\n".join(map(str, source.about.notes or ()))
    extra = _characteristics(path) if kind == "stata" else ""
    for text in (notes, extra):
        texts.append(Text(place, whole(normalised(text))))
        if len(text) > LONG:
            hidden.append(Hidden(place, "labels", len(text), suspicious=True))
    texts.extend(arrow_cells.texts(Place(), source.schema, source.batches))
    table = arrow_cells.table(Place(), source.schema, source.batches)
    return Document(kind, tuple(texts), (table,), tuple(h for h in hidden if h.size))


def opened(path: Path, kind: str) -> Opened:
    """Return what a file holds.

    Raises
    ------
    Unreadable
        It is not of this kind, is damaged, or has too many cells.
    """
    parse = _parser(path, kind)
    with _readable():
        _, about = parse(str(path), metadataonly=True, output_format="dict")
        first, _ = parse(str(path), row_limit=1000, output_format="dict")
    names = tuple(map(str, about.column_names))
    rows = about.number_rows
    if rows is not None and rows * max(len(names), 1) > MAX_CELLS:
        raise Unreadable("too_many_cells", limit=MAX_CELLS)
    if len(set(names)) < len(names) or set(first) != set(names):
        raise Unreadable("columns_twice")
    schema = pa.schema([pa.field(name, _array(first[name]).type) for name in names])
    return Opened(names, schema, about, _batches(path, parse, names))


def _parser(path: Path, kind: str) -> Parse:
    with path.open("rb") as stream:
        head = stream.read(600)
    if kind == "stata" and (
        head.startswith(b"<stata_dta>") or (head[:1] in STATA_VERSIONS and head[1:2] in (b"\1", b"\2"))
    ):
        return pyreadstat.read_dta
    if kind == "sas" and head.startswith(b"HEADER RECORD*******LIB"):
        return pyreadstat.read_xport
    if kind == "sas" and head[12:20] == b"\xc2\xea\x81\x60\xb3\x14\x11\xcf":
        return pyreadstat.read_sas7bdat
    if kind == "spss" and head.startswith((b"$FL2", b"$FL3")):
        return pyreadstat.read_sav
    if kind == "spss" and b"SPSS PORT" in head:
        return pyreadstat.read_por
    raise Unreadable("mismatch")


def _batches(path: Path, parse: Parse, names: Sequence[str]) -> arrow_cells.Batches:
    def start(columns: Sequence[int] | None) -> Iterator[Any]:
        wanted = list(names) if columns is None else [names[i] for i in columns]
        offset = 0
        while True:
            with _readable():
                found, _ = parse(str(path), usecols=wanted, row_offset=offset, row_limit=ROWS, output_format="dict")
            arrays = [_array(found[name]) for name in wanted]
            count = len(arrays[0]) if arrays else 0
            if count:
                yield pa.RecordBatch.from_arrays(arrays, wanted)
            offset += count
            if count < ROWS:
                return

    return start


def _array(values: Any) -> Any:
    """Return the values of a column; numbers stay numbers, everything else becomes text."""
    if {type(value) for value in values} <= NUMBERS:
        numbers = np.array([np.nan if value is None else value for value in values], "float64")
        # Not by Arrow's own way, which would import a library of data frames.
        return pa.array(numbers, mask=np.isnan(numbers))
    return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or value != value:
        return None
    return str(value).removesuffix(" 00:00:00")


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Refuse what the library cannot read; what it prints by itself goes nowhere."""
    try:
        yield
    except (
        pyreadstat.ReadstatError,
        pyreadstat.PyreadstatError,
        pa.ArrowException,
        ValueError,
        KeyError,
        OverflowError,
        MemoryError,
        OSError,
        TypeError,
    ) as error:
        raise Unreadable("unreadable", reason="statistical") from error


def _labels(about: Any) -> Iterator[str]:
    """Return every label of a file, its columns and its values."""
    yield from filter(None, (about.file_label, about.table_name))
    yield from (label for label in about.column_labels or () if label)
    for labels in (about.value_labels or {}).values():
        for value, label in labels.items():
            yield f"{value} {label}"


def _characteristics(path: Path) -> str:
    """Return what Stata files keep for programs (`char define`), which shows nowhere."""
    content = path.read_bytes()
    begin, end = (content.find(mark) for mark in CHARACTERISTICS)
    if 0 <= begin < end:
        return content[begin + len(CHARACTERISTICS[0]) : end][:SCRAP].decode("utf-8", "replace").replace("\0", " ")
    return ""
