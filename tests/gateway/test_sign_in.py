"""Signing in, through a real hub and proxy."""

from __future__ import annotations

import base64
import json

from hdh_jupyter.gateway.app import GatewayApplication

from .browsing import Browser
from .conftest import Hub
from .workspace_server import Inside


async def test_a_member_opens_the_workspace_without_a_consent_page(ada: Browser, inside: Inside) -> None:
    reply = await ada.visit("lab", allow_redirects=False)
    assert (reply.status, reply.headers["Location"]) == (302, f"{ada.hub}/hub/workspace/vega")
    reply = await ada.show("lab")
    assert (reply.status, "JupyterLab" in reply.text) == (200, True)
    identity = json.loads(base64.b64decode(inside.requests[-1].headers["X-HDH-User"]))
    assert identity == {"name": "ada", "display_name": "Ada Lovelace"}


async def test_no_credential_reaches_the_workspace(ada: Browser, inside: Inside) -> None:
    await ada.fetch("GET", "api/contents/a.txt")
    for request in inside.requests:
        assert not {"Cookie", "Authorization", "Origin", "Referer", "X-Xsrftoken"} & set(request.headers)
        assert request.headers["Host"] == "localhost"


async def test_a_forged_identity_is_dropped(ada: Browser, inside: Inside) -> None:
    forged = base64.b64encode(b'{"name": "bob", "display_name": "Bob"}').decode()
    await ada.fetch("GET", "api/me", {"X-HDH-User": forged})
    assert len(inside.requests[-1].headers.get_list("X-HDH-User")) == 1
    assert json.loads(base64.b64decode(inside.requests[-1].headers["X-HDH-User"]))["name"] == "ada"


async def test_a_stranger_is_refused(visitor: Browser, inside: Inside) -> None:
    await visitor.sign_in("eve")
    assert (await visitor.visit("lab")).status == 403
    assert (await visitor.fetch("GET", "api/me")).status == 403
    assert not inside.requests


async def test_who_is_not_signed_in_gets_json_from_the_api_and_the_sign_in_from_a_page(
    visitor: Browser, inside: Inside
) -> None:
    reply = await visitor.fetch("GET", "api/me")
    assert (reply.status, reply.json["code"]) == (403, "gateway.not_signed_in")
    reply = await visitor.visit("lab", allow_redirects=False)
    assert reply.status == 302
    sign_in = f"{visitor.hub}/hub/api/oauth2/authorize?client_id=jupyterhub-user-prj-vega"
    assert reply.headers["Location"].startswith(sign_in)
    assert not inside.requests


async def test_the_ping_needs_no_sign_in_and_says_nothing_but_the_version(visitor: Browser, inside: Inside) -> None:
    inside.answer("api", {"version": "2.21.1", "secret": "x"})
    reply = await visitor.fetch("GET", "api")
    assert (reply.status, reply.json) == (200, {"version": "2.21.1"})
    assert reply.headers["X-JupyterHub-Version"]
    inside.answer("api", {"version": "<script>"})
    assert (await visitor.fetch("GET", "api")).status == 502


async def test_tokens_are_refused_even_valid_ones(hub: Hub, ada: Browser, inside: Inside) -> None:
    inside.requests.clear()
    for changes, path in (
        ({"Authorization": f"token {hub.token}"}, "api/me"),
        ({}, f"api/me?token={hub.token}"),
        ({"Authorization": ""}, "api/me"),
        ({}, "api/me?%74oken="),
    ):
        reply = await ada.fetch("GET", path, changes)
        assert (reply.status, reply.json["code"]) == (403, "gateway.credentials")
    assert not inside.requests


async def test_a_removed_member_is_out_and_back_in_when_added_again(
    hub: Hub, ada: Browser, gateway: GatewayApplication
) -> None:
    assert await hub.api("DELETE", "groups/vega/users", json={"users": ["ada"]}) == 200
    (await gateway.gateway.workspaces.get("vega")).sign_in.cache.clear()
    reply = await ada.visit("lab")
    assert reply.status == 403
    assert [e.action for e in gateway.gateway.audit.tail(1)] == ["access.refused"]
    assert await hub.api("POST", "groups/vega/users", json={"users": ["ada"]}) == 200
    await ada.visit("lab")
    assert (await ada.show("lab")).status == 200


async def test_signing_out_leads_to_the_hub_and_forgets_the_cookie(ada: Browser) -> None:
    reply = await ada.visit("logout", allow_redirects=False)
    assert (reply.status, reply.headers["Location"]) == (302, f"{ada.hub}/hub/logout")
    assert ada.cookie("jupyterhub-user-prj-vega") is None


async def test_a_broken_sign_in_says_so_on_a_page(ada: Browser) -> None:
    reply = await ada.visit("oauth_callback?code=x&state=y", allow_redirects=False)
    assert reply.status in (302, 403)
    ada.session.cookie_jar.clear()
    reply = await ada.visit("oauth_callback?code=x&state=y", allow_redirects=False)
    assert reply.status == 403
    assert "Signing in did not succeed" in reply.text
