"""The portal's frame holds a workspace's page, whatever that page does: with scripts, without, by a person's click."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hdh_jupyter.demo.people import OPEN_PROJECT

from .conftest import Platform
from .inside import call, lab, run_inside

pytestmark = pytest.mark.e2e

PATIENCE = 60_000
"""Milliseconds."""
SETTLED = 1500
"""Milliseconds after which a navigation that nothing stops has long happened: see the control."""


class Elsewhere(ThreadingHTTPServer):
    """Another site, which notes who asks it for what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Visited)
        self.hits: list[str] = []
        self.page = b"<!doctype html><title>elsewhere</title><h1>elsewhere</h1>"

    @property
    def url(self) -> str:
        return f"http://elsewhere.localhost:{self.server_port}/"


class Visited(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        if self.path != "/favicon.ico":
            self.server.hits.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.server.page)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def person(platform: Platform, browser: Browser) -> Iterator[BrowserContext]:
    """The browser of a member, signed in at the portal."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1360, "height": 860})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(platform.origin)
    page.fill("input[name=username]", "alice")
    page.fill("input[name=password]", platform.passwords["alice"])
    page.click("[type=submit]")
    page.wait_for_url("**/hub/home")
    page.goto(f"{platform.origin}/hub/spawn/prj-{OPEN_PROJECT}")
    page.wait_for_url(f"{frame_url(platform)}**")
    lab(page).wait_for_selector("#filebrowser .jp-DirListing-item")
    page.close()
    yield context
    context.close()


def frame_url(platform: Platform) -> str:
    return f"{platform.origin}/hub/workspace/{OPEN_PROJECT}"


def base_url(platform: Platform) -> str:
    return f"http://prj-{OPEN_PROJECT}.hdh.localhost:{platform.port}/user/prj-{OPEN_PROJECT}/"


@pytest.fixture
def held(platform: Platform, person: BrowserContext) -> Iterator[Page]:
    """The same as `shown`, as soon as the workspace's page is in the frame."""
    page = person.new_page()
    page.goto(frame_url(platform))
    lab(page).wait_for_selector("#jupyter-config-data", state="attached")
    yield page
    page.close()


@pytest.fixture
def shown(platform: Platform, person: BrowserContext) -> Iterator[Page]:
    """The portal's page around the workspace."""
    page = person.new_page()
    page.goto(frame_url(platform))
    lab(page).wait_for_selector("#jp-main-dock-panel", state="attached")
    yield page
    page.close()


ADD = "html => document.body.insertAdjacentHTML('beforeend', html)"

SCRIPTED = {
    "00 location": "url => { location.href = url }",
    "01 location.replace": "url => location.replace(url)",
    "02 a link that a script clicks": "url => { const a = document.createElement('a'); a.href = url; a.click() }",
    "03 _top": "url => { const a = document.createElement('a'); a.href = url; a.target = '_top'; a.click() }",
    "04 _parent": "url => { const a = document.createElement('a'); a.href = url; a.target = '_parent'; a.click() }",
    "05 _blank": "url => { const a = document.createElement('a'); a.href = url; a.target = '_blank'; a.click() }",
    "06 window.open": "url => { window.open(url) }",
    "07 window.open in itself": "url => { window.open(url, '_self') }",
    "08 top.location": "url => { try { top.location = url } catch { } }",
    "09 parent.location.replace": "url => { try { parent.location.replace(url) } catch { } }",
    "10 a form": "url => { const f = document.createElement('form'); f.action = url;"
    " document.body.append(f); f.submit() }",
    "11 a form for the top": "url => { const f = document.createElement('form'); f.action = url; f.target = '_top';"
    " f.method = 'post'; document.body.append(f); f.submit() }",
    "12 a refresh": "url => { const m = document.createElement('meta'); m.httpEquiv = 'refresh';"
    " m.content = '0;url=' + url; document.head.append(m) }",
    "13 an inner frame": "url => { const f = document.createElement('iframe'); f.src = url; document.body.append(f) }",
    "14 an inner frame's location": "url => { const f = document.createElement('iframe'); document.body.append(f);"
    " try { f.contentWindow.location = url } catch { } }",
    "15 navigation.navigate": "url => { try { navigation.navigate(url).finished.catch(() => 0) } catch { } }",
}  # fmt: skip


@pytest.mark.parametrize("case", SCRIPTED)
def test_a_script_leads_nowhere(
    held: Page, elsewhere: Elsewhere, platform: Platform, person: BrowserContext, case: str
) -> None:
    pages = len(person.pages)
    lab(held).evaluate(f"url => {{ const leave = {SCRIPTED[case]}; setTimeout(() => leave(url), 0) }}", elsewhere.url)
    held.wait_for_timeout(SETTLED)
    assert elsewhere.hits == []
    assert held.url == frame_url(platform)
    assert len(person.pages) == pages
    expect(held.locator("header .sealed")).to_be_visible()


