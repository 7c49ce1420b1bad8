"""R data files (.rds, .RData): data frames, matrices and vectors as tables, models by what they keep of their rows.

`lm`, `glm` and their like keep the rows that they were fitted on, by their default, as do the environments of functions
and formulas: that is told as hidden content, and what they keep is looked at as tables too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..documents import Document, FittedModel, Hidden, Table, Text, Unreadable, whole
from ..masking import masked, normalised
from ..model import Place
from ..policy import Policy
from . import grid
from .rdata_format import (
    BUILTIN,
    CALL,
    CHARACTERS,
    CLOSURE,
    COMPLEX,
    ENVIRONMENT,
    INTEGER,
    LIST,
    LOGICAL,
    PAIRS,
    RAW,
    REAL,
    SPECIAL,
    STRINGS,
    SYMBOL,
    Value,
    cells,
    load,
    walk,
)

VECTORS = frozenset({LOGICAL, INTEGER, REAL, COMPLEX, STRINGS})
MANY = 30
"""Elements of one part of a model from which it holds something of each row."""
PLAIN_ATTRIBUTES = frozenset(
    ("names", "class", "levels", "dim", "dimnames", "row.names", "tzone", "units", "tsp", "contrasts", "comment")
)
CURVES = frozenset({"survfit", "stepfun", "density"})
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONG = 1000
MAX_LEVELS = 12
"""Objects within objects."""


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a file of R.

    Raises
    ------
    Unreadable
        It is none, is damaged, or larger than can be looked at.
    """
    objects = load(path)
    if not objects:
        raise Unreadable("empty")
    content = _Content()
    for name, value in objects.items():
        content.look(value, name, Place(member=masked(name)) if name else Place(), 0)
        content.texts.append(Text(Place(member=masked(name)) if name else Place(), whole(_strings(name, value))))
    for table in content.tables:
        if len(table.titles) > policy.limits.columns:
            raise Unreadable("too_many_columns", columns=len(table.titles), limit=policy.limits.columns)
    return Document(
        kind, tuple(content.texts), tuple(content.tables), tuple(content.hidden), models=tuple(content.models)
    )


def is_frame(value: Value) -> bool:
    """Tell whether an object is a data frame."""
    return value.kind == LIST and "data.frame" in value.classes


def frame(value: Value, place: Place) -> Table | None:
    """Return the table of a data frame; a column that is a matrix or a list is told as text."""
    columns = [column(child) for child in value.data]
    length = max(map(len, columns), default=0)
    if any(len(cells) != length for cells in columns):
        raise Unreadable("unreadable", reason="r")
    titles = value.names or [""] * len(columns)
    labels = row_names(value, length)
    if labels is not None:
        columns, titles = [labels, *columns], ["", *titles]
    rows = list(map(list, zip(*columns, strict=True)))
    return grid.table(place, rows, titles=titles, labels=int(labels is not None))


def row_names(value: Value, length: int) -> list[str] | None:
    """Return the names of a data frame's rows, None where they are numbers that R made."""
    names = value.attributes.get("row.names")
    return cells(names) if names is not None and names.kind == STRINGS and len(names) == length else None


def column(value: Value) -> list[str]:
    """Return the cells of a data frame's column."""
    if value.kind == INTEGER and "levels" in value.attributes:
        levels = cells(value.attributes["levels"])
        return [levels[n - 1] if 0 < n <= len(levels) else "" for n in value.data.tolist()]
    if value.kind in (INTEGER, REAL) and {"Date", "POSIXct"} & set(value.classes):
        unit = "days" if "Date" in value.classes else "seconds"
        return [_moment(text, unit) for text in cells(value)]
    dimensions = value.attributes.get("dim")
    if value.kind in VECTORS and dimensions is not None and len(dimensions) == 2:
        rows = int(dimensions.data[0])
        given = cells(value)
        return [" ".join(given[i::rows]) for i in range(rows)]
    if is_frame(value):
        inner = [column(child) for child in value.data]
        return [" ".join(row) for row in zip(*inner, strict=True)]
    if value.kind in VECTORS or value.kind == RAW:
        return cells(value)
    if value.kind == LIST:
        return [" ".join(_leaves(child)) for child in value.data]
    return []


