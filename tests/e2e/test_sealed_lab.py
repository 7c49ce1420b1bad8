"""JupyterLab in the sealed workspace: whole for work, and plain about what is closed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, Page, Route, WebSocketRoute, expect

from .conftest import Platform, SignIn
from .inside import lab, run_inside
from .test_the_whole_way import LONG, open_workspace

pytestmark = pytest.mark.e2e

EXPOSE = """
new MutationObserver((_, observer) => {
  const config = document.getElementById('jupyter-config-data');
  if (config && document.readyState !== 'loading') {
    config.textContent = JSON.stringify({...JSON.parse(config.textContent), exposeAppInBrowser: true});
    observer.disconnect();
  }
}).observe(document, {childList: true, subtree: true});
document.addEventListener('readystatechange', () => {
  const config = document.getElementById('jupyter-config-data');
  if (config && !config.textContent.includes('exposeAppInBrowser":true')) {
    config.textContent = JSON.stringify({...JSON.parse(config.textContent), exposeAppInBrowser: true});
  }
});
"""
"""Lets a test ask JupyterLab's application, by what JupyterLab has for that."""

FILES = '''
import base64, json, os, pathlib, struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
png = (b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
       + chunk(b"IDAT", zlib.compress((b"\\0" + b"\\xc0\\x40\\x20" * 8) * 8)) + chunk(b"IEND", b""))
here = pathlib.Path("/home/project/essai"); here.mkdir(exist_ok=True)
(here / "carre.png").write_bytes(png)
(here / "table.csv").write_text("departement,passages\\n75,1200\\n13,800\\n")
(here / "donnees.parquet").write_bytes(b"PAR1\\xff\\xfe\\0" * 100)
with open(here / "enorme.csv", "wb") as file:
    file.truncate(33 * 2**20)
def code(source): return {"cell_type": "code", "id": f"c{len(cells)}", "metadata": {}, "outputs": [],
                          "execution_count": None, "source": source}
def text(source): return {"cell_type": "markdown", "id": f"c{len(cells)}", "metadata": {}, "source": source}
def notebook(name):
    (here / name).write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}}))
cells = []
cells.append(text("Une formule $\\\\frac{a}{b}$ et une image ![carre](carre.png)"))
cells.append(code("import ipywidgets\\ncurseur = ipywidgets.IntSlider(value=7)\\ncurseur"))
cells.append(code("%matplotlib inline\\nimport matplotlib.pyplot as plt\\nplt.plot([1, 3, 2]);"))
cells.append(code("""from IPython.display import display
display({"application/vnd.vegalite.v5+json": {"$schema": "https://vega.github.io/schema/vega-lite/v5.json",
  "data": {"values": [{"a": "A", "b": 28}, {"a": "B", "b": 55}]}, "mark": "bar",
  "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}}}}, raw=True)"""))
cells.append(code("""import plotly.graph_objects as go
go.Figure(go.Bar(x=["A", "B"], y=[1, 2]))"""))
cells.append(code("""from IPython.display import HTML
HTML("<table class='essai'><tr><td>cellule</td></tr></table>")"""))
cells.append(code("mot_tres_particulier, mot_tres_rare = 41, 0\\nprint('sortie', mot_tres_particulier + 1)"))
cells.append(code(""))
notebook("essai.ipynb")
cells = [code("print('copie courte')"), code("")]
notebook("copie.ipynb")
cells = [code("def ajoute(x):\\n    y = x + 1\\n    return y\\najoute(1)")]
notebook("debogage.ipynb")
print("fait")
'''

REMOVED = (
    "filemenu:logout", "filemenu:shutdown", "hub:control-panel", "hub:logout", "hub:restart", "help:about",
    "help:launch-classic-notebook", "help:jupyter-forum", "help:open", "help:licenses", "docmanager:download",
    "docmanager:open-browser-tab", "filebrowser:download", "filebrowser:copy-download-link",
    "filebrowser:open-browser-tab", "filebrowser:open-url", "filebrowser:share-main", "notebook:export-to-format",
    "notebook:copy-to-clipboard", "apputils:print", "extensionmanager:show-panel", "pluginmanager:open",
    "settingeditor:export", "jupyterlab-translation:install-languages", "workspace-ui:export", "workspace-ui:import",
    "workspace-ui:save-as", "workspace-ui:share", "collaboration:shared-link", "mermaid:copy-source",
    "application:toggle-fullscreen-mode",
)  # fmt: skip
"""Commands that would lead nowhere, or out."""

