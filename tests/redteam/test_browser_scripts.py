"""Scripts run in JupyterLab's page as if one had got in: what the policies around it still hold back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error

from hdh_jupyter.demo.people import OPEN_PROJECT

from .browser_pages import Lab, Watched, at_plain, at_platform, chromium
from .browser_scripts import SCRIPTS, Script
from .browser_sinks import sinking
from .clients import Server
from .conftest import Machine
from .model import Outcome, Outcomes

pytestmark = pytest.mark.redteam

COVERED = "document.elementFromPoint(9, 9)?.id === 'cover'"
RUN = "async () => {{ try {{ {body} }} catch (error) {{ return String(error) }} }}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def plain_lab(browser: Browser, plain: Server, plain_folder: Path) -> Lab:
    return at_plain(browser, plain, plain_folder / "home")


@pytest.fixture(scope="module")
def own_lab(browser: Browser, machine: Machine, workspace: Server) -> Lab:
    return at_platform(browser, machine, workspace, "alice", OPEN_PROJECT)


def evidence(lab: Lab) -> set[str]:
    """Run every script in one page, and tell which of them got anything."""
    succeeded = set()
    with sinking() as sink:
        watched = lab.open("lab")
        for one in SCRIPTS:
            if one.file:
                (lab.home / one.file).write_text("1")
            watched.page.bring_to_front()
            body = lab.filled(sink, one.body, one.mark)
            # A browser that is busy gives up the fetch of a script now and then.
            for _ in range(3 if one.file else 1):
                try:
                    if watched.frame.evaluate(RUN.format(body=body)) is True:
                        succeeded.add(one.mark)
                        break
                except Error:
                    pass  # the script ended its own page
                watched.page.wait_for_timeout(200)
        if watched.page.main_frame.evaluate(COVERED):
            succeeded.add("m899")
        if clipboard(watched).startswith("m894,"):
            succeeded.add("m894")
        found = watched.evidence(sink, 2)
        watched.page.close()
    return succeeded | found


def clipboard(watched: Watched) -> str:
    """Return what is in the clipboard of the person's computer."""
    watched.page.context.grant_permissions(["clipboard-read"])
    watched.page.bring_to_front()
    return str(watched.page.main_frame.evaluate("navigator.clipboard.readText().catch(String)"))


@pytest.fixture(scope="module")
def found(plain_lab: Lab, own_lab: Lab) -> tuple[set[str], set[str]]:
    return evidence(plain_lab), evidence(own_lab)


def outcome(found: set[str], one: Script) -> Outcome:
    got = one.mark in found
    return Outcome(got, "it works" if got else "held back")


@pytest.mark.parametrize("one", SCRIPTS, ids=lambda one: str(one.attack.number))
def test_script(one: Script, found: tuple[set[str], set[str]], outcomes: Outcomes) -> None:
    control = None if one.no_control else outcome(found[0], one)
    outcomes.judge(one.attack, control=control, here=outcome(found[1], one), no_control=one.no_control)
