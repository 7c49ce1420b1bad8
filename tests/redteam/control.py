"""The control: a plain JupyterLab of the same installation, without any protection, for its owner alone."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from .clients import PATIENCE, Server, new_session


@contextlib.contextmanager
def plain_jupyterlab(folder: Path, port: int, environment: dict[str, str], left_open: Path) -> Iterator[Server]:
    """Run `jupyter lab` on 127.0.0.1 with a home of its own and a token, as a person would on their computer.

    Parameters
    ----------
    left_open
        A folder that a careless starter left open: the server inherits its descriptor.
    """
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    (folder / "plain.py").write_text(_configuration(folder))
    token = secrets.token_hex(16)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command.append(f"--config={folder / 'plain.py'}")
    options = [
        f"--port={port}",
        "--port-retries=0",
        f"--ServerApp.root_dir={home}",
        f"--IdentityProvider.token={token}",
    ]
    opened = os.open(left_open, os.O_RDONLY | os.O_DIRECTORY)
    screen, keyboard = os.openpty()
    with (folder / "control.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options],
            stdin=keyboard,
            stdout=log,
            stderr=log,
            cwd=home,
            env={**kept, "HOME": str(home), **environment},
            start_new_session=True,
            pass_fds=(opened,),
        )
    os.close(opened)
    os.close(keyboard)
    server = Server(f"http://127.0.0.1:{port}", new_session(), {"Authorization": f"token {token}"})
    try:
        deadline = time.monotonic() + PATIENCE
        while not _answers(server):
            ended = process.poll() is not None or time.monotonic() > deadline
            assert not ended, (folder / "control.log").read_text()
            time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(screen)


def _configuration(folder: Path) -> str:
    """Leave out what the platform installs beside JupyterLab: this one is as anybody has it."""
    extensions = dict.fromkeys(("hdh_lockdown", "hdh_egress", "hdh_catalogue"), False)
    pages = folder / "labextensions"
    pages.mkdir(exist_ok=True)
    for place in (Path(sys.prefix) / "share" / "jupyter" / "labextensions").iterdir():
        if place.name != "@hdh" and not (pages / place.name).exists():
            (pages / place.name).symlink_to(place)
    own = folder / "home" / ".local" / "share" / "jupyter" / "labextensions"
    places = [str(own), str(pages)]
    return f"""c.ServerApp.jpserver_extensions = {extensions!r}
c.LabApp.labextensions_path = {places!r}
c.LabServerApp.labextensions_path = {places!r}
c.LabApp.extra_labextensions_path = []
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""


def _answers(server: Server) -> bool:
    try:
        return server.request("GET", "api").status_code == 200
    except requests.ConnectionError:
        return False


@contextlib.contextmanager
def plain_jupyterhub(folder: Path, port: int, ports: tuple[int, int]) -> Iterator[str]:
    """Run JupyterHub as it comes, where anybody signs in by any name; return its address.

    Parameters
    ----------
    ports
        Free ports for the hub itself and for its proxy's interface.
    """
    folder.mkdir()
    configuration = folder / "plain_hub.py"
    configuration.write_text(f"""c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[0]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[1]}"
c.SimpleLocalProcessSpawner.home_dir_template = {str(folder / "{username}")!r}
""")
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", f"--config={configuration}"],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while not _healthy(address):
            ended = process.poll() is not None or time.monotonic() > deadline
            assert not ended, (folder / "hub.log").read_text()
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _healthy(address: str) -> bool:
    try:
        return requests.get(f"{address}/hub/health", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False