OUTWARD = re.compile(
    r"[Tt]élécharger|Exporter|Imprimer|Se déconnecter|Partag|onglet du navigateur|[Nn]ouvelle fenêtre|Hub|Extension"
    r"|Download|Export|Print|Log Out|Share|[Bb]rowser tab|New Window"
)
OURS = "hdh-"


@pytest.fixture(scope="module")
def page(platform: Platform, sign_in: SignIn) -> Iterator[Page]:
    page = sign_in("alice")
    page.add_init_script(EXPOSE)
    open_workspace(page, platform)
    # Without what other tests left open.
    page.get_by_role("link", name="Rouvrir sans documents").click()
    page.wait_for_load_state()
    lab(page).wait_for_function("() => window.jupyterapp !== undefined")
    assert run_inside(page, FILES).strip() == "fait"
    yield page
    run_inside(page, "import shutil; shutil.rmtree('/home/project/essai')")
    leave(page)
    home = sign_in("alice")
    home.get_by_text("Fermer l'espace").click()
    home.get_by_text("Fermer maintenant").click()
    expect(home.get_by_text("Ouvrir l'espace")).to_be_visible(timeout=LONG)
    home.close()


def leave(page: Page) -> None:
    """Close what is open, so that the next who comes finds JupyterLab as it was."""
    frame = lab(page)
    execute(frame, "application:close-all")
    with page.expect_response(re.compile(r"/lab/api/workspaces/")):
        execute(frame, "filebrowser:go-to-path", path="")
    page.close()


@pytest.fixture
def inside(page: Page) -> Iterator[Frame]:
    frame = lab(page)
    yield frame
    while frame.locator(".jp-Dialog").count():
        frame.locator(".jp-Dialog button").first.press("Escape")
        page.wait_for_timeout(200)


def execute(frame: Frame, command: str, **arguments: Any) -> None:
    frame.evaluate("([id, args]) => { void window.jupyterapp.commands.execute(id, args) }", [command, arguments])


def open_file(page: Page, name: str, **arguments: Any) -> None:
    """Open a file of the folder of this module."""
    frame = lab(page)
    execute(frame, "docmanager:open", path=f"essai/{name}", **arguments)
    expect(frame.locator("#jp-main-dock-panel .lm-TabBar-tab.lm-mod-current", has_text=name)).to_be_visible(
        timeout=LONG
    )


def open_notebook(page: Page, name: str) -> Locator:
    frame = lab(page)
    open_file(page, name)
    notebook = frame.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    expect(notebook.locator(".jp-Cell").first).to_be_visible(timeout=LONG)
    expect(frame.locator("#jp-main-statusbar", has_text=re.compile("Inactif|Idle"))).to_be_visible(timeout=LONG)
    return notebook


# What leads nowhere is not there


def test_no_command_leads_out_or_nowhere(inside: Frame) -> None:
    there: list[str] = inside.evaluate("() => window.jupyterapp.commands.listCommands()")
    assert len(there) > 300, "JupyterLab is whole"
    assert sorted(set(there) & set(REMOVED)) == []


def test_menus_and_palette_show_nothing_outward(inside: Frame) -> None:
    shown: list[tuple[str, str]] = inside.evaluate(
        """() => {
          const commands = window.jupyterapp.commands;
          const found = [];
          const walk = menu => { for (const item of menu.items) {
            if (item.submenu) walk(item.submenu);
            else if (item.command && item.isVisible) found.push([item.command, item.label]);
          } };
          for (const bar of window.jupyterapp.shell.widgets('menu')) for (const menu of bar.menus ?? []) walk(menu);
          for (const id of commands.listCommands()) {
            let label = '';
            try { if (commands.isVisible(id)) label = commands.label(id); } catch { /* needs a context */ }
            found.push([id, label]);
          }
          return found;
        }"""
    )
    assert len(shown) > 400
    assert [(id, label) for id, label in shown if OUTWARD.search(label) and not id.startswith(OURS)] == []


