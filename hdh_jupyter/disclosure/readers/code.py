"""Programs: their text, and the data written into them.

Python is parsed, never run: literals from which a data frame is made, long lists of rows, and texts of several lines
that hold a table. Of other languages: rows of `INSERT ... VALUES`, vectors of `data.frame(...)`, lines between `input`
and `end`, `datalines` and `;`.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import re2

from ..documents import Document, Table, Text, whole
from ..model import Place
from ..policy import Policy
from . import data_addresses, grid, merged, structured, text_tables
from .encoding import encoding_of, lines_of

FRAMES = frozenset({"DataFrame", "Series", "from_dict", "from_records", "table", "Table", "from_pydict", "from_pylist"})
MANY = 20
"""Rows from which a literal is data, whatever is made of it."""
INSERT = re2.compile(
    r"(?is)\binsert\s+(?:into|overwrite)\s+(?:table\s+)?([\w.\"`\[\]]+)\s*(\([^;()]*\))?\s*"
    r"values\s*((?:\([^;()]*\)\s*,?\s*)+)"
)
CREATE = re2.compile(
    r"(?is)\bcreate\s+(?:temp(?:orary)?\s+)?table\s+(?:if not exists\s+)?([\w.\"`\[\]]+)\s*\(([^;]*)\)"
)
COLUMN = re2.compile(r"(?:^|,)\s*[\"`\[]?(\w+)[\"`\]]?\s+[A-Za-z]")
TUPLE = re2.compile(r"\(([^()]*)\)")
FRAME_CALL = re2.compile(r"(?is)\b(?:data\.frame|tibble|data\.table|DataFrame|tribble|read\.(?:table|csv)|fread)\s*\(")
VECTOR = re2.compile(r"(?s)([\w.`\"]+)\s*=\s*(?:c\(|\[)([^()\[\]]*)[)\]]")
VALUE = re2.compile(r"\"[^\"]*\"|'[^']*'|[^,\s][^,]*")
LINES = re2.compile(r"(?ims)^\s*(?:input\s+([^\n;]*)\n(.*?)^\s*end\b|(?:data|card)lines?4?\s*;\s*\n(.*?)^\s*;)")
QUOTED = re2.compile(r"(?s)\"\"\"(.*?)\"\"\"|'''(.*?)'''|\"([^\"]*\n[^\"]*)\"|'([^']*\n[^']*)'")
MAX_CALL = 100_000


def read(path: Path, kind: str, policy: Policy) -> Document:
    """Read a program.

    Raises
    ------
    Unreadable
        It is no text.
    """
    text = "".join(lines_of(path, encoding_of(path)))
    tree = _tree(text)
    # Most of R is also a program of Python to the parser.
    found = [*(_quoted(text) if tree is None else _of_python(tree)), *_of_other(text)]
    own = Document(kind, (Text(Place(), whole(text), code=True),), tuple(found))
    return merged(kind, [own, data_addresses.carried(text, Place(), policy)])


def _tree(text: str) -> ast.Module | None:
    """Return a Python program's tree, or None for what is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_python(tree: ast.Module) -> Iterator[Table]:
    framed = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call.func) in FRAMES
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
    }
    for node in ast.walk(tree):
        place = Place(line=getattr(node, "lineno", None))
        if isinstance(node, (ast.List, ast.Dict, ast.Tuple)):
            value = _literal(node)
            if isinstance(value, (list, tuple)):
                value = [list(one) if isinstance(one, tuple) else one for one in value]
            if value and (id(node) in framed or _is_long(value)):
                yield from structured.tables(value, place)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.count("\n") > 1:
            yield from text_tables.tables(node.value, place)


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _is_long(value: Any) -> bool:
    rows = value if isinstance(value, list) else next(iter(value.values()), None)
    if isinstance(rows, dict):
        rows = list(rows)
    return (
        isinstance(rows, list)
        and len(rows) >= MANY
        and (isinstance(value, dict) or isinstance(rows[0], (list, dict, tuple)))
    )


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _of_other(text: str) -> Iterator[Table]:
    yield from _inserted(text)
    for match in FRAME_CALL.finditer(text):
        call = text[match.end() : match.end() + MAX_CALL]
        if (made := _of_vectors(call[: _closing(call)], _at(text, match.start()))) is not None:
            yield made
    for match in LINES.finditer(text):
        declared = (match.group(1) or "").split()
        lines = (match.group(2) or match.group(3) or "").split("\n")
        rows = [line.replace(",", " ").split() for line in lines if line.strip()]
        names = [name for name in declared if not name.startswith(("str", "%"))]
        if (made := grid.table(_at(text, match.start()), rows, titles=names or None)) is not None:
            yield made


def _inserted(text: str) -> Iterator[Table]:
    """Return the rows that are put into each table, by one statement or by many."""
    declared = {name.lower(): COLUMN.findall(body) for name, body in CREATE.findall(text)}
    found: dict[tuple[str, str], tuple[int, list[list[str]]]] = {}
    for match in INSERT.finditer(text):
        _, rows = found.setdefault((match.group(1).lower(), match.group(2) or ""), (match.start(), []))
        rows.extend(_values(row.group(1)) for row in TUPLE.finditer(match.group(3)))
    for (name, listed), (start, rows) in found.items():
        titles = _values(listed.strip("()")) or declared.get(name)
        if titles and any(len(row) != len(titles) for row in rows):
            titles = None
        if (made := grid.table(_at(text, start), rows, titles=titles)) is not None:
            yield made


def _quoted(text: str) -> Iterator[Table]:
    """Return the tables in texts of several lines."""
    for match in QUOTED.finditer(text):
        quoted = next(group for group in match.groups() if group is not None)
        if quoted.count("\n") > 1:
            yield from text_tables.tables(quoted, _at(text, match.start()))


def _of_vectors(call: str, place: Place) -> Table | None:
    columns = [(match.group(1).strip('`"'), _values(match.group(2))) for match in VECTOR.finditer(call)]
    length = max((len(values) for _, values in columns), default=0)
    columns = [(title, values) for title, values in columns if len(values) == length]
    if length < 2 or not columns:
        return None
    rows = list(map(list, zip(*(values for _, values in columns), strict=True)))
    return grid.table(place, rows, titles=[title for title, _ in columns])


def _closing(call: str) -> int:
    depth = 1
    for position, character in enumerate(call):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    return len(call)


def _values(text: str) -> list[str]:
    values: Sequence[str] = [match.group().strip() for match in VALUE.finditer(text)]
    return [
        value[1:-1] if len(value) > 1 and value[0] in "\"'`" and value[-1] == value[0] else value for value in values
    ]


def _at(text: str, position: int) -> Place:
    return Place(line=text.count("\n", 0, position) + 1)
