"""JupyterLab's page and its data, which a workspace has no part in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hdh_jupyter.front_ends import installed_versions
from hdh_jupyter.gateway.app import GatewayApplication
from hdh_jupyter.gateway.frame import frame_url, page_path

from .browsing import FRAME, NAVIGATION, Browser
from .conftest import Hub
from .workspace_server import Inside

THEMES = "lab/api/settings/@jupyterlab/apputils-extension:themes"
LANGUAGE = "lab/api/settings/@jupyterlab/translation-extension:plugin"
DARK = json.dumps({"raw": '{\n  // mine\n  "theme": "JupyterLab Dark"\n}'})


async def member(hub: Hub, name: str) -> Browser:
    browser = Browser(hub.origin)
    await browser.sign_in(name)
    await browser.visit("lab")
    assert (await browser.show("lab")).status == 200
    return browser


def page_config(html: str) -> dict[str, Any]:
    _, _, rest = html.partition('<script id="jupyter-config-data" type="application/json">')
    config: dict[str, Any] = json.loads(rest.partition("</script>")[0])
    return config


async def test_a_window_is_sent_to_the_portal_and_a_frame_gets_the_page(ada: Browser, hub: Hub) -> None:
    reply = await ada.visit("lab/tree/results/a%20b.ipynb", allow_redirects=False)
    assert reply.status == 302
    assert reply.headers["Location"] == f"{hub.origin}/hub/workspace/vega?path=lab/tree/results/a%2520b.ipynb"
    page = await ada.show("lab/tree/results/a%20b.ipynb")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page_config(page.text)["treePath"] == "results/a b.ipynb"


async def test_the_portal_alone_may_frame_the_page(ada: Browser, hub: Hub) -> None:
    page = await ada.show("lab")
    assert f"frame-ancestors {hub.origin};" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    elsewhere = [
        await ada.visit("lab", allow_redirects=False),
        await ada.visit("files/x"),
        await ada.fetch("GET", "api/me"),
        await ada.fetch("GET", "static/lab/index.html", {"Sec-Fetch-Dest": "iframe"}),
        await ada.fetch("GET", "login", {"Sec-Fetch-Dest": "iframe"}),
    ]
    for reply in elsewhere:
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"], reply
        assert reply.headers["X-Frame-Options"] == "DENY"


async def test_a_page_of_another_site_may_not_even_ask(ada: Browser) -> None:
    headers = {**FRAME, "Sec-Fetch-Site": "cross-site"}
    async with ada.session.get(ada.url("lab"), headers=headers, allow_redirects=False) as reply:
        assert reply.status == 403


async def test_a_browser_that_does_not_say_how_the_page_is_shown_is_refused(ada: Browser) -> None:
    async with ada.session.get(ada.url("lab"), allow_redirects=False) as reply:
        text = await reply.text()
    assert reply.status == 403
    assert "Use a current browser" in text
    assert "jupyter-config-data" not in text


async def test_who_is_not_signed_in_is_told_so_inside_the_frame(visitor: Browser, hub: Hub) -> None:
    reply = await visitor.show("lab")
    assert reply.status == 403
    assert 'data-word="signed-out"' in reply.text
    assert f'data-portal="{hub.origin}"' in reply.text
    assert f"frame-ancestors {hub.origin};" in reply.headers["Content-Security-Policy"]
    script = await visitor.fetch("GET", "static/hdh/page.js", {"Sec-Fetch-Dest": "script"})
    assert (script.status, script.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")


async def test_the_workspace_has_no_part_in_any_of_it(ada: Browser, inside: Inside) -> None:
    """Whatever the server inside answers: the page and its data are the gateway's."""
    paths = ("lab", "doc/tree/a", "lab/api/settings", THEMES, "lab/api/workspaces", "lab/api/workspaces/default",
             "lab/api/translations", "lab/api/translations/fr_FR", "lab/api/themes/x", "static/lab/index.html",
             "lab/extensions/x/package.json")  # fmt: skip
    for path in paths:
        inside.answer(path, b"<script>evil</script>", Content_Type="text/html", Set_Cookie="evil=1")
    inside.requests.clear()
    for path in paths:
        page = path.startswith(("lab/tree", "doc")) or path == "lab"
        reply = await (ada.show(path) if page else ada.fetch("GET", path))
        assert b"evil" not in reply.body, path
        assert "evil" not in str(reply.headers.get("Set-Cookie", "")), path
    assert {request.path for request in inside.requests} <= {f"{ada.base}hdh-lockdown/versions"}


async def test_the_page_holds_no_credential_and_no_inline_script(ada: Browser) -> None:
    page = await ada.show("lab")
    config = page_config(page.text)
    assert config["token"] == ""
    assert {"@jupyterlab/docmanager-extension:download", "@jupyterlab/notebook-extension:export"} <= set(
        config["lockedExtensions"]
    )
    assert config["disabledExtensions"] == config["lockedExtensions"]
    assert "@hdh/jupyter-labextension" in {each["name"] for each in config["federated_extensions"]}
    assert "<script>" not in page.text
    assert str(Path.home()) not in page.text


