"""Budgets at the gateway: what is cut, for whom, until when, and what brings it back."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy.exc import OperationalError

from hdh_jupyter.audit.log import AuditLog
from hdh_jupyter.db import Database, open_database
from hdh_jupyter.gateway.app import GatewayApplication, listening, make_app
from hdh_jupyter.gateway.limits import GatewayLimits
from hdh_jupyter.gateway.table import Channel
from hdh_jupyter.gateway.traffic import Traffic
from hdh_jupyter.gateway.workspaces import HubSettings
from hdh_jupyter.metering.budgets import MB, Budgets
from hdh_jupyter.metering.usage import Flow, UsageStore

from .browsing import Browser
from .conftest import Drawer, Hub
from .test_websockets import KERNEL, ROOM, closed
from .workspace_server import Inside

FLOOD = 60_000
TERMINAL = "terminals/websocket/1"


@pytest.fixture
def budgets(budgets: Budgets) -> Budgets:
    """The least budgets that can be configured: 1 MB an hour."""
    return Budgets(person_hour=MB, person_day=2 * MB, project_day=3 * MB, flush_interval=0.1)


@pytest.fixture
async def bob(hub: Hub, ada: Browser) -> AsyncIterator[Browser]:
    async with Browser(hub.origin) as browser:
        await browser.sign_in("bob")
        await browser.visit("lab")
        yield browser


async def drain(websocket: aiohttp.ClientWebSocketResponse) -> int:
    """Ask for more and more, and return how much came before the end."""
    received = 0
    for _ in range(40):
        if websocket.closed:
            break
        await websocket.send_str(f"flood {FLOOD}")
        message = await websocket.receive()
        if message.type is not aiohttp.WSMsgType.BINARY:
            break
        received += len(message.data)
    return received


async def standing(browser: Browser) -> dict[str, Any]:
    reply = await browser.fetch("GET", "hdh/traffic")
    assert reply.status == 200, reply.text
    found: dict[str, Any] = reply.json
    return found


async def refusal(browser: Browser, path: str = KERNEL) -> int:
    """Return the status with which a websocket is refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await browser.websocket(path)
    return caught.value.status


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_spent_budget_cuts_everything_of_the_person_and_nothing_of_another(
    ada: Browser, bob: Browser, inside: Inside, gateway: GatewayApplication
) -> None:
    other = await ada.websocket(KERNEL)
    kernel, bobs = await ada.websocket(KERNEL), await bob.websocket(KERNEL)
    received = await drain(kernel)
    assert MB <= received <= MB + FLOOD
    assert kernel.close_code == 4290
    assert await closed(other) == 4290

    inside.requests.clear()
    assert await refusal(ada) == 429
    assert await refusal(ada, "api/events/subscribe") == 429
    reply = await ada.fetch("GET", "api/contents/a.txt?content=1")
    assert (reply.status, reply.json["code"]) == (429, "gateway.budget_spent")
    assert reply.json["message"].startswith("You have reached the volume of data")
    assert (await ada.fetch("GET", "api/kernels")).status == 429
    assert not inside.requests

    assert (await ada.fetch("GET", "hdh/me")).status == 200
    told = await standing(ada)
    assert told["state"] == "cut"
    assert told["hour"] == {"used": received, "limit": MB}
    assert "used up" in told["message"]

    await bobs.send_str('"hello"')
    assert (await bobs.receive()).data == '"hello"'
    assert (await standing(bob))["state"] == "ok"
    await bobs.close()


async def test_two_browsers_of_a_person_share_the_budget(hub: Hub, ada: Browser) -> None:
    async with Browser(hub.origin) as second:
        await second.sign_in("ada")
        await second.visit("lab")
        first, other = await ada.websocket(KERNEL), await second.websocket(TERMINAL)
        assert MB <= await drain(first) <= MB + FLOOD
        assert await closed(other) == 4290
        assert (await standing(second)) == (await standing(ada))


