"""Cookies set for siblings and parents, and sign-ins that were begun or ended by somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Error

from hdh_jupyter.demo.people import OPEN_PROJECT

from .browser_outputs import HTML, Output, notebook
from .browser_pages import Lab, Watched, at_plain, at_platform, chromium
from .browser_sinks import Sink, sinking
from .clients import PATIENCE, Server, project_base
from .conftest import NEIGHBOUR, Machine
from .model import Attack, Outcome, Outcomes, Stands, attack
from .test_browser_output import opened

pytestmark = pytest.mark.redteam

PLANTED = attack(
    1101, "An output's script sets a cookie for every server of the host", Stands.PAGE, reference="RFC 6265, 8.6"
)
BOMB = attack(
    1102, "An output's script fills the cookies, so that no server takes them", Stands.PAGE, reference="cookie bomb"
)
SWAPPED = attack(
    1103,
    "An output's script replaces the person's session at the portal by another's",
    Stands.PAGE,
    reference="session fixation",
)
FORGED = attack(1110, "A sign-in ended with another person's code", Stands.STRANGER, reference="RFC 6749, 10.12")
REPLAYED = attack(1111, "A code used a second time", Stands.COOKIE, reference="RFC 6749, 10.5")
ELSEWHERE = attack(1112, "A sign-in that leads elsewhere afterwards", Stands.STRANGER, reference="open redirect")
CROSSED = attack(1113, "One project's cookie under the name of another's", Stands.COOKIE, reference="cookie tossing")
SIGNED_OUT = attack(1114, "Another page signs the person out by an image", Stands.STRANGER, reference="CSRF")
NO_PORTAL = "a plain JupyterLab has no portal and no sign-in of its own"

DOMAIN = "(/^prj-/.test(location.hostname) ? ';domain=' + location.hostname.replace(/^[^.]+[.]/, '') : '')"
PLANT = f"<script>document.cookie = 'm1101=1;path=/' + {DOMAIN}</script>"
FILL = (
    "<script>for (let i = 0; i < 60; i++)"
    f" document.cookie = 'm1102-' + i + '=' + 'x'.repeat(3000) + ';path=/' + {DOMAIN}</script>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def plain_lab(browser: Browser, plain: Server, plain_folder: Path) -> Lab:
    return at_plain(browser, plain, plain_folder / "home")


@pytest.fixture
def own_lab(browser: Browser, machine: Machine, workspace: Server) -> Lab:
    return at_platform(browser, machine, workspace, "alice", OPEN_PROJECT)


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with sinking() as sink:
        yield sink


def shown(lab: Lab, sink: Sink, attacked: Attack, script: str) -> Watched:
    """Open a notebook that was saved with a script."""
    one = Output(attacked, script, HTML)
    watched = opened(lab, f"{one.mark}.ipynb", notebook([one], lambda text, mark: text))
    watched.evidence(sink, 2)
    return watched


def planted(lab: Lab, sink: Sink) -> Outcome:
    shown(lab, sink, PLANTED, PLANT).page.close()
    got = any(cookie["name"] == "m1101" for cookie in lab.context.cookies())
    return Outcome(got, "the cookie is there" if got else "no cookie")


def bombed(lab: Lab, sink: Sink, address: str) -> Outcome:
    watched = shown(lab, sink, BOMB, FILL)
    try:
        reply = watched.page.goto(address)
        status = reply.status if reply else 0
    except Error:
        status = 0
    watched.page.close()
    return Outcome(status not in (200, 302), f"{status or 'refused'}")


def test_planting_a_cookie(plain_lab: Lab, own_lab: Lab, sink: Sink, outcomes: Outcomes) -> None:
    outcomes.judge(PLANTED, control=planted(plain_lab, sink), here=planted(own_lab, sink))


def test_filling_the_cookies(plain_lab: Lab, own_lab: Lab, machine: Machine, sink: Sink, outcomes: Outcomes) -> None:
    control = bombed(plain_lab, sink, f"{plain_lab.base}lab")
    outcomes.judge(BOMB, control=control, here=bombed(own_lab, sink, f"{machine.origin}/hub/home"))


def test_replacing_the_session(own_lab: Lab, machine: Machine, sink: Sink, outcomes: Outcomes) -> None:
    other = machine.session("david").cookies.get("jupyterhub-hub-login")
    script = f"<script>document.cookie = 'jupyterhub-hub-login={other};path=/' + {DOMAIN}</script>"
    watched = shown(own_lab, sink, SWAPPED, script)
    watched.page.goto(f"{machine.origin}/hub/home")
    swapped = "David" in watched.page.locator("body").inner_text()
    watched.page.close()
    here = Outcome(swapped, "acts as another" if swapped else "the person stays who they are")
    outcomes.judge(SWAPPED, control=None, here=here, no_control=NO_PORTAL)


def navigate(session: requests.Session, address: str, follow: bool = False) -> requests.Response:
    headers = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    return session.get(address, headers=headers, allow_redirects=follow, timeout=PATIENCE)


def begun(machine: Machine, session: requests.Session, project: str) -> str:
    """Begin to sign in to a workspace, and return the address with the code that would end it."""
    reply = navigate(session, f"{project_base(machine.origin, project)}/lab")
    reply = navigate(session, reply.headers["Location"])
    assert "oauth_callback" in reply.headers["Location"], reply.headers
    return reply.headers["Location"]


def signed_in(machine: Machine, session: requests.Session, project: str = OPEN_PROJECT) -> str:
    """Return as whom a session acts in a workspace, or nothing."""
    reply = Server(project_base(machine.origin, project), session).request("GET", "hdh/me")
    return str(reply.json()["name"]) if reply.status_code == 200 else ""


def test_ending_with_anothers_code(machine: Machine, workspace: Server, outcomes: Outcomes) -> None:
    address = begun(machine, machine.session("claire"), OPEN_PROJECT)
    victim = machine.session("alice")
    state = parse_qs(urlsplit(begun(machine, victim, OPEN_PROJECT)).query)["state"][0]
    for forged in (address, re.sub(r"state=[^&]+", f"state={state}", address)):
        navigate(victim, forged)
    name = signed_in(machine, victim)
    here = Outcome(bool(name), f"acts as {name}" if name else "nobody is signed in")
    outcomes.judge(FORGED, control=None, here=here, no_control=NO_PORTAL)


def test_using_a_code_twice(machine: Machine, workspace: Server, outcomes: Outcomes) -> None:
    session = machine.session("alice")
    address = begun(machine, session, OPEN_PROJECT)
    first = navigate(session, address)
    assert first.status_code == 302, first.text
    session.cookies.clear(domain=urlsplit(workspace.base).hostname)
    reply = navigate(session, address)
    here = Outcome(bool(signed_in(machine, session)), f"{reply.status_code}")
    outcomes.judge(REPLAYED, control=None, here=here, no_control=NO_PORTAL)


@pytest.fixture(scope="module")
def addresses() -> tuple[str, ...]:
    evil = "evil.localhost"
    return (
        f"//{evil}",
        f"/\\{evil}",
        f"///{evil}/x",
        f"http://{evil}",
        f"/%09/{evil}",
        f"\t//{evil}",
        f"http:{evil}",
        f"/hub/..//{evil}",
        f"/hub/login?next=//{evil}",
        f"/hub/home/../..//{evil}",
        f"/hub/%2f%2f{evil}",
    )


def test_a_sign_in_that_leads_elsewhere(
    machine: Machine, workspace: Server, addresses: tuple[str, ...], outcomes: Outcomes
) -> None:
    session = machine.session("alice")
    led = []
    for address in addresses:
        for where in (
            f"{machine.origin}/hub/login",
            f"{machine.origin}/hub/language/en",
            f"{workspace.base}/login",
            f"{machine.origin}/hub/spawn/prj-{OPEN_PROJECT}",
        ):
            reply = session.get(where, params={"next": address}, allow_redirects=False, timeout=PATIENCE)
            target = reply.headers.get("Location", "")
            host = urlsplit(target.replace("\\", "/").replace("\t", "")).hostname
            if host is not None and not host.endswith("hdh.localhost"):
                led.append(target)
    here = Outcome(bool(led), f"{len(led)} of {len(addresses)} addresses lead away")
    outcomes.judge(ELSEWHERE, control=None, here=here, no_control="a plain JupyterLab refuses these itself")


def test_a_cookie_under_anothers_name(
    machine: Machine, workspace: Server, neighbour: Server, outcomes: Outcomes
) -> None:
    own = {cookie.name: cookie.value or "" for cookie in workspace.session.cookies}
    session = requests.Session()
    host = urlsplit(neighbour.base).hostname or ""
    for name, value in own.items():
        renamed = name.replace(OPEN_PROJECT, NEIGHBOUR)
        session.cookies.set(renamed, value, domain=host, path="/")
        session.cookies.set(name, value, domain=host, path="/")
    reply = Server(neighbour.base, session).request("GET", "api/contents/secret.txt")
    here = Outcome(reply.status_code == 200, f"{reply.status_code}")
    outcomes.judge(CROSSED, control=None, here=here, no_control="a plain JupyterLab has no second project")


def test_signing_out_by_an_image(own_lab: Lab, machine: Machine, outcomes: Outcomes) -> None:
    elsewhere = own_lab.context.new_page()
    elsewhere.set_content(
        f"<img src='{own_lab.base}logout'><img src='{machine.origin}/hub/logout'>"
        f"<iframe src='{own_lab.base}logout'></iframe>"
    )
    elsewhere.wait_for_timeout(1500)
    elsewhere.close()
    page = own_lab.context.new_page()
    page.goto(f"{machine.origin}/hub/home")
    out = "/login" in page.url
    page.close()
    here = Outcome(out, "signed out" if out else "still signed in")
    outcomes.judge(SIGNED_OUT, control=None, here=here, no_control=NO_PORTAL)
