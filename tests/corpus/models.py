"""Fitted models: those that hold their training rows, those that run something, and coefficients alone."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import struct
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import joblib
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.preprocessing import LabelEncoder, OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from .cases import CASES, Draw, Label, case
from .people import people, rows_of
from .writers import notebook

BLOCK, FLAG, CLEAN = Label.MUST_BLOCK, Label.MUST_FLAG, Label.CLEAN
RULES = ("models.", "hidden.", "rows.", "identifiers.", "persons.", "engine.")


def _joblib(model: object) -> bytes:
    out = io.BytesIO()
    joblib.dump(model, out)
    return out.getvalue()


def _training(draw: Draw, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    x = draw.numpy.normal(size=(rows, 8))
    return x, (x[:, 0] + draw.numpy.normal(size=rows) > 0).astype(int)


def _written(draw: Draw, model: object) -> bytes:
    return pickle.dumps(model) if draw.variant % 2 else _joblib(model)


@case(BLOCK, "models.training_rows", ".joblib", ".pkl", difficulty=3, rules=RULES)
def nearest_neighbours(draw: Draw) -> bytes:
    """A model that is its training set."""
    return _written(draw, KNeighborsClassifier().fit(*_training(draw)))


@case(BLOCK, "models.training_rows", ".joblib", ".pkl", difficulty=3, rules=RULES)
def support_vectors(draw: Draw) -> bytes:
    """A support vector machine, whose vectors are persons."""
    return _written(draw, SVC().fit(*_training(draw, 250)))


@case(BLOCK, "models.training_rows", ".joblib", ".pickle", difficulty=4, rules=RULES)
def gaussian_process(draw: Draw) -> bytes:
    """A Gaussian process keeps all its rows."""
    x, y = _training(draw, 60)
    return _written(draw, GaussianProcessRegressor(optimizer=None).fit(x, y))


@case(BLOCK, "models.training_rows", ".joblib", ".pkl", difficulty=4, rules=RULES)
def kernel_density(draw: Draw) -> bytes:
    """A density estimated by kernels keeps all its rows."""
    return _written(draw, KernelDensity().fit(_training(draw)[0]))


@case(BLOCK, "models.training_rows", ".pkl", ".pickle", difficulty=2, rules=RULES)
def pickled_frame(draw: Draw) -> bytes:
    """A pickled data frame of patients."""
    return pickle.dumps(rows_of(draw, 200).frame())


@case(BLOCK, "models.identifiers", ".pkl", ".joblib", ".joblib", difficulty=4, rules=RULES)
def encoder_of_identifiers(draw: Draw) -> bytes:
    """An encoder whose classes are numbers of persons."""
    numbers = np.array([one.nir for one in people(draw, 90)])
    if draw.variant == 2:
        return _joblib(OneHotEncoder().fit(numbers.reshape(-1, 1)))
    encoder = LabelEncoder().fit(numbers)
    return _joblib(encoder) if draw.variant else pickle.dumps(encoder)


@case(BLOCK, "models.identifiers", ".joblib", ".pkl", difficulty=4, rules=RULES)
def vocabulary_of_reports(draw: Draw) -> bytes:
    """A vectoriser whose vocabulary holds names and telephone numbers of patients."""
    texts = [f"Mme {one.last} {one.first} joignable au {one.phone} vue pour {one.disease}" for one in people(draw, 60)]
    return _written(draw, CountVectorizer().fit(texts))


@case(FLAG, "models.vectors", ".npy", ".npy", difficulty=4, rules=RULES)
def vectors_of_somebody(draw: Draw) -> bytes:
    """Three hundred vectors without a word of what they are: persons, or weights."""
    out = io.BytesIO()
    np.save(out, draw.numpy.normal(size=(300, 16)).astype(draw.turn(np.float32, np.float64)))
    return out.getvalue()


@case(BLOCK, "models.vectors", ".npz", ".npz", difficulty=4, rules=RULES)
def vector_per_patient(draw: Draw) -> bytes:
    """One vector for each patient, with pseudonyms."""
    out = io.BytesIO()
    ids = np.array([f"{draw.random.getrandbits(64):016x}" for _ in range(300)])
    np.savez_compressed(out, ids=ids, vectors=draw.numpy.normal(size=(300, 16)).astype(np.float32))
    return out.getvalue()


class Harmless:
    """Prints a word when it is unpickled, which nobody should do."""

    def __init__(self, call: object, *arguments: str) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return self.call, self.arguments


@case(BLOCK, "models.execution", ".pkl", ".pickle", ".joblib", ".pt", ".pth", difficulty=2, rules=RULES)
def runs_something(draw: Draw) -> bytes:
    """A pickle that calls something when it is opened (an echo, and never opened here)."""
    import builtins
    import os

    call = draw.turn(os.system, builtins.eval)
    payload = pickle.dumps(Harmless(call, "echo bonjour" if call is os.system else "1 + 1"))
    if draw.variant < 3:
        return payload
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(zipfile.ZipInfo("archive/data.pkl"), payload)
        packed.writestr(zipfile.ZipInfo("archive/version"), "3\n")
    return out.getvalue()


@case(BLOCK, "models.execution", ".keras", difficulty=4, rules=RULES)
def lambda_layer(draw: Draw) -> bytes:
    """A Keras archive with a Lambda layer, which holds a program."""
    layer = {
        "class_name": "Lambda",
        "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}},
    }
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(zipfile.ZipInfo("config.json"), json.dumps(config))
        packed.writestr(zipfile.ZipInfo("metadata.json"), json.dumps({"keras_version": "3.8.0"}))
    return out.getvalue()


@case(FLAG, "models.leaves", ".joblib", ".pkl", difficulty=4, rules=("models.",))
def unpruned_tree(draw: Draw) -> bytes:
    """A tree with leaves of one patient."""
    return _written(draw, DecisionTreeClassifier().fit(*_training(draw)))


@case(FLAG, "models.freedom", ".txt", ".txt", ".ipynb", ".md", difficulty=4, rules=("models.", "regressions."))
def saturated_model(draw: Draw) -> bytes:
    """A regression with fewer than ten residual degrees of freedom."""
    left = draw.random.randint(1, 8)
    text = draw.turn(
        "Call:\nlm(formula = y ~ ., data = d)\n\nCoefficients:\n            Estimate Std. Error t value Pr(>|t|)\n"
        "(Intercept)  2.41213    0.80210   3.007   0.0198 *\nage          0.11201    0.04110   2.725   0.0295 *\n\n"
        f"Residual standard error: 1.204 on {left} degrees of freedom\nMultiple R-squared:  0.9811\n",
        "                            OLS Regression Results\n"
        "==============================================================================\n"
        f"Dep. Variable:                      y   R-squared:                       0.981\n"
        f"No. Observations:                  {left + 21}   AIC:                             61.20\n"
        f"Df Residuals:                       {left}   BIC:                             80.10\n"
        "Df Model:                          20\n"
        "==============================================================================\n"
        "                 coef    std err          t      P>|t|      [0.025      0.975]\n"
        "------------------------------------------------------------------------------\n"
        "const          2.4121      0.802      3.007      0.020       0.516       4.308\n",
    )  # fmt: skip
    if draw.variant == 2:
        return notebook("# Modèle", ("print(modele.summary())", [text]))
    return (f"```\n{text}```\n" if draw.variant == 3 else text).encode()


@case(CLEAN, "clean.models", ".joblib", ".pkl", difficulty=4, tolerated=True)
def logistic_regression(draw: Draw) -> bytes:
    """Nine coefficients from thousands of persons, as a pickle."""
    return _written(draw, LogisticRegression().fit(*_training(draw, 4000)))


@case(CLEAN, "clean.models", ".safetensors", ".npz", ".pt", difficulty=4, tolerated=True)
def small_network(draw: Draw) -> bytes:
    """The weights of a small network."""
    weights = {"dense.weight": draw.numpy.normal(size=(4, 8)).astype(np.float32), "dense.bias": np.zeros(4, np.float32)}
    if draw.variant == 0:
        return _safetensors(weights)
    out = io.BytesIO()
    if draw.variant == 1:
        np.savez(out, **weights)
    else:
        import torch

        torch.save({name: torch.from_numpy(value) for name, value in weights.items()}, out)
    return out.getvalue()


def _safetensors(arrays: dict[str, np.ndarray]) -> bytes:
    header, data = {}, b""
    for name, value in arrays.items():
        raw = value.tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + data


R_PROGRAM = """
set.seed({seed})
n <- {rows}
base <- data.frame(id = sprintf("%016x", sample(1e9, n)), sexe = sample(1:2, n, TRUE), age = sample(18:95, n, TRUE),
  naissance = as.character(as.Date("1930-01-01") + sample(20000, n, TRUE)), hba1c = round(rnorm(n, 7, 1), 1),
  deces = rbinom(n, 1, 0.2), stringsAsFactors = FALSE)
