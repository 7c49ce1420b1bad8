"""A real platform, as `make run` starts it, and a real browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
COMMAND = str(Path(sys.prefix) / "bin" / "hdh-jupyter")
"""What `make run` starts: the installed command, not the checkout's modules."""
SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"


FIRST = "test_the_whole_way"
"""What tells of the platform as it is when it was just made."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: FIRST not in item.nodeid)


@dataclass
class Platform:
    """The platform on a free port with a state folder of its own; `options` are more of the command line."""

    state: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    options: tuple[str, ...] = ()
    console: Path = field(init=False)

    def __post_init__(self) -> None:
        self.console = self.state.parent / "console.log"

    @property
    def origin(self) -> str:
        return f"http://hdh.localhost:{self.port}"

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(
                [
                    COMMAND,
                    "run",
                    f"--state={self.state}",
                    f"--port={self.port}",
                    *self.options,
                ],
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        deadline = time.monotonic() + 120
        seen = self.console.stat().st_size
        while self.origin not in self.console.read_text()[max(0, seen - 1) :]:
            assert self.process.poll() is None, self.console.read_text()
            assert time.monotonic() < deadline, self.console.read_text() + self.log("hub")
            time.sleep(0.1)

    def stop(self) -> None:
        """Press Ctrl-C and wait for the end."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(90) == 0, self.console.read_text()

    def log(self, name: str) -> str:
        return (self.state / "logs" / f"{name}.log").read_text()

    def processes(self, *words: str) -> list[int]:
        """Return the processes whose command line holds every word."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue
                if all(word in command for word in words):
                    found.append(int(folder.name))
        return found

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `hdh-jupyter` on this state folder."""
        return subprocess.run(
            [COMMAND, *arguments, f"--state={self.state}"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "LANG": "en_GB.UTF-8"},
        )

    @property
    def passwords(self) -> dict[str, str]:
        notes = json.loads((self.state / "demo-accounts.json").read_text())
        return {a["name"]: a["password"] for a in notes["accounts"]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("platform") / "state", free_port())
    platform.start()
    yield platform
    platform.stop()
    assert platform.processes(str(platform.state)) == [], "something was left running"
    shutil.rmtree(platform.state)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


SignIn = Callable[..., Page]


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One browser profile per person, kept for the whole run."""
    open_contexts: dict[str, BrowserContext] = {}
    yield open_contexts
    for context in open_contexts.values():
        context.close()


@pytest.fixture(scope="session")
def sign_in(platform: Platform, browser: Browser, contexts: dict[str, BrowserContext]) -> SignIn:
    """Return a page of a person at the portal, signing them in at the first call."""

    def page_of(name: str, language: str = "fr-FR") -> Page:
        key = f"{name}/{language}"
        if key not in contexts:
            contexts[key] = browser.new_context(
                locale=language, viewport={"width": 1360, "height": 860}, accept_downloads=True
            )
            contexts[key].set_default_timeout(30_000)
            page = contexts[key].new_page()
            page.goto(platform.origin)
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", platform.passwords[name])
            page.click("[type=submit]")
            page.wait_for_url("**/hub/home")
            return page
        page = contexts[key].new_page()
        page.goto(f"{platform.origin}/hub/home")
        return page

    return page_of


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keep a picture for the README when `HDH_SCREENSHOTS` is set."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("HDH_SCREENSHOTS"):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take
