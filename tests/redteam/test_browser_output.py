"""A notebook with hostile outputs, trusted, opened by a colleague in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hdh_jupyter.demo.people import OPEN_PROJECT

from .browser_outputs import AWAY, DISPLAYED, OUTPUTS, Output, notebook, program
from .browser_pages import Lab, Watched, at_plain, at_platform, chromium, until
from .browser_sinks import sinking
from .clients import Server
from .conftest import Machine
from .model import Outcome, Outcomes

pytestmark = pytest.mark.redteam

CLICK = """mark => {
  const shown = document.getElementById(mark) || document.querySelector(`.jp-Notebook a[href*='${mark}']`);
  if (shown) shown.click();
  return Boolean(shown);
}"""
SIGN = """
import nbformat, os
from jupyter_core.paths import jupyter_data_dir
from nbformat.sign import NotebookNotary
NotebookNotary(data_dir=jupyter_data_dir()).sign(nbformat.read(os.path.expanduser("~/{path}"), 4))
print('signed')
"""
"""Hostile code in a workspace can have any notebook trusted: the key is in its home."""
SETTLED = 3
"""Seconds after which what an output does of itself has happened."""


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


def saved_and_open(lab: Lab, name: str, content: object) -> Watched:
    """Save a notebook, trust what it holds, and have it opened."""
    lab.server.json("PUT", f"api/contents/{name}", {"type": "notebook", "format": "json", "content": content})
    with lab.server.kernel() as kernel:
        printed = kernel.run(SIGN.format(path=name))
        assert "signed" in printed, printed
    # What an earlier attack left open would open again, and be taken for this one's.
    for layout in lab.server.json("GET", "lab/api/workspaces")["workspaces"]["ids"]:
        lab.server.request("DELETE", f"lab/api/workspaces/{layout.removeprefix('/')}")
    return lab.open(f"lab/tree/{name}")


def shows_notebook(watched: Watched) -> bool:
    return watched.frame.locator(".jp-Notebook .jp-Cell").count() > 0


def led_away(watched: Watched) -> bool:
    """Tell whether what a notebook showed has replaced JupyterLab already, in the window or in the portal's frame."""
    return not any(frame.url.startswith(watched.base) for frame in watched.page.frames)


def opened(lab: Lab, name: str, content: object) -> Watched:
    """Save a notebook, and open it."""
    watched = saved_and_open(lab, name, content)
    until(watched, lambda: shows_notebook(watched), "the notebook does not show")
    return watched


def click(watched: Watched, mark: str) -> None:
    until(watched, lambda: bool(watched.frame.evaluate(CLICK, mark)), f"{mark} is not shown", 10)
    watched.page.wait_for_timeout(200)


def scroll(watched: Watched, cells: int) -> None:
    """Bring every cell into view, so that each is rendered."""
    for index in range(cells):
        where = "i => document.querySelectorAll('.jp-Notebook .jp-Cell')[i]?.scrollIntoView()"
        watched.frame.evaluate(where, index)
        watched.page.wait_for_timeout(250)


def evidence_of_file(lab: Lab) -> set[str]:
    """Open the notebook whose outputs were saved with it, click where a person is asked to, and tell what got out."""
    with sinking() as sink:
        for one in OUTPUTS:
            for name, content in one.files.items():
                (lab.home / name).parent.mkdir(parents=True, exist_ok=True)
                (lab.home / name).write_text(lab.filled(sink, content, one.mark))
        content = notebook(OUTPUTS, lambda text, mark: lab.filled(sink, text, mark))
        watched = opened(lab, "attack.ipynb", content)
        scroll(watched, len(content["cells"]))
        shown = sum(one.mime != "markdown" for one in OUTPUTS)
        until(watched, lambda: watched.frame.locator(".jp-OutputArea-child").count() >= shown, "outputs are missing")
        # What is not trusted is shown without its scripts, and would prove nothing.
        assert watched.frame.locator(".jp-OutputArea script").count() > 0
        for one in OUTPUTS:
            if one.click:
                click(watched, one.mark)
        # A page that an attack ended could not show what the attacks after it do.
        assert watched.frame.locator(".jp-OutputArea-child").count() >= shown
        found = watched.evidence(sink, SETTLED)
        watched.page.close()
    return found | ({"m847"} if "stun" in found else set())


def evidence_of_run(lab: Lab) -> set[str]:
    """Open a notebook, run its cell, and tell what got out of what that displays."""
    with sinking() as sink:
        source = program(DISPLAYED, lambda text, mark: lab.filled(sink, text, mark))
        cell = {
            "cell_type": "code",
            "id": "a",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        watched = opened(lab, "run.ipynb", content)
        until(watched, lambda: idle(watched), "the kernel does not start")
        watched.frame.locator(".jp-CodeCell .cm-content").first.click()
        watched.page.keyboard.press("Shift+Enter")
        ended = watched.frame.locator(".jp-OutputArea-child", has_text="ALL-DISPLAYED")
        until(watched, lambda: ended.count() > 0, "the cell does not end", 120)
        found = watched.evidence(sink, SETTLED)
        watched.page.close()
    return found


def idle(watched: Watched) -> bool:
    return watched.frame.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").count() > 0


def evidence_of_leaving(lab: Lab, one: Output) -> set[str]:
    """Open a notebook whose output leads away, and tell where the browser went."""
    with sinking() as sink:
        content = notebook([one], lambda text, mark: lab.filled(sink, text, mark))
        watched = saved_and_open(lab, f"{one.mark}.ipynb", content)
        until(watched, lambda: shows_notebook(watched) or led_away(watched), "the notebook does not show")
        if one.click:
            click(watched, one.mark)
        found = watched.evidence(sink, SETTLED)
        watched.page.close()
    return found


def outcome(found: set[str], one: Output) -> Outcome:
    got = one.mark in found
    return Outcome(got, "got through" if got else "nothing arrived, nothing ran")


@pytest.fixture(scope="module")
def saved(plain_lab: Lab, own_lab: Lab) -> tuple[set[str], set[str]]:
    return evidence_of_file(plain_lab), evidence_of_file(own_lab)


@pytest.fixture(scope="module")
def displayed(plain_lab: Lab, own_lab: Lab) -> tuple[set[str], set[str]]:
    return evidence_of_run(plain_lab), evidence_of_run(own_lab)


def judge(one: Output, found: tuple[set[str], set[str]], outcomes: Outcomes) -> None:
    control = None if one.no_control else outcome(found[0], one)
    outcomes.judge(one.attack, control=control, here=outcome(found[1], one), no_control=one.no_control)


@pytest.mark.parametrize("one", OUTPUTS, ids=lambda one: str(one.attack.number))
def test_saved_output(one: Output, saved: tuple[set[str], set[str]], outcomes: Outcomes) -> None:
    judge(one, saved, outcomes)


@pytest.mark.parametrize("one", DISPLAYED, ids=lambda one: str(one.attack.number))
def test_displayed_output(one: Output, displayed: tuple[set[str], set[str]], outcomes: Outcomes) -> None:
    judge(one, displayed, outcomes)


@pytest.mark.parametrize("one", AWAY, ids=lambda one: str(one.attack.number))
def test_leaving_the_page(one: Output, plain_lab: Lab, own_lab: Lab, outcomes: Outcomes) -> None:
    found = evidence_of_leaving(plain_lab, one), evidence_of_leaving(own_lab, one)
    judge(one, found, outcomes)
