"""What the tables of a request give away together, and with what was released before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import default_policy
from hdh_jupyter.disclosure.model import Finding
from hdh_jupyter.disclosure.readers import kind_of, read
from hdh_jupyter.disclosure.register.extract import extract
from hdh_jupyter.disclosure.rules.linked import linked_tables

REGIONS = (
    "Bretagne",
    "Corse",
    "Grand Est",
    "Normandie",
    "Occitanie",
    "Île-de-France",
    "Hauts-de-France",
    "Centre-Val de Loire",
)
AGES = ("0-17", "18-39", "40-64", "65 et plus")
Cells = dict[tuple[str, str], int]


def drawn(seed: int, rows: tuple[str, ...] = REGIONS, columns: tuple[str, ...] = AGES) -> Cells:
    """Draw large counts."""
    chosen = random.Random(seed)
    return {(row, column): chosen.randint(60, 900) for row in rows for column in columns}


def wide(cells: Cells, first: str = "region", hidden: tuple[tuple[str, str], ...] = ()) -> str:
    """Write categories as titles."""
    columns = list(dict.fromkeys(column for _, column in cells))
    lines = [";".join([first, *columns])]
    for row in dict.fromkeys(row for row, _ in cells):
        lines.append(";".join([row, *("c" if (row, c) in hidden else str(cells[row, c]) for c in columns)]))
    return "\n".join(lines) + "\n"


def long(cells: Cells, first: str, second: str, hidden: tuple[tuple[str, str], ...] = ()) -> str:
    """Write one line per count."""
    lines = [f"{first},{second},effectif"]
    lines += [f"{r},{c},{'' if (r, c) in hidden else n}" for (r, c), n in cells.items()]
    return "\n".join(lines) + "\n"


def one_way(counts: dict[str, int], first: str, count: str = "effectif") -> str:
    return "\n".join([f"{first};{count}", *(f"{label};{n}" for label, n in counts.items())]) + "\n"


def found(folder: Path, request: dict[str, str], before: dict[str, str] | None = None) -> list[Finding]:
    """Return what is found of a request after releases."""
    policy = default_policy()

    def documents(files: dict[str, str]) -> dict[str, object]:
        for name, text in files.items():
            (folder / name).write_text(text)
        return {name: read(folder / name, kind_of(name, policy), policy) for name in files}

    released = [extract(documents({n: t}), "#1", policy) for n, t in (before or {}).items()]  # type: ignore[arg-type]
    return list(linked_tables(documents(request), released, policy))  # type: ignore[arg-type]


ALL, MEN = drawn(1), drawn(2)
WOMEN = drawn(3) | {("Corse", "18-39"): 4}
BOTH = {key: MEN[key] + WOMEN[key] for key in MEN}
SECRET = (("Corse", "18-39"),)
BY_REGION = {row: sum(WOMEN[row, c] for c in AGES) for row in REGIONS}
BY_AGE = {c: sum(WOMEN[row, c] for row in REGIONS) for c in AGES}
UPDATED = ALL | {("Corse", "0-17"): ALL["Corse", "0-17"] - 3}
FEWER = {row: n - (i % 4) for i, (row, n) in enumerate(BY_REGION.items())}
FINE = drawn(4, REGIONS[:6], ("0-4", "5-14", "15-64", "65 ans et plus")) | {("Corse", "5-14"): 6}
COARSE = {
    (row, label): sum(FINE[row, part] for part in parts)
    for row in REGIONS[:6]
    for label, parts in {"0-14 ans": ("0-4", "5-14"), "15 ans et plus": ("15-64", "65 ans et plus")}.items()
}
DEPARTMENTS = {
    "22": 300,
    "29": 410,
    "35": 520,
    "56": 7,
    "2A": 210,
    "2B": 190,
    "14": 260,
    "27": 320,
    "50": 270,
    "61": 150,
    "76": 480,
}
ROLLED = {"Bretagne": 1237, "Corse": 400, "Normandie": 1480}
HIDDEN_56 = one_way(DEPARTMENTS, "departement").replace("56;7", "56;c")

TOGETHER = {
    "00 men, women and everybody": (
        {"f.csv": wide(WOMEN, hidden=SECRET), "h.csv": wide(MEN), "e.csv": wide(BOTH)},
        None,
    ),
    "01 everybody was released": ({"f.csv": wide(WOMEN, hidden=SECRET), "h.csv": wide(MEN)}, {"e.csv": wide(BOTH)}),
    "02 margins in other tables": (
        {"x.csv": wide(WOMEN, hidden=SECRET), "r.csv": one_way(BY_REGION, "region"), "a.csv": one_way(BY_AGE, "age")},
        None,
    ),
    "03 margins of a long table": (
        {"x.csv": long(WOMEN, "region", "classe_age", SECRET), "r.csv": one_way(BY_REGION, "Région")},
        None,
    ),
    "04 the hidden cell was released": (
        {"r.csv": one_way(BY_REGION, "region")},
        {"x.csv": wide(WOMEN, hidden=SECRET)},
    ),
    "05 coarse and fine ages": (
        {"fin.csv": wide(FINE, hidden=(("Corse", "5-14"),)), "large.csv": wide(COARSE)},
        None,
    ),
    "06 départements and régions": ({"dep.csv": HIDDEN_56, "reg.csv": one_way(ROLLED, "region")}, None),
    "07 long and wide, updated": ({"b.csv": long(UPDATED, "region", "age")}, {"a.csv": wide(ALL)}),
    "08 with and without a few": (
        {"tous.csv": one_way(BY_REGION, "region"), "sans.csv": one_way(FEWER, "region")},
        None,
    ),
    "09 nested ages by title": (
        {
            "a.csv": one_way(BY_REGION, "region", "n_18_ans_et_plus"),
            "b.csv": one_way(FEWER, "region", "n_20_ans_et_plus"),
        },
        None,
    ),
}


@pytest.mark.parametrize("case", TOGETHER.values(), ids=TOGETHER)
def test_what_tables_give_away_together_blocks(
    tmp_path: Path, case: tuple[dict[str, str], dict[str, str] | None]
) -> None:
    request, before = case
    told = found(tmp_path, request, before)
    assert told
    assert {finding.severity.value for finding in told} == {"block"}
    for finding in told:
        sentences = finding.to_dict("en")
        others = set(request) | set(before or {})
        assert finding.file in request
        assert any(name in sentences["message"] + sentences["why"] for name in others - {finding.file})


CLEAN = {
    "00 the same again": ({"b.csv": wide(ALL)}, {"a.csv": wide(ALL)}),
    "01 the same in long form": ({"b.csv": long(ALL, "region", "age")}, {"a.csv": wide(ALL)}),
    "02 nothing to do with one another": ({"a.csv": wide(ALL), "b.csv": wide(drawn(9))}, None),
    "03 all shown and large": ({"h.csv": wide(MEN), "a.csv": wide(ALL)}, {"x.csv": wide(drawn(8))}),
    "04 another year": (
        {"b.csv": one_way({r: n + 3 for r, n in BY_REGION.items()}, "region", "n_2023")},
        {"a.csv": one_way(BY_REGION, "region", "n_2022")},
    ),
    "05 men and women": (
        {"b.csv": one_way({r: n + 5 for r, n in BY_REGION.items()}, "region", "hommes")},
        {"a.csv": one_way(BY_REGION, "region", "femmes")},
    ),
    "06 another thing counted": (
        {"b.csv": one_way({r: n - 4 for r, n in BY_REGION.items()}, "region", "deces")},
        {"a.csv": one_way(BY_REGION, "region", "passages")},
    ),
    "07 the total of hidden cells stays open": (
        {"x.csv": wide(WOMEN, hidden=(*SECRET, ("Corse", "0-17"), ("Bretagne", "18-39"), ("Bretagne", "0-17")))},
        {"r.csv": one_way(BY_REGION, "region"), "a.csv": one_way(BY_AGE, "age")},
    ),
    "08 no table": ({"a.csv": "variable;libelle\nage;âge au séjour\nsexe;sexe du patient\n"}, {"b.csv": wide(ALL)}),
    "09 many are added": (
        {"b.csv": one_way({r: n + 60 for r, n in BY_REGION.items()}, "region")},
        {"a.csv": one_way(BY_REGION, "region")},
    ),
}


@pytest.mark.parametrize("case", CLEAN.values(), ids=CLEAN)
def test_tables_that_give_nothing_away_pass(tmp_path: Path, case: tuple[dict[str, str], dict[str, str] | None]) -> None:
    assert found(tmp_path, *case) == []
