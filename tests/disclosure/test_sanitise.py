"""What leaves: the same result, and nothing else."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from nbformat import v4
from PIL import Image, PngImagePlugin

from hdh_jupyter.disclosure import Report, check, check_and_sanitise, default_policy, sanitise
from hdh_jupyter.disclosure.readers.delimited import delimiter_of
from hdh_jupyter.disclosure.sanitisers.delimited import neutral
from hdh_jupyter.disclosure.sanitisers.svg import drawing

Judge = Callable[[str, str | bytes], Report]
NIR = "295109912611193"


def png(text: dict[str, str] | None = None, trailing: bytes = b"", mode: str = "RGB") -> bytes:
    image = Image.new(mode, (8, 8))
    image.putpixel((3, 4), 1 if mode in ("1", "L", "P") else (200, 100, 50, 128)[: len(image.getbands())])
    info = PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_text(key, value, zip=True)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=info)
    return stream.getvalue() + trailing


def released(tmp_path: Path, name: str, content: bytes) -> tuple[Report, bytes | None]:
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    report = check_and_sanitise([tmp_path / name], out)
    clean = out / "0"
    assert clean.exists() is report.files[0].releasable
    return report, clean.read_bytes() if clean.exists() else None


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_table_leaves_as_plain_utf_8_with_the_same_values(encoding: str, tmp_path: Path) -> None:
    content = 'région;n;note\r\nÎle-de-France;120;"a ; b"\r\nCorse;14;"deux\nlignes"\r\n'
    _, clean = released(tmp_path, "t.csv", content.encode(encoding))
    assert clean is not None
    assert clean.decode("utf-8") == 'région;n;note\nÎle-de-France;120;"a ; b"\nCorse;14;"deux\nlignes"\n'


def test_formulas_are_neutralised_and_said(tmp_path: Path) -> None:
    content = 'libellé,valeur\n=1+1,-5\n@SUM(A1),"+3,2"\n"=cmd|\' /C calc\'!A0",-0.5\n-2+3,1e-3\n'
    report, clean = released(tmp_path, "t.csv", content.encode())
    assert clean is not None
    assert clean.decode() == "libellé,valeur\n'=1+1,-5\n'@SUM(A1),\"+3,2\"\n'=cmd|' /C calc'!A0,-0.5\n'-2+3,1e-3\n"
    # The one that calls a program is told to a person; the others are made texts.
    assert [(f.rule, f.params["total"]) for f in report.findings] == [("formulas.active", 1), ("engine.neutralised", 4)]
    assert report.verdict == "review"


@given(st.text())
@settings(deadline=None)
def test_no_cell_is_a_formula_twice(cell: str) -> None:
    clean = neutral(cell)
    assert neutral(clean) == clean
    assert not clean.startswith(("=", "@", "\t", "\r"))


def test_an_image_leaves_as_pixels_alone(tmp_path: Path) -> None:
    content = png({"Comment": "graphique"}, trailing=b"id;age\n1;33\n" * 50)
    report, clean = released(tmp_path, "f.png", content)
    assert clean is not None
    image = Image.open(io.BytesIO(clean))
    assert not image.info
    assert image.tobytes() == Image.open(io.BytesIO(content)).tobytes()
    assert clean.endswith(b"IEND\xaeB`\x82")
    assert {f.key for f in report.findings if f.severity == "block"} == {"hidden_trailing"}
    assert report.verdict == "block"


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_every_kind_of_pixel_is_kept(mode: str, tmp_path: Path) -> None:
    content = png(mode=mode) if mode != "I;16" else _sixteen_bits()
    _, clean = released(tmp_path, "f.png", content)
    assert clean is not None
    before, after = (Image.open(io.BytesIO(data)).convert("RGBA") for data in (content, clean))
    assert before.tobytes() == after.tobytes()


def _sixteen_bits() -> bytes:
    stream = io.BytesIO()
    Image.new("I;16", (4, 4), 4000).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("chunk", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"prVt"])
def test_an_identifier_in_any_chunk_of_an_image_is_found(chunk: bytes, judged: Judge) -> None:
    body = {
        b"tEXt": b"Comment\0" + NIR.encode(),
        b"zTXt": b"Comment\0\0" + zlib.compress(NIR.encode()),
        b"iTXt": b"Comment\0\1\0fr\0\0" + zlib.compress(NIR.encode()),
    }.get(chunk, b"  " + NIR.encode() + b"  ")
    part = struct.pack(">I", len(body)) + chunk + body + struct.pack(">I", zlib.crc32(chunk + body))
    content = png()
    report = judged("f.png", content[:33] + part + content[33:])
    assert "identifiers.nir" in {f.rule for f in report.findings}
    assert report.files[0].releasable


SVG = (
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
    '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 10 10" {attributes}>'
    '<style>.a {{ fill: #222 }}</style><g class="a" clip-path="url(#c)">'
    '<path d="M0 0L1 1" style="stroke: #000; fill: none"/>'
    '<text x="1" y="2">Passages</text><use xlink:href="#m"/>{content}</g></svg>'
)


def test_a_drawing_keeps_what_draws() -> None:
    clean = drawing(SVG.format(attributes="", content="").encode()).decode()
    for kept in (
        "M0 0L1 1",
        "Passages",
        'xlink:href="#i2"',
        "url(#i1)",
        ".c1 {fill: #222}",
        "stroke: #000; fill: none",
        "viewBox",
    ):
        assert kept in clean
    assert drawing(clean.encode()).decode() == clean


@pytest.mark.parametrize(
    ("attributes", "content", "gone"),
    [
        ('onload="steal()"', "", "steal"),
        ("", "<script>steal()</script>", "steal"),
        ("", "<foreignObject><b xmlns='http://www.w3.org/1999/xhtml'>secret</b></foreignObject>", "secret"),
        ("", '<image xlink:href="https://evil.example/x.png"/>', "evil"),
        ("", '<image href="data:image/png;base64,AAAA"/>', "base64"),
        ("", '<a xlink:href="javascript:steal()"><text>x</text></a>', "steal"),
        ("", '<use href="https://evil.example/x.svg#a"/>', "evil"),
        ("", '<rect style="fill: url(https://evil.example/x)"/>', "evil"),
        ("", '<rect fill="url(https://evil.example/x)"/>', "evil"),
        ("", "<style>@import url(https://evil.example/x.css);</style>", "evil"),
        ("", "<style>text { fill: url('//evil.example') }</style>", "evil"),
        ("", "<metadata>secret</metadata><!-- secret --><title>secret</title>", "secret"),
        ('data-rows="secret"', "", "secret"),
        ("", '<animate attributeName="href" values="secret"/>', "secret"),
        ("", '<x:thing xmlns:x="urn:x" x:data="secret">secret</x:thing>', "secret"),
    ],
)
def test_a_drawing_loses_what_acts_or_hides(attributes: str, content: str, gone: str) -> None:
    source = SVG.format(attributes=attributes, content=content)
    assert gone in source
    assert gone not in drawing(source.encode()).decode()


def test_an_identifier_cut_by_tags_is_found(judged: Judge) -> None:
    text = f"<text>{NIR[:7]}<tspan>{NIR[7:]}</tspan></text>"
    report = judged("f.svg", SVG.format(attributes="", content=text))
    assert "identifiers.nir" in {f.rule for f in report.findings}
    assert not report.files[0].releasable


def a_notebook() -> bytes:
    image = base64.b64encode(png({"Software": "x"})).decode()
    svg = SVG.format(attributes='onload="steal()"', content="")
    cells = [
        v4.new_markdown_cell("# Passages ![x](attachment:d.csv)", attachments={"d.csv": {"text/csv": "aWQK"}}),
        v4.new_code_cell(
            "tab",
            metadata={"tags": ["secret"], "collapsed": True},
            execution_count=3,
            outputs=[
                v4.new_output(
                    "execute_result", data={"text/plain": "region    n\nA       120\nB        14"}, execution_count=3
                ),
                v4.new_output("display_data", data={"text/html": "<b>bonjour</b><script>steal()</script>"}),
                v4.new_output(
                    "display_data", data={"image/png": image, "text/plain": "<Figure>"}, metadata={"needs": "secret"}
                ),
                v4.new_output("display_data", data={"image/svg+xml": svg}),
                v4.new_output("display_data", data={"application/javascript": "steal()"}),
                v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["secret"]),
                v4.new_output("stream", text="region    n\nA       120\nB         3\n"),
            ],
        ),
        v4.new_code_cell(f"x = '{NIR}'"),
    ]
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"secret": "secret"}}}}
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python", "env": {"secret": "1"}},
        "language_info": {"name": "python", "version": "secret"},
        "widgets": state,
        "authors": ["secret"],
    }
    return nbformat.writes(v4.new_notebook(cells=cells, metadata=metadata)).encode()


def test_a_notebook_leaves_with_sources_text_and_images(tmp_path: Path) -> None:
    report, clean = released(tmp_path, "n.ipynb", a_notebook())
    assert report.verdict == "block"
    assert clean is not None
    for gone in (b"secret", b"steal", b"attachments", b"widgets", b'traceback": [\n      "', NIR.encode()):
        assert gone not in clean
    notebook = nbformat.reads(clean.decode(), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata == {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    markdown, code, identified = notebook.cells
    assert markdown.source.startswith("# Passages")
    assert code.source == "tab"
    assert code.outputs[0].data["text/plain"].startswith("region")
    assert code.outputs[1].data == {"text/plain": "bonjour"}
    assert "image/png" in code.outputs[2].data
    assert "Passages" in code.outputs[3].data["image/svg+xml"]
    assert "retirée" in code.outputs[4].text
    assert "removed" in code.outputs[4].text
    assert code.outputs[5].ename == "KeyError"
    assert "Sortie retirée par le contrôle" in code.outputs[6].text
    assert "Output removed by the disclosure check" in code.outputs[6].text
    assert identified.source.startswith("# ")


cells_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cells_text, min_size=2, max_size=4), min_size=1, max_size=6))
@example(rows=[["", "", "", "|"], ["", "|", "\x85", "\r"]])
def test_a_releasable_table_passes_its_own_check(rows: list[list[str]], tmp_path: Path) -> None:
    import csv

    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";").writerows(rows)
    _, clean = released(tmp_path, "t.csv", stream.getvalue().encode())
    if clean is not None:
        again, twice = released(tmp_path, "u.csv", clean)
        assert again.verdict != "block"
        # Cells of nothing but marks may make another delimiter the likelier one.
        assert twice == clean or {delimiter_of(clean.decode()), delimiter_of(stream.getvalue())} != {";"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.one_of(cells_text, st.sampled_from([NIR, "region n\nA 120\nB 3", "0612345678"])), max_size=4),
    html=cells_text,
)
def test_a_releasable_notebook_passes_its_own_check(texts: list[str], html: str, tmp_path: Path) -> None:
    outputs = [v4.new_output("stream", text=text) for text in texts]
    outputs.append(v4.new_output("display_data", data={"text/html": f"<p>{html}</p>"}))
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=outputs), v4.new_markdown_cell(html)])
    _, clean = released(tmp_path, "n.ipynb", json.dumps(notebook).encode())
    if clean is not None:
        again, _ = released(tmp_path, "m.ipynb", clean)
        assert again.verdict != "block", again.to_dict("en")


def test_a_file_alone_can_be_sanitised(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(a_notebook())
    report = check([path])
    clean = sanitise(path, tmp_path / "clean.ipynb", report.findings, default_policy())
    assert clean.size == (tmp_path / "clean.ipynb").stat().st_size
    assert check([clean.path]).verdict == "pass"
