"""The engine fails closed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import Finding, Place, Policy, Severity, Verdict, check, default_policy, engine
from hdh_jupyter.disclosure.documents import Document
from hdh_jupyter.disclosure.readers import READERS
from hdh_jupyter.disclosure.register.model import Release
from hdh_jupyter.disclosure.rules import REGISTRY

CLEAN = "region;n\nBretagne;120\nCorse;14\n"
NIR = "295109912611193"
FOUR = {"value": 4, "threshold": 11, "largest": 10}


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(CLEAN)
    return path


def test_a_rule_that_fails_blocks_and_tells_only_the_log(clean: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
        raise RuntimeError("Corse;14")
        yield

    with caplog.at_level(logging.ERROR):
        _, findings = engine.examine(clean, "t.csv", default_policy(), {**REGISTRY, broken: ()})
    assert [(f.rule, f.severity) for f in findings] == [("engine.rule_failed", Severity.BLOCK)]
    assert "Corse;14" not in str(findings)
    assert "Corse;14" in caplog.text


def test_a_finding_that_nobody_declared_blocks(clean: Path) -> None:
    def lying(document: Document, file: str, policy: Policy) -> Iterator[Finding]:
        yield Finding("counts.other", Severity.INFO, file, Place(), "small_cell", {"value": 1})

    _, (finding,) = engine.examine(clean, "t.csv", default_policy(), {**REGISTRY, lying: ()})
    assert finding.rule == "engine.rule_failed"


def test_a_disabled_or_unknown_rule_blocks(clean: Path) -> None:
    policy = default_policy()
    without = {name: s for name, s in policy.severities.items() if name != "counts.small_cell"}
    for severities in (without, {**policy.severities, "counts.smal_cell": Severity.BLOCK}):
        report = check([clean], replace(policy, severities=severities))
        assert "engine.rule_failed" in {f.rule for f in report.findings}
        assert report.verdict == "block"
        assert not report.files[0].releasable


def test_a_reader_that_fails_blocks(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path, kind: str, policy: Policy) -> Document:
        raise MemoryError

    monkeypatch.setitem(READERS, "csv", broken)
    report = check([clean])
    assert [f.rule for f in report.findings] == ["engine.unreadable"]
    assert report.verdict == "block"


def test_a_failing_sanitiser_blocks(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(engine, "sanitise", broken)
    report = check([clean])
    assert [f.rule for f in report.findings] == ["engine.unsanitised"]
    assert not report.files[0].releasable


def test_a_sanitised_form_that_does_not_pass_is_not_released(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def worse(path: Path, out: Path, *rest: object) -> object:
        out.write_text("region;n\nCorse;3\n")
        return type("Clean", (), {"neutralised": 0, "sha256": "x"})

    monkeypatch.setattr(engine, "sanitise", worse)
    report = check([clean])
    assert [f.rule for f in report.findings] == ["engine.unsanitised"]
    assert not report.files[0].releasable


def test_a_missing_file_a_folder_and_a_link_block(clean: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(clean)
    (tmp_path / "folder.csv").mkdir()
    report = check([tmp_path / "absent.csv", tmp_path / "folder.csv", link])
    assert [f.verdict for f in report.files] == ["block"] * 3


def test_files_are_judged_apart_and_the_worst_decides(clean: Path, tmp_path: Path) -> None:
    other = tmp_path / "u.csv"
    other.write_text("region;n\nCorse;3\nBretagne;20\n")
    report = check([clean, other], names=["a/t.csv", "b/u.csv"])
    assert [(f.name, f.verdict, f.releasable) for f in report.files] == [
        ("a/t.csv", "pass", True),
        ("b/u.csv", "block", False),
    ]
    assert report.verdict == "block"
    with pytest.raises(ValueError, match="name"):
        check([clean, other], names=["same", "same"])


def test_an_identifier_in_a_name_blocks(clean: Path) -> None:
    report = check([clean], names=[f"patient_{NIR}.csv"])
    assert [(f.rule, f.where.part, f.severity) for f in report.findings] == [
        ("identifiers.nir", "name", Severity.BLOCK)
    ]
    assert not report.files[0].releasable


def test_more_findings_than_a_person_reads_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    titles = [f"n_{i}" for i in range(150)]
    path.write_text(";".join(["region", *titles]) + "\n" + ";".join(["Corse", *["3"] * 150]) + "\n")
    report = check([path])
    assert len(report.findings) == 101
    assert report.findings[-1].rule == "engine.more_findings"
    assert report.findings[-1].params == {"shown": 100, "total": 150}


@pytest.mark.parametrize("secret", [NIR, "06 12 34 56 78", "jean.dupont@chu-rennes.fr"])
def test_no_identifier_is_printed_whole(secret: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{secret};n\n{secret};120\nautre {secret};3\n")
    report = check([path])
    assert report.verdict == "block"
    for form in (str(report.to_stored()), str(report.to_dict("fr")), str(report.to_dict("en"))):
        assert secret not in form


def test_a_rule_over_the_request_speaks_of_each_file_and_keeps_it_from_leaving(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(CLEAN)

    def same(documents: Mapping[str, Document], released: Sequence[Release], policy: Policy) -> Iterator[Finding]:
        assert list(documents) == ["t.csv", "other.csv"]
        assert released == ()
        yield Finding("counts.small_cell", Severity.BLOCK, "other.csv", Place(), "small_cell", FOUR)

    monkeypatch.setattr(engine, "REQUEST_REGISTRY", {**engine.REQUEST_REGISTRY, same: ("counts.small_cell",)})
    report = engine.check([clean, other])
    assert [(file.name, file.verdict, file.releasable) for file in report.files] == [
        ("t.csv", Verdict.PASS, True),
        ("other.csv", Verdict.BLOCK, False),
    ]


def test_a_rule_over_the_request_that_fails_blocks_every_file(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(CLEAN)

    def broken(documents: Mapping[str, Document], released: Sequence[Release], policy: Policy) -> Iterator[Finding]:
        raise RuntimeError
        yield

    monkeypatch.setattr(engine, "REQUEST_REGISTRY", {**engine.REQUEST_REGISTRY, broken: ()})
    report = engine.check([clean, other])
    assert [file.verdict for file in report.files] == [Verdict.BLOCK, Verdict.BLOCK]
    assert {finding.rule for finding in report.findings} == {"engine.rule_failed"}
