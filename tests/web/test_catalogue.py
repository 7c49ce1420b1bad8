"""The stewards' pages: drafting, negotiating, publishing, and requests for access."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from hdh_jupyter.catalogue.drafting import Actor
from hdh_jupyter.catalogue.editing import FIELDS
from hdh_jupyter.catalogue.seed import seed
from hdh_jupyter.i18n import sentences
from hdh_jupyter.projects.model import Person, PlatformRole
from hdh_jupyter.web import FOLDER

from .conftest import Browser, Page, Platform

OSCOUR = "catalogue/records/oscour"
NEW = {
    "id": "cohorte_test",
    "name": "Cohorte test",
    "steward": "Université de Test",
    "kind": "cohorte",
    "summary": "Une cohorte faite pour essayer.",
    "contact": "contact@example.org",
    "regime": "simplified",
}


@pytest.fixture
def desk(platform: Platform) -> Platform:
    """Sven is the steward of oscour; stella is one of another dataset."""
    services = platform.services
    services.registry.add_person(Person("stella", "Stella Prat", roles=frozenset({PlatformRole.STEWARD})))
    seed(services.catalogue.store)
    services.catalogue.stewardship.assign("oscour", "sven", "ada")
    services.catalogue.stewardship.assign("elfe", "stella", "ada")
    return platform


def form_of(page: Page, selector: str = "#statement") -> dict[str, Any]:
    """Return what a browser would send of a form as it stands."""
    held: dict[str, Any] = {}
    for each in page.one(selector).select("input[name], select[name], textarea[name]"):
        if each.name == "textarea":
            value = each.get_text().removeprefix("\n")
        elif each.name == "select":
            chosen = each.select("option[selected]")
            value = chosen[0].get("value", "") if chosen else ""
        else:
            value = each.get("value", "")
        held.setdefault(each["name"], []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in held.items() if name != "_xsrf"}


async def act(browser: Browser, do: str, record: str = OSCOUR, **more: str) -> Page:
    return await browser.post(f"{record}/do", {"do": do, **more})


PAGES = ("", "/edit", "/tables", "/convention", "/versions", "/preview")

SEES_A_RECORD = {
    "00": ("sven", "oscour", True),
    "01": ("stella", "oscour", False),
    "02": ("sven", "elfe", False),
    "03": ("ada", "oscour", True),
    "04": ("lea", "oscour", False),
    "05": ("carl", "oscour", False),
    "06": ("sven", "no_such_record", False),
    "07": ("ada", "no_such_record", False),
}
"""Number -> person, record, whether its pages exist for them: sven is its steward, ada an administrator."""

SEES_A_PAGE = {
    "10": ("catalogue", {"sven", "stella", "ada"}),
    "11": ("catalogue/new", {"sven", "stella"}),
    "12": ("catalogue/requests", {"sven", "stella", "ada"}),
    "13": ("catalogue/stewards", {"ada"}),
}
"""Number -> page, for whom it exists."""


async def test_who_sees_what(desk: Platform) -> None:
    desk.services.catalogue.desk.start(Actor("sven", is_steward=True), "oscour")
    browsers = {name: await desk.browser(name) for name in ("sven", "stella", "ada", "lea", "carl")}
    for number, (person, record, sees) in SEES_A_RECORD.items():
        for page in PAGES:
            reply = await browsers[person].get(f"catalogue/records/{record}{page}", follow=False)
            assert reply.status == (200 if sees else 404), (number, page)
        for page in ("do", "edit", "tables", "convention", "signature"):
            form = {"theme": "pricing", "revision": "1"}
            reply = await browsers[person].post(f"catalogue/records/{record}/{page}", form, follow=False)
            assert (reply.status != 404) is sees, (number, page)
    for number, (page, allowed) in SEES_A_PAGE.items():
        for person, browser in browsers.items():
            reply = await browser.get(page, follow=False)
            assert reply.status == (200 if person in allowed else 404), (number, person)


async def test_a_steward_lists_their_own_records(desk: Platform) -> None:
    sven, ada = await desk.browser("sven"), await desk.browser("ada")
    page = await sven.get("catalogue")
    assert [row.select_one("a").get_text() for row in page.html.select("tbody tr")] == ["OSCOUR"]
    assert len((await ada.get("catalogue")).html.select("tbody tr")) == 31
    assert len((await ada.get("catalogue?q=elfe")).html.select("tbody tr")) == 1


async def test_a_record_goes_the_whole_way(desk: Platform) -> None:
    sven, ada = await desk.browser("sven"), await desk.browser("ada", language="en")
    form = form_of(await act(sven, "start"))
    edited = {**form, "contact": "oscour@example.org", "summary": "Passages aux urgences, chaque jour."}
    page = await sven.post(f"{OSCOUR}/edit", edited)
    assert "La fiche est enregistrée" in page.text
    await act(sven, "send")

    convention = await sven.get(f"{OSCOUR}/convention")
    proposal = {**form_of(convention, "#pricing .hdh-propose form"), "do": "propose"}
    refused = await sven.post(f"{OSCOUR}/convention", {**proposal, "model": "fee", "legal_basis": "CGV 2026"})
    assert refused.status == 422
    assert "Une redevance a au moins un montant." in refused.one("#pricing #problem-prices").get_text()
    assert form_of(refused, "#pricing .hdh-propose form")["legal_basis"] == "CGV 2026"
    page = await sven.post(f"{OSCOUR}/convention", {**proposal, "model": "free", "comment": "Comme avant."})
    assert "L’accord du Health Data Hub est attendu" in page.one("#pricing").get_text()

    page = await ada.get(f"{OSCOUR}/convention")
    page = await ada.post(f"{OSCOUR}/convention", {**form_of(page, "#pricing .hdh-accept"), "do": "accept"})
    assert "Agreed" in page.one("#pricing").get_text()
    assert "Comme avant." in page.text
    assert (await sven.get("catalogue")).text.count("3 thèmes à convenir") == 1

    assert (await act(sven, "publish", newest="1", reason="Trop tôt")).status == 409
    await act(sven, "finish")
    preview = await sven.get(f"{OSCOUR}/preview")
    assert preview.text.count("à convenir") == 3
    page = await act(ada, "publish", newest="1", reason="Contact et tarif")
    assert "The version is published" in page.text
    record = desk.services.catalogue.store.get("oscour")
    assert record.contact is not None
    assert (record.contact.value, record.contact.sources) == ("oscour@example.org", ("declaration",))
    assert record.convention.pricing is not None
    diff = await ada.get(f"{OSCOUR}/versions?old=1&new=2")
    rows = {row.th.get_text(): [cell.get_text() for cell in row.select("td")] for row in diff.html.select("tbody tr")}
    assert rows["Contact"] == ["", "oscour@example.org"]
    assert rows["Convention › Pricing › Model"] == ["", "Free"]
    assert rows["Summary" if "Summary" in rows else "Description"][1].endswith("chaque jour.")

    assert (await act(sven, "withdraw")).status == 400
    await act(sven, "withdraw", reason="Données en reprise")
    assert "oscour" not in {each.id for each in desk.services.catalogue.store.all()}
    assert "Données en reprise" in (await ada.get(OSCOUR)).text
    assert (await sven.get(f"{OSCOUR}/preview?version=1")).status == 200


async def test_a_new_record_needs_six_fields_and_keeps_what_was_typed(desk: Platform) -> None:
    sven = await desk.browser("sven")
    page = await sven.post("catalogue/new", {**NEW, "id": "Cohorte Test", "regime": "", "kind": ""})
    assert page.status == 422
    for name in ("id", "regime", "kind"):
        assert page.one(f"#problem-{name}").get_text()
    assert form_of(page)["summary"] == NEW["summary"]
    assert (await sven.post("catalogue/new", {**NEW, "id": "elfe"})).status == 409
    page = await sven.post("catalogue/new", NEW)
    assert "Le brouillon est créé" in page.text
    stella = await desk.browser("stella")
    assert (await stella.get("catalogue/records/cohorte_test", follow=False)).status == 404


async def test_the_later_of_two_savers_is_told_and_loses_nothing(desk: Platform) -> None:
    desk.services.catalogue.stewardship.assign("oscour", "stella", "ada")
    sven, stella = await desk.browser("sven"), await desk.browser("stella")
    form = form_of(await act(sven, "start"))
    other = form_of(await stella.get(f"{OSCOUR}/edit"))
    assert (
        "est enregistrée"
        in (await sven.post(f"{OSCOUR}/edit", {**form, "population": "Sven", "geography": "Sven"})).text
    )
    page = await stella.post(f"{OSCOUR}/edit", {**other, "population": "Stella", "frequency": "Stella"})
    assert page.status == 409
    assert "Sven Lind" in page.one("[role=alert]").get_text()
    held = form_of(page)
    assert (held["population"], held["geography"], held["frequency"]) == ("Stella", "Sven", "Stella")
    assert "Sven" in page.one("[data-field=population] .hdh-theirs").get_text()
    assert "est enregistrée" in (await stella.post(f"{OSCOUR}/edit", held)).text
    joined = await sven.post(f"{OSCOUR}/edit", {**form, "geography": "Sven", "granularity": "Ligne"})
    assert "une autre personne a changés" in joined.text
    now = form_of(joined)
    assert (now["population"], now["geography"], now["granularity"]) == ("Stella", "Sven", "Ligne")


async def test_tables_come_from_a_file(desk: Platform) -> None:
    sven = await desk.browser("sven")
    await act(sven, "start")
    schema = {"name": "rpu", "fields": [{"name": "age", "type": "integer", "description": "Âge"}, {"type": 3}]}
    address = f"{sven.hub_url}{OSCOUR}/tables"
    data = {"_xsrf": sven.session.cookies["_xsrf"]}
    sent = await sven.session.post(address, data=data, files={"file": ("rpu.json", json.dumps(schema))})
    page = Page(sent)
    assert page.status == 200
    assert "Entrées à corriger" in page.text
    assert page.one("details code").get_text() == "age"
    bad = Page(await sven.session.post(address, data=data, files={"file": ("x.json", "{")}))
    assert bad.status == 400
    [event] = [e for e in desk.services.audit.tail(20) if e.action == "catalogue.draft_saved"]
    table = Page(await sven.session.post(address, data=data, files={"file": ("rpu.csv", "nom;libellé\nsexe;Sexe\n")}))
    assert table.one("details code").get_text() == "sexe"
    assert (event.detail["file"], event.detail["fields"]) == ("rpu.json", ["tables"])


async def test_requests_are_answered_by_their_stewards(desk: Platform) -> None:
    requests = desk.services.catalogue.requests
    purpose = "Mesurer le recours aux urgences pendant les vagues de chaleur."
    first, second = requests.create("flu", "rosa", ["oscour", "elfe"], purpose)
    sven, stella, ada = [await desk.browser(name) for name in ("sven", "stella", "ada")]
    assert len((await sven.get("catalogue/requests")).html.select("article")) == 1
    assert len((await ada.get("catalogue/requests")).html.select("article")) == 2
    address = f"catalogue/requests/{first.id}"
    assert (await stella.post(address, {"do": "granted"}, follow=False)).status == 404
    assert (await sven.post(address, {"do": "refused", "comment": ""}, follow=False)).status == 400
    assert (
        "Envoyez le protocole" in (await sven.post(address, {"do": "answered", "comment": "Envoyez le protocole"})).text
    )
    assert (await sven.post(address, {"do": "granted", "comment": ""}, follow=False)).status == 303
    assert (await ada.post(address, {"do": "refused", "comment": "Non"}, follow=False)).status == 409
    assert {each.id: each.state.value for each in requests.of_project("flu")} == {
        first.id: "granted",
        second.id: "sent",
    }


async def test_administrators_attach_stewards(desk: Platform) -> None:
    ada = await desk.browser("ada")
    sent: Mapping[str, str] = {"do": "assign", "dataset": "pmsi", "person": "sven"}
    assert "est rattachée" in (await ada.post("catalogue/stewards", sent)).text
    assert (await ada.post("catalogue/stewards", sent, follow=False)).status == 409
    assert (await ada.post("catalogue/stewards", {**sent, "person": "lea"}, follow=False)).status == 409
    assert (await ada.post("catalogue/stewards", {**sent, "do": "remove"}, follow=False)).status == 303
    assert desk.services.catalogue.stewardship.datasets_of("sven") == ("oscour",)
    sven = await desk.browser("sven")
    assert (await sven.post("catalogue/stewards", sent, follow=False)).status == 404


def test_every_sentence_of_the_pages_exists() -> None:
    sources = [*FOLDER.glob("templates/catalogue*.html"), *FOLDER.glob("catalogue*.py"), FOLDER / "access_requests.py"]
    known = sentences("fr")
    for path in sources:
        for key in re.findall(
            r"""["'](catalogue\.(?:desk|record|request)\.[a-z_.]*[a-z_])["'](?!\s*~)""", path.read_text()
        ):
            assert key in known or f"{key}.many" in known, (path.name, key)


def test_every_field_has_its_words() -> None:
    known = sentences("fr")
    for field in (*FIELDS, *(column for each in FIELDS for column in each.columns)):
        assert f"catalogue.record.field.{field.name}" in known
        assert not field.has_help or f"catalogue.record.help.{field.name}" in known
        assert all(f"{field.words}{choice}" in known for choice in field.choices)
