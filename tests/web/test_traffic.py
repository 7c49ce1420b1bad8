"""The pages about traffic: what they show, who may see them, ask and decide."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime
from typing import Any

import pytest
from jupyterhub import orm, roles

from hdh_jupyter.errors import PublicError
from hdh_jupyter.i18n import LANGUAGES, sentences
from hdh_jupyter.metering.budgets import MB, Budgets
from hdh_jupyter.metering.requests import RequestState
from hdh_jupyter.metering.usage import Counted, Flow
from hdh_jupyter.metering.window import BUCKET, bucket_of
from hdh_jupyter.web import FOLDER
from hdh_jupyter.web.traffic_chart import HEIGHT, HOURS, chart

from .conftest import Browser, Platform

WHY = "Comparer les cartes des cent départements."
EVERYBODY = ("nobody", "rosa", "lea", "ines", "carl", "otto", "sven", "ada")
HERE = "workspace/flu/traffic"


async def use(platform: Platform, size: int, person: str = "rosa", project: str = "flu", channel: str = "room") -> None:
    """Let bytes go to a person, as the gateway notes them."""
    now = time.time()
    meter = await asyncio.to_thread(platform.services.usage.meter, Budgets().limits, now)
    crossings = meter.charge(project, person, size, now) or ()
    counted = Counted({(bucket_of(now), Flow(project, person, channel, "out")): size}, crossings)
    await asyncio.to_thread(platform.services.usage.keep, counted)


async def statuses(platform: Platform, act: Any) -> dict[str, int]:
    found = {}
    for name in EVERYBODY:
        browser = platform.visitor() if name == "nobody" else await platform.browser(name)
        if name == "nobody":
            await browser.get("login")
        found[name] = (await act(browser)).status
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(HERE, (302, 200, 200, 200, 404, 404, 404, 404), id="00 own figures"),
        pytest.param("workspace/none/traffic", (302, *[404] * 7), id="01 of no project"),
        pytest.param("platform", (302, 404, 404, 404, 404, 404, 404, 200), id="02 the platform"),
        pytest.param("metrics", (403, *[403] * 7), id="03 metrics"),
        pytest.param("api/metrics", (403, *[403] * 7), id="04 metrics of the API"),
    ],
)
async def test_who_may_see(platform: Platform, path: str, expected: tuple[int, ...]) -> None:
    found = await statuses(platform, lambda browser: browser.get(path, follow=False))
    assert found == dict(zip(EVERYBODY, expected, strict=True))


async def test_who_may_ask(platform: Platform) -> None:
    found = await statuses(platform, lambda browser: browser.post(HERE, {"reason": WHY}, follow=False))
    assert found == dict(zip(EVERYBODY, (403, 303, 303, 303, 404, 404, 404, 404), strict=True))


@pytest.mark.parametrize("do", ["grant", "refuse", "undo"])
async def test_who_may_decide(platform: Platform, do: str) -> None:
    desk = platform.services.traffic_requests
    asked = desk.ask("flu", "rosa", WHY)
    if do == "undo":
        desk.grant(asked.id, "someone", MB)
    form = {"do": do, "amount": 100, "comment": "Vu."}
    path = f"platform/requests/{asked.id}"

    async def act(browser: Browser) -> Any:
        return await browser.post(path, form, follow=False)

    found = await statuses(platform, act)
    assert found == dict(zip(EVERYBODY, (403, 404, 404, 404, 404, 404, 404, 303), strict=True))
    state = {"grant": RequestState.GRANTED, "refuse": RequestState.REFUSED, "undo": RequestState.PENDING}[do]
    assert desk.of("flu", "rosa")[0].state is state
    [*_, event] = platform.services.audit.tail(20)
    assert (event.actor, event.project, event.subject) == ("ada", "flu", str(asked.id))


async def test_an_administrator_does_not_decide_on_their_own_request(platform: Platform) -> None:
    asked = platform.services.traffic_requests.ask("flu", "ada", WHY)
    ada = await platform.browser("ada")
    page = await ada.get("platform")
    assert "Personne ne décide de sa propre demande" in page.text
    assert not page.html.select(f"form[action$='requests/{asked.id}']")
    reply = await ada.post(f"platform/requests/{asked.id}", {"do": "grant", "amount": 100, "comment": ""})
    assert reply.status == 403
    assert platform.services.traffic_requests.of("flu", "ada")[0].state is RequestState.PENDING


@pytest.mark.parametrize(
    ("case", "form", "status"),
    [
        ("00", {"do": "grant", "amount": "0"}, 400),
        ("01", {"do": "grant", "amount": "-5"}, 400),
        ("02", {"do": "grant", "amount": "100001"}, 400),
        ("03", {"do": "grant"}, 400),
        ("04", {"do": "refuse", "comment": "  "}, 400),
        ("05", {"do": "undo"}, 409),
        ("06", {"do": "release"}, 400),
        ("07", {}, 400),
    ],
)
async def test_a_bad_form_changes_nothing(platform: Platform, case: str, form: dict[str, str], status: int) -> None:
    asked = platform.services.traffic_requests.ask("flu", "rosa", WHY)
    page = await (await platform.browser("ada")).post(f"platform/requests/{asked.id}", form)
    assert page.status == status
    assert page.one(".alert-danger").get_text(strip=True)
    assert platform.services.traffic_requests.of("flu", "rosa")[0].state is RequestState.PENDING


async def test_nobody_decides_from_another_site(platform: Platform) -> None:
    asked = platform.services.traffic_requests.ask("flu", "rosa", WHY)
    ada = await platform.browser("ada")
    form = {"do": "grant", "amount": 100}
    assert (await ada.post(f"platform/requests/{asked.id}", form, xsrf=False)).status == 403
    evil = await ada.post(f"platform/requests/{asked.id}", form, Origin="http://prj-flu.hdh.localhost:8000")
    assert evil.status == 403
    assert platform.services.traffic_requests.pending() != ()


async def test_a_member_sees_their_own_figures_alone(platform: Platform) -> None:
    await use(platform, 40 * MB)
    await use(platform, 2 * MB, channel="terminal")
    await use(platform, 77 * MB, "lea")
    page = await (await platform.browser("rosa")).get(HERE)
    assert "42,0 Mo sur 200 Mo" in page.text
    assert "119 Mo sur 4,0 Go" in page.text
    assert "Documents partagés 40,0 Mo Terminaux 2,0 Mo" in page.text
    assert "77" not in page.text
    assert "Normal" in page.text
    assert any("42,0 Mo" in title.get_text() for title in page.html.select("svg title"))


async def test_an_empty_day_says_so(platform: Platform) -> None:
    page = await (await platform.browser("rosa", "en")).get(HERE)
    assert "Nothing was displayed in the last 24 hours" in page.text
    assert "You have not asked for anything." in page.text
    page = await (await platform.browser("ada", "en")).get("platform")
    for empty in ("No request is waiting", "No workspace is open", "Nothing was displayed today", "No limit was"):
        assert empty in page.text


async def test_a_request_goes_from_the_member_to_the_administrator_and_back(platform: Platform) -> None:
    await use(platform, 230 * MB)
    rosa, ada = await platform.browser("rosa"), await platform.browser("ada")
    page = await rosa.get(HERE)
    assert "Le volume permis par heure est atteint" in page.text
    assert "Interrompu" in page.text

    page = await rosa.post(HERE, {"reason": "court"})
    assert page.status == 400
    assert page.one("textarea").get_text().strip() == "court"
    page = await rosa.post(HERE, {"reason": f"<b>{WHY}</b>"})
    assert "Votre demande est envoyée" in page.text
    assert not page.html.select("textarea")
    assert (await rosa.post(HERE, {"reason": WHY})).status == 409

    page = await ada.get("platform")
    assert f"<b>{WHY}</b>" in page.text
    assert "Limite par heure atteinte (200 Mo), affichage interrompu — Rosa Marin" in page.text
    assert "230 Mo sur 200 Mo" in page.text
    number = platform.services.traffic_requests.pending()[0].id
    page = await ada.post(f"platform/requests/{number}", {"do": "grant", "amount": 100, "comment": "Une fois."})
    assert "Le volume est accordé jusqu'à minuit." in page.text
    assert "Annuler l'accord" in page.text

    page = await rosa.get(HERE)
    assert "230 Mo sur 300 Mo" in page.text
    assert "100 Mo de plus" in page.text
    assert "Une fois." in page.text
    await use(platform, MB)
    assert "Annuler l'accord" not in (await ada.get("platform")).text
    assert (await ada.post(f"platform/requests/{number}", {"do": "undo"})).status == 409


async def test_running_workspaces_are_shown_with_their_newest_probe(platform: Platform) -> None:
    audit = platform.services.audit
    audit.append("workspace.probed", actor="system", project="flu", detail={"passed": True, "checks": 18})
    failures = ["tcp", "dns"]
    audit.append("workspace.probed", actor="system", project="asthma", detail={"passed": False, "failures": failures})
    ada = await platform.browser("ada")
    await (await platform.browser("rosa")).get("spawn/prj-flu", follow=False)
    page = await ada.get("platform")
    assert "Grippe et urgences flu" in page.text
    assert "Étanche 18 contrôles" in page.text
    assert "tcp" not in page.text
    audit.append("workspace.probed", actor="system", project="flu", detail={"passed": False, "failures": failures})
    assert "Non étanche tcp, dns" in (await ada.get("platform")).text


async def test_administrators_alone_find_the_page_in_the_header(platform: Platform) -> None:
    for name, there in (("ada", True), ("rosa", False), ("carl", False)):
        page = await (await platform.browser(name)).get("home")
        assert bool(page.html.select("header a[href$='/platform']")) == there


async def test_prometheus_reads_the_traffic_beside_the_hubs_own_figures(platform: Platform) -> None:
    await use(platform, 40 * MB)
    platform.services.traffic_requests.ask("flu", "rosa", WHY)
    # As docs/admins/guide.md has it: a service with a token and the one scope.
    database = platform.hub.db
    service = orm.Service(name="prometheus")
    database.add(service)
    database.commit()
    roles.create_role(database, {"name": "prometheus", "scopes": ["read:metrics"]})
    roles.grant_role(database, service, "prometheus")
    token = service.new_api_token(roles=["prometheus"])
    assert (await platform.visitor().get("metrics", Authorization="token wrong")).status == 403
    source = (await platform.visitor().get("metrics", Authorization=f"token {token}")).source
    assert 'hdh_traffic_bytes_total{channel="room",direction="out",person="rosa",project="flu"} 4e+07' in source
    assert 'hdh_traffic_used_bytes{person="rosa",project="flu",window="hour"} 4e+07' in source
    assert "hdh_traffic_requests_pending 1.0" in source
    assert "jupyterhub_running_servers" in source


def test_the_chart_holds_every_hour_and_all_of_the_figures() -> None:
    now = datetime(2026, 5, 12, 15, 40).astimezone()
    last = bucket_of(now.timestamp())
    history = {(last, "room"): 30 * MB, (last, "kernel"): 5 * MB, (last - 12 * 23, "room"): 1, (last - 288, "x"): MB}
    drawn = chart(history, now)
    assert len(drawn.bars) == HOURS
    assert drawn.top == 50 * MB
    assert (drawn.bars[-1].size, drawn.bars[-1].label) == (35 * MB, "15:00")
    assert drawn.bars[-1].height == HEIGHT * 35 // 50
    assert (drawn.bars[0].size, drawn.bars[0].height) == (1, 2)
    assert sum(bar.size for bar in drawn.bars) == 35 * MB + 1
    assert BUCKET * 12 == 3600
    assert chart({}, now).top == MB


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_pages_is_there(language: str) -> None:
    known = sentences(language)
    for name in ("traffic.html", "platform.html", "traffic_pieces.html"):
        source = (FOLDER / "templates" / name).read_text("utf-8")
        for key in re.findall(r"""["'](metering\.[a-z_.]*[a-z_])["'](?!\s*~)""", source):
            assert key in known or f"{key}.many" in known, key
    built = {
        "metering.channel.": ("contents", "kernel", "room", "terminal", "events", "data"),
        "metering.window.": ("hour", "day", "project_day"),
        "metering.state.": ("ok", "warning", "cut"),
        "metering.request.": [state.value for state in RequestState],
        "metering.notice.": ("granted", "refused", "undone"),
    }
    assert not [start + end for start, ends in built.items() for end in ends if start + end not in known]


def test_an_error_of_the_desk_reads_in_both_languages() -> None:
    error = PublicError("metering.bad_amount", 400, least=1, most=10)
    assert error.message("fr") == "Accordez de 1 à 10 Mo."
    assert error.message("en") == "Grant 1 to 10 MB."