@pytest.mark.parametrize(
    ("case", "path", "expected"),
    [
        ("00", "lab", "lab"),
        ("01", "lab/tree/a%20b.ipynb", "lab/tree/a%20b.ipynb"),
        ("02", "doc/tree/a", "doc/tree/a"),
        ("03", "lab/workspaces/mine/tree/a", "lab/workspaces/mine/tree/a"),
        ("10", "", None),
        ("11", "logout", None),
        ("12", "api/contents/a", None),
        ("13", "files/a", None),
        ("14", "lab/tree/../../../hub/logout", None),
        ("15", "lab/tree/%2e%2e/x", None),
        ("16", "/evil.test/lab", None),
        ("17", "//evil.test/lab", None),
        ("18", "http://evil.test/lab", None),
        ("19", "lab?x=y", None),
        ("20", "lab#x", None),
        ("21", "lab/tree/a b", None),
        ("22", "lab/tree/a%2fb", None),
        ("23", "lab\\tree", None),
        ("24", "lab/tree/a\"onload=", None),
        ("25", "javascript:lab", None),
        ("26", "lab/tree/" + "a" * 9000, None),
    ],
)  # fmt: skip
def test_what_may_be_the_path_of_a_page(case: str, path: str, expected: str | None) -> None:
    assert page_path(path) == expected


def test_an_encoded_path_survives_the_way_through_the_portal() -> None:
    assert frame_url("http://hub/hub/", "vega") == "http://hub/hub/workspace/vega"
    assert frame_url("http://hub/hub/", "vega", "lab/tree/%C3%A9&x") == (
        "http://hub/hub/workspace/vega?path=lab/tree/%25C3%25A9%26x"
    )


async def test_settings_are_a_person_s_own(ada: Browser, hub: Hub) -> None:
    assert (await ada.fetch("PUT", THEMES, data=DARK)).status == 204
    mine = (await ada.fetch("GET", THEMES)).json
    assert mine["settings"] == {"theme": "JupyterLab Dark"}
    assert "// mine" in mine["raw"]
    listed = {each["id"]: each for each in (await ada.fetch("GET", "lab/api/settings")).json["settings"]}
    assert listed["@jupyterlab/apputils-extension:themes"]["settings"] == mine["settings"]
    assert len(listed) > 50
    async with await member(hub, "bob") as bob:
        assert (await bob.fetch("GET", THEMES)).json["settings"] == {}


@pytest.mark.parametrize(
    ("case", "body", "status"),
    [
        ("00", '{"raw": "{"}', 400),
        ("01", '{"raw": "{\\"theme\\": 3}"}', 400),
        ("02", '{"raw": 3}', 400),
        ("03", "[]", 400),
        ("04", "{", 400),
        ("05", json.dumps({"raw": "[" * 50_000}), 400),
        ("06", json.dumps({"raw": '{"theme": "' + "x" * 70_000 + '"}'}), 413),
        ("07", "x" * 300_000, 413),
        ("08", '{"raw": "\\ud800"}', 400),
    ],
)
async def test_settings_that_are_none_are_refused_and_change_nothing(
    ada: Browser, case: str, body: str, status: int
) -> None:
    await ada.fetch("PUT", THEMES, data=DARK)
    assert (await ada.fetch("PUT", THEMES, data=body)).status == status
    assert (await ada.fetch("GET", THEMES)).json["settings"] == {"theme": "JupyterLab Dark"}


async def test_unknown_settings(ada: Browser) -> None:
    for name in ("@x/y:z", "..:passwd", "x", "@jupyterlab/apputils-extension:themes/x"):
        assert (await ada.fetch("GET", f"lab/api/settings/{name}")).status == 404, name
        assert (await ada.fetch("PUT", f"lab/api/settings/{name}", data=DARK)).status == 404, name


async def test_broken_files_are_no_fault_and_are_told_of(ada: Browser, hub: Hub, gateway: GatewayApplication) -> None:
    await ada.fetch("PUT", THEMES, data=DARK)
    files = list((hub.state.root / "lab" / "vega").glob("*/settings.json"))
    assert files
    for content in ("{", "[]", '{"@jupyterlab/apputils-extension:themes": 3}', "[" * 100_000, "x" * 2_000_000):
        for file in files:
            file.write_text(content)
        reply = await ada.fetch("GET", THEMES)
        assert (reply.status, reply.json["settings"]) == (200, {})
        assert "cannot be read" in reply.json["warning"]
        assert (await ada.fetch("GET", "lab/api/settings")).status == 200
    assert (await ada.fetch("PUT", THEMES, data=DARK)).status == 204
    assert "warning" not in {k for k, v in (await ada.fetch("GET", THEMES)).json.items() if v}
    assert any(file.with_suffix(".broken").exists() for file in files)