async def test_a_warning_comes_before_the_cut_and_both_reach_the_audit_log_once(
    ada: Browser, gateway: GatewayApplication
) -> None:
    audit = gateway.gateway.audit
    begin = audit.verify().events
    websocket = await ada.websocket(KERNEL)
    for _ in range(14):
        await websocket.send_str(f"flood {FLOOD}")
        await websocket.receive()
    told = await standing(ada)
    assert (told["state"], told["until"]) == ("warning", None)
    assert "84%" in told["message"]
    await drain(websocket)
    await refusal(ada)
    await gateway.gateway.traffic.sync()
    events = [event for event in audit.since(begin) if event.action.startswith("traffic.")]
    assert [(event.action, event.actor, event.detail["window"]) for event in events] == [
        ("traffic.warned", "ada", "hour"),
        ("traffic.cut", "ada", "hour"),
    ]


async def test_a_grant_opens_again_and_what_is_undone_closes(ada: Browser, gateway: GatewayApplication) -> None:
    await drain(await ada.websocket(KERNEL))
    body = json.dumps({"reason": "Comparer les cartes des cent départements."})
    reply = await ada.fetch("POST", "hdh/traffic/requests", data=body)
    assert reply.status == 201, reply.text
    assert (await ada.fetch("POST", "hdh/traffic/requests", data=body)).json["code"] == "metering.already_pending"
    number = reply.json["id"]
    assert (await standing(ada))["requests"][0]["state"] == "pending"

    requests = gateway.gateway.traffic.requests
    await asyncio.to_thread(requests.grant, number, "otto", MB)
    await gateway.gateway.traffic.sync()
    assert (await standing(ada))["hour"]["limit"] == 2 * MB
    websocket = await ada.websocket(KERNEL)
    await asyncio.to_thread(requests.undo, number, "otto")
    # Nobody sends anything: the websocket is closed by the next look at what is granted.
    assert await closed(websocket) == 4290
    assert await refusal(ada) == 429


@pytest.mark.parametrize("body", ["", "[]", '{"reason": 1}', '{"reason": "court"}', "[" * 5000])
async def test_a_request_without_a_reason_is_refused(ada: Browser, body: str) -> None:
    assert (await ada.fetch("POST", "hdh/traffic/requests", data=body)).status == 400


async def test_a_restart_keeps_what_was_used(
    hub: Hub, ada: Browser, gateway: GatewayApplication, budgets: Budgets, limits: GatewayLimits, intake: Drawer
) -> None:
    await drain(await ada.websocket(KERNEL))
    used = (await standing(ada))["hour"]["used"]
    await gateway.gateway.traffic.sync()
    again = make_app(hub.state, HubSettings(str(hub.state.sockets / "hub.sock"), hub.origin), intake, limits, budgets)
    await again.gateway.traffic.sync()
    assert again.gateway.traffic.standing("vega", "ada").hour.used == used
    with pytest.raises(Exception, match="nothing more is sent"):
        again.gateway.traffic.admit("vega", "ada", Channel.KERNEL)


async def test_a_stop_writes_what_was_counted_last(
    hub: Hub, inside: Inside, budgets: Budgets, limits: GatewayLimits, intake: Drawer, state: Any
) -> None:
    slow = Budgets(flush_interval=60.0)
    app = make_app(state, HubSettings(str(state.sockets / "hub.sock"), hub.origin), intake, limits, slow)
    async with listening(app, state.sockets / "second.sock"):
        app.gateway.traffic.charge("vega", "ada", Channel.KERNEL, 12_345)
    store = UsageStore(open_database(state.database_url), app.gateway.audit)
    assert store.totals() == {Flow("vega", "ada", "kernel", "out"): 12_345}


