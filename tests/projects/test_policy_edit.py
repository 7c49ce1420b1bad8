"""Values changed in a policy's text: what was asked and nothing else, comments kept."""

from __future__ import annotations

import pytest

from hdh_jupyter.disclosure.model import Severity
from hdh_jupyter.disclosure.policy import THRESHOLDS, default_policy, word_list
from hdh_jupyter.errors import PublicError
from hdh_jupyter.projects.policies import checked
from hdh_jupyter.projects.policy_edit import edited

TEXT = word_list("french-health")
OTHER_LAYOUT = TEXT.replace("  min_count:\n", "  min_count: # first\n")


@pytest.mark.parametrize("name", THRESHOLDS)
def test_any_threshold_changes_alone(name: str) -> None:
    low, high = THRESHOLDS[name]
    value = low if default_policy().thresholds[name].value != low else high
    text = edited(TEXT, {name: f"{value:g}"}, {})
    before, after = default_policy(), checked(text)
    assert after.thresholds[name].value == value
    assert {**after.thresholds, name: before.thresholds[name]} == before.thresholds
    assert after.severities == before.severities
    assert len([1 for a, b in zip(TEXT.splitlines(), text.splitlines(), strict=True) if a != b]) == 1


@pytest.mark.parametrize("rule", default_policy().severities)
def test_any_severity_changes_alone(rule: str) -> None:
    word = next(s for s in Severity if s is not default_policy().severities[rule])
    after = checked(edited(TEXT, {}, {rule: word}))
    assert after.severities == {**default_policy().severities, rule: word}
    assert after.thresholds == default_policy().thresholds


def test_nothing_asked_changes_nothing() -> None:
    thresholds = {name: f"{given.value:g}".replace(".", ",") for name, given in default_policy().thresholds.items()}
    assert edited(TEXT, thresholds, dict(default_policy().severities)) == TEXT


@pytest.mark.parametrize(
    ("text", "thresholds", "severities", "code"),
    [
        pytest.param(TEXT, {"min_count": "x"}, {}, "policy.not_a_number", id="00"),
        pytest.param(TEXT, {"min_count": "1"}, {}, "policy.unreadable", id="01 below its bounds"),
        pytest.param(TEXT, {}, {"counts.small_cell": "off"}, "policy.bad_severity", id="02"),
        pytest.param(OTHER_LAYOUT, {"min_count": "20"}, {}, "policy.not_by_form", id="03"),
        pytest.param("a: [", {}, {}, "policy.unreadable", id="04"),
    ],
)
def test_what_cannot_be_changed_says_why(
    text: str, thresholds: dict[str, str], severities: dict[str, str], code: str
) -> None:
    with pytest.raises(PublicError) as refused:
        edited(text, thresholds, severities)
    assert refused.value.code == code
