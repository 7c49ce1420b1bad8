"""Requests passed on to a workspace that cannot be trusted, and what comes back."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest
from tornado.web import RequestHandler

from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.limits import GatewayLimits

from .browsing import Browser
from .conftest import Hub
from .test_real_replies import PNG
from .workspace_server import ME, Inside, model


async def test_data_goes_both_ways(ada: Browser, inside: Inside) -> None:
    inside.answer("api/contents/a.txt", model("a.txt", "x" * 10), Etag='"1"')
    reply = await ada.fetch("GET", "api/contents/a.txt?content=1")
    assert (reply.status, reply.json["content"]) == (200, "x" * 10)
    assert "Etag" not in reply.headers
    assert inside.requests[-1].query == "content=1"
    reply = await ada.fetch("PUT", "api/contents/b.txt", data=io.BytesIO(b"y" * 3_000_000))
    assert (reply.json["path"], reply.json["size"]) == ("b.txt", 3_000_000)


async def test_a_body_sent_in_chunks_arrives_whole(ada: Browser) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b"z" * 50_000

    reply = await ada.fetch("PUT", "api/contents/b.txt", data=chunks())
    assert reply.json["size"] == 1_500_000


@pytest.mark.parametrize(
    "path",
    [
        "files/data.csv",
        "files/data.csv?download=1",
        "view/a.html",
        "nbconvert/html/a.ipynb",
        "hdh-egress/staged/x",
        "hdh-egress/staged/x/0",
        "api/shutdown",
        "lab/api/extensions",
    ],
)
async def test_closed_routes_never_reach_the_workspace(ada: Browser, inside: Inside, path: str) -> None:
    inside.requests.clear()
    for method in ("GET", "POST"):
        reply = await ada.fetch(method, path)
        assert (reply.status, reply.json["code"]) == (403, "gateway.route_closed")
    assert (await ada.visit(path)).status == 403
    assert not inside.requests


async def test_every_reply_carries_the_headers_errors_too(ada: Browser, inside: Inside) -> None:
    inside.answer("api/me", b"<b>no</b>", Content_Type="text/html")
    replies = [
        await ada.show("lab"),
        await ada.fetch("GET", "api/me"),
        await ada.fetch("GET", "files/x"),
        await ada.fetch("GET", "api/contents/a"),
        await ada.fetch("GET", "static/lab/none.js"),
        await ada.fetch("GET", "api"),
        await ada.fetch("PUT", "api/contents/a", {"Origin": None}),
    ]
    assert [reply.status for reply in replies] == [200, 502, 403, 200, 404, 200, 403]
    for reply in replies:
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert "sandbox" in reply.headers["Content-Security-Policy"]
        assert "allow-downloads" not in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Server" not in reply.headers


async def test_a_workspace_sets_no_header_that_matters(ada: Browser, inside: Inside) -> None:
    inside.answer(
        "api/me",
        ME,
        Set_Cookie="_xsrf=evil; Domain=hdh.localhost",
        Content_Disposition="attachment",
        Content_Security_Policy="default-src *",
        Access_Control_Allow_Origin="*",
        Refresh="0;url=http://e.test",
        Clear_Site_Data='"*"',
        Service_Worker_Allowed="/",
        Link="<http://e.test>; rel=preload",
        X_Other="1",
    )
    before = ada.cookie("_xsrf")
    reply = await ada.fetch("GET", "api/me")
    assert reply.status == 200
    assert ada.cookie("_xsrf") == before
    dropped = {
        "Set-Cookie",
        "Content-Disposition",
        "Access-Control-Allow-Origin",
        "Refresh",
        "Clear-Site-Data",
        "Service-Worker-Allowed",
        "Link",
        "X-Other",
    }
    assert not dropped & set(reply.headers)
    assert "default-src *" not in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("case", "content_type", "status", "expected"),
    [
        ("00", "text/html", 200, 502),
        ("01", "application/octet-stream", 200, 502),
        ("02", "text/csv", 200, 502),
        ("03", "text/html", 404, 404),
        ("04", "application/json", 404, 404),
        ("05", "application/json; charset=utf-7", 200, 502),
        ("06", "application/json", 299, 502),
        ("07", "application/json", 700, 502),
        ("08", "application/json", 401, 400),
        ("09", "application/json", 429, 400),
        ("10", "application/json", 511, 502),
        ("11", "image/svg+xml", 200, 502),
    ],
)
async def test_markup_never_passes(
    ada: Browser, inside: Inside, case: str, content_type: str, status: int, expected: int
) -> None:
    inside.answer("api/contents/a", b"<script>steal()</script>", status, Content_Type=content_type)
    reply = await ada.fetch("GET", "api/contents/a")
    assert reply.status == expected
    assert b"steal" not in reply.body
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json["code"] in ("gateway.bad_reply", "gateway.workspace_error")


@pytest.mark.parametrize(
    ("case", "content", "content_type", "status"),
    [
        ("00", PNG, "image/png", 200),
        ("01", PNG + b"PK\x03\x04", "image/png", 502),
        ("02", b"data", "image/png", 502),
        ("03", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 200),
        ("04", b"<html/>", "image/svg+xml", 502),
        ("05", PNG, "text/html", 502),
    ],
)
async def test_logos_are_pictures(
    ada: Browser, inside: Inside, case: str, content: bytes, content_type: str, status: int
) -> None:
    inside.answer("kernelspecs/x/logo-a.png", content, Content_Type=content_type)
    reply = await ada.fetch("GET", "kernelspecs/x/logo-a.png", {"Sec-Fetch-Dest": "image"})
    assert reply.status == status
    assert (reply.body == content) == (status == 200)


@pytest.mark.parametrize(
    ("case", "reply", "status", "code"),
    [
        ("00", model("a.txt", "text"), 200, None),
        ("01", model("b.txt", "text"), 502, "gateway.bad_reply"),
        ("02", model("a.txt", "x" * 5000), 403, "gateway.text_too_large"),
        ("03", model("a.txt", "QUJD", format="base64"), 403, "gateway.binary_closed"),
        ("04", model("a.txt", ["text"]), 502, "gateway.bad_reply"),
        ("05", model("a.txt", "text", hidden="x"), 200, None),
    ],
)
async def test_files_as_text(
    ada: Browser, inside: Inside, limits: GatewayLimits, case: str, reply: Any, status: int, code: str | None
) -> None:
    limits.contents_text = 4096
    inside.answer("api/contents/a.txt", reply)
    answer = await ada.fetch("GET", "api/contents/a.txt")
    assert (answer.status, answer.json.get("code")) == (status, code)
    assert "hidden" not in answer.json
    if code == "gateway.binary_closed":
        assert "Request extraction" in answer.json["message"]


async def test_saving_gives_no_content_back(ada: Browser, inside: Inside) -> None:
    inside.answer("api/contents/a.txt", model("a.txt", "the whole file"))
    reply = await ada.fetch("PUT", "api/contents/a.txt", data=b"{}")
    assert (reply.status, reply.json["code"]) == (502, "gateway.bad_reply")


async def test_the_gateways_own_codes_cannot_be_borrowed(ada: Browser, inside: Inside) -> None:
    inside.answer("api/me", {"code": "gateway.budget_spent", "message": "no", "html": "<b>"}, 403)
    assert (await ada.fetch("GET", "api/me")).json == {"message": "no"}


async def test_a_compressed_reply_is_not_passed_on(ada: Browser, inside: Inside) -> None:
    inside.answer("api/me", b"\x1f\x8b", Content_Encoding="gzip")
    assert (await ada.fetch("GET", "api/me")).json["code"] == "gateway.bad_reply"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["http://evil.test/", "//evil.test/", "/hub/logout", "/user/prj-vega/api/kernels"])
async def test_redirects_lead_nowhere(ada: Browser, inside: Inside, location: str, status: int) -> None:
    inside.answer("api/me", b"", status, Location=location)
    reply = await ada.fetch("GET", "api/me")
    assert (reply.status, "Location" in reply.headers) == (502, False)


async def test_an_endless_body_is_cut_off(ada: Browser, inside: Inside, gateway: GatewayApplication) -> None:
    async def endless(handler: RequestHandler) -> None:
        handler.set_header("Content-Type", "application/json")
        while True:
            handler.write(b" " * 2**20)
            await handler.flush()

    inside.answers["api/me"] = endless
    reply = await ada.fetch("GET", "api/me")
    assert (reply.status, reply.json["code"]) == (502, "gateway.reply_too_large")


async def test_an_announced_body_that_is_too_large_is_not_begun(ada: Browser, inside: Inside) -> None:
    inside.answer("api/me", b" " * (4 * 2**20 + 1))
    reply = await ada.fetch("GET", "api/me")
    assert (reply.status, reply.json["code"]) == (502, "gateway.reply_too_large")


async def test_silence_ends_in_a_sentence(ada: Browser, inside: Inside) -> None:
    async def silent(handler: RequestHandler) -> None:
        await asyncio.sleep(3)

    inside.answers["api/me"] = silent
    reply = await ada.fetch("GET", "api/me")
    assert (reply.status, reply.json["code"]) == (504, "gateway.workspace_slow")


async def test_a_browser_that_leaves_is_no_fault(
    ada: Browser, inside: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    arrived = asyncio.Event()

    async def wait(handler: RequestHandler) -> None:
        arrived.set()
        await asyncio.Event().wait()

    inside.answers["api/me"] = wait
    with caplog.at_level("DEBUG", "hdh_jupyter.gateway.app"):
        asking = asyncio.create_task(ada.fetch("GET", "api/me"))
        await asyncio.wait_for(arrived.wait(), 10)
        asking.cancel()
        async with asyncio.timeout(10):
            while "/api/me" not in caplog.text:
                await asyncio.sleep(0.05)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_body_that_stops_midway_is_an_error(ada: Browser, inside: Inside) -> None:
    async def stops(handler: RequestHandler) -> None:
        handler.set_header("Content-Type", "application/json")
        handler.write(b"[1,")
        await handler.flush()
        handler.detach().close()

    inside.answers["api/me"] = stops
    reply = await ada.fetch("GET", "api/me")
    assert (reply.status, reply.json["code"]) == (502, "gateway.bad_reply")


async def test_a_request_that_is_too_large_is_refused_before_it_is_sent_on(ada: Browser, inside: Inside) -> None:
    inside.requests.clear()
    reply = await ada.fetch("POST", "api/sessions", data=b"x" * (64 * 1024 + 1))
    assert (reply.status, reply.json["code"]) == (413, "gateway.too_large")
    assert not inside.requests


async def test_a_change_needs_the_token_against_forgery(ada: Browser, inside: Inside) -> None:
    inside.requests.clear()
    for token in (None, "x", (ada.cookie("_xsrf") or "")[:-2]):
        reply = await ada.fetch("POST", "api/contents", {"X-XSRFToken": token})
        assert reply.status == 403
    assert not inside.requests
    assert (await ada.fetch("POST", "api/contents", data=b"{}")).status == 200


async def test_a_sibling_project_cannot_make_requests_with_a_persons_cookies(ada: Browser, inside: Inside) -> None:
    inside.requests.clear()
    sibling = {"Origin": ada.origin.replace("vega", "altair"), "Sec-Fetch-Site": "same-site"}
    for method in ("GET", "POST", "PUT", "DELETE"):
        reply = await ada.fetch(method, "api/contents/a", sibling)
        assert (reply.status, reply.json["code"]) == (403, "gateway.foreign_origin")
    assert not inside.requests


async def test_the_cookie_of_one_project_is_worth_nothing_in_another(
    hub: Hub, ada: Browser, gateway: GatewayApplication
) -> None:
    record = json.loads((hub.state.routes / "vega.json").read_text())
    other = json.loads(json.dumps(record).replace("vega", "altair"))
    (hub.state.routes / "altair.json").write_text(json.dumps(other))
    cookie = ada.cookie("jupyterhub-user-prj-vega")
    host = ada.origin.replace("vega", "altair").removeprefix("http://")
    connector = aiohttp.UnixConnector(str(hub.state.sockets / "gateway.sock"))
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            for name in ("jupyterhub-user-prj-vega", "jupyterhub-user-prj-altair"):
                headers = {"Host": host, "Cookie": f"{name}={cookie}"}
                async with session.get("http://x/user/prj-altair/api/me", headers=headers) as reply:
                    assert (reply.status, (await reply.json())["code"]) == (403, "gateway.not_signed_in")
    finally:
        (hub.state.routes / "altair.json").unlink()


async def test_a_workspace_that_is_down_is_told_of_kindly(ada: Browser, hub: Hub, gateway: GatewayApplication) -> None:
    (hub.state.sockets / "ws-vega.sock").rename(hub.state.sockets / "away.sock")
    # Connections that are already open would still reach it.
    await gateway.gateway.workspaces.close()
    try:
        reply = await ada.show("lab")
        assert reply.status == 503
        assert "is not started" in reply.text
        assert "Use the links of the bar above" in reply.text
        # A window of its own is sent to the portal, which knows whether it is opening, and can open it.
        reply = await ada.visit("lab/tree/a.ipynb", allow_redirects=False)
        assert reply.headers["Location"] == f"{hub.origin}/hub/workspace/vega?path=lab/tree/a.ipynb"
        reply = await ada.fetch("GET", "api/me")
        assert (reply.status, reply.json["code"]) == (503, "gateway.workspace_down")
        assert (await ada.fetch("PUT", "api/contents/a", data=io.BytesIO(b"x" * 1_000_000))).status == 503
    finally:
        (hub.state.sockets / "away.sock").rename(hub.state.sockets / "ws-vega.sock")
    assert (await ada.show("lab")).status == 200


async def test_bytes_are_counted_per_person(ada: Browser, inside: Inside, gateway: GatewayApplication) -> None:
    inside.answer("api/contents/a", model("a", "x" * 1000))
    traffic = gateway.gateway.traffic
    before = traffic.total("vega", "ada", "out"), traffic.total("vega", "ada", "in")
    await ada.fetch("PUT", "api/contents/b", data=b"x" * 500)
    reply = await ada.fetch("GET", "api/contents/a")
    assert traffic.total("vega", "ada", "in") - before[1] == 500
    assert 1000 < len(reply.body) <= traffic.total("vega", "ada", "out") - before[0] < 2000
    assert traffic.total("vega", "bob", "out") == 0
