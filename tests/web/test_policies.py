"""The administrators' pages of disclosure policies."""

from __future__ import annotations

import pytest

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
