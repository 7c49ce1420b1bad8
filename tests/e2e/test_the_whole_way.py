"""The whole way, step by step, as people go it: the tests of this module build on one another."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from hashlib import sha256

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import open_database
from hdh_jupyter.state import StateFolder

from .conftest import Platform, SignIn
from .inside import call, lab, run_inside

pytestmark = pytest.mark.e2e

PROJECT = "urgences-covid"
LONG = 120_000
"""Milliseconds for what computes."""


@pytest.fixture(scope="module")
def labs() -> dict[str, Page]:
    """The JupyterLab pages that stay open from one step to the next."""
    return {}


@pytest.fixture(scope="module")
def notes() -> dict[str, str]:
    """What one step found out and another needs."""
    return {}


def lab_url(platform: Platform, project: str = PROJECT) -> str:
    return f"http://prj-{project}.hdh.localhost:{platform.port}/user/prj-{project}/lab"


def frame_url(platform: Platform, project: str = PROJECT) -> str:
    return f"{platform.origin}/hub/workspace/{project}"


def open_workspace(page: Page, platform: Platform) -> Page:
    page.locator("article", has_text="Recours aux urgences").get_by_text(
        re.compile("Ouvrir l'espace|Entrer dans l'espace|Rejoindre")
    ).click()
    page.wait_for_url(f"{frame_url(platform)}**", timeout=LONG)
    lab(page).wait_for_selector("#filebrowser .jp-DirListing-item", timeout=LONG)
    return page


def open_notebook(page: Page, name: str, title: str) -> None:
    inside = lab(page)
    inside.locator("#filebrowser .jp-DirListing-item", has_text=name).dblclick()
    shown = inside.locator(".jp-NotebookPanel:not(.lm-mod-hidden)", has_text=title)
    expect(shown).to_be_visible(timeout=LONG)
    expect(inside.locator("#jp-main-statusbar", has_text=re.compile("Inactif|Idle"))).to_be_visible(timeout=LONG)


def status_of(page: Page, url: str) -> int:
    reply = page.goto(url)
    assert reply is not None
    return reply.status


def show_panel(page: Page, name: str) -> None:
    # JupyterLab restores its layout after it shows, and a click on the panel that is open closes it.
    inside = lab(page)
    panel = inside.locator(f"#{name}")
    deadline = time.monotonic() + 30
    while True:
        page.wait_for_timeout(1000)
        if panel.is_visible():
            return
        assert time.monotonic() < deadline, f"the panel {name} does not open"
        inside.locator(f".jp-SideBar [data-id='{name}']").click()


def test_1_a_researcher_sees_their_projects_with_state_and_reason(
    sign_in: SignIn, screenshot: Callable[[Page, str], None]
) -> None:
    page = sign_in("alice")
    cards = page.locator("article")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("Ouvert")
    expect(page.locator("article", has_text="Bronchiolite")).to_contain_text(re.compile(r"expirée le \d\d/\d\d/\d{4}"))
    expect(page.locator("article", has_text="Vagues de chaleur")).to_contain_text("en attente de l'avis du CESREES")
    expect(page.get_by_text("Ouvrir l'espace")).to_have_count(1)
    screenshot(page, "portal")


@pytest.mark.parametrize(
    ("person", "project"),
    [("farid", PROJECT), ("gaelle", PROJECT), ("david", PROJECT), ("alice", "bronchiolite-2023"),
     ("alice", "chaleur-urgences"), ("claire", "bronchiolite-2023")],
)  # fmt: skip
def test_1_nobody_else_opens_it_and_nobody_opens_a_closed_one(
    platform: Platform, sign_in: SignIn, person: str, project: str
) -> None:
    page = sign_in(person)
    assert status_of(page, f"{platform.origin}/hub/spawn/prj-{project}") in (403, 404)
    assert status_of(page, lab_url(platform, project)) in (403, 404, 424, 503)
    expect(page.locator(".jp-LabShell")).to_have_count(0)
    assert status_of(page, frame_url(platform, project)) == 404
    page.close()


def test_2_jupyterlab_opens_at_the_project_s_own_origin_without_a_consent_page(
    platform: Platform, sign_in: SignIn, labs: dict[str, Page]
) -> None:
    labs["alice"] = open_workspace(sign_in("alice"), platform)
    assert labs["alice"].url.startswith(frame_url(platform))
    expect(labs["alice"].locator("header .sealed")).to_have_text("Espace scellé")
    expect(lab(labs["alice"]).get_by_text("Espace scellé").first).to_be_visible()


def test_2_two_members_share_it_under_their_own_names_and_see_each_other(
    platform: Platform, sign_in: SignIn, labs: dict[str, Page]
) -> None:
    labs["claire"] = open_workspace(sign_in("claire"), platform)
    for person in ("alice", "claire"):
        open_notebook(labs[person], "demarrer-python.ipynb", "Démarrer en Python")
    lab(labs["alice"]).locator(".jp-NotebookPanel .jp-CodeCell .cm-content").first.click()
    expect(lab(labs["claire"]).locator(".jp-remote-cursor").first).to_be_attached(timeout=LONG)
    show_panel(labs["claire"], "jp-collaboration-panel")
    expect(lab(labs["claire"]).locator("#jp-collaboration-panel")).to_contain_text("Alice Bernard")
    show_panel(labs["claire"], "filebrowser")
    assert call(labs["claire"], "api/me")[1]["identity"]["display_name"] == "Claire Fontaine"


def test_2_nothing_of_the_host_is_inside_and_nothing_outside_can_be_reached(
    platform: Platform, labs: dict[str, Page]
) -> None:
    seen = json.loads(
        run_inside(
            labs["alice"],
            """