@pytest.mark.parametrize(
    ("command", "title"),
    [("hdh-closed:download", "télécharge pas"), ("hdh-closed:export", "exporte pas"),
     ("hdh-closed:print", "imprime pas")],
)  # fmt: skip
def test_a_person_who_tries_reads_why(inside: Frame, command: str, title: str) -> None:
    execute(inside, command)
    dialog = inside.locator(".jp-Dialog")
    expect(dialog.locator(".jp-Dialog-header")).to_contain_text(title)
    expect(dialog.get_by_text("Demander plutôt l'extraction")).to_be_visible()


def test_the_context_menu_of_a_file_leads_to_a_request(page: Page, inside: Frame) -> None:
    execute(inside, "filebrowser:go-to-path", path="essai")
    item = inside.locator("#filebrowser .jp-DirListing-item", has_text="table.csv")
    item.click(button="right")
    inside.locator(".lm-Menu-item[data-command='hdh-closed:download']").click()
    inside.locator(".jp-Dialog .jp-mod-accept").click()
    expect(inside.locator(".hdh-ExtractionDialog .hdh-File")).to_contain_text("table.csv")
    expect(inside.locator(".hdh-ExtractionDialog")).to_contain_text("1 sur 20 au plus")


def test_ctrl_p_explains_instead_of_printing(page: Page, inside: Frame) -> None:
    inside.locator("#filebrowser .jp-DirListing-item").first.click()
    page.keyboard.press("Control+p")
    expect(inside.locator(".jp-Dialog-header")).to_contain_text("imprime pas")


def test_paper_shows_a_sentence_alone(page: Page, inside: Frame) -> None:
    page.emulate_media(media="print")
    try:
        expect(inside.locator("#jp-main-dock-panel")).to_be_hidden()
        expect(page.get_by_text("ne s'imprime pas")).to_be_visible()
    finally:
        page.emulate_media(media="screen")
    expect(inside.locator("#jp-main-dock-panel")).to_be_visible()


# What the status bar tells


def test_the_seal_explains_itself(page: Page, inside: Frame, screenshot: Callable[[Page, str], None]) -> None:
    inside.locator(".hdh-StatusItem button", has_text="Espace scellé").click()
    guide = inside.locator(".hdh-SealedGuide")
    expect(guide).to_contain_text("Comment sortent les résultats")
    expect(guide).to_contain_text("2000 caractères")
    expect(guide).to_contain_text("Le scellement est éprouvé")
    screenshot(page, "sealed")


def test_what_was_shown_is_told(page: Page, inside: Frame, screenshot: Callable[[Page, str], None]) -> None:
    inside.locator(".hdh-StatusItem button", has_text="Affiché").click()
    expect(inside.locator(".hdh-Details .hdh-Meters")).to_contain_text("Aujourd'hui")
    screenshot(page, "traffic")


def test_memory_and_disk_are_told(page: Page, inside: Frame, screenshot: Callable[[Page, str], None]) -> None:
    inside.locator(".hdh-StatusItem button", has_text="Mémoire").click()
    expect(inside.locator(".hdh-Details .hdh-Meters")).to_contain_text("Processus")
    screenshot(page, "usage")


# The clipboard


@pytest.fixture
def outside(page: Page) -> Iterator[Page]:
    """A page of the portal beside the workspace, with a field: any other program, to the clipboard."""
    other = page.context.new_page()
    other.goto(page.url.partition("/hub/")[0] + "/hub/home")
    other.evaluate(
        "() => document.body.prepend(Object.assign(document.createElement('textarea'), {id: 'other-program'}))"
    )
    yield other
    other.close()


def held(outside: Page) -> str:
    """Return what the computer's clipboard holds, by pasting it elsewhere."""
    outside.bring_to_front()
    field = outside.locator("#other-program")
    field.fill("")
    field.press("Control+v")
    return field.input_value()


def hold(outside: Page, text: str) -> None:
    outside.bring_to_front()
    field = outside.locator("#other-program")
    field.fill(text)
    field.press("Control+a")
    field.press("Control+c")


