"""The file that an object in memory would become, in the form from which most can be told."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MODELS = frozenset({"sklearn", "statsmodels", "lifelines", "xgboost", "lightgbm", "imblearn", "sksurv", "linearmodels"})


def path_of(thing: Any) -> Path | None:
    """Return the path that a thing is, else None."""
    return Path(thing) if isinstance(thing, (str, os.PathLike)) else None


def write(thing: Any, folder: Path) -> tuple[Path, str]:
    """Write an object to a file in `folder`, and return it and what the object is.

    Raises
    ------
    TypeError
        It is no object that can be checked.
    """
    for library in _libraries(thing):
        form = FORMS.get(library)
        if form is not None:
            written = form(thing, folder)
            if written is not None:
                return written
        if library in MODELS:
            return _model(thing, folder), "model"
    kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
    raise TypeError(f"check() takes paths, tables, figures, arrays and fitted models, not {kind}")


def _libraries(thing: Any) -> list[str]:
    """Return the libraries of an object's classes, its own first."""
    return list(dict.fromkeys(kind.__module__.partition(".")[0] for kind in type(thing).__mro__))


def _pandas(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import pandas as pd

    what = "series" if isinstance(thing, pd.Series) else "table"
    if isinstance(thing, pd.Series):
        thing = thing.to_frame(thing.name if thing.name is not None else "value")
    # What a Styler shows is its data, whatever its colours and formats say.
    thing = getattr(thing, "data", thing) if type(thing).__name__ == "Styler" else thing
    if not isinstance(thing, pd.DataFrame):
        return None
    index = thing.index
    plain = isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1 and index.name is None
    titles = [" ".join(map(str, title)) if isinstance(title, tuple) else str(title) for title in thing.columns]
    flat = thing.set_axis(titles, axis="columns")
    path = folder / "table.csv"
    flat.to_csv(path, index=not plain, encoding="utf-8")
    return path, what


def _arrow(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import pyarrow as pa
    from pyarrow import csv

    table = thing.to_arrow() if hasattr(thing, "to_arrow") else thing
    if not isinstance(table, (pa.Table, pa.RecordBatch)):
        return None
    path = folder / "table.csv"
    csv.write_csv(table, path)
    return path, "table"


def _matplotlib(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import matplotlib
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    figure = thing if isinstance(thing, Figure) else getattr(thing, "figure", None)
    if not isinstance(figure, Figure) or not isinstance(thing, Artist):
        return None
    return _drawn(matplotlib, figure, folder)


def _seaborn(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import matplotlib
    from matplotlib.figure import Figure

    figure = getattr(thing, "figure", None)
    return _drawn(matplotlib, figure, folder) if isinstance(figure, Figure) else None


def _drawn(matplotlib: Any, figure: Any, folder: Path) -> tuple[Path, str]:
    path = folder / "figure.svg"
    # A drawing tells its points and its words; pixels tell neither.
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(path, format="svg")
    return path, "figure"


def _document(thing: Any, folder: Path) -> tuple[Path, str] | None:
    """Write a figure that is a document: plotly's and altair's, which both say themselves as JSON."""
    if not hasattr(thing, "to_json") or not hasattr(thing, "to_dict"):
        return None
    path = folder / "figure.json"
    path.write_text(thing.to_json(), "utf-8")
    return path, "figure"


def _bokeh(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import json

    from bokeh.embed import json_item

    path = folder / "figure.json"
    path.write_text(json.dumps(json_item(thing)), "utf-8")
    return path, "figure"


def _summary(thing: Any, folder: Path) -> tuple[Path, str] | None:
    """Write the summary of a model of statsmodels, which is a text."""
    if not hasattr(thing, "as_text") or hasattr(thing, "predict"):
        return None
    path = folder / "summary.txt"
    path.write_text(thing.as_text() + "\n", "utf-8")
    return path, "text"


def _torch(thing: Any, folder: Path) -> tuple[Path, str] | None:
    import torch

    if not isinstance(thing, (torch.nn.Module, torch.Tensor)):
        return None
    path = folder / "model.pt"
    torch.save(thing.state_dict() if isinstance(thing, torch.nn.Module) else thing, path)
    return path, "model" if isinstance(thing, torch.nn.Module) else "array"


def _keras(thing: Any, folder: Path) -> tuple[Path, str] | None:
    if not hasattr(thing, "save") or not hasattr(thing, "layers"):
        return None
    path = folder / "model.keras"
    with contextlib.redirect_stdout(io.StringIO()):
        thing.save(path)
    return path, "model"


def _numpy(thing: Any, folder: Path) -> tuple[Path, str] | None:
    if not isinstance(thing, np.ndarray):
        return None
    if thing.dtype.hasobject:
        raise TypeError("check() takes no array of objects: put its values into a DataFrame")
    path = folder / "array.npy"
    np.save(path, thing, allow_pickle=False)
    return path, "array"


def _model(thing: Any, folder: Path) -> Path:
    path = folder / "model.pkl"
    try:
        # Written here, and only read as opcodes: nothing loads it.
        path.write_bytes(pickle.dumps(thing, protocol=5))
    except (pickle.PicklingError, AttributeError, TypeError, NotImplementedError) as error:
        raise TypeError(f"check() cannot look into this model: {error}") from error
    return path


FORMS: dict[str, Callable[[Any, Path], tuple[Path, str] | None]] = {
    "pandas": _pandas,
    "polars": _arrow,
    "pyarrow": _arrow,
    "matplotlib": _matplotlib,
    "seaborn": _seaborn,
    "plotly": _document,
    "altair": _document,
    "bokeh": _bokeh,
    "statsmodels": _summary,
    "torch": _torch,
    "keras": _keras,
    "numpy": _numpy,
}
"""By library, what writes an object of it; None where it is of another sort, which the next library may know."""
