"""`hdh-jupyter run`: the whole platform from one command until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import aiohttp

from ..catalogue.search.configuration import CatalogueSearch
from ..demo.seed import accounts_of
from ..errors import PublicError
from ..spawner.supervision import clear_left_groups, end_all
from ..state import StateFolder
from .configuration import check_configuration, configured
from .host import Address, check_host, end_leftover_proxy, only_one, prepare_limits, search_path, tell_accounts
from .keeper import Keeper
from .prepare import prepare


def platform(state: StateFolder, address: Address, hub_config: str, say: Callable[..., None]) -> None:
    """Run the platform until SIGINT or SIGTERM, then leave no process and no socket behind.

    Raises
    ------
    PublicError
        The host cannot run it, or a process keeps dying.
    """
    setting = {"HDH_STATE": str(state.root), "HDH_HOST": address.host, "HDH_PORT": str(address.port)}
    # What a configuration file finds here, it finds in the hub and in the gateway too.
    os.environ.update(setting)
    try:
        state.create()
        lock = only_one(state)
        end_leftover_proxy(state)
        check_host(state, address)
        clear_left_groups(state)
        prepare_limits(say)
        tell_accounts(say)
        hub_config = hub_config or default_hub_config()
        configuration = check_configuration(Path(hub_config))
        prepare(state, say, configured(CatalogueSearch, configuration).facets)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PublicError("run.disk_filled", path=str(state.root)) from error
        raise
    environment = {
        **{name: os.environ[name] for name in ("HOME", "LANG", "TZ", "USER") if name in os.environ},
        "PATH": search_path(),
        **setting,
    }
    # -P: nothing of the current folder is code of the platform.
    python = [sys.executable, "-P"]
    this = [*python, "-m", "hdh_jupyter"]
    commands = {
        "hub": [*python, "-m", "jupyterhub", f"--config={hub_config}"],
        "gateway": [
            *this,
            "gateway",
            f"--state={state.root}",
            f"--origin={address.origin}",
            f"--hub-config={hub_config}",
        ],
        "check-worker": [*this, "check-worker", f"--state={state.root}"],
    }
    say("run.starting")
    asyncio.run(keep_all(state, address, commands, environment, lock, say))
    say("run.stopped")


async def keep_all(
    state: StateFolder,
    address: Address,
    commands: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    lock: int,
    say: Callable[..., None],
) -> None:
    """Keep `commands` running until a signal, then stop them and sweep what they may have left."""
    keeper = Keeper(state, environment, lock, say)
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    tasks = [asyncio.create_task(keeper.keep(name, command)) for name, command in commands.items()]
    tasks.append(asyncio.create_task(announce(state, address, say)))
    waiting = asyncio.create_task(asked.wait())
    try:
        pending: set[asyncio.Task[object]] = {waiting, *tasks}
        while not asked.is_set():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        say("run.stopping")
        await keeper.stop(patience=30)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(sweep, state)


def sweep(state: StateFolder) -> None:
    """End the workspaces that still run and remove the sockets."""
    end_all(state)
    shutil.rmtree(state.sockets, ignore_errors=True)


async def announce(state: StateFolder, address: Address, say: Callable[..., None]) -> None:
    """Print the address and the demonstration's accounts once the portal answers."""
    await wait_until_ready(address, limit=60)
    say("run.ready", origin=address.origin)
    accounts = accounts_of(state)
    if accounts:
        say("run.accounts")
        for account in accounts:
            print(f"  {account.name:<10} {account.password:<20} {account.role}", flush=True)
    say("run.how_to_stop")


async def wait_until_ready(address: Address, limit: float) -> None:
    """Wait until the portal answers.

    Raises
    ------
    PublicError
        It did not within `limit` seconds.
    """
    deadline = time.monotonic() + limit
    url = f"http://127.0.0.1:{address.port}/hub/health"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while time.monotonic() < deadline:
            try:
                async with session.get(url, headers={"Host": f"{address.host}:{address.port}"}) as reply:
                    if reply.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.1)
    raise PublicError("run.not_ready", seconds=int(limit))


def default_hub_config() -> str:
    """Return the hub's configuration file: the current folder's, else the one that came with the distribution."""
    here = Path("jupyterhub_config.py")
    return str(here.absolute() if here.exists() else Path(sys.prefix) / "share" / "hdh-jupyter" / here)
