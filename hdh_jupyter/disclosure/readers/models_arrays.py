"""Arrays that a file keeps by name: weights, embeddings, and what may be a row per person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import re2

from ..documents import Table
from ..masking import masked
from ..model import Place
from . import models_frames
from .models_contents import Contents
from .models_pickle import size_of

WEIGHT = re2.compile(
    r"(?i)(?:^|[._/:\-])(?:weights?|bias(?:es)?|kernel|gamma|beta|running_(?:mean|var)|moving_(?:mean|variance)"
    r"|num_batches_tracked|in_proj_\w+|weight_\w+|bias_\w+|alpha|scale|recurrent_kernel|coefs?_?|coefficients?|params?"
    r"|intercepts?_?|mean_?|var_?|std|embeddings?|inv_freq|position_ids|exp_avg(?:_sq)?|step|momentum\w*|velocity\w*"
    r"|components_|vcov|covariance|vars[._/]\d+|\d+)(?::\d+)?$"
)
"""The last part of the name of what is learned, in PyTorch, Keras and scikit-learn."""
EMBEDDING = re2.compile(r"(?i)embed|(?:^|[._/])emb(?:[._/]|$)|lookup_table|word2vec|item2vec|user_factors|item_factors")
MANY_ROWS = 20
"""Rows from which an array may be a table of persons."""
MANY_COLUMNS = 100
KEY_SHARE = 0.9
"""Share of distinct values from which a column tells rows apart."""
BATCH = 2_000


@dataclass(frozen=True)
class Stored:
    """An array of a file.

    Attributes
    ----------
    dtype
        Type of its items; None when numpy has none for it.
    load
        Reads it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    load: Callable[[], np.ndarray[Any, Any]]


def add(found: Contents, arrays: Iterable[Stored]) -> None:
    """Note arrays, and offer as texts and tables those that are not known to be weights."""
    tabular: list[Stored] = []
    keys: dict[int, str] = {}
    for array in arrays:
        found.texts.append(array.name)
        found.numbers[array.name] = found.numbers.get(array.name, 0) + size_of(array.shape)
        rows = array.shape[0] if array.shape else 0
        if len(array.shape) == 2 and EMBEDDING.search(array.name) and rows >= MANY_ROWS:
            found.embeddings[masked(array.name)] = rows
        if array.dtype is None or array.dtype.kind not in "US":
            if rows >= MANY_ROWS and len(array.shape) <= 2 and _may_be_rows(array):
                tabular.append(array)
            continue
        values = array.load().reshape(-1)
        column = models_frames.strings(values)
        found.texts.extend(column.to_pylist())
        if rows:
            found.tables.append(models_frames.table(_place(found.place, array.name), [array.name], [column]))
        if rows >= MANY_ROWS and len(column.unique()) >= KEY_SHARE * len(column):
            keys[rows] = array.name
    for array in tabular:
        rows = array.shape[0]
        if rows in keys:
            # A text that tells the rows apart stands beside them: each row is somebody's.
            found.held[masked(array.name)] = rows
        else:
            found.untitled[masked(array.name)] = rows
        if array.dtype is not None and (len(array.shape) == 1 or array.shape[1] <= MANY_COLUMNS):
            made = _table(found.place, array)
            found.tables.append(made)
            if _whole(array.load()):
                # Fractions in full precision have the digits of any number, and are none.
                found.long_texts.append(models_frames.text_of(made))


def _may_be_rows(array: Stored) -> bool:
    if WEIGHT.search(array.name):
        return False
    # One dimension of fractions is a curve or a vector of coefficients; whole numbers may be codes of persons.
    return len(array.shape) == 2 and array.shape[1] >= 2 if array.dtype is None or array.dtype.kind == "f" else True


def _whole(values: np.ndarray[Any, Any]) -> bool:
    return values.dtype.kind != "f" or bool(np.all(values == np.floor(values)))


def _table(place: Place, array: Stored) -> Table:
    width = array.shape[1] if len(array.shape) == 2 else 1
    titles = [array.name] if width == 1 else [""] * width
    made = models_frames.table(_place(place, array.name), titles, [], titled=width == 1)
    return replace(made, batches=partial(_batches, array, width))


def _batches(array: Stored, width: int) -> Iterator[Any]:
    values = array.load().reshape(array.shape[0], width)
    names = [f"c{i}" for i in range(width)]
    for start in range(0, len(values), BATCH):
        part = values[start : start + BATCH]
        yield pa.RecordBatch.from_arrays([models_frames.strings(part[:, i]) for i in range(width)], names)


def _place(place: Place, name: str) -> Place:
    member = masked(name)
    return replace(place, member=member if place.member is None else f"{place.member} / {member}")
