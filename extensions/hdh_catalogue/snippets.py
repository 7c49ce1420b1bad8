"""The code that reads a granted dataset, in the language of a notebook."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyarrow import ArrowException, parquet

from hdh_jupyter.errors import PublicError

DESCRIPTION = "datapackage.json"
"""The data package that describes a dataset's files (Frictionless), where its producer gives one."""

LONGEST_HEADER = 2**20
"""Characters of a CSV file's first line."""


@dataclass(frozen=True)
class Source:
    """A file to read: the columns that hold text (only of those chosen), and those chosen; none chosen means all."""

    path: Path
    texts: tuple[str, ...]
    columns: tuple[str, ...]


def snippet(dataset: str, name: str, folder: Path, language: str, variables: Collection[str] = ()) -> str:
    """Return code that reads every table of a dataset into a data frame, or some of its variables.

    Parameters
    ----------
    dataset, name
        The dataset's id, which names the data frame, and its title.
    folder
        Where the dataset is mounted.
    language
        `python`, `R` or `julia`.
    variables
        Names of the columns to read, of whichever tables have them; none for all columns of all tables.

    Raises
    ------
    PublicError
        The language is not known, the dataset has no file for it, or no file has any of the variables.
    """
    known = {key.lower(): key for key in LANGUAGES}
    if language.lower() not in known:
        raise PublicError("catalogue.bad_language", notebook=language)
    suffixes, write = LANGUAGES[known[language.lower()]]
    tables = _tables(folder, suffixes)
    if not tables:
        raise PublicError("catalogue.no_file", 404, name=name, notebook=known[language.lower()])
    chosen = {path: _present(path, variables) for path in tables} if variables else {}
    if variables:
        tables = [path for path in tables if chosen[path]]
    if not tables:
        raise PublicError("catalogue.panel.no_such_columns", 404, name=name)
    frame = dataset.replace("-", "_")
    frames = {
        frame if len(tables) == 1 else f"{frame}_{_identifier(path.stem)}": Source(
            path, _texts(folder, path, chosen.get(path, ())), chosen.get(path, ())
        )
        for path in tables
    }
    return write(frames)


def _tables(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Return one file per table, in the first of the formats that it has."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix in suffixes)
    except OSError:
        return []
    best: dict[str, Path] = {}
    for path in sorted(files, key=lambda path: suffixes.index(path.suffix)):
        best.setdefault(path.stem, path)
    return [best[stem] for stem in sorted(best)]


def _texts(folder: Path, path: Path, columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that hold text, of the columns that are read."""
    return tuple(column for column in _text_columns(folder, path) if not columns or column in columns)


def _text_columns(folder: Path, path: Path) -> list[str]:
    """Return the columns that hold text: read as numbers, the department 01 would become 1."""
    try:
        resources = json.loads((folder / DESCRIPTION).read_text("utf-8"))["resources"]
        return [
            str(field["name"])
            for resource in resources
            if resource["path"] == path.name
            for field in resource["schema"]["fields"]
            if field["type"] == "string"
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _present(path: Path, variables: Collection[str]) -> tuple[str, ...]:
    """Return those of the variables that a file has, as it writes them, in the order asked for."""
    try:
        if path.suffix == ".parquet":
            columns = parquet.read_schema(path).names
        else:
            with path.open(encoding="utf-8-sig", newline="") as file:
                columns = next(csv.reader([file.readline(LONGEST_HEADER)]), [])
    except (OSError, ValueError, csv.Error, ArrowException):
        return ()
    written = {column.casefold(): column for column in reversed(columns)}
    return tuple(dict.fromkeys(written[v.casefold()] for v in variables if v.casefold() in written))


def _python(frames: Mapping[str, Source]) -> str:
    lines = ["import pandas as pd", ""]
    for frame, source in frames.items():
        columns = ", ".join(map(_quoted, source.columns))
        if source.path.suffix == ".parquet":
            chosen = f", columns=[{columns}]" if columns else ""
            lines.append(f"{frame} = pd.read_parquet({_quoted(source.path)}{chosen})")
        else:
            types = ", ".join(f"{_quoted(column)}: str" for column in source.texts)
            chosen = f", usecols=[{columns}]" if columns else ""
            lines.append(
                f"{frame} = pd.read_csv({_quoted(source.path)}{chosen}{f', dtype={{{types}}}' if types else ''})"
            )
    return "\n".join(lines) + "\n"


def _r(frames: Mapping[str, Source]) -> str:
    lines = []
    for frame, source in frames.items():
        types = ", ".join(f'{_quoted(column)} = "character"' for column in source.texts)
        classes = f", colClasses = c({types})" if types else ""
        columns = ", ".join(map(_quoted, source.columns))
        chosen = f"[, c({columns}), drop = FALSE]" if columns else ""
        read = f"read.csv({_quoted(source.path)}{classes}){chosen}"
        better = source.path.with_suffix(".parquet")
        if better.is_file():
            select = f", col_select = c({columns})" if columns else ""
            lines += [
                f'{frame} <- if (requireNamespace("arrow", quietly = TRUE)) {{',
                f"  as.data.frame(arrow::read_parquet({_quoted(better)}{select}))",
                "} else {",
                f"  {read}",
                "}",
            ]
        else:
            lines.append(f"{frame} <- {read}")
    return "\n".join(lines) + "\n"


def _julia(frames: Mapping[str, Source]) -> str:
    lines = ["using CSV, DataFrames", ""]
    for frame, source in frames.items():
        types = ", ".join(f"{_quoted(column)} => String" for column in source.texts)
        columns = ", ".join(map(_quoted, source.columns))
        options = [*([f"select = [{columns}]"] if columns else []), *([f"types = Dict({types})"] if types else [])]
        given = f"; {', '.join(options)}" if options else ""
        # A dollar sign would begin an interpolation.
        call = f"CSV.read({_quoted(source.path)}, DataFrame{given})".replace("$", "\\$")
        lines.append(f"{frame} = {call}")
    return "\n".join(lines) + "\n"


LANGUAGES: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Source]], str]]] = {
    "python": ((".parquet", ".csv"), _python),
    "R": ((".csv",), _r),
    "julia": ((".csv",), _julia),
}
"""For each language, the file formats it reads, the best first, and what writes its code."""


def _quoted(text: str | Path) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _identifier(stem: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in stem)