@dataclass
class _Content:
    """Collects what objects hold."""

    texts: list[Text] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    models: list[FittedModel] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def look(self, value: Value, name: str, place: Place, level: int) -> None:
        """Look at an object, which is called `name` by what holds it."""
        if id(value) in self.seen or level > MAX_LEVELS:
            return
        self.seen.add(id(value))
        self._attributes(value, place, level)
        if is_frame(value):
            self._add(frame(value, place))
            for child in value.data:
                if child.kind == LIST:
                    self.look(child, name, place, level + 1)
                else:
                    self._attributes(child, place, level)
        elif value.kind in VECTORS:
            self._add(_vector(value, name, place))
        elif value.kind == LIST:
            self._list(value, name, place, level)
        elif value.kind == ENVIRONMENT:
            held = [(tag, one) for tag, one in value.data if isinstance(one, Value)]
            size = sum(len(one) for _, one in held if one.kind in VECTORS or is_frame(one))
            self.hidden.append(Hidden(place, "environment", size, suspicious=_holds_rows(value)))
            for tag, one in held:
                self.look(one, tag, self._inner(place, tag), level + 1)
        elif value.kind in (CLOSURE, CALL, PAIRS):
            for tag, one in value.data:
                self.look(one, str(tag), place, level + 1)

    def _list(self, value: Value, name: str, place: Place, level: int) -> None:
        names = value.names or [""] * len(value)
        if set(value.classes) & CURVES:
            lengths = [len(child) for child in value.data if child.kind in VECTORS]
            usual = max(lengths, key=lengths.count, default=0)
            parts = [(n, child) for n, child in zip(names, value.data, strict=True) if len(child) == usual]
            parts = [(n, child) for n, child in parts if child.kind in VECTORS]
            rows = list(map(list, zip(*(column(child) for _, child in parts), strict=True)))
            self._add(grid.table(place, rows, titles=[n for n, _ in parts]))
            return
        if value.classes and "call" in names:
            parts = [(n, child) for n, child in zip(names, value.data, strict=True) if _length(child) > MANY]
            self.models.append(FittedModel(place, value.classes, {n: _length(child) for n, child in parts}))
            if parts:
                rows_kept = max(_length(child) for _, child in parts)
                self.hidden.append(Hidden(place, "training_rows", rows_kept, suspicious=True))
        for tag, child in zip(names, value.data, strict=True):
            # Short vectors of an object of a class are its settings.
            if not value.classes or child.kind not in VECTORS or len(child) > MANY or "dim" in child.attributes:
                self.look(child, tag or name, self._inner(place, tag), level + 1)

    def _attributes(self, value: Value, place: Place, level: int) -> None:
        levels = value.attributes.get("levels")
        if value.kind == INTEGER and levels is not None and levels.kind == STRINGS:
            used = set(value.data.tolist())
            unused = [text for n, text in enumerate(cells(levels), start=1) if n not in used]
            if unused:
                suspicious = len(unused) > 10 or sum(map(len, unused)) > LONG
                self.hidden.append(Hidden(place, "unused_values", len(unused), suspicious))
        for tag, one in value.attributes.items():
            if tag not in PLAIN_ATTRIBUTES:
                size = sum(len(inner) for inner in walk(one) if inner.kind in VECTORS)
                if size > 10 * MANY:
                    where = replace(self._inner(place, tag), part="metadata")
                    self.hidden.append(Hidden(where, "metadata", size, suspicious=_holds_rows(one)))
                self.look(one, tag, self._inner(place, tag), level + 1)

    def _inner(self, place: Place, name: str) -> Place:
        members = [part for part in (place.member, masked(str(name))) if part]
        return replace(place, member="$".join(members)[:200] if members else None)

    def _add(self, table: Table | None) -> None:
        if table is not None:
            self.tables.append(table)


