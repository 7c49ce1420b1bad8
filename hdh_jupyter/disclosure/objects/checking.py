"""The check of objects and files together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from .. import engine
from ..model import Report
from ..policy import Policy
from ..register.model import Release
from . import forms
from .display import ShownReport, spoken_language

NAMES = {"table": "table", "series": "series", "figure": "figure", "model": "model", "array": "array", "text": "text"}


def check(
    things: Any,
    policy: Policy | None = None,
    names: Sequence[str] | None = None,
    released: Sequence[Release] = (),
    statements: Mapping[str, str] = MappingProxyType({}),
    *,
    name: str | None = None,
    language: str | None = None,
) -> ShownReport:
    """Check what is asked out together: files, and objects that are still in memory.

    Nothing is left behind: an object is written to a temporary folder that goes with the call.

    Parameters
    ----------
    things
        A path; a DataFrame, Series, crosstab or Styler of pandas, a table of polars or Arrow; a figure of matplotlib,
        plotly, altair or Bokeh; a fitted model of scikit-learn, statsmodels, lifelines, Keras or PyTorch, or a summary
        of one; an array of numpy; or a list of those, or a dictionary of them by name.
    policy
        The criteria; the default policy when None.
    names, name
        What findings call each thing, or the only one; for a file, its own name when None, for an object what it is
        (`table`).
    released
        What the project has released before.
    statements
        By name, what its owner says of it: who is counted, under which filter.
    language
        Of the report's display, `fr` or `en`; the environment's when None.

    Raises
    ------
    TypeError
        A thing is none of those.
    ValueError
        There is not one name per thing, or a name twice.
    """
    if isinstance(things, Mapping):
        if names is not None:
            raise ValueError("the names are the keys of the dictionary")
        names, things = [str(key) for key in things], list(things.values())
    chosen = list(things) if isinstance(things, (list, tuple)) else [things]
    if name is not None:
        names = [name]
    if names is not None and len(names) != len(chosen):
        raise ValueError("each thing needs one name of its own")
    with TemporaryDirectory() as folder:
        paths: list[Path] = []
        called: dict[str, str] = {}
        for index, thing in enumerate(chosen):
            given = names[index] if names is not None else None
            path = forms.path_of(thing)
            if path is not None:
                stored = shown = given or path.name
            else:
                place = Path(folder) / str(index)
                place.mkdir()
                path, what = forms.write(thing, place)
                shown = given or _free(NAMES[what], set(called.values()))
                # The name that the engine sees tells the kind; people see the one that they gave.
                stored = shown if shown.endswith(path.suffix) else shown + path.suffix
            if stored in called:
                raise ValueError("each thing needs one name of its own")
            called[stored] = shown
            paths.append(path)
        said = {stored: statements[shown] for stored, shown in called.items() if shown in statements}
        report = engine.check(paths, policy, list(called), released, said)
    return renamed(report, called, language or spoken_language())


def renamed(report: Report, called: Mapping[str, str], language: str) -> ShownReport:
    """Return a report in which files have the names that people gave, by those that the engine saw."""
    return ShownReport(
        report.policy,
        tuple(replace(file, name=called[file.name]) for file in report.files),
        tuple(replace(finding, file=called.get(finding.file, finding.file)) for finding in report.findings),
        language,
    )


def _free(wanted: str, taken: set[str]) -> str:
    """Return a name that nothing has yet."""
    number = 1
    while (name := wanted if number == 1 else f"{wanted} {number}") in taken:
        number += 1
    return name
