"""Model files are followed, never loaded: what they keep, what would run, what they refuse."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from hdh_jupyter.disclosure import check
from hdh_jupyter.disclosure.documents import Document, Unreadable
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.readers import models, models_allowed, models_pickle

DRAWN = np.random.default_rng(3)
X = DRAWN.normal(size=(200, 3))
Y = (X[:, 0] + DRAWN.normal(size=200) > 0).astype(int)
NIRS = np.array(["184127645108946", "255081416802538", "269054958815780"] * 8)
"""Valid keys, of nobody."""


def dumped(thing: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(thing, stream, **options)
    return stream.getvalue()


def read(folder: Path, name: str, content: bytes) -> Document:
    path = folder / name
    path.write_bytes(content)
    return models.read(path, "model", default_policy())


def words(document: Document) -> str:
    return "\n".join(chunk for text in document.texts for chunk in text.chunks())


def safetensors(metadata: dict[str, str] | None = None, **arrays: np.ndarray[Any, Any]) -> bytes:
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    body = b""
    for name, array in arrays.items():
        data = array.astype("<f8").tobytes()
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


class Harmless:
    """Would write to the console, if somebody loaded it."""

    def __init__(self, of: Callable[..., Any], *arguments: Any) -> None:
        self.call = (of, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


KEEPING = [
    ("00", KNeighborsClassifier().fit(X, Y), 200),
    ("01", GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3, 5]}, cv=2).fit(X, Y), 200),
    ("02", make_pipeline(StandardScaler(), SVC()).fit(X, Y), None),
    ("03", GaussianProcessRegressor(optimizer=None).fit(X, Y), 200),
    ("04", KernelDensity().fit(X), 200),
    ("05", DBSCAN(eps=2).fit(X), 200),
]


@pytest.mark.parametrize(("fitted", "rows"), [c[1:] for c in KEEPING], ids=[c[0] for c in KEEPING])
def test_models_that_are_their_training_rows_are_told(tmp_path: Path, fitted: Any, rows: int | None) -> None:
    (model,) = read(tmp_path, "m.joblib", dumped(fitted)).models
    assert model.held
    assert rows is None or max(model.held.values()) == rows
    assert model.code == ()
    (same,) = read(tmp_path, "m.pkl", pickle.dumps(fitted)).models
    assert dict(same.held) == dict(model.held)


@pytest.mark.parametrize(
    "fitted",
    [
        LogisticRegression().fit(X, Y),
        make_pipeline(StandardScaler(), LinearSVC()).fit(X, Y),
        KNeighborsClassifier(),
        HistGradientBoostingClassifier(max_iter=5).fit(X, Y),
    ],
    ids=["00", "01", "02", "03"],
)
def test_models_that_keep_no_row_are_not_accused(tmp_path: Path, fitted: Any) -> None:
    (model,) = read(tmp_path, "m.joblib", dumped(fitted)).models
    assert not model.held
    assert model.code == ()
    assert model.opaque == 0


@pytest.mark.parametrize(
    "fitted",
    [
        DecisionTreeClassifier(min_samples_leaf=23).fit(X, Y),
        RandomForestClassifier(4, min_samples_leaf=5).fit(X, Y),
        HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=31).fit(X, Y),
    ],
    ids=["00", "01", "02"],
)
def test_the_smallest_leaf_is_the_one_of_the_live_model(tmp_path: Path, fitted: Any) -> None:
    if isinstance(fitted, HistGradientBoostingClassifier):
        nodes = [tree.nodes for stage in fitted._predictors for tree in stage]
        expected = min(int(n["count"][n["is_leaf"] == 1].min()) for n in nodes)
    else:
        trees = [t.tree_ for t in getattr(fitted, "estimators_", [fitted])]
        expected = min(int(t.n_node_samples[t.children_left == -1].min()) for t in trees)
    (model,) = read(tmp_path, "m.joblib", dumped(fitted)).models
    assert model.smallest_leaf == expected


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_compressed_texts_of_four_bytes_a_character_are_found(tmp_path: Path, compress: Any) -> None:
    document = read(tmp_path, "m.joblib", dumped(LabelEncoder().fit(NIRS), compress=compress))
    for nir in set(NIRS):
        assert nir in words(document).split("\n")


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickled_array_of_texts_is_found_in_every_protocol(tmp_path: Path, protocol: int) -> None:
    document = read(tmp_path, "m.pkl", pickle.dumps({"a": NIRS, "b": NIRS.astype("S")}, protocol=protocol))
    assert words(document).split("\n").count(NIRS[0]) == 16


def test_a_learned_vocabulary_is_counted_and_read(tmp_path: Path) -> None:
    document = read(tmp_path, "m.joblib", dumped(CountVectorizer().fit(["martin appelle le 0612345678"])))
    assert document.models[0].words == 4
    assert "0612345678" in words(document)


FRAMES = [
    pd.DataFrame({"sexe": ["F", "H"] * 15, "age": range(30), "poids": [60.5] * 30, "ok": [True, False] * 15}),
    pd.DataFrame({"jour": pd.to_datetime(["2021-03-04"] * 30), "c": pd.Categorical(["a", "b"] * 15)}),
    pd.DataFrame({"n": pd.array([1, None, 3] * 10, dtype="Int64"), "o": ["x", None, "z"] * 10}),
    pd.DataFrame({"a": ["x", "y"] * 15, "b": range(30)}).set_index("a"),
    pd.Series([f"p{i}" for i in range(30)], name="code"),
]


@pytest.mark.parametrize("frame", FRAMES, ids=["00", "01", "02", "03", "04"])
@pytest.mark.parametrize("protocol", [4, 5])
def test_a_pickled_table_is_read_as_the_table_that_it_is(tmp_path: Path, frame: Any, protocol: int) -> None:
    document = read(tmp_path, "t.pkl", pickle.dumps(frame, protocol=protocol))
    (table,) = document.tables
    flat = frame.to_frame() if isinstance(frame, pd.Series) else frame
    flat = flat if isinstance(flat.index, pd.RangeIndex) else flat.reset_index()
    assert list(table.titles) == list(flat.columns)
    (batch,) = table.batches()
    for index, title in enumerate(flat.columns):
        shown = batch.column(index).to_pylist()
        assert len(shown) == 30
        if flat[title].dtype.kind in "iO":
            assert [cell for cell in shown if cell] == [str(v) for v in flat[title] if not pd.isna(v) and str(v)]
    assert document.models[0].opaque == 0


DANGEROUS = [
    ("00", Harmless(os.system, "true")),
    ("01", Harmless(eval, "1")),
    ("02", Harmless(getattr, "a", "upper")),
    ("03", Harmless(__import__, "os")),
    ("04", Harmless(pd.read_pickle, "x")),
    ("05", Harmless(np.load, "x")),
    ("06", [1, {"a": (LogisticRegression(), Harmless(exec, ""))}]),
]


@pytest.mark.parametrize("thing", [c[1] for c in DANGEROUS], ids=[c[0] for c in DANGEROUS])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_code_in_a_pickle_is_told_and_never_run(tmp_path: Path, thing: Any, protocol: int) -> None:
    report = None
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(thing, protocol=protocol))
    report = check([path])
    assert str(report.verdict) == "block"
    assert "models.code" in {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("sklearn.linear_model._logistic.LogisticRegression", True),
        ("numpy._core.multiarray._reconstruct", True),
        ("pandas.DataFrame", True),
        ("torch._utils._rebuild_tensor_v2", True),
        ("torch.nn.modules.linear.Linear", True),
        ("scipy.sparse._csr.csr_matrix", True),
        ("numpy.testing._private.utils.runstring", False),
        ("numpy.load", False),
        ("numpy.memmap", False),
        ("pandas.io.pickle.read_pickle", False),
        ("pandas.HDFStore", False),
        ("pandas.io.pytables.HDFStore", False),
        ("pandas.core.computation.eval.eval", False),
        ("torch.load", False),
        ("torch.hub.load", False),
        ("torch.storage._load_from_bytes", False),
        ("joblib.load", False),
        ("operator.attrgetter", False),
        ("builtins.eval", False),
        ("posix.system", False),
        ("sklearn.os.system", False),
        ("__main__.Model", False),
    ],
)
def test_the_names_that_a_pickle_may_import(name: str, allowed: bool) -> None:
    assert (models_allowed.unknown([name]) == ()) == allowed


def test_tensors_are_listed_and_code_of_networks_is_told(tmp_path: Path) -> None:
    import torch

    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    for zipped in (True, False):
        stream = io.BytesIO()
        torch.save(network.state_dict(), stream, _use_new_zipfile_serialization=zipped)
        (model,) = read(tmp_path, "m.pt", stream.getvalue()).models
        assert sorted(model.numbers.values()) == [1, 8, 8, 32]
        assert model.code == ()
        assert model.opaque == 0
    stream = io.BytesIO()
    torch.save({"patients.embedding": torch.zeros(50, 4), "rows": torch.zeros(40, 3)}, stream)
    (model,) = read(tmp_path, "m.pt", stream.getvalue()).models
    assert dict(model.embeddings) == {"patients.embedding": 50}
    assert dict(model.untitled) == {"rows": 40}


def test_keras_layers_and_weights_are_listed_and_lambdas_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras

        network = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
        network.save(tmp_path / "m.keras")
        keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x)]).save(tmp_path / "l.keras")
        network.save(tmp_path / "m.h5")
    for name in ("m.keras", "m.h5"):
        report = check([tmp_path / name])
        assert (str(report.verdict), report.files[0].releasable) == ("pass", True)
    assert {f.rule for f in check([tmp_path / "l.keras"]).findings} == {"models.code"}


ARRAYS = [
    ("00", {"coef": X[0], "intercept": X[0][:1]}, "pass"),
    ("01", {"embeddings": X, "ids": np.array([f"{i:032x}" for i in range(200)])}, "block"),
    ("02", {"donnees": X}, "review"),
    ("03", {"patients": NIRS}, "block"),
]


@pytest.mark.parametrize(("arrays", "verdict"), [c[1:] for c in ARRAYS], ids=[c[0] for c in ARRAYS])
def test_arrays_by_name(tmp_path: Path, arrays: dict[str, Any], verdict: str) -> None:
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    assert str(check([tmp_path / "a.npz"]).verdict) == verdict


def test_a_linear_model_as_safetensors_leaves_without_its_remarks(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors({"auteur": "Dr X"}, coef=X[0]))
    report = check([path])
    assert (str(report.verdict), report.files[0].releasable) == ("pass", True)
    from hdh_jupyter.disclosure import sanitise

    clean = sanitise(path, tmp_path / "out", (), default_policy(), "m.safetensors")
    assert b"auteur" not in clean.path.read_bytes()
    assert words(read(tmp_path, "again.safetensors", clean.path.read_bytes())) == "coef"


def onnx(nodes: list[bytes], tensors: list[bytes]) -> bytes:
    graph = b"".join(field(1, node) for node in nodes) + b"".join(field(5, tensor) for tensor in tensors)
    return b"\x08\x08" + field(2, b"skl2onnx") + field(7, graph)


def field(number: int, content: bytes) -> bytes:
    assert len(content) < 1 << 14
    size = bytes([len(content)]) if len(content) < 128 else bytes([len(content) & 127 | 128, len(content) >> 7])
    return bytes([number << 3 | 2]) + size + content


ONNX = [
    ("00", onnx([field(4, b"LinearClassifier")], []), "pass", set()),
    ("01", onnx([field(4, b"SVMClassifier") + field(5, field(1, b"support_vectors") + field(7, bytes(400)))], []),
     "block", {"models.training_rows"}),
    ("02", onnx([field(4, b"TopK")], [b"\x08\x28\x08\x03\x10\x0b" + field(8, b"rows") + field(9, bytes(960))]),
     "block", {"models.training_rows"}),
    ("03", onnx([field(4, b"Run") + field(7, b"org.example")], []), "block", {"models.code"}),
    ("04", onnx([field(4, b"Add")], [field(13, b"\x0a\x08location")]), "block", {"engine.unreadable"}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "verdict", "rules"), [c[1:] for c in ONNX], ids=[c[0] for c in ONNX])
def test_onnx_by_its_wire_format(tmp_path: Path, content: bytes, verdict: str, rules: set[str]) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    report = check([tmp_path / "m.onnx"])
    assert (str(report.verdict), {f.rule for f in report.findings if f.severity == "block"}) == (verdict, rules)


def bomb() -> bytes:
    """Tuples of the tuple before, a hundred times: more nodes than the world has, in few opcodes."""
    return b"\x80\x02" + b"I1\n" + b"2\x86" * 100 + b"."


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return stream.getvalue()


REFUSED = [
    ("00", "m.pkl", b"not a pickle", "model_damaged"),
    ("01", "m.pkl", pickle.dumps([1])[:-1], "model_damaged"),
    ("02", "m.pkl", pickle.dumps([1]) + b"and more", "model_damaged"),
    ("03", "m.joblib", dumped(LogisticRegression().fit(X, Y))[:-400], "model_damaged"),
    ("04", "m.joblib", gzip.compress(dumped(X))[:-40], "model_damaged"),
    ("05", "m.joblib", bz2.compress(b"no pickle"), "model_damaged"),
    ("06", "m.safetensors", safetensors(a=X) + b"more", "model_damaged"),
    ("07", "m.npz", zipped(a_npy=b"no array"), "model_damaged"),
    ("08", "m.npz", zipped(a_npy=b"x", b_txt=b"y"), "model_structure"),
    ("09", "m.h5", b"\x89HDF\r\n\x1a\n" + bytes(64), "model_damaged"),
    ("10", "m.onnx", b"\x08\x08" + bytes(30), "model_damaged"),
    ("11", "m.pkl", b"\x80\x02\x82\x01.", "model_damaged"),
    ("14", "m.pkl", b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b"..", "model_damaged"),
    ("12", "m.pkl", pickle.dumps(0) * 60, "model_intricate"),
    ("13", "m.npy", b"\x93NUMPY\x01\x00\x40\x00" + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}".ljust(63)
     + b"\n", "model_objects"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "reason"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_cannot_be_followed_to_its_end_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(tmp_path, name, content)
    assert refused.value.key == reason


def test_nested_references_cost_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "m.pkl", bomb()).models[0].held == {}


def test_a_pickle_of_endless_opcodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_pickle, "MAX_OPCODES", 1000)
    with pytest.raises(Unreadable, match="model_intricate"):
        models_pickle.follow(io.BytesIO(b"\x80\x02" + b"K\x010" * 1000 + b"."))


def test_a_compression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MAX_UNPACKED", 1 << 20)
    with pytest.raises(Unreadable, match="model_unpacked"):
        read(tmp_path, "m.joblib", gzip.compress(bytes(4 << 20)))


SEEDS = [
    dumped(LogisticRegression().fit(X[:20], Y[:20])),
    pickle.dumps(FRAMES[1]),
    safetensors(a=X[:3]),
    ONNX[2][1],
    zipped(a_npy=b"\x93NUMPY\x01\x00"),
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_bytes_are_read_or_refused(seed: bytes, changes: list[tuple[float, int]]) -> None:
    import tempfile

    content = bytearray(seed)
    for where, value in changes:
        content[min(int(where * len(content)), len(content) - 1)] = value
    with tempfile.TemporaryDirectory() as folder:
        try:
            document = read(Path(folder), "m.bin", bytes(content))
            for table in document.tables:
                list(table.batches())
            words(document)
        except Unreadable:
            pass
