"""What is carried out although the budget is spent, and what the browser is told of it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tornado.web import RequestHandler

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.saving import LARGEST, Act, act_of, reduced
from hdh_jupyter.gateway.table import TABLE, Channel, Kind, find_route
from hdh_jupyter.metering.budgets import MB, Budgets

from .browsing import Browser, Reply
from .conftest import Hub
from .hostile import Answer, in_place_of, raw, reply
from .workspace_server import Inside, model

UUID = "0a1b2c3d-0000-4000-8000-0123456789ab"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOT_DONE = (502, "gateway.not_done")
KEYS = {"name", "path", "type", "writable", "created", "last_modified", "mimetype", "content", "format", "size"}
ALLOWED = 12


@pytest.fixture
def budgets(budgets: Budgets) -> Budgets:
    return Budgets(person_hour=MB, reduced_replies=ALLOWED, flush_interval=0.1)


@pytest.fixture
async def cut(ada: Browser, inside: Inside, gateway: GatewayApplication) -> Browser:
    """The browser of somebody whose budget is spent."""
    gateway.gateway.traffic.charge("vega", "ada", Channel.KERNEL, MB)
    inside.requests.clear()
    return ada


def used(gateway: GatewayApplication) -> int:
    return gateway.gateway.traffic.standing("vega", "ada").hour.used - MB


@pytest.mark.parametrize(
    ("case", "method", "path", "query", "act"),
    [
        # saving
        ("00", "PUT", "api/contents/a/b.ipynb", "", Act.SAVE),
        ("01", "PATCH", "api/contents/a.txt", "", Act.RENAME),
        ("02", "DELETE", "api/contents/a.txt", "", Act.DELETE),
        ("03", "GET", "api/contents/a.txt", "content=0&hash=1", Act.LOOK),
        # reading
        ("10", "GET", "api/contents/a.txt", "", None),
        ("11", "GET", "api/contents/a.txt", "content=1", None),
        ("12", "GET", "api/contents/a.txt", "content=0&content=1", None),
        ("13", "GET", "api/contents", "content=0", None),
        ("14", "POST", "api/contents/a", "", None),
        ("15", "POST", "api/contents/a.txt/checkpoints", "", None),
        ("16", "GET", "api/contents/a.txt/checkpoints", "", None),
        ("17", "PUT", "api/contents", "", None),
        # stopping
        ("20", "DELETE", f"api/kernels/{UUID}", "", Act.STOP),
        ("21", "POST", f"api/kernels/{UUID}/interrupt", "", Act.STOP),
        ("22", "POST", f"api/kernels/{UUID}/restart", "", Act.RESTART),
        ("23", "DELETE", f"api/sessions/{UUID}", "", Act.STOP),
        ("24", "DELETE", "api/terminals/1", "", Act.STOP),
        # starting and asking
        ("30", "POST", "api/kernels", "", None),
        ("31", "GET", f"api/kernels/{UUID}", "", None),
        ("32", "GET", f"api/kernels/{UUID}/channels", "", None),
        ("33", "POST", "api/sessions", "", None),
        ("34", "PATCH", f"api/sessions/{UUID}", "", None),
        ("35", "POST", "api/terminals", "", None),
        ("36", "GET", "terminals/websocket/1", "", None),
        ("37", "PUT", "api/collaboration/session/a.txt", "", None),
        ("38", "GET", "api/collaboration/room/text:file:x", "", None),
        ("39", "POST", "hdh-egress/check", "", None),
    ],
)
def test_what_a_spent_budget_does_not_stop(case: str, method: str, path: str, query: str, act: Act | None) -> None:
    assert act_of(method, path, query) is act
    assert (find_route(method, path) is not None) or act is None


BODY = b'{"type": "file", "format": "text", "content": "x"}'
FIGURES = {"created": "2026-01-01T00:00:00Z", "last_modified": "2026-01-02T00:00:00Z", "writable": True, "size": 3}


def told(
    act: Act = Act.SAVE, path: str = "a.txt", query: str = "", body: bytes = BODY, said: dict[str, Any] | None = None
) -> Any:
    content = json.dumps(FIGURES | (said or {})).encode()
    return json.loads(reduced(act, f"api/contents/{path}", query, body, 200, content, NOW))


@pytest.mark.parametrize(
    ("case", "act", "path", "query", "body", "expected"),
    [
        ("00", Act.SAVE, "d/a.txt", "", BODY, ("d/a.txt", "file")),
        ("01", Act.SAVE, "a.ipynb", "", b'{"type":"notebook","content":{"type":"x"}}', ("a.ipynb", "notebook")),
        (
            "02",
            Act.SAVE,
            "a.ipynb",
            "",
            b' { "name" : "a\\"b" ,"size":-1.5e3,"x":null, "type":"file"}',
            ("a.ipynb", "file"),
        ),
        ("03", Act.SAVE, "a.ipynb", "", b'{"content": {"type": "file"}, "type": "file"}', ("a.ipynb", "notebook")),
        ("04", Act.SAVE, "a", "", b'{"type": "symlink"}', ("a", "file")),
        ("05", Act.SAVE, "d", "", b'{"type": "directory"}', ("d", "directory")),
        ("06", Act.SAVE, "a", "", b"\xff", ("a", "file")),
        ("07", Act.SAVE, "%C3%A9t%C3%A9%20%2B.txt", "", BODY, ("été +.txt", "file")),
        ("08", Act.SAVE, "%FF.txt", "", BODY, ("\ufffd.txt", "file")),
        ("09", Act.SAVE, "a.txt", "type=notebook", BODY, ("a.txt", "file")),
        ("10", Act.RENAME, "a.txt", "", b'{"path": "d/b.ipynb"}', ("d/b.ipynb", "notebook")),
        ("11", Act.RENAME, "a.txt", "", b'{"path": "/d/\\ud800.txt"}', ("d/\ufffd.txt", "file")),
        ("20", Act.LOOK, "a.txt", "content=0", b"", ("a.txt", "file")),
        ("21", Act.LOOK, "d", "content=0&type=directory", b"", ("d", "directory")),
        ("22", Act.LOOK, "d", "content=0&type=%3Cb%3E", b"", ("d", "file")),
    ],
)
def test_names_and_types_come_from_the_request(
    case: str, act: Act, path: str, query: str, body: bytes, expected: tuple[str, str]
) -> None:
    said = told(act, path, query, body, {"name": "evil", "path": "evil", "type": "directory"})
    assert (said["path"], said["type"]) == expected
    assert said["name"] == expected[0].rpartition("/")[2]
    assert set(said) == KEYS


@pytest.mark.parametrize(
    ("case", "key", "value", "expected"),
    [
        ("00", "created", "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z"),
        ("01", "created", "2026-01-01T02:00:00.1+02:00", "2026-01-01T00:00:00.100Z"),
        ("02", "created", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("03", "last_modified", "9999-12-31T23:59:59.999999Z", "2026-06-02T00:00:00.000Z"),
        ("04", "size", 0, 0),
        ("05", "size", None, None),
        ("06", "size", LARGEST, LARGEST),
        ("07", "size", LARGEST + 1, None),
        ("08", "writable", False, False),
        ("09", "mimetype", "text/secret", None),
        ("10", "format", "text", None),
        ("11", "content", "secret", None),
    ],
)
def test_figures_are_rendered_anew(case: str, key: str, value: Any, expected: Any) -> None:
    assert told(said={key: value})[key] == expected


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("00", {"created": "yesterday"}),
        ("01", {"created": "2026-01-01T00:00:00"}),
        ("02", {"created": 1}),
        ("03", {"last_modified": None}),
        ("04", {"size": -1}),
        ("05", {"size": 1.5}),
        ("06", {"size": "3"}),
        ("07", {"size": True}),
        ("08", {"writable": 1}),
        ("09", {"writable": None}),
    ],
)
def test_figures_of_another_type_are_not_told(case: str, said: dict[str, Any]) -> None:
    with pytest.raises(PublicError) as caught:
        told(said=said)
    assert caught.value.code == "gateway.not_done"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"path": 1}', b'{"path": "' + b"x" * 5000 + b'"}'])
def test_a_renaming_that_makes_no_sense_is_told_as_not_done(body: bytes) -> None:
    with pytest.raises(PublicError):
        told(Act.RENAME, body=body)


@pytest.mark.parametrize(
    "body", [b'{"a":' * 13_000, b'{"a":"' + b"\\" * 65_000, b'{"a":1,' + b'"b":"x",' * 8_000, b'{"' + b" " * 65_000]
)
def test_a_body_that_is_made_to_be_searched_for_long_is_not(body: bytes) -> None:
    # A search that goes back would take hours.
    assert told(body=body)["type"] == "file"


async def test_saving_renaming_and_deleting_are_carried_out(
    cut: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    secret = model("evil", type="directory", mimetype="text/secret", message="secret", hash="secret", size=7)
    inside.answer("api/contents/d/a.txt", secret | {"last_modified": "2026-02-03T04:05:06.789012Z"}, 201)
    body = json.dumps({"type": "file", "format": "text", "content": "x" * 100_000})
    saved = await cut.fetch("PUT", "api/contents/d/a.txt", data=body)
    assert saved.status == 200
    assert saved.json == {
        "name": "a.txt",
        "path": "d/a.txt",
        "type": "file",
        "writable": True,
        "created": "2026-01-01T00:00:00.000Z",
        "last_modified": "2026-02-03T04:05:06.789Z",
        "mimetype": None,
        "content": None,
        "format": None,
        "size": 7,
    }
    assert inside.requests[-1].body == body.encode()
    looked = await cut.fetch("GET", "api/contents/d/a.txt?content=0&hash=1")
    assert looked.status == 502, "the honest server of these tests names another path, which is no answer"
    inside.answer("api/contents/d/a.txt", secret | {"path": "d/a.txt", "type": "file"})
    looked = await cut.fetch("GET", "api/contents/d/a.txt?content=0&hash=1")
    assert (looked.status, set(looked.json), looked.json["type"]) == (200, KEYS, "file")
    moved = await cut.fetch("PATCH", "api/contents/d/a.txt", json={"path": "d/b.txt"})
    assert (moved.status, moved.json["name"], moved.json["path"]) == (200, "b.txt", "d/b.txt")
    assert json.loads(inside.requests[-1].body) == {"path": "d/b.txt"}
    gone = await cut.fetch("DELETE", "api/contents/d/b.txt")
    assert (gone.status, gone.body) == (204, b"")
    assert inside.requests[-1].method == "DELETE"
    assert used(gateway) == sum(len(reply.body) for reply in (saved, looked, moved))


async def test_what_floods_can_be_stopped(cut: Browser, inside: Inside) -> None:
    async def empty(handler: RequestHandler) -> None:
        handler.set_status(204)

    inside.answers[f"api/kernels/{UUID}/interrupt"] = empty
    inside.answer(f"api/kernels/{UUID}/restart", {"id": "secret", "name": "secret", "execution_state": "secret"})
    for method, path, expected in (
        ("POST", f"api/kernels/{UUID}/interrupt", (204, b"")),
        ("POST", f"api/kernels/{UUID}/restart", (200, b"{}")),
        ("DELETE", f"api/kernels/{UUID}", (204, b"")),
        ("DELETE", f"api/sessions/{UUID}", (204, b"")),
        ("DELETE", "api/terminals/1", (204, b"")),
    ):
        told = await cut.fetch(method, path)
        assert (told.status, told.body) == expected, path
        assert inside.requests[-1].path.endswith(path)


async def put(browser: Browser, path: str = "api/contents/a.txt") -> Reply:
    return await browser.fetch("PUT", path, data='{"type": "file"}')


async def test_only_so_many_are_carried_out_in_an_hour(
    hub: Hub, cut: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    replies = await asyncio.gather(*(put(cut) for _ in range(ALLOWED + 3)))
    assert sorted(reply.status for reply in replies) == [200] * ALLOWED + [429] * 3
    assert len(inside.requests) == ALLOWED
    told = await cut.fetch("DELETE", f"api/kernels/{UUID}")
    assert (told.status, told.json["code"]) == (429, "gateway.budget_spent")
    assert len(inside.requests) == ALLOWED
    async with Browser(hub.origin) as bob:
        await bob.sign_in("bob")
        await bob.visit("lab")
        assert len((await put(bob)).json) > len(KEYS) - 2
        gateway.gateway.traffic.charge("vega", "bob", Channel.KERNEL, MB)
        assert (await put(bob)).status == 200


async def test_a_budget_spent_while_a_file_is_saved(ada: Browser, inside: Inside, gateway: GatewayApplication) -> None:
    async def slow(handler: RequestHandler) -> None:
        gateway.gateway.traffic.charge("vega", "ada", Channel.KERNEL, MB)
        handler.write(model("evil", size=7))

    inside.answers["api/contents/a.txt"] = slow
    saved = await put(ada)
    assert (saved.status, saved.json["path"], saved.json["size"]) == (200, "a.txt", 7)


async def test_what_the_page_says_of_a_failure_is_always_the_same(cut: Browser, inside: Inside) -> None:
    seen = set()
    for status in (400, 403, 404, 409, 413, 418, 500, 503, 302, 206):
        inside.answer("api/contents/a.txt", {"message": "secret", "reason": "secret"}, status)
        failed = await put(cut)
        assert "secret" not in str(failed.headers)
        seen.add((failed.status, failed.body))
    inside.answer("api/contents/a.txt", b"secret", 200)
    seen.add(((failed := await put(cut)).status, failed.body))
    [(status, body)] = seen
    assert (status, json.loads(body)["code"]) == NOT_DONE


MODEL = json.dumps(model("evil")).encode()


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        ("00", raw(b"")),
        ("01", raw(b"secret")),
        ("02", raw(reply(MODEL, length=10**6))),
        ("03", raw(reply(b" " * (2**20 + 1) + MODEL))),
        ("04", raw(reply(MODEL.replace(b"2026", b"secret", 1)))),
        ("05", raw(reply(MODEL, status=b"200 secret", length=3))),
        ("06", raw(reply(MODEL.replace(b'"content": null', b'"content": "secret"')))),
        ("07", raw(reply(MODEL, b"Content-Encoding: gzip"))),
        ("08", raw(reply(b"", b"Location: /secret", status=b"302 Found"))),
        ("09", raw(reply(b"", b"WWW-Authenticate: Basic realm=secret", status=b"401 Unauthorized"))),
        ("10", raw(b"HTTP/1.1 204 secret\r\nX-Secret: secret\r\n\r\n")),
        ("11", raw(reply(b"[" * 100_000))),
    ],
)
async def test_a_hostile_server_says_one_thing_alone(hub: Hub, cut: Browser, case: str, answer: Answer) -> None:
    async with in_place_of(hub.state.sockets / "ws-vega.sock", answer):
        failed = await put(cut)
    assert (failed.status, failed.json["code"]) == NOT_DONE
    assert "secret" not in f"{failed.headers} {failed.text}"


async def test_a_silent_server_says_the_same(hub: Hub, cut: Browser) -> None:
    async with in_place_of(hub.state.sockets / "ws-vega.sock", lambda call: call.silence()):
        failed = await put(cut)
    assert (failed.status, failed.json["code"]) == NOT_DONE


async def test_what_a_hostile_server_can_say_with_a_save_is_a_few_bytes(hub: Hub, cut: Browser) -> None:
    loud = model("x" * 4000, type="notebook", mimetype="x" * 4000, hash="x" * 4000, hash_algorithm="x" * 4000)
    loud |= {"message": "x" * 60_000, "format": "x" * 4000, "size": 2**50}
    async with in_place_of(hub.state.sockets / "ws-vega.sock", raw(reply(json.dumps(loud).encode()))):
        saved = await put(cut)
    assert saved.status == 200
    assert b"xx" not in saved.body
    assert len(saved.body) < 250
    assert set(saved.headers) & {"X-Secret", "Set-Cookie", "ETag", "Last-Modified"} == set()


async def test_who_may_not_be_here_saves_nothing_either(cut: Browser, inside: Inside) -> None:
    for changes in ({"Origin": "http://evil.test"}, {"X-XSRFToken": "forged"}, {"Sec-Fetch-Site": "cross-site"}):
        for _ in range(5):
            refused = await cut.fetch("PUT", "api/contents/a.txt", changes, data="{}")
            if refused.status != 503:  # the proxy's own word when the refusal came before it had sent the body
                break
        assert refused.status == 403, (changes, refused.text[:500])
        assert refused.json["code"] != "gateway.not_done"
    assert not inside.requests


def test_the_gateways_own_routes_are_never_metered() -> None:
    for route in TABLE:
        shows = route.kind in (Kind.JSON, Kind.IMAGE, Kind.WEBSOCKET)
        assert (route.channel is not Channel.NONE) == shows, route.pattern.pattern


async def test_the_gateways_own_data_stay_open(cut: Browser, inside: Inside) -> None:
    layout = {"data": {}, "metadata": {"id": "default"}}
    for method, path, body, expected in (
        ("GET", "hdh/traffic", None, 200),
        ("GET", "hdh/me", None, 200),
        ("GET", "hdh/egress/drafts", None, 200),
        ("POST", "hdh/traffic/requests", {"reason": "Comparer les cartes des cent départements."}, 201),
        ("POST", "hdh/copied", {"characters": 3, "kind": "cell"}, 204),
        ("GET", "lab/api/settings", None, 200),
        ("GET", "lab/api/translations", None, 200),
        ("PUT", "lab/api/workspaces/default", layout, 204),
        ("GET", "lab/api/workspaces", None, 200),
    ):
        told = await cut.fetch(method, path, json=body)
        assert told.status == expected, (path, told.text)
    assert (await cut.fetch("GET", "hdh/usage")).status in (200, 404)
    assert (await cut.show("lab")).status == 200
