"""Files of kinds that no browser shows: checked, shown to whoever decides, and released."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Platform, SignIn
from .inside import lab, run_inside

pytestmark = pytest.mark.e2e

LONG = 120_000
MAKE = """
import os, pandas as pd, matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
os.makedirs("results", exist_ok=True)
names = [f"2024-S{n:02}" for n in range(1, 13)]
weeks = pd.DataFrame({"semaine": names, "passages": [1200 + 35 * n for n in range(12)]})
weeks.to_excel("results/passages.xlsx", index=False, engine="xlsxwriter", sheet_name="Passages")
weeks.to_parquet("results/passages.parquet")
figure, axes = plt.subplots(figsize=(6, 3.5))
axes.bar(weeks.semaine, weeks.passages)
axes.set_title("Passages aux urgences par semaine, 2024")
axes.tick_params(axis="x", rotation=60)
figure.tight_layout()
figure.savefig("results/passages.pdf")
lines = "".join(f"| {row.semaine} | {row.passages} |\\n" for row in weeks.itertuples())
open("results/note.md", "w").write("# Passages\\n\\n| semaine | passages |\\n|---|---|\\n" + lines)
print("made")
"""


@pytest.fixture(scope="module")
def draft(platform: Platform, sign_in: SignIn) -> str:
    """The address of a draft with a workbook, a Parquet file, a PDF and a note."""
    page = sign_in("claire")
    page.goto(f"{platform.origin}/hub/spawn/prj-urgences-covid")
    page.wait_for_url("**/hub/workspace/**", timeout=LONG)
    lab(page).wait_for_selector("#filebrowser", state="attached", timeout=LONG)
    assert "made" in run_inside(page, MAKE)
    lab(page).locator(".jp-DirListing-item", has_text="results").dblclick()
    lab(page).locator(".jp-DirListing-item", has_text="passages.xlsx").click(button="right", timeout=LONG)
    lab(page).locator(".lm-Menu-item", has_text="Demander l'extraction").click()
    lab(page).locator(".hdh-AddFiles summary").click()
    for name in ("passages.pdf", "note.md", "passages.parquet"):
        lab(page).get_by_label(re.compile(f"Ajouter .*{re.escape(name)}")).click()
    expect(lab(page).locator(".hdh-Files progress")).to_have_count(0, timeout=LONG)
    expect(lab(page).locator(".hdh-File .hdh-Badge.hdh-mod-block")).to_have_count(0)
    lab(page).get_by_label("Titre de la demande").fill("Passages hebdomadaires, tous formats")
    lab(page).get_by_role("button", name="Préparer le brouillon").click()
    address = lab(page).locator(".hdh-Prepared-address code")
    expect(address).to_be_visible(timeout=LONG)
    return address.inner_text()


def wait_for_check(page: Page) -> None:
    for _ in range(60):
        if not page.get_by_text(re.compile("Contrôle en (cours|attente)|attend son tour", re.IGNORECASE)).count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError(page.inner_text("main"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("passages.xlsx", "2024-S07"),
        ("passages.parquet", "2024-S07"),
        ("note.md", "2024-S07"),
    ],
)
def test_a_member_sees_the_tables_of_a_file(sign_in: SignIn, draft: str, name: str, shown: str) -> None:
    page = sign_in("claire")
    page.goto(draft)
    wait_for_check(page)
    page.locator(".hdh-files a", has_text=name).click()
    expect(page.locator(".hdh-part table").first).to_contain_text(shown)


def test_a_member_sees_the_pages_of_a_pdf(sign_in: SignIn, draft: str, screenshot: Callable[[Page, str], None]) -> None:
    page = sign_in("claire")
    page.goto(draft)
    wait_for_check(page)
    page.locator(".hdh-files a", has_text="passages.pdf").click()
    picture = page.locator(".hdh-part img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 300
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    screenshot(page, "formats")
