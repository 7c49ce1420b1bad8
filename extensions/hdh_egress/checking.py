"""Runs the disclosure checks on copies of the chosen files, in a process of its own.

A process can be ended and bounded in memory, and a file made to crash a parser takes nothing else with it. It is the
same worker that the hub zone runs for the decision; here its report is advice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from hdh_jupyter.disclosure import Report
from hdh_jupyter.errors import PublicError

from .staging import StagingArea

T = TypeVar("T")

CONCURRENT_CHECKS = 2
"""Checks at the same time in one workspace; further ones wait for their turn."""


class Checker:
    """Checks chosen files.

    Parameters
    ----------
    area
        Where copies are made, and its limits.
    timeout
        Seconds that a check may take, the wait for its turn included.
    memory
        Bytes of address space that its process may have.
    """

    def __init__(self, area: StagingArea, *, timeout: float, memory: int) -> None:
        self.area = area
        self.timeout = timeout
        self.memory = memory
        self._turn = asyncio.Semaphore(CONCURRENT_CHECKS)

    async def check(self, paths: Sequence[str]) -> Report:
        """Return the report on the chosen files.

        Raises
        ------
        PublicError
            As :meth:`StagingArea.stage`; `staging.check_timed_out`, `staging.check_failed`.
        """
        end = asyncio.get_running_loop().time() + self.timeout
        await self._within(end, self._turn.acquire())
        try:
            stack = ExitStack()
            preparing = asyncio.create_task(asyncio.to_thread(self._prepare, stack, paths))
            try:
                folder, out = await asyncio.shield(preparing)
                await self._run(folder, out, end)
                return await asyncio.to_thread(_read_report, out)
            except ValueError as error:
                raise PublicError("staging.check_failed", 500) from error
            finally:
                # A thread cannot be stopped: what it still makes is removed once it has ended.
                await asyncio.wait([preparing])
                await asyncio.to_thread(stack.close)
        finally:
            self._turn.release()

    def _prepare(self, stack: ExitStack, paths: Sequence[str]) -> tuple[Path, Path]:
        folder, files = stack.enter_context(self.area.copies(paths))
        out = stack.enter_context(TemporaryDirectory(dir=self.area.root))
        listed = {"files": [{"path": str(f.index), "name": f.name} for f in files]}
        (folder / "manifest.json").write_text(json.dumps(listed), "utf-8")
        return folder, Path(out)

    async def _within(self, end: float, waiting: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout_at(end):
                return await waiting
        except TimeoutError as error:
            raise PublicError("staging.check_timed_out", 504, seconds=round(self.timeout)) from error

    async def _run(self, folder: Path, out: Path, end: float) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "hdh_jupyter.disclosure.worker",
            f"--memory={self.memory}",
            str(folder),
            str(out),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            status = await self._within(end, process.wait())
        finally:
            # Whatever ended the wait, a closed dialog included, the process does not stay.
            if process.returncode is None:
                process.kill()
                await process.wait()
        if status != 0:
            raise PublicError("staging.check_failed", 500)


def _read_report(out: Path) -> Report:
    return Report.from_dict(json.loads((out / "report.json").read_text("utf-8")))
