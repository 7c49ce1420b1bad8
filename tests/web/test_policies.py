"""The administrators' pages of disclosure policies."""

from __future__ import annotations

import pytest

from hdh_jupyter.disclosure.model import Severity
from hdh_jupyter.disclosure.policy import word_list
from hdh_jupyter.projects import policies

from .conftest import Platform

TIGHTER = word_list("french-health").replace("value: 11\n", "value: 20\n", 1)
PAGE = "platform/policies/flu"


@pytest.mark.parametrize("path", ["platform/policies", PAGE], ids=["00", "01"])
async def test_only_administrators_see_policies(platform: Platform, path: str) -> None:
    for name, expected in {"lea": 404, "carl": 404, "sven": 404, "ada": 200}.items():
        browser = await platform.browser(name)
        assert (await browser.get(path, follow=False)).status == expected


async def test_an_administrator_puts_a_policy_in_force(platform: Platform) -> None:
    lea, ada = await platform.browser("lea"), await platform.browser("ada")
    form = {"text": TIGHTER.replace("\n", "\r\n"), "reason": "Petites communes", "do": "adopt"}
    assert (await lea.post(PAGE, form, follow=False)).status == 404
    assert (await ada.post(PAGE, {**form, "reason": " "}, follow=False)).status == 400
    assert (await ada.post(PAGE, {**form, "text": "a: ["}, follow=False)).status == 400
    assert (await ada.post(PAGE, form, follow=False)).status == 303
    with platform.services.egress.database.read() as session:
        (version,) = policies.history(session, "flu")
    assert (version.text, version.author, version.reason) == (TIGHTER, "ada", "Petites communes")
    [event] = [e for e in platform.services.audit.tail(20) if e.action == "registry.policy_changed"]
    assert (event.actor, event.project, event.detail["sha256"]) == ("ada", "flu", version.sha256)
    page = await ada.get(PAGE)
    assert "+ value: 20" in page.text
    assert "Petites communes" in page.text


async def test_an_administrator_changes_values_by_the_form(platform: Platform) -> None:
    ada = await platform.browser("ada")
    form = {
        "do": "values",
        "reason": "Maladies rares",
        "threshold:min_count": "20",
        "threshold:dominance_k": "0,8",
        "rule:rows.no_titles": "block",
    }
    assert (await ada.post(PAGE, form, follow=False)).status == 303
    with platform.services.egress.database.read() as session:
        text = policies.in_force(session, "flu")
    policy = policies.checked(text or "")
    assert (policy.min_count, policy.thresholds["dominance_k"].value) == (20, 0.8)
    assert policy.severities["rows.no_titles"] is Severity.BLOCK
    page = await ada.get(PAGE)
    assert len(page.html.select(".hdh-differs")) == 3
    field = page.one("[name='threshold:min_count']")
    assert (field["min"], field["max"], field["value"]) == ("2", "1000", "20")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("threshold:min_count", "1", id="00 too small"),
        pytest.param("threshold:min_count", "many", id="01 no number"),
        pytest.param("threshold:min_count", "nan", id="02 not a number"),
        pytest.param("rule:counts.small_cell", "off", id="03 switched off"),
        pytest.param("reason", "", id="04 no reason"),
    ],
)
async def test_a_form_that_makes_no_sense_changes_nothing(platform: Platform, field: str, value: str) -> None:
    ada = await platform.browser("ada")
    form = {"do": "values", "reason": "Petites communes", "threshold:p_percent": "5", field: value}
    assert (await ada.post(PAGE, form, follow=False)).status == 400
    with platform.services.egress.database.read() as session:
        assert policies.history(session, "flu") == ()