MARKUP = {
    "20 a link": '<a id="bait" href="{url}">x</a>',
    "21 a link for the top": '<a id="bait" href="{url}" target="_top">x</a>',
    "22 a link for the parent": '<a id="bait" href="{url}" target="_parent">x</a>',
    "23 a link for a new window": '<a id="bait" href="{url}" target="_blank" rel="opener">x</a>',
    "24 a form": '<form action="{url}"><button id="bait">x</button></form>',
    "25 a form for the top": '<form action="{url}" target="_top" method="post"><button id="bait">x</button></form>',
    "26 a link to download": '<a id="bait" href="{url}" download="x.csv">x</a>',
}


@pytest.mark.parametrize("case", MARKUP)
def test_markup_that_a_person_clicks_leads_nowhere(
    held: Page, elsewhere: Elsewhere, platform: Platform, person: BrowserContext, case: str
) -> None:
    pages = len(person.pages)
    style = "<style>#bait { position: fixed; top: 100px; left: 100px; z-index: 99999; font-size: 60px }</style>"
    lab(held).evaluate(ADD, style + MARKUP[case].format(url=elsewhere.url))
    lab(held).locator("#bait").click(no_wait_after=True)
    held.wait_for_timeout(SETTLED)
    assert elsewhere.hits == []
    assert held.url == frame_url(platform)
    assert len(person.pages) == pages


def test_a_refresh_in_a_notebook_s_output_leads_nowhere_without_any_click(
    shown: Page, elsewhere: Elsewhere, platform: Platform
) -> None:
    run_inside(
        shown,
        f"""
import nbformat
html = '<meta http-equiv="refresh" content="0;url={elsewhere.url}">'
cell = nbformat.v4.new_code_cell('1', outputs=[nbformat.v4.new_output('display_data', {{'text/html': html}})])
nbformat.write(nbformat.v4.new_notebook(cells=[cell]), 'refresh.ipynb')
""",
    )
    shown.goto(f"{base_url(platform)}lab/tree/refresh.ipynb")
    shown.wait_for_url(f"{frame_url(platform)}?path=lab/tree/refresh.ipynb")
    lab(shown).wait_for_selector(".jp-Notebook, .jp-NotebookPanel")
    shown.wait_for_timeout(2 * SETTLED)
    assert elsewhere.hits == []
    assert shown.url.startswith(frame_url(platform))


@pytest.mark.parametrize("case", SCRIPTED)
def test_control_each_way_out_works_where_nothing_holds_it(browser: Browser, elsewhere: Elsewhere, case: str) -> None:
    """Without our frame and policies the same script reaches the other site: the attacks above are no blanks."""
    holder = Elsewhere()
    holder.page = b"<!doctype html><title>holder</title><body><iframe id=workspace src=/inner></iframe>"
    threading.Thread(target=holder.serve_forever, daemon=True).start()
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(holder.url)
        inner = page.wait_for_selector("#workspace").content_frame()
        assert inner is not None
        inner.wait_for_load_state()
        page.mouse.click(20, 20)
        inner.evaluate(f"url => {{ const leave = {SCRIPTED[case]}; setTimeout(() => leave(url), 0) }}", elsewhere.url)
        for _ in range(20):
            if elsewhere.hits:
                break
            page.wait_for_timeout(250)
        assert elsewhere.hits
    finally:
        context.close()
        holder.shutdown()
        holder.server_close()


def test_the_portal_s_pages_cannot_be_framed_by_the_workspace(shown: Page, platform: Platform) -> None:
    seen: list[int] = []
    shown.on("framenavigated", lambda frame: seen.append(1) if "/hub/home" in frame.url else None)
    lab(shown).evaluate(ADD, f'<iframe id="portal" src="{platform.origin}/hub/home"></iframe>')
    shown.wait_for_timeout(SETTLED)
    # Nor by leaving: what the frame shows is the project's origin or nothing.
    lab(shown).evaluate("url => setTimeout(() => { location.href = url }, 0)", f"{platform.origin}/hub/home")
    shown.wait_for_timeout(SETTLED)
    assert not any("/hub/home" in (frame.url or "") and frame.locator("article").count() for frame in shown.frames)
    assert shown.url == frame_url(platform)


@pytest.mark.parametrize("path", ["lab", "doc", "hub"])
def test_another_site_frames_neither_the_workspace_nor_the_portal_s_page(
    person: BrowserContext, platform: Platform, elsewhere: Elsewhere, path: str
) -> None:
    address = frame_url(platform) if path == "hub" else f"{base_url(platform)}{path}"
    elsewhere.page = f'<!doctype html><iframe src="{address}"></iframe>'.encode()
    page = person.new_page()
    page.goto(elsewhere.url)
    page.wait_for_timeout(SETTLED)
    for frame in page.frames[1:]:
        assert frame.locator("#jupyter-config-data, iframe#workspace, .sealed").count() == 0
    page.close()


