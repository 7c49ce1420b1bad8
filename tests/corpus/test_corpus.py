"""What labelled files ask for and what the checks say of them; the whole is measured by `make bench PART=quality`."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from hdh_jupyter.disclosure import check

from .all import GROUPS, cases_of
from .cases import Case, Label

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

from quality import KNOWN, judged_together

CASES = cases_of(1)
VERDICTS = {Label.MUST_BLOCK: {"block"}, Label.MUST_FLAG: {"block", "review"}, Label.CLEAN: {"pass"}}
FALSE_ALARMS = 0.05
"""Share of clean files that may be held up."""


def stratified(label: Label) -> list[Case]:
    """Return the first two files of every maker."""
    return [case for case in CASES if case.label is label and case.variant < 2]


def verdict(case: Case, folder: Path) -> str:
    path = folder / case.name
    path.write_bytes(case.content())
    try:
        return str(check([path]).verdict)
    finally:
        path.unlink()


def test_a_third_of_many_files_is_clean() -> None:
    clean = sum(case.label is Label.CLEAN for case in CASES)
    assert len(CASES) >= 400
    assert clean >= len(CASES) / 3


def test_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_label_gives_its_reason() -> None:
    assert not [case.name for case in CASES if not case.reason]
    assert not [group.name for group in GROUPS if not group.reason]


def test_the_same_seed_makes_the_same_files_and_another_makes_others() -> None:
    texts = [case for case in CASES if case.name.endswith((".csv", ".md", ".json"))][::9]

    def digest(seed: int) -> list[str]:
        return [hashlib.sha256(case.content(seed)).hexdigest() for case in texts]

    first = digest(1)
    assert first == digest(1)
    assert not set(first) & set(digest(2))


@pytest.mark.parametrize("label", [Label.MUST_BLOCK, Label.MUST_FLAG])
def test_dangerous_files_are_caught(label: Label, tmp_path: Path) -> None:
    missed = [case.name for case in stratified(label) if verdict(case, tmp_path) not in VERDICTS[label]]
    assert not set(missed) - KNOWN


def test_dangerous_files_are_caught_together(tmp_path: Path) -> None:
    judged = [judged_together(group, tmp_path, 1) for group in GROUPS if group.variant == 0]
    assert not {outcome.name for outcome in judged if not outcome.right} - KNOWN


def test_few_clean_files_are_held_up(tmp_path: Path) -> None:
    clean = stratified(Label.CLEAN)
    held = [
        case.name for case in clean if verdict(case, tmp_path) not in {"pass", "review" if case.tolerated else "pass"}
    ]
    assert len(held) <= FALSE_ALARMS * len(clean), held