def _vector(value: Value, name: str, place: Place) -> Table | None:
    """Return the table of a vector, matrix or array; a single number or text needs none."""
    given = column(value) if "levels" in value.attributes or value.classes else cells(value)
    dimensions, labels = value.attributes.get("dim"), value.attributes.get("dimnames")
    if dimensions is not None and dimensions.kind in (INTEGER, REAL) and len(dimensions):
        shape = [int(n) for n in dimensions.data.tolist()]
        return _array(cells(value), shape, labels, place)
    names = value.names
    if len(given) < 2:
        return None
    if names and any(names):
        return grid.table(place, [[a, b] for a, b in zip(names, given, strict=False)], titles=["", name], labels=1)
    return grid.table(place, [[cell] for cell in given], titles=[name])


def _array(given: list[str], shape: list[int], labels: Value | None, place: Place) -> Table | None:
    size = 1
    for length in shape:
        size *= length
    if size != len(given):
        raise Unreadable("unreadable", reason="r")
    named = [cells(one) for one in labels.data] if labels is not None and labels.kind == LIST else []
    named += [[] for _ in range(len(shape) - len(named))]
    ways = labels.names if labels is not None else []
    ways = [*ways, *[""] * (len(shape) - len(ways))]
    sides = [
        names if len(names) == n else [str(i + 1) for i in range(n)] for names, n in zip(named, shape, strict=True)
    ]
    if len(shape) == 1:
        return grid.table(
            place, [[a, b] for a, b in zip(sides[0], given, strict=True)], titles=[ways[0], "n"], labels=1
        )
    if len(shape) == 2:
        rows = shape[0]
        body = [[*([sides[0][i]] if named[0] else []), *given[i::rows]] for i in range(rows)]
        titles = [*([ways[0]] if named[0] else []), *(named[1] or [""] * shape[1])]
        return grid.table(place, body, titles=titles, labels=int(bool(named[0])))
    body = []
    for position, cell in enumerate(given):
        row, rest = [], position
        for side in sides:
            rest, index = divmod(rest, len(side))
            row.append(side[index])
        body.append([*row, cell])
    return grid.table(place, body, titles=[*ways, "n"], labels=len(shape))


def _strings(name: str, value: Value) -> str:
    """Return every text that an object holds, one to a line, and its long numbers."""
    lines = [name]
    for one in walk(value):
        if one.kind == STRINGS:
            lines.extend(dict.fromkeys(text for text in one.data if text))
        elif one.kind in (SYMBOL, CHARACTERS, SPECIAL, BUILTIN):
            lines.append(str(one.data or ""))
        elif one.kind == REAL and len(one) and abs(one.data).max() >= 1e8:
            lines.extend(cells(one))
        elif one.kind == RAW:
            lines.append(one.data.decode("latin-1"))
        if isinstance(one.data, list):
            lines.extend(str(child[0]) for child in one.data if isinstance(child, tuple))
    return normalised("\n".join(lines))


def _leaves(value: Value) -> Iterator[str]:
    for one in walk(value):
        if one.kind in VECTORS:
            yield from cells(one)


def _length(value: Value) -> int:
    if is_frame(value):
        return max((len(child) for child in value.data), default=0)
    if value.kind == LIST:
        return max((_length(child) for child in value.data), default=0) if not value.classes else 0
    return len(value) if value.kind in VECTORS else 0


def _holds_rows(value: Value) -> bool:
    return any(_length(one) > MANY for one in walk(value) if one.kind in VECTORS or is_frame(one))


def _moment(text: str, unit: str) -> str:
    try:
        moment = EPOCH + timedelta(**{unit: float(text)})
    except (ValueError, OverflowError):
        return text
    return moment.strftime("%Y-%m-%d" if unit == "days" else "%Y-%m-%d %H:%M:%S")
