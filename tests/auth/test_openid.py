"""Sign-in at a real hub with a real identity provider, and with one that lies."""

from __future__ import annotations

import asyncio
import html
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from jupyterhub.crypto import CryptKeeper
from jupyterhub.tests.mocking import MockHub
from requests import Response
from tornado.web import create_signed_value
from traitlets.config import Config

from hdh_jupyter import web
from hdh_jupyter.auth.openid import OpenIDAuthenticator
from hdh_jupyter.i18n import translate

from .conftest import Browser, Platform
from .provider import AFTER_SIGN_OUT, CLIENT, SECRET, Document, Provider, claims_of, now, sign, signing_key
from .test_roles import eventually, scopes_of_token

CALLBACK = "https://hdh.example/hub/oauth_callback"
LINKED = "openid.linked"


@pytest.fixture(autouse=True)
def crypt_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("JUPYTERHUB_CRYPT_KEY", os.urandom(32).hex())
    CryptKeeper.clear_instance()
    yield
    CryptKeeper.clear_instance()


async def open_hub(
    platform: Platform, provider: Provider, hub: dict[str, Any] | None = None, **settings: Any
) -> MockHub:
    """Open a hub that asks the provider again as often as it can."""
    return await platform.start(
        {"authenticator_class": OpenIDAuthenticator, **(hub or {})},
        **{
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "oauth_callback_url": CALLBACK,
            "provider_refresh_age": 0,
            **settings,
        },
    )


async def at_provider(browser: Browser, path: str = "oauth_login") -> str:
    """Leave for the provider, sign in there, and return the query that it sends the browser back with."""
    reply = await browser.get(path)
    assert reply.status_code == 302, reply.text
    while not reply.headers["Location"].startswith(CALLBACK):
        reply = await browser.session.get(urljoin(reply.url, reply.headers["Location"]), allow_redirects=False)
        assert reply.status_code in (302, 303), reply.text
    return reply.headers["Location"].removeprefix(CALLBACK)


async def come_back(browser: Browser, query: str) -> Response:
    return await browser.get("oauth_callback" + query)


async def sign_in(hub: MockHub) -> tuple[Browser, Response]:
    browser = Browser(hub.hub.url)
    return browser, await come_back(browser, await at_provider(browser))


async def signed_in(hub: MockHub) -> Browser:
    browser, reply = await sign_in(hub)
    assert "openid_refused" not in reply.headers["Location"], reply.headers["Location"]
    assert "jupyterhub-hub-login" in browser.session.cookies
    return browser


async def refused(hub: MockHub) -> str:
    """Return the code with which whoever is at the provider is refused."""
    browser, reply = await sign_in(hub)
    assert "jupyterhub-hub-login" not in browser.session.cookies
    return code_of(reply)


def code_of(reply: Response) -> str:
    assert reply.status_code == 302
    path, _, code = reply.headers["Location"].partition("?code=")
    assert path.endswith("/hub/openid_refused")
    return code


def reasons(platform: Platform) -> list[tuple[str, str | None]]:
    return [(actor, reason) for action, actor, reason in platform.signed() if action == "session.refused"]


