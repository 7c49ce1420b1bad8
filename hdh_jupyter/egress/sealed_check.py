"""One run of the disclosure check in a sandbox that has no network, sees its input read-only and writes to one folder.

Whatever comes out is untrusted too, since a file that takes over the parser writes it: links are not followed, only
the expected names are read, sizes are limited, and the report must be about the files that went in and made under the
policy in force.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..disclosure.model import FileReport, Report
from ..disclosure.policy import Policy, default_policy
from ..disclosure.previewing import SHOWN_ITSELF, Preview
from ..disclosure.register import stored
from ..errors import PublicError
from .check_queue import CheckedFile, Job, QueuedFile
from .register import NOTHING
from .sandbox import WORKER, CheckFailure, CheckLimits, run_sealed
from .store import Store, open_regular

__all__ = ["CheckFailure", "CheckLimits", "SealedCheck"]

LOG = logging.getLogger(__name__)


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
        (folder / "in" / "released").mkdir()
        against: list[dict[str, str]] = []
        for before in job.released:
            if before.register is not None:
                text = json.dumps({**before.register, "name": f"#{before.request_id}"})
                (folder / "in" / "released" / f"{before.request_id:010}.json").write_text(text, "utf-8")
            for name, sha256 in before.files:
                path = f"against-{len(against)}"
                with open(folder / "in" / path, "xb") as copy:
                    for chunk in self._store.read(sha256):
                        copy.write(chunk)
                against.append({"path": path, "name": name})
        manifest: dict[str, Any] = {
            "files": [
                {"path": str(position), "name": file.name, "about": job.about}
                for position, file in enumerate(job.files)
            ],
            "against": against,
        }
        if job.policy is not None:
            manifest["policy"] = job.policy
        (folder / "in" / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    async def run(self, folder: Path) -> None:
        """Run the sandbox to its end; it ends with the task that waits for it.

        Raises
        ------
        CheckFailure
            `egress.check.timed_out`, `.too_much_output` or `.crashed`.
        """
        await run_sealed(folder, self._limits, self._worker)

    def take(self, job: Job, folder: Path) -> tuple[Report, Policy, list[CheckedFile], Mapping[str, Any]]:
        """Read what came out, and put the sanitised files in the store; return the counts that they hold as well.

        Raises
        ------
        CheckFailure
            `egress.check.no_report`, `.bad_report`, `.bad_output`, `.bad_register` or `.bad_policy`.
        """
        policy = _policy(job)
        with _folder(folder / "out") as out:
            report = _report(out, self._limits.report)
            if report.policy != policy.reference:
                raise CheckFailure("egress.check.bad_report")
            about = _match(job.files, report)
            checked = [
                self._checked(queued, known, str(position), out)
                for position, (queued, known) in enumerate(zip(job.files, about, strict=True))
            ]
            counts = _register(out, self._limits.register, {f.name for f in about if f.releasable})
        return report, policy, checked, counts

    def _checked(self, queued: QueuedFile, about: FileReport, name: str, out: int) -> CheckedFile:
        verdict = about.verdict.value
        if not about.releasable:
            return CheckedFile(queued.number, about.kind, verdict, None, None)
        sha256, size = self._kept("files", name, out, self._limits.output)
        shown = None
        if about.kind not in SHOWN_ITSELF:
            shown, _ = self._kept("previews", name, out, self._limits.preview)
            _require_preview(self._store.path(shown))
        return CheckedFile(queued.number, about.kind, verdict, sha256, size, shown)

    def _kept(self, folder: str, name: str, out: int, limit: int) -> tuple[str, int]:
        try:
            with _folder(folder, out) as here, open_regular(name, here) as source:
                return self._store.put_open(source, limit)
        except (PublicError, OSError) as error:
            LOG.error("A file that the check wrote cannot be taken: %s", error)
            raise CheckFailure("egress.check.bad_output") from error


def _require_preview(path: Path) -> None:
    try:
        Preview.from_stored(json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        LOG.error("What is to be shown of a file cannot be relied on: %s", error)
        raise CheckFailure("egress.check.bad_output") from error


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


def _policy(job: Job) -> Policy:
    try:
        return default_policy() if job.policy is None else Policy.from_yaml(job.policy)
    except ValueError as error:
        LOG.error("The policy of check %s cannot be read: %s", job.check_id, error)
        raise CheckFailure("egress.check.bad_policy") from error


def _register(out: int, limit: int, leaving: Set[str]) -> Mapping[str, Any]:
    """Return the counts of what may leave, which must all be of files that may."""
    if not leaving:
        return NOTHING
    try:
        with open_regular("register.json", out) as file:
            text = file.read(limit + 1)
        if len(text) > limit:
            raise ValueError("the register is too large")
        release = stored.from_stored(json.loads(text))
        if not {table.file for table in release.tables} <= leaving:
            raise ValueError("the register is about other files")
    except (OSError, ValueError, RecursionError) as error:
        LOG.error("The check's register cannot be relied on: %s", error)
        raise CheckFailure("egress.check.bad_register") from error
    return stored.to_stored(release)


def _match(queued: Sequence[QueuedFile], report: Report) -> list[FileReport]:
    by_name = {file.name: file for file in report.files}
    about = [by_name.get(file.name) for file in queued]
    known = [a for a, q in zip(about, queued, strict=True) if a and (a.sha256, a.size) == (q.sha256, q.size)]
    if len(report.files) != len(queued) or len(known) != len(queued):
        raise CheckFailure("egress.check.bad_report")
    return known
