"""What a followed pickle holds: which models, how many numbers, which texts and tables, and what of the training rows.

Names of attributes are those that the libraries' documentation gives to what a fitted estimator keeps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import re2
import yaml

from ..documents import FittedModel, Table, Text, Unreadable, whole
from ..masking import normalised
from ..model import Place
from ..policy import word_list
from . import models_allowed, models_frames
from .models_pickle import Array, Elsewhere, Followed, Made, Named, array_of, bytes_of, size_of

MAX_RECORDS = 2_000_000
LIBRARIES = ("sklearn.", "statsmodels.", "lifelines.", "sksurv.", "imblearn.", "scipy.", "linearmodels.", "pygam.")
INSTANCE_BASED = re2.compile(
    r"^sklearn\.neighbors\..*\.(?:K?NearestNeighbors|KNeighbors\w+|RadiusNeighbors\w+|KernelDensity|LocalOutlierFactor"
    r"|KDTree\w*|BallTree\w*|newObj)$"
    r"|^sklearn\.svm\..*\.(?:SVC|SVR|NuSVC|NuSVR|OneClassSVM)$"
    r"|^sklearn\.gaussian_process\..*\.GaussianProcess\w+$"
    r"|^sklearn\.kernel_ridge\.KernelRidge$|^sklearn\.kernel_approximation\.Nystroem$"
    r"|^sklearn\.cluster\..*\.(?:DBSCAN|HDBSCAN|OPTICS|AffinityPropagation|SpectralClustering|AgglomerativeClustering)$"
    r"|^sklearn\.semi_supervised\..*\.Label\w+$|^sklearn\.manifold\..*\.[A-Z]\w+$"
    r"|^sklearn\.decomposition\._kernel_pca\.KernelPCA$|^sklearn\.impute\._knn\.KNNImputer$"
    r"|^scipy\.spatial\..*KDTree\w*$|^scipy\.interpolate\..*(?:Rbf|RBF\w+)$|^scipy\.stats\._kde\.gaussian_kde$"
    r"|^statsmodels\.nonparametric\..*\.[A-Z]\w+$"
    r"|^imblearn\..*\.CondensedNearestNeighbour$|^sksurv\.svm\..*\.[A-Z]\w+$"
)
"""Models that are their training rows, some or all."""
WORDS = yaml.safe_load(word_list("models"))
KEPT_ROWS = frozenset(WORDS["kept_rows"])
"""Attributes of fitted models that have a value for each training row."""
PER_CLASS = frozenset(WORDS["per_class"])
"""Attributes that have a value for each class or column."""
LEAVES = (("n_node_samples", "left_child"), ("count", "is_leaf"))
"""Fields of the nodes of scikit-learn's trees: how many training rows, and what tells a leaf."""
BOOSTED_LEAVES = re2.compile(r"(?m)^leaf_count=([0-9 ]+)$")
"""Training rows per leaf in the text form of LightGBM."""
OBSERVATIONS = frozenset({"n_samples_fit_", "nobs", "n_samples_", "_nobs"})
RUNS = re2.compile(rb"[\x20-\x7e\xc3\xa0-\xbf]{6,}")
ENOUGH_ROWS = 2


@dataclass
class Contents:
    """What was found on the way through the records."""

    place: Place
    families: dict[str, None] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    smallest_leaf: int | None = None
    observations: int | None = None
    parameters: int = 0
    words: int = 0
    opaque: int = 0
    embeddings: dict[str, int] = field(default_factory=dict)
    untitled: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    long_texts: list[Text] = field(default_factory=list)
    elsewhere: list[Any] = field(default_factory=list)

    def model(self, names: Iterable[str]) -> FittedModel:
        """Return the model that a pickle holds, which imports these names."""
        return FittedModel(
            place=self.place,
            families=tuple(self.families),
            numbers=self.numbers,
            smallest_leaf=self.smallest_leaf,
            held=self.held,
            observations=self.observations,
            parameters=self.parameters or None,
            code=models_allowed.unknown(names),
            executable=True,
            words=self.words,
            opaque=self.opaque,
            embeddings=self.embeddings,
            untitled=self.untitled,
        )

    def all_texts(self) -> tuple[Text, ...]:
        """Return every text, each string of the pickle on a line of its own."""
        joined = normalised("\n".join(self.texts))
        return (*((Text(self.place, whole(joined)),) if joined else ()), *self.long_texts)


def contents(followed: Followed, place: Place) -> Contents:
    """Go through everything that a pickle would make, once.

    Raises
    ------
    Unreadable
        There is more of it than can be looked at.
    """
    found = Contents(place)
    waiting: list[tuple[Any, str, str]] = [(followed.root, "", "")]
    seen: set[int] = set()
    while waiting:
        value, name, owner = waiting.pop()
        if isinstance(value, str):
            found.texts.append(value)
            continue
        if value is None or isinstance(value, (bool, int, float)):
            _number(found, value, name)
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        if len(seen) > MAX_RECORDS:
            raise Unreadable("model_intricate", limit=MAX_RECORDS)
        waiting.extend(reversed(list(_parts(found, value, name, owner))))
    return found


