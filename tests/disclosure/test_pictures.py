"""Images of pixels: what they carry beside a picture is found, and does not leave; ordinary charts pass."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hdh_jupyter.disclosure import Report, check, check_and_sanitise
from hdh_jupyter.disclosure.documents import Unreadable
from hdh_jupyter.disclosure.readers import jpeg, pixels

from . import pictures as made

Judge = Callable[[str, str | bytes], Report]
NIR = "295109912611193"
ROWS = "\n".join(f"P{i:05d};{i % 90};{i % 96}" for i in range(400)).encode()


def keys(report: Report) -> set[str]:
    return {f.key for f in report.findings if f.severity != "info"}


@pytest.mark.parametrize(
    ("name", "content", "verdict", "key"),
    [
        pytest.param("a.png", made.as_png(made.chart()), "pass", None, id="00"),
        pytest.param("a.png", made.as_png(made.chart("RGBA")), "pass", None, id="01"),
        pytest.param("a.png", made.as_png(made.series_over_time(160)), "pass", None, id="02"),
        pytest.param("a.png", made.as_png(made.scatter(20)), "pass", None, id="03"),
        pytest.param("a.jpg", made.as_jpeg(made.chart()), "pass", None, id="04"),
        pytest.param("a.jpg", made.as_jpeg(made.chart(), dpi=(150, 150)), "pass", None, id="05"),
        pytest.param("a.png", made.as_png(made.scatter(400)), "review", "figures.raster_points", id="06"),
        pytest.param(
            "a.png", made.as_png(made.with_low_bits(made.chart(), 40_000)), "review", "picture.low_bits", id="07"
        ),
        pytest.param("a.png", made.as_png(made.photograph()), "review", "picture.photograph", id="08"),
        pytest.param("a.jpeg", made.as_jpeg(made.photograph()), "review", "picture.photograph", id="09"),
        pytest.param("a.png", made.as_png(made.pixel_per_person()), "block", "picture.values", id="10"),
        pytest.param("a.png", made.with_surplus(made.chart(), ROWS), "block", "picture.surplus", id="11"),
        pytest.param("a.png", made.as_png(made.chart()) + ROWS, "block", "hidden_trailing", id="12"),
        pytest.param("a.jpg", made.as_jpeg(made.chart()) + ROWS, "block", "hidden_trailing", id="13"),
        pytest.param("a.jpg", made.as_jpeg(made.chart(), comment=ROWS), "block", "hidden_metadata", id="14"),
        pytest.param("a.jpg", made.as_jpeg(made.chart(), exif=b"Exif\0\0" + ROWS), "block", "hidden_metadata", id="15"),
        pytest.param(
            "a.png",
            made.before_end(made.as_png(made.chart()), made.chunk(b"gAMA", ROWS)),
            "block",
            "hidden_metadata",
            id="16",
        ),
        pytest.param(
            "a.png",
            made.animated(made.chart(), made.scatter(9).resize((480, 320))),
            "block",
            "picture.frames",
            id="17",
        ),
    ],
)
def test_pictures_are_judged_by_what_they_carry(
    name: str, content: bytes, verdict: str, key: str | None, judged: Judge
) -> None:
    report = judged(name, content)
    assert (str(report.verdict), keys(report)) == (verdict, {key} if key else set())


def test_low_bits_of_transparency_alone_are_seen() -> None:
    image = made.chart("RGBA")
    alpha = made.with_low_bits(image.getchannel("A"), 60_000)
    image.putalpha(alpha)
    assert pixels.measure(image).low_bits > 1000


@pytest.mark.parametrize("content", [NIR.encode(), f"courriel {NIR}".encode()])
def test_an_identifier_in_a_comment_of_a_jpeg_is_found(content: bytes, judged: Judge) -> None:
    report = judged("a.jpg", made.as_jpeg(made.chart(), comment=content))
    assert "identifiers.nir" in {f.rule for f in report.findings}
    assert report.files[0].releasable


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jpg", made.as_jpeg(made.chart(), comment=ROWS) + ROWS), ("a.png", made.as_png(made.chart()) + ROWS)],
)
def test_what_leaves_is_the_picture_alone_and_always_the_same(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    forms = []
    for out in (tmp_path / "one", tmp_path / "two"):
        out.mkdir()
        assert check_and_sanitise([tmp_path / name], out).files[0].releasable
        forms.append((out / "0").read_bytes())
    assert forms[0] == forms[1]
    assert b"P00001" not in forms[0]
    (tmp_path / f"clean-{name}").write_bytes(forms[0])
    assert check([tmp_path / f"clean-{name}"]).verdict == "pass"
    assert Image.open(io.BytesIO(forms[0])).size == Image.open(io.BytesIO(content)).size


def test_colours_under_full_transparency_do_not_leave(tmp_path: Path) -> None:
    image = Image.new("RGBA", (64, 64), (255, 255, 255, 255))
    for x in range(64):
        image.putpixel((x, 3), (x, 200, 17, 0))
    (tmp_path / "a.png").write_bytes(made.as_png(image))
    (tmp_path / "out").mkdir()
    check_and_sanitise([tmp_path / "a.png"], tmp_path / "out")
    clean = Image.open(tmp_path / "out" / "0")
    assert {clean.getpixel((x, 3)) for x in range(64)} == {(0, 0, 0, 0)}


@pytest.mark.parametrize("cut", [3, 30, 300])
def test_a_jpeg_cut_short_is_refused(cut: int) -> None:
    from hdh_jupyter.disclosure import Place, default_policy

    with pytest.raises(Unreadable):
        jpeg.read_bytes(made.as_jpeg(made.chart())[:cut], Place(), default_policy())