async def test_sign_in_renewal_and_sign_out(
    platform: Platform, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    hub = await open_hub(platform, provider, post_logout_url=AFTER_SIGN_OUT)
    browser = Browser(hub.hub.url)
    home = urlsplit(hub.hub.url).path + "home"
    query = await at_provider(browser, f"oauth_login?next={quote(home)}")
    reply = await come_back(browser, query)
    assert reply.headers["Location"] == home
    assert (await browser.get("user/prj-vox/lab")).status_code == 424
    assert hub.users["ann"].user_info == {"display_name": "Ann"}
    actor = f"openid:{urlsplit(provider.issuer).netloc}"
    assert platform.signed() == [(LINKED, actor, None), ("session.signed_in", "ann", None)]

    user = hub.users["ann"]
    before = await user.get_auth_state()
    assert await hub.authenticator.refresh_user(user) is True
    after = await user.get_auth_state()
    assert after["checked_at"] > before["checked_at"]
    assert after["refresh_token"] != before["refresh_token"]

    other = await signed_in(hub)
    leaving = await browser.get("logout")
    asked = parse_qs(urlsplit(leaving.headers["Location"]).query)
    assert leaving.headers["Location"].startswith(f"{provider.issuer}/session/end?")
    assert claims_of(asked["id_token_hint"][0])["sub"] == "ann"
    page = await browser.session.get(leaving.headers["Location"])
    xsrf = page.text.partition('name="xsrf" value="')[2].partition('"')[0]
    gone = await browser.session.post(
        f"{provider.issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"}, allow_redirects=False
    )
    assert gone.headers["Location"] == AFTER_SIGN_OUT
    assert (await browser.get("home")).status_code == 302
    assert await user.get_auth_state() is None

    async def out() -> bool:
        return (await other.get("home")).status_code == 302

    await eventually(out)
    secrets = {value for state in (before, after) for value in state.values() if isinstance(value, str)} - {
        provider.issuer,
        "ann",
    }
    # Two ID tokens of one second are the same.
    assert len(secrets) >= 5
    told = caplog.text + repr([event.detail for event in platform.audit.since(0)])
    assert [secret for secret in secrets if secret in told] == []


def without(*names: str) -> Callable[[Document], Document]:
    return lambda document: {name: value for name, value in document.items() if name not in names}


def signed_by(key: Document, **header: Any) -> Callable[[Document], Document]:
    return lambda tokens: {**tokens, "id_token": sign(claims_of(tokens["id_token"]), key, **header)}


def nothing(_document: Document) -> None:
    return None


