"""`hdh-jupyter check` and `sanitise`, on real files in the real worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.app import main
from hdh_jupyter.commands import disclosure
from hdh_jupyter.egress.sandbox import CheckFailure

from .conftest import Outcome, forget

CLEAN = "region;effectif\nBretagne;120\nCorse;140\n"
SMALL = "region;effectif\nBretagne;120\nCorse;4\n"


@pytest.fixture
def hdh(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """The command, in a folder with a clean table and one with a small count."""
    (tmp_path / "clean.csv").write_text(CLEAN)
    (tmp_path / "small.csv").write_text(SMALL)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Outcome:
        forget()
        monkeypatch.setattr("sys.argv", ["hdh-jupyter", *words])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return run


@pytest.mark.parametrize(
    ("words", "status"),
    [
        pytest.param(("check", "clean.csv"), 0, id="00-pass"),
        pytest.param(("check", "clean.csv", "small.csv"), 2, id="01-block"),
        pytest.param(("check", "."), 2, id="02-folder"),
        pytest.param(("check", "missing.csv"), 64, id="03-no-such-file"),
        pytest.param(("check",), 64, id="04-nothing-named"),
        pytest.param(("check", "clean.csv", "--unknown"), 64, id="05-unknown-option"),
        pytest.param(("check", "clean.csv", "--policy", "missing.yaml"), 2, id="06-no-policy"),
        pytest.param(("check", "clean.csv", "--policy", "clean.csv"), 2, id="07-no-policy-at-all"),
        pytest.param(("check", "clean.csv", "--language", "de"), 64, id="08-unknown-language"),
        pytest.param(("sanitise", "clean.csv"), 64, id="09-nowhere-to-write"),
        pytest.param(("sanitise", "clean.csv", "-o", "no/such/folder.csv"), 64, id="10-no-folder"),
    ],
)
def test_the_status_tells_the_verdict(hdh: Any, words: tuple[str, ...], status: int) -> None:
    assert hdh(*words).status == status


def test_json_holds_the_report_and_nothing_else(hdh: Any) -> None:
    told = json.loads(hdh("check", "clean.csv", "small.csv", "--json", "--language=en").out)
    assert set(told) == {"verdict", "policy", "files", "findings"}
    assert [(f["name"], f["verdict"]) for f in told["files"]] == [("clean.csv", "pass"), ("small.csv", "block")]
    assert set(told["findings"][0]) == {"rule", "severity", "file", "where", "message", "why", "remedy"}
    assert told["findings"][0]["rule"] == "counts.small_cell"


def test_people_read_place_reason_and_remedy(hdh: Any) -> None:
    out = hdh("check", "small.csv", "--language=fr").out
    assert "BLOQUÉ  small.csv" in out
    assert "Pourquoi : " in out
    assert "Que faire : " in out
    assert "\x1b" not in out


def test_a_tighter_policy_is_followed(hdh: Any, tmp_path: Path) -> None:
    from hdh_jupyter.disclosure.policy import word_list

    text = word_list("french-health").replace("value: 11\n", "value: 130\n", 1)
    (tmp_path / "tight.yaml").write_text(text)
    assert hdh("check", "clean.csv", "--policy", "tight.yaml").status == 2


def test_a_check_that_fails_blocks(hdh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise CheckFailure("egress.check.timed_out")

    monkeypatch.setattr(disclosure, "run_sealed", fail)
    monkeypatch.setattr(disclosure, "run_limited", fail)
    outcome = hdh("check", "clean.csv", "--json")
    assert outcome.status == 2
    assert [f["rule"] for f in json.loads(outcome.out)["findings"]] == ["engine.failed"]


def test_without_a_sandbox_a_limited_process_checks(hdh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> bool:
        return False

    monkeypatch.setattr(disclosure, "sandbox_works", nothing)
    assert hdh("check", "clean.csv").status == 0
    assert hdh("check", "small.csv").status == 2


def test_links_in_a_folder_are_not_followed(hdh: Any, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link.csv").symlink_to(tmp_path / "clean.csv")
    assert hdh("check", "folder").status == 2


def test_the_sanitised_form_is_written(hdh: Any, tmp_path: Path) -> None:
    assert hdh("sanitise", "clean.csv", "-o", "out.csv").status == 0
    assert (tmp_path / "out.csv").read_text() == CLEAN


def test_nothing_is_written_that_may_not_leave(hdh: Any, tmp_path: Path) -> None:
    (tmp_path / "unknown.xyz").write_text("a")
    assert hdh("sanitise", "unknown.xyz", "-o", "out.xyz").status == 2
    assert not (tmp_path / "out.xyz").exists()


def test_a_blocked_table_is_protected_before_it_is_written(hdh: Any, tmp_path: Path) -> None:
    rows = ("region;A;B;C;Total", "Bretagne;120;4;80;204", "Corse;50;60;70;180", "Normandie;90;33;44;167")
    (tmp_path / "crossed.csv").write_text("\n".join((*rows, "Total;260;97;194;551", "")))
    assert hdh("check", "crossed.csv").status == 2
    assert hdh("sanitise", "crossed.csv", "-o", "out.csv").status == 0
    assert ";4;" not in (tmp_path / "out.csv").read_text()
    assert hdh("check", "out.csv").status == 0


def test_files_released_before_count(hdh: Any, tmp_path: Path) -> None:
    rows = "".join(f"region {i};{100 + 7 * i}\n" for i in range(8))
    (tmp_path / "new.csv").write_text("region;effectif\n" + rows)
    (tmp_path / "old.csv").write_text("region;effectif\n" + rows.replace("107\n", "104\n"))
    assert hdh("check", "new.csv").status == 0
    outcome = hdh("check", "new.csv", "--against", "old.csv", "--json")
    assert outcome.status == 2
    assert [f["rule"] for f in json.loads(outcome.out)["findings"]] == ["linked.difference"]
    assert hdh("check", "new.csv", "--against", "new.csv").status == 0
