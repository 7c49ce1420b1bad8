"""The code that reads a granted dataset, in the language of a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from hdh_jupyter.errors import PublicError

DESCRIPTION = "datapackage.json"
"""The data package that describes a dataset's files (Frictionless), where its producer gives one."""


def snippet(dataset: str, name: str, folder: Path, language: str) -> str:
    """Return code that reads every table of a dataset into a data frame.

    Parameters
    ----------
    dataset, name
        The dataset's id, which names the data frame, and its title.
    folder
        Where the dataset is mounted.
    language
        `python`, `R` or `julia`.

    Raises
    ------
    PublicError
        The language is not known, or the dataset has no file for it.
    """
    known = {key.lower(): key for key in LANGUAGES}
    if language.lower() not in known:
        raise PublicError("catalogue.bad_language", notebook=language)
    suffixes, write = LANGUAGES[known[language.lower()]]
    tables = _tables(folder, suffixes)
    if not tables:
        raise PublicError("catalogue.no_file", 404, name=name, notebook=known[language.lower()])
    variable = dataset.replace("-", "_")
    frames = {variable if len(tables) == 1 else f"{variable}_{_identifier(path.stem)}": path for path in tables}
    return write(frames, {frame: _text_columns(folder, path) for frame, path in frames.items()})


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


def _python(frames: Mapping[str, Path], texts: Mapping[str, list[str]]) -> str:
    lines = ["import pandas as pd", ""]
    for frame, path in frames.items():
        if path.suffix == ".parquet":
            lines.append(f"{frame} = pd.read_parquet({_quoted(path)})")
        else:
            types = ", ".join(f"{_quoted(column)}: str" for column in texts[frame])
            lines.append(f"{frame} = pd.read_csv({_quoted(path)}{f', dtype={{{types}}}' if types else ''})")
    return "\n".join(lines) + "\n"


def _r(frames: Mapping[str, Path], texts: Mapping[str, list[str]]) -> str:
    lines = []
    for frame, path in frames.items():
        types = ", ".join(f'{_quoted(column)} = "character"' for column in texts[frame])
        classes = f", colClasses = c({types})" if types else ""
        csv = f"read.csv({_quoted(path)}{classes})"
        parquet = path.with_suffix(".parquet")
        if parquet.is_file():
            lines += [
                f'{frame} <- if (requireNamespace("arrow", quietly = TRUE)) {{',
                f"  as.data.frame(arrow::read_parquet({_quoted(parquet)}))",
                "} else {",
                f"  {csv}",
                "}",
            ]
        else:
            lines.append(f"{frame} <- {csv}")
    return "\n".join(lines) + "\n"


def _julia(frames: Mapping[str, Path], texts: Mapping[str, list[str]]) -> str:
    lines = ["using CSV, DataFrames", ""]
    for frame, path in frames.items():
        types = ", ".join(f"{_quoted(column)} => String" for column in texts[frame]).replace("$", "\\$")
        source = _quoted(path).replace("$", "\\$")
        lines.append(f"{frame} = CSV.read({source}, DataFrame{f'; types = Dict({types})' if types else ''})")
    return "\n".join(lines) + "\n"


LANGUAGES: Mapping[str, tuple[tuple[str, ...], Callable[[Mapping[str, Path], Mapping[str, list[str]]], str]]] = {
    "python": ((".parquet", ".csv"), _python),
    "R": ((".csv",), _r),
    "julia": ((".csv",), _julia),
}
"""For each language, the file formats it reads, the best first, and what writes its code."""


def _quoted(text: str | Path) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _identifier(stem: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in stem)
