"""The worker that checks what is asked out: one at a time, each in a sandbox, and releases what was left approved."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from .check_queue import ATTEMPTS, CheckQueue, Job
from .release import policy_record
from .sealed_check import CheckFailure, CheckLimits, SealedCheck
from .service import EgressService

LOG = logging.getLogger(__name__)


class CheckWorker:
    """Takes pending checks and runs them.

    Any number of workers may run, in any number of processes: the database gives each check to one of them.

    Parameters
    ----------
    work
        Where the files of a running check are copied; a folder of this account alone.
    idle
        Pause when nothing waits, in seconds.
    lease
        How long a check stays with a worker that gives no sign of life, in seconds.
    repair
        Pause between two looks for approved requests without an archive, in seconds.
    check
        How a check is run; by default sealed, under `limits`.
    """

    def __init__(
        self,
        service: EgressService,
        work: Path | None = None,
        *,
        limits: CheckLimits | None = None,
        idle: float = 1,
        lease: float = 60,
        repair: float = 30,
        check: SealedCheck | None = None,
    ) -> None:
        self._releases = service.releases
        self._work = work or service.store.root / "checking"
        self._work.mkdir(parents=True, exist_ok=True)
        self._work.chmod(0o700)
        self._idle = idle
        self._lease = lease
        self._repair = repair
        self._queue = CheckQueue(service.database, service.audit, service.clock, timedelta(seconds=lease))
        self._check = check or SealedCheck(service.store, limits or CheckLimits())

    async def run(self) -> None:
        """Work until cancelled; a failure of one check, or of the database, does not end it."""
        await asyncio.gather(self._check_all(), self._repair_all())

    async def run_once(self) -> bool:
        """Run the check that waits longest; return False when there was none."""
        job = await asyncio.to_thread(self._queue.claim)
        if job is None:
            return False
        try:
            if job.attempt > ATTEMPTS:
                raise CheckFailure("egress.check.given_up")
            await self._run(job)
        except CheckFailure as failure:
            LOG.warning("Check %s of request %s failed: %s", job.check_id, job.request_id, failure.reason)
            await asyncio.to_thread(self._queue.fail, job, failure.reason)
        except Exception:
            LOG.exception("Check %s of request %s failed", job.check_id, job.request_id)
            await asyncio.to_thread(self._queue.fail, job, "egress.check.crashed")
        return True

    def release_waiting(self) -> None:
        """Release what was approved while its archive could not be built, or while it had to be checked anew."""
        self._queue.refresh()
        for request_id in self._releases.waiting():
            try:
                self._releases.release(request_id)
            except Exception:
                LOG.exception("Request %s is approved but its archive cannot be built", request_id)

    async def _run(self, job: Job) -> None:
        work = asyncio.create_task(self._check_job(job))
        heartbeat = asyncio.create_task(self._beat(job))
        try:
            await asyncio.wait((work, heartbeat), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise CheckFailure("egress.check.superseded")
            await work
        finally:
            work.cancel()
            heartbeat.cancel()
            await asyncio.gather(work, heartbeat, return_exceptions=True)

    async def _check_job(self, job: Job) -> None:
        folder = self._work / job.lease
        try:
            await asyncio.to_thread(self._check.prepare, job, folder)
            await self._check.run(folder)
            report, policy, files, counts = await asyncio.to_thread(self._check.take, job, folder)
            await asyncio.to_thread(self._queue.finish, job, report, policy_record(policy), files, counts)
        finally:
            await _remove(folder)

    async def _beat(self, job: Job) -> None:
        held = True
        while held:
            await asyncio.sleep(self._lease / 4)
            try:
                held = await asyncio.to_thread(self._queue.beat, job)
            except SQLAlchemyError:
                LOG.exception("No sign of life could be given for check %s; trying again", job.check_id)

    async def _check_all(self) -> None:
        while True:
            try:
                worked = await self.run_once()
            except SQLAlchemyError:
                LOG.exception("The queue of checks cannot be used; trying again")
                worked = False
            if not worked:
                await asyncio.sleep(self._idle)

    async def _repair_all(self) -> None:
        while True:
            try:
                await _remove(*await asyncio.to_thread(self._abandoned))
                await asyncio.to_thread(self.release_waiting)
            except (SQLAlchemyError, OSError):
                LOG.exception("What was left behind could not be looked at; trying again")
            await asyncio.sleep(self._repair)

    def _abandoned(self) -> list[Path]:
        # In this order: a check claimed in between has no folder in the list yet.
        folders = list(self._work.iterdir())
        held = self._queue.leases()
        return [folder for folder in folders if folder.name not in held]


async def _remove(*folders: Path) -> None:
    # rm(1) copes with trees of any depth, which an attacker may leave; Python's own removal recurses.
    if folders:
        process = await asyncio.create_subprocess_exec("rm", "-rf", "--one-file-system", "--", *map(str, folders))
        await process.wait()