async def test_settings_that_fit_no_longer_give_way_to_the_defaults(ada: Browser, hub: Hub) -> None:
    await ada.fetch("PUT", THEMES, data=DARK)
    for file in (hub.state.root / "lab" / "vega").glob("*/settings.json"):
        content = json.loads(file.read_text())
        for entry in content.values():
            entry["settings"] = {"theme": 3}
        file.write_text(json.dumps(content))
    reply = await ada.fetch("GET", THEMES)
    assert (reply.status, reply.json["settings"]) == (200, {})
    assert "no longer fit" in reply.json["warning"]


async def test_layouts_are_a_person_s_own(ada: Browser, hub: Hub) -> None:
    layout = {"data": {"layout-restorer:data": {"main": {}}}, "metadata": {"id": "default"}}
    path = "lab/api/workspaces/default"
    assert (await ada.fetch("PUT", path, data=json.dumps(layout))).status == 204
    mine = (await ada.fetch("GET", path)).json
    assert (mine["data"], mine["metadata"]["id"]) == (layout["data"], "default")
    assert (await ada.fetch("GET", "lab/api/workspaces")).json["workspaces"]["ids"] == ["default"]
    async with await member(hub, "bob") as bob:
        assert (await bob.fetch("GET", path)).json["data"] == {}
    for body in (
        "{",
        "[]",
        "{}",
        '{"data": 3, "metadata": {"id": "default"}}',
        '{"data": {}, "metadata": {"id": "x"}}',
    ):
        assert (await ada.fetch("PUT", path, data=body)).status == 400
    assert (await ada.fetch("DELETE", path)).status == 204
    assert (await ada.fetch("GET", path)).json["data"] == {}


async def test_layouts_have_a_limit(ada: Browser) -> None:
    big = {"data": {"x": "x" * 900_000}, "metadata": {"id": ""}}
    statuses = []
    for number in range(6):
        big["metadata"] = {"id": f"l{number}"}
        reply = await ada.fetch("PUT", f"lab/api/workspaces/l{number}", data=json.dumps(big))
        statuses.append(reply.status)
    assert statuses[0] == 204
    assert statuses[-1] == 413
    for number in range(6):
        await ada.fetch("DELETE", f"lab/api/workspaces/l{number}")


@pytest.mark.parametrize(
    ("case", "asked", "expected"), [("00", "fr", "fr_FR"), ("01", "en", "en"), ("02", "xx", "en"), ("03", "", "en")]
)
async def test_jupyterlab_speaks_the_portal_s_language(ada: Browser, case: str, asked: str, expected: str) -> None:
    page = await ada.show(f"lab?hdh-language={asked}")
    assert f'<html lang="{expected[:2]}">' in page.text
    plugin = (await ada.fetch("GET", LANGUAGE)).json
    assert plugin["schema"]["properties"]["locale"]["default"] == expected
    assert ("Langue" in plugin["schema"]["title"]) is (expected == "fr_FR")


async def test_a_language_chosen_in_the_settings_wins(ada: Browser) -> None:
    chosen = json.dumps({"raw": '{"locale": "fr_FR"}'})
    assert (await ada.fetch("PUT", LANGUAGE, data=chosen)).status == 204
    try:
        await ada.show("lab?hdh-language=en")
        assert (await ada.fetch("GET", LANGUAGE)).json["settings"] == {"locale": "fr_FR"}
        assert "Langue" in (await ada.fetch("GET", LANGUAGE)).json["schema"]["title"]
        languages = (await ada.fetch("GET", "lab/api/translations")).json["data"]
        assert languages["en"]["displayName"] == "Anglais"
    finally:
        await ada.fetch("PUT", LANGUAGE, data='{"raw": "{}"}')


async def test_language_packs(ada: Browser) -> None:
    pack = (await ada.fetch("GET", "lab/api/translations/fr_FR")).json["data"]
    assert "jupyterlab" in pack
    assert "hdh_jupyter" in pack
    for name in ("en", "xx", "fr_FR..", "fr_FR.mo"):
        assert (await ada.fetch("GET", f"lab/api/translations/{name}")).json["data"] == {}, name


async def test_other_versions_are_told_of_and_stop_nobody(
    ada: Browser, inside: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    here = installed_versions()
    for content, word in (
        (here, ""),
        ({**here, "jupyter-server": "1.0"}, "versions-differ"),
        ([], ""),
        ({"x": "y"}, "versions-differ"),
        (b"no JSON", ""),
        (b"x" * 100_000, ""),
    ):
        inside.answer("hdh-lockdown/versions", content)
        page = await ada.show("lab")
        assert page.status == 200
        assert f'data-word="{word}"' in page.text
    logged = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert ["runs other versions" in record.getMessage() for record in logged].count(True) == 1


async def test_only_the_gateway_asks_for_versions(ada: Browser) -> None:
    assert (await ada.fetch("GET", "hdh-lockdown/versions")).status == 403
    async with ada.session.get(ada.url("hdh-lockdown/versions"), headers=NAVIGATION) as reply:
        assert reply.status == 403