import json, os, socket, subprocess, glob
def reach(*address):
    try:
        socket.create_connection(address, 2).close()
        return 'reached'
    except OSError as error:
        return type(error).__name__
def resolve(name):
    try:
        return socket.getaddrinfo(name, 443)
    except OSError as error:
        return type(error).__name__
def write(path):
    try:
        open(path, 'w').write('x')
        return 'written'
    except OSError as error:
        return error.strerror
print(json.dumps({
    'interfaces': os.listdir('/sys/class/net') if os.path.exists('/sys') else [n for _, n in socket.if_nameindex()],
    'tcp': [reach('1.1.1.1', 443), reach('169.254.169.254', 80), reach('127.0.0.1', HUB)],
    'dns': resolve('example.org'),
    'data': os.listdir('/data'), 'write': write('/data/oscour/x'), 'homes': os.listdir('/home'),
    'processes': len(glob.glob('/proc/[0-9]*')),
    'commands': [open(f).read().replace('\\0', ' ') for f in glob.glob('/proc/[0-9]*/cmdline')],
    'state': os.path.exists('STATE'), 'environment': dict(os.environ), 'user': os.getuid(),
}))
""".replace("HUB", str(platform.port)).replace("STATE", str(platform.state)),
        )
    )
    assert seen["interfaces"] == ["lo"]
    assert "reached" not in seen["tcp"]
    assert seen["dns"] == "gaierror"
    assert seen["data"] == ["oscour"]
    assert seen["write"] == "Read-only file system"
    assert seen["homes"] == ["project"]
    assert not seen["state"]
    assert not any("jupyterhub" in command or "hdh_jupyter gateway" in command for command in seen["commands"])
    assert seen["processes"] < 30
    assert seen["user"] != 0
    assert not any("TOKEN" in name or "SECRET" in name for name in seen["environment"])


@pytest.mark.parametrize("route", ["files/demarrer-python.ipynb", "files/demarrer-python.ipynb?download=1",
                                   "nbconvert/html/demarrer-python.ipynb?download=true", "view/demarrer-python.ipynb",
                                   "hdh-egress/staged/x"])  # fmt: skip
def test_2_direct_downloads_are_off(labs: dict[str, Page], route: str) -> None:
    assert call(labs["alice"], "api/contents/demarrer-python.ipynb?content=0")[0] == 200
    status, reply = call(labs["alice"], route)
    assert status in (403, 404)
    assert "Démarrer" not in str(reply)


def test_2_the_menu_that_says_download_explains_and_downloads_nothing(labs: dict[str, Page]) -> None:
    page = labs["alice"]
    inside = lab(page)
    downloads: list[object] = []
    page.on("download", lambda download: downloads.append(download))
    inside.locator("#filebrowser .jp-DirListing-item").first.click(button="right")
    expect(inside.locator(".lm-Menu-item", has_text="Demander l'extraction")).to_be_visible()
    inside.locator(".lm-Menu-item", has_text=re.compile("Télécharger|Download")).click()
    dialog = inside.locator(".jp-Dialog")
    expect(dialog).to_contain_text("On ne télécharge pas de fichiers d'ici")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert downloads == []


def run_all(page: Page) -> None:
    toolbar = lab(page).locator(".jp-NotebookPanel:not(.lm-mod-hidden) [data-jp-item-name='restart-and-run']")
    toolbar.locator("button, jp-button").first.click()
    lab(page).locator(".jp-Dialog .jp-mod-accept").click()


def results(page: Page) -> list[str]:
    status, folder = call(page, "api/contents/results")
    return [file["name"] for file in folder["content"]] if status == 200 else []


def test_3_the_python_notebook_computes_and_writes_results(labs: dict[str, Page], notes: dict[str, str]) -> None:
    page = labs["alice"]
    run_all(page)
    deadline = time.monotonic() + LONG / 1000
    while not {"csv", "png"} <= {name.rpartition(".")[2] for name in results(page)}:
        assert time.monotonic() < deadline
        page.wait_for_timeout(1000)
    notes["csv"] = next(name for name in results(page) if name.endswith(".csv"))
    notes["png"] = next(name for name in results(page) if name.endswith(".png"))
    running = lab(page).locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPrompt", has_text="[*]")
    expect(running).to_have_count(0, timeout=LONG)
    expect(lab(page).locator(".jp-NotebookPanel [data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)


def test_3_the_usual_libraries_fit_a_small_model(labs: dict[str, Page]) -> None:
    printed = run_inside(
        labs["alice"],
        """
