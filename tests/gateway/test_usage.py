"""What people read of their workspace's use."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hdh_jupyter.gateway.usage import rendered, size
from hdh_jupyter.i18n import LANGUAGES, sentences

from .browsing import Browser
from .conftest import Hub

GIB = 2**30
REPORT = {
    "memory": {"used": GIB, "limit": 2 * GIB},
    "processes": {"used": 12, "limit": 1000},
    "cpu": {"used": 0.5, "limit": 1.5},
    "secret": 1,
    "events": [
        {"at": "2026-01-02T03:04:05+00:00", "code": "limits.memory_killed", "params": {"limit": 2 * GIB}},
        {"at": "2026-01-02T03:04:00+00:00", "code": "limits.processes_hit", "params": {"limit": 1000}},
        {"at": "2026-01-02T03:03:00+00:00", "code": "limits.of_another_version", "params": {}},
    ],
}


async def test_a_member_reads_what_the_workspace_uses(ada: Browser, hub: Hub) -> None:
    report = hub.state.workspaces / "vega" / "usage.json"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    assert (await ada.fetch("GET", "hdh/usage")).json == {"events": []}
    report.write_text(json.dumps(REPORT))
    reply = await ada.fetch("GET", "hdh/usage")
    assert reply.status == 200
    assert reply.json["memory"] == REPORT["memory"]
    assert "disk" not in reply.json
    assert "secret" not in reply.json
    assert [event["code"] for event in reply.json["events"]] == ["limits.memory_killed", "limits.processes_hit"]
    assert "2\u00a0GiB" in reply.json["events"][0]["message"]
    assert " 1000 processes" in reply.json["events"][1]["message"]
    french = await ada.fetch("GET", "hdh/usage", {"Accept_Language": "fr"})
    assert "2\u00a0Gio" in french.json["events"][0]["message"]


async def test_a_stranger_reads_nothing(visitor: Browser) -> None:
    assert (await visitor.fetch("GET", "hdh/usage")).status == 403


@pytest.mark.parametrize(
    ("count", "english", "french"),
    [(0, "0 B", "0 o"), (1023, "1023 B", "1023 o"), (1536, "1.5 KiB", "1,5 Kio"), (2**50, "1024 TiB", "1024 Tio")],
)
def test_sizes_are_written_for_people(count: int, english: str, french: str) -> None:
    assert (size(count, "en"), size(count, "fr")) == (english.replace(" ", "\u00a0"), french.replace(" ", "\u00a0"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_its_sentence(language: str) -> None:
    params: dict[str, Any] = {"used": 10, "limit": 20, "files": 5}
    codes = [key for key in sentences(language) if key.startswith("limits.") and key.count(".") == 1]
    events = [{"at": "", "code": code, "params": params} for code in codes]
    assert all("{" not in event["message"] for event in rendered({"events": events}, language)["events"])