async def test_what_cannot_be_counted_is_not_shown(
    hub: Hub, ada: Browser, gateway: GatewayApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    websocket = await ada.websocket(KERNEL)

    def broken(*_: object) -> Iterator[None]:
        raise OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))

    traffic = gateway.gateway.traffic
    with monkeypatch.context() as patched:
        patched.setattr(UsageStore, "keep", broken)
        patched.setattr(UsageStore, "extras", broken)
        # A short fault is bridged from memory.
        await websocket.send_str('"x"')
        assert (await websocket.receive()).data == '"x"'
        await traffic.sync()
        assert (await standing(ada))["hour"]["used"] == 3
        traffic._confirmed -= traffic._budgets.store_grace
        assert await closed(websocket) == 1013
        assert await refusal(ada) == 503
        assert (await ada.fetch("GET", "api/kernels")).json["code"] == "gateway.meter_down"
    await traffic.sync()
    assert (await standing(ada))["hour"]["used"] == 3
    store = UsageStore(open_database(hub.state.database_url), gateway.gateway.audit)
    assert store.meter(Budgets().limits, time.time()).standing("vega", "ada", time.time()).hour.used == 3


async def test_nothing_passes_before_the_figures_were_read(hub: Hub, gateway: GatewayApplication) -> None:
    old = gateway.gateway.traffic
    fresh = Traffic(old._budgets, old._store, old.requests, gateway.gateway.watch)
    with pytest.raises(Exception, match="cannot count"):
        fresh.charge("vega", "ada", Channel.KERNEL, 1)
    await fresh.sync()
    fresh.charge("vega", "ada", Channel.KERNEL, 1)


async def test_a_write_that_is_cancelled_is_counted_once(state: Any, gateway: GatewayApplication) -> None:
    traffic = gateway.gateway.traffic
    for _ in range(20):
        traffic.charge("vega", "eve", Channel.KERNEL, 10)
        task = asyncio.create_task(traffic.sync())
        await asyncio.sleep(0.001)
        task.cancel()
    await eventually(lambda: not traffic._syncing.locked())
    await traffic.sync()
    store = UsageStore(open_database(state.database_url), gateway.gateway.audit)
    await eventually(lambda: store.totals().get(Flow("vega", "eve", "kernel", "out")) == 200)


async def test_the_budget_of_the_project_cuts_everybody(
    ada: Browser, bob: Browser, gateway: GatewayApplication
) -> None:
    traffic = gateway.gateway.traffic
    bobs = await bob.websocket(KERNEL)
    for name in ("p1", "p2", "p3"):
        traffic.charge("vega", name, Channel.KERNEL, MB)
    assert await closed(bobs) == 4290
    told = await standing(ada)
    assert (told["state"], told["hour"]["used"]) == ("cut", 0)
    assert "whole team" in told["message"]


@pytest.mark.parametrize("budgets", [Budgets()], ids=["default budgets"])
@pytest.mark.parametrize("limits", [GatewayLimits(access_interval=0.2)], ids=["default limits"])
async def test_a_large_notebook_opens_by_default(ada: Browser, inside: Inside, gateway: GatewayApplication) -> None:
    websocket = await ada.websocket(ROOM)
    for _ in range(3):
        await websocket.send_bytes(b"sync")
        await websocket.receive()
        await inside.sockets[-1].write_message(b"x" * 20 * MB, binary=True)
        assert len((await websocket.receive()).data) == 20 * MB
    assert (await standing(ada))["state"] == "ok"
    await websocket.close()


async def test_what_was_written_survives_kill_9(database: Database) -> None:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("metering_process.py")),
        database.url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    lines = [int(await process.stdout.readline()) for _ in range(20)]
    process.kill()
    lines += [int(line) for line in (await process.stdout.read()).split()]
    await process.wait()
    now = time.time()
    audit = AuditLog(database, bytes(32))
    used = UsageStore(database, audit).meter(Budgets().limits, now).standing("vega", "ada", now).hour.used
    # At the very most the one write under way is there and was not said yet.
    assert lines[-1] <= used <= lines[-1] + 10
