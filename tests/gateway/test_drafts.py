"""The gateway's own routes, and the pull of staged files out of a workspace that may lie about them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest
from tornado.web import RequestHandler

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.staging import parse_manifest

from .browsing import Browser
from .conftest import Drawer
from .workspace_server import Inside

STAGED = "hdh-egress/staged/s1"
BYTES = "application/octet-stream"


def stage(inside: Inside, files: dict[str, bytes]) -> None:
    """Have the workspace stage files, honestly."""
    entries = [
        {"index": n, "name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for n, (name, content) in enumerate(files.items())
    ]
    inside.answer(STAGED, {"staging": "s1", "files": entries})
    for n, content in enumerate(files.values()):
        inside.answer(f"{STAGED}/{n}", content, Content_Type=BYTES)


async def draft(browser: Browser, **content: Any) -> Any:
    return await browser.fetch("POST", "hdh/egress/drafts", json={"staging": "s1", "title": "Weekly", **content})


async def test_who_am_i(ada: Browser) -> None:
    reply = await ada.fetch("GET", "hdh/me")
    assert reply.json == {
        "name": "ada",
        "display_name": "Ada Lovelace",
        "role": "lead",
        "hub_url": f"{ada.hub}/hub/",
        "policy": {"copy": {"mode": "limited", "limit": 2000}, "terminals": True},
    }


async def test_staged_files_become_a_draft(ada: Browser, inside: Inside, intake: Drawer) -> None:
    files = {"results/weekly.csv": b"a,b\n1,2\n", "results/é.png": bytes(range(200))}
    stage(inside, files)
    reply = await draft(ada)
    assert (reply.status, reply.json) == (201, {"id": 1, "url": f"{ada.hub}/hub/egress/1"})
    assert intake.drafts == [{"id": 1, "project": "vega", "author": "ada", "title": "Weekly", "files": files}]
    assert "X-HDH-User" in inside.requests[-1].headers
    assert (await ada.fetch("GET", "hdh/egress/drafts")).json == [{"id": 1, "title": "Weekly"}]


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("00", {"staging": "../x"}),
        ("01", {"staging": ""}),
        ("02", {"staging": 1}),
        ("03", {"title": "x" * 201}),
        ("04", {"title": None}),
        ("05", {"staging": "s1/0"}),
        ("06", {"staging": "s1\n"}),
    ],
)
async def test_a_draft_is_asked_for_properly(ada: Browser, inside: Inside, case: str, content: dict[str, Any]) -> None:
    inside.requests.clear()
    reply = await draft(ada, **content)
    assert (reply.status, reply.json["code"]) == (400, "gateway.bad_draft")
    assert not inside.requests


async def test_garbage_is_no_draft(ada: Browser) -> None:
    for body in (b"", b"[]", b"{", b"\xff", b"[" * 50_000):
        assert (await ada.fetch("POST", "hdh/egress/drafts", data=body)).json["code"] == "gateway.bad_draft"


async def test_an_unknown_staging(ada: Browser, inside: Inside, intake: Drawer) -> None:
    inside.answer(STAGED, {}, 404)
    assert (await draft(ada)).json["code"] == "gateway.staging_unknown"


async def test_limits_on_files_and_bytes(ada: Browser, inside: Inside, intake: Drawer) -> None:
    stage(inside, {f"{n}.csv": b"x" for n in range(4)})
    assert (await draft(ada)).json["code"] == "gateway.staging_too_many"
    stage(inside, {"a.csv": b"x" * 600, "b.csv": b"x" * 600})
    reply = await draft(ada)
    assert (reply.status, reply.json["code"]) == (413, "gateway.staging_too_large")
    assert not intake.drafts


async def _stops(handler: RequestHandler) -> None:
    handler.set_header("Content-Type", BYTES)
    handler.write(b"12")
    await handler.flush()
    handler.detach().close()


async def _endless(handler: RequestHandler) -> None:
    handler.set_header("Content-Type", BYTES)
    while True:
        handler.write(b"x" * 2**16)
        await handler.flush()


async def _drips(handler: RequestHandler) -> None:
    handler.set_header("Content-Type", BYTES)
    for _ in range(100):
        handler.write(b"")
        handler.write(b"x")
        await handler.flush()
        await asyncio.sleep(0.5)


async def _silent(handler: RequestHandler) -> None:
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    ("case", "answer", "code"),
    [
        ("00", b"1234", "gateway.staging_mismatch"),
        ("01", b"12", "gateway.staging_mismatch"),
        ("02", b"", "gateway.staging_mismatch"),
        ("03", "text/html", "gateway.bad_reply"),
        ("04", 404, "gateway.staging_unknown"),
        ("05", 500, "gateway.bad_reply"),
        ("06", _stops, "gateway.bad_reply"),
        ("07", _endless, "gateway.staging_mismatch"),
        ("08", _drips, "gateway.staging_mismatch"),
        ("09", _silent, "gateway.workspace_slow"),
    ],
)
async def test_nothing_of_a_lying_workspace_is_kept(
    ada: Browser, inside: Inside, intake: Drawer, case: str, answer: Any, code: str
) -> None:
    stage(inside, {"a.csv": b"abc", "b.csv": b"123"})
    path = f"{STAGED}/1"
    if callable(answer):
        inside.answers[path] = answer
    elif isinstance(answer, bytes):
        inside.answer(path, answer, Content_Type=BYTES)
    else:
        inside.answer(
            path,
            b"123",
            answer if isinstance(answer, int) else 200,
            Content_Type=answer if isinstance(answer, str) else BYTES,
        )
    reply = await draft(ada)
    assert reply.json["code"] == code
    assert not intake.drafts


async def test_a_slow_drip_ends_in_time(ada: Browser, inside: Inside, intake: Drawer) -> None:
    stage(inside, {"a.csv": b"x" * 99})
    inside.answers[f"{STAGED}/0"] = _drips
    assert (await draft(ada)).json["code"] == "gateway.workspace_slow"
    assert not intake.drafts


GOOD = {"index": 0, "name": "a.csv", "size": 1, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("case", "manifest"),
    [
        ("00", b"<html>"),
        ("01", b"[]"),
        ("02", b'{"files": []}'),
        ("03", b'{"files": {}}'),
        ("04", {**GOOD, "name": "../a.csv"}),
        ("05", {**GOOD, "name": "/etc/passwd"}),
        ("06", {**GOOD, "name": "a//b"}),
        ("07", {**GOOD, "name": "a\\b"}),
        ("08", {**GOOD, "name": "a\u202eb"}),
        ("09", {**GOOD, "name": "a\nb"}),
        ("10", {**GOOD, "name": ""}),
        ("11", {**GOOD, "name": "a" * 600}),
        ("12", {**GOOD, "name": ["a"]}),
        ("13", {**GOOD, "size": -1}),
        ("14", {**GOOD, "size": 1.5}),
        ("15", {**GOOD, "size": True}),
        ("16", {**GOOD, "size": "1"}),
        ("17", {**GOOD, "index": 1}),
        ("18", {**GOOD, "index": "../../api/contents"}),
        ("19", {**GOOD, "sha256": "x"}),
        ("20", {"name": "a"}),
        ("21", [GOOD, {**GOOD, "index": 1}]),
        ("22", b"[" * 100_000),
    ],
)
def test_manifests_that_make_no_sense(case: str, manifest: Any) -> None:
    import json

    if not isinstance(manifest, bytes):
        manifest = json.dumps({"files": manifest if isinstance(manifest, list) else [manifest]}).encode()
    with pytest.raises(PublicError) as caught:
        parse_manifest(manifest)
    assert caught.value.code == "gateway.staging_invalid"