def write(page: Page, editor: Locator, text: str) -> None:
    page.bring_to_front()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_pasting_in_is_free_and_copying_inside_works(page: Page, inside: Frame, outside: Page) -> None:
    editors = open_notebook(page, "copie.ipynb").locator(".jp-Cell .cm-content")
    hold(outside, "venu du dehors")
    assert held(outside) == "venu du dehors", "the clipboard of this browser works"
    page.bring_to_front()
    editors.nth(1).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")
    expect(editors.nth(1)).to_have_text("venu du dehors")
    long = "x" * 2001
    write(page, editors.first, long)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    editors.nth(1).click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+v")
    expect(editors.nth(1)).to_have_text(long)
    assert held(outside) == ""


def test_a_short_text_leaves_and_is_recorded(platform: Platform, page: Page, inside: Frame, outside: Page) -> None:
    editors = open_notebook(page, "copie.ipynb").locator(".jp-Cell .cm-content")
    write(page, editors.first, "y" * 2000)
    page.keyboard.press("Control+a")
    with page.expect_response(re.compile(r"/hdh/copied\b")) as recorded:
        page.keyboard.press("Control+c")
    assert recorded.value.ok
    assert held(outside) == "y" * 2000
    assert json.loads(recorded.value.request.post_data or "") == {"characters": 2000, "kind": "cell"}


@pytest.fixture
def strict(sign_in: SignIn, platform: Platform) -> Iterator[Page]:
    """A page of the workspace as it is where the policy lets nothing be copied out."""
    page = sign_in("claire")

    def without_copying(route: Route) -> None:
        route.fulfill(
            json={"name": "claire", "display_name": "Claire Fontaine", "role": "lead",
                  "hub_url": f"{platform.origin}/hub/", "policy": {"copy": {"mode": "off", "limit": 2000}}}
        )  # fmt: skip

    page.route(re.compile(r"/hdh/me\b"), without_copying)
    page.add_init_script(EXPOSE)
    open_workspace(page, platform)
    lab(page).wait_for_function("() => window.jupyterapp !== undefined")
    yield page
    leave(page)


def test_nothing_leaves_where_the_policy_is_off(page: Page, strict: Page, outside: Page) -> None:
    editors = open_notebook(strict, "copie.ipynb").locator(".jp-Cell .cm-content")
    frame = lab(strict)
    write(strict, editors.first, "print('secret 4217')")
    strict.keyboard.press("Shift+Enter")
    output = frame.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output").first
    expect(output).to_contain_text("secret 4217", timeout=LONG)

    def copied_by(*steps: Callable[[], object]) -> str:
        hold(outside, "avant")
        strict.bring_to_front()
        for step in steps:
            step()
            strict.wait_for_timeout(200)
        return held(outside)

    keys = strict.keyboard

    def select_output() -> None:
        output.evaluate(
            "node => { const range = document.createRange(); range.selectNodeContents(node);"
            " getSelection().removeAllRanges(); getSelection().addRange(range) }"
        )

    ways = {
        "an editor": copied_by(editors.first.click, lambda: keys.press("Control+a"), lambda: keys.press("Control+c")),
        "cut": copied_by(editors.first.click, lambda: keys.press("Control+a"), lambda: keys.press("Control+x")),
        "an output": copied_by(lambda: output.click(click_count=3), lambda: keys.press("Control+c")),
        "execCommand": copied_by(output.click, select_output, lambda: frame.evaluate("document.execCommand('copy')")),
        "a cell": copied_by(output.click, lambda: keys.press("Escape"), lambda: keys.press("c")),
        "a path": copied_by(
            lambda: frame.locator("#filebrowser .jp-DirListing-item").first.click(),
            lambda: execute(frame, "filebrowser:copy-path"),
        ),
        "the browser's own way": copied_by(
            output.click,
            lambda: frame.evaluate(
                "() => Object.getPrototypeOf(Navigator.prototype) && Object.getOwnPropertyDescriptor("
                "Navigator.prototype, 'clipboard').get.call(navigator).writeText('secret 4217').catch(() => null)"
            ),
        ),
    }
    assert {way: text for way, text in ways.items() if "secret" in text or text not in ("", "avant")} == {}


