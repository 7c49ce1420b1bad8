"""Twenty people at work in five workspaces for some minutes: does memory grow, does anything fail, does it get slower?

Everybody has an own kernel and does, again and again, what people do in a day: run cells that print tables and draw,
save a notebook, list a folder, read a file, leave and come back. `make bench PART=soak MINUTES=60` goes on for longer.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import platform_process
import report
from visitor import Server, visitor

PROJECTS = 5
MEMBERS = 4
MINUTES = float(os.environ.get("MINUTES", "5"))
SAMPLE = 5
"""Seconds between two looks at the memory."""
THINKING = (0.2, 2.0)
"""Seconds that somebody waits between two actions, the shortest and the longest."""
REQUESTS_OF_ONE_KERNEL = 40
"""Cells after which somebody closes the notebook and opens it again with a new kernel."""

TABLE = "print('\\n'.join(f'{i};{i * i}' for i in range(400)))"
PICTURE = """
import base64, os
from IPython.display import display
display({"image/png": base64.b64encode(os.urandom(60_000)).decode()}, raw=True)
"""


@dataclass
class Figures:
    """What happened: seconds by action, with the moment; mebibytes by process, with the moment."""

    actions: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    memory: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)

    async def time(self, action: str, doing: Awaitable[object]) -> None:
        """Do something and keep how long it took."""
        begun = time.monotonic()
        await doing
        self.actions.setdefault(action, []).append((begun, time.monotonic() - begun))


async def work(server: Server, name: str, until: float, figures: Figures) -> None:
    """Be one of the people until the end."""
    chance = random.Random(name)  # noqa: S311 -- the same day at each run
    notebook = f"api/contents/{name}.ipynb"
    while time.monotonic() < until:
        try:
            async with server.kernel() as kernel:
                for _ in range(REQUESTS_OF_ONE_KERNEL):
                    if time.monotonic() > until:
                        break
                    await figures.time("run a cell that prints", kernel.run(TABLE))
                    await figures.time("run a cell that draws", kernel.run(PICTURE))
                    await figures.time("save a notebook", server.call("PUT", notebook, _notebook(chance)))
                    await figures.time("open it", server.call("GET", notebook))
                    await figures.time("list the home", server.call("GET", "api/contents"))
                    await asyncio.sleep(chance.uniform(*THINKING))
        except (Exception, SystemExit) as error:
            figures.failures[f"{type(error).__name__}: {str(error)[:80]}"] += 1
            await asyncio.sleep(1)


async def look(running: platform_process.Running, until: float, figures: Figures) -> None:
    """Look at the memory of the hub and of the gateway again and again."""
    while time.monotonic() < until:
        for name, pid in (await asyncio.to_thread(lambda: running.processes)).items():
            status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
            resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            figures.memory.setdefault(name, []).append((time.monotonic(), int(resident.split()[1]) / 1024))
        await asyncio.sleep(SAMPLE)


async def measure() -> Figures:
    """Return what happened in all the minutes."""
    figures = Figures()
    with platform_process.running(PROJECTS, MEMBERS) as running:
        async with AsyncExitStack() as stack:
            servers = {}
            for number in range(1, PROJECTS + 1):
                for name in platform_process.names(number, MEMBERS):
                    person = visitor(name, f"project{number}", running.host)
                    servers[name] = await stack.enter_async_context(person)
            until = time.monotonic() + 60 * MINUTES
            people = (work(server, name, until, figures) for name, server in servers.items())
            await asyncio.gather(look(running, until, figures), *people)
    return figures


def _notebook(chance: random.Random) -> dict[str, object]:
    text = "".join(chance.choices("abcdefgh \n", k=20_000))
    output = {"output_type": "stream", "name": "stdout", "text": text}
    cell = {
        "cell_type": "code",
        "id": "one",
        "execution_count": 1,
        "metadata": {},
        "source": "1",
        "outputs": [output],
    }
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"type": "notebook", "format": "json", "content": content}


def _thirds(values: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return the figures of the first and of the last third."""
    third = max(1, len(values) // 3)
    ordered = [value for _, value in sorted(values)]
    return ordered[:third], ordered[-third:]


def run() -> None:
    """Print the figures of this part."""
    report.title(f"soak: {PROJECTS * MEMBERS} people on {PROJECTS} workspaces for {MINUTES:g} minutes")
    figures = asyncio.run(measure())
    rows = []
    for name, values in figures.memory.items():
        first, last = (statistics.median(part) for part in _thirds(values))
        rows.append(
            (name, f"{first:.0f} MiB", f"{last:.0f} MiB", f"{max(v for _, v in values):.0f} MiB", f"{last / first:.2f}")
        )
    report.table(("memory", "first third", "last third", "most", "last / first"), rows)
    rows = []
    for name, values in figures.actions.items():
        first, last = (statistics.median(part) * 1000 for part in _thirds(values))
        slow = statistics.quantiles([value for _, value in values], n=20)[-1] * 1000
        rows.append(
            (name, f"{len(values)}", f"{first:.0f} ms", f"{last:.0f} ms", f"{slow:.0f} ms", f"{last / first:.2f}")
        )
    print()
    report.table(("action", "times", "first third", "last third", "p95", "last / first"), rows)
    print(f"\n  failures: {sum(figures.failures.values())}")
    for failure, times in figures.failures.most_common():
        print(f"    {times} x {failure}")
