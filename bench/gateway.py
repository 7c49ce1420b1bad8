"""What the gateway costs: files, REST and kernel messages through it, beside the same server called directly.

Three ways to one workspace take turns: its socket, as only the gateway can call it; the gateway's own socket; and the
public port, through configurable-http-proxy and the gateway, which is what a browser has. The first load of JupyterLab
is measured in Chromium, beside a plain `jupyter lab` of the same installation.
"""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import platform_process
import report
from visitor import Kernel, Server, visitor

ROUNDS = 7
DIRECT = "the workspace's socket"

FLOOD = """
from IPython.display import publish_display_data
for _ in range({count}):
    publish_display_data({{"text/plain": "x" * {size}}})
"""


async def round_trips(kernel: Kernel) -> float:
    """Ask a kernel 200 questions, one after the other; return milliseconds for each."""
    begun = time.perf_counter()
    for _ in range(200):
        await kernel.ask("kernel_info_request", {})
    return (time.perf_counter() - begun) * 5


async def small_messages(kernel: Kernel) -> float:
    """Have a cell show 2,000 outputs of 1 KiB; return milliseconds for a thousand."""
    begun = time.perf_counter()
    await kernel.run(FLOOD.format(count=2000, size=1024))
    return (time.perf_counter() - begun) * 500


async def large_messages(kernel: Kernel) -> float:
    """Have a cell show 40 outputs of 1 MiB; return milliseconds for each."""
    begun = time.perf_counter()
    await kernel.run(FLOOD.format(count=40, size=2**20))
    return (time.perf_counter() - begun) * 25


async def listings(server: Server) -> float:
    """List a folder of 200 files 50 times; return milliseconds for each."""
    begun = time.perf_counter()
    for _ in range(50):
        await server.call("GET", "api/contents/bench")
    return (time.perf_counter() - begun) * 20


async def eight_at_once(server: Server) -> float:
    """List that folder 96 times, eight at a time; return milliseconds for each."""

    async def some() -> None:
        for _ in range(12):
            await server.call("GET", "api/contents/bench")

    begun = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(8)))
    return (time.perf_counter() - begun) / 96 * 1000


async def notebooks(server: Server) -> float:
    """Open a notebook of 5 MB five times; return milliseconds for each."""
    begun = time.perf_counter()
    for _ in range(5):
        await server.call("GET", "api/contents/large.ipynb?content=1")
    return (time.perf_counter() - begun) * 200


async def saves(server: Server) -> float:
    """Save that notebook five times; return milliseconds for each."""
    begun = time.perf_counter()
    for _ in range(5):
        await server.call("PUT", "api/contents/large.ipynb", _notebook())
    return (time.perf_counter() - begun) * 200


ON_KERNEL: dict[str, Callable[[Kernel], Awaitable[float]]] = {
    "kernel: question and answer, ms": round_trips,
    "kernel: 1,000 outputs of 1 KiB, ms": small_messages,
    "kernel: an output of 1 MiB, ms": large_messages,
}
ON_SERVER: dict[str, Callable[[Server], Awaitable[float]]] = {
    "REST: a folder of 200 files, ms": listings,
    "REST: the same, eight at once, ms": eight_at_once,
    "REST: open a notebook of 5 MB, ms": notebooks,
    "REST: save it, ms": saves,
}


@asynccontextmanager
async def ways(running: Any, browser: Server) -> AsyncIterator[dict[str, Server]]:
    """Return the three ways to the workspace of the first project."""
    from hdh_jupyter.routes import read_route

    route = read_route(running.state.routes, "project1")
    if route is None:
        raise SystemExit("the workspace does not run")
    person = base64.b64encode(b'{"name": "project1-a", "display_name": "A"}').decode()
    async with AsyncExitStack() as stack:

        async def by_socket(path: str) -> aiohttp.ClientSession:
            connector = aiohttp.UnixConnector(path, limit=0)
            return await stack.enter_async_context(
                aiohttp.ClientSession(connector=connector, cookie_jar=browser.session.cookie_jar)
            )

        gateway = await by_socket(str(running.state.sockets / "gateway.sock"))
        yield {
            DIRECT: Server(await by_socket(route.address), f"http://localhost{route.base_url}", {"X-HDH-User": person}),
            "gateway": Server(gateway, browser.base, browser.headers),
            "proxy and gateway": browser,
        }


async def measure() -> dict[str, dict[str, list[float]]]:
    """Return the figures of every round: what was done -> way -> milliseconds."""
    with platform_process.running(projects=1, members=1) as running:
        async with visitor("project1-a", "project1", running.host) as browser:
            await _fill(browser)
            async with ways(running, browser) as found:
                taken: dict[str, dict[str, list[float]]] = {}
                for _ in range(ROUNDS + 1):
                    for way, server in found.items():
                        async with server.kernel() as kernel:
                            for name, act in ON_KERNEL.items():
                                taken.setdefault(name, {}).setdefault(way, []).append(await act(kernel))
                        for name, action in ON_SERVER.items():
                            taken.setdefault(name, {}).setdefault(way, []).append(await action(server))
                return taken


async def _fill(server: Server) -> None:
    await server.call("PUT", "api/contents/bench", {"type": "directory"})
    for number in range(200):
        content = {"type": "file", "format": "text", "content": f"{number}\n"}
        await server.call("PUT", f"api/contents/bench/file-{number}.csv", content)
    await server.call("PUT", "api/contents/large.ipynb", _notebook())


def _notebook() -> dict[str, Any]:
    output = {"output_type": "stream", "name": "stdout", "text": "0123456789 " * 4500}
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": "print(table)",
        "outputs": [output],
    }
    cells = [{**cell, "id": f"cell-{number}"} for number in range(100)]
    return {
        "type": "notebook",
        "format": "json",
        "content": {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5},
    }


def run() -> None:
    """Print the figures of this part."""
    report.title(f"gateway: beside the same Jupyter server called on its own socket, median of {ROUNDS}")
    taken = asyncio.run(measure())
    rows = []
    for name, by_way in taken.items():
        medians = {way: statistics.median(values[1:]) for way, values in by_way.items()}
        cells = [f"{medians[DIRECT]:.2f}"]
        cells += [f"{m:.2f} (x {m / medians[DIRECT]:.2f})" for way, m in medians.items() if way != DIRECT]
        rows.append((name, *cells))
    report.table(("", *next(iter(taken.values()))), rows)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