tab <- data.frame(region = c("Bretagne", "Corse", "Occitanie"), patients = c(4120L, 1893L, 5230L))
saveRDS(base, "base.rds")
save(tab, base, file = "base.RData")
saveRDS(lm(hba1c ~ age + sexe, data = base), "lm.rds")
saveRDS(glm(deces ~ age + sexe, data = base, family = binomial), "glm.rds")
saveRDS(list(resultat = tab, source = base), "liste.rds")
saveRDS(tab, "tab.rds")
save(tab, file = "tab.RData")
"""


@cache
def r_files(seed: int) -> dict[str, bytes]:
    """Let R write its files, in one go."""
    with TemporaryDirectory() as folder:
        program = R_PROGRAM.format(seed=seed, rows=200 + seed)
        subprocess.run(["Rscript", "--vanilla", "-e", program], cwd=folder, check=True, capture_output=True)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _from_r(draw: Draw, *names: str) -> bytes:
    return r_files(1 + draw.half)[names[draw.variant]]


if shutil.which("Rscript"):

    @case(BLOCK, "rows", ".rds", ".RData", ".rds", difficulty=3, rules=RULES)
    def rows_of_r(draw: Draw) -> bytes:
        """A data frame of patients saved by R, alone, beside an aggregate, in a list."""
        return _from_r(draw, "base.rds", "base.RData", "liste.rds")

    @case(BLOCK, "models.training_rows", ".rds", ".rds", difficulty=4, rules=RULES)
    def model_of_r(draw: Draw) -> bytes:
        """A linear model saved by R keeps its data."""
        return _from_r(draw, "lm.rds", "glm.rds")

    @case(CLEAN, "clean.activity", ".rds", ".RData", difficulty=3)
    def table_of_r(draw: Draw) -> bytes:
        """An aggregate saved by R."""
        return _from_r(draw, "tab.rds", "tab.RData")


__all__ = ["CASES"]
