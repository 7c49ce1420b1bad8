"""The hub's own pages, in our frame and in the person's language."""

from __future__ import annotations

import pytest

from hdh_jupyter.web.language import COOKIE

from .conftest import Platform


@pytest.mark.parametrize(
    ("header", "chosen", "spoken"),
    [
        pytest.param("fr-FR,fr;q=0.9", None, "fr", id="00 a French browser"),
        pytest.param("en-GB", None, "en", id="01 an English browser"),
        pytest.param("de", None, "fr", id="02 neither"),
        pytest.param("fr", "en", "en", id="03 the choice wins"),
        pytest.param("en", "fr", "fr", id="04 the choice wins"),
        pytest.param("en", "xx", "en", id="05 a choice that does not exist"),
    ],
)
async def test_the_language_of_a_page(platform: Platform, header: str, chosen: str | None, spoken: str) -> None:
    browser = platform.visitor(header)
    if chosen is not None:
        browser.session.cookies.set(COOKIE, chosen)

    page = await browser.get("login")

    assert page.html.html["lang"] == spoken
    assert ("Se connecter" in page.text) is (spoken == "fr")


async def test_the_language_link_comes_back_to_the_page(platform: Platform) -> None:
    lea = await platform.browser("lea", "fr")
    link = (await lea.get("projects/flu/egress?status=draft")).one(".hdh-languages a")["href"]

    page = await lea.get(link.removeprefix("/@/space%20word/hub/"))

    assert page.response.url.endswith("projects/flu/egress?status=draft")
    assert page.html.html["lang"] == "en"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/other", "javascript:alert(1)", ""])
async def test_the_language_link_leads_nowhere_else(platform: Platform, target: str) -> None:
    reply = await platform.visitor().get(f"language/en?next={target}", follow=False)

    assert reply.status == 302
    assert reply.response.headers["Location"] == "/@/space%20word/hub/home"


async def test_a_language_that_does_not_exist(platform: Platform) -> None:
    assert (await platform.visitor().get("language/xx")).status == 404


@pytest.mark.parametrize(
    ("name", "language", "sentence"),
    [
        pytest.param("prj-flu", "fr", "Le compte d'un projet n'est celui de personne", id="00 a project's account"),
        pytest.param("mallory", "fr", "la plateforme ne vous connaît pas", id="01 a stranger"),
        pytest.param("mallory", "en", "the platform does not know you", id="02 a stranger, in English"),
    ],
)
async def test_a_refused_sign_in_says_why(platform: Platform, name: str, language: str, sentence: str) -> None:
    browser = platform.visitor("de")
    browser.session.cookies.set(COOKIE, language)
    await browser.get("login")

    page = await browser.post("login", {"username": name, "password": "x"})

    assert page.status == 403
    assert sentence in page.one("#login-error").get_text()
    assert page.one("#username_input")["value"] == name


async def test_an_expired_sign_in_form_says_so(platform: Platform) -> None:
    page = await platform.visitor().post("login", {"username": "rosa", "password": "x"}, xsrf=False)

    assert page.status == 403
    assert "Le formulaire de connexion a expiré." in page.text


@pytest.mark.parametrize(("language", "title"), [("fr", "Page introuvable"), ("en", "Page not found")])
async def test_a_page_of_the_hub_that_does_not_exist(platform: Platform, language: str, title: str) -> None:
    page = await platform.visitor(language).get("nothing-here")

    assert page.status == 404
    assert page.one("h1").get_text() == title


async def test_a_refusal_has_a_sentence_and_a_code(platform: Platform) -> None:
    page = await (await platform.browser("rosa")).get("egress/999999")

    assert page.status == 404
    assert page.one("main code").get_text() == "egress.unknown_request"
    assert "Rosa Marin" in page.one("header").get_text()


async def test_a_fault_is_not_told(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("the secret of the database")

    rosa = await platform.browser("rosa")
    monkeypatch.setattr(type(platform.services.egress), "requests_of", fail)

    page = await rosa.get("home")

    assert page.status == 500
    assert "Une erreur est survenue" in page.text
    assert "secret" not in page.source


async def test_style_and_logo_are_kept_by_browsers_under_their_version(platform: Platform) -> None:
    visitor = platform.visitor()
    style = (await visitor.get("login")).html.select("link[href*=hdh\\.css]")[0]["href"]

    versioned = (await visitor.get(style.removeprefix("/@/space%20word/hub/"))).response

    assert versioned.headers["Content-Type"] == "text/css"
    assert versioned.headers.get("Cache-Control") != "no-cache"
    assert (await visitor.get("hdh/static/logo.svg")).response.headers["Cache-Control"] == "no-cache"
    assert (await visitor.get("hdh/static/../templates/home.html")).status == 404
    assert (await visitor.get("hdh/static/%2e%2e/services.py")).status in {403, 404}


async def test_pages_are_not_cached_nor_framed(platform: Platform) -> None:
    reply = (await (await platform.browser("rosa")).get("home")).response

    assert reply.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["hdh.css", "none.css", "%2e%2e/base.py", "..%2f..%2fbase.py", "%2e%2e%2f%2e%2e"])
async def test_static_files_and_their_errors_carry_headers(platform: Platform, name: str) -> None:
    reply = (await platform.visitor().get(f"hdh/static/{name}", follow=False)).response

    assert reply.status_code == 200 if name == "hdh.css" else reply.status_code in (403, 404)
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert b"PageHandler" not in reply.content