def test_nothing_is_dragged_out(inside: Frame, page: Page) -> None:
    notebook = open_notebook(page, "essai.ipynb")
    picture = notebook.locator("img").first
    expect(picture).to_be_visible(timeout=LONG)
    refused = picture.evaluate(
        "node => !node.dispatchEvent(new DragEvent('dragstart',"
        " {bubbles: true, cancelable: true, dataTransfer: new DataTransfer()}))"
    )
    assert refused
    menu = picture.evaluate(
        "node => !node.dispatchEvent(new MouseEvent('contextmenu', {bubbles: true, cancelable: true, shiftKey: true}))"
    )
    assert menu, "the browser's own menu would offer to copy and to save the picture"


# JupyterLab stays whole


@pytest.fixture(scope="module")
def worked(page: Page) -> Locator:
    """A notebook that was run."""
    notebook = open_notebook(page, "essai.ipynb")
    execute(lab(page), "notebook:run-all-cells")
    expect(notebook.locator(".jp-OutputArea-output", has_text="sortie 42")).to_be_visible(timeout=LONG)
    return notebook


def test_formula_and_picture_of_a_text(worked: Locator) -> None:
    expect(worked.locator(".jp-RenderedMarkdown mjx-container").first).to_be_visible(timeout=LONG)
    picture = worked.locator(".jp-RenderedMarkdown img")
    assert picture.evaluate("node => node.decode().then(() => node.naturalWidth)") == 8


def test_a_slider_moves_its_variable(page: Page, worked: Locator) -> None:
    slider = worked.locator(".jupyter-widgets .noUi-handle")
    expect(slider).to_be_visible(timeout=LONG)
    slider.focus()
    slider.press("ArrowRight")
    expect(worked.locator(".jupyter-widgets .widget-readout")).to_have_text("8")


def test_a_figure_and_a_chart(worked: Locator) -> None:
    expect(worked.locator(".jp-RenderedImage img")).to_be_visible(timeout=LONG)
    expect(worked.locator(".vega-embed canvas")).to_be_visible(timeout=LONG)
    expect(worked.locator(".js-plotly-plot .barlayer path").first).to_be_visible(timeout=LONG)
    expect(worked.locator("table.essai")).to_be_visible()


def test_completion_knows_the_variables(page: Page, worked: Locator) -> None:
    page.bring_to_front()
    worked.locator(".jp-Cell .cm-content").last.click()
    page.keyboard.type("mot_tres_", delay=50)
    found = lab(page).locator(".jp-Completer", has_text="mot_tres_particulier")
    for _ in range(20):
        # JupyterLab waits for a kernel's answer for a second, and a kernel's first one takes longer here.
        execute(lab(page), "completer:invoke-notebook")
        page.wait_for_timeout(1500)
        if found.is_visible():
            break
    expect(found).to_be_visible()
    page.keyboard.press("Escape")


def test_search_finds(page: Page, inside: Frame, worked: Locator) -> None:
    execute(inside, "documentsearch:start")
    page.keyboard.type("particulier")
    expect(inside.locator(".jp-DocumentSearch-index-counter")).to_contain_text(re.compile(r"1/[1-9]"), timeout=LONG)
    execute(inside, "documentsearch:end")


def test_the_csv_viewer_shows_a_table(page: Page, inside: Frame) -> None:
    open_file(page, "table.csv", factory="CSVTable")
    expect(inside.locator(".jp-CSVViewer:not(.lm-mod-hidden) canvas").first).to_be_visible(timeout=LONG)


def test_the_settings_editor_opens(inside: Frame) -> None:
    execute(inside, "settingeditor:open")
    expect(inside.locator(".jp-SettingsPanel").first).to_be_visible(timeout=LONG)


