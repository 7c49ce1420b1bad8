"""The platform's policy, and the record of copies."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from traitlets import TraitError

from hdh_jupyter.errors import PublicError
from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.copying import MOST, CopyRate, parse_copied
from hdh_jupyter.gateway.policy import WorkspacePolicy
from hdh_jupyter.gateway.table import find_route

from .browsing import Browser
from .workspace_server import Inside


@pytest.mark.parametrize(
    ("case", "terminals", "method", "path", "allowed"),
    [
        ("00", True, "GET", "api/terminals", True),
        ("01", True, "GET", "terminals/websocket/1", True),
        ("02", False, "GET", "api/terminals", False),
        ("03", False, "POST", "api/terminals", False),
        ("04", False, "GET", "api/terminals/1", False),
        ("05", False, "DELETE", "api/terminals/1", False),
        ("06", False, "GET", "terminals/websocket/1", False),
        ("07", False, "GET", "api/kernels", True),
        ("08", False, "GET", "hdh/me", True),
    ],
)
def test_terminals(case: str, terminals: bool, method: str, path: str, allowed: bool) -> None:
    route = find_route(method, path)
    assert route is not None
    policy = WorkspacePolicy(terminals=terminals)
    if allowed:
        policy.require(route)
    else:
        with pytest.raises(PublicError) as caught:
            policy.require(route)
        assert (caught.value.code, caught.value.status) == ("gateway.terminals_off", 403)


def test_every_route_of_terminals_is_the_policys() -> None:
    from hdh_jupyter.gateway.table import TABLE, Feature

    named = [route for route in TABLE if "terminals" in route.pattern.pattern]
    assert len(named) == 5
    assert all(route.feature is Feature.TERMINALS for route in named)


@pytest.mark.parametrize(
    ("case", "settings", "said"),
    [
        ("00", {}, {"copy": {"mode": "limited", "limit": 2000}, "terminals": True}),
        ("01", {"copy": "off"}, {"copy": {"mode": "off", "limit": 2000}, "terminals": True}),
        ("02", {"copy": "on", "terminals": False}, {"copy": {"mode": "on", "limit": 2000}, "terminals": False}),
        ("03", {"copy_limit": 10}, {"copy": {"mode": "limited", "limit": 10}, "terminals": True}),
        ("04", {"copy": "maybe"}, None),
        ("05", {"copy_limit": 0}, None),
    ],
)
def test_what_the_page_is_told(case: str, settings: dict[str, Any], said: dict[str, Any] | None) -> None:
    if said is None:
        with pytest.raises(TraitError):
            WorkspacePolicy(**settings)
    else:
        assert WorkspacePolicy(**settings).to_dict() == said


@pytest.mark.parametrize(
    ("case", "body", "accepted"),
    [
        ("00", b'{"characters": 12, "kind": "cell"}', True),
        ("01", b'{"characters": 1, "kind": "terminal"}', True),
        ("02", b'{"characters": 0, "kind": "cell"}', False),
        ("03", b'{"characters": -5, "kind": "cell"}', False),
        ("04", b'{"characters": 1.5, "kind": "cell"}', False),
        ("05", b'{"characters": true, "kind": "cell"}', False),
        ("06", b'{"characters": 12, "kind": "everything"}', False),
        ("07", b'{"characters": 12, "kind": "cell", "text": "patient"}', False),
        ("08", b'{"characters": 12}', False),
        ("09", b"[]", False),
        ("10", b"", False),
        ("11", b"\xff", False),
        ("12", b"[" * 4000, False),
        ("13", b'{"characters": 1000000000001, "kind": "cell"}', False),
    ],
)
def test_reports(case: str, body: bytes, accepted: bool) -> None:
    if accepted:
        assert parse_copied(body).characters > 0
    else:
        with pytest.raises(PublicError) as caught:
            parse_copied(body)
        assert caught.value.code == "gateway.bad_copy"


def test_the_rate_is_each_persons_own() -> None:
    rate = CopyRate()
    for second in range(MOST):
        rate.note("vega", "ada", second)
    with pytest.raises(PublicError):
        rate.note("vega", "ada", 59.0)
    rate.note("vega", "bob", 59.0)
    rate.note("altair", "ada", 59.0)
    rate.note("vega", "ada", 60.5)


async def test_a_copy_is_recorded_without_its_text(ada: Browser, gateway: GatewayApplication, inside: Inside) -> None:
    inside.requests.clear()
    reply = await ada.fetch("POST", "hdh/copied", json={"characters": 12, "kind": "output"})
    assert (reply.status, reply.body) == (204, b"")
    [event] = [event for event in gateway.gateway.audit.tail(1) if event.action == "workspace.copied"]
    assert (event.actor, event.project) == ("ada", "vega")
    assert event.detail == {"characters": 12, "kind": "output"}
    assert (await ada.fetch("POST", "hdh/copied", json={"text": "x"})).json["code"] == "gateway.bad_copy"
    for _ in range(MOST - 1):
        assert (await ada.fetch("POST", "hdh/copied", json={"characters": 1, "kind": "cell"})).status == 204
    reply = await ada.fetch("POST", "hdh/copied", json={"characters": 1, "kind": "cell"})
    assert (reply.status, reply.json["code"]) == (429, "gateway.too_many_copies")
    assert not inside.requests


async def test_closed_terminals_never_reach_the_workspace(
    ada: Browser, gateway: GatewayApplication, inside: Inside
) -> None:
    assert (await ada.fetch("GET", "hdh/me")).json["policy"]["terminals"] is True
    gateway.gateway.policy.terminals = False
    inside.requests.clear()
    reply = await ada.fetch("POST", "api/terminals")
    assert (reply.status, reply.json["code"]) == (403, "gateway.terminals_off")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await ada.websocket("terminals/websocket/1")
    assert (await ada.fetch("GET", "hdh/me")).json["policy"]["terminals"] is False
    assert not inside.requests
