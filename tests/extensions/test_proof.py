"""The server of a workspace in a pod: on a port, and telling which workspace it is."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from hdh_jupyter.spawner.server_config import EXTENSIONS, server_config, tcp_port

KEY = secrets.token_hex(32)
BASE = "/user/prj-vox/"


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = server_config(BASE, tcp_port(port), dict.fromkeys(EXTENSIONS, True), [])
    config["ServerApp"].update(root_dir=str(folder), allow_root=True)
    config["KernelSpecManager"]["ensure_native_kernel"] = True
    (folder / "jupyter_server_config.json").write_text(json.dumps(config))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "HDH_WORKSPACE_KEY": KEY,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-s", "-P", "-m", "hdh_lockdown.server"),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}{BASE}"
    finally:
        process.kill()
        await process.wait()


async def test_a_server_on_a_port_proves_which_workspace_it_is(tmp_path: Path) -> None:
    async with server(tmp_path) as url, aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}api") as reply:
                    assert reply.status == 200
                    break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)
        nonce = secrets.token_hex(16)
        async with session.get(f"{url}hdh-lockdown/proof", params={"nonce": nonce}) as reply:
            expected = hmac.digest(bytes.fromhex(KEY), nonce.encode(), "sha256").hex()
            assert await reply.json() == {"proof": expected}
        for wrong in ("", "zz" * 16, nonce.upper() + "0", nonce + "\n"):
            async with session.get(f"{url}hdh-lockdown/proof", params={"nonce": wrong}) as reply:
                assert reply.status == 400
        # Nobody is anybody without the gateway's word.
        async with session.get(f"{url}api/contents") as reply:
            assert reply.status == 403
