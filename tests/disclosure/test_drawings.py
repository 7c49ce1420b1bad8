"""Drawings in vectors and PDF: points, steps and values that they show, what hides in them, and what leaves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest

from hdh_jupyter.disclosure import Report, check, check_and_sanitise, default_policy
from hdh_jupyter.disclosure.readers import pdf, svg
from hdh_jupyter.disclosure.readers.svg_drawn import unseen
from hdh_jupyter.disclosure.sanitisers.svg import drawing

from . import pictures as made

Judge = Callable[[str, str | bytes], Report]
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 400 300">'
SECRET = "matricule 4411 ; 2019-03-02 ; G20 ; 74 ans ; 4412 ; 2019-03-05"
ROWS = "\n".join(f"P{i:05d};{i % 90};{i % 96};2019-01-{i % 28 + 1:02d}" for i in range(300))


def keys(report: Report) -> set[str]:
    return {f.key for f in report.findings if f.severity != "info"}


def marks(form: str, count: int, seed: int = 1) -> str:
    drawn = random.Random(seed)
    return "".join(form.format(x=drawn.uniform(20, 380), y=drawn.uniform(20, 280)) for _ in range(count))


def falling(events: int, single: bool) -> str:
    """Draw a survival curve: a step at each event, or one a month of a cohort of thousands."""
    drawn, x, y, left, path = random.Random(7), 20.0, 20.0, 60, "M20 20"
    for index in range(events):
        x += drawn.expovariate(0.3) if single else 12
        if single and index % 9 == 0:
            left -= 1
        y += 200 / left if single else drawn.uniform(1, 9)
        path += f"H{x:.4f}V{y:.4f}"
    return f'<path d="{path}" fill="none" stroke="black"/>'


CIRCLE = '<circle cx="{x:.3f}" cy="{y:.3f}" r="2.1" fill="black"/>'
USE = '<use xlink:href="#m" x="{x:.3f}" y="{y:.3f}"/>'
PATH = '<path class="point" transform="translate({x:.3f},{y:.3f})" d="M3,0A3,3 0 1,1 0,-3A3,3 0 0,1 3,0Z"/>'
WEEKLY = "".join(f'<circle cx="{20 + 3 * i}" cy="{100 + i % 13}" r="2"/>' for i in range(100))
BARS = "".join(
    f'<rect x="{30 + 40 * i}" y="{250 - h}" width="30" height="{h}" fill="#47a"/>'
    f'<text x="{45 + 40 * i}" y="{245 - h}">{v}</text>'
    for i, (h, v) in enumerate(((180, 180), (40, "{small}"), (97, 97), (131, 131), (60, 62)))
)
COUNT_AXIS = '<text x="5" y="150" transform="rotate(-90 5 150)">Nombre de patients</text>'


@pytest.mark.parametrize(
    ("content", "verdict", "key"),
    [
        pytest.param(marks(CIRCLE, 25), "pass", None, id="00"),
        pytest.param(WEEKLY, "pass", None, id="01"),
        pytest.param(f"<text x='50' y='10'>Taux par département</text>{marks(CIRCLE, 101)}", "pass", None, id="02"),
        pytest.param(falling(24, single=False), "pass", None, id="03"),
        pytest.param(BARS.format(small=41) + COUNT_AXIS, "pass", None, id="04"),
        pytest.param(marks(CIRCLE, 60), "review", "figures.individuals", id="05"),
        pytest.param(marks(CIRCLE, 300), "block", "figures.individuals", id="06"),
        pytest.param(marks(USE, 300), "block", "figures.individuals", id="07"),
        pytest.param(marks(PATH, 300), "block", "figures.individuals", id="08"),
        pytest.param(falling(40, single=True), "block", "figures.single_steps", id="09"),
    ],
)
def test_drawings_are_judged_by_what_they_draw(content: str, verdict: str, key: str | None, judged: Judge) -> None:
    report = judged("a.svg", f"{HEAD}{content}</svg>")
    assert (str(report.verdict), keys(report)) == (verdict, {key} if key else set())


def test_a_small_count_written_at_a_bar_is_found(judged: Judge) -> None:
    report = judged("a.svg", HEAD + BARS.format(small=4) + COUNT_AXIS + "</svg>")
    assert "counts.small_cell" in {f.rule for f in report.findings}


def test_texts_drawn_as_outlines_are_read_from_their_notes() -> None:
    outlines = "".join(
        f'<g id="text_{i}"><!-- {word} --><g transform="translate({x} {y})"><use xlink:href="#g"/></g></g>'
        for i, (word, x, y) in enumerate((("Passages", 50, 20), ("n = 4", 60, 80), ("n = 120", 100, 40)))
    )
    document = svg.read_bytes(f"{HEAD}{outlines}</svg>".encode(), svg.Place(), default_policy())
    assert document.tables[0].titles[1] == "n"
    assert "Passages" in document.figures[0].titles


@pytest.mark.parametrize(
    "text",
    [
        '<text x="9" y="9" fill="white">{}</text>',
        '<text x="9" y="9" style="fill:#FFFFFF">{}</text>',
        '<style>.w{{fill:#fff}}</style><text class="w" x="9" y="9">{}</text>',
        '<g opacity="0"><text x="9" y="9">{}</text></g>',
        '<text x="9" y="9" fill-opacity="0.0">{}</text>',
        '<text x="9" y="9" font-size="0.4">{}</text>',
        '<g transform="scale(0.01)"><text x="9" y="9" font-size="10">{}</text></g>',
        '<text x="9" y="9" style="display:none">{}</text>',
        '<text x="9" y="9" visibility="hidden">{}</text>',
        '<text x="9000" y="9">{}</text>',
        '<g transform="translate(0 -900)"><text x="9" y="9">{}</text></g>',
    ],
)
def test_a_text_that_nobody_sees_is_told_and_does_not_leave(text: str, judged: Judge) -> None:
    source = HEAD + text.format(SECRET) + "</svg>"
    report = judged("a.svg", source)
    assert "svg.unseen" in keys(report)
    assert report.files[0].releasable
    assert "4411" not in drawing(source.encode()).decode()


def test_white_text_on_a_dark_shape_is_seen() -> None:
    heat = '<rect x="0" y="0" width="90" height="90" fill="#08306b"/><text x="40" y="40" fill="white">0.91</text>'
    assert unseen(svg.parse(f"{HEAD}{heat}</svg>".encode())) == []


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (f"<!-- {ROWS} -->", "svg.notes"),
        (f"<metadata>{ROWS}</metadata>", "hidden_metadata"),
        (f'<g data-rows="{ROWS}"/>', "hidden_metadata"),
        (f'<g id="{ROWS.replace(";", "_").replace(chr(10), "_")}"/>', "svg.names"),
        ("<script>1</script>", "hidden_script"),
    ],
)
def test_what_does_not_draw_is_told_and_does_not_leave(content: str, key: str, judged: Judge) -> None:
    report = judged("a.svg", f"{HEAD}<rect width='3' height='3'/>{content}</svg>")
    assert key in keys(report)
    assert "P00007" not in drawing(f"{HEAD}{content}</svg>".encode()).decode()


def test_an_embedded_picture_is_read_and_encoded_anew() -> None:
    import base64

    def within(picture: bytes) -> bytes:
        address = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        return f'{HEAD}<image width="9" height="9" xlink:href="{address}"/></svg>'.encode()

    document = svg.read_bytes(within(made.as_png(made.chart()) + ROWS.encode()), svg.Place(), default_policy())
    assert "trailing" in {h.what for h in document.hidden}
    clean = drawing(within(made.as_png(made.chart()) + ROWS.encode()))
    assert b"data:image/png;base64," in clean
    assert svg.read_bytes(clean, svg.Place(), default_policy()).hidden == ()
    assert drawing(clean) == clean


TABLE = [("Sexe", "Patients", "Part"), ("Femmes", "1 204", "52,1 %"), ("Hommes", "{}", "47,9 %"), ("Autres", "88", "x")]


def report_of(small: str) -> pikepdf.Pdf:
    return made.document(made.table_lines([[cell.format(small) for cell in row] for row in TABLE]))


def documents() -> Iterator[object]:
    """Yield what a document hides, and the key that says so."""
    attached = report_of("1 107")
    attached.attachments["base.csv"] = ("id;age\n" + ROWS).encode()
    yield pytest.param(attached, "pdf.attachment", True, id="attachment")
    scripted = report_of("1 107")
    scripted.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    yield pytest.param(scripted, "hidden_script", True, id="script")
    noted = report_of("1 107")
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=pikepdf.String(ROWS)
    )
    noted.pages[0].Annots = pikepdf.Array([noted.make_indirect(note)])
    yield pytest.param(noted, "pdf.annotation", True, id="annotation")
    titled = report_of("1 107")
    titled.docinfo["/Keywords"] = ROWS
    yield pytest.param(titled, "hidden_metadata", True, id="metadata")
    layered = report_of("1 107")
    layer = layered.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("x")))
    layered.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([layer]), D=pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
    )
    yield pytest.param(layered, "pdf.layer", True, id="layer")
    for name, content in (
        ("white", f"1 1 1 rg BT /F1 10 Tf 60 300 Td ({SECRET}) Tj ET"),
        ("mode 3", f"BT 3 Tr /F1 10 Tf 60 300 Td ({SECRET}) Tj ET"),
        ("tiny", f"BT /F1 0.3 Tf 60 300 Td ({SECRET}) Tj ET"),
        ("outside", f"BT /F1 10 Tf 60 3000 Td ({SECRET}) Tj ET"),
        ("covered", f"BT /F1 10 Tf 60 300 Td ({SECRET}) Tj ET 0.5 g 50 290 500 30 re f"),
    ):
        yield pytest.param(made.document([(60, 700, "Rapport")], content), "pdf.unseen", False, id=name)


@pytest.mark.parametrize(("document", "key", "releasable"), list(documents()))
def test_what_a_document_hides_is_told(document: pikepdf.Pdf, key: str, releasable: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(made.as_bytes(document))
    (tmp_path / "out").mkdir()
    report = check_and_sanitise([path], tmp_path / "out")
    assert key in keys(report)
    assert report.verdict == "block"
    assert report.files[0].releasable is releasable
    if releasable:
        clean = (tmp_path / "out" / "0").read_bytes()
        with pikepdf.open(tmp_path / "out" / "0") as opened:
            everything = b"".join(o.read_bytes() for o in opened.objects if isinstance(o, pikepdf.Stream))
            assert set(opened.Root.keys()) == {"/Type", "/Pages"}
        assert b"P00007" not in clean + everything


@pytest.mark.parametrize(("small", "verdict"), [("1 107", "pass"), ("7", "block")])
def test_a_table_of_a_document_is_read_and_leaves_the_same_each_time(small: str, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(made.as_bytes(report_of(small)))
    (tmp_path / "out").mkdir()
    report = check_and_sanitise([path], tmp_path / "out")
    assert str(report.verdict) == verdict
    if verdict == "pass":
        clean = tmp_path / "clean.pdf"
        clean.write_bytes((tmp_path / "out" / "0").read_bytes())
        assert check_and_sanitise([clean], tmp_path / "out").verdict == "pass"
        assert (tmp_path / "out" / "0").read_bytes() == clean.read_bytes()
    (table,) = pdf.read(path, "pdf", default_policy()).tables
    assert table.titles == TABLE[0]


def test_points_of_a_document_are_counted(judged: Judge) -> None:
    drawn = random.Random(3)
    dots = "".join(f"{drawn.uniform(60, 500):.3f} {drawn.uniform(60, 700):.3f} 4 4 re f\n" for _ in range(260))
    report = judged("a.pdf", made.as_bytes(made.document(content=dots)))
    assert keys(report) == {"figures.individuals"}


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%%EOF", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>", b"x" * 99])
def test_a_damaged_document_is_refused(content: bytes, judged: Judge) -> None:
    report = judged("a.pdf", content)
    assert {f.rule for f in report.findings} == {"engine.unreadable"}


def test_pictures_of_a_document_are_encoded_anew(tmp_path: Path) -> None:
    document = made.document(content="q 300 0 0 200 60 300 cm /I Do Q")
    picture = document.make_stream(made.as_jpeg(made.chart(), comment=ROWS.encode()))
    for key, value in (
        ("/Type", pikepdf.Name.XObject),
        ("/Subtype", pikepdf.Name.Image),
        ("/Width", 480),
        ("/Height", 320),
        ("/ColorSpace", pikepdf.Name.DeviceRGB),
        ("/BitsPerComponent", 8),
        ("/Filter", pikepdf.Name.DCTDecode),
    ):
        picture[key] = value
    document.pages[0].Resources.XObject = pikepdf.Dictionary(I=picture)
    path = tmp_path / "a.pdf"
    path.write_bytes(made.as_bytes(document))
    (tmp_path / "out").mkdir()
    report = check_and_sanitise([path], tmp_path / "out")
    assert "hidden_metadata" in keys(report)
    assert report.files[0].releasable
    assert b"P00007" not in (tmp_path / "out" / "0").read_bytes()
    (tmp_path / "clean.pdf").write_bytes((tmp_path / "out" / "0").read_bytes())
    assert check([tmp_path / "clean.pdf"]).verdict == "pass"
