"""The catalogue in the workspace, from a word to a line of code and to a request for access."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from hdh_jupyter.catalogue import snapshot
from hdh_jupyter.catalogue.convention import (
    Convention,
    ConventionStatus,
    Exclusivity,
    Price,
    Pricing,
    PricingModel,
    ScientificCredit,
    SimplifiedAccess,
    Step,
)
from hdh_jupyter.catalogue.facts import Certainty, Fact
from hdh_jupyter.catalogue.model import Dataset, Milestone
from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.catalogue.variables import CodeListVersion, Table, Variable
from hdh_jupyter.db import open_database
from hdh_jupyter.state import StateFolder

from .conftest import Platform, SignIn
from .inside import call, lab, run_inside
from .test_sealed_lab import EXPOSE, execute, leave
from .test_the_whole_way import LONG, open_notebook, open_workspace, show_panel

pytestmark = pytest.mark.e2e

Screenshot = Callable[[Page, str], None]
STEWARD = "Responsable de démonstration"
PURPOSE = "Décrire les recours aux urgences et les relier au registre de démonstration, sous notre autorisation."


def fact(value: str) -> Fact[str]:
    return Fact(value, Certainty.OFFICIAL, ("S1",))


def described(oscour: Dataset) -> Dataset:
    """The record of the granted data, with the columns that its files have."""
    columns = [
        Variable("day", "date", "Jour du passage", first_year=2020),
        Variable("department", "string", "Département de l'établissement", first_year=2020),
        Variable("age", "integer", "Âge au passage", unit="années", first_year=2020),
    ]
    return replace(oscour, tables=(Table("visits", "Passages", variables=tuple(columns)),))


def registry(oscour: Dataset) -> Dataset:
    """A fictitious record on which everything is agreed."""
    sexes = Variable(
        "SEXE",
        "string",
        "Sexe de la personne",
        first_year=2008,
        code_lists=(
            CodeListVersion((("1", "Homme"), ("2", "Femme"), ("9", "Non précisé")), date(2019, 1, 1)),
            CodeListVersion((("H", "Homme"), ("F", "Femme")), None, date(2018, 12, 31)),
        ),
    )
    stays = [Variable(f"DIAG_{n}", "string", f"Diagnostic associé n° {n}", first_year=2008 + n) for n in range(1, 9)]
    key = Variable("ID_PERSONNE", "string", "Identifiant pseudonymisé de la personne", first_year=2008)
    secret = Variable("REF_INTERNE", "string", "Référence interne introuvable", restricted=True)
    year = date.today().year
    return Dataset(
        id="registre_demo",
        name="Registre de démonstration (fictif)",
        steward=fact(STEWARD),
        kind=fact("registre"),
        membership=oscour.membership,
        access=replace(oscour.access, conditions=()),
        long_name=fact("Registre fictif qui montre une convention entière"),
        summary=fact("Une fiche fictive, dont tous les termes sont convenus."),
        population=fact("personnes fictives"),
        coverage=(
            Milestone("start", fact("2008")),
            Milestone("hdh_copy_start", fact("2019")),
        ),
        themes=("urgences", "registres"),
        tables=(
            Table("T_PERSONNE", "Personnes", variables=(key, sexes, secret), primary_key=("ID_PERSONNE",)),
            Table("T_SEJOUR", "Séjours", variables=(key, *stays)),
        ),
        convention=Convention(
            status=ConventionStatus.SIGNED,
            reference="CONV-DEMO-1",
            signed=date(year - 1, 1, 15),
            valid_until=date(year + 3, 1, 14),
            scientific_credit=ScientificCredit(
                citation=fact("Registre de démonstration, version 1"),
                doi=fact("10.5281/zenodo.0000000"),
                acknowledgement=fact("Les auteurs remercient l'équipe du registre."),
                authorship_rule=fact("ICMJE"),
            ),
            exclusivity=Exclusivity(
                "Équipe du registre", "études de survie", date(year - 1, 1, 1), date(year + 1, 12, 31), "thèse en cours"
            ),
            simplified_access=SimplifiedAccess(
                steps=(Step("Dépôt du projet"), Step("Avis du comité", "1 mois"), Step("Mise à disposition", "2 mois")),
                needs_cesrees=True,
                needs_cnil=False,
                reference_methodologies=("MR-004",),
                lead_time_days=90,
            ),
            pricing=Pricing(
                PricingModel.COST_RECOVERY, prices=(Price("Recherche publique", "0"), Price("Industrie", "12500"))
            ),
        ),
        sources=oscour.sources,
    )


@pytest.fixture(scope="module")
def page(platform: Platform, sign_in: SignIn) -> Iterator[Page]:
    page = sign_in("alice")
    page.add_init_script(EXPOSE)
    open_workspace(page, platform)
    lab(page).wait_for_function("() => window.jupyterapp !== undefined")
    show_panel(page, "hdh-catalogue")
    expect(lab(page).locator(".hdh-Catalogue-item").first).to_be_visible(timeout=LONG)
    yield page
    leave(page)


@pytest.fixture(scope="module", autouse=True)
def published(platform: Platform, page: Page) -> None:
    """Two records, published while the workspace runs and its panel is open."""
    state = StateFolder(platform.state)
    database = open_database(state.database_url)
    store = CatalogueStore(database)
    oscour = store.get("oscour")
    store.put(described(oscour), registry(oscour))
    assert snapshot.refresh(store, state.catalogue)
    database.engine.dispose()


@pytest.fixture
def inside(page: Page) -> Frame:
    """The frame, with the panel at its list and no word or condition."""
    frame = lab(page)
    if frame.get_by_role("button", name="Retour à la liste").first.is_visible():
        frame.get_by_role("button", name="Retour à la liste").first.click()
    for chip in reversed(frame.locator(".hdh-Chip").all()):
        chip.click()
    box(frame).fill("")
    expect(frame.locator(".hdh-Catalogue-count")).to_contain_text(re.compile(r"3\d bases"))
    return frame


def box(frame: Frame) -> Locator:
    return frame.get_by_label("Chercher dans le catalogue")


def open_record(frame: Frame, name: str, tab: str | None = None) -> Locator:
    box(frame).fill(f"{name} ")
    frame.locator(f".hdh-Catalogue-item[data-record='{name}']").click()
    record = frame.locator("#hdh-catalogue .hdh-Record")
    expect(record.get_by_role("tablist")).to_be_visible()
    if tab:
        record.get_by_role("tab", name=re.compile(tab)).click()
    return record


def test_a_publication_reaches_the_workspace_that_runs(inside: Frame) -> None:
    box(inside).fill("registre de démonstration")
    expect(inside.locator(".hdh-Catalogue-item[data-record='registre_demo']")).to_be_visible()


def test_words_suggest_while_they_are_typed_and_the_keyboard_takes_one(page: Page, inside: Frame) -> None:
    box(inside).press_sequentially("surve")
    suggestions = inside.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(suggestions.first).to_be_visible()
    expect(box(inside)).to_have_attribute("aria-expanded", "true")
    box(inside).press("ArrowDown")
    chosen = suggestions.first.inner_text()
    expect(box(inside)).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    box(inside).press("Enter")
    expect(box(inside)).to_have_value(f"{chosen} ")
    expect(suggestions).to_have_count(0)
    box(inside).press("ArrowDown")
    assert inside.evaluate("() => document.activeElement.classList.contains('hdh-Catalogue-item')")


def test_datasets_and_variables_are_in_one_list(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    box(inside).fill("sexe ")
    items = inside.locator(".hdh-Catalogue-item")
    variable = inside.locator("[data-variable='registre_demo/SEXE']")
    expect(variable).to_contain_text("Sexe de la personne")
    expect(variable).to_contain_text("T_PERSONNE")
    box(inside).fill("ID_PERSONNE")
    expect(items.first).to_have_attribute("data-variable", "registre_demo/ID_PERSONNE")
    expect(items.first).to_contain_text("dans 2 tables")
    box(inside).fill("diagnostic ")
    expect(inside.locator(".hdh-Catalogue-count")).to_contain_text("résultats")
    inside.get_by_role("group", name="Ce qui s'affiche").get_by_role("button", name=re.compile("Variables")).click()
    expect(inside.locator(".hdh-Catalogue-item:not(.hdh-mod-variable)")).to_have_count(0)
    expect(inside.locator(".hdh-Chip")).to_have_count(1)


def test_a_typing_error_and_too_many_words_are_said(inside: Frame) -> None:
    said = inside.locator(".hdh-Catalogue-message")
    box(inside).fill("registtre ")
    expect(said).to_contain_text("Résultats pour")
    box(inside).fill("registre introuvablement demonstration ")
    expect(said).to_contain_text("au moins la moitié")
    box(inside).fill("zzzzqqqq")
    expect(inside.locator(".hdh-Notice")).to_contain_text("Rien ne correspond")


def test_facets_count_what_the_list_has_and_chips_take_them_away(
    page: Page, inside: Frame, screenshot: Screenshot
) -> None:
    inside.locator(".hdh-Facets > summary").click()
    inside.locator(".hdh-Facet > summary", has_text="Régime d’accès").click()
    option = inside.locator(".hdh-Facet label", has_text="Données ouvertes")
    count = option.locator(".hdh-Facet-count").inner_text()
    option.click()
    expect(inside.locator(".hdh-Catalogue-count")).to_contain_text(re.compile(rf"^{count} base"))
    chip = inside.locator(".hdh-Chip", has_text="Données ouvertes")
    expect(chip).to_be_visible()
    screenshot(page, "catalogue-facets")
    chip.click()
    expect(inside.locator(".hdh-Catalogue-count")).to_contain_text("32 bases")
    inside.locator(".hdh-Facets > summary").click()


def test_a_restricted_variable_is_found_by_no_search(page: Page, inside: Frame) -> None:
    box(inside).fill("REF_INTERNE")
    expect(inside.locator(".hdh-Notice")).to_contain_text("Rien ne correspond")
    assert "REF_INTERNE" not in str(call(page, "hdh-catalogue/datasets/registre_demo/variables?table=T_PERSONNE"))
    found = run_inside(
        page,
        "import pathlib; print(any(b'REF_INTERNE' in p.read_bytes()"
        " for p in pathlib.Path('/catalogue').rglob('*') if p.is_file()))",
    )
    assert found.strip() == "False"


def test_a_record_says_all_conditions(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    record = open_record(inside, "registre_demo")
    expect(record.get_by_role("img", name=re.compile("Couverte depuis 2008"))).to_be_visible()
    expect(record).to_contain_text("Début de la copie du HDH")
    record.get_by_role("tab", name="Fiche").press("ArrowRight")
    expect(record.get_by_role("tab", name="Conditions")).to_be_focused()
    themes = record.locator(".hdh-Theme")
    expect(themes).to_have_count(4)
    expect(themes.nth(0)).to_contain_text("Les auteurs remercient")
    year = date.today().year
    expect(themes.nth(1)).to_contain_text(f"Exclusive aujourd’hui, et jusqu’au 31/12/{year + 1}")
    expect(themes.nth(2).locator("li")).to_contain_text(
        ["Dépôt du projet", "Avis du comité1 mois", "Mise à disposition"]
    )
    expect(themes.nth(3)).to_contain_text("12\u202f500\u00a0€")
    screenshot(page, "catalogue-conditions")
    inside.get_by_role("button", name="Retour à la liste").click()
    record = open_record(inside, "cepidc", "Conditions")
    expect(record.locator(".hdh-Theme .hdh-Badge.hdh-mod-open")).to_have_count(4)
    expect(record.locator(".hdh-Theme").first).to_contain_text("à convenir")


def test_code_lists_show_every_version(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    box(inside).fill("sursaud_cl_age_corona")
    inside.locator("[data-variable='sursaud_open/sursaud_cl_age_corona']").click()
    variable = inside.locator(".hdh-Variables li[data-variable='sursaud_cl_age_corona']")
    expect(variable).to_be_in_viewport()
    lists = variable.locator(".hdh-CodeList")
    expect(lists).to_have_count(2)
    expect(lists.first).to_contain_text("depuis le 4 novembre 2021")
    expect(lists.first).to_contain_text("aujourd'hui")
    expect(lists.first.locator("dd", has_text="5-14 ans")).to_be_visible()
    expect(lists.last.locator("dd").first).not_to_be_visible()
    lists.last.locator("summary").click()
    expect(lists.last.locator("dd", has_text="moins de 15 ans")).to_be_visible()
    screenshot(page, "catalogue-variables")


def test_the_citation_is_copied_inside(page: Page, inside: Frame) -> None:
    record = open_record(inside, "registre_demo", "Citer")
    expect(record.locator(".hdh-BibTeX")).to_contain_text("doi = {10.5281/zenodo.0000000}")
    record.get_by_role("button", name="Copier le BibTeX").click()
    expect(record).to_contain_text("Copié.")
    inside.get_by_role("button", name="Retour à la liste").click()
    box(inside).focus()
    page.keyboard.press("Control+v")
    expect(box(inside)).to_have_value(re.compile("@misc"))


def test_code_is_inserted_for_chosen_variables_and_dragged(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    show_panel(page, "filebrowser")
    lab(page).locator("#filebrowser .jp-BreadCrumbs-home").click()
    open_notebook(page, "demarrer-python.ipynb", "Démarrer en Python")
    show_panel(page, "hdh-catalogue")
    expect(inside.locator(".hdh-UsedHere")).to_contain_text("OSCOUR")
    screenshot(page, "catalogue-list")
    record = open_record(inside, "oscour", "Variables")
    expect(record.locator(".hdh-Record-usable")).to_contain_text("Accordée à ce projet jusqu")
    record.get_by_label("Choisir day").check()
    record.get_by_label("Choisir department").check()
    record.get_by_role("button", name="Insérer le code pour 2 variables").click()
    cells = inside.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")
    expect(cells.filter(has_text='columns=["day", "department"]')).to_have_count(1)
    cell = inside.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell.jp-mod-active .cm-content")
    cell.fill("passages[[]]")
    drag(page, record.locator("code", has_text="age"), cell)
    expect(cell).to_contain_text('"age"')
    before = cells.count()
    record.get_by_role("button", name="Lire toutes les variables").click()
    button = record.get_by_role("button", name="Insérer le code")
    drag(page, button, inside.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownCell").first)
    expect(cells.filter(has_text="/data/oscour/visits.parquet")).not_to_have_count(0)
    assert cells.count() == before + 1
    screenshot(page, "catalogue-code")


def drag(page: Page, source: Locator, target: Locator) -> None:
    target.scroll_into_view_if_needed()
    source.scroll_into_view_if_needed()
    start, end = source.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 4, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 20)
    # The code comes from the server before the drag begins.
    page.wait_for_timeout(800)
    page.mouse.move(end["x"] + end["width"] / 3, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()


def test_access_is_requested_once_per_steward(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    for name in ("registre_demo", "cepidc", "sos_medecins"):
        record = open_record(inside, name)
        record.get_by_role("button", name="Demander l'accès").click()
        expect(record.get_by_role("button", name="Dans le panier")).to_be_visible()
        inside.get_by_role("button", name="Retour à la liste").click()
    inside.get_by_role("button", name="Demandes (3)").click()
    basket = inside.locator(".hdh-Basket")
    expect(basket.locator(".hdh-Basket-steward")).to_have_count(3)
    send = basket.get_by_role("button", name="Envoyer 3 demandes")
    expect(send).to_be_disabled()
    basket.get_by_label("Pourquoi le projet en a-t-il besoin").fill(PURPOSE)
    screenshot(page, "catalogue-request")
    send.click()
    expect(basket.get_by_role("status")).to_contain_text("3 demandes sont envoyées")
    expect(basket.locator(".hdh-Basket-requests > li")).to_have_count(3)
    expect(basket.locator(".hdh-Basket-requests")).to_contain_text("en attente de réponse")


def test_the_matrix_leads_to_variables(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    inside.get_by_role("button", name="Par thème").click()
    grid = inside.get_by_role("grid", name="Thèmes par bases")
    expect(grid).to_be_visible()
    expect(grid.locator("tbody tr")).not_to_have_count(0)
    screenshot(page, "catalogue-matrix")
    cell = grid.locator(".hdh-Matrix-cell", has_text=re.compile(r"^\d+$")).first
    count = int(cell.inner_text())
    cell.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    expect(inside.locator(".hdh-Chip")).to_have_count(1)
    expect(inside.locator(".hdh-Catalogue-item.hdh-mod-variable")).to_have_count(count)


def test_a_record_has_a_tab_of_its_own_in_the_dark_too(page: Page, inside: Frame, screenshot: Screenshot) -> None:
    record = open_record(inside, "registre_demo", "Conditions")
    record.get_by_role("button", name="Ouvrir dans un onglet à part").click()
    wide = inside.locator(".hdh-CatalogueMain .hdh-Record")
    expect(wide.locator(".hdh-Theme")).to_have_count(4)
    screenshot(page, "catalogue-record")
    execute(inside, "apputils:change-theme", theme="JupyterLab Dark")
    expect(inside.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.wait_for_timeout(500)
    screenshot(page, "catalogue-dark")
    execute(inside, "apputils:change-theme", theme="JupyterLab Light")
    expect(inside.locator("body")).to_have_attribute("data-jp-theme-light", "true")


def test_it_speaks_english(platform: Platform, sign_in: SignIn, screenshot: Screenshot) -> None:
    page = sign_in("claire", "en-GB")
    page.goto(f"{platform.origin}/hub/spawn/prj-urgences-covid")
    page.wait_for_url("**/hub/workspace/**", timeout=LONG)
    lab(page).wait_for_selector("#filebrowser", state="attached", timeout=LONG)
    show_panel(page, "hdh-catalogue")
    frame = lab(page)
    frame.get_by_label("Search the catalogue").fill("registre ")
    frame.locator(".hdh-Catalogue-item[data-record='registre_demo']").click()
    frame.get_by_role("tab", name="Conditions").click()
    expect(frame.locator(".hdh-Theme").nth(3)).to_contain_text("12,500\u00a0€")
    expect(frame.locator(".hdh-Theme").nth(1)).to_contain_text("Exclusive today, and until")
    screenshot(page, "catalogue-english")
    page.close()
