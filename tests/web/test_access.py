"""Who gets which page: numbered decision tables against a real hub."""

from __future__ import annotations

import pytest

from .conftest import CASE, Platform

SIGN_IN = 302


async def _ids(platform: Platform, path: str) -> dict[str, int]:
    """Make the request that a path names."""
    made = {"draft": platform.checked, "submitted": platform.submitted, "released": platform.released}
    return {name: (await make()).id for name, make in made.items() if f"{{{name}}}" in path}


EVERYBODY = ("nobody", "rosa", "lea", "ines", "carl", "otto", "sven", "ada")
PAGES = {
    "00 home": ("home", (SIGN_IN, 200, 200, 200, 200, 200, 200, 200)),
    "01 a project's requests": ("projects/flu/egress", (SIGN_IN, 200, 200, 200, 404, 404, 404, 404)),
    "02 requests of no project": ("projects/none/egress", (SIGN_IN, 404, 404, 404, 404, 404, 404, 404)),
    "03 a draft": ("egress/{draft}", (SIGN_IN, 200, 200, 200, 404, 404, 404, 404)),
    "04 a draft, for review": ("egress/{draft}/review", (SIGN_IN, 303, 303, 303, 404, 404, 404, 404)),
    "05 a submitted request": ("egress/{submitted}", (SIGN_IN, 200, 200, 200, 303, 404, 404, 404)),
    "06 a submitted request, for review": ("egress/{submitted}/review", (SIGN_IN, 303, 303, 303, 200, 404, 404, 404)),
    "07 the check of a draft": ("egress/{draft}/check", (SIGN_IN, 200, 200, 200, 404, 404, 404, 404)),
    "08 the archive of a draft": ("egress/{draft}/archive", (SIGN_IN, 409, 409, 409, 404, 404, 404, 404)),
    "09 the archive of a submitted request": (
        "egress/{submitted}/archive",
        (SIGN_IN, 409, 409, 409, 409, 404, 404, 404),
    ),
    "10 the archive of a released request": ("egress/{released}/archive", (SIGN_IN, 403, 200, 403, 403, 404, 404, 404)),
    "11 no such request": ("egress/999999", (SIGN_IN, 404, 404, 404, 404, 404, 404, 404)),
    "12 the checkers' queue": ("review", (SIGN_IN, 404, 404, 200, 200, 404, 404, 404)),
    "13 opening the project's workspace": ("spawn/prj-flu", (SIGN_IN, 302, 302, 302, 403, 404, 403, 403)),
    "14 opening a closed project's workspace": ("spawn/prj-old", (SIGN_IN, 404, 404, 404, 403, 404, 403, 403)),
    "15 a server of one's own": ("spawn/{name}", (SIGN_IN, 404, 404, 404, 403, 404, 403, 403)),
    "16 tokens of one's own": ("token", (404,) * 8),
    "17 the hub's administration": ("admin", (404,) * 8),
}


@pytest.mark.parametrize(("path", "expected"), PAGES.values(), ids=PAGES.keys())
async def test_who_may_open_a_page(platform: Platform, path: str, expected: tuple[int, ...]) -> None:
    ids = await _ids(platform, path)
    found = []
    for name in EVERYBODY:
        browser = platform.visitor() if name == "nobody" else await platform.browser(name)
        found.append((await browser.get(path.format(name=name, **ids), follow=False)).status)

    assert dict(zip(EVERYBODY, found, strict=True)) == dict(zip(EVERYBODY, expected, strict=True))


FORMS = {
    "00 save, draft": ("egress/{draft}", {"do": "save", **CASE}, (403, 403, 303, 403, 404, 404)),
    "01 title alone, draft": ("egress/{draft}", {"do": "save", "title": "Autre"}, (403, 303, 303, 403, 404, 404)),
    "02 submit, draft": ("egress/{draft}", {"do": "submit", "turn": 0, **CASE}, (403, 403, 303, 403, 404, 404)),
    "03 withdraw, draft": ("egress/{draft}", {"do": "withdraw"}, (403, 303, 303, 403, 404, 404)),
    "04 withdraw, submitted": ("egress/{submitted}", {"do": "withdraw"}, (403, 403, 303, 403, 403, 404)),
    "05 remove the last file": ("egress/{draft}", {"do": "remove", "file": 0}, (403, 409, 409, 403, 404, 404)),
    "06 recheck what is checked": ("egress/{draft}", {"do": "recheck"}, (403, 409, 409, 403, 404, 404)),
    "07 approve": (
        "egress/{submitted}/review",
        {"decision": "approve", "comment": "", "turn": 1},
        (403, 403, 403, 403, 303, 404),
    ),
    "08 approve a draft": (
        "egress/{draft}/review",
        {"decision": "approve", "comment": "", "turn": 0},
        (403, 403, 403, 403, 404, 404),
    ),
    "09 close the workspace": ("projects/flu/close", {}, (403, 303, 303, 303, 404, 404)),
    "10 nothing that a page sends": ("egress/{draft}", {"do": "release"}, (403, 400, 400, 400, 400, 400)),
}


@pytest.mark.parametrize(("path", "form", "expected"), FORMS.values(), ids=FORMS.keys())
async def test_who_may_send_a_form(
    platform: Platform, path: str, form: dict[str, object], expected: tuple[int, ...]
) -> None:
    names = ("nobody", "rosa", "lea", "ines", "carl", "otto")
    found = []
    for name in names:
        ids = await _ids(platform, path)
        if name == "nobody":
            browser = platform.visitor()
            await browser.get("login")
        else:
            browser = await platform.browser(name)
        found.append((await browser.post(path.format(**ids), form, follow=False)).status)

    assert dict(zip(names, found, strict=True)) == dict(zip(names, expected, strict=True))


@pytest.mark.parametrize(
    ("path", "form"),
    [
        pytest.param("egress/{id}", {"do": "save", **CASE}, id="00 save"),
        pytest.param("egress/{id}", {"do": "submit", "turn": 0, **CASE}, id="01 submit"),
        pytest.param("egress/{id}", {"do": "withdraw"}, id="02 withdraw"),
        pytest.param("egress/{id}", {"do": "remove", "file": 0}, id="03 remove"),
        pytest.param("egress/{id}/review", {"decision": "approve", "turn": 1}, id="04 decide"),
        pytest.param("projects/flu/close", {}, id="05 close the workspace"),
    ],
)
async def test_a_form_of_another_site_is_refused(platform: Platform, path: str, form: dict[str, object]) -> None:
    request = await platform.checked()
    lead = await platform.browser("lea")

    reply = await lead.post(path.format(id=request.id), form, xsrf=False, follow=False)

    assert reply.status == 403
    assert platform.services.egress.request(request.id, "lea") == request


@pytest.mark.parametrize("origin", ["http://prj-flu.hdh.localhost:8000", "http://127.0.0.1:1", "null"])
async def test_the_right_token_is_not_enough_for_another_origin(platform: Platform, origin: str) -> None:
    request = await platform.checked()
    lead = await platform.browser("lea")
    path = f"egress/{request.id}"

    assert (await lead.post(path, {"do": "withdraw"}, follow=False, Origin=origin)).status == 403
    assert platform.services.egress.request(request.id, "lea") == request
    await lead.get("home")
    own = lead.hub_url.partition("/@/")[0]
    assert (await lead.post(path, {"do": "withdraw"}, follow=False, Origin=own)).status == 303
