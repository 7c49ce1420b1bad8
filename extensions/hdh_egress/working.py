"""Runs the disclosure worker on copies of chosen files, in a process of its own.

A process can be ended and bounded in memory, and a file made to crash a parser takes nothing else with it. It is the
same worker that the hub zone runs for the decision; here what it says is advice.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hdh_jupyter.errors import PublicError

from .staging import StagingArea

T = TypeVar("T")

POLICY_FILE = "disclosure-policy.yaml"
"""In the server's configuration folder: the project's own policy, where it has one."""

CONCURRENT = 2
"""Workers at the same time in one workspace; further ones wait for their turn."""


class Worker:
    """Runs one worker for each question.

    Parameters
    ----------
    area
        Where copies are made, and its limits.
    timeout
        Seconds that a question may take, the wait for its turn included.
    memory
        Bytes of address space that its process may have.
    """

    def __init__(self, area: StagingArea, *, timeout: float, memory: int) -> None:
        self.area = area
        self.timeout = timeout
        self.memory = memory
        self._turn = asyncio.Semaphore(CONCURRENT)

    async def ask(self, paths: Sequence[str], orders: Mapping[str, Any], take: Callable[[Path], T]) -> T:
        """Return what `take` makes of the folder that the worker wrote.

        Parameters
        ----------
        paths
            The chosen files, relative to the home folder.
        orders
            What goes into the worker's manifest besides the files.
        take
            Called in a thread; a ValueError of it is a check that failed.

        Raises
        ------
        PublicError
            As :meth:`StagingArea.stage`; `staging.check_timed_out`, `staging.check_failed`; and what `take` raises.
        """
        end = asyncio.get_running_loop().time() + self.timeout
        await self._within(end, self._turn.acquire())
        try:
            stack = ExitStack()
            preparing = asyncio.create_task(asyncio.to_thread(self._prepare, stack, paths, orders))
            try:
                folder, out = await asyncio.shield(preparing)
                await self._run(folder, out, end)
                return await asyncio.to_thread(take, out)
            except ValueError as error:
                raise PublicError("staging.check_failed", 500) from error
            finally:
                # A thread cannot be stopped: what it still makes is removed once it has ended.
                await asyncio.wait([preparing])
                await asyncio.to_thread(stack.close)
        finally:
            self._turn.release()

    def _prepare(self, stack: ExitStack, paths: Sequence[str], orders: Mapping[str, Any]) -> tuple[Path, Path]:
        folder, files = stack.enter_context(self.area.copies(paths))
        out = stack.enter_context(TemporaryDirectory(dir=self.area.root))
        listed = {**criteria(), **orders, "files": [{"path": str(f.index), "name": f.name} for f in files]}
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


def criteria() -> dict[str, str]:
    """Return what a worker's manifest says of the policy: nothing where the project goes by the one of the package."""
    file = Path(os.environ.get("JUPYTER_CONFIG_DIR", "")) / POLICY_FILE
    return {"policy": file.read_text("utf-8")} if file.is_file() else {}