def _parts(found: Contents, value: Any, name: str, owner: str) -> Iterator[tuple[Any, str, str]]:
    """Note what a record is, and give what it holds."""
    if isinstance(value, (list, tuple)):
        if len(value) > ENOUGH_ROWS and all(isinstance(item, (int, float)) for item in value):
            _count(found, name, len(value))
        yield from ((item, name, owner) for item in value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                found.texts.append(key)
            yield item, key if isinstance(key, str) else name, owner
        if name in ("vocabulary_", "_vocabulary", "word_index", "key_to_index") and value:
            found.words += len(value)
    elif isinstance(value, (bytes, bytearray)):
        _raw(found, bytes(value))
    elif isinstance(value, Elsewhere):
        found.elsewhere.append((name, value.key))
        yield value.key, name, owner
    elif isinstance(value, Array):
        yield from _array(found, value, name, owner)
    elif isinstance(value, Made):
        yield from _record(found, value, name, owner)


def _record(found: Contents, value: Made, name: str, owner: str) -> Iterator[tuple[Any, str, str]]:
    array = array_of(value)
    if array is not None:
        yield from _array(found, array, name, owner)
        return
    if models_frames.is_frame(value):
        yield from _frame(found, value, name, owner)
        return
    if value.family in ("pyarrow.lib.chunked_array", "pyarrow.lib._restore_array"):
        if (column := models_frames.arrow(value)) is not None:
            found.texts.extend(column.to_pylist())
            _keep(found, name, owner, len(column))
        return
    if (raw := bytes_of(value)) is not None:
        _raw(found, raw)
        return
    family = value.family
    if family.endswith("newObj") and isinstance(value.arguments, tuple) and value.arguments:
        first = value.arguments[0]
        family = first.name if isinstance(first, Named) else family
    if family.startswith(LIBRARIES) or (family and family.rpartition(".")[2][:1].isupper()):
        found.families.setdefault(family)
    if family.startswith(LIBRARIES) and not family.startswith("scipy.sparse"):
        # What stands within a nearest-neighbour model stays its own: the tree, the sparse matrix.
        owner = owner if INSTANCE_BASED.match(owner) else family
    if family.startswith("numpy.random"):
        # The state of a generator of random numbers, which has nothing of the rows.
        owner = ""
    yield value.of, name, owner
    yield value.arguments, name, owner
    state = value.state
    for part in state if isinstance(state, tuple) else (state,):
        if isinstance(part, dict):
            yield from ((item, key if isinstance(key, str) else name, owner) for key, item in part.items())
        else:
            yield part, name, owner
    for item in value.added:
        # Pairs that are added to a dictionary of its own class.
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
            found.texts.append(item[0])
            yield item[1], item[0], owner
        else:
            yield item, name, owner


def _array(found: Contents, array: Array, name: str, owner: str) -> Iterator[tuple[Any, str, str]]:
    count = size_of(array.shape)
    if array.objects is not None:
        yield from ((item, name, owner) for item in array.objects)
        _keep(found, name, owner, array.shape[0] if array.shape else 0)
        return
    _count(found, name, count)
    if array.dtype.kind in "US":
        found.texts.extend(models_frames.strings(array.numbers().reshape(-1)).to_pylist())
    elif array.dtype.names is not None:
        _nodes(found, array)
    elif array.dtype.kind == "V":
        found.opaque += len(array.data)
    elif array.shape == ():
        _number(found, array.numbers().item(), name)
    if array.shape:
        _keep(found, name, owner, array.shape[0])
    if name in ("coef_", "_coef", "params", "params_", "coefs_", "intercept_", "intercepts_"):
        found.parameters += count


def _nodes(found: Contents, array: Array) -> None:
    """Look at the leaves of a tree."""
    nodes = array.numbers().reshape(-1)
    known = array.dtype.names or ()
    for field_name in known:
        column = nodes[field_name]
        if column.dtype.kind in "US":
            found.texts.extend(models_frames.strings(column.reshape(-1)).to_pylist())
    for samples, leaf in LEAVES:
        if samples not in known or leaf not in known or not len(nodes):
            continue
        leaves = nodes[nodes[leaf] == -1] if leaf == "left_child" else nodes[nodes[leaf] != 0]
        if len(leaves):
            smallest = int(leaves[samples].min())
            found.smallest_leaf = min(smallest, found.smallest_leaf if found.smallest_leaf is not None else smallest)
        found.observations = max(int(nodes[samples][0]), found.observations or 0)


def _frame(found: Contents, value: Made, name: str, owner: str) -> Iterator[tuple[Any, str, str]]:
    """Offer a table of pandas as a table; what cannot be rebuilt is told, and looked at as records."""
    try:
        titles, columns = models_frames.frame(value)
    except Unreadable:
        found.opaque += 1
        yield value.arguments, name, owner
        yield value.state, name, owner
        return
    made = models_frames.table(found.place, titles, columns)
    found.long_texts.append(models_frames.text_of(made))
    if not _keep(found, name, owner, len(columns[0]) if columns else 0):
        found.tables.append(made)


def _keep(found: Contents, name: str, owner: str, rows: int) -> bool:
    """Note an array that has a value for each training row, and tell whether it is one."""
    kept = (INSTANCE_BASED.match(owner) and name not in PER_CLASS) or name in KEPT_ROWS
    if rows < ENOUGH_ROWS or not owner or not kept:
        return False
    found.held[name] = max(rows, found.held.get(name, 0))
    return True


def _number(found: Contents, value: Any, name: str) -> None:
    if name in OBSERVATIONS and isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e12:
        found.observations = max(int(value), found.observations or 0)


def _count(found: Contents, name: str, numbers: int) -> None:
    found.numbers[name] = found.numbers.get(name, 0) + numbers


def _raw(found: Contents, data: bytes) -> None:
    """Look at bytes that are no array: the form of a library of its own."""
    if len(data) < 64:
        return
    text = data.decode("latin-1")
    for counts in BOOSTED_LEAVES.findall(text):
        smallest = min(map(int, counts.split()), default=1)
        found.smallest_leaf = min(smallest, found.smallest_leaf if found.smallest_leaf is not None else smallest)
    found.texts.extend(run.decode("utf-8", "replace") for run in RUNS.findall(data))
    found.opaque += len(data)
