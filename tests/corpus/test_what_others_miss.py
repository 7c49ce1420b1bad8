"""What was measured to pass other tools (ACRO, SACRO-Viewer, trevor) is caught here; what they hold up passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import Report, check
from hdh_jupyter.disclosure.engine import examine
from hdh_jupyter.disclosure.policy import default_policy
from hdh_jupyter.disclosure.register.extract import extract

from .cases import Draw
from .people import rows_of
from .words import REGIONS
from .writers import Sheet, delimited

Judge = Callable[..., Report]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Check files that are given by name, after others have been released."""

    def judged(files: dict[str, str | bytes], released: dict[str, str] | None = None) -> Report:
        def written(name: str, content: str | bytes) -> Path:
            path = tmp_path / name
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return path

        policy = default_policy()
        earlier = []
        for name, content in (released or {}).items():
            path = written(name, content)
            document, _ = examine(path, name, policy)
            assert document is not None
            earlier.append(extract({name: document}, name, policy))
        return check([written(name, content) for name, content in files.items()], released=earlier)

    return judged


DISEASES = ("Asthme", "BPCO", "Diabète", "AVC", "Épilepsie")


def crossed(hidden: bool) -> tuple[str, int]:
    """Return 13 regions by 5 diagnoses with two margins, and how many cells are hidden.

    As ACRO writes it: hidden cells are empty, and totals count what is shown.
    """
    draw = random.Random(3)
    lines = [";".join(("region", *DISEASES, "All"))]
    sums = [0] * len(DISEASES)
    number = 0
    for index, region in enumerate(REGIONS):
        cells = [draw.randint(40, 900) for _ in DISEASES]
        if index < 10:
            cells[index % 5] = draw.randint(1, 9)
        shown = [cell for cell in cells if cell > 10 or not hidden]
        number += len(cells) - len(shown)
        sums = [total + (cell if cell > 10 or not hidden else 0) for total, cell in zip(sums, cells, strict=True)]
        lines.append(";".join((region, *(str(c) if c > 10 or not hidden else "" for c in cells), str(sum(shown)))))
    return "\n".join((*lines, ";".join(("All", *map(str, sums), str(sum(sums)))))) + "\n", number


def totals() -> str:
    """Return the true numbers by region."""
    lines = crossed(hidden=False)[0].splitlines()[1:-1]
    return "\n".join(("region;n", *(f"{line.split(';')[0]};{line.split(';')[-1]}" for line in lines))) + "\n"


def test_true_totals_give_back_what_acro_hides(judge: Judge) -> None:
    """ACRO gives both files "review": 10 of 10 cells follow by subtraction."""
    table, hidden = crossed(hidden=True)
    assert hidden == 10
    assert judge({"croise.csv": table, "totaux.csv": totals()}).verdict == "block"


def test_one_way_tables_give_back_what_acro_hides(judge: Judge) -> None:
    """ACRO: 188 - 184 = 4, and the same sentence for all three outputs."""
    files = {
        "croise.csv": "region;femmes;hommes\nNord;184;202\nSud;;310\nEst;240;255\n",
        "par_region.csv": "region;n\nNord;386\nSud;314\nEst;495\n",
        "par_sexe.csv": "sexe;n\nfemmes;428\nhommes;767\n",
    }
    assert judge(files).verdict == "block"


def test_a_cell_of_ten_is_small(judge: Judge) -> None:
    """ACRO's threshold lets 10 through; the French rule is fewer than 11."""
    assert judge({"t.csv": "region;patients\nNord;120\nSud;10\nEst;96\n"}).verdict == "block"


def test_one_contributor_of_86_per_cent_is_too_many(judge: Judge) -> None:
    """ACRO's rule (2, 90 %) passes it; Insee's is one contributor at most 85 %."""
    table = (
        "etablissement;nb_patients;depense_totale;plus_gros_contributeur\n"
        "E00;120;1000000;861000\nE01;340;2140000;31000\nE02;95;700000;22000\n"
    )
    report = judge({"t.csv": table})
    assert report.verdict == "block"
    assert any(finding.rule.startswith("concentration.") for finding in report.findings)


def test_a_maximum_is_one_persons_value(judge: Judge) -> None:
    """ACRO passes `aggfunc="max"` with an empty summary."""
    table = "region;n;cout_max\nNord;320;18412.35\nSud;410;22187.10\nEst;295;9120.40\n"
    assert judge({"t.csv": table}).verdict != "pass"


def test_rows_handed_over_are_read(judge: Judge) -> None:
    """ACRO and SACRO-Viewer take 500 rows with identifiers for "review" without opening them."""
    assert judge({"raw.csv": delimited(rows_of(Draw(5, "raw.csv", 0), 500))}).verdict == "block"


def test_tables_one_person_apart_are_told(judge: Judge) -> None:
    """ACRO flags nothing; trevor approves both."""
    before = "region;F;H\nNord;184;202\nSud;295;310\nEst;240;255\n"
    after = before.replace("295", "294")
    assert judge({"avant.csv": before, "apres.csv": after}).verdict == "block"
    assert judge({"apres.csv": after}, released={"avant.csv": before}).verdict == "block"


def test_an_empty_cell_that_follows_from_its_total_blocks(judge: Judge) -> None:
    """trevor: "medium", only because something is missing."""
    assert judge({"t.csv": "region;F;H;Total\nNord;184;202;386\nSud;;310;314\nEst;240;255;495\n"}).verdict == "block"


HARMLESS = {
    "cells of 480 and more": "region;F;H\nNord;484;602\nSud;495;710\nEst;640;555\n",
    "regression": "terme;OR;IC_inf;IC_sup;p\nage;1,04;1,02;1,06;<0,001\nsexe;1,20;0,98;1,47;0,08\n",
    "percentages": "region;pourcentage\nNord;12,4\nSud;8,1\nEst;4,7\n",
    "years": "annee;nb_patients\n2019;4812\n2020;4391\n2021;5120\n2022;5333\n",
}


@pytest.mark.parametrize("table", HARMLESS.values(), ids=HARMLESS)
def test_harmless_tables_pass(judge: Judge, table: str) -> None:
    """ACRO holds the first for review; trevor rates the others "high" and escalates them."""
    assert judge({"t.csv": table}).verdict == "pass"


def test_what_nobody_can_open_is_not_for_a_reviewer_to_guess(judge: Judge) -> None:
    """SACRO-Viewer asks for a review of any file; a kind that is not read is blocked with its reason."""
    report = judge({"base.gph": b"\x00\x01\x02" * 50})
    assert report.verdict == "block"
    assert report.findings[0].rule == "engine.unreadable"


def test_a_page_of_aggregates_is_no_data_dump(judge: Judge) -> None:
    """A long table of large counts passes, though it has many rows."""
    rows = [
        [region, year, 400 + 7 * index] for index, region in enumerate(REGIONS) for year in ("2021", "2022", "2023")
    ]
    assert judge({"t.csv": delimited(Sheet(["region", "annee", "nb_sejours"], rows))}).verdict == "pass"
