"""A process that parses files nobody trusts, in a sandbox without network, or limited where no sandbox can be made.

It sees its input folder read-only and writes to one folder. It takes no more time, memory and disk than it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import bubblewrap
from ..bubblewrap import Bind, Sandbox
from ..interpreter import interpreter_inside

LOG = logging.getLogger(__name__)

WORKER = ("-s", "-P", "-B", "-m", "hdh_jupyter.disclosure.worker", "/in", "/out")
"""How Python is started inside. Not with `-I`, which would ignore the PYTHONPATH of a source checkout; the sandbox's
environment is empty but for what is set here, so that `-s -P` isolates as much."""

CHECKOUT = Path("/opt/hdh-jupyter")
"""Where the package shows inside when it is not part of the Python installation."""

PACKAGES = Path(__file__).resolve().parents[2]
"""Where the package is that runs here."""


class CheckFailure(Exception):
    """The check gave no result that can be relied on.

    Parameters
    ----------
    reason
        The key of the sentence for people.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class CheckLimits:
    """What one check may use; sizes in bytes, times in seconds."""

    seconds: float = 600
    memory: int = 4 * 2**30
    """Address space of each process."""
    scratch: int = 256 * 2**20
    """Its /tmp, in memory."""
    output: int = 2 * 2**30
    """All that it writes."""
    output_entries: int = 1000
    report: int = 16 * 2**20
    preview: int = 32 * 2**20
    """What is shown of one file."""
    register: int = 128 * 2**20
    pulse: float = 2
    """Pause between two looks at what it has written."""


async def run_sealed(folder: Path, limits: CheckLimits, worker: Sequence[str] = WORKER) -> None:
    """Run Python with the arguments `worker` in a sandbox that sees `folder`/in and writes `folder`/out.

    The sandbox ends with the task that waits for it.

    Raises
    ------
    CheckFailure
        `egress.check.timed_out`, `.too_much_output` or `.crashed`.
    """
    sandbox = _sandbox(folder, limits)
    descriptors = bubblewrap.open_files(sandbox.files)
    try:
        program = sandbox.command((str(interpreter_inside().executable), *worker), descriptors)
        await _run([*_limited(limits), *program], tuple(descriptors.values()), folder, limits)
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)


async def run_limited(folder: Path, limits: CheckLimits) -> None:
    """Run the disclosure worker in a process with limits alone, where no sandbox can be made.

    Raises
    ------
    CheckFailure
        As :func:`run_sealed`.
    """
    # The package that runs here runs there, be it installed or a checkout.
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    arguments = ("-P", "-B", "-m", "hdh_jupyter.disclosure.worker", str(folder / "in"), str(folder / "out"))
    await _run([*_limited(limits), sys.executable, *arguments], (), folder, limits, environment)


async def sandbox_works() -> bool:
    """Tell whether a check's sandbox can be made here.

    It cannot without bubblewrap, nor inside another sandbox, nor in a container whose runtime hides parts of /proc.
    """
    sandbox, quiet = bubblewrap.sealed("trial"), asyncio.subprocess.DEVNULL
    try:
        descriptors = bubblewrap.open_files(sandbox.files)
    except (ImportError, OSError):
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            *sandbox.command(("true",), descriptors),
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            pass_fds=tuple(descriptors.values()),
        )
    except OSError:
        return False
    finally:
        for descriptor in descriptors.values():
            os.close(descriptor)
    return await process.wait() == 0


async def _run(
    command: Sequence[str],
    inherited: tuple[int, ...],
    folder: Path,
    limits: CheckLimits,
    environment: Mapping[str, str] | None = None,
) -> None:
    log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=log,
            pass_fds=inherited,
            env=environment,
        )
        try:
            await _watch(process, folder / "out", limits)
        finally:
            if process.returncode is None:
                # Its end takes the whole sandbox with it (--die-with-parent, and a process namespace of its own).
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    finally:
        os.close(log)
    if process.returncode != 0:
        LOG.error("The check ended with status %s: %s", process.returncode, _end_of(folder / "log"))
        raise CheckFailure("egress.check.crashed")


async def _watch(process: asyncio.subprocess.Process, out: Path, limits: CheckLimits) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + limits.seconds
    while process.returncode is None:
        left = end - loop.time()
        if left <= 0:
            raise CheckFailure("egress.check.timed_out")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), min(left, limits.pulse))
        if not await asyncio.to_thread(_within, out, limits):
            raise CheckFailure("egress.check.too_much_output")


def _sandbox(folder: Path, limits: CheckLimits) -> Sandbox:
    sandbox = bubblewrap.sealed("check")
    environment = dict(sandbox.environment)
    binds = [Bind(folder / "in", Path("/in")), Bind(folder / "out", Path("/out"), writable=True)]
    package = Path(__file__).resolve().parent.parent
    if not package.is_relative_to(Path(sys.prefix).resolve()):
        binds.append(Bind(package, CHECKOUT / package.name))
        environment["PYTHONPATH"] = str(CHECKOUT)
    return replace(sandbox.seeing(*binds), environment=environment, tmpfs={"/tmp": limits.scratch})  # noqa: S108 -- inside


def _limited(limits: CheckLimits) -> list[str]:
    # prlimit(1) instead of a function run between fork and exec, which is not safe in a process with threads.
    seconds = int(limits.seconds) + 1
    return ["prlimit", f"--as={limits.memory}", f"--cpu={seconds}", f"--fsize={limits.output}", "--core=0", "--"]


def _within(out: Path, limits: CheckLimits) -> bool:
    size = entries = 0
    waiting = [out]
    try:
        while waiting:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_size
                    if entries > limits.output_entries or size > limits.output:
                        return False
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
    except FileNotFoundError:
        # Something was removed while we looked; the next look counts again.
        return True
    except OSError:
        return False
    return True


def _end_of(log: Path) -> str:
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        return file.read(4096).decode("utf-8", "replace")
