"""One way into and out of every format, whatever the file says it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.catalogue.exchange import formats
from hdh_jupyter.catalogue.exchange.kinds import WRITTEN, Format
from hdh_jupyter.catalogue.exchange.publication import Publication
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset, Milestone, Remark
from hdh_jupyter.catalogue.seed import first_records
from hdh_jupyter.catalogue.variables import Table, Variable
from hdh_jupyter.errors import PublicError

PUBLICATION = Publication()
OURS = [record for record in first_records() if record.id in ("oscour", "sivic_open")]
SCHEMA = json.dumps({"name": "T", "fields": [{"name": "A", "type": "string"}]})
TITLE = "<citation><titlStmt><titl>Étude</titl></titlStmt></citation>"
CODEBOOK = f'<codeBook ID="study-1"><stdyDscr>{TITLE}</stdyDscr></codeBook>'

BEGINNINGS = {
    "00 suffix before content": (b"{}", "x.ttl", Format.TURTLE),
    "01 capitals": (b"", "X.YML", Format.YAML),
    "02 Table Schema": (SCHEMA.encode(), "x.json", Format.TABLE_SCHEMA),
    "03 data package": (b'{"resources": []}', "datapackage.json", Format.TABLE_SCHEMA),
    "04 JSON-LD": (b'{"@graph": []}', "x.json", Format.JSON_LD),
    "05 expanded JSON-LD": (b'[{"@id": "urn:x"}]', "x.json", Format.JSON_LD),
    "06 CSVW": (b'{"@context": ["http://www.w3.org/ns/csvw", {}]}', "x.json", Format.CSVW),
    "07 other JSON": (b'{"name": "labextension"}', "package.json", None),
    "08 a codebook": (CODEBOOK.encode(), "export", Format.DDI),
    "09 XML": (b'\xef\xbb\xbf<?xml version="1.0"?>', "export", Format.DDI),
    "10 Turtle": (b"# ours\n@prefix dcat: <x> .", "export", Format.TURTLE),
    "11 SPARQL's way": (b"PREFIX dcat: <x>", "export", Format.TURTLE),
    "12 YAML": (b"version: 1\nprocedures:\n  open: {}\ndatabases: []", "export", Format.YAML),
    "13 a dictionary": (b"nom;libelle", "x.csv", Format.CSV),
    "14 a picture": (b"\x89PNG", "x.png", None),
}


@pytest.mark.parametrize(("content", "name", "form"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_file_is_recognised(content: bytes, name: str, form: Format | None) -> None:
    assert formats.recognised(content, name) is form


@pytest.mark.parametrize("form", [Format.TURTLE, Format.JSON_LD, Format.YAML], ids=["00", "01", "02"])
def test_what_is_written_is_recognised_and_reads_the_same(tmp_path: Path, form: Format) -> None:
    (tmp_path / "export").write_bytes(formats.write(OURS, form, PUBLICATION))
    found = formats.read(tmp_path / "export")
    assert sorted(found.datasets, key=lambda d: d.id) == OURS
    assert found.problems == ()


def secret() -> Dataset:
    table = Table("visits", variables=(Variable("AGE", "integer"), Variable("STIGMA", "string", restricted=True)))
    return replace(OURS[0], tables=(table,))


@pytest.mark.parametrize("form", WRITTEN)
def test_what_anybody_may_know_has_no_restricted_variable(form: Format) -> None:
    told = formats.describe([secret()], form, PUBLICATION)
    assert b"AGE" in told
    assert b"STIGMA" not in told
    assert (b"STIGMA" in formats.write([secret()], form, PUBLICATION)) == (form is not Format.CSVW)


def test_a_folder_is_read_whole_and_a_bad_file_in_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "1.yaml").write_bytes(formats.write(OURS, Format.YAML, PUBLICATION))
    (tmp_path / "2.ttl").write_bytes(formats.write(OURS[:1], Format.TURTLE, PUBLICATION))
    (tmp_path / "deep" / "study.xml").write_text(CODEBOOK)
    (tmp_path / "deep" / "T.json").write_text(SCHEMA)
    (tmp_path / "deep" / "package.json").write_text('{"name": "x"}')
    (tmp_path / "dictionary.csv").write_text("table;nom\nU;B\n")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "README.md").write_text("databases:")
    seen: list[str] = []
    found = formats.read(tmp_path, tell=seen.append)
    assert [dataset.id for dataset in found.datasets] == ["oscour", "sivic_open", "study-1"]
    assert found.datasets[0] == OURS[0]
    assert [table.name for table in found.tables] == ["T", "U"]
    assert [(problem.code, problem.where) for problem in found.problems] == [
        ("entry.repeated", "2.ttl oscour"),
        ("file", "broken.json"),
    ]
    assert "JSON" in found.problems[1].message("en")
    assert found.problems[1].message("en") != found.problems[1].message("fr")
    assert seen == sorted(seen)
    assert len(seen) == 8


def test_kinds_that_pages_have_no_words_for_are_told_and_left_out(tmp_path: Path) -> None:
    def fact(text: str) -> Fact[str]:
        return Fact(text, Certainty.OFFICIAL)

    odd = replace(
        OURS[0],
        coverage=(Milestone("start", fact("2004")), Milestone("doomsday", fact("2999"))),
        remarks=(Remark("rumour", fact("x")), Remark("quality", fact("y"))),
    )
    (tmp_path / "x.yaml").write_bytes(formats.write([odd], Format.YAML, PUBLICATION))
    found = formats.read(tmp_path / "x.yaml")
    assert [m.kind for m in found.datasets[0].coverage] == ["start"]
    assert [r.kind for r in found.datasets[0].remarks] == ["quality"]
    assert [problem.params["key"] for problem in found.problems] == ["doomsday", "rumour"]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"\x89PNG")
    cases = [
        (lambda: formats.read(tmp_path / "x.png"), "catalogue.exchange.file.unknown_format"),
        (lambda: formats.read(tmp_path / "x.png", Format.CSVW), "catalogue.exchange.file.not_read"),
        (lambda: formats.read(tmp_path / "nix.ttl"), "catalogue.exchange.unreadable"),
        (lambda: formats.write(OURS, Format.DDI, PUBLICATION), "catalogue.exchange.file.not_written"),
        (lambda: formats.write(OURS, Format.CSVW, PUBLICATION), "catalogue.exchange.file.one_at_a_time"),
    ]
    for act, code in cases:
        with pytest.raises(PublicError) as caught:
            act()
        assert caught.value.code == code
        assert caught.value.message("fr") != caught.value.message("en")