def test_the_debugger_stops_at_a_breakpoint(page: Page, inside: Frame) -> None:
    notebook = open_notebook(page, "debogage.ipynb")
    page.bring_to_front()
    toggle = notebook.locator(".jp-DebuggerBugButton, [data-jp-item-name='debugger-icon'] button").first
    expect(toggle).to_be_enabled(timeout=LONG)
    toggle.click()
    # The first element of a gutter only gives it its width.
    second_line = notebook.locator(".cm-breakpoint-gutter .cm-gutterElement").nth(2)
    second_line.click(force=True)
    expect(second_line.locator(".cm-breakpoint-icon")).to_be_visible()
    notebook.locator(".cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    expect(inside.locator(".jp-DebuggerCallstack-body", has_text="ajoute")).to_be_visible(timeout=LONG)
    execute(inside, "debugger:continue")
    expect(notebook.locator(".jp-OutputArea-output", has_text="2")).to_be_visible(timeout=LONG)


# What cannot be shown, and what is cut


@pytest.mark.parametrize(("name", "word"), [("enorme.csv", "dépasse 32 Mio"), ("donnees.parquet", "ni un texte")])
def test_what_is_not_shown_says_so(page: Page, inside: Frame, name: str, word: str) -> None:
    execute(inside, "docmanager:open", path=f"essai/{name}", factory="Editor")
    expect(inside.locator(".jp-Dialog", has_text=word)).to_be_visible(timeout=LONG)


def test_a_cut_is_explained_once_and_ends(
    platform: Platform, sign_in: SignIn, page: Page, screenshot: Callable[[Page, str], None]
) -> None:
    other = sign_in("alice")
    amount = {"used": 200 * 10**6, "limit": 200 * 10**6}
    standing = {"hour": amount, "day": amount, "state": "ok", "until": None, "message": None, "requests": []}
    opened: list[WebSocketRoute] = []

    def watched(socket: WebSocketRoute) -> None:
        opened.append(socket)
        socket.connect_to_server()

    other.route_web_socket(re.compile(r"/user/prj-"), watched)
    other.route(re.compile(r"/hdh/traffic\b"), lambda route: route.fulfill(json=standing))
    other.add_init_script(EXPOSE)
    open_workspace(other, platform)
    frame = lab(other)
    frame.wait_for_function("() => window.jupyterapp !== undefined")
    notebook = open_notebook(other, "copie.ipynb")
    standing |= {"state": "cut", "message": "Le volume prévu est épuisé jusqu'à 21:00."}
    for socket in list(opened):
        socket.close(code=4290, reason="budget")
    dialog = frame.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Le volume prévu est épuisé", timeout=LONG)
    expect(dialog).to_contain_text("Pourquoi avez-vous besoin")
    screenshot(other, "cut")
    before = len(opened)
    other.wait_for_timeout(8000)
    assert dialog.count() == 1
    assert len(opened) == before, "nothing connects again while all is cut"
    standing |= {"state": "ok", "message": None}
    expect(dialog).to_have_count(0, timeout=LONG)
    expect(frame.locator("#jp-main-statusbar", has_text=re.compile("Inactif|Idle"))).to_be_visible(timeout=LONG)
    write(other, notebook.locator(".jp-Cell .cm-content").first, "print(6 * 7)")
    other.keyboard.press("Shift+Enter")
    expect(notebook.locator(".jp-OutputArea-output", has_text="42")).to_be_visible(timeout=LONG)
    other.close()


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [(403, "gateway.no_access", "accès à ce projet a pris fin"), (403, "gateway.not_signed_in", "session est terminée"),
     (503, "gateway.workspace_down", "espace projet est fermé")],
)  # fmt: skip
def test_a_lost_workspace_says_why(
    platform: Platform, sign_in: SignIn, page: Page, status: int, code: str, title: str
) -> None:
    other = sign_in("alice")
    opened: list[WebSocketRoute] = []

    def watched(socket: WebSocketRoute) -> None:
        opened.append(socket)
        socket.connect_to_server()

    other.route_web_socket(re.compile(r"/user/prj-"), watched)
    open_workspace(other, platform)
    frame = lab(other)
    expect(frame.locator(".hdh-StatusItem").first).to_be_visible(timeout=LONG)
    other.wait_for_timeout(1000)
    other.route(
        re.compile(r"/hdh/(traffic|me)\b"),
        lambda route: route.fulfill(status=status, json={"code": code, "message": "La phrase de la passerelle."}),
    )
    for socket in list(opened):
        socket.close(code=4403 if code == "gateway.no_access" else 1011, reason="over")
    expect(frame.locator(".jp-Dialog-header", has_text=title)).to_be_visible(timeout=LONG)
    assert frame.locator(".jp-Dialog").count() == 1
    other.close()
