"""A person's Chromium at a JupyterLab, plain or inside the portal's frame, and what it was seen to let out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from e2e.conftest import CHROMIUM_ARGUMENTS
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Page, sync_playwright

from .browser_sinks import Sink
from .clients import Server
from .conftest import Machine

PATIENCE = 60_000
"""Milliseconds for what opens."""

MARKED = "Object.keys(document.documentElement.dataset).filter(key => /^m\\d/.test(key))"


@dataclass
class Watched:
    """A page, and what left it without a request: windows, downloads, prints, dialogs."""

    page: Page
    base: str
    left: set[str] = field(default_factory=set)

    @property
    def frame(self) -> Frame:
        """Where JupyterLab is: the portal's frame, or the page itself where there is no portal."""
        for frame in self.page.frames:
            if frame.url.startswith(self.base):
                return frame
        return self.page.main_frame

    def evidence(self, sink: Sink, seconds: float) -> set[str]:
        """Wait, and return the marks of every attack that got through: executed, sent, opened or saved."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.page.wait_for_timeout(250)
        try:
            executed = set(self.frame.evaluate(MARKED))
        except Error:
            executed = set()
        return executed | sink.marks() | self.left


def watch(context: BrowserContext, base: str) -> Watched:
    """Open an empty page of a person's browser, and watch it."""
    page = context.new_page()
    watched = Watched(page, base)
    page.on("download", lambda download: watched.left.add(download.suggested_filename.partition(".")[0]))
    page.on("popup", lambda popup: (watched.left.add("popup"), watched.left.add(_mark(popup.url)), popup.close()))
    page.on("dialog", lambda dialog: (watched.left.add(dialog.message), dialog.dismiss()))
    return watched


def _mark(url: str) -> str:
    return (urlsplit(url).hostname or "").partition(".")[0]


def open_lab(watched: Watched, address: str) -> Watched:
    """Show JupyterLab, and wait until it is there."""
    watched.page.goto(address)
    deadline = time.monotonic() + PATIENCE / 1000
    while not is_shown(watched):
        assert time.monotonic() < deadline, f"JupyterLab does not open: {watched.page.url}"
        watched.page.wait_for_timeout(200)
    return watched


def is_shown(watched: Watched) -> bool:
    """Say whether JupyterLab is there."""
    try:
        return watched.frame.locator("#jp-main-dock-panel").count() > 0
    except Error:
        return False


def until(watched: Watched, holds: Callable[[], bool], what: str, seconds: float = PATIENCE / 1000) -> None:
    """Wait until something holds in a page."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except Error:
            pass
        assert time.monotonic() < deadline, what
        watched.page.wait_for_timeout(250)


@dataclass(frozen=True)
class Lab:
    """JupyterLab as one person's browser has it.

    Attributes
    ----------
    base, path
        The address below which it answers, and the path of that, each with a slash at the end.
    home
        Where its files are on this machine.
    address
        How a page of it (`lab/tree/x`) is opened.
    """

    context: BrowserContext
    server: Server
    home: Path
    address: Callable[[str], str]

    @property
    def base(self) -> str:
        return f"{self.server.base}/"

    @property
    def path(self) -> str:
        return urlsplit(self.base).path

    def filled(self, sink: Sink, text: str, mark: str) -> str:
        """Put the addresses of this side and of the sink into an attack."""
        marked = text.replace("@B", self.path).replace("@D", f"document.documentElement.dataset.{mark}=1")
        return sink.fill(marked, mark)

    def open(self, path: str) -> Watched:
        """Open a page of it, and watch it."""
        return open_lab(watch(self.context, self.base), self.address(path))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def at_plain(browser: Browser, plain: Server, home: Path) -> Lab:
    """Return a plain JupyterLab in a browser."""
    token = plain.headers["Authorization"].partition(" ")[2]
    return Lab(browser.new_context(), plain, home, lambda path: f"{plain.base}/{path}?token={token}")


def at_platform(browser: Browser, machine: Machine, workspace: Server, name: str, project: str) -> Lab:
    """Return a workspace in the browser of a person who signs in at the portal."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(machine.origin)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", machine.passwords[name])
    page.click("[type=submit]")
    page.wait_for_url("**/hub/home")
    page.close()
    framed = f"{machine.origin}/hub/workspace/{project}"
    return Lab(context, workspace, machine.folder.homes / project, lambda path: f"{framed}?path={path}")
