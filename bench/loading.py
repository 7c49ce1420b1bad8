"""How long a browser takes to show JupyterLab, beside a plain `jupyter lab` of the same installation.

In Chromium, from the address to the list of files on the screen, sign-in for the project included; `first` with an
empty cache, `again` in the same browser. On this machine's loopback, where bytes cost nothing, and on a line of
20 Mbit/s with 30 ms, as Chromium imitates it.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import platform_process
import report

RUNS = 3
BASELINE = "jupyter lab"
SHOWN = ".jp-DirListing-content"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LINE = {"offline": False, "downloadThroughput": 20e6 / 8, "uploadThroughput": 5e6 / 8, "latency": 30}
LINES: dict[str, dict[str, Any] | None] = {"loopback": None, "20 Mbit/s, 30 ms": LINE}


@contextmanager
def plain_lab() -> Iterator[str]:
    """Run JupyterLab as its documentation says; yield its address with the token."""
    token = secrets.token_hex(8)
    with TemporaryDirectory() as home, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        options = [f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home}"]
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": home},
        )
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}/lab?token={token}"
        finally:
            process.terminate()
            process.wait(30)


def load(page: Any, address: str) -> float:
    """Return the seconds until the files are listed."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    while not any(_shows(frame) for frame in page.frames):
        page.wait_for_timeout(20)
        if time.perf_counter() - begun > 120:
            raise SystemExit(f"{address} shows no files")
    return time.perf_counter() - begun


def _shows(frame: Any) -> bool:
    from playwright.sync_api import Error

    try:
        return frame.query_selector(SHOWN) is not None
    except Error:
        # It is about to show another page.
        return False


def sign_in(page: Any, running: platform_process.Running) -> None:
    """Sign in at the portal."""
    page.goto(f"http://{running.host}/hub/login")
    page.fill("input[name=username]", "project1-a")
    page.fill("input[name=password]", platform_process.PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url("**/hub/home")


def measure(browser: Any, running: platform_process.Running, lab: str) -> dict[tuple[str, str], dict[str, list[float]]]:
    """Return the seconds of each run by line and visit, and by who answered."""
    taken: dict[tuple[str, str], dict[str, list[float]]] = {}
    for line, conditions in LINES.items():
        for _ in range(RUNS):
            for name in (BASELINE, "workspace"):
                context = browser.new_context()
                page = context.new_page()
                if name == "workspace":
                    sign_in(page, running)
                if conditions:
                    context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)
                address = lab if name == BASELINE else f"http://{running.host}/hub/workspace/project1"
                for visit in ("first", "again"):
                    taken.setdefault((line, visit), {}).setdefault(name, []).append(load(page, address))
                    page.goto("about:blank")
                context.close()
    return taken


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("jupyter lab did not start")


def run() -> None:
    """Print the figures of this part."""
    from playwright.sync_api import sync_playwright

    report.title(f"loading: from the address to JupyterLab on the screen, median of {RUNS}")
    with (
        platform_process.running(projects=1, members=1) as running,
        plain_lab() as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page()
        sign_in(page, running)
        load(page, f"http://{running.host}/hub/spawn/prj-project1")
        taken = measure(browser, running, lab)
        browser.close()
    rows = []
    for (line, visit), by_name in taken.items():
        baseline, own = (statistics.median(by_name[name]) for name in (BASELINE, "workspace"))
        rows.append((f"{line}, {visit}", f"{baseline:.2f} s", f"{own:.2f} s", f"{own / baseline:.2f}"))
    report.table(("", BASELINE, "workspace", f"x {BASELINE}"), rows)