def test_a_sibling_of_the_same_site_frames_it_neither(
    person: BrowserContext, platform: Platform, elsewhere: Elsewhere
) -> None:
    """Same site, so that the person's cookies are sent: the page's own policy names the portal alone."""
    elsewhere.page = f'<!doctype html><iframe src="{base_url(platform)}lab"></iframe>'.encode()
    page = person.new_page()
    page.goto(f"http://prj-other.hdh.localhost:{elsewhere.server_port}/")
    page.wait_for_timeout(SETTLED)
    for frame in page.frames[1:]:
        assert frame.locator("#jupyter-config-data").count() == 0
    page.close()


def test_a_window_never_shows_the_workspace_s_page(person: BrowserContext, platform: Platform) -> None:
    page = person.new_page()
    page.goto(f"{base_url(platform)}lab/tree/results?x=y")
    assert page.url == f"{frame_url(platform)}?path=lab/tree/results"
    page.goto(f"{frame_url(platform)}?path=//evil.test/")
    expect(page.locator("iframe")).to_have_count(0)
    page.close()


def test_who_lost_the_workspace_s_session_is_signed_in_again_by_itself(
    person: BrowserContext, platform: Platform
) -> None:
    for cookie in person.cookies():
        if cookie.get("domain", "").startswith("prj-"):
            person.clear_cookies(name=cookie.get("name"), domain=cookie.get("domain"))
    page = person.new_page()
    page.goto(frame_url(platform))
    lab(page).wait_for_selector("#filebrowser", state="attached")
    page.close()


def test_the_language_follows_the_portal(person: BrowserContext, platform: Platform) -> None:
    page = person.new_page()
    page.goto(f"{platform.origin}/hub/language/en?next=/hub/home")
    page.goto(frame_url(platform))
    expect(page.locator("header .sealed")).to_have_text("Sealed workspace")
    expect(lab(page).locator("#jp-MainMenu")).to_contain_text("File")
    page.goto(f"{platform.origin}/hub/language/fr?next=/hub/home")
    page.goto(frame_url(platform))
    expect(lab(page).locator("#jp-MainMenu")).to_contain_text("Fichier")
    page.close()


def test_on_paper_there_is_a_sentence_and_no_workspace(shown: Page) -> None:
    shown.emulate_media(media="print")
    expect(shown.locator("iframe#workspace")).to_be_hidden()
    expect(shown.locator("header")).to_be_hidden()
    expect(shown.locator(".printed")).to_be_visible()
    assert lab(shown).evaluate("getComputedStyle(document.body).display") == "none"


def test_messages_from_inside_choose_among_the_portal_s_own_pages(shown: Page, platform: Platform) -> None:
    say = "message => parent.postMessage(message, '*')"
    for message in (
        {"hdh": "request", "request": "../logout"},
        {"hdh": "request", "request": "1"},
        {"hdh": "request", "request": -1},
        {"hdh": "https://evil.test/"},
        {"hdh": {"toString": 1}},
        None,
        "portal",
    ):
        lab(shown).evaluate(say, message)
    shown.wait_for_timeout(SETTLED)
    assert shown.url == frame_url(platform)
    expect(shown.locator("#notice")).to_be_hidden()
    lab(shown).evaluate(say, {"hdh": "versions-differ"})
    expect(shown.locator("#notice")).to_contain_text("versions du portail")
    lab(shown).evaluate(say, {"hdh": "portal"})
    shown.wait_for_url("**/hub/home")


def test_settings_and_layout_stay_a_person_s_own_and_outside_the_workspace(shown: Page, platform: Platform) -> None:
    assert call(shown, "lab/api/settings?ids_only=true")[0] == 200
    assert "user-settings" not in run_inside(
        shown, "import os; print(os.listdir('.jupyter/lab') if os.path.isdir('.jupyter/lab') else '')"
    )
    assert list((platform.state / "lab" / OPEN_PROJECT).glob("*/*.json"))


def test_the_console_is_quiet(person: BrowserContext, platform: Platform) -> None:
    page = person.new_page()
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text) if message.type in ("error", "warning") else None)
    page.on("response", lambda reply: lines.append(f"{reply.status} {reply.url}") if reply.status >= 400 else None)
    page.goto(frame_url(platform))
    lab(page).wait_for_selector("#filebrowser .jp-DirListing-item")
    page.wait_for_timeout(SETTLED)
    # JupyterLab asks now and then which formats notebooks can be exported to: a route that is closed on purpose.
    noise = [line for line in lines if "Content Security Policy" in line or line[:3] in ("403", "404")]
    assert [line for line in noise if "/api/nbconvert?" not in line] == []
    page.close()
