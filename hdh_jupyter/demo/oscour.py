"""Fictitious emergency visits in the shape of the OSCOUR network's, the same bytes at each run."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import blake2b
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from .dictionary import data_package, readme
from .epidemics import (
    DAYS,
    FIRST_DAY,
    Department,
    Diagnosis,
    age_weights,
    departments,
    diagnoses,
    expected_visits,
)

VISITS = 600_000
SEED = 20200101

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CCMU = ("1", "2", "3", "4", "5", "D", "P")
CCMU_LIMITS = (-1.1, 0.75, 1.9, 2.75)
"""On a scale in standard deviations: below the first is severity 1, above the last is severity 5."""
DEAD_ON_ARRIVAL = 0.12
"""Share of the highest severity that is coded D (dead on arrival) instead of 5."""
CODED_PSYCHIATRIC = 0.75
"""Share of psychiatric diagnoses that are coded P."""

TRANSPORT = ("PERSO", "AMBU", "VSAB", "SMUR", "HELI", "FO")
TRANSPORT_SHARES = {
    "1": (0.93, 0.03, 0.03, 0.00, 0.00, 0.01),
    "2": (0.76, 0.11, 0.12, 0.00, 0.00, 0.01),
    "3": (0.47, 0.26, 0.25, 0.015, 0.002, 0.003),
    "4": (0.17, 0.22, 0.30, 0.28, 0.03, 0.00),
    "5": (0.05, 0.08, 0.22, 0.59, 0.06, 0.00),
    "D": (0.00, 0.03, 0.25, 0.70, 0.02, 0.00),
    "P": (0.50, 0.17, 0.23, 0.01, 0.00, 0.09),
}

NO_DIAGNOSIS = 0.11
NO_TRANSPORT = 0.04
"""Shares of visits in which the item was not filled in."""

POOL = 2.2
POOL_SKEW = 1.4
"""Possible patients per visit, and how unevenly visits fall on them: together, one visit in four is a return."""


def write_dataset(folder: Path, visits: int = VISITS) -> bool:
    """Write the dataset into `folder`, whole or not at all; return False when it is there already.

    Parameters
    ----------
    visits
        How many visits to make up.
    """
    if folder.exists():
        return False
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        table = generate(visits)
        # The writer's version is in the file, its clock is not: the bytes depend on the packages installed alone.
        pa.parquet.write_table(table, draft / "visits.parquet", compression="zstd")
        plain = table.cast(pa.schema([(f.name, _plain(f.type)) for f in table.schema]))
        pa.csv.write_csv(plain, draft / "visits.csv", pa.csv.WriteOptions(quoting_style="none"))
        package = data_package(visits)
        (draft / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", "utf-8")
        (draft / "README.md").write_text(readme(package), "utf-8")
        os.rename(draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return True


def generate(visits: int = VISITS, seed: int = SEED) -> pa.Table:
    """Return the visits, ordered by day, the same for the same count and seed."""
    rng = np.random.default_rng(seed)
    reasons = diagnoses()
    places = departments()
    day, reason = _days_and_reasons(rng, visits, reasons)
    age = np.zeros(visits, dtype=np.int64)
    department = np.zeros(visits, dtype=np.int64)
    for number, each in enumerate(reasons):
        rows = np.flatnonzero(reason == number)
        age[rows] = rng.choice(105, size=len(rows), p=age_weights(each))
        department[rows] = _places(rng, day[rows], places, covid=number == 0)
    male = rng.random(visits) < np.array([each.male for each in reasons])[reason]
    ccmu = _severity(rng, reason, age, reasons)
    transport = _transport(rng, ccmu, age)
    patient = _patients(rng, department, male, day, age)
    return pa.table(
        {
            "day": pa.array(day.astype(np.int32) + (FIRST_DAY.toordinal() - 719163), pa.int32()).cast(pa.date32()),
            "department": _coded(department, [place.code for place in places]),
            "age": pa.array(age.astype(np.int16)),
            "sex": _coded(male.astype(np.int64), ["F", "M"]),
            "ccmu": _coded(ccmu, CCMU),
            "diagnosis": _coded(reason, [each.code for each in reasons], rng.random(visits) < NO_DIAGNOSIS),
            "transport": _coded(transport, TRANSPORT, rng.random(visits) < NO_TRANSPORT),
            "patient": pa.array(patient, pa.string()),
        }
    )


def _days_and_reasons(rng: np.random.Generator, visits: int, reasons: tuple[Diagnosis, ...]) -> tuple[Ints, Ints]:
    expected = expected_visits(reasons) * np.exp(rng.normal(0, 0.03, size=(DAYS, 1)))
    counts = rng.multinomial(visits, (expected / expected.sum()).ravel())
    cell = np.repeat(np.arange(counts.size), counts)
    day, reason = np.divmod(cell, len(reasons))
    # Within a day visits come in no order.
    order = np.lexsort((rng.random(visits), day))
    return day[order], reason[order]


def _places(rng: np.random.Generator, day: Ints, places: tuple[Department, ...], covid: bool) -> Ints:
    weights = np.array([place.weight for place in places])
    chosen = rng.choice(len(places), size=len(day), p=weights / weights.sum())
    if covid:
        hit = weights * np.array([place.early_wave for place in places])
        early = np.flatnonzero(day < 150)
        chosen[early] = rng.choice(len(places), size=len(early), p=hit / hit.sum())
    return chosen


def _severity(rng: np.random.Generator, reason: Ints, age: Ints, reasons: tuple[Diagnosis, ...]) -> Ints:
    shift = np.array([each.gravity for each in reasons])[reason]
    scale = shift + 0.012 * np.clip(age - 40, -20, 50) + rng.normal(0, 0.75, size=len(age))
    level = np.searchsorted(CCMU_LIMITS, scale).astype(np.int64)
    dead = (level == CCMU.index("5")) & (rng.random(len(age)) < DEAD_ON_ARRIVAL)
    psychiatric = np.array([each.psychiatric for each in reasons])[reason]
    coded_p = psychiatric & (level < CCMU.index("4")) & (rng.random(len(age)) < CODED_PSYCHIATRIC)
    return np.where(dead, CCMU.index("D"), np.where(coded_p, CCMU.index("P"), level))


def _transport(rng: np.random.Generator, ccmu: Ints, age: Ints) -> Ints:
    shares = np.array([TRANSPORT_SHARES[code] for code in CCMU])
    limits = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    draw = rng.random(len(age))
    # Old people come less often by their own means, children nearly always with their parents.
    draw = np.where(age >= 75, draw**0.55, np.where(age < 15, draw**1.6, draw))
    mode: Ints = np.minimum((draw[:, None] >= limits[ccmu]).sum(axis=1), len(TRANSPORT) - 1)
    return mode


def _patients(rng: np.random.Generator, department: Ints, male: Flags, day: Ints, age: Ints) -> list[str]:
    """Return a pseudonym per visit; one person keeps department, sex and year of birth."""
    year = (np.datetime64(FIRST_DAY) + day).astype("datetime64[Y]").astype(np.int64) + 1970
    alike = (department * 2 + male) * 3000 + (year - age)
    _, group, sizes = np.unique(alike, return_inverse=True, return_counts=True)
    pool = np.ceil(sizes * POOL)
    first = np.concatenate(([0], np.cumsum(pool)[:-1]))
    number = (first[group] + np.floor(pool[group] * rng.random(len(age)) ** POOL_SKEW)).astype(np.int64)
    persons, which = np.unique(number, return_inverse=True)
    key = SEED.to_bytes(8, "big")
    names = [blake2b(int(person).to_bytes(8, "big"), key=key, digest_size=16).hexdigest() for person in persons]
    return [names[index] for index in which]


def _coded(index: Ints, values: list[str] | tuple[str, ...], missing: Flags | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int8), mask=missing), pa.array(values))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
