"""The table in the documentation lists exactly the attacks that exist."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from .model import Attack, Expected, Outcome, Outcomes, Record, Stands, listed, registered


def test_the_document_lists_exactly_the_registered_attacks() -> None:
    assert listed() == {number: attack.title.replace("|", "\\|") for number, attack in registered().items()}


ATTACK = Attack(101, "a | b", Stands.NOTEBOOK, Expected.BLOCKED, "")
YES, NO = Outcome(True, "got it"), Outcome(False, "refused")


def test_an_attack_that_is_blocked_and_whose_control_succeeds_is_counted() -> None:
    outcomes = Outcomes()
    outcomes.judge(ATTACK, control=YES, here=NO)
    assert outcomes.summary.startswith("1 attacks whose control succeeded are closed")
    assert "| 101 | a \\| b | notebook | succeeds: got it | blocked: refused |" in outcomes.table()


@pytest.mark.parametrize(("control", "here"), [(YES, YES), (NO, NO), (None, NO), (NO, YES)])
def test_an_attack_that_succeeds_or_is_broken_fails_and_is_kept_in_the_table(
    control: Outcome | None, here: Outcome
) -> None:
    outcomes = Outcomes()
    with pytest.raises(AssertionError, match="101"):
        outcomes.judge(ATTACK, control=control, here=here)
    assert outcomes.records[101].here is here


def test_what_is_known_to_be_open_must_still_be_so() -> None:
    outcomes = Outcomes()
    attack = replace(ATTACK, expected=Expected.OPEN)
    outcomes.judge(attack, control=YES, here=YES)
    assert "1 known to be open; 0 succeed" in outcomes.summary
    assert "**OPEN**: got it" in outcomes.table()
    with pytest.raises(AssertionError, match="open no longer"):
        outcomes.judge(attack, control=YES, here=NO)


def test_an_attack_without_a_control_is_not_counted() -> None:
    outcomes = Outcomes()
    outcomes.judge(ATTACK, control=None, here=NO, no_control="no IPv6")
    assert outcomes.summary.startswith("0 attacks whose control succeeded are closed")
    assert "no control here: no IPv6" in outcomes.table()


@pytest.fixture
def nearly_all() -> Outcomes:
    """A run of all attacks but the two with the highest numbers."""
    outcomes = Outcomes()
    known = registered()
    outcomes.records = {number: Record(known[number], YES, NO) for number in list(known)[:-2]}
    return outcomes


def test_a_run_that_misses_few_is_written_and_says_so(nearly_all: Outcomes, tmp_path: Path) -> None:
    document = tmp_path / "red-team.md"
    known = registered()
    missing = list(known.values())[-2:]
    assert nearly_all.write(document) == missing
    assert listed(document) == {number: attack.title.replace("|", "\\|") for number, attack in known.items()}
    text = document.read_text("utf-8")
    assert text.count("**NOT RUN**") == 2
    assert f"**Not run: {missing[0].number}, {missing[1].number}.**" in text


def test_a_run_that_misses_many_leaves_the_document(nearly_all: Outcomes, tmp_path: Path) -> None:
    nearly_all.records = dict(list(nearly_all.records.items())[:3])
    with pytest.raises(ValueError, match="were not run"):
        nearly_all.write(tmp_path / "red-team.md")
    assert not (tmp_path / "red-team.md").exists()
