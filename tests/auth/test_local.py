"""Sign-in at a real hub."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hdh_jupyter.auth.accounts import FREE_FAILURES, LocalAccounts

from .conftest import PASSWORD, Browser, Platform


async def test_right_password_opens_a_session(platform: Platform) -> None:
    hub = await platform.start()
    browser = Browser(hub.hub.url)
    reply = await browser.sign_in("Ann")
    assert reply.status_code == 302
    assert "jupyterhub-hub-login" in browser.session.cookies
    assert platform.signed() == [("session.signed_in", "ann", None)]


@pytest.mark.parametrize(
    ("name", "password", "language", "sentence", "noted"),
    [
        pytest.param("ann", "another password", "fr", "Nom de compte ou mot", ("ann", "auth.wrong_password"), id="00"),
        pytest.param("ann", "another password", "en", "Wrong account name", ("ann", "auth.wrong_password"), id="01"),
        pytest.param("zoe", PASSWORD, "en", "Wrong account name", ("unknown", "auth.wrong_password"), id="02"),
        pytest.param("prj-vox", PASSWORD, "en", "Wrong account name", ("prj-vox", "auth.wrong_password"), id="03"),
        pytest.param("", "", "en", "Wrong account name", ("unknown", "auth.wrong_password"), id="04"),
    ],
)
async def test_refusals(
    platform: Platform, name: str, password: str, language: str, sentence: str, noted: tuple[str, str]
) -> None:
    hub = await platform.start()
    browser = Browser(hub.hub.url)
    reply = await browser.sign_in(name, password, **{"Accept-Language": language})
    assert reply.status_code == 403
    assert sentence in reply.text
    assert "jupyterhub-hub-login" not in browser.session.cookies
    assert platform.signed() == [("session.refused", *noted)]


async def test_guessing_closes_the_account_with_a_clear_sentence(platform: Platform) -> None:
    hub = await platform.start()
    noon = datetime(2025, 6, 15, 12, tzinfo=UTC)
    hub.authenticator.accounts = LocalAccounts(platform.database, now=lambda: noon)
    browser = Browser(hub.hub.url)
    for _ in range(FREE_FAILURES + 1):
        assert (await browser.sign_in("ann", "another password")).status_code == 403
    reply = await browser.sign_in("ann", **{"Accept-Language": "fr"})
    assert reply.status_code == 429
    assert "Trop d&#39;essais sans succès" in reply.content.decode()
    # What is not judged is not noted either: it would let anybody fill the log.
    assert platform.signed() == [("session.refused", "ann", "auth.wrong_password")] * (FREE_FAILURES + 1)
