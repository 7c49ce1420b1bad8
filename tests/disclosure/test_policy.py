from hashlib import sha256
from importlib import resources

import pytest

from hdh_jupyter.disclosure import Policy, Severity, default_policy
from hdh_jupyter.disclosure import policy as policy_module

TEXT = (resources.files("hdh_jupyter.disclosure") / "policies" / "french-health.yaml").read_text("utf-8")


def test_the_french_policy_keeps_its_threshold_and_names_its_text() -> None:
    policy = default_policy()
    assert policy.min_count == 11
    assert "moins de 11 unités" in policy.thresholds["min_count"].source
    assert all(threshold.source for threshold in policy.thresholds.values())
    assert policy.severities["rows.one_per_person"] is Severity.REVIEW


def test_the_hash_is_of_the_policy_and_of_the_word_lists_that_rules_go_by(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "\0".join((TEXT, *map(policy_module.word_list, policy_module.WORD_LISTS)))
    assert default_policy().sha256 == sha256(whole.encode()).hexdigest()
    monkeypatch.setattr(policy_module, "word_list", lambda name: f"other {name}")
    assert Policy.from_yaml(TEXT).sha256 != default_policy().sha256


def test_a_rule_that_is_off_has_no_severity() -> None:
    for word in ("off", '"off"', "false"):
        policy = Policy.from_yaml(TEXT.replace("counts.small_cell: block", f"counts.small_cell: {word}"))
        assert "counts.small_cell" not in policy.severities


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value: 11", "value: 1"),
        ("value: 11", "value: many"),
        ("  p_percent:", "  p_per_cent:"),
        ("value: 0.85", "value: 85"),
        ("counts.small_cell: block", "counts.small_cell: perhaps"),
        ("  pixels: 60000000\n", ""),
        ("    png: 52428800\n", ""),
        ("id: french-health", "- x"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match="policy"):
        Policy.from_yaml(TEXT.replace(old, new))
