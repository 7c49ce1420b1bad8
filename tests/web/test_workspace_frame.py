"""The page around a workspace: who sees it, what it shows, what its policy says."""

from __future__ import annotations

import asyncio
from html import unescape

import pytest
from jupyterhub.tests.utils import add_user

from .conftest import Platform

EVERYBODY = ("nobody", "rosa", "lea", "ines", "carl", "otto", "sven", "ada")
ORIGIN = "http://prj-flu.hdh.localhost:8000"


async def start(platform: Platform) -> None:
    platform.hub.tornado_settings.update(subdomain_host="http://hdh.localhost:8000", domain="hdh.localhost")
    user = add_user(platform.hub.db, platform.hub, name="prj-flu")
    await user.spawn()
    assert user.spawner.ready


@pytest.mark.parametrize(
    ("project", "expected"),
    [
        pytest.param("flu", (302, 200, 200, 200, 404, 404, 404, 404), id="00 an open project"),
        pytest.param("old", (302, *[404] * 7), id="01 an expired one"),
        pytest.param("new", (302, *[404] * 7), id="02 one without authorisation"),
        pytest.param("none", (302, *[404] * 7), id="03 none"),
    ],
)
async def test_who_may_see(platform: Platform, project: str, expected: tuple[int, ...]) -> None:
    await start(platform)
    found = []
    for name in EVERYBODY:
        browser = platform.visitor() if name == "nobody" else await platform.browser(name)
        found.append((await browser.get(f"workspace/{project}", follow=False)).status)
    assert tuple(found) == expected


async def test_the_frame_shows_the_project_s_origin_alone(platform: Platform) -> None:
    await start(platform)
    page = await (await platform.browser("rosa", "en")).get("workspace/flu?path=lab/tree/a%2520b.ipynb")
    frame = page.one("iframe")
    assert set(frame["sandbox"]) == {"allow-scripts", "allow-same-origin", "allow-forms"}
    assert frame["src"] == f"{ORIGIN}/@/space%20word/user/prj-flu/lab/tree/a%20b.ipynb?hdh-language=en"
    assert frame["data-origin"] == ORIGIN
    policy = page.response.headers["Content-Security-Policy"]
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["frame-src"] == ORIGIN
    assert (rules["frame-ancestors"], rules["script-src"], rules["default-src"]) == ("'none'", "'self'", "'none'")
    assert not page.html.select("script:not([src]), [onclick], [style]")
    assert page.one(".sealed").text == "Sealed workspace"
    assert "Rosa Marin" in page.text
    assert "Grippe et urgences" in page.text
    assert page.one("a[href$='workspace/flu/traffic']")


async def test_it_speaks_french_too(platform: Platform) -> None:
    await start(platform)
    page = await (await platform.browser("rosa", "fr")).get("workspace/flu")
    assert page.html.html["lang"] == "fr"
    assert page.one(".sealed").text == "Espace scellé"
    assert "ne s'imprime pas" in unescape(page.one(".printed").text)
    assert page.one("iframe")["src"].endswith("/lab?hdh-language=fr")


@pytest.mark.parametrize(
    "path",
    ["", "//evil.test/", "https://evil.test/lab", "logout", "api/contents/a", "lab/tree/../../x", "lab?x=y", "lab%23x",
     "lab/tree/%22%3E%3Cscript%3E", "javascript:lab"],
)  # fmt: skip
async def test_no_other_path_is_shown(platform: Platform, path: str) -> None:
    await start(platform)
    page = await (await platform.browser("rosa")).get(f"workspace/flu?path={path}")
    assert page.status == 404
    assert not page.html.select("iframe")


async def test_a_workspace_that_does_not_run_is_told_of_with_the_way_to_open_it(platform: Platform) -> None:
    page = await (await platform.browser("rosa", "en")).get("workspace/flu")
    assert page.status == 424
    assert "not open at the moment" in page.text
    assert "/spawn/prj-flu" in page.one("#start")["href"]
    assert not page.html.select("iframe")


async def test_a_workspace_can_be_opened_without_the_documents_that_lead_it_away(platform: Platform) -> None:
    await start(platform)
    rosa = await platform.browser("rosa")
    bar = await rosa.get("workspace/flu?path=lab/tree/hostile.ipynb")
    assert "hostile" in bar.one("iframe")["src"]
    again = await rosa.get(bar.one("a[href*='fresh']")["href"].partition("/hub/")[2])
    assert again.one("iframe")["src"].endswith("/user/prj-flu/lab?hdh-language=fr&reset=")


@pytest.mark.parametrize("path", ["workspace/flu", "spawn/prj-flu"])
async def test_a_workspace_that_ended_by_itself_can_be_opened_again_at_once(platform: Platform, path: str) -> None:
    rosa = await platform.browser("rosa")
    await rosa.get("spawn/prj-flu", follow=False)
    spawner = platform.hub.users["prj-flu"].spawners[""]
    while not spawner.ready:
        await asyncio.sleep(0.01)
    spawner.listening.stop()
    spawner.listening = None
    reply = await rosa.get(path, follow=False)
    if path.startswith("workspace"):
        assert reply.status == 424
        assert "spawn/prj-flu" in reply.source
    else:
        assert "spawn-pending/prj-flu" in reply.response.headers["Location"]
