"""A running workspace, as a test calls it: over the socket that is the gateway's."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from hdh_jupyter.catalogue.snapshot import PROJECT_FILE, project_document
from hdh_jupyter.cgroups.choice import Place
from hdh_jupyter.spawner import hermeticity, supervision, uids
from hdh_jupyter.spawner.kernels import available_kernels
from hdh_jupyter.spawner.limits import Limits, WorkspaceLimits
from hdh_jupyter.spawner.ownership import give_home, open_to_readers
from hdh_jupyter.spawner.probing import note_plan
from hdh_jupyter.spawner.sandbox import place_of_groups
from hdh_jupyter.spawner.supervision import Bounds, Places, Supervisor
from hdh_jupyter.spawner.workspace import (
    PROBE_COMMAND,
    SERVER_COMMAND,
    Workspace,
    expectation,
    probe_facts,
)
from hdh_jupyter.state import StateFolder

BASE_URL = "/user/prj-vox/"


@dataclass(frozen=True)
class Running:
    places: Places
    supervisor: Supervisor
    failures: tuple[str, ...]

    def session(self, person: str = "") -> aiohttp.ClientSession:
        """Return a session whose requests are those of `person`."""
        header = base64.b64encode(json.dumps({"name": person, "display_name": person.title()}).encode()).decode()
        return aiohttp.ClientSession(
            base_url=f"http://workspace{BASE_URL}",
            connector=aiohttp.UnixConnector(path=str(self.places.socket)),
            headers={"X-HDH-User": header} if person else {},
            timeout=aiohttp.ClientTimeout(total=90),
        )

    async def execute(self, code: str, kernel: str = "python3") -> str:
        """Run code in a new kernel and return what it printed; an error of the code is an error here."""
        async with self.session("ann") as session:
            async with session.post("api/kernels", json={"name": kernel}) as reply:
                assert reply.status == 201, await reply.text()
                identifier = (await reply.json())["id"]
            async with session.ws_connect(f"api/kernels/{identifier}/channels") as socket:
                printed = await self._converse(socket, code)
            async with session.delete(f"api/kernels/{identifier}") as reply:
                assert reply.status == 204
        return printed

    @staticmethod
    async def _converse(socket: aiohttp.ClientWebSocketResponse, code: str) -> str:
        message = uuid.uuid4().hex
        header = {"msg_id": message, "msg_type": "execute_request", "username": "", "session": "s", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        await socket.send_json(
            {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        )
        printed = []
        async for received in socket:
            reply = json.loads(received.data)
            if reply["parent_header"].get("msg_id") != message:
                continue
            if reply["msg_type"] == "stream":
                printed.append(reply["content"]["text"])
            if reply["msg_type"] == "error":
                raise AssertionError("\n".join(reply["content"]["traceback"]))
            if reply["msg_type"] == "status" and reply["content"]["execution_state"] == "idle":
                break
        return "".join(printed)


def make_state(folder: Path) -> StateFolder:
    """Return a state folder with two datasets, the catalogue's folder and another project's home."""
    state = StateFolder(folder / "state")
    state.create()
    fill(state)
    return state


def fill(state: StateFolder) -> None:
    """Put two datasets, the catalogue's folder and another project's home into a state folder."""
    for dataset in ("oscour", "sursaud"):
        (state.datasets / dataset).mkdir()
        (state.datasets / dataset / "visits.csv").write_text("day,visits\n2020-01-01,12\n")
    (state.homes / "other").mkdir()
    (state.homes / "other" / "secret.txt").write_text("of another project")
    (state.catalogue / PROJECT_FILE).write_text(project_document("", ()), "utf-8")


def own_account(state: StateFolder, project: str) -> int | None:
    """Prepare a project's account, as the spawner does, and return it; None where this host cannot give one."""
    if uids.obstacle() is not None:
        return None
    account = uids.ProjectUids(state.root / "uids.json").uid(project)
    give_home(state.homes, project, account)
    for folder in (state.catalogue, *state.datasets.iterdir()):
        open_to_readers(folder.parent, folder.name)
    return account


@contextmanager
def running(
    state: StateFolder,
    server: tuple[str, ...] = SERVER_COMMAND,
    limits: Limits | None = None,
    place: Place | None = None,
    project: str = "vox",
) -> Iterator[Running]:
    """Run the workspace of a project, which may read `oscour`, until the end of the block.

    Limits and place are by default those that a deployment has.
    """
    places = Places(state, project)
    places.prepare()
    limits = limits or WorkspaceLimits().of(project, state.homes)
    bounds = Bounds(limits, place or place_of_groups(), f"{BASE_URL}api")
    with supervision.listen(places.socket) as listener:
        datasets = {"oscour": state.datasets / "oscour"}
        workspace = Workspace(
            project,
            BASE_URL,
            places.home,
            datasets,
            (),
            state.catalogue,
            available_kernels(),
            listener.fileno(),
            limits.tmp,
            limits.shared_memory,
        )
        sandbox = workspace.sandbox()
        addresses = hermeticity.tried_addresses()
        expected = expectation(sandbox, frozenset(datasets), addresses, frozenset({str(places.socket)}))
        facts = probe_facts(expected, (state.root, state.sockets))
        note_plan(places, expected, facts)
        account = own_account(state, project)
        supervisor = supervision.launch(
            places, sandbox, PROBE_COMMAND, server, facts, (listener.fileno(),), bounds, account
        )
    try:
        asyncio.run(_reported(places, supervisor))
        yield Running(places, supervisor, hermeticity.judge(places.report.read_bytes(), expected))
    finally:
        asyncio.run(supervision.end(supervisor, now=True))
        places.clear()


async def _reported(places: Places, supervisor: Supervisor) -> None:
    async with asyncio.timeout(60):
        while not places.report.exists():
            assert supervisor.alive(), (places.notes / "workspace.log").read_text()
            await asyncio.sleep(0.02)
