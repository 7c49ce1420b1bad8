"""What members read of the last probe of their workspace."""

from __future__ import annotations

import json

import pytest

from hdh_jupyter.gateway.sealed import rendered
from hdh_jupyter.i18n import LANGUAGES, sentences
from hdh_jupyter.spawner.hermeticity import CHECKS

from .browsing import Browser
from .conftest import Hub

AT = "2026-01-02T03:04:05+00:00"


async def test_a_member_reads_the_last_finding(ada: Browser, hub: Hub) -> None:
    path = hub.state.workspaces / "vega" / "probed.json"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    assert (await ada.fetch("GET", "hdh/probe")).json["passed"] is None
    path.write_text(json.dumps({"at": AT, "checks": ["dns", "tcp"], "failures": []}))
    reply = await ada.fetch("GET", "hdh/probe")
    assert reply.status == 200
    assert (reply.json["at"], reply.json["passed"]) == (AT, True)
    assert [(check["name"], check["passed"]) for check in reply.json["checks"]] == [("dns", True), ("tcp", True)]


async def test_a_stranger_reads_nothing(visitor: Browser) -> None:
    assert (await visitor.fetch("GET", "hdh/probe")).status == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_is_told_even_when_there_was_no_report(language: str) -> None:
    told = rendered({"at": AT, "checks": ["dns"], "failures": ["report"]}, language)
    assert told["passed"] is False
    assert [(check["name"], check["passed"]) for check in told["checks"]] == [("dns", True), ("report", False)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*sorted(CHECKS), "report"])
def test_every_check_has_a_sentence(language: str, name: str) -> None:
    assert sentences(language)[f"probe.check.{name}"].endswith(".")
