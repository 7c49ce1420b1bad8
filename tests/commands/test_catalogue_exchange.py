"""`hdh-jupyter catalogue import`, `export` and `validate`, on a real state folder and real files."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.catalogue.desk import Desk
from hdh_jupyter.catalogue.drafting import Action, Actor
from hdh_jupyter.catalogue.exchange import seed_yaml
from hdh_jupyter.catalogue.model import Dataset
from hdh_jupyter.catalogue.search import open_index
from hdh_jupyter.catalogue.stewardship import Stewardship
from hdh_jupyter.catalogue.store import CatalogueStore, publish
from hdh_jupyter.catalogue.variables import Table, Variable

from .conftest import Terminal

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

SHARED = Path(os.environ.get("HDH_SHARED_DATA", "/nonexistent"))


def store(hdh: Terminal) -> CatalogueStore:
    return CatalogueStore(hdh.database)


def yaml_of(path: Path, *datasets: Dataset) -> str:
    path.write_text(seed_yaml.written(datasets))
    return str(path)


def renamed(hdh: Terminal, *names: str) -> list[Dataset]:
    return [replace(store(hdh).get(name), name=f"{name} revu") for name in names]


def test_importing_publishes_a_version_with_an_event_that_workspaces_see(peopled: Terminal, tmp_path: Path) -> None:
    path = yaml_of(tmp_path / "f.yaml", *renamed(peopled, "oscour"), store(peopled).get("elfe"))
    outcome = peopled("catalogue", "import", path, "--as=ada", "--reason=Relecture")
    assert outcome.status == 0, outcome.err
    rows = [line.split() for line in outcome.out.splitlines()]
    assert rows[1] == ["oscour", "changed", "2", "1", "-", "-"]
    assert rows[2] == ["elfe", "the", "same", "1", "-", "-", "-"]
    assert outcome.out.endswith("1 record(s) published.\n")
    newest = store(peopled).versions("oscour")[0]
    assert (newest.number, newest.author, newest.reason) == (2, "ada", "Relecture")
    [event] = [event for event in peopled.events() if event.action == "catalogue.record_published"]
    assert (event.actor, event.subject, event.detail["version"]) == ("ada", "oscour", 2)
    assert open_index(peopled.state.catalogue).dataset("oscour").name == "oscour revu"
    again = peopled("catalogue", "import", path)
    assert again.out.endswith("0 record(s) published.\n")


def test_a_dry_run_shows_what_would_change_and_changes_nothing(hdh: Terminal, tmp_path: Path) -> None:
    new = replace(store(hdh).get("oscour"), id="oscour-2")
    path = yaml_of(tmp_path / "f.yaml", *renamed(hdh, "oscour"), new)
    outcome = hdh("catalogue", "import", path, "--dry-run")
    assert "  ~ Name: OSCOUR → oscour revu" in outcome.out.splitlines()
    assert outcome.out.endswith("Dry run: 2 record(s) would be published; nothing has changed.\n")
    told = hdh.json("catalogue", "import", path, "--dry-run")
    assert [(record["dataset"], record["outcome"]) for record in told["records"]] == [
        ("oscour", "changed"),
        ("oscour-2", "new"),
    ]
    assert told["published"] is False
    assert told["records"][0]["changes"] == [
        {"path": ["name"], "kind": "changed", "label": "Name", "before": "OSCOUR", "after": "oscour revu"}
    ]
    assert len(store(hdh).all()) == 31
    assert store(hdh).get("oscour").name == "OSCOUR"
    assert not [event for event in hdh.events() if event.action.startswith("catalogue")]


def desk(hdh: Terminal) -> Desk:
    audit = AuditLog(hdh.database, hdh.state.key("audit"))
    return Desk(hdh.database, audit, Stewardship(hdh.database, audit), lambda: None)


def test_what_a_steward_works_on_or_withdrew_is_left_to_them(hdh: Terminal, tmp_path: Path) -> None:
    sven, ada = Actor("sven", is_steward=True), Actor("ada", is_admin=True)
    desk(hdh).stewardship.assign("oscour", "sven", "ada")
    desk(hdh).start(sven, "oscour")
    desk(hdh).withdraw(ada, "elfe", "Plus tenue")
    path = yaml_of(tmp_path / "f.yaml", *renamed(hdh, "oscour", "pmsi"), replace(store(hdh).version("elfe", 1)))
    refused = hdh("catalogue", "import", path)
    assert (refused.status, refused.code) == (1, "catalogue.command.in_hand")
    assert "oscour, elfe" in refused.err
    assert store(hdh).get("pmsi").name != "pmsi revu"
    shown = hdh("catalogue", "import", path, "--dry-run").out.splitlines()
    assert shown[1].endswith("Draft")
    assert shown[3].endswith("Withdrawn")
    told = hdh("catalogue", "import", path, "--over-stewards")
    assert told.out.endswith("3 record(s) published.\n")
    assert store(hdh).get("elfe") == store(hdh).version("elfe", 1)
    # The draft is still there for its steward to decide on.
    desk(hdh).move(sven, "oscour", Action.DISCARD)


def test_a_convention_that_both_sides_agreed_on_stays(hdh: Terminal, tmp_path: Path) -> None:
    record = store(hdh).get("oscour")
    agreed = replace(record, convention=replace(record.convention, reference="C-12"))
    with hdh.database.write() as session:
        publish(session, agreed, "ada", "x", {"pricing": {"digest": "d", "steward": "sven", "hdh": "ada"}})
    bare = replace(record, name="OSCOUR revu")
    outcome = hdh("catalogue", "import", yaml_of(tmp_path / "f.yaml", bare))
    assert "agreed convention kept" in outcome.out
    assert store(hdh).get("oscour").convention.reference == "C-12"
    assert store(hdh).get("oscour").name == "OSCOUR revu"


def test_tables_go_into_the_dataset_that_is_named(hdh: Terminal, tmp_path: Path) -> None:
    fields = [{"name": "A", "type": "string", "description": "Un"}, {"type": "string"}]
    (tmp_path / "T.json").write_text(json.dumps({"name": "T", "fields": fields}))
    refused = hdh("catalogue", "import", str(tmp_path))
    assert (refused.status, refused.code) == (1, "catalogue.command.tables_of_what")
    outcome = hdh("catalogue", "import", str(tmp_path), "--into=oscour")
    assert outcome.status == 0
    assert "1 fault(s), left out or put right:\n  T.json: variable no. 2 has no name; left out.\n" in outcome.err
    assert [(t.name, [v.name for v in t.variables]) for t in store(hdh).get("oscour").tables] == [("T", ["A"])]
    assert store(hdh).versions("oscour")[0].reason == f"import : {tmp_path.name}"


@pytest.mark.skipif(not (SHARED / "schema-snds").is_dir(), reason="HDH_SHARED_DATA names no folder with schema-snds")
def test_the_national_schema_is_imported_whole_and_found(hdh: Terminal) -> None:
    told = hdh.json("catalogue", "import", str(SHARED / "schema-snds"), "--into=snds_dcir")
    assert [record["version"] for record in told["records"]] == [2]
    record = store(hdh).get("snds_dcir")
    assert (len(record.tables), len(record.variables)) == (188, 4815)
    assert {problem["code"] for problem in told["problems"]} >= {"cleaned"}
    first = hdh.json("catalogue", "search", "diagnostic", "principal")["hits"][0]
    assert first["name"] == "DGN_PAL"
    assert hdh.json("catalogue", "search", "spécialité médecin")["relaxed"] is True


@pytest.mark.parametrize("form", ["turtle", "jsonld", "yaml"])
def test_what_is_exported_imports_the_same(hdh: Terminal, tmp_path: Path, form: str) -> None:
    out = tmp_path / "export"
    assert hdh("catalogue", "export", "oscour", "sursaud_open", f"--format={form}", f"--out={out}").status == 0
    told = hdh.json("catalogue", "import", str(out), "--dry-run")
    assert sorted((r["dataset"], r["outcome"]) for r in told["records"]) == [
        ("oscour", "same"),
        ("sursaud_open", "same"),
    ]
    assert told["problems"] == []


def test_restricted_variables_leave_only_when_that_is_said(hdh: Terminal, tmp_path: Path) -> None:
    table = Table("rpu", variables=(Variable("AGE", "integer"), Variable("STIGMA", "string", restricted=True)))
    store(hdh).put(replace(store(hdh).get("oscour"), tables=(table,)))
    whole, public = hdh("catalogue", "export", "oscour"), hdh("catalogue", "export", "oscour", "--public")
    assert "STIGMA" in whole.out
    assert "restricted variables (oscour)" in whole.err
    assert "STIGMA" not in public.out
    assert public.err == ""
    csvw = json.loads(hdh("catalogue", "export", "oscour", "--format=csvw").out)
    assert [column["name"] for column in csvw["tables"][0]["tableSchema"]["columns"]] == ["AGE"]


def test_the_platform_says_who_it_is_in_what_it_publishes(hdh: Terminal) -> None:
    told = hdh("catalogue", "export", "oscour", "--base=https://data.example.org/c/", "--platform=Plateforme A").out
    assert "<https://data.example.org/c/oscour>" in told
    assert "Plateforme A" in told


def test_validation_says_what_is_missing_and_ends_with_a_status(hdh: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "x.ttl"
    assert hdh("catalogue", "export", "oscour", "--public", f"--out={out}").status == 0
    fine = hdh("catalogue", "validate", str(out))
    assert (fine.status, fine.out) == (0, "Everything conforms.\n")
    text = out.read_text().replace("dct:title", "dct:alternative")
    out.write_text(text)
    faulty = hdh("catalogue", "validate", str(out))
    assert faulty.status == 1
    assert "dct:title" in faulty.out
    told = json.loads(hdh("catalogue", "validate", str(out), "--json").out)
    assert {(v["property"], v["severity"]) for v in told} >= {("dct:title", "violation")}


def test_validation_takes_shapes_and_records_in_any_format(hdh: Terminal, tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "@prefix x: <urn:x:> .\n"
        "x:S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path x:weather ; sh:minCount 1 ] ."
    )
    path = yaml_of(tmp_path / "f.yaml", store(hdh).get("oscour"))
    assert hdh("catalogue", "validate", path).status == 0
    outcome = hdh("catalogue", "validate", path, f"--shapes={shapes}")
    assert outcome.status == 1
    assert "weather" in outcome.out
    assert outcome.out.endswith("1 fault(s) in 1 record(s).\n")


REFUSED = {
    "00 nothing there": (("import", "{}/nix.yaml"), "catalogue.exchange.unreadable"),
    "01 another thing": (("import", "{}/picture.png"), "catalogue.exchange.file.unknown_format"),
    "02 an empty folder": (("import", "{}/empty"), "catalogue.command.nothing_to_import"),
    "03 a format that is none": (("import", "{}", "--format=excel"), "admin.bad_choice"),
    "04 a format that is written alone": (("import", "{}/f.yaml", "--format=csvw"), "catalogue.exchange.file.not_read"),
    "05 no tables": (("import", "{}/f.yaml", "--into=oscour"), "catalogue.command.no_tables"),
    "06 not an admin": (("import", "{}/f.yaml", "--as=nadia"), "admin.not_an_admin"),
    "07 aliases": (("import", "{}/bomb.yaml"), "catalogue.exchange.file.yaml_alias"),
    "08 entities": (("import", "{}/bomb.xml"), "catalogue.exchange.file.hostile_xml"),
    "09 a context elsewhere": (("import", "{}/context.jsonld"), "catalogue.exchange.remote_context"),
    "10 an import elsewhere": (("import", "{}/imports.ttl"), "catalogue.exchange.imports_elsewhere"),
    "11 a hundred megabytes": (("import", "{}/large.yaml"), "catalogue.exchange.too_large"),
    "12 no such record": (("export", "nix"), "catalogue.unknown_dataset"),
    "13 tables of all": (("export", "--format=csvw"), "catalogue.exchange.file.one_at_a_time"),
    "14 a format that is read alone": (("export", "--format=ddi"), "catalogue.exchange.file.not_written"),
    "15 a folder that is not there": (("export", "--out={}/nix/x.ttl"), "catalogue.command.unwritable"),
    "16 an address that is none": (("export", "--base=ftp://x/"), "catalogue.exchange.bad_publication"),
    "17 no shapes": (("validate", "{}/f.yaml", "--shapes={}/imports.ttl"), "catalogue.exchange.no_shapes"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(
    peopled: Terminal, tmp_path: Path, case: tuple[tuple[str, ...], str]
) -> None:
    words, code = case
    yaml_of(tmp_path / "f.yaml", *renamed(peopled, "oscour"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "bomb.yaml").write_text("a: &a [x]\ndatabases: [*a, *a]")
    (tmp_path / "bomb.xml").write_text('<!DOCTYPE c [<!ENTITY a "aa">]><codeBook>&a;</codeBook>')
    (tmp_path / "context.jsonld").write_text('{"@context": "http://127.0.0.1:1/c", "@id": "urn:x"}')
    (tmp_path / "imports.ttl").write_text("<urn:x> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:1/x> .")
    with (tmp_path / "large.yaml").open("wb") as large:
        large.truncate(100 * 2**20)
    outcome = peopled("catalogue", *(word.format(tmp_path) for word in words))
    assert (outcome.status, outcome.code, outcome.out) == (1, code, "")
    assert [version.number for version in store(peopled).versions("oscour")] == [1]
