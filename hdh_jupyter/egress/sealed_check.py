"""One run of the disclosure check in a sandbox that has no network, sees its input read-only and writes to one folder.

Whatever comes out is untrusted too, since a file that takes over the parser writes it: links are not followed, only
the expected names are read, sizes are limited, and the report must be about the files that went in and made under the
policy in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .. import bubblewrap
from ..bubblewrap import Bind, Sandbox
from ..disclosure.model import FileReport, Report
from ..disclosure.policy import Policy, default_policy
from ..errors import PublicError
from ..interpreter import interpreter_inside
from .check_queue import CheckedFile, Job, QueuedFile
from .store import Store, open_regular

LOG = logging.getLogger(__name__)

WORKER = ("-s", "-P", "-B", "-m", "hdh_jupyter.disclosure.worker", "/in", "/out")
"""How Python is started inside. Not with `-I`, which would ignore the PYTHONPATH of a source checkout; the sandbox's
environment is empty but for what is set here, so that `-s -P` isolates as much."""

CHECKOUT = Path("/opt/hdh-jupyter")
"""Where the package shows inside when it is not part of the Python installation."""


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
    pulse: float = 2
    """Pause between two looks at what it has written."""


class SealedCheck:
    """Runs the check of one job.

    Parameters
    ----------
    worker
        Python's arguments inside the sandbox.
    """

    def __init__(self, store: Store, limits: CheckLimits, worker: Sequence[str] = WORKER) -> None:
        self._store = store
        self._limits = limits
        self._worker = tuple(worker)

    def prepare(self, job: Job, folder: Path) -> None:
        """Write what goes in: copies of the stored originals, their hashes verified, by position."""
        folder.mkdir(mode=0o700)
        (folder / "in").mkdir()
        (folder / "out").mkdir()
        for position, file in enumerate(job.files):
            with open(folder / "in" / str(position), "xb") as copy:
                for chunk in self._store.read(file.sha256):
                    copy.write(chunk)
        manifest = {"files": [{"path": str(position), "name": file.name} for position, file in enumerate(job.files)]}
        (folder / "in" / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    async def run(self, folder: Path) -> None:
        """Run the sandbox to its end; it ends with the task that waits for it.

        Raises
        ------
        CheckFailure
            `egress.check.timed_out`, `.too_much_output` or `.crashed`.
        """
        sandbox = _sandbox(folder, self._limits)
        descriptors = bubblewrap.open_files(sandbox.files)
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *_limited(self._limits),
                *sandbox.command((str(interpreter_inside().executable), *self._worker), descriptors),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                pass_fds=tuple(descriptors.values()),
            )
            try:
                await self._watch(process, folder / "out")
            finally:
                if process.returncode is None:
                    # Its end takes the whole sandbox with it (--die-with-parent, and a process namespace of its own).
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        finally:
            os.close(log)
            for descriptor in descriptors.values():
                os.close(descriptor)
        if process.returncode != 0:
            LOG.error("The check ended with status %s: %s", process.returncode, _end_of(folder / "log"))
            raise CheckFailure("egress.check.crashed")

    def take(self, job: Job, folder: Path) -> tuple[Report, Policy, list[CheckedFile]]:
        """Read what came out, and put the sanitised files in the store.

        Raises
        ------
        CheckFailure
            `egress.check.no_report`, `.bad_report` or `.bad_output`.
        """
        policy = default_policy()
        with _folder(folder / "out") as out:
            report = _report(out, self._limits.report)
            if report.policy != policy.reference:
                raise CheckFailure("egress.check.bad_report")
            about = _match(job.files, report)
            with _folder("files", out) if any(f.releasable for f in about) else contextlib.nullcontext(-1) as files:
                checked = [
                    self._checked(queued, known, str(position), files)
                    for position, (queued, known) in enumerate(zip(job.files, about, strict=True))
                ]
        return report, policy, checked

    def _checked(self, queued: QueuedFile, about: FileReport, name: str, files: int) -> CheckedFile:
        if not about.releasable:
            return CheckedFile(queued.number, about.kind, about.verdict.value, None, None)
        try:
            with open_regular(name, files) as source:
                sha256, size = self._store.put_open(source, self._limits.output)
        except (PublicError, OSError) as error:
            LOG.error("A sanitised file cannot be taken: %s", error)
            raise CheckFailure("egress.check.bad_output") from error
        return CheckedFile(queued.number, about.kind, about.verdict.value, sha256, size)

    async def _watch(self, process: asyncio.subprocess.Process, out: Path) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + self._limits.seconds
        while process.returncode is None:
            left = end - loop.time()
            if left <= 0:
                raise CheckFailure("egress.check.timed_out")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), min(left, self._limits.pulse))
            if not await asyncio.to_thread(_within, out, self._limits):
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


@contextmanager
def _folder(path: Path | str, parent: int | None = None) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    except OSError as error:
        raise CheckFailure("egress.check.bad_output") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _report(out: int, limit: int) -> Report:
    try:
        with open_regular("report.json", out) as file:
            text = file.read(limit + 1)
    except OSError as error:
        raise CheckFailure("egress.check.no_report") from error
    try:
        if len(text) > limit:
            raise ValueError("the report is too large")
        return Report.from_stored(json.loads(text))
    except (ValueError, RecursionError) as error:
        LOG.error("The check's report cannot be relied on: %s", error)
        raise CheckFailure("egress.check.bad_report") from error


def _match(queued: Sequence[QueuedFile], report: Report) -> list[FileReport]:
    by_name = {file.name: file for file in report.files}
    about = [by_name.get(file.name) for file in queued]
    known = [a for a, q in zip(about, queued, strict=True) if a and (a.sha256, a.size) == (q.sha256, q.size)]
    if len(report.files) != len(queued) or len(known) != len(queued):
        raise CheckFailure("egress.check.bad_report")
    return known


def _end_of(log: Path) -> str:
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        return file.read(4096).decode("utf-8", "replace")
