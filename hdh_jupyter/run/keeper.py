"""Keeps the platform's processes running.

A process that dies is started again; workspaces have supervisors of their own and go on meanwhile.
"""

from __future__ import annotations

import asyncio
import ctypes
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from ..errors import PublicError
from ..state import StateFolder

RESTARTS_ALLOWED = 5
"""Restarts of one process within a minute, after which the platform gives up."""

PAUSE = 0.5
"""Seconds before a process that ended is started again."""

PR_SET_PDEATHSIG = 1


class Keeper:
    """Keeps processes running until told to stop.

    Parameters
    ----------
    state
        The state folder, which holds one log per process.
    environment
        The environment of every process.
    lock
        A descriptor that the processes inherit.
    say
        Told when a process had to be started again: called with a sentence key and its parameters.
    """

    def __init__(self, state: StateFolder, environment: Mapping[str, str], lock: int, say: Callable[..., None]) -> None:
        self.logs = state.root / "logs"
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.environment = environment
        self.lock = lock
        self.say = say
        self.stopping = asyncio.Event()
        self.processes: dict[str, asyncio.subprocess.Process] = {}

    async def keep(self, name: str, command: Sequence[str]) -> None:
        """Run `command`, again whenever it ends, until the platform stops.

        Raises
        ------
        PublicError
            It ended too often.
        """
        starts: list[float] = []
        while not self.stopping.is_set():
            starts = [start for start in starts if start > time.monotonic() - 60] + [time.monotonic()]
            if len(starts) > RESTARTS_ALLOWED:
                raise PublicError("run.keeps_dying", name=name, log=str(self.logs / f"{name}.log"))
            with (self.logs / f"{name}.log").open("ab") as log:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=dict(self.environment),
                    pass_fds=(self.lock,),
                    start_new_session=True,
                    preexec_fn=end_with_parent,
                )
            self.processes[name] = process
            status = await process.wait()
            if not self.stopping.is_set():
                self.say("run.restarted", name=name, status=status)
                await asyncio.sleep(PAUSE)

    async def stop(self, patience: float) -> None:
        """Ask every process to end, the last started first, and kill those that take longer than `patience` seconds."""
        self.stopping.set()
        for process in reversed(list(self.processes.values())):
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), patience)
                except TimeoutError:
                    process.kill()
                    await process.wait()


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends, however that happens."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
