"""The verdict on a table does not depend on its layout: order, side, delimiter, encoding, line ends, thousands."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hdh_jupyter.disclosure import check

REGIONS = ["Bretagne", "Corse", "Île-de-France", "Grand Est", "Normandie", "Occitanie"]
COUNTS = ["n", "passages", "séjours", "nb_patients", "Femmes", "vaccinés", "2021", "65 et +"]
OTHERS = ["taux", "âge moyen", "montant", "durée médiane", "pct_guéris"]

Rows = list[list[str]]


@st.composite
def tables(draw: Any) -> tuple[Rows, bool]:
    """Return a table with titles, and whether a count in it is small."""
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=6, unique=True))
    counts = draw(st.lists(st.sampled_from(COUNTS), min_size=1, max_size=3, unique=True))
    others = draw(st.lists(st.sampled_from(OTHERS), max_size=2, unique=True))
    small = draw(st.booleans())
    values = [[draw(st.integers(1000, 90_000)) for _ in counts] for _ in regions]
    if small:
        values[draw(st.integers(0, len(regions) - 1))][draw(st.integers(0, len(counts) - 1))] = draw(st.integers(1, 10))
    rows = [["région", *counts, *others]]
    for region, line in zip(regions, values, strict=True):
        rows.append([region, *map(str, line), *(f"{draw(st.integers(110, 990)) / 10:.1f}" for _ in others)])
    return rows, small


def written(rows: Rows, delimiter: str, end: str, encoding: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue().encode(encoding)


def permuted(rows: Rows, order: Any) -> Rows:
    body = rows[1:]
    order.shuffle(body)
    columns = list(range(len(rows[0])))
    order.shuffle(columns)
    return [[row[c] for c in columns] for row in [rows[0], *body]]


def decimal_commas(rows: Rows) -> Rows:
    return [[cell.replace(".", ",") for cell in row] for row in rows]


def grouped(rows: Rows) -> Rows:
    return [rows[0], *([f"{int(c):,}".replace(",", "\u202f") if c.isdigit() else c for c in row] for row in rows[1:])]


def transposed(rows: Rows) -> Rows:
    return [list(row) for row in zip(*rows, strict=True)]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=tables(), order=st.randoms(use_true_random=False))
def test_the_verdict_is_that_of_the_figures(made: tuple[Rows, bool], order: Any, tmp_path: Path) -> None:
    rows, small = made
    variants = {
        "plain": written(rows, ",", "\n", "utf-8"),
        "French": written(decimal_commas(rows), ";", "\r\n", "cp1252"),
        "Mac": written(rows, ";", "\r", "utf-8-sig"),
        "UTF-16": written(rows, "\t", "\n", "utf-16"),
        "bars": written(rows, "|", "\n", "utf-8"),
        "permuted": written(permuted(rows, order), ";", "\n", "utf-8"),
        "grouped": written(grouped(rows), ";", "\n", "utf-8"),
        "transposed": written(transposed(rows), ";", "\n", "utf-8"),
    }
    verdicts = {}
    for name, content in variants.items():
        path = tmp_path / f"{name}.csv"
        path.write_bytes(content)
        verdicts[name] = str(check([path]).verdict)
    assert verdicts == dict.fromkeys(variants, "block" if small else "pass"), rows