async def test_a_lying_provider_lets_nobody_in(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    stranger, secret = signing_key("first"), {"kty": "oct", "k": "c2VjcmV0" * 6, "alg": "HS256", "kid": "first"}
    table: list[tuple[str, str, Callable[[Document], Document | None], str]] = [
        ("00 expired", "/token", provider.token(exp=now() - 3600), "token_expired"),
        ("01 forged", "/token", signed_by(stranger), "token_signature"),
        ("02 wrong audience", "/token", provider.token(aud="another"), "token_audience"),
        ("03 wrong nonce", "/token", provider.token(nonce="another"), "token_nonce"),
        ("04 no nonce", "/token", provider.token(nonce=None), "token_nonce"),
        ("05 wrong issuer", "/token", provider.token(iss="https://idp.example"), "token_issuer"),
        ("06 algorithm none", "/token", unsigned, "token_algorithm"),
        ("07 HMAC", "/token", signed_by(secret), "token_algorithm"),
        ("08 key that is not published", "/token", signed_by(signing_key("other")), "token_key"),
        ("09 another access token", "/token", lambda tokens: {**tokens, "access_token": "other"}, "removed"),
        ("10 no ID token", "/token", without("id_token"), "token_missing"),
        ("11 no access token", "/token", without("access_token"), "bad_answer"),
        ("12 not a bearer's token", "/token", lambda tokens: {**tokens, "token_type": "DPoP"}, "bad_answer"),
        ("13 no JSON", "/token", nothing, "bad_answer"),
        ("14 userinfo of another", "/me", lambda told: {**told, "sub": "leo"}, "other_subject"),
        ("15 userinfo of nobody", "/me", without("sub"), "other_subject"),
        ("16 userinfo that is no JSON", "/me", nothing, "bad_answer"),
        ("17 person of another name", "/token", provider.token(sub="leo"), "other_subject"),
        ("18 hash of another access token", "/token", provider.token(at_hash="x"), "token_access"),
        ("19 made in the future", "/token", provider.token(iat=now() + 3600, exp=now() + 7200), "token_early"),
    ]
    found = {}
    for name, path, alter, _ in table:
        provider.altered = {path: alter}
        found[name] = await refused(hub)
    assert found == {name: f"auth.openid.{code}" for name, _, _, code in table}
    # Nobody was known yet when a token was refused: it could have named anybody.
    assert reasons(platform) == [("unknown", code) for code in found.values()]
    provider.altered = {}
    await signed_in(hub)


def unsigned(tokens: Document) -> Document:
    _, body, _ = tokens["id_token"].split(".")
    return {**tokens, "id_token": f"eyJhbGciOiJub25lIn0.{body}."}


async def test_a_description_or_keys_that_lie(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    description = "/.well-known/openid-configuration"
    for alter, code in (
        (lambda told: {**told, "issuer": "https://idp.example"}, "discovery_issuer"),
        (lambda told: {**told, "token_endpoint": "http://idp.example/token"}, "bad_discovery"),
        (nothing, "bad_answer"),
    ):
        provider.altered = {description: alter}
        reply = await Browser(hub.hub.url).get("oauth_login", headers={"Accept-Language": "en"})
        assert reply.status_code == 502
        assert translate(f"auth.openid.{code}", "en") in html.unescape(reply.content.decode())
    for keys, code in (
        ([], "token_key"),
        ([{"kty": "RSA", "kid": "first"}], "token_key"),
        ([{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}], "token_key"),
        ("keys", "bad_answer"),
    ):
        provider.altered = {"/jwks": lambda _told, keys=keys: {"keys": keys}}  # type: ignore[misc]
        assert await refused(hub) == f"auth.openid.{code}"


async def test_keys_are_rotated(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    await signed_in(hub)
    second = signing_key("second")
    await provider.tell(keys=[second])
    await signed_in(hub)
    assert provider.asked.count("/jwks") == 2
    await signed_in(hub)
    assert provider.asked.count("/jwks") == 2
    # What the old key signs is refused from then on.
    provider.altered = {"/token": signed_by(provider.key)}
    assert await refused(hub) == "auth.openid.token_key"
    unnamed = {name: value for name, value in second.items() if name != "kid"}
    provider.altered = {"/token": signed_by(unnamed)}
    await signed_in(hub)


async def test_browsers_that_come_back_with_something_else(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    stranger = await at_provider(Browser(hub.hub.url))

    async def back(change: Callable[[str], str]) -> str:
        browser = Browser(hub.hub.url)
        reply = await come_back(browser, change(await at_provider(browser)))
        assert "jupyterhub-hub-login" not in browser.session.cookies
        return code_of(reply)

    def put(name: str, value: str) -> Callable[[str], str]:
        return lambda query: (
            "?" + "&".join(f"{name}={value}" if each.startswith(f"{name}=") else each for each in query[1:].split("&"))
        )

    table: list[tuple[str, Callable[[str], str], str]] = [
        ("00 another state", put("state", "x"), "wrong_state"),
        ("01 the sign-in of another browser", lambda _query: stranger, "wrong_state"),
        ("02 no state", lambda query: query.replace("state=", "other="), "wrong_state"),
        ("03 another provider", put("iss", "https%3A%2F%2Fidp.example"), "wrong_issuer"),
        ("04 no provider's name", lambda query: query.replace("iss=", "other="), "wrong_issuer"),
        ("05 no code", put("code", ""), "no_code"),
        ("06 a made-up code", put("code", "x"), "code_refused"),
        ("07 the person refused", lambda query: query + "&error=access_denied", "denied"),
        ("08 the provider is busy", lambda query: query + "&error=temporarily_unavailable", "unavailable"),
        ("09 an error of any kind", lambda query: query + "&error=%3Cscript%3E", "provider_error"),
    ]
    found = {name: await back(change) for name, change, _ in table}
    assert found == {name: f"auth.openid.{code}" for name, _, code in table}
    assert reasons(platform) == [("unknown", code) for code in found.values()]


async def test_a_sign_in_belongs_to_one_browser_and_counts_once(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    # Login CSRF: the victim's browser began nothing.
    victim = Browser(hub.hub.url)
    query = await at_provider(Browser(hub.hub.url))
    assert code_of(await come_back(victim, query)) == "auth.openid.not_started"
    # A page of a workspace planted a cookie beside the one of a sign-in under way.
    browser = Browser(hub.hub.url)
    query = await at_provider(browser)
    kept = next(cookie for cookie in browser.session.cookies if cookie.name == "hdh-openid")
    assert kept.has_nonstandard_attr("HttpOnly")
    twice = {"Cookie": f"hdh-openid={kept.value}; hdh-openid={kept.value}"}
    planted = Browser(hub.hub.url)
    assert code_of(await planted.get("oauth_callback" + query, headers=twice)) == "auth.openid.not_started"
    # A cookie of another making, and one that is too old.
    for value in (b"forged", create_signed_value(os.urandom(32), "hdh-openid", "{}")):
        header = {"Cookie": f"hdh-openid={value.decode()}"}
        reply = await Browser(hub.hub.url).get("oauth_callback" + query, headers=header)
        assert code_of(reply) == "auth.openid.not_started"
    hour_ago = now() - 3600
    old = create_signed_value(hub.cookie_secret, "hdh-openid", "{}", clock=lambda: hour_ago)
    reply = await Browser(hub.hub.url).get("oauth_callback" + query, headers={"Cookie": f"hdh-openid={old.decode()}"})
    assert code_of(reply) == "auth.openid.not_started"
    # With HTTPS browsers take the cookie from the hub's own host alone.
    https = await Browser(hub.hub.url).get("oauth_login", headers={"X-Forwarded-Proto": "https"})
    words = {word.strip().lower() for word in https.headers["Set-Cookie"].split(";")}
    assert any(word.startswith("__host-hdh-openid=") for word in words)
    assert {"httponly", "path=/", "secure", "samesite=lax"} <= words
    assert not any(word.startswith("domain") for word in words)
    # None of these fills the log; each costs its sender nothing.
    assert platform.signed() == []

    assert "jupyterhub-hub-login" not in browser.session.cookies
    assert not code_of_or_none(await come_back(browser, query))
    assert code_of(await come_back(browser, query)) == "auth.openid.not_started"
    # Whoever kept the cookie finds that the provider takes its code once.
    again = await Browser(hub.hub.url).get("oauth_callback" + query, headers={"Cookie": f"hdh-openid={kept.value}"})
    assert code_of(again) == "auth.openid.code_refused"


def code_of_or_none(reply: Response) -> str:
    return reply.headers["Location"].partition("openid_refused?code=")[2]


async def test_nobody_is_sent_elsewhere_afterwards(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    targets = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "///evil.example")
    for target in targets:
        browser = Browser(hub.hub.url)
        reply = await come_back(browser, await at_provider(browser, f"oauth_login?next={quote(target, safe='')}"))
        assert urlsplit(reply.headers["Location"])[:2] == ("", ""), target
        assert reply.headers["Location"].startswith("/"), target


async def test_second_factor_is_asked_and_required(platform: Platform, provider: Provider) -> None:
    two = "urn:example:two"
    hub = await open_hub(platform, provider, required_acr=[two], required_amr=["otp", "hwk"])
    asked = parse_qs(urlsplit((await Browser(hub.hub.url).get("oauth_login")).headers["Location"]).query)
    assert asked["acr_values"] == [two]
    assert '"essential": true' in asked["claims"][0]
    code = "auth.openid.second_factor"
    # The provider says itself that it cannot; then it lets anybody pass, as if nothing essential had been asked.
    await provider.tell(error="unmet_authentication_requirements")
    assert await refused(hub) == code
    await provider.tell(error=None, keys=[provider.key], takesClaims=False)
    hub.authenticator.provider._metadata = None
    for acr, amr in ((None, None), ("urn:example:one", ["otp"]), (two, None), (two, ["pwd"])):
        await provider.tell(acr=acr, amr=amr)
        assert await refused(hub) == code
    # What userinfo says of it is no proof.
    await provider.tell(acr=None, amr=None)
    provider.altered = {"/me": lambda told: {**told, "acr": two, "amr": ["otp"]}}
    assert await refused(hub) == code
    provider.altered = {}
    assert reasons(platform) == [("unknown", code), *[("ann", code)] * 5]
    for language in ("fr", "en"):
        page = await Browser(hub.hub.url).get(f"openid_refused?code={code}", headers={"Accept-Language": language})
        assert page.status_code == 403
        assert translate(code, language) in html.unescape(page.content.decode())
    # Only our own refusals have a page.
    assert (await Browser(hub.hub.url).get("openid_refused?code=web.login.title")).status_code == 404

    await provider.tell(acr=two, amr=["pwd", "otp"])
    await signed_in(hub)
    user = hub.users["ann"]
    assert await hub.authenticator.refresh_user(user) is True
    # What is asked of people counts for those who are in.
    hub.authenticator.required_amr = ["hwk"]
    assert await hub.authenticator.refresh_user(user) is False
    assert platform.signed()[-1] == ("openid.dropped", "ann", code)


async def test_whoever_is_removed_at_the_provider_is_out_by_cookie_and_by_token(
    platform: Platform, provider: Provider
) -> None:
    hub = await open_hub(platform, provider)
    browser = await signed_in(hub)
    token = hub.users["ann"].new_api_token(scopes=["access:servers!user=prj-vox"])
    assert "access:servers!user=prj-vox" in await scopes_of_token(browser, token)
    await provider.tell(removed=["ann"])

    async def out() -> bool:
        return not await scopes_of_token(browser, token)

    await eventually(out)
    assert "/hub/login" in (await browser.get("home")).headers["Location"]
    assert platform.signed()[-1] == ("openid.dropped", "ann", "auth.openid.removed")
    # And stays out, noted once, though the registry still has them.
    assert await hub.authenticator.refresh_user(hub.users["ann"]) is False
    assert await scopes_of_token(browser, token) == set()
    assert [action for action, _, _ in platform.signed()].count("openid.dropped") == 1


async def test_the_registry_still_decides(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider, admin_users={"ann"})
    browser = await signed_in(hub)
    user = hub.users["ann"]
    assert not user.admin
    assert (await browser.get("user/prj-vox/lab")).status_code == 424
    assert (await browser.get("user/prj-lux/lab")).status_code == 404
    platform.registry.set_member("vox", "ann", None)

    async def out() -> bool:
        return (await browser.get("user/prj-vox/lab")).status_code in (403, 404)

    await eventually(out)
    assert await hub.authenticator.refresh_user(hub.users["prj-vox"]) is True
    table = [
        ("prj-vox", "auth.project_account", "unknown"),
        ("zoe", "auth.unknown_person", "unknown"),
        ("7f", "auth.openid.bad_name", "unknown"),
    ]
    for person, code, actor in table:
        await provider.tell(person=person)
        assert await refused(hub) == code
        assert reasons(platform)[-1] == (actor, code)
        assert platform.audit.tail(1)[0].detail["sub"] == person
    assert platform.audit.tail(2)[0].detail["claimed"] == "zoe"


async def test_no_sign_in_without_audit(
    platform: Platform, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await open_hub(platform, provider)

    def full(*_args: Any, **_options: Any) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(hub.authenticator.audit, "append", full)
    browser, reply = await sign_in(hub)
    assert reply.status_code == 500
    assert "jupyterhub-hub-login" not in browser.session.cookies
    assert hub.authenticator.people.account_of("ann") is None


async def test_an_account_is_its_person_s_whatever_names_become(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    await signed_in(hub)
    # Another person of the provider's takes the name that ann had, then ann comes back under a name of leo's.
    await provider.tell(person="mallory", claims={"mallory": {"preferred_username": "ann"}})
    assert await refused(hub) == "auth.openid.name_taken"
    assert reasons(platform) == [("ann", "auth.openid.name_taken")]
    await provider.tell(person="ann", claims={"ann": {"preferred_username": "leo"}})
    browser = await signed_in(hub)
    assert (await browser.get("user/prj-vox/lab")).status_code == 424
    assert "leo" not in hub.users


async def test_requests_at_once_renew_once_at_a_time(
    platform: Platform, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await open_hub(platform, provider)
    await signed_in(hub)
    user = hub.users["ann"]
    # The provider takes a refresh token that comes twice for a stolen one.
    renewed = await asyncio.gather(*(hub.authenticator.refresh_user(user) for _ in range(8)))
    assert renewed == [True] * 8
    first = await user.get_auth_state()
    # Nor is a new one lost when the provider fails right after it gave it.
    monkeypatch.setattr("hdh_jupyter.auth.openid_client.PAUSE", 0)
    provider.failing = {"/me"}
    assert await hub.authenticator.refresh_user(user) is True
    provider.failing = set()
    assert await hub.authenticator.refresh_user(user) is True
    hub.authenticator.provider_refresh_age = 60
    asked = len(provider.asked)
    assert await hub.authenticator.refresh_user(user) is True
    assert len(provider.asked) == asked
    # The control: one that comes twice ends the session.
    hub.authenticator.provider_refresh_age = 0
    await user.save_auth_state(first)
    assert await hub.authenticator.refresh_user(user) is False


async def test_a_lying_provider_renews_nobody(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    table: list[tuple[str, str, Callable[[Document], Document | None], str]] = [
        ("00 another person's token", "/token", provider.token(sub="leo", at_hash=None), "other_subject"),
        ("01 another person's claims", "/me", lambda told: {**told, "sub": "leo"}, "other_subject"),
        ("02 forged", "/token", signed_by(signing_key("first")), "token_signature"),
        ("03 expired", "/token", provider.token(exp=now() - 3600), "token_expired"),
        ("04 for another", "/token", provider.token(aud="another"), "token_audience"),
    ]
    for name, path, alter, code in table:
        provider.altered = {}
        await signed_in(hub)
        provider.altered = {path: alter}
        assert await hub.authenticator.refresh_user(hub.users["ann"]) is False, name
        assert platform.signed()[-1] == ("openid.dropped", "ann", f"auth.openid.{code}"), name


async def test_without_refresh_tokens_the_access_token_speaks(platform: Platform, provider: Provider) -> None:
    # With the hub's secret in the header, besides, where its colon and its plus must be encoded.
    await provider.tell(refresh=False, keys=[provider.key], basic=True)
    hub = await open_hub(platform, provider, basic_auth=True)
    await signed_in(hub)
    user = hub.users["ann"]
    assert (await user.get_auth_state()).get("refresh_token") is None
    assert await hub.authenticator.refresh_user(user) is True
    await provider.tell(removed=["ann"])
    assert await hub.authenticator.refresh_user(user) is False


async def test_a_provider_that_goes_down(
    platform: Platform, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hdh_jupyter.auth.openid_client.PAUSE", 0)
    hub = await open_hub(platform, provider, offline_grace=600, provider_timeout=1)
    browser = await signed_in(hub)
    user, refresh = hub.users["ann"], hub.authenticator.refresh_user
    leaving = Browser(hub.hub.url)
    under_way = await at_provider(leaving)

    async def aged(seconds: float) -> bool:
        state = await user.get_auth_state()
        await user.save_auth_state({**state, "checked_at": now() - seconds})
        return bool(await refresh(user))

    for status in (503, 500, 429):
        provider.status = status
        assert await aged(500), status
    provider.status = 0
    await provider.close()
    table = [("00", 10, True), ("01", 590, True), ("02", 610, False), ("03", -3600, False), ("04", 10, True)]
    assert [(name, age, await aged(age)) for name, age, _ in table] == table
    assert await aged(86400) is False
    assert user.orm_user.roles == []

    async def out() -> bool:
        return (await browser.get("home")).status_code == 302

    await eventually(out)
    assert code_of(await come_back(leaving, under_way)) == "auth.openid.unavailable"
    hub.authenticator.provider._metadata = None
    reply = await Browser(hub.hub.url).get("oauth_login", headers={"Accept-Language": "fr"})
    assert reply.status_code == 503
    assert translate("auth.openid.unavailable", "fr") in html.unescape(reply.content.decode())

    # Nobody was dropped for it: they are back when the provider is.
    provider.open()
    assert await refresh(user) is True
    assert {role.name for role in user.orm_user.roles} == {"user", "project-vox-member"}
    assert "openid.dropped" not in [action for action, _, _ in platform.signed()]


async def test_our_own_mistakes_are_not_the_person_s(platform: Platform, provider: Provider) -> None:
    hub = await open_hub(platform, provider)
    await signed_in(hub)
    hub.authenticator.client_secret = "another"
    assert await refused(hub) == "auth.openid.client_refused"
    assert await hub.authenticator.refresh_user(hub.users["ann"]) is True
    hub.authenticator.offline_grace = 0
    assert await hub.authenticator.refresh_user(hub.users["ann"]) is False
    assert await hub.users["ann"].get_auth_state()


async def test_another_provider_or_crypt_key_asks_everybody_to_sign_in(
    platform: Platform, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = await open_hub(platform, provider)
    await signed_in(hub)
    user = hub.users["ann"]
    state = await user.get_auth_state()
    await user.save_auth_state({**state, "issuer": "https://idp.example"})
    assert await hub.authenticator.refresh_user(user) is False
    await user.save_auth_state(state)
    assert await hub.authenticator.refresh_user(user) is True
    monkeypatch.setattr(CryptKeeper.instance(), "keys", [os.urandom(32)])
    assert await hub.authenticator.refresh_user(hub.users["ann"]) is False


async def test_no_start_without_a_key_for_the_tokens(
    platform: Platform, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTERHUB_CRYPT_KEY")
    with pytest.raises(SystemExit, match=r"auth_state is enabled, but .*JUPYTERHUB_CRYPT_KEY"):
        await open_hub(platform, provider)


async def test_claims_give_and_take_roles_and_projects(platform: Platform, provider: Provider) -> None:
    def is_in(*groups: str) -> dict[str, Any]:
        return {"claims": {"zoe": {"groups": groups}}}

    hub = await open_hub(
        platform,
        provider,
        create_people=True,
        role_claim="groups",
        role_map={"hdh-checkers": "checker"},
        project_claim="groups",
    )
    await provider.tell(person="zoe", **is_in("staff", "/projects/prj-vox", "/projects/vox/owner"))
    assert await refused(hub) == "auth.unknown_person"
    await provider.tell(**is_in("hdh-checkers", "/projects/vox/lead", "/projects/nix"))
    browser = await signed_in(hub)
    zoe = platform.registry.person("zoe")
    assert (zoe.display_name, zoe.email, zoe.roles) == ("zoe of the provider", "zoe@example.org", {"checker"})
    assert platform.registry.project("vox").role_of("zoe") == "lead"
    assert (await browser.get("user/prj-vox/lab")).status_code == 424

    await provider.tell(**is_in("hdh-checkers"))

    async def out() -> bool:
        return (await browser.get("user/prj-vox/lab")).status_code in (403, 404)

    await eventually(out)
    assert platform.registry.person("zoe").roles == {"checker"}
    # A form that nobody expects takes everything, and asks to sign in again.
    await provider.tell(claims={"zoe": {"groups": {"hdh-checkers": True}}})
    assert await hub.authenticator.refresh_user(hub.users["zoe"]) is False
    assert await refused(hub) == "auth.openid.bad_claim"
    assert platform.signed()[-1] == ("session.refused", "zoe", "auth.openid.bad_claim")


async def test_a_refusal_on_the_platform_s_own_page(platform: Platform, provider: Provider) -> None:
    pages = Config()
    web.configure(pages, str(platform.state.root))
    hub = await open_hub(
        platform, provider, hub=dict(pages.JupyterHub), page_handlers=web.page_handlers(), required_amr=["mfa"]
    )
    browser, reply = await sign_in(hub)
    page = BeautifulSoup((await browser.get(reply.headers["Location"].rpartition("/")[2])).content, "html.parser")
    code = "auth.openid.second_factor"
    assert page.select_one("html")["lang"] == "fr"
    assert page.select_one("p.lead").text == translate(code, "fr")
    assert page.select_one("code").text == code
    # In the other language by the page's own link, which leads back to it.
    english = await browser.get(page.select_one('a[href*="language/en"]')["href"].partition("/hub/")[2])
    page = BeautifulSoup((await browser.get(english.headers["Location"].rpartition("/")[2])).content, "html.parser")
    assert page.select_one("p.lead").text == translate(code, "en")
    assert "code=" not in english.headers["Location"].replace(f"code={code}", "")
    login = BeautifulSoup((await browser.get("login")).content, "html.parser")
    assert login.select_one("a.btn")["href"].endswith("/hub/oauth_login?next=")
    assert "OpenID Connect" in login.select_one("a.btn").text
