"""A steward and an administrator take a record from a draft to the catalogue, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hdh_jupyter.catalogue.store import CatalogueStore
from hdh_jupyter.db import open_database
from hdh_jupyter.state import StateFolder

from .conftest import Platform, SignIn

pytestmark = pytest.mark.e2e

RECORD = "/hub/catalogue/records/oscour"


@pytest.fixture
def steward(platform: Platform, sign_in: SignIn) -> Page:
    """Return Farid's page, once he is a steward of OSCOUR."""
    admin = sign_in("gaelle", "en-GB")
    admin.goto(f"{platform.origin}/hub/catalogue/stewards")
    if admin.locator("tbody tr", has_text="oscour").count() == 0:
        admin.fill("#dataset", "oscour")
        admin.select_option("#person", "farid")
        admin.click("button[value=assign]")
        expect(admin.get_by_role("status")).to_be_visible()
    return sign_in("farid")


def test_a_record_from_draft_to_catalogue(
    platform: Platform, steward: Page, sign_in: SignIn, screenshot: Callable[[Page, str], None]
) -> None:
    admin = sign_in("gaelle", "en-GB")
    steward.goto(f"{platform.origin}/hub/catalogue")
    expect(steward.locator("tbody tr", has_text="OSCOUR")).to_have_count(1)
    screenshot(steward, "steward-records")
    steward.goto(platform.origin + RECORD)
    steward.click("button[value=start]")
    steward.wait_for_url("**/edit")
    screenshot(steward, "steward-form")

    steward.fill("[name=contact]", "oscour@example.org")
    steward.fill("[name=first_year]", "jadis")
    steward.click(".hdh-save button")
    expect(steward.locator("#problem-first_year")).to_be_visible()
    expect(steward.locator("[name=contact]")).to_have_value("oscour@example.org")
    steward.fill("[name=first_year]", "2004")
    sources = steward.locator("[data-field=sources] tbody tr")
    before = sources.count()
    steward.click("[data-field=sources] .hdh-add-row")
    expect(sources).to_have_count(before + 1)
    steward.click(".hdh-save button")
    expect(steward.get_by_role("status")).to_contain_text("enregistrée")

    steward.goto(platform.origin + RECORD)
    steward.click("button[value=send]")
    steward.goto(f"{platform.origin}{RECORD}/convention")
    access = steward.locator("#simplified_access")
    access.locator("summary").click()
    access.locator("[name='steps.step']").fill("Avis du CESREES")
    access.locator("[name='steps.delay']").fill("1 mois")
    access.locator("[name=needs_cesrees]").select_option("yes")
    access.locator("[name=reference_methodologies]").fill("MR-004")
    access.locator("button[value=propose]").click()
    pricing = steward.locator("#pricing")
    pricing.locator("summary").click()
    pricing.locator("[name=model]").select_option("free")
    pricing.locator("form [name=comment]").first.fill("Gratuit pour la recherche publique.")
    pricing.locator("button[value=propose]").click()
    expect(pricing).to_contain_text("à convenir")

    admin.goto(f"{platform.origin}{RECORD}/convention")
    admin.locator("#pricing button[value=accept]").click()
    expect(admin.locator("#pricing")).to_contain_text("Agreed")
    admin.evaluate("window.scrollTo(0, 0)")
    screenshot(admin, "steward-convention-en")
    steward.reload()
    steward.locator("#simplified_access").scroll_into_view_if_needed()
    screenshot(steward, "steward-convention")

    steward.goto(platform.origin + RECORD)
    steward.click("button[value=finish]")
    screenshot(steward, "steward-record")
    admin.goto(platform.origin + RECORD)
    admin.locator("summary", has_text="Publish").click()
    admin.fill("#reason-publish", "Contact and pricing")
    admin.click("button[value=publish]")
    expect(admin.get_by_role("status")).to_contain_text("workspaces see it")
    database = open_database(StateFolder(platform.state).database_url)
    newest = max(version.number for version in CatalogueStore(database).versions("oscour"))
    database.engine.dispose()
    admin.goto(f"{platform.origin}{RECORD}/versions?old={newest - 1}&new={newest}")
    expect(admin.locator(".hdh-diff")).to_contain_text("oscour@example.org")
    screenshot(admin, "steward-versions-en")