import numpy as np, pandas as pd, torch, keras
from sklearn.linear_model import LinearRegression
x = np.arange(20.0)[:, None]; y = 3 * x[:, 0] + 1
print('sklearn', round(LinearRegression().fit(x, y).coef_[0], 3))
layer = torch.nn.Linear(1, 1); optimiser = torch.optim.Adam(layer.parameters(), 0.1)
for _ in range(400):
    optimiser.zero_grad()
    loss = ((layer(torch.tensor(x).float())[:, 0] - torch.tensor(y).float()) ** 2).mean(); loss.backward()
    optimiser.step()
print('torch', loss.item() < 1)
model = keras.Sequential([keras.layers.Dense(1)]); model.compile('adam', 'mse')
print('keras', len(model.fit(x, y, epochs=2, verbose=0).history['loss']))
print('pandas', len(pd.read_parquet('/data/oscour/visits.parquet')) >= 300_000)
""",
    )
    assert printed.split() == ["sklearn", "3.0", "torch", "True", "keras", "2", "pandas", "True"]


def test_3_the_r_notebook_computes_and_writes_results(labs: dict[str, Page]) -> None:
    page = labs["claire"]
    open_notebook(page, "demarrer-r.ipynb", "Démarrer en R")
    run_all(page)
    deadline = time.monotonic() + LONG / 1000
    while not any("-r" in n or "_r" in n for n in results(page)):
        assert time.monotonic() < deadline, results(page)
        page.wait_for_timeout(1000)


def test_4_the_catalogue_says_what_may_be_used_and_inserts_the_code(
    labs: dict[str, Page], screenshot: Callable[[Page, str], None]
) -> None:
    page = labs["alice"]
    show_panel(page, "hdh-catalogue")
    items = lab(page).locator(".hdh-Catalogue-item")
    expect(items.first).to_be_visible()
    expect(lab(page).locator(".hdh-Catalogue-count")).to_contain_text("31")
    lab(page).get_by_label("Chercher dans le catalogue").fill("urgences")
    expect(lab(page).locator(".hdh-Catalogue-item[data-record='oscour']")).to_contain_text("Accordée")
    lab(page).get_by_label("Chercher dans le catalogue").fill("deces")
    lab(page).locator(".hdh-Catalogue-item[data-record='cepidc']").click()
    expect(lab(page).locator(".hdh-Record-usable")).to_contain_text(
        re.compile("non accordée|n'est pas accordée", re.IGNORECASE)
    )
    lab(page).get_by_role("button", name="Retour à la liste").click()
    lab(page).get_by_label("Chercher dans le catalogue").fill("oscour")
    lab(page).locator(".hdh-Catalogue-item[data-record='oscour']").click()
    expect(lab(page).locator(".hdh-Record")).to_contain_text("Santé publique France")
    screenshot(page, "catalogue")
    lab(page).get_by_role("button", name="Insérer le code").click()
    inserted = lab(page).locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", has_text="/data/oscour")
    expect(inserted.last).to_be_visible()


def ask_extraction(page: Page, paths: list[str]) -> None:
    """Open the dialog on the first file from its context menu, and add the others."""
    first, *others = paths
    show_panel(page, "filebrowser")
    if lab(page).locator("#filebrowser .jp-DirListing-item", has_text="results").count():
        lab(page).locator("#filebrowser .jp-DirListing-item", has_text="results").dblclick()
    lab(page).locator("#filebrowser .jp-DirListing-item", has_text=first).click(button="right")
    lab(page).locator(".lm-Menu-item", has_text="Demander l'extraction").click()
    lab(page).wait_for_selector(".hdh-Files")
    if others:
        lab(page).locator(".hdh-AddFiles summary").click()
    for other in others:
        lab(page).get_by_label(re.compile(f"Ajouter .*{re.escape(other)}")).click()


def test_5_chosen_files_are_checked_at_once_finding_by_finding(
    labs: dict[str, Page], notes: dict[str, str], screenshot: Callable[[Page, str], None]
) -> None:
    page = labs["alice"]
    run_inside(
        page,
        "open('results/petits-effectifs.csv', 'w').write("
        "'departement,classe_age,passages\\n' + ''.join(f'{d:02},{a},{n}\\n'"
        " for d, a, n in [(1,'0-14',154),(1,'15-44',320),(2,'0-14',4),(2,'15-44',87),(3,'0-14',61),(3,'15-44',7)]))",
    )
    page.reload()
    lab(page).wait_for_selector("#filebrowser", state="attached", timeout=LONG)
    ask_extraction(page, ["petits-effectifs.csv", notes["csv"], notes["png"]])
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)
    finding = lab(page).locator(".hdh-File", has_text="petits-effectifs.csv")
    expect(finding).to_contain_text("passages", timeout=LONG)
    expect(finding).to_contain_text("11")
    screenshot(page, "extraction")
    finding.get_by_role("button", name="Protéger ce tableau…").click()
    expect(finding.locator(".hdh-Remedy").first).to_be_visible(timeout=LONG)
    screenshot(page, "protection")
    finding.get_by_role("button", name="Utiliser une copie protégée").click()
    protected = lab(page).locator(".hdh-File", has_text="petits-effectifs_protege.csv")
    expect(protected).to_contain_text("Copie protégée de results/petits-effectifs.csv", timeout=LONG)
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)
    expect(protected.locator(".hdh-mod-block")).to_have_count(0)
    protected.get_by_role("button", name="Remettre l'original").click()
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)
    expect(finding).to_contain_text("Ne peut pas sortir en l'état")
    lab(page).get_by_label(re.compile("Retirer .*petits-effectifs.csv")).click()
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)


def test_5_the_notebook_s_toolbar_and_the_palette_ask_for_the_notebook_itself(
    platform: Platform, contexts: dict[str, BrowserContext]
) -> None:
    page = contexts["alice/fr-FR"].new_page()
    page.goto(f"{lab_url(platform)}/tree/demarrer-python.ipynb")
    page.wait_for_url(f"{frame_url(platform)}?path=lab/tree/demarrer-python.ipynb")
    shown = lab(page).locator(".jp-NotebookPanel:not(.lm-mod-hidden)", has_text="Démarrer en Python")
    expect(shown).to_be_visible(timeout=LONG)
    shown.locator(".jp-Toolbar").get_by_text("Demander l'extraction").click()
    expect(lab(page).locator(".hdh-File", has_text="demarrer-python.ipynb")).to_be_visible()
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)
    expect(lab(page).locator(".hdh-Extraction-intro, .hdh-Summary").first).to_be_visible()
    lab(page).get_by_role("button", name="Annuler").click()
    page.keyboard.press("Control+Shift+C")
    lab(page).locator(".lm-CommandPalette-input").fill("extraction")
    lab(page).locator(".lm-CommandPalette-item", has_text="Demander l'extraction").first.click()
    expect(lab(page).locator(".hdh-File", has_text="demarrer-python.ipynb")).to_be_visible()
    page.close()


def test_5_a_researcher_prepares_the_draft_but_cannot_submit_it(
    platform: Platform, labs: dict[str, Page], notes: dict[str, str]
) -> None:
    page = labs["alice"]
    lab(page).get_by_label("Titre de la demande").fill("Passages hebdomadaires par département")
    lab(page).get_by_role("button", name="Préparer le brouillon").click()
    address = lab(page).locator(".hdh-Prepared-address code")
    expect(address).to_be_visible(timeout=LONG)
    notes["request"] = address.inner_text()
    assert notes["request"].startswith(f"{platform.origin}/hub/egress/")
    lab(page).get_by_role("button", name="Ouvrir le brouillon dans le portail").click()
    page.wait_for_url(notes["request"])
    expect(page.locator("h1")).to_contain_text("Passages hebdomadaires")
    expect(page.locator("[name=do][value=submit]")).to_have_count(0)


def wait_for_check(page: Page) -> None:
    deadline = time.monotonic() + LONG / 1000
    while (
        page.locator(".hdh-files .hdh-pill, .hdh-files [class*=verdict]").count() == 0
        or page.get_by_text(re.compile("Contrôle en (cours|attente)|attend son tour", re.IGNORECASE)).count()
    ):
        assert time.monotonic() < deadline, page.inner_text("main")
        page.wait_for_timeout(1000)
        page.reload()


def test_6_the_lead_states_the_case_and_submits_what_the_hub_zone_checked(
    sign_in: SignIn, notes: dict[str, str], screenshot: Callable[[Page, str], None]
) -> None:
    page = sign_in("claire")
    page.goto(notes["request"])
    wait_for_check(page)
    page.click("[name=do][value=submit]")
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    page.fill("#field-purpose", "Décrire l'évolution hebdomadaire du recours aux urgences pendant la pandémie.")
    page.fill("#field-recipient", "Comité scientifique du projet, puis publication dans une revue à comité de lecture.")
    page.fill(
        "#field-justification",
        "Effectifs agrégés par semaine, département et classe d'âge ; aucune case sous 11 passages ; les courbes "
        "reprennent ces mêmes effectifs, sans donnée individuelle.",
    )
    screenshot(page, "request")
    page.click("[name=do][value=submit]")
    expect(page.locator("[name=do][value=submit]")).to_have_count(0)
    page.close()


def decide(page: Page, decision: str, comment: str = "") -> None:
    page.check(f"#decision-{decision}")
    page.fill("#field-comment", comment)
    page.locator("#decide button[type=submit]").click()
    page.wait_for_load_state()


def test_7_two_checkers_decide_blind_and_the_lead_alone_downloads(
    platform: Platform, sign_in: SignIn, notes: dict[str, str], screenshot: Callable[[Page, str], None]
) -> None:
    review = notes["request"] + "/review"
    david, emma = sign_in("david"), sign_in("emma")
    david.goto(f"{platform.origin}/hub/review")
    expect(david.get_by_text("Passages hebdomadaires").first).to_be_visible()
    david.goto(review)
    deadline = time.monotonic() + LONG / 1000
    while david.locator("#decision-approve").count() == 0:
        assert time.monotonic() < deadline, david.inner_text("main")
        david.wait_for_timeout(1000)
        david.reload()
    screenshot(david, "review")
    decide(david, "reject")
    expect(david.locator("#problem-comment")).to_be_visible()
    decide(david, "approve", "Effectifs suffisants, figure cohérente avec le tableau.")
    expect(david.locator("#decision-approve")).to_have_count(0)

    emma.goto(review)
    assert "Effectifs suffisants" not in emma.content()
    claire = sign_in("claire")
    claire.goto(notes["request"])
    assert "Effectifs suffisants" not in claire.content()
    assert status_of(claire, notes["request"] + "/archive") == 409

    decide(emma, "approve", "Rien d'individuel.")
    expect(emma.locator("main")).to_contain_text("Effectifs suffisants")

    for person in ("alice", "david", "emma", "farid", "gaelle"):
        assert status_of(sign_in(person), notes["request"] + "/archive") in (403, 404)
    claire.goto(notes["request"])
    with claire.expect_download() as downloading:
        claire.locator("a[href$='/archive']").click()
    archive = zipfile.ZipFile(downloading.value.path())
    manifest = json.loads(archive.read("manifest.json"))
    names = {name for name in archive.namelist() if name.startswith("files/")}
    assert {name.rpartition("/")[2] for name in names} == {notes["csv"], notes["png"]}
    for file in manifest["files"]:
        assert sha256(archive.read(file["path"])).hexdigest() == file["sha256"]
    table = archive.read(next(name for name in names if name.endswith(".csv"))).decode()
    assert len(list(csv.reader(io.StringIO(table)))) > 100
    assert {decision["reviewer"] for decision in manifest["decisions"]} == {"david", "emma"}
    assert manifest["check"]["policy"]["thresholds"]["min_count"]["value"] == 11
    for page in (david, emma, claire):
        page.close()


def test_8_every_step_is_in_a_log_that_verifies(platform: Platform) -> None:
    verified = platform.command("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    listed = platform.command("audit", "tail", "-n", "500")
    assert listed.returncode == 0, listed.stderr
    assert "claire" in listed.stdout
    state = StateFolder(platform.state)
    log = AuditLog(open_database(state.database_url), state.key("audit"))
    happened = {event.action for event in log.tail(1000)}
    assert happened >= {"session.signed_in", "workspace.started", "workspace.probed", "egress.drafted",
                        "egress.submitted", "egress.checked", "egress.decided", "egress.concluded", "egress.released",
                        "egress.downloaded", "egress.refused"}  # fmt: skip
